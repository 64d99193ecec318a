//! The own password.

use store::rows::operator as rows;
use store::rows::session as sessions;

use super::factor::{is_enrolled, own_act};
use super::sign_in::count_failure;
use super::{AccountState, Again, password, subject};
use crate::audit::{Actor, append};
use crate::{NodeError, Province};

/// A person changes the own password.
#[derive(Clone, Copy, Debug)]
pub struct OwnPassword<'a> {
    /// Account name.
    pub account: &'a str,
    /// The password so far.
    pub old: &'a str,
    /// The new one.
    pub new: &'a str,
    /// Id of the session that goes on; all others end. Where the account still needs the code of 安全管理员, the session that gave it.
    pub session: Option<&'a str>,
}

impl Province {
    /// Changes the own password; a wrong old one counts as at a sign-in.
    ///
    /// # Errors
    /// A weak new password, the same again, a code of 安全管理员 that was not given; a database that cannot be written.
    pub fn operator_password(&self, change: OwnPassword<'_>, now: i64) -> Result<Again, NodeError> {
        let OwnPassword { account, old, new, session: kept } = change;
        password::check(new, account)?;
        if old == new {
            return Err(NodeError::refused("新口令与原口令相同", "请换一个没有用过的口令"));
        }
        let read = self.store.read(|session| rows::get(session, account))?;
        let right = password::fits(old, read.as_ref().map_or("", |row| &row.password));
        let stored = read.map(|row| row.password);
        let digest = password::digest(new, self.salt(), self.sign_in.scheme)?;
        let actor = Actor { client: "web".into(), operator: Some(account.to_owned()), ..Actor::default() };
        let act = own_act("operator.password", actor, now);
        let (id, name, kept) = (self.new_id(now), account.to_owned(), kept.map(str::to_owned));
        self.store.write(move |session| -> Result<Again, NodeError> {
            let Some(mut row) = rows::lock(session, &name)? else { return Ok(Again::Wrong) };
            if row.locked_until > now {
                return Ok(Again::Locked(row.locked_until));
            }
            if row.must_change && !is_enrolled(&row) {
                let gave = match &kept {
                    Some(id) => sessions::get(session, id)?,
                    None => None,
                };
                if !gave
                    .is_some_and(|one| one.enabled && one.ended_at.is_none() && one.subject == subject(&name))
                {
                    return Err(NodeError::refused("还没有输入启用码", "请先输入安全管理员交给本人的启用码"));
                }
            }
            let mut act = act.clone();
            let is_right =
                right && stored.as_ref() == Some(&row.password) && row.state == AccountState::Active.name();
            let answer = if is_right {
                row.password.clone_from(&digest);
                (row.must_change, row.changed_at, row.failures) = (false, now, 0);
                (row.enable_digest, row.enable_until) = (String::new(), 0);
                let subject = subject(&name);
                match &kept {
                    Some(id) => sessions::end_others(session, &subject, id, now)?,
                    None => sessions::end_all(session, &subject, now)?,
                };
                Again::Done
            } else {
                act.outcome = "refused".into();
                match (count_failure(&mut row, now), &kept) {
                    (None, _) => Again::Wrong,
                    (Some(until), None) => Again::Locked(until),
                    (Some(until), Some(id)) => {
                        sessions::end(session, &subject(&name), id, now)?;
                        Again::Locked(until)
                    }
                }
            };
            rows::update(session, &row)?;
            append(session, id.clone(), std::slice::from_ref(&act))?;
            Ok(answer)
        })
    }
}
