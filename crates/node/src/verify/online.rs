//! Checks against the register: by identifier, code, plate, holder number, file; now or as of an earlier time.

use std::collections::BTreeMap;

use ::lifecycle::{State, day_of};
use catalogue::Kind;
use codes::{CertificateId, LegalDate};
use model::{FaceValue, Reason, Verdict};
use proof::{CodeType, Evidence, Examined, Held, Register, Said, Standing, conclude, examine, weigh};
use store::rows::certificate::{self, Certificate};
use store::rows::{issue, share};
use store::{Blind, Session};

use super::answer::{FaceItem, VerifyAnswer};
use super::mask::masked;
use super::remarks;
use crate::audit::{Act, Actor};
use crate::issue::journal::hex;
use crate::lifecycle::{parse, plate_key};
use crate::share::{CodeUse, is_withdrawn};
use crate::{NodeError, Province};

/// What is asked.
#[derive(Clone, Debug)]
pub enum Question {
    /// By 证照标识.
    Identifier(String),
    /// By the text of a scanned 2D code.
    Code(String),
    /// By plate and colour code.
    Plate(String, String),
    /// By the holder's document number or USCC.
    Holder(String),
    /// By a file of the certificate.
    File(Vec<u8>),
}

/// What the caller may see and of when.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sight {
    /// The whole face; masked otherwise.
    pub unmasked: bool,
    /// Recorded time that the answer is about, microseconds UTC; now where absent.
    pub as_of: Option<i64>,
}

/// A certificate of the register: the answer that its standing gives, and what the verdict over a code needs.
struct Looked {
    answer: VerifyAnswer,
    standing: Standing,
    /// Newest printed sheet, where there is one.
    sheet: Option<u16>,
}

/// Certificates that one question may find at most.
const MOST: u32 = 50;

impl Question {
    fn act(&self) -> &'static str {
        match self {
            Self::Identifier(_) => "verify.identifier",
            Self::Code(_) => "verify.code",
            Self::Plate(..) => "verify.plate",
            Self::Holder(_) => "verify.holder",
            Self::File(_) => "verify.file",
        }
    }
}

impl Province {
    /// Answers a check: one answer a certificate found, or one that says what is not known. Beside it the act for the audit
    /// log, which must be durable before the answer goes out ([`crate::audit::append`]).
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn verify(
        &self,
        question: &Question,
        sight: Sight,
        actor: &Actor,
        now: i64,
    ) -> Result<(Vec<VerifyAnswer>, Act), NodeError> {
        let answers = self.answers(question, sight, actor, now)?;
        let mut detail = BTreeMap::new();
        if let Question::Plate(..) | Question::Holder(_) = question {
            detail.insert(
                "found".into(),
                answers.iter().filter(|one| one.identifier.is_some()).count().to_string(),
            );
        }
        if let Some(at) = sight.as_of {
            detail.insert("as_of".into(), at.to_string());
        }
        if sight.unmasked {
            detail.insert("unmasked".into(), "true".into());
        }
        let first = answers.first();
        let act = Act {
            act: question.act().into(),
            at: now,
            actor: actor.clone(),
            object: first.and_then(|one| one.identifier.clone()),
            changes: false,
            area: None,
            outcome: first.map_or_else(String::new, |one| one.verdict.text().to_owned()),
            detail,
        };
        Ok((answers, act))
    }

    fn answers(
        &self,
        question: &Question,
        sight: Sight,
        actor: &Actor,
        now: i64,
    ) -> Result<Vec<VerifyAnswer>, NodeError> {
        match question {
            Question::Identifier(text) => Ok(vec![self.by_identifier(text, sight, now, Vec::new())?]),
            Question::Code(text) => Ok(vec![self.by_code(text, sight, actor, now)?]),
            Question::Plate(plate, colour) => {
                let key = self.personal.blind(Blind::Plate, &plate_key(plate, colour));
                let more = |session: &mut Session| self.plate_remarks(session, plate, colour);
                self.by_blind(&key, &format!("车牌“{plate}”"), more, (sight, now))
            }
            Question::Holder(number) => {
                let key = self.personal.blind(Blind::HolderNumber, number);
                let remark = remarks::number(number, day_of(now).date());
                let more = |_: &mut Session| Ok(remark.into_iter().collect());
                self.by_blind(&key, "该证件号码", more, (sight, now))
            }
            Question::File(bytes) => Ok(vec![self.by_file(bytes, sight, now)?]),
        }
    }

    /// `extra` are reasons that are established already (a code's or a file's).
    fn by_identifier(
        &self,
        text: &str,
        sight: Sight,
        now: i64,
        mut extra: Vec<Reason>,
    ) -> Result<VerifyAnswer, NodeError> {
        let id = match CertificateId::parse(text) {
            Ok(id) => id,
            Err(error) => {
                extra.push(Reason::new("IDENTIFIER_INVALID", &error.to_string()));
                return Ok(self.only(extra, now));
            }
        };
        let asked = id.to_string();
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let found = certificate::by_identifier(session, &asked)?;
            found.map(|one| self.look(session, one, Some(&asked), sight, now)).transpose()
        })?;
        let Some(Looked { mut answer, .. }) = found else {
            extra.push(self.unknown(&id, &asked));
            return Ok(self.only(extra, now));
        };
        extra.append(&mut answer.reasons);
        answer.verdict = Verdict::from_reasons(&extra);
        answer.reasons = extra;
        Ok(answer)
    }

    /// Another province's certificate is not "not found".
    fn unknown(&self, id: &CertificateId, asked: &str) -> Reason {
        let issuer = id.issuer();
        if self.is_ours(id) {
            return Reason::new("NOT_FOUND", &format!("标识为“{asked}”"));
        }
        Reason::new("NOT_OURS", &format!("发证机关代码 {issuer}"))
    }

    /// The one verdict function (`proof::judge`) with the register's word between its two halves.
    fn by_code(&self, text: &str, sight: Sight, actor: &Actor, now: i64) -> Result<VerifyAnswer, NodeError> {
        let knowledge = self.shelf.knowledge();
        let seconds = sight.as_of.unwrap_or(now) / 1_000_000;
        let examined = examine(&knowledge, seconds, text);
        let Some(id) = examined.identifier().cloned() else {
            let answer = conclude(&knowledge, examined, &Evidence::default(), seconds);
            return Ok(self.only(answer.reasons, now));
        };
        let asked = id.to_string();
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let found = certificate::by_identifier(session, &asked)?;
            let grant = match examined.code.as_ref().map(|code| code.code_type) {
                Some(CodeType::Present { grant: number @ 1.., .. }) => Some(number),
                _ => None,
            };
            let withdrawn = match (&found, grant) {
                (Some(one), Some(number)) => is_withdrawn(session, &one.id, number, (sight.as_of, now))?,
                _ => false,
            };
            let looked = found.map(|one| self.look(session, one, Some(&asked), sight, now)).transpose()?;
            Ok(looked.map(|looked| (looked, withdrawn)))
        })?;
        let used = sight.as_of.is_none() && self.used_before(&examined, text, actor, now)?;
        let evidence = |said| {
            let register = Register { source: self.source(), known_at: seconds, said };
            Evidence { register: Some(register), used }
        };
        Ok(match found {
            Some((Looked { answer, standing, sheet }, withdrawn)) => {
                let said = Said::Found { standing, sheet, withdrawn };
                let judged = conclude(&knowledge, examined, &evidence(said), seconds);
                VerifyAnswer { verdict: judged.verdict, reasons: judged.reasons, ..answer }
            }
            None if self.is_ours(&id) => {
                self.only(conclude(&knowledge, examined, &evidence(Said::Missing), seconds).reasons, now)
            }
            // Others may know: they are asked after the register, and packs last ([`crate::pack::Packs`]).
            None => {
                let mut reasons = examined.reasons;
                reasons.push(self.unknown(&id, &asked));
                self.only(reasons, now)
            }
        })
    }

    fn is_ours(&self, id: &CertificateId) -> bool {
        // No issuer is the ministry's own: its area is empty.
        !self.area.is_empty() && id.issuer().area().to_string().starts_with(&self.area)
    }

    /// Was this shown code checked by somebody else within its life? The check is noted.
    fn used_before(
        &self,
        examined: &Examined,
        text: &str,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, NodeError> {
        let present =
            examined.code.as_ref().is_some_and(|code| matches!(code.code_type, CodeType::Present { .. }));
        if !present {
            return Ok(false);
        }
        // The client is a whole system; its officers are told apart by their numbers.
        let person = actor.staff_no.as_deref().or(actor.operator.as_deref()).unwrap_or_default();
        let checker = format!("{}/{}/{person}", actor.client, actor.unit.as_deref().unwrap_or_default());
        Ok(matches!(self.share_use(text, &checker, now)?, CodeUse::Other { .. }))
    }

    fn by_blind(
        &self,
        blind: &str,
        what: &str,
        // What else is said where nothing was found.
        more: impl FnOnce(&mut Session) -> Result<Vec<Reason>, NodeError>,
        (sight, now): (Sight, i64),
    ) -> Result<Vec<VerifyAnswer>, NodeError> {
        self.store.read(|session| -> Result<_, NodeError> {
            let found = certificate::by_blind(session, blind, MOST)?;
            if found.is_empty() {
                let mut reasons = vec![Reason::new("NOT_FOUND", what)];
                reasons.extend(more(session)?);
                return Ok(vec![self.only(reasons, now)]);
            }
            let look = |one| Ok(self.look(session, one, None, sight, now)?.answer);
            found.into_iter().map(look).collect()
        })
    }

    fn by_file(&self, bytes: &[u8], sight: Sight, now: i64) -> Result<VerifyAnswer, NodeError> {
        let checked = self.verifier.verify(bytes, now / 1_000_000);
        // The register is asked, so that note would be wrong here.
        let mut reasons: Vec<Reason> =
            checked.reasons.into_iter().filter(|reason| reason.code != "STATUS_NOT_CHECKED").collect();
        let identifier = checked.facts.identifier;
        if identifier.is_empty() {
            return Ok(self.only(reasons, now));
        }
        let digest = hex(&gm::sm3::sm3(bytes));
        let files = self.store.read(|session| issue::files(session, &identifier))?;
        if !files.is_empty() {
            let same = files.iter().any(|file| file.sm3 == digest);
            // A 加注件 has more in it than the original; its seal says whether that is genuine.
            let annotated = reasons.iter().any(|reason| reason.code == "LATER_SIGNATURE");
            if same {
                reasons.push(Reason::new("FILE_REGISTERED", ""));
            } else if !annotated {
                reasons.push(Reason::new("FILE_NOT_REGISTERED", &identifier));
            }
        }
        self.by_identifier(&identifier, sight, now, reasons)
    }

    /// Looks at one certificate of the register.
    fn look(
        &self,
        session: &mut Session,
        one: Certificate,
        asked: Option<&str>,
        sight: Sight,
        now: i64,
    ) -> Result<Looked, NodeError> {
        let at = sight.as_of.unwrap_or(now);
        let state: State = match sight.as_of {
            None => parse(&one.state, "证照状态")?,
            Some(at) => crate::lifecycle::history_of(session, &self.personal, &one)?.as_recorded(at),
        };
        let today = day_of(at);
        let kind = self.data.catalogue.kind(&one.kind, today.date());
        let hints = certificate::hints(session, &one.id)?.into_iter().map(|(_, text)| text).collect();
        let standing = self.standing(&one, &state, today, hints);
        let mut reasons = weigh(&standing, asked, today.date());
        if one.version == 0 {
            reasons.push(Reason::new("NOT_CONVERTED", "纸质证件或 IC 卡"));
        }
        let (face, allows) = match (kind, certificate::record(session, &one.id)?) {
            (Some(kind), Some((sealed, _))) => {
                let record: model::Record =
                    parse(&self.personal.open(&certificate::record_place(&one.id), &sealed)?, "照面记录")?;
                let allows = self.allowed(kind, &record, &state.on(today), today);
                (self.face_of(kind, &record, sight.unmasked), allows)
            }
            _ => (Vec::new(), Vec::new()),
        };
        let causes = self.why_held(session, &one, &state, (today, sight.as_of.unwrap_or(i64::MAX)))?;
        let id = one.id.clone();
        let answer = VerifyAnswer {
            verdict: Verdict::from_reasons(&reasons),
            reasons,
            identifier: one.identifier,
            kind_name: kind.map(|kind| kind.name.clone()),
            kind: Some(one.kind),
            status: Some(self.rules.status_name(&state, today)),
            causes,
            state_seq: i64::try_from(state.state_seq).ok(),
            valid_from: standing.valid_from.clone(),
            valid_to: standing.valid_to.clone(),
            face,
            allows,
            source: self.source(),
            known_at: crate::keys::rfc3339(at / 1_000_000),
        };
        let newest = share::newest_sheet(session, &id)?;
        let sheet = newest.and_then(|newest| u16::try_from(newest.n).ok());
        Ok(Looked { answer, standing, sheet })
    }

    fn standing(&self, one: &Certificate, state: &State, today: LegalDate, hints: Vec<String>) -> Standing {
        let present = state.on(today);
        let forbids = |slug: &str| {
            // A hold that nobody knows forbids.
            self.rules.holds().iter().find(|rule| rule.slug == slug).is_none_or(|rule| rule.forbids_use)
        };
        let held = |hold: &::lifecycle::Hold| Held {
            name: self.rules.hold_name(hold).to_owned(),
            forbids: forbids(&hold.0),
        };
        let lost = present.entitlements.values().filter(|one| !one.is_live(today)).map(|one| {
            let why = if one.base == ::lifecycle::Base::Normal { "暂停" } else { one.base.name() };
            format!("类别 {} 已{why}", one.code)
        });
        Standing {
            identifier: one.identifier.clone().unwrap_or_default(),
            base: present.base.name().to_owned(),
            holds: present.holds.iter().map(held).collect(),
            valid_from: present.valid_from.map(|day| day.to_string()),
            valid_to: present.valid_to.map(|end| end.to_string()),
            annual_due: present.annual.due.map(|day| day.to_string()),
            lost: lost.collect(),
            hints,
            extended: self.extended(one, present.valid_to, today),
        }
    }

    /// The day to which a notice extends a validity that has ended, and the notice. Applied when it is checked: a notice that is
    /// loaded changes no file and no row.
    fn extended(
        &self,
        one: &Certificate,
        valid_to: Option<codes::Validity>,
        today: LegalDate,
    ) -> Option<(String, String)> {
        let Some(codes::Validity::Until(ended)) = valid_to else { return None };
        let notice = self.data.catalogue.extension(&one.kind, &one.area, ended, today.date())?;
        Some((notice.extended_to.to_string(), notice.notice.clone()))
    }

    /// What stands on the face of a record, masked or not.
    pub(crate) fn face_of(&self, kind: &Kind, record: &model::Record, unmasked: bool) -> Vec<FaceItem> {
        let holder = record.face.text("CZZTDM");
        let items = kind.items.iter().filter_map(|item| {
            let value = match record.face.get(&item.short)? {
                FaceValue::Text(text) => text.clone(),
                FaceValue::List(list) => list.join("、"),
                FaceValue::Rows(_) => return None,
            };
            let table = item.table.as_deref().and_then(|table| self.data.catalogue.tables.table(table));
            let named = match table {
                Some(table) => value
                    .split('、')
                    .map(|code| table.latest_name(code).map_or(code, |name| name))
                    .collect::<Vec<_>>()
                    .join("、"),
                None => value,
            };
            let value = match &item.mask {
                Some(way) if !unmasked => masked(way, &named),
                // A 从业资格证 is numbered with the holder's own number.
                None if !unmasked && Some(named.as_str()) == holder => masked("document", &named),
                _ => named,
            };
            Some(FaceItem { short: item.short.clone(), name: item.name.clone(), value })
        });
        items.collect()
    }

    fn only(&self, reasons: Vec<Reason>, now: i64) -> VerifyAnswer {
        VerifyAnswer::only(reasons, self.source(), crate::keys::rfc3339(now / 1_000_000))
    }

    pub(super) fn source(&self) -> String {
        let whose = if self.area.is_empty() { "部级节点" } else { "本省登记" };
        format!("{whose}（{}）", self.id)
    }
}
