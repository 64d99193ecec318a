//! Sign-in of an operator: password, second factor, the lock after failures, and the same answer for every refusal.

use store::rows::operator::{self as rows, OperatorRow};
use store::rows::session as sessions;

use super::factor::{Checked, is_enrolled, own_act};
use super::{AccountState, Factors, Proof, RoleRule, SignInPolicy, password, subject};
use crate::audit::{Act, Actor, append};
use crate::issue::journal::hex;
use crate::session::{Begun, Live, Stage};
use crate::{NodeError, Province};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Wrong passwords or codes that lock an account.
const FAILURES: i64 = 5;
/// For so long, microseconds.
const LOCK: i64 = 15 * MINUTE;
/// Failures from one address within [`LOCK`] after which it has to wait: a whole office may stand behind one.
const ADDRESS: i64 = 30;

/// Who signs in, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// Account name.
    pub account: &'a str,
    /// Password.
    pub password: &'a str,
    /// Browser, in a few words.
    pub device: &'a str,
    /// Address, as far as it is known; stored as a keyed digest only.
    pub address: &'a str,
}

/// How a sign-in ended.
pub enum SignIn {
    /// A session has begun; its stage says what is still to be done.
    Done(Begun),
    /// Account or password is wrong, or the account is disabled; which of them is not said.
    Refused,
    /// The password is right, but 安全管理员 has not granted anything yet.
    Waiting,
    /// Locked until then, microseconds UTC. Whoever signs in is told no more than by [`SignIn::Refused`].
    Locked(i64),
    /// Too many failures from this address; again at that time.
    TooMany(i64),
}

/// How a second factor, a password given again or a change of it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Right.
    Done,
    /// Wrong; it counts.
    Wrong,
    /// Locked until then, microseconds UTC; the session has ended.
    Locked(i64),
}

/// A wrong password or code; until when the account is locked, if it is now.
pub(super) fn count_failure(row: &mut OperatorRow, now: i64) -> Option<i64> {
    row.failures += 1;
    if row.failures < FAILURES {
        return None;
    }
    (row.failures, row.locked_until) = (0, now + LOCK);
    Some(row.locked_until)
}

/// What a session has shown besides the password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// The second factor.
    pub factor: bool,
    /// The code of the first sign-in.
    pub code: bool,
}

/// What a session of this account still lacks.
pub(crate) fn stage_of(
    row: &OperatorRow,
    rule: &RoleRule,
    given: Given,
    policy: SignInPolicy,
    now: i64,
) -> Stage {
    let days = i64::from(policy.password_days);
    let is_old = days > 0 && now - row.changed_at > days * DAY;
    match is_enrolled(row) {
        true if !given.factor => Stage::Factor,
        // Whoever made the password is not the person yet.
        false if row.must_change && !given.code => Stage::Enable,
        false if rule.factor == Factors::Two && policy.second_factor => Stage::Enrol,
        _ if row.must_change || is_old => Stage::Password,
        _ => Stage::Full,
    }
}

impl Province {
    /// Signs an operator in. Every try is in the audit log.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn operator_sign_in(&self, who: Who<'_>, now: i64) -> Result<SignIn, NodeError> {
        let account = who.account.trim().to_owned();
        let address = hex(&self.personal.mac("address", who.address)[..8]);
        let (found, tries) = self.store.read(|session| -> Result<_, NodeError> {
            Ok((rows::get(session, &account)?, rows::tries(session, &address, now - LOCK)?))
        })?;
        if tries >= ADDRESS && !who.address.is_empty() {
            return Ok(SignIn::TooMany(now + LOCK));
        }
        // Computed outside the transaction, for it takes tens of milliseconds; a locked account costs the same.
        let scheme = self.sign_in.scheme;
        let stored = found.as_ref().map_or(password::nobody(scheme), |row| row.password.as_str());
        let right = password::fits(who.password, stored);
        // A password that is stored in another way than the node wants is stored anew, now that it is known.
        let anew = (right && !password::is_of(scheme, stored))
            .then(|| password::digest(who.password, self.salt(), scheme))
            .transpose()?;
        let read = found.as_ref().map(|row| row.password.clone());
        let begin = self.begin_row(&subject(&account), who.device, now);
        let (id, try_id) = (self.new_id(now), self.new_id(now));
        let known = found.is_some();
        let act = move |outcome: &str| Act {
            // An unknown name may be a password that was typed in the wrong field.
            actor: Actor {
                client: "web".into(),
                operator: known.then(|| account.clone()),
                ..Actor::default()
            },
            outcome: outcome.into(),
            ..own_act("session.sign_in", Actor::default(), now)
        };
        let name = found.map(|row| row.name).unwrap_or_default();
        let (rights, policy) = (super::Rights::builtin()?, self.sign_in);
        self.store.write(move |session| -> Result<SignIn, NodeError> {
            let row = rows::lock(session, &name)?;
            let (answer, outcome) = match row {
                Some(row) if row.locked_until > now => {
                    rows::note_try(session, &try_id, &address, now, now - 4 * LOCK)?;
                    (SignIn::Locked(row.locked_until), "locked")
                }
                // The password that was compared is the one that stands there.
                Some(row)
                    if right
                        && read.as_ref() == Some(&row.password)
                        && row.state == AccountState::Waiting.name() =>
                {
                    (SignIn::Waiting, "waiting")
                }
                Some(mut row)
                    if right
                        && read.as_ref() == Some(&row.password)
                        && row.state == AccountState::Active.name() =>
                {
                    if let Some(anew) = &anew {
                        row.password.clone_from(anew);
                    }
                    match rights.role(&row.role) {
                        Some(rule) => {
                            let stage = stage_of(&row, rule, Given::default(), policy, now);
                            // Whoever guesses codes must not be forgiven them by the password.
                            if !matches!(stage, Stage::Factor | Stage::Enable) {
                                (row.failures, row.locked_until, row.signed_in_at) = (0, 0, now);
                            }
                            rows::update(session, &row)?;
                            (SignIn::Done(begin.insert(session, rule, "", stage)?), "done")
                        }
                        None => (SignIn::Refused, "refused"),
                    }
                }
                Some(mut row) => {
                    let locked = count_failure(&mut row, now);
                    rows::update(session, &row)?;
                    rows::note_try(session, &try_id, &address, now, now - 4 * LOCK)?;
                    locked.map_or((SignIn::Refused, "refused"), |until| (SignIn::Locked(until), "locked"))
                }
                None => {
                    rows::note_try(session, &try_id, &address, now, now - 4 * LOCK)?;
                    (SignIn::Refused, "refused")
                }
            };
            append(session, id.clone(), &[act(outcome)])?;
            Ok(answer)
        })
    }

    /// Hands in the second factor of a sign-in whose password was right.
    ///
    /// # Errors
    /// A session that does not wait for it; a database that cannot be written.
    pub fn operator_factor(&self, live: &Live, proof: Proof<'_>, now: i64) -> Result<Again, NodeError> {
        if live.stage != Stage::Factor {
            return Err(NodeError::refused("本次登录不需要动态口令", "请返回首页"));
        }
        self.prove(live, "session.factor", None, Some(proof), now)
    }

    /// Password and (where there is one) second factor once more, before a dangerous act.
    ///
    /// # Errors
    /// A holder's session; a database that cannot be written.
    pub fn operator_again(
        &self,
        live: &Live,
        password: &str,
        proof: Option<Proof<'_>>,
        now: i64,
    ) -> Result<Again, NodeError> {
        // A right password forgives no wrong codes before the sign-in is finished.
        if live.stage != Stage::Full {
            return Err(NodeError::refused("还没有完成登录", "请先完成登录"));
        }
        self.prove(live, "session.again", Some(password), proof, now)
    }

    fn prove(
        &self,
        live: &Live,
        act: &str,
        password: Option<&str>,
        proof: Option<Proof<'_>>,
        now: i64,
    ) -> Result<Again, NodeError> {
        let name = live.subject.strip_prefix("operator:").unwrap_or_default().to_owned();
        let read = self.store.read(|session| rows::get(session, &name))?;
        let read = read.ok_or_else(|| super::unknown(&name))?;
        let right = password.is_none_or(|given| password::fits(given, &read.password));
        let challenge = self.operator_challenge(live);
        let checked: Option<Checked> =
            proof.map(|proof| self.check_proof(&read, &challenge, proof, now)).transpose()?;
        let act = own_act(act, live.actor(), now);
        let (row_id, id, subject) = (self.new_id(now), live.id.clone(), live.subject.clone());
        self.store.write(move |session| -> Result<Again, NodeError> {
            let mut row = rows::lock(session, &name)?.ok_or_else(|| super::unknown(&name))?;
            let mut act = act.clone();
            let mut is_right = right && row.password == read.password && row.locked_until <= now;
            // A code is used up only where the password was right.
            if is_right && is_enrolled(&row) {
                is_right = match &checked {
                    Some(checked) => checked.apply(session, &mut row)?,
                    None => false,
                };
            }
            let answer = if is_right {
                (row.failures, row.locked_until, row.signed_in_at) = (0, 0, now);
                sessions::freshen(session, &id, is_enrolled(&row), now)?;
                Again::Done
            } else {
                act.outcome = "refused".into();
                let locked = Some(row.locked_until).filter(|until| *until > now);
                match locked.or_else(|| count_failure(&mut row, now)) {
                    Some(until) => {
                        act.outcome = "locked".into();
                        sessions::end(session, &subject, &id, now)?;
                        Again::Locked(until)
                    }
                    None => Again::Wrong,
                }
            };
            rows::update(session, &row)?;
            append(session, row_id.clone(), std::slice::from_ref(&act))?;
            Ok(answer)
        })
    }
}
