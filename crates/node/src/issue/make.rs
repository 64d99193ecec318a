//! One certificate: code → render → seal → file. A redo from the same intent writes the same bytes.

use std::cell::RefCell;
use std::path::Path;

use codes::{CertificateId, Validity};
use face::{Dynamic, Issued, Prepared, Values};
use jiff::civil::Date;
use matrix::Symbol;
use matrix::qr::QrLevel;
use ofd::zip::Deflater;
use proof::{Code, CodeType};
use seal::{Protected, SealProvider, SealRequest, Sealed};

use super::journal::{Intent, Stored, hex};
use super::{IssueRequest, Job, path_of};
use crate::{NodeError, files};

/// Fast compression: page text is small, and the file lives for years but is written once in a batch of thousands.
const LEVEL: u32 = 1;

thread_local! {
    static DEFLATER: RefCell<Deflater> = RefCell::new(Deflater::new(LEVEL));
}

/// Makes and places the files of a certificate; durable after the batch's flush.
pub(super) fn make(request: &IssueRequest<'_>, job: &Job<'_>) -> Result<Vec<Stored>, NodeError> {
    let intent = &job.intent;
    let candidate = job.candidate;
    let (Some(kind), Some((values, layouts))) = (candidate.kind, &candidate.ready) else {
        return Ok(Vec::new());
    };
    let seal = request.keys.seal(&intent.seal).map(|(_, seal)| seal);
    let seal = seal.filter(|seal| hex(&seal.key_id()) == intent.key_id).ok_or_else(|| {
        let what = format!("“{}”的意向用的是密钥 {}，密钥目录里没有", intent.identifier, intent.key_id);
        NodeError::refused(what, "请用当时的密钥目录续做")
    })?;
    let issued = Issued {
        identifier: intent.identifier.clone(),
        status_index: intent.status_index,
        signed_at: crate::keys::rfc3339(intent.signed_at),
        seal_name: seal.seal_name().to_owned(),
    };
    let symbol = code(request, intent, values)?;
    let record_sm3 = hex(&intent.record_sm3);
    let photo = candidate.photo.as_deref().and_then(|bytes| Some((bytes, catalogue::inspect_photo_size(bytes)?)));
    let dynamic = Dynamic {
        values,
        issued: &issued,
        photo,
        code: Some(&symbol),
        source: (&intent.record_id, &record_sm3),
    };
    let mut made = Vec::new();
    for (index, ((part_name, prepared), layout)) in request.engine.parts(kind).zip(layouts).enumerate() {
        let layout = layout.clone().with_identifier(prepared.template(), &intent.identifier, &request.engine.fonts)?;
        let sealed = DEFLATER.with_borrow_mut(|deflater| {
            let parts = prepared.parts(&layout, &dynamic, &request.engine.fonts, deflater)?;
            sealed(prepared, &parts, seal, intent.signed_at, deflater)
        })?;
        let relative = path_of(&intent.kind, intent.signed_at, &intent.identifier, index, part_name);
        let stored = Stored {
            path: relative.to_string_lossy().into_owned(),
            bytes: sealed.bytes.len() as u64,
            data_hash: sealed.data_hash,
        };
        made.push((stored, sealed.bytes));
    }
    let same = intent.files.is_empty() || intent.files.iter().eq(made.iter().map(|(stored, _)| stored));
    if !same {
        // Never two released files for one version (`domain.md`): a redo that differs is not placed at all.
        let what = format!("“{}”重做的文件与当时制发的不同（字体、模板或程序已变）", intent.identifier);
        return Err(NodeError::refused(what, "请从备份恢复原文件"));
    }
    for (stored, bytes) in &made {
        let path = request.out.join(&stored.path);
        if let Some(parent) = path.parent() {
            files::create_dir(parent)?;
        }
        files::place(&path, bytes)?;
    }
    Ok(made.into_iter().map(|(stored, _)| stored).collect())
}

fn sealed(
    prepared: &Prepared,
    parts: &[face::PackagePart],
    seal: &dyn SealProvider,
    signed_at: i64,
    deflater: &mut Deflater,
) -> Result<Sealed, NodeError> {
    let place = prepared.seal_place();
    let protected: Vec<Protected<'_>> = parts
        .iter()
        .map(|part| Protected { entry: &part.entry, sm3: &part.sm3, covered: part.protected })
        .collect();
    let request = SealRequest { parts: &protected, page_id: place.page_id, frame: place.frame, signed_at };
    Ok(seal.seal(&request, deflater)?)
}

/// Our own signed code for the face (`docs/code-format.md`).
fn code(request: &IssueRequest<'_>, intent: &Intent, values: &Values) -> Result<Symbol, NodeError> {
    let refused = |cause: String| {
        NodeError::refused(format!("记录“{}”不能生成二维码：{cause}", intent.record_id), "请核对日期和编号")
    };
    let date = |short: &str| values.raw(short).parse::<Date>().map_err(|_| refused(format!("{short} 不是日期")));
    let code = Code {
        code_type: CodeType::Face,
        key_id: request.keys.code.public_key().key_id(),
        identifier: CertificateId::parse_strict(&intent.identifier).map_err(|error| refused(error.to_string()))?,
        status_index: u32::try_from(intent.status_index).map_err(|_| refused("状态序号过大".into()))?,
        issued: date("ZZBFRQ")?,
        valid_from: date("ZZYXQQSRQ")?,
        valid_to: Validity::parse(values.raw("ZZYXQJZRQ")).map_err(|error| refused(error.to_string()))?,
    };
    let text = code.sign(&*request.keys.code).map_err(|error| refused(error.to_string()))?;
    matrix::qr::encode(&text, QrLevel::M).map_err(|error| refused(error.to_string()))
}

/// Are all files of a finished certificate still there, with their lengths?
pub(super) fn files_stand(out: &Path, intent: &Intent) -> bool {
    let stands = |file: &Stored| std::fs::metadata(out.join(&file.path)).is_ok_and(|meta| meta.len() == file.bytes);
    !intent.files.is_empty() && intent.files.iter().all(stands)
}
