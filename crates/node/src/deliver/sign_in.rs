//! Sign-in by name, document number and a one-time code to the phone on record.
//!
//! No code is stored: it is six digits of an HMAC-SM3 over the request's id, under a key of the node, made again when it is sent and
//! when it is compared. Whether there is such a person shows in no answer and in no row count: a request for nobody goes the same way
//! and writes the same rows, only that its message goes to nobody.

use store::PersonalKeys;
use store::rows::deliver::{self, Asked, CodeRow, MessageRow};
use zeroize::Zeroizing;

use super::holder::{is_on_record, subject_of};
use super::{HolderSubject, VerifiedClaims};
use crate::audit::{self, Act, Actor};
use crate::issue::journal::hex;
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
/// A code's life.
pub(super) const LIFE: i64 = 300 * SECOND;
/// Tries a code.
const TRIES: u32 = 5;
/// Between two codes of one holder.
const PAUSE: i64 = 60 * SECOND;
/// At most so many codes within so long, for one holder and from one address. Many drivers share one address of a mobile network.
const HOLDER_LIMITS: [(usize, i64); 2] = [(5, HOUR), (10, 24 * HOUR)];
const ADDRESS_LIMITS: [(usize, i64); 2] = [(60, HOUR), (300, 24 * HOUR)];
/// Requests are forgotten after this: the longest limit, and a day for whoever asks what happened.
pub(super) const KEPT: i64 = 48 * HOUR;

/// Who wants to sign in, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRequest {
    /// Name of the person or company as on the document.
    pub name: String,
    /// Document number or USCC.
    pub number: String,
    /// Address of the browser, as the web layer sees it; for the rate limit. Stored as a keyed digest only.
    pub address: String,
}

/// What is said to whoever asks for a code: the same whether or not there is such a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInStarted {
    /// A code was sent if name and number are on record with a phone.
    Sent {
        /// Names this attempt; the browser hands it back with the code.
        challenge: String,
        /// The code's end, microseconds UTC.
        expires_at: i64,
    },
    /// Too often; by holder or by address.
    TooMany {
        /// When to try again, microseconds UTC.
        retry_at: i64,
        /// Chinese sentence with the fix.
        text: String,
    },
}

/// What came of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInFinished {
    /// Signed in.
    In(Box<HolderSubject>),
    /// Not the code; so many tries are left.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// Over: too old, used, out of tries, or never sent. A new code is needed.
    Over,
}

impl Province {
    /// Asks for a one-time code. The code's row is durable before it is sent; the answer is the same whether or not the person exists.
    ///
    /// # Errors
    /// Blank name or number; a database that cannot be written.
    pub fn sign_in_start(&self, request: &SignInRequest, now: i64) -> Result<SignInStarted, NodeError> {
        check(&request.name, &request.number)?;
        let subject = subject_of(&self.personal, (&request.name, &request.number), "code", now);
        let row = CodeRow {
            id: self.new_id(now),
            holder: subject.holder.clone(),
            subject: json(&subject)?,
            known: false,
            address: hex(&self.personal.mac("address", &request.address)[..8]),
            created_at: now,
            expires_at: now.saturating_add(LIFE),
        };
        let (message, entry) = (self.new_id(now), self.new_id(now));
        self.store.write(move |session| {
            let asked = deliver::asked(session, (&row.holder, &row.address), now - 24 * HOUR, 300)?;
            if let Some(retry_at) = too_often(&asked, now) {
                let text =
                    "获取验证码过于频繁，请稍后再试；收不到验证码的，请到窗口核对登记的手机号码".to_owned();
                return Ok(SignInStarted::TooMany { retry_at, text });
            }
            let known = is_on_record(session, &subject)?;
            deliver::insert_code(session, &CodeRow { known, ..row.clone() })?;
            let state = if known { "pending" } else { "none" };
            deliver::insert_message(session, &code_message(&message, &row, state))?;
            let act = act("deliver.sign_in_start", &subject, if known { "sent" } else { "unknown" }, now);
            audit::append(session, entry.clone(), &[act])?;
            Ok(SignInStarted::Sent { challenge: row.id.clone(), expires_at: row.expires_at })
        })
    }

    /// Hands in the code: 6 digits, 5 minutes, 5 tries.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn sign_in_finish(&self, challenge: &str, code: &str, now: i64) -> Result<SignInFinished, NodeError> {
        // Compared as digests under a key, all bytes of them: how long it takes tells nothing of the code.
        let given = self.personal.mac("code compare", code.trim());
        let right = self.personal.mac("code compare", &one_time_code(&self.personal, challenge));
        let same = given.iter().zip(right.iter()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0;
        let (challenge, entry) = (challenge.to_owned(), self.new_id(now));
        self.store.write(move |session| {
            // Counted before it is looked at, in one statement: parallel guesses are guesses too.
            let Some((tries, row)) = deliver::take_try(session, &challenge, TRIES, now)? else {
                return Ok(SignInFinished::Over);
            };
            let mut subject: HolderSubject = parse(&row.subject, "登录请求")?;
            subject.at = now;
            let is_in = same && row.known;
            let outcome = if is_in { "in" } else { "wrong" };
            audit::append(session, entry.clone(), &[act("deliver.sign_in", &subject, outcome, now)])?;
            if !is_in {
                return Ok(match TRIES - tries.min(TRIES) {
                    0 => SignInFinished::Over,
                    left => SignInFinished::Wrong { left },
                });
            }
            deliver::use_code(session, &challenge)?;
            Ok(SignInFinished::In(Box::new(subject)))
        })
    }

    /// Signs in whom a provider vouches for (OpenID Connect). The person need not hold a certificate.
    ///
    /// # Errors
    /// Claims without name or number; a database that cannot be written.
    pub fn sign_in_by(
        &self,
        provider: &str,
        claims: &VerifiedClaims,
        now: i64,
    ) -> Result<HolderSubject, NodeError> {
        check(&claims.name, &claims.number)?;
        let subject = subject_of(&self.personal, (&claims.name, &claims.number), provider, now);
        let mut act = act("deliver.sign_in", &subject, "in", now);
        act.detail.insert("assurance".into(), claims.assurance.clone());
        let entry = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(subject)
    }
}

fn check(name: &str, number: &str) -> Result<(), NodeError> {
    // Longer than any name or number: not worth a digest.
    let fits = |text: &str| !text.trim().is_empty() && text.len() <= 512;
    if fits(name) && fits(number) {
        return Ok(());
    }
    Err(NodeError::refused("姓名（单位名称）或证件号码没有填写", "请按证件上的文字填写"))
}

/// The code of a request: nobody without the node's key can tell it from the id that the browser has.
pub(super) fn one_time_code(personal: &PersonalKeys, challenge: &str) -> Zeroizing<String> {
    let digest = personal.mac("one-time code", challenge);
    let mut wide = [0; 8];
    wide.copy_from_slice(&digest[..8]);
    Zeroizing::new(format!("{:06}", u64::from_be_bytes(wide) % 1_000_000))
}

/// When to come back, if this is too often.
fn too_often(asked: &Asked, now: i64) -> Option<i64> {
    let pause = asked.holder.first().map(|last| last + PAUSE).filter(|next| *next > now);
    let limits = [(&asked.holder, HOLDER_LIMITS), (&asked.address, ADDRESS_LIMITS)];
    let full = limits.iter().flat_map(|(times, limits)| {
        // The n-th last one has to leave the window before there is room again.
        limits.iter().filter_map(|(most, window)| times.get(most - 1).map(|time| time + window))
    });
    full.chain(pause).filter(|next| *next > now).max()
}

fn code_message(id: &str, row: &CodeRow, state: &str) -> MessageRow {
    MessageRow {
        id: id.to_owned(),
        holder: row.holder.clone(),
        what: "code".into(),
        about: Some(row.id.clone()),
        state: state.to_owned(),
        run_at: row.created_at,
        created_at: row.created_at,
        expires_at: Some(row.expires_at),
        ..MessageRow::default()
    }
}

fn act(name: &str, subject: &HolderSubject, outcome: &str, now: i64) -> Act {
    let mut act = Act {
        act: name.into(),
        at: now,
        // Nobody is signed in yet: the holder is whom it is about.
        actor: Actor { client: "holder".into(), ..Actor::default() },
        outcome: outcome.into(),
        ..Act::default()
    };
    act.detail.insert("holder".into(), subject.holder.clone());
    act.detail.insert("via".into(), subject.via.clone());
    act
}

/// A one-time code that was asked for and may still be used: for the message that carries it.
pub(super) fn is_over(row: &MessageRow, now: i64) -> bool {
    row.expires_at.is_some_and(|end| end <= now)
}
