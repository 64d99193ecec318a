//! 2D codes that are not ours: handed to the system that made them, which answers in our words (`docs/connector.md`).

use std::sync::Arc;

use model::{Reason, Verdict};
use serde::{Deserialize, Serialize};

use super::answer::FaceItem;
use super::gate::{Gate, Shut};
use super::mask::masked;
use super::{Question, Sight, VerifyAnswer};
use crate::Province;
use crate::audit::{Act, Actor};

/// The longest text that is handed on, bytes; no 2D code holds more.
const LONGEST: usize = 4096;
/// Characters of one text of an answer.
const TEXT: usize = 200;
/// Reasons that are taken over.
const REASONS: usize = 8;
/// How far the other side's clock may be ahead, seconds.
const AHEAD: i64 = 300;

/// A code on its way to another system. The person behind the question travels in the signed headers of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignCode {
    /// The whole text, as it was scanned.
    pub code: String,
    /// When, RFC 3339 with +08:00.
    pub asked_at: String,
}

/// What the other system says. Fields that we do not know are ignored: its format may grow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignAnswer {
    /// 有效, 有效（有提示）, 无效 or 无法判定; absent where the code is not theirs.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// Why, in Chinese; shown as they are.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// Name of the kind of certificate.
    #[serde(default)]
    pub kind: Option<String>,
    /// Its number there.
    #[serde(default)]
    pub number: Option<String>,
    /// Its holder; masked here, whatever comes.
    #[serde(default)]
    pub holder: Option<String>,
    /// Plate, for a vehicle's.
    #[serde(default)]
    pub plate: Option<String>,
    /// Status in words.
    #[serde(default)]
    pub status: Option<String>,
    /// First day, `2026-01-01`.
    #[serde(default)]
    pub valid_from: Option<String>,
    /// Last day, or 长期.
    #[serde(default)]
    pub valid_to: Option<String>,
    /// Whose register said so.
    #[serde(default)]
    pub source: String,
    /// When it was so, RFC 3339.
    #[serde(default)]
    pub known_at: String,
}

/// A way to another system.
pub trait Connector: Send + Sync {
    /// Asks about a code. Blocks; never longer than its own limit.
    ///
    /// # Errors
    /// [`ConnectorError`].
    fn ask(&self, code: &ForeignCode, actor: &Actor) -> Result<ForeignAnswer, ConnectorError>;
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    /// It cannot be reached, or took too long: it is left alone for a while.
    #[error("{0}")]
    Away(String),
    /// It is there, and refused or said what cannot be read.
    #[error("{0}")]
    Refused(String),
}

/// One configured system.
struct Entry {
    name: String,
    /// Beginnings of its codes; `*` is any.
    prefixes: Vec<String>,
    /// Seconds after which its knowledge counts as old.
    max_age: i64,
    way: Box<dyn Connector>,
    gate: Gate,
}

/// The systems to which codes that are not ours are handed.
pub struct Connectors {
    entries: Vec<Entry>,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
}

impl Connectors {
    /// None yet. The clock (microseconds UTC) tells how long a system has been away.
    pub fn new(clock: Box<dyn Fn() -> i64 + Send + Sync>) -> Self {
        Self { entries: Vec::new(), clock }
    }

    /// Adds a system: its name for people, the beginnings of its codes (`*`: all that nobody else claims), how old its knowledge
    /// may be in seconds, and the way to it.
    pub fn add(&mut self, name: &str, prefixes: Vec<String>, max_age: i64, way: Box<dyn Connector>) {
        self.entries.push(Entry { name: name.to_owned(), prefixes, max_age, way, gate: Gate::default() });
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The system whose code this is: the longest beginning that fits.
    fn of(&self, code: &str) -> Option<&Entry> {
        // A receipt of ours is no certificate of anybody.
        if code.len() > LONGEST || code.starts_with(proof::receipt::PREFIX) {
            return None;
        }
        let fits = |entry: &Entry| {
            let lengths = entry.prefixes.iter().filter_map(|prefix| match prefix.as_str() {
                "*" => Some(0),
                prefix => code.starts_with(prefix).then_some(prefix.len()),
            });
            lengths.max()
        };
        let fitting = self.entries.iter().filter_map(|entry| Some((fits(entry)?, entry)));
        fitting.max_by_key(|(length, _)| *length).map(|(_, entry)| entry)
    }
}

impl Entry {
    fn ask(
        &self,
        code: &ForeignCode,
        actor: &Actor,
        clock: &dyn Fn() -> i64,
    ) -> Result<ForeignAnswer, String> {
        let _place = self.gate.enter(clock()).map_err(|shut| match shut {
            Shut::Away => "暂时不能应答".to_owned(),
            Shut::Full => "正在查询的人过多".to_owned(),
        })?;
        match self.way.ask(code, actor) {
            Ok(answer) => {
                self.gate.there();
                Ok(answer)
            }
            Err(ConnectorError::Away(why)) => {
                self.gate.away(clock());
                Err(why)
            }
            Err(ConnectorError::Refused(why)) => {
                self.gate.there();
                Err(why)
            }
        }
    }

    /// What becomes of their answer here. Only an answer that names its source, is of a known age and does not contradict itself
    /// can make anything 有效.
    fn told(&self, theirs: ForeignAnswer, now: i64) -> VerifyAnswer {
        let wrong = |what: &str| {
            let text = format!("“{}”{what}", self.name);
            VerifyAnswer::only(vec![Reason::new("CONNECTOR_ANSWER", &text)], self.source(""), moment(now))
        };
        let Some(verdict) = theirs.verdict else {
            let reasons = vec![Reason::new("CONNECTOR_UNKNOWN", &self.name)];
            return VerifyAnswer::only(reasons, self.source(&theirs.source), moment(now));
        };
        let Ok(known) = theirs.known_at.parse::<jiff::Timestamp>() else {
            return wrong("没有写明所依据的时间");
        };
        let known = known.as_second();
        let seconds = now / 1_000_000;
        if known > seconds + AHEAD {
            return wrong("所称时间晚于现在");
        }
        if theirs.source.trim().is_empty() {
            return wrong("没有写明依据来源");
        }
        let good = matches!(verdict, Verdict::Valid | Verdict::ValidWithHint);
        let today = ::lifecycle::day_of(now).date().to_string();
        let over = theirs.valid_to.as_deref().is_some_and(|to| to != "长期" && to < today.as_str());
        if good && over {
            return wrong("称证照有效，而所给有效期已过");
        }
        let mut reasons = vec![Reason::new("CONNECTOR_SAID", &self.name)];
        if good && seconds - known > self.max_age {
            let day = crate::keys::rfc3339(known);
            reasons.push(Reason::new("CONNECTOR_STALE", &format!("“{}”所知截至 {day}", self.name)));
        }
        let code = match verdict {
            Verdict::Valid => "CONNECTOR_NOTE",
            Verdict::ValidWithHint => "CONNECTOR_HINT",
            Verdict::Undecided => "CONNECTOR_UNDECIDED",
            Verdict::Invalid => "CONNECTOR_INVALID",
        };
        let said = theirs.reasons.iter().map(|text| cut(text)).filter(|text| !text.is_empty()).take(REASONS);
        let before = reasons.len();
        reasons.extend(said.map(|text| Reason::new(code, &text)));
        if reasons.len() == before && verdict != Verdict::Valid {
            reasons.push(Reason::new(code, "对方没有说明理由"));
        }
        let day = |text: Option<String>| text.map(|text| cut(&text)).filter(|text| !text.is_empty());
        VerifyAnswer {
            verdict: Verdict::from_reasons(&reasons),
            reasons,
            // No 证照标识 of ours: pages would look for it in our register.
            identifier: None,
            kind: None,
            causes: Vec::new(),
            state_seq: None,
            allows: Vec::new(),
            face: items(&theirs),
            kind_name: day(theirs.kind),
            status: day(theirs.status),
            valid_from: day(theirs.valid_from),
            valid_to: day(theirs.valid_to),
            source: self.source(&theirs.source),
            known_at: crate::keys::rfc3339(known),
        }
    }

    fn source(&self, theirs: &str) -> String {
        match cut(theirs) {
            theirs if theirs.is_empty() => format!("外部系统（{}）", self.name),
            theirs => format!("外部系统（{}：{theirs}）", self.name),
        }
    }
}

/// Whose it is, as far as anybody may see.
fn items(theirs: &ForeignAnswer) -> Vec<FaceItem> {
    let item = |short: &str, name: &str, value: &Option<String>, mask: &str| {
        let value = cut(value.as_deref().unwrap_or_default());
        let value = if mask.is_empty() { value } else { masked(mask, &value) };
        (!value.is_empty()).then(|| FaceItem { short: short.into(), name: name.into(), value })
    };
    let found = [
        item("CZZT", "持证主体", &theirs.holder, "name"),
        item("KZ_CLHP", "车牌号码", &theirs.plate, "plate"),
        item("ZZHM", "证照编号", &theirs.number, ""),
    ];
    found.into_iter().flatten().collect()
}

/// One line of bounded length: what comes is shown to people.
fn cut(text: &str) -> String {
    let plain = text.trim().chars().map(|one| if one.is_control() { ' ' } else { one });
    plain.take(TEXT).collect()
}

fn moment(now: i64) -> String {
    crate::keys::rfc3339(now / 1_000_000)
}

impl Province {
    /// Hands a code that is not ours to the system that made it, where one is configured, and changes the one answer and the audit
    /// row to what was learned. Without an answer the verdict is 无法判定, and says why.
    pub fn connect(
        &self,
        connectors: &Arc<Connectors>,
        (question, sight): (&Question, Sight),
        (answers, act): (&mut [VerifyAnswer], &mut Act),
        now: i64,
    ) {
        let ([answer], Question::Code(text), None) = (answers, question, sight.as_of) else { return };
        let foreign = answer.reasons.iter().any(|one| one.code == "CODE_FOREIGN");
        let text = text.trim();
        let Some(entry) = connectors.of(text).filter(|_| foreign) else { return };
        let code = ForeignCode { code: text.to_owned(), asked_at: moment(now) };
        *answer = match entry.ask(&code, &act.actor, &*connectors.clock) {
            Ok(theirs) => entry.told(theirs, now),
            Err(why) => {
                let text = format!("“{}”：{why}", entry.name);
                let reasons = vec![Reason::new("CONNECTOR_UNREACHABLE", &text)];
                VerifyAnswer::only(reasons, self.source(), moment(now))
            }
        };
        act.detail.insert("connector".into(), entry.name.clone());
        act.detail.insert("source".into(), answer.source.clone());
        answer.verdict.text().clone_into(&mut act.outcome);
    }
}
