//! The second factor: one-time codes of an authenticator app, recovery codes, a signed challenge.

use store::Session;
use store::rows::operator::{self as rows, OperatorRow};
use store::rows::session as sessions;
use zeroize::Zeroizing;

use super::totp::{self, SECRET};
use super::{challenge, unknown};
use crate::audit::{Act, Actor, append};
use crate::issue::journal::hex;
use crate::session::{Live, Stage};
use crate::{NodeError, Province};

/// Recovery codes that an enrolment gives.
const RECOVERY: usize = 10;
/// Steps before and after that are good too: clocks differ, people type.
const AROUND: i64 = 1;

/// What a person offers as second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof<'a> {
    /// Six digits of the app, or a recovery code.
    Code(&'a str),
    /// Base64 of a signature over the challenge.
    Signature(&'a str),
}

/// What an authenticator app takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolling {
    /// The secret in Base32, in groups of four, for typing.
    pub secret: String,
    /// The same as the app scans it.
    pub uri: String,
}

/// What came of an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enrolment {
    /// Enrolled; these recovery codes are shown once.
    Done(Vec<String>),
    /// Not the code of now.
    Wrong,
}

/// Has the account a second factor?
pub(super) fn is_enrolled(row: &OperatorRow) -> bool {
    !row.totp_sealed.is_empty() || !row.certificate.is_empty()
}

/// What a proof was found to be, before the transaction that uses it up.
#[derive(Clone)]
pub(super) struct Checked {
    totp_sealed: String,
    certificate: String,
    step: Option<i64>,
    recovery: Option<String>,
    signed: bool,
}

impl Checked {
    /// Uses the proof up; false if it is none. The account is locked by this transaction.
    pub fn apply(&self, session: &mut Session, row: &mut OperatorRow) -> Result<bool, NodeError> {
        if let Some(step) = self.step {
            // Of the secret that stands there, and never twice.
            if row.totp_sealed == self.totp_sealed && step > row.totp_step {
                row.totp_step = step;
                return Ok(true);
            }
        }
        if self.signed && row.certificate == self.certificate {
            return Ok(true);
        }
        match &self.recovery {
            Some(digest) => Ok(rows::take_recovery(session, &row.name, digest)?),
            None => Ok(false),
        }
    }
}

impl Province {
    pub(super) fn check_proof(
        &self,
        row: &OperatorRow,
        challenge: &str,
        proof: Proof<'_>,
        now: i64,
    ) -> Result<Checked, NodeError> {
        let mut checked = Checked {
            totp_sealed: row.totp_sealed.clone(),
            certificate: row.certificate.clone(),
            step: None,
            recovery: None,
            signed: false,
        };
        match proof {
            Proof::Signature(text) => {
                checked.signed = challenge::is_signed(&row.certificate, challenge, text, now);
            }
            Proof::Code(text) => {
                let code: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
                if code.len() == 6 && !row.totp_sealed.is_empty() {
                    let sealed = self.personal.open(&OperatorRow::totp_place(&row.name), &row.totp_sealed)?;
                    let secret = Zeroizing::new(totp::from_base32(&sealed).unwrap_or_default());
                    checked.step = matching_step(&secret, &code, now);
                } else if !code.is_empty() {
                    checked.recovery = Some(self.recovery_digest(&row.name, &code));
                }
            }
        }
        Ok(checked)
    }

    fn recovery_digest(&self, account: &str, code: &str) -> String {
        let text = format!("{account}/{}", code.to_ascii_uppercase());
        hex(&self.personal.mac("operator.recovery", &text)[..])
    }

    /// What the enrolment page shows. It is the same for this session until the enrolment is finished.
    ///
    /// # Errors
    /// A holder; a database that cannot be read.
    pub fn operator_enrol_begin(&self, live: &Live) -> Result<Enrolling, NodeError> {
        let (row, secret) = self.enrolling(live)?;
        let text = totp::base32(&secret[..]);
        // The label shows in the app; it is an account name and the node's id, plain letters and digits.
        let uri = format!(
            "otpauth://totp/luzheng-{}:{}?secret={text}&issuer=luzheng-{}",
            self.id, row.name, self.id
        );
        let groups: Vec<&str> =
            (0..text.len()).step_by(4).map(|from| &text[from..(from + 4).min(text.len())]).collect();
        Ok(Enrolling { secret: groups.join(" "), uri })
    }

    /// Enrols the app whose code this is, and gives recovery codes. The session has its second factor then.
    ///
    /// # Errors
    /// As [`Province::operator_enrol_begin`]; a database that cannot be written.
    pub fn operator_enrol_finish(&self, live: &Live, code: &str, now: i64) -> Result<Enrolment, NodeError> {
        // Whoever has a factor proves it before another one takes its place.
        if matches!(live.stage, Stage::Factor | Stage::Enable) {
            return Err(NodeError::refused("还没有完成登录", "请先输入动态口令或启用码"));
        }
        let (read, secret) = self.enrolling(live)?;
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let Some(step) = matching_step(&secret[..], &code, now) else { return Ok(Enrolment::Wrong) };
        let codes: Vec<String> = (0..RECOVERY).map(|_| self.recovery_code()).collect();
        let plain = |code: &String| self.recovery_digest(&read.name, &code.replace('-', ""));
        let digests: Vec<String> = codes.iter().map(plain).collect();
        let sealed = self.personal.seal(&OperatorRow::totp_place(&read.name), &totp::base32(&secret[..]));
        let act = own_act("operator.enrol", live.actor(), now);
        let (row_id, id) = (self.new_id(now), live.id.clone());
        self.store.write(move |session| {
            let mut row = rows::lock(session, &read.name)?.ok_or_else(|| unknown(&read.name))?;
            if row.updated_at != read.updated_at {
                return Err(NodeError::refused("账号刚刚有变动", "请重新打开本页"));
            }
            (row.totp_sealed, row.totp_step, row.updated_at) = (sealed.clone(), step, now);
            (row.failures, row.signed_in_at) = (0, now);
            rows::update(session, &row)?;
            rows::set_recovery(session, &row.name, &digests)?;
            sessions::freshen(session, &id, true, now)?;
            append(session, row_id.clone(), std::slice::from_ref(&act))?;
            Ok(Enrolment::Done(codes.clone()))
        })
    }

    /// Enrols a secret that is already known: for a demo, whose sign-ins are printed, and for tests. A person enrols on the own page.
    ///
    /// # Errors
    /// No such account; a database that cannot be written.
    pub fn operator_enrol_totp(
        &self,
        name: &str,
        secret: &[u8; SECRET],
        by: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let sealed = self.personal.seal(&OperatorRow::totp_place(name), &totp::base32(secret));
        let mut act = own_act("operator.enrol", by.clone(), now);
        act.detail.insert("account".into(), name.to_owned());
        let (id, name) = (self.new_id(now), name.to_owned());
        self.store.write(move |session| {
            let mut row = rows::lock(session, &name)?.ok_or_else(|| unknown(&name))?;
            (row.totp_sealed, row.totp_step, row.updated_at) = (sealed.clone(), 0, now);
            rows::update(session, &row)?;
            Ok(append(session, id.clone(), std::slice::from_ref(&act))?)
        })
    }

    /// How many recovery codes an account has left.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn operator_recovery_left(&self, name: &str) -> Result<i64, NodeError> {
        Ok(self.store.read(|session| rows::recovery_left(session, name))?)
    }

    /// The account of a session and the secret that its enrolment would give it: made from the session, so that nothing is stored
    /// before the person has shown that the app has it.
    fn enrolling(&self, live: &Live) -> Result<(OperatorRow, Zeroizing<[u8; SECRET]>), NodeError> {
        let name = live.subject.strip_prefix("operator:").unwrap_or_default();
        let row = self.store.read(|session| rows::get(session, name))?.ok_or_else(|| unknown(name))?;
        let mac = self.personal.mac("operator.totp", &format!("{}/{name}/{}", live.id, row.updated_at));
        let mut secret = Zeroizing::new([0; SECRET]);
        secret.copy_from_slice(&mac[..SECRET]);
        Ok((row, secret))
    }

    /// Ten letters and digits of Base32: 50 random bits.
    pub(super) fn recovery_code(&self) -> String {
        let mut bytes = Zeroizing::new([0; 7]);
        (self.chance)(&mut bytes[..]);
        let text = totp::base32(&bytes[..]);
        format!("{}-{}", &text[..5], &text[5..10])
    }
}

/// The step near now whose code this is; all of them are computed, so that the time tells nothing.
fn matching_step(secret: &[u8], code: &str, now: i64) -> Option<i64> {
    let middle = totp::step_of(now);
    (middle - AROUND..=middle + AROUND).fold(None, |found, step| {
        let right = totp::code_of(secret, step);
        let differ = right.bytes().zip(code.bytes()).fold(0, |all, (one, other)| all | (one ^ other));
        let same = differ == 0 && right.len() == code.len();
        if same { Some(step) } else { found }
    })
}

/// An act of a person on the own account.
pub(super) fn own_act(act: &str, actor: Actor, now: i64) -> Act {
    Act { act: act.into(), at: now, actor, outcome: "done".into(), ..Act::default() }
}
