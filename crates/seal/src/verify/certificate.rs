//! The certificate that the file claims to be: its identifier, metadata and validity.

use codes::{CertificateId, Validity};
use ofd::Package;

use super::Reasons;
use super::authority::beijing_date;
use crate::ses::SealPicture;

/// What a file says about itself. Only a valid verdict makes it true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileFacts {
    /// 证照标识 as written; empty when absent.
    pub identifier: String,
    /// 证照类型代码.
    pub type_code: String,
    /// Issuing authority's USCC.
    pub issuer: String,
    /// Its area code.
    pub area: String,
    /// All metadata in file order.
    pub metadata: Vec<(String, String)>,
    /// Claimed signing time, Unix seconds.
    pub signed_at: Option<i64>,
    /// Seal's name.
    pub seal_name: String,
    /// Signer's name.
    pub signer: String,
    /// Seal picture with page id and boundary of its stamp.
    pub picture: Option<(SealPicture, String, String)>,
}

impl FileFacts {
    pub(crate) fn read(&mut self, package: &Package<'_>) {
        self.metadata.clone_from(&package.info.custom_datas);
        self.identifier = self.value("ZZBS").to_owned();
        self.type_code = self.value("ZZLXDM").to_owned();
        self.issuer = self.value("ZZBFJGDM").to_owned();
        // The identifier is what the certificate is; the single items must agree with it (checked later).
        if let Ok(id) = CertificateId::parse_strict(&self.identifier) {
            self.type_code = id.type_code().to_string();
            self.issuer = id.issuer().to_string();
        }
        self.area = self.issuer.get(2..8).unwrap_or_default().to_owned();
    }

    /// The first value of a metadata item; empty when absent.
    pub fn value(&self, name: &str) -> &str {
        self.metadata.iter().find(|(item, _)| item == name).map_or("", |(_, text)| text)
    }
}

/// Identifier, agreement of the metadata, dates.
pub(crate) fn check(facts: &FileFacts, now: i64, reasons: &mut Reasons) {
    if facts.identifier.is_empty() {
        return reasons.add("NO_IDENTIFIER", "");
    }
    identifier(facts, reasons);
    for (index, (name, _)) in facts.metadata.iter().enumerate() {
        if facts.metadata[..index].iter().any(|(other, _)| other == name) {
            reasons.add("METADATA_CONFLICT", &format!("“{name}”出现两次"));
        }
    }
    let today = beijing_date(now);
    let from = facts.value("ZZYXQQSRQ");
    if from.parse::<jiff::civil::Date>().is_ok_and(|from| from > today) {
        reasons.add("VALIDITY_NOT_BEGUN", from);
    }
    // A certificate is valid to 24:00 of its last day (`domain.md`, "Time").
    if let Ok(Validity::Until(last)) = Validity::parse(facts.value("ZZYXQJZRQ"))
        && last < today
    {
        reasons.add("VALIDITY_ENDED", &last.to_string());
    }
    let inspected = facts.value("KZ_NSYXQ");
    if inspected.parse::<jiff::civil::Date>().is_ok_and(|last| last < today) {
        reasons.add("ANNUAL_INSPECTION_DUE", inspected);
    }
}

fn identifier(facts: &FileFacts, reasons: &mut Reasons) {
    match CertificateId::parse_strict(&facts.identifier) {
        Ok(id) => {
            let pairs = [("ZZLXDM", id.type_code().to_string()), ("ZZBFJGDM", id.issuer().to_string())];
            for (name, inside) in pairs {
                let item = facts.value(name);
                if !item.is_empty() && item != inside {
                    reasons.add("METADATA_CONFLICT", &format!("{name} 为“{item}”，证照标识所含为“{inside}”"));
                }
            }
        }
        Err(error) => match CertificateId::parse_warn(&facts.identifier) {
            Ok((_, warnings)) => {
                let text = warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("；");
                reasons.add("IDENTIFIER_FOREIGN", &text);
            }
            Err(_) => reasons.add("IDENTIFIER_INVALID", &error.to_string()),
        },
    }
}
