//! 启用码: the second half of a first sign-in. 系统管理员 gives the person the first password, 安全管理员 this code; neither of them has both.

use store::rows::operator::{self as rows, OperatorRow};
use store::rows::session as sessions;

use super::deed::{Intent, Warrant};
use super::factor::{is_enrolled, own_act};
use super::sign_in::{Given, count_failure, stage_of};
use super::{AccountState, Rights, unknown};
use crate::audit::{Actor, append};
use crate::issue::journal::hex;
use crate::session::{Live, Stage};
use crate::{NodeError, Province};

/// A code is good for so long, microseconds.
const GOOD: i64 = 7 * 24 * 3_600_000_000;

/// A code as it is shown, once, to 安全管理员.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnableCode {
    /// Ten letters and digits, in two groups.
    pub code: String,
    /// Until when it is good, microseconds UTC.
    pub until: i64,
}

/// How the code of a first sign-in was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enabling {
    /// Right.
    Done,
    /// Wrong; it counts.
    Wrong,
    /// There is none, or it is over: 安全管理员 issues another one.
    Missing,
    /// Locked until then, microseconds UTC; the session has ended.
    Locked(i64),
}

/// What of a code is stored.
#[derive(Clone)]
pub(super) struct Issued {
    digest: String,
    until: i64,
}

impl Issued {
    /// Puts it in the place of an older one, where a sign-in asks for it; false where none does.
    pub fn put(&self, row: &mut OperatorRow) -> bool {
        let needed = row.must_change && !is_enrolled(row);
        if needed {
            row.enable_digest.clone_from(&self.digest);
            row.enable_until = self.until;
        }
        needed
    }
}

impl Province {
    /// A new code of an account, and what of it is stored.
    pub(super) fn enable_code(&self, account: &str, now: i64) -> (EnableCode, Issued) {
        let (code, until) = (self.recovery_code(), now + GOOD);
        let digest = self.enable_digest(account, &code);
        (EnableCode { code, until }, Issued { digest, until })
    }

    fn enable_digest(&self, account: &str, typed: &str) -> String {
        let letters = super::person::plain(typed);
        // The letters of Base32 and what is read for them: no code has a 0, 1 or 8.
        let meant = |one: char| match one.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            other => other,
        };
        let code: String = letters.chars().filter(char::is_ascii_alphanumeric).map(meant).collect();
        hex(&self.personal.mac("operator.enable", &format!("{account}/{code}"))[..])
    }

    /// `operator enable-code`: another code for a first sign-in, after a new password or where the last one was lost or is over. The one
    /// before is worth nothing any more, and sessions end.
    ///
    /// # Errors
    /// An account that needs none or is not in use; as [`Province::operator_grant`].
    pub fn operator_enable_code(
        &self,
        name: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<EnableCode, NodeError> {
        let (code, issued) = self.enable_code(name, now);
        let (act, right) = ("operator.enable_code", "operator.grant");
        let intent = Intent { act, right, account: name, detail: Vec::new(), by, warrant };
        self.change_operator(intent, now, move |session, row| {
            if row.state != AccountState::Active.name() {
                return Err(NodeError::refused(
                    format!("账号“{}”不在使用中，不能签发启用码", row.name),
                    "待授权的账号请先授权，授权时一并签发",
                ));
            }
            if !issued.put(row) {
                return Err(NodeError::refused(
                    format!("账号“{}”不需要启用码", row.name),
                    "口令由本人设置，或已绑定第二因素；忘记口令时先由系统管理员重设",
                ));
            }
            sessions::end_all(session, &super::subject(&row.name), now)?;
            Ok(code.clone())
        })
    }

    /// Until when the code that this session waits for is good, microseconds UTC; `None` where 安全管理员 has to issue one first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn operator_enable_until(&self, live: &Live, now: i64) -> Result<Option<i64>, NodeError> {
        let name = live.subject.strip_prefix("operator:").unwrap_or_default();
        let row = self.store.read(|session| rows::get(session, name))?;
        Ok(row.filter(|row| is_good(row, now)).map(|row| row.enable_until))
    }

    /// Hands in the code of a first sign-in. It stays good until the person has set a password.
    ///
    /// # Errors
    /// A session that does not wait for it; a database that cannot be written.
    pub fn operator_enable(&self, live: &Live, code: &str, now: i64) -> Result<Enabling, NodeError> {
        if live.stage != Stage::Enable {
            return Err(NodeError::refused("本次登录不需要启用码", "请返回首页"));
        }
        let name = live.subject.strip_prefix("operator:").unwrap_or_default().to_owned();
        let digest = self.enable_digest(&name, code);
        let act = own_act("operator.enable", live.actor(), now);
        let (row_id, id, subject) = (self.new_id(now), live.id.clone(), live.subject.clone());
        let (rights, policy) = (Rights::builtin()?, self.sign_in);
        self.store.write(move |session| -> Result<Enabling, NodeError> {
            let mut row = rows::lock(session, &name)?.ok_or_else(|| unknown(&name))?;
            // Locked with the account: whoever issues another code or sets another password ends the session in the same transaction.
            let open = sessions::get(session, &id)?.is_some_and(|one| one.ended_at.is_none());
            if !open || row.state != AccountState::Active.name() {
                return Err(NodeError::refused("登录已结束", "请重新登录"));
            }
            let mut act = act.clone();
            let answer = if row.locked_until > now {
                sessions::end(session, &subject, &id, now)?;
                Enabling::Locked(row.locked_until)
            } else if !is_good(&row, now) {
                Enabling::Missing
            } else if row.enable_digest == digest {
                (row.failures, row.locked_until, row.signed_in_at) = (0, 0, now);
                let given = Given { factor: false, code: true };
                let stage = rights.role(&row.role).map(|rule| stage_of(&row, rule, given, policy, now));
                // Fresh where only the password is to be changed; an enrolment makes it fresh itself.
                let fresh_at = if stage == Some(Stage::Password) { now } else { 0 };
                sessions::enable(session, &id, fresh_at)?;
                Enabling::Done
            } else if let Some(until) = count_failure(&mut row, now) {
                sessions::end(session, &subject, &id, now)?;
                Enabling::Locked(until)
            } else {
                Enabling::Wrong
            };
            act.outcome = match answer {
                Enabling::Done => "done",
                Enabling::Wrong => "refused",
                Enabling::Missing => "missing",
                Enabling::Locked(_) => "locked",
            }
            .into();
            rows::update(session, &row)?;
            append(session, row_id.clone(), std::slice::from_ref(&act))?;
            Ok(answer)
        })
    }
}

/// Is there a code, and is it not over?
fn is_good(row: &OperatorRow, now: i64) -> bool {
    !row.enable_digest.is_empty() && now < row.enable_until
}
