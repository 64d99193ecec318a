//! Activations that were made in the ministry's mini-program, as they come in.

use ::lifecycle::Message;
use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::certificate::{self, Certificate};
use store::rows::deliver::{self, ActivationRow};

use super::activate::{self, activate, holder_of, say};
use crate::audit::{self, Act, Actor};
use crate::issue::journal::hex;
use crate::keys::rfc3339;
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

/// One activation elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationItem {
    /// The sender's own id of the item; the same id with the same content is one.
    pub id: String,
    /// 证照标识 of any version.
    pub identifier: String,
    /// RFC 3339.
    pub activated_at: String,
    /// Where (`mini-program`): small letters, digits, hyphens.
    pub channel: String,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActivationResult {
    /// The certificate is activated by it.
    Applied,
    /// The certificate was activated before; the earlier one stays.
    Already,
    /// The same id with other content: nothing changes.
    Conflict,
    /// No such certificate; may be sent again.
    Unknown,
    /// It cannot be read, or lies in the future; may be sent again, mended.
    Refused,
}

/// The answer to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivationAnswer {
    /// The sender's id.
    pub id: String,
    /// What became of it.
    pub result: ActivationResult,
    /// This item was answered before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Activated since, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<String>,
    /// Why not, with the fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Message>,
}

/// Another's clock may be ahead by this.
const AHEAD: i64 = 5 * 60 * 1_000_000;

/// An item that was read, with what is looked up before the transaction.
#[derive(Clone)]
struct Ready {
    item: ActivationItem,
    digest: String,
    at: i64,
    certificate: Certificate,
    holder: String,
    name: String,
}

impl Province {
    /// Where an item's certificate lies: area and kind, for the caller's rights.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn deliver_feed_about(
        &self,
        item: &ActivationItem,
    ) -> Result<Option<crate::lifecycle::Located>, NodeError> {
        let found = self.store.read(|session| certificate::by_identifier(session, &item.identifier))?;
        Ok(found.map(|one| crate::lifecycle::Located { id: one.id, area: one.area, kind: one.kind }))
    }

    /// Takes in activations of a source, one answer each in the same order. What is applied, already and conflict is durable when it
    /// returns.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn deliver_feed(
        &self,
        source: &str,
        items: &[ActivationItem],
        actor: &Actor,
        now: i64,
    ) -> Result<Vec<ActivationAnswer>, NodeError> {
        let ready: Result<Vec<Result<Ready, ActivationAnswer>>, NodeError> =
            items.iter().map(|item| self.ready(item, now)).collect();
        let (ready, entry) = (ready?, self.new_id(now));
        let (source, actor) = (source.to_owned(), actor.clone());
        self.store.write(move |session| {
            let (mut answers, mut acts) = (Vec::with_capacity(ready.len()), Vec::new());
            for one in &ready {
                answers.push(match one {
                    Ok(one) => take(session, (&source, &actor), one, now, &mut acts)?,
                    Err(answer) => answer.clone(),
                });
            }
            audit::append(session, entry.clone(), &acts)?;
            Ok(answers)
        })
    }

    fn ready(&self, item: &ActivationItem, now: i64) -> Result<Result<Ready, ActivationAnswer>, NodeError> {
        let at = match read(item, now) {
            Ok(at) => at,
            Err(why) => return Ok(Err(answer(item, ActivationResult::Refused, None, Some(why)))),
        };
        self.store.read(|session| {
            let Some(certificate) = certificate::by_identifier(session, &item.identifier)? else {
                let why = say("NOT_FOUND", "本系统没有该标识的证照", "请核对证照标识；刚签发的请稍后再报");
                return Ok(Err(answer(item, ActivationResult::Unknown, None, Some(why))));
            };
            let (holder, name) = holder_of(session, &self.personal, &certificate.id)?;
            let digest = hex(&gm::sm3::sm3(json(item)?.as_bytes()));
            Ok(Ok(Ready { item: item.clone(), digest, at, certificate, holder, name }))
        })
    }
}

/// One item in the transaction of its batch.
fn take(
    session: &mut Session,
    (source, actor): (&str, &Actor),
    one: &Ready,
    now: i64,
    acts: &mut Vec<Act>,
) -> Result<ActivationAnswer, NodeError> {
    let Ready { item, digest, at, certificate, holder, name } = one;
    if let Some((known, stored)) = deliver::fed(session, source, &item.id)? {
        if known == *digest {
            let stored: ActivationAnswer = parse(&stored, "激活答复")?;
            return Ok(ActivationAnswer { repeated: true, ..stored });
        }
        let why = say("CONFLICT", "该编号报送过另一内容", "请核对编号；不同的激活请用不同的编号");
        return Ok(answer(item, ActivationResult::Conflict, None, Some(why)));
    }
    let by = ActivationRow {
        certificate_id: certificate.id.clone(),
        holder: holder.clone(),
        name: name.clone(),
        activated_at: *at,
        channel: item.channel.clone(),
        recorded_at: now,
    };
    // It has happened, even if the certificate has ended since.
    let activated = activate(session, certificate, &by, false)?;
    let result = match &activated {
        activate::Activated { why: Some(_), .. } => ActivationResult::Refused,
        activate::Activated { already: true, .. } => ActivationResult::Already,
        _ => ActivationResult::Applied,
    };
    let mut act = activate::act("deliver.feed", certificate, &activated, &by, actor);
    act.detail.insert("source".into(), source.to_owned());
    act.detail.insert("item".into(), item.id.clone());
    acts.push(act);
    let answer = answer(item, result, activated.at, activated.why);
    if result != ActivationResult::Refused {
        deliver::insert_fed(session, (source, &item.id), (digest, &json(&answer)?), now)?;
    }
    Ok(answer)
}

fn read(item: &ActivationItem, now: i64) -> Result<i64, Message> {
    let unfit = |what: &str, fix: &str| say("FORMAT", what, fix);
    if item.id.is_empty() || item.id.chars().count() > 64 {
        return Err(unfit("编号应为 1 至 64 个字符", "请填写报送方系统中该项的唯一编号"));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=32).contains(&item.channel.len()) || !item.channel.bytes().all(plain) {
        return Err(unfit("渠道应为 1 至 32 个小写字母、数字或连字符", "例如 mini-program"));
    }
    let at = item
        .activated_at
        .parse::<jiff::Timestamp>()
        .map_err(|_| unfit("激活时间不是时间", "请按 2026-11-22T09:30:00+08:00 的格式填写"))?;
    if at.as_microsecond() > now.saturating_add(AHEAD) {
        return Err(say("FUTURE", "激活时间晚于本系统时间", "请核对报送方的时钟"));
    }
    Ok(at.as_microsecond().min(now))
}

fn answer(
    item: &ActivationItem,
    result: ActivationResult,
    at: Option<i64>,
    why: Option<Message>,
) -> ActivationAnswer {
    let activated_at = at.map(|at| rfc3339(at.div_euclid(1_000_000)));
    ActivationAnswer { id: item.id.clone(), result, repeated: false, activated_at, why }
}
