//! The code by itself: is it one of ours, does its signature hold, might its key sign it, is it fresh?

use codes::CertificateId;
use gm::x509::Crl;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use model::{Outside, Reason, Weight};

use super::Knowledge;
use crate::trust::{CodeKey, find, leaked};
use crate::{Code, CodeError, CodeType, SLOT_EPOCH, SignedCode};

/// What two phones' clocks differ at most, seconds.
const CLOCKS_DIFFER: i64 = 90;

/// A code with what was found of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// What was found so far.
    pub reasons: Vec<Reason>,
    /// Its content, once it is believed to be its issuer's.
    pub code: Option<Code>,
}

impl Examined {
    fn refused(code: &str, detail: &str) -> Self {
        Self { reasons: vec![Reason::new(code, detail)], code: None }
    }

    /// The identifier to ask a register about.
    pub fn identifier(&self) -> Option<&CertificateId> {
        self.code.as_ref().map(|code| &code.identifier)
    }
}

/// Examines the text of a scanned code; `now` in Unix seconds.
pub fn examine(knowledge: &Knowledge, now: i64, text: &str) -> Examined {
    let signed = match SignedCode::decode(text) {
        Ok(signed) => signed,
        Err(error) => return undecoded(&error),
    };
    let code = &signed.code;
    let area = code.identifier.issuer().area().to_string();
    let keys: Vec<&CodeKey> =
        knowledge.keys(&area).filter(|key| key.key.public_key().key_id() == code.key_id).collect();
    let Some(first) = keys.first() else {
        let named: String = code.key_id.iter().map(|byte| format!("{byte:02x}")).collect();
        return Examined::refused("CODE_KEY_UNKNOWN", &named);
    };
    if !signed.holds_for(&first.key) {
        return Examined::refused("CODE_FORGED", "");
    }
    let window = window(code, now);
    let mut reasons = key_reasons(knowledge, &keys, code, &area, window, now);
    if reasons.iter().any(|reason| reason.weight >= Weight::Undecided) {
        return Examined { reasons, code: None };
    }
    if code.issued > day(now) {
        reasons.push(Reason::new("CODE_ISSUED_LATER", &code.issued.to_string()));
    }
    reasons.extend(freshness(code.code_type, now));
    Examined { reasons, code: Some(signed.code) }
}

fn undecoded(error: &CodeError) -> Examined {
    match error {
        CodeError::Signature => Examined::refused("CODE_FORGED", ""),
        CodeError::Foreign => Examined::refused("CODE_FOREIGN", "应以“LZ:”开头，请交由部级平台识别"),
        CodeError::Version(version) => Examined::refused("CODE_VERSION_UNSUPPORTED", &version.to_string()),
        CodeError::Field(what) => Examined::refused("CODE_DAMAGED", what),
        CodeError::Encoding | CodeError::Date(_) | CodeError::Key(_) => {
            Examined::refused("CODE_DAMAGED", "编码")
        }
    }
}

/// First and last instant at which it may have been signed, Unix seconds (`docs/code-format.md`, "The key").
fn window(code: &Code, now: i64) -> (i64, i64) {
    if let CodeType::Present { slot, .. } = code.code_type {
        let at = SLOT_EPOCH + i64::from(slot);
        return (at, at);
    }
    let zone = TimeZone::fixed(offset(8));
    let begins = zone.to_timestamp(code.issued.at(0, 0, 0, 0)).map_or(now, |time| time.as_second());
    (begins, now.max(begins))
}

/// One entry of the trust data must give the whole right; the first one's refusal stands for all.
fn key_reasons(
    knowledge: &Knowledge,
    keys: &[&CodeKey],
    code: &Code,
    area: &str,
    window: (i64, i64),
    now: i64,
) -> Vec<Reason> {
    let mut refusal = None;
    for key in keys {
        match refused(key, code, area, window) {
            None => return revocation(knowledge.crls(area), key, window.0, now),
            found => refusal = refusal.or(found),
        }
    }
    refusal.into_iter().collect()
}

fn refused(key: &CodeKey, code: &Code, area: &str, (from, to): (i64, i64)) -> Option<Reason> {
    if let Some(fault) = &key.fault {
        return Some(Reason::new("CHAIN_INVALID", fault));
    }
    let not = |what: String| Some(Reason::new("CODE_KEY_NOT_ENTITLED", &what));
    if key.certificate.not_before() > to || key.certificate.not_after() < from {
        return not("签发时密钥证书不在有效期内".into());
    }
    let id = &code.identifier;
    let (issuer, kind) = (id.issuer().as_str(), id.type_code().to_string());
    match key.scope.outside(issuer, area, &kind, day(from), day(to))? {
        Outside::Issuer => not(format!("发证机关“{issuer}”不在其适用范围内")),
        Outside::Area => not(format!("行政区划“{area}”不在其适用范围内")),
        Outside::Kind => not(format!("证照类型“{kind}”不在其适用范围内")),
        Outside::Days => not("签发日期不在授权期限内".into()),
    }
}

fn revocation<'a>(lists: impl Iterator<Item = &'a Crl>, key: &CodeKey, from: i64, now: i64) -> Vec<Reason> {
    let leaf = &key.certificate;
    let lists: Vec<&Crl> = lists.filter(|crl| crl.issuer() == leaf.issuer()).collect();
    let Some(newest) = lists.iter().max_by_key(|crl| (crl.this_update(), crl.next_update())) else {
        return vec![Reason::about("CRL_MISSING", &leaf.issuer().short_text())];
    };
    let mut reasons = Vec::new();
    let entries: Vec<_> = find(lists.iter().copied(), leaf).collect();
    if let Some(entry) = entries.iter().find(|entry| leaked(entry)) {
        reasons.push(Reason::new("CODE_KEY_COMPROMISED", &instant(entry.at)));
    } else if let Some(entry) = entries.iter().find(|entry| entry.at <= from) {
        reasons.push(Reason::new("CODE_KEY_REVOKED", &instant(entry.at)));
    }
    if newest.next_update().is_none_or(|next| next < now) {
        reasons.push(Reason::new(
            "CRL_STALE",
            &newest.next_update().map_or_else(|| "未载明".to_owned(), instant),
        ));
    }
    reasons
}

fn freshness(code_type: CodeType, now: i64) -> Option<Reason> {
    let CodeType::Present { slot, life, .. } = code_type else { return None };
    let begins = SLOT_EPOCH + i64::from(slot);
    if now < begins - CLOCKS_DIFFER {
        return Some(Reason::new("CODE_EARLY", &instant(begins)));
    }
    let ends = begins + i64::from(life);
    (now >= ends + CLOCKS_DIFFER).then(|| Reason::new("CODE_EXPIRED", &instant(ends)))
}

/// The day in Asia/Shanghai.
pub(super) fn day(unix: i64) -> Date {
    let time = jiff::Timestamp::from_second(unix).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    TimeZone::fixed(offset(8)).to_datetime(time).date()
}

/// `2026-11-22 11:05:00` in Asia/Shanghai.
pub(super) fn instant(unix: i64) -> String {
    let time = jiff::Timestamp::from_second(unix).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    TimeZone::fixed(offset(8)).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
