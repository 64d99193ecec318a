//! Sign-in of an operator: the password, the lock after failures, and the same answer for every refusal.

use store::rows::operator as rows;

use super::{ACTIVE, password, subject};
use crate::audit::{Act, Actor, append};
use crate::session::Begun;
use crate::{NodeError, Province};

/// Wrong passwords that lock an account.
const FAILURES: i64 = 5;
/// For so long, microseconds.
const LOCK: i64 = 15 * 60 * 1_000_000;

/// Nobody's password, in the usual form: an unknown account takes as long as a known one.
const NOBODY: &str =
    "argon2id:m=19456,t=2,p=1:AAAAAAAAAAAAAAAAAAAAAA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Who signs in, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// Account name.
    pub account: &'a str,
    /// Password.
    pub password: &'a str,
    /// Browser, in a few words.
    pub device: &'a str,
}

/// How a sign-in ended.
pub enum SignIn {
    /// A session has begun.
    Done(Begun),
    /// Account or password is wrong, or the account is disabled; which of them is not said.
    Refused,
    /// Locked until then, microseconds UTC.
    Locked(i64),
}

impl Province {
    /// Signs an operator in. Every try is in the audit log.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn operator_sign_in(&self, who: Who<'_>, now: i64) -> Result<SignIn, NodeError> {
        let account = who.account.trim().to_owned();
        let found = self.store.read(|session| rows::get(session, &account))?;
        // Computed outside the transaction, for it takes tens of milliseconds; a locked account costs the same.
        let right = password::fits(who.password, found.as_ref().map_or(NOBODY, |row| &row.password));
        let read = found.as_ref().map(|row| row.password.clone());
        let begin = self.begin_row(&subject(&account), who.device, now);
        let id = self.new_id(now);
        let known = found.is_some();
        let act = move |outcome: &str| Act {
            act: "session.sign_in".into(),
            at: now,
            // An unknown name may be a password that was typed in the wrong field.
            actor: Actor {
                client: "web".into(),
                operator: known.then(|| account.clone()),
                ..Actor::default()
            },
            outcome: outcome.into(),
            ..Act::default()
        };
        let name = found.map(|row| row.name).unwrap_or_default();
        let role_rule = super::Rights::builtin()?;
        self.store.write(move |session| -> Result<SignIn, NodeError> {
            let row = rows::lock(session, &name)?;
            let (answer, outcome) = match row {
                Some(row) if row.locked_until > now => (SignIn::Locked(row.locked_until), "locked"),
                // The password that was compared is the one that stands there.
                Some(row) if right && row.state == ACTIVE && read.as_ref() == Some(&row.password) => {
                    rows::set_failures(session, &name, 0, 0)?;
                    match role_rule.role(&row.role) {
                        Some(rule) => (SignIn::Done(begin.insert(session, rule, "")?), "done"),
                        None => (SignIn::Refused, "refused"),
                    }
                }
                Some(row) => {
                    let failures = row.failures + 1;
                    let until = if failures >= FAILURES { now + LOCK } else { 0 };
                    let kept = if until == 0 { failures } else { 0 };
                    rows::set_failures(session, &name, kept, until)?;
                    if until == 0 { (SignIn::Refused, "refused") } else { (SignIn::Locked(until), "locked") }
                }
                None => (SignIn::Refused, "refused"),
            };
            append(session, id.clone(), &[act(outcome)])?;
            Ok(answer)
        })
    }
}
