//! One certificate: code → render → seal → file. A redo from the same intent writes the same bytes.

use std::cell::RefCell;
use std::path::Path;

use codes::{CertificateId, Validity};
use face::{Content, Dynamic, Issued, PackagePart, Prepared, Symbology, Values};
use jiff::civil::Date;
use matrix::Symbol;
use matrix::gridmatrix::GmOptions;
use matrix::qr::QrLevel;
use ofd::zip::Deflater;
use proof::CodeRequest;
use seal::{KeyedSeal, Protected, SealProvider, SealRequest};

use super::journal::{Intent, Stored, hex};
use super::{IssueRequest, Job, Works, path_of};
use crate::{NodeError, files};

/// Fast compression: page text is small, and the file lives for years but is written once in a batch of thousands.
const LEVEL: u32 = 1;

thread_local! {
    static DEFLATER: RefCell<Deflater> = RefCell::new(Deflater::new(LEVEL));
}

/// Certificates that are rendered, digested and sealed together.
const GROUP: usize = 24;

/// The sealed files of one certificate in the order of its parts, with what the journal keeps of each.
pub(crate) type Files = Vec<(Stored, Vec<u8>)>;

/// One file of a certificate, rendered but not sealed.
struct Draft<'a> {
    job: usize,
    path: String,
    prepared: &'a Prepared,
    parts: Vec<PackagePart>,
}

/// Makes and places the files of some certificates; durable after the batch's flush.
pub(super) fn make(request: &IssueRequest<'_>, jobs: Vec<&Job<'_>>) -> Result<Vec<Vec<Stored>>, NodeError> {
    let mut stored = Vec::with_capacity(jobs.len());
    for group in jobs.chunks(GROUP) {
        for (job, files) in group.iter().zip(seal(request.works(), group)?) {
            stored.push(place(request, &job.intent, files)?);
        }
    }
    Ok(stored)
}

/// Renders and seals some certificates: for each its files, in the order of the kind's parts. Nothing is stored.
pub(crate) fn seal(works: Works<'_>, jobs: &[&Job<'_>]) -> Result<Vec<Files>, NodeError> {
    let groups = jobs.chunks(GROUP);
    let sealed = groups.map(|group| DEFLATER.with_borrow_mut(|deflater| seal_group(works, group, deflater)));
    Ok(sealed.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn seal_group(works: Works<'_>, jobs: &[&Job<'_>], deflater: &mut Deflater) -> Result<Vec<Files>, NodeError> {
    let mut drafts = Vec::new();
    for (index, job) in jobs.iter().enumerate() {
        render(works, index, job, deflater, &mut drafts)?;
    }
    let digests = digest(&drafts);
    let mut made: Vec<Files> = jobs.iter().map(|_| Vec::new()).collect();
    // One provider seals all that it may in one go.
    for name in names(jobs) {
        let ours = || drafts.iter().zip(&digests).filter(|(draft, _)| jobs[draft.job].intent.seal == name);
        let seal = seal_of(works, ours().map(|(draft, _)| &jobs[draft.job].intent))?;
        let protected: Vec<(&Draft<'_>, Vec<Protected<'_>>)> =
            ours().map(|(draft, digests)| (draft, protected(&draft.parts, digests))).collect();
        let requests: Vec<SealRequest<'_>> = protected
            .iter()
            .map(|(draft, parts)| {
                let place = draft.prepared.seal_place();
                let signed_at = jobs[draft.job].intent.signed_at;
                SealRequest { parts, page_id: place.page_id, frame: place.frame, signed_at }
            })
            .collect();
        for ((draft, _), sealed) in protected.iter().zip(seal.seal_all(&requests, deflater)?) {
            let bytes = sealed.bytes.len() as u64;
            let stored = Stored { path: draft.path.clone(), bytes, data_hash: sealed.data_hash };
            made[draft.job].push((stored, sealed.bytes));
        }
    }
    Ok(made)
}

/// The names of the seals that a group needs, each once.
fn names<'a>(jobs: &[&'a Job<'_>]) -> Vec<&'a str> {
    let mut names: Vec<&str> = jobs.iter().map(|job| job.intent.seal.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The seal of these intents, with the very key that they name.
fn seal_of<'a, 'b>(
    works: Works<'a>,
    intents: impl Iterator<Item = &'b Intent>,
) -> Result<&'a KeyedSeal, NodeError> {
    let mut found = None;
    for intent in intents {
        let seal = works.keys.seal(&intent.seal).map(|(_, seal)| seal);
        let seal = seal.filter(|seal| hex(&seal.key_id()) == intent.key_id).ok_or_else(|| {
            let what = format!("“{}”的意向用的是密钥 {}，密钥目录里没有", intent.identifier, intent.key_id);
            NodeError::refused(what, "请用当时的密钥目录续做")
        })?;
        found = Some(seal);
    }
    found.ok_or_else(|| NodeError::refused("没有要签章的文件", "请报告此问题"))
}

fn render<'a>(
    works: Works<'a>,
    index: usize,
    job: &Job<'a>,
    deflater: &mut Deflater,
    drafts: &mut Vec<Draft<'a>>,
) -> Result<(), NodeError> {
    let intent = &job.intent;
    let candidate = job.candidate;
    let (Some(kind), Some((values, layouts))) = (candidate.kind, &candidate.ready) else { return Ok(()) };
    let seal_name = works.keys.seal(&intent.seal).map(|(_, seal)| seal.seal_name().to_owned());
    let issued = Issued {
        identifier: intent.identifier.clone(),
        status_index: intent.status_index,
        signed_at: crate::keys::rfc3339(intent.signed_at),
        seal_name: seal_name.unwrap_or_default(),
    };
    let code = code(works, intent, values)?;
    let record_sm3 = hex(&intent.record_sm3);
    let photo =
        candidate.photo.as_deref().and_then(|bytes| Some((bytes, catalogue::inspect_photo_size(bytes)?)));
    let source = (intent.record_id.as_str(), record_sm3.as_str());
    let fonts = &works.engine.fonts;
    for (part, ((part_name, prepared), layout)) in works.engine.parts(kind).zip(layouts).enumerate() {
        let layout = layout.clone().with_identifier(prepared.template(), &intent.identifier, fonts)?;
        let symbol = prepared.symbology.map(|symbology| symbol(symbology, &code)).transpose()?;
        let dynamic = Dynamic { values, issued: &issued, photo, code: symbol.as_ref(), source };
        let parts = prepared.parts(&layout, &dynamic, fonts, deflater)?;
        let path = path_of(&intent.kind, intent.signed_at, &intent.identifier, part, part_name);
        drafts.push(Draft { job: index, path: path.to_string_lossy().into_owned(), prepared, parts });
    }
    Ok(())
}

/// The SM3 of every part of every draft: the known ones, and the others in one batch.
fn digest(drafts: &[Draft<'_>]) -> Vec<Vec<[u8; 32]>> {
    let open: Vec<&[u8]> =
        drafts.iter().flat_map(|draft| &draft.parts).filter_map(PackagePart::undigested).collect();
    let mut computed = gm::sm3::sm3_many(&open).into_iter();
    let mut of = |part: &PackagePart| match part.content {
        Content::Digested(known) => known,
        // The batch has one digest for each part that asked for one, in this order.
        _ => computed.next().unwrap_or_default(),
    };
    drafts.iter().map(|draft| draft.parts.iter().map(&mut of).collect()).collect()
}

fn protected<'a>(parts: &'a [PackagePart], digests: &'a [[u8; 32]]) -> Vec<Protected<'a>> {
    let pairs = parts.iter().zip(digests);
    pairs.map(|(part, sm3)| Protected { entry: &part.entry, sm3, covered: part.protected }).collect()
}

fn place(request: &IssueRequest<'_>, intent: &Intent, files: Files) -> Result<Vec<Stored>, NodeError> {
    let same = intent.files.is_empty() || intent.files.iter().eq(files.iter().map(|(stored, _)| stored));
    if !same {
        // Never two released files for one version (`domain.md`): a redo that differs is not placed at all.
        let what = format!("“{}”重做的文件与当时制发的不同（字体、模板或程序已变）", intent.identifier);
        return Err(NodeError::refused(what, "请从备份恢复原文件"));
    }
    for (stored, bytes) in &files {
        let path = request.out.join(&stored.path);
        // Thousands of files share a folder: it is made when the first one finds it missing.
        if files::place(&path, bytes).is_err() {
            path.parent().map_or(Ok(()), files::create_dir)?;
            files::place(&path, bytes)?;
        }
    }
    Ok(files.into_iter().map(|(stored, _)| stored).collect())
}

/// What the face's 2D code carries (`docs/code-format.md` when it is ours).
fn code(works: Works<'_>, intent: &Intent, values: &Values) -> Result<String, NodeError> {
    let refused = |cause: String| {
        NodeError::refused(format!("记录“{}”不能生成二维码：{cause}", intent.record_id), "请核对日期和编号")
    };
    let date =
        |short: &str| values.raw(short).parse::<Date>().map_err(|_| refused(format!("{short} 不是日期")));
    let asked = CodeRequest {
        identifier: CertificateId::parse_strict(&intent.identifier)
            .map_err(|error| refused(error.to_string()))?,
        status_index: u32::try_from(intent.status_index).map_err(|_| refused("状态序号过大".into()))?,
        issued: date("ZZBFRQ")?,
        valid_from: date("ZZYXQQSRQ")?,
        valid_to: Validity::parse(values.raw("ZZYXQJZRQ")).map_err(|error| refused(error.to_string()))?,
    };
    works.keys.codes.content(&asked).map_err(|error| refused(error.to_string()))
}

/// The code as the symbol that the template asks for.
pub(crate) fn symbol(symbology: Symbology, text: &str) -> Result<Symbol, NodeError> {
    let symbol = match symbology {
        Symbology::Qr => matrix::qr::encode(text, QrLevel::M),
        Symbology::GridMatrix => matrix::gridmatrix::encode(text, GmOptions::default()),
    };
    symbol.map_err(|error| NodeError::refused(error.to_string(), "请核对模板的二维码设置"))
}

/// Are all files of a finished certificate still there, with their lengths?
pub(super) fn files_stand(out: &Path, intent: &Intent) -> bool {
    let stands =
        |file: &Stored| std::fs::metadata(out.join(&file.path)).is_ok_and(|meta| meta.len() == file.bytes);
    !intent.files.is_empty() && intent.files.iter().all(stands)
}
