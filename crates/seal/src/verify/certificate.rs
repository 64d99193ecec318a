//! The certificate that the file claims to be: its identifier, metadata and validity.

use std::collections::HashSet;

use codes::{CertificateId, ForeignIssuer, Validity};
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
        let area = |issuer: &str| issuer.get(2..8).unwrap_or_default().to_owned();
        self.area = area(&self.issuer);
        // The identifier is what the certificate is, in its loose forms too; the single items must agree with it
        // (checked later). The scope of a seal is held against these, so none may be taken from elsewhere.
        if let Ok((id, _)) = CertificateId::parse_warn(&self.identifier) {
            id.type_code().clone_into(&mut self.type_code);
            match id.issuer() {
                ForeignIssuer::Area(named) => self.area = named.to_string(),
                issuer => {
                    self.issuer = issuer.to_string();
                    self.area = area(&self.issuer);
                }
            }
        }
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
    let mut names = HashSet::new();
    if let Some((name, _)) = facts.metadata.iter().find(|(name, _)| !names.insert(name)) {
        reasons.add("METADATA_CONFLICT", &format!("“{name}”出现两次"));
    }
    dates(facts, now, reasons);
}

fn dates(facts: &FileFacts, now: i64, reasons: &mut Reasons) {
    let today = beijing_date(now);
    // A date that nobody can read must not count as one that never comes.
    let mut read = |name: &str| match Validity::parse(facts.value(name)) {
        _ if facts.value(name).is_empty() => None,
        Ok(Validity::Until(day)) => Some(day),
        Ok(Validity::LongTerm) => None,
        Err(_) => {
            reasons.add("STRUCTURE_UNSUPPORTED", &format!("{name}“{}”不是日期", facts.value(name)));
            None
        }
    };
    let (from, last, inspected) = (read("ZZYXQQSRQ"), read("ZZYXQJZRQ"), read("KZ_NSYXQ"));
    if let Some(from) = from.filter(|from| *from > today) {
        reasons.add("VALIDITY_NOT_BEGUN", &from.to_string());
    }
    // A certificate is valid to 24:00 of its last day (`domain.md`, "Time").
    if let Some(last) = last.filter(|last| *last < today) {
        reasons.add("VALIDITY_ENDED", &last.to_string());
    }
    if let Some(last) = inspected.filter(|last| *last < today) {
        reasons.add("ANNUAL_INSPECTION_DUE", &last.to_string());
    }
}

fn identifier(facts: &FileFacts, reasons: &mut Reasons) {
    let warnings = match CertificateId::parse_warn(&facts.identifier) {
        Ok((_, warnings)) => warnings,
        Err(error) => return reasons.add("IDENTIFIER_INVALID", &error.to_string()),
    };
    if !warnings.is_empty() {
        let text = warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("；");
        reasons.add("IDENTIFIER_FOREIGN", &text);
    }
    for (name, inside) in [("ZZLXDM", &facts.type_code), ("ZZBFJGDM", &facts.issuer)] {
        let item = facts.value(name);
        if !item.is_empty() && item != inside {
            reasons.add("METADATA_CONFLICT", &format!("{name} 为“{item}”，证照标识所含为“{inside}”"));
        }
    }
}
