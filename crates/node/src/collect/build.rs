//! From the rows of a certificate to its delivery.

use std::sync::Arc;

use store::rows::certificate::{self, Certificate, Version};
use store::rows::collect::{self, Item};
use store::rows::issue::{self, FileRow};

use super::{DeliveredFile, Delivery, DeliveryReceipt, Outcome};
use crate::issue::journal::parse_hex;
use crate::lifecycle::parse;
use crate::{NodeError, Province};

/// The rows behind a delivery.
struct Source {
    certificate: Certificate,
    record: Option<model::Record>,
    files: Vec<FileRow>,
    /// Newest version whose files the destination is known to hold.
    held: i64,
}

impl Province {
    /// The certificate of a leased item as it stands now. Only its row can change; the version that the row names, with its
    /// record and files, never does, so the parts fit each other without a transaction.
    pub(super) fn delivery(self: &Arc<Self>, item: &Item, now: i64) -> Result<Delivery, NodeError> {
        let source = self.store.read(|session| -> Result<_, NodeError> {
            let Some(certificate) = certificate::by_id(session, &item.certificate_id)? else {
                let what = format!("待归集的证照“{}”不在数据库中", item.certificate_id);
                return Err(NodeError::refused(what, "请运行 luzheng doctor"));
            };
            let receipt = collect::last_receipt(session, &item.lane, &certificate.id)?;
            let held = receipt.and_then(|text| serde_json::from_str::<DeliveryReceipt>(&text).ok());
            let (record, files) = match &certificate.identifier {
                Some(identifier) => {
                    let version = certificate::version(session, identifier)?;
                    let sealed = version.map(|version| version.record_sealed);
                    (
                        sealed.map(|sealed| (Version::place(identifier), sealed)),
                        issue::files(session, identifier)?,
                    )
                }
                None => {
                    let sealed = certificate::record(session, &certificate.id)?;
                    let place = certificate::record_place(&certificate.id);
                    (sealed.map(|(sealed, _)| (place, sealed)), Vec::new())
                }
            };
            let record = record
                .map(|(place, sealed)| parse(&self.personal.open(&place, &sealed)?, "照面记录"))
                .transpose()?;
            Ok(Source { certificate, record, files, held: held.map_or(0, |receipt| receipt.version) })
        })?;
        let asked =
            item.receipt.as_deref().and_then(|text| serde_json::from_str::<DeliveryReceipt>(text).ok());
        let asked = asked.is_some_and(|receipt| receipt.outcome == Outcome::NeedFile);
        let with_files = asked || source.held < source.certificate.version;
        self.compose(source, with_files, now)
    }

    fn compose(&self, source: Source, with_files: bool, now: i64) -> Result<Delivery, NodeError> {
        let Source { certificate: one, record, files, .. } = source;
        let state: ::lifecycle::State = parse(&one.state, "证照状态")?;
        let mut delivered = Vec::with_capacity(files.len());
        for file in files {
            let content = if with_files { Some(gm::base64::encode(&self.file(&file)?)) } else { None };
            delivered.push(DeliveredFile {
                part: file.part,
                name: file.name,
                sm3: file.sm3,
                bytes: file.bytes,
                content,
            });
        }
        Ok(Delivery {
            province: self.id.clone(),
            certificate: one.id,
            kind: one.kind,
            issuer: one.issuer,
            area: one.area,
            month: one.month,
            state_seq: one.state_seq,
            version: one.version,
            identifier: one.identifier,
            base: one.base,
            status: self.rules.status_name(&state, ::lifecycle::day_of(now)),
            last_day: one.last_day,
            state,
            record,
            files: delivered,
        })
    }

    fn file(&self, file: &FileRow) -> Result<Vec<u8>, NodeError> {
        let sm3 = parse_hex(&file.sm3).ok_or_else(|| {
            NodeError::refused(format!("证照“{}”的文件摘要不合规", file.identifier), "请运行 luzheng doctor")
        })?;
        Ok(self.objects.get(&file.place.parse()?, &sm3)?)
    }
}
