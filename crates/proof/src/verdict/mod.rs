//! The one verdict function for server, command line and page: (knowledge, evidence, now, input) → answer (`domain.md`, "Verdicts").
//!
//! `docs/verdict-table.json` holds what it must say; the page's copy in JavaScript is held to the same table.

mod examine;
mod knowledge;

use codes::{CertificateId, Validity};
use model::{Reason, Verdict};
use serde::{Deserialize, Serialize};

use crate::pack::{Pack, PackState, extended};
use crate::{Code, CodeType, Standing, weigh};

pub use examine::{Examined, examine};
pub use knowledge::{Evidence, Knowledge, Register, Said};

use examine::{day, instant};

/// How far a pack's clock may run ahead of ours, seconds.
const PACK_AHEAD: i64 = 300;
/// The base of a certificate that stands.
const NORMAL: &str = "正常";

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The text of a scanned 2D code.
    Code(String),
    /// A 证照标识.
    Identifier(String),
    /// A plate.
    Plate(String),
    /// A holder's document number.
    Holder(String),
}

/// A verdict with its reasons and on what knowledge it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// 有效, 有效（有提示）, 无效 or 无法判定.
    pub verdict: Verdict,
    /// Why; the heaviest decides.
    pub reasons: Vec<Reason>,
    /// 证照标识 of the newest version that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Type code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_code: Option<String>,
    /// Name of the kind, where the knowledge has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_name: Option<String>,
    /// Status in Chinese (`停运`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// First day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day, ISO or 长期.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// Register, pack or the code only.
    pub source: String,
    /// As of when the knowledge was so, RFC 3339; of a code alone, the age of the trust data.
    pub known_at: String,
}

/// The verdict; `now` in Unix seconds.
pub fn judge(knowledge: &Knowledge, evidence: &Evidence, now: i64, input: &Input) -> Answer {
    match input {
        Input::Code(text) => conclude(knowledge, examine(knowledge, now, text), evidence, now),
        Input::Identifier(text) => by_identifier(knowledge, evidence, now, text),
        Input::Plate(_) => unanswered(knowledge, vec![Reason::new("OFFLINE_LOOKUP", "车牌")]),
        Input::Holder(_) => unanswered(knowledge, vec![Reason::new("OFFLINE_LOOKUP", "证件号码")]),
    }
}

/// The verdict over a code that was examined: what a register said comes first, then the issuer's pack, then the code alone.
pub fn conclude(knowledge: &Knowledge, examined: Examined, evidence: &Evidence, now: i64) -> Answer {
    let Examined { mut reasons, code } = examined;
    let Some(code) = code else { return unanswered(knowledge, reasons) };
    let fresh = reasons.iter().all(|reason| reason.code != "CODE_EXPIRED" && reason.code != "CODE_EARLY");
    let present = matches!(code.code_type, CodeType::Present { .. });
    if evidence.used && fresh && present {
        reasons.push(Reason::new("CODE_USED", ""));
    }
    let area = code.identifier.issuer().area().to_string();
    if let Some(register) = &evidence.register {
        let asked = code.identifier.clone();
        if let Some(answer) = by_register(register, &asked, Some(&code), now, &mut reasons) {
            return answer;
        }
    }
    if present {
        reasons.push(Reason::new("COMPARE_PERSON", ""));
    }
    if matches!(code.code_type, CodeType::Present { grant: 1.., .. }) {
        reasons.push(Reason::new("GRANT_UNCHECKED", ""));
    }
    let pack = knowledge.pack(knowledge::province(&area));
    // Online, a pack tells what was last known; it does not stand in for an issuer that ought to have answered.
    let unreachable = |register: &&Register| matches!(register.said, Said::Unreachable { .. });
    if let (Some(_), Some(register)) = (pack, evidence.register.as_ref().filter(unreachable)) {
        reasons.push(beyond(register, &code.identifier));
    }
    match pack {
        Some(pack) => by_pack(pack, &code, now, reasons),
        None => by_code_alone(knowledge, evidence, &code, now, reasons),
    }
}

fn by_identifier(knowledge: &Knowledge, evidence: &Evidence, now: i64, text: &str) -> Answer {
    let id = match CertificateId::parse(text) {
        Ok(id) => id,
        Err(error) => {
            return unanswered(knowledge, vec![Reason::new("IDENTIFIER_INVALID", &error.to_string())]);
        }
    };
    let mut reasons = Vec::new();
    let register = evidence.register.as_ref();
    if let Some(answer) = register.and_then(|register| by_register(register, &id, None, now, &mut reasons)) {
        return answer;
    }
    let lookup = || Reason::new("OFFLINE_LOOKUP", "证照标识");
    reasons.push(evidence.register.as_ref().map_or_else(lookup, |register| beyond(register, &id)));
    unanswered(knowledge, reasons)
}

/// The answer of a register that knows; `None` when it is another province's or did not answer.
fn by_register(
    register: &Register,
    asked: &CertificateId,
    code: Option<&Code>,
    now: i64,
    reasons: &mut Vec<Reason>,
) -> Option<Answer> {
    let blank = |reasons: Vec<Reason>| Answer {
        source: register.source.clone(),
        known_at: rfc3339(register.known_at),
        ..bare(reasons)
    };
    match &register.said {
        Said::Found { standing, sheet, withdrawn } => {
            let mut reasons = std::mem::take(reasons);
            if *withdrawn {
                reasons.push(Reason::new("GRANT_WITHDRAWN", ""));
            }
            reasons.extend(replaced(code, *sheet));
            reasons.extend(weigh(standing, Some(&asked.to_string()), day(now)));
            Some(Answer {
                identifier: Some(standing.identifier.clone()),
                type_code: Some(asked.type_code().to_string()),
                status: Some(status_of(standing)),
                valid_from: standing.valid_from.clone(),
                valid_to: standing.valid_to.clone(),
                ..blank(reasons)
            })
        }
        Said::Missing => {
            let mut reasons = std::mem::take(reasons);
            reasons.push(Reason::new("NOT_FOUND", &format!("标识为“{asked}”")));
            Some(blank(reasons))
        }
        Said::NotOurs | Said::Unreachable { .. } => None,
    }
}

/// Why a register could not say, when nothing else can either.
fn beyond(register: &Register, asked: &CertificateId) -> Reason {
    match &register.said {
        Said::Unreachable { .. } => Reason::new("ISSUER_UNREACHABLE", &register.source),
        _ => Reason::new("NOT_OURS", &format!("发证机关代码 {}", asked.issuer())),
    }
}

fn by_code_alone(
    knowledge: &Knowledge,
    evidence: &Evidence,
    code: &Code,
    now: i64,
    mut reasons: Vec<Reason>,
) -> Answer {
    let id = &code.identifier;
    let mut status = None;
    match &evidence.register {
        Some(register) => {
            reasons.push(beyond(register, id));
            // What has ended does not come back by itself: old knowledge suffices.
            if let Said::Unreachable { last: Some(last) } = &register.said {
                status = Some(status_of(last));
                let known = format!("{}（{}）", status_of(last), instant(register.known_at));
                reasons.push(Reason::new("LAST_KNOWN", &known));
                if last.base != NORMAL {
                    reasons.push(Reason::new("STATUS_ENDED", &last.base));
                }
            }
        }
        None => reasons.push(Reason::new("PACK_MISSING", &format!("行政区划 {}", id.issuer().area()))),
    }
    reasons.extend(not_begun(code, now));
    reasons.extend(shown_version_ended(code, now));
    Answer { status, ..of_code(code, unanswered(knowledge, reasons)) }
}

fn by_pack(pack: &Pack, code: &Code, now: i64, mut reasons: Vec<Reason>) -> Answer {
    let source = format!("{}离线数据包第 {} 号", pack.name, pack.number);
    let kind = code.identifier.type_code().to_string();
    let mut answer = of_code(code, bare(Vec::new()));
    answer.source.clone_from(&source);
    answer.known_at = rfc3339(pack.made_at);
    answer.kind_name = pack.kinds.iter().find(|one| one.code == kind).map(|one| one.name.clone());
    let entry = pack.entry(code.status_index);
    let state = entry.map(|entry| entry.state).filter(|state| !state.base.is_empty());
    let doubt = age(pack, state, now);
    reasons.extend(doubt.clone());
    let version = code.identifier.version();
    match (entry, state) {
        (None, _) => reasons.push(too_old(pack)),
        (Some(_), None) => reasons.push(Reason::new("NOT_FOUND", &format!("标识为“{}”", code.identifier))),
        (Some(entry), Some(_)) if version > entry.version => reasons.push(too_old(pack)),
        (Some(entry), Some(state)) => {
            reasons.extend(replaced(Some(code), entry.sheet));
            let mut standing = standing(pack, code, state, entry.version, now);
            if code.issued > day(now) {
                // This device's clock is behind: it cannot say that the validity has not begun.
                standing.valid_from = None;
            }
            match doubt {
                Some(doubt) => reasons.extend(last_known(&standing, code, &doubt, now)),
                None => {
                    reasons.extend(weigh(&standing, Some(&code.identifier.to_string()), day(now)));
                    let old = version < entry.version;
                    reasons.extend(shown_version_ended(code, now).filter(|_| old));
                }
            }
            answer.identifier = Some(standing.identifier);
            answer.valid_from = standing.valid_from;
            answer.valid_to = standing.valid_to;
            answer.status = Some(state.name());
        }
    }
    reasons.push(Reason::new(
        "PACK_USED",
        &format!("{}第 {} 号（{}）", pack.name, pack.number, instant(pack.made_at)),
    ));
    answer.verdict = Verdict::from_reasons(&reasons);
    answer.reasons = reasons;
    answer
}

/// What still holds of a pack that is too old, or from the future: what has ended does not come back by itself. Dates are judged
/// only by a clock that can be right, and the shown version may have been replaced since.
fn last_known(standing: &Standing, code: &Code, doubt: &Reason, now: i64) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if standing.base != NORMAL {
        reasons.push(Reason::new("STATUS_ENDED", &standing.base));
    }
    if standing.identifier != code.identifier.to_string() {
        reasons.push(Reason::new("OLD_VERSION", &standing.identifier));
    }
    if doubt.code == "PACK_STALE" {
        reasons.extend(not_begun(code, now));
        reasons.extend(shown_version_ended(code, now));
    }
    reasons
}

fn age(pack: &Pack, state: Option<&PackState>, now: i64) -> Option<Reason> {
    if pack.made_at > now + PACK_AHEAD {
        return Some(Reason::new("CLOCK_WRONG", &instant(pack.made_at)));
    }
    let stale = now > pack.made_at + i64::from(pack.max_age);
    stale.then(|| {
        let known = state.map_or_else(String::new, |state| format!("，当时状态为“{}”", state.name()));
        Reason::new("PACK_STALE", &format!("{} 制作{known}", instant(pack.made_at)))
    })
}

fn too_old(pack: &Pack) -> Reason {
    Reason::new("PACK_TOO_OLD_FOR_IT", &format!("数据包 {} 制作", instant(pack.made_at)))
}

/// What the pack says, with the dates that the code carries; of an older version shown, the new one's dates are not known.
fn standing(pack: &Pack, code: &Code, state: &PackState, version: u16, now: i64) -> Standing {
    let id = &code.identifier;
    let current = version == id.version();
    // A version below 1 or above 999 names no identifier: then the shown one stands.
    let newest = id.with_version(version).unwrap_or_else(|_| id.clone());
    let area = id.issuer().area().to_string();
    let extended = extended(&pack.overrides, &id.type_code().to_string(), &area, code.valid_to, day(now));
    Standing {
        identifier: newest.to_string(),
        base: state.base.clone(),
        holds: state.holds.clone(),
        valid_from: current.then(|| code.valid_from.to_string()),
        valid_to: current.then(|| code.valid_to.to_string()),
        annual_due: None,
        lost: if state.lost {
            vec!["部分类别已失效（请联网核对是哪些）".to_owned()]
        } else {
            Vec::new()
        },
        hints: Vec::new(),
        extended: extended.filter(|_| current),
    }
}

/// Not where the code was issued after today: then this device's clock is behind, which is said already.
fn not_begun(code: &Code, now: i64) -> Option<Reason> {
    let (today, from) = (day(now), code.valid_from);
    (today < from && code.issued <= today).then(|| Reason::new("VALIDITY_NOT_BEGUN", &from.to_string()))
}

fn shown_version_ended(code: &Code, now: i64) -> Option<Reason> {
    let Validity::Until(last) = code.valid_to else { return None };
    (last < day(now)).then(|| Reason::new("SHOWN_VERSION_ENDED", &last.to_string()))
}

fn replaced(code: Option<&Code>, newest: Option<u16>) -> Option<Reason> {
    let CodeType::Printed { sheet } = code?.code_type else { return None };
    (sheet < newest?).then(|| Reason::new("SHEET_REPLACED", &sheet.to_string()))
}

fn status_of(standing: &Standing) -> String {
    let state =
        PackState { base: standing.base.clone(), holds: standing.holds.clone(), ..PackState::default() };
    state.name()
}

/// What the code itself says of its certificate.
fn of_code(code: &Code, answer: Answer) -> Answer {
    Answer {
        identifier: Some(code.identifier.to_string()),
        type_code: Some(code.identifier.type_code().to_string()),
        valid_from: Some(code.valid_from.to_string()),
        valid_to: Some(code.valid_to.to_string()),
        ..answer
    }
}

fn unanswered(knowledge: &Knowledge, reasons: Vec<Reason>) -> Answer {
    Answer { known_at: knowledge.trust().issued_at().to_owned(), ..bare(reasons) }
}

fn bare(reasons: Vec<Reason>) -> Answer {
    Answer {
        verdict: Verdict::from_reasons(&reasons),
        reasons,
        identifier: None,
        type_code: None,
        kind_name: None,
        status: None,
        valid_from: None,
        valid_to: None,
        source: "仅二维码".into(),
        known_at: String::new(),
    }
}

/// RFC 3339 with +08:00.
fn rfc3339(unix: i64) -> String {
    format!("{}+08:00", instant(unix).replace(' ', "T"))
}
