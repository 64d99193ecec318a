//! The command line: a name alone is not enough for what administrators do, whichever command does it, and must at least be that of an
//! account for everything else.

use store::rows::certificate::{Work, insert_work};
use store::rows::operator::{self as rows};

use super::factor::{Checked, is_enrolled, own_act};
use super::sign_in::{Given, count_failure, stage_of};
use super::{AccountState, Proof, Rights, password};
use crate::audit::{Actor, append};
use crate::session::Stage;
use crate::{NodeError, Province};

impl Province {
    /// May this account do one of these acts (none: any account)? A node that has no accounts asks nobody. True where the person has to prove
    /// who they are ([`Province::operator_vouch`]): the act is an administrator's.
    ///
    /// # Errors
    /// No such account, one not in use, a role without the acts.
    pub fn operator_may(&self, name: &str, acts: &[&str]) -> Result<bool, NodeError> {
        let (any, found) = self.store.read(|session| -> Result<_, NodeError> {
            Ok((rows::any(session)?, rows::get(session, name)?))
        })?;
        if !any {
            return Ok(false);
        }
        let rights = Rights::builtin()?;
        let has = |role: &str| {
            let role = rights.role(role);
            acts.is_empty() || role.is_some_and(|role| acts.iter().any(|act| role.area_of(act).is_some()))
        };
        match found.filter(|row| row.state == AccountState::Active.name()) {
            None => Err(NodeError::refused(
                format!("“{name}”不是在用的工作人员账号"),
                "本节点已建立账号，--operator 请填经办人的账号；可用 luzheng operator list 核对",
            )),
            Some(row) if !has(&row.role) => {
                let names: Vec<&str> = acts.iter().map(|act| rights.act_name(act).unwrap_or(act)).collect();
                let roles: Vec<&str> = rights
                    .roles
                    .iter()
                    .filter(|role| acts.iter().any(|act| role.area_of(act).is_some()))
                    .map(|role| role.name.as_str())
                    .collect();
                Err(NodeError::refused(
                    format!("账号“{name}”的角色（{}）不能“{}”", row.role, names.join("、")),
                    format!("请由{}账号办理", roles.join("、")),
                ))
            }
            Some(row) => Ok(rights.role(&row.role).is_some_and(|role| role.administrator)),
        }
    }

    /// An administrator's act without an administrator: alarm and entry go first, so that none is done without them.
    ///
    /// # Errors
    /// No name, no reason; a database that cannot be written.
    pub fn operator_break_glass(
        &self,
        name: &str,
        acts: &[&str],
        why: &str,
        now: i64,
    ) -> Result<(), NodeError> {
        let (name, why) = (name.trim(), why.trim());
        if name.is_empty() || why.is_empty() {
            return Err(NodeError::refused(
                "应急方式没有写明经办人和原因",
                "请用 --operator 和 --break-glass 写明",
            ));
        }
        let rights = Rights::builtin()?;
        let what: Vec<&str> = acts.iter().map(|act| rights.act_name(act).unwrap_or(act)).collect();
        let actor = Actor { client: "cli".into(), operator: Some(name.to_owned()), ..Actor::default() };
        let mut act = own_act("operator.break_glass", actor, now);
        act.detail.insert("break_glass".into(), why.to_owned());
        act.detail.insert("acts".into(), acts.join(","));
        let work = Work {
            id: self.new_id(now),
            certificate_id: None,
            event_row: None,
            area: format!("{}0000", self.area),
            code: "BREAK_GLASS".into(),
            why: format!("{name}以应急方式办理了“{}”：{why}", what.join("、")),
            opened_at: now,
        };
        let id = self.new_id(now);
        self.store.write(move |session| -> Result<(), NodeError> {
            insert_work(session, &work)?;
            Ok(append(session, id.clone(), std::slice::from_ref(&act))?)
        })
    }

    /// Does this account give a code besides its password?
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn operator_needs_code(&self, name: &str) -> Result<bool, NodeError> {
        Ok(self.store.read(|session| rows::get(session, name))?.is_some_and(|row| is_enrolled(&row)))
    }

    /// Is it the person of this account who sits at the terminal? Password and code, counted as at a sign-in.
    ///
    /// # Errors
    /// A wrong password or code, a locked account, one that has not finished its first sign-in.
    pub fn operator_vouch(
        &self,
        name: &str,
        password: &str,
        code: Option<&str>,
        now: i64,
    ) -> Result<(), NodeError> {
        let wrong =
            || NodeError::refused("账号、口令或动态口令不对", "请核对后重试；连续 5 次不对将锁定 15 分钟");
        let read = self.store.read(|session| rows::get(session, name))?;
        let stored = read.as_ref().map_or(password::nobody(self.sign_in.scheme), |row| row.password.as_str());
        let right = password::fits(password, stored);
        let read = read.ok_or_else(wrong)?;
        let checked: Option<Checked> =
            code.map(|code| self.check_proof(&read, "", Proof::Code(code), now)).transpose()?;
        let actor = Actor { client: "cli".into(), operator: Some(name.to_owned()), ..Actor::default() };
        let act = own_act("operator.vouch", actor, now);
        let (id, name, policy, rights) =
            (self.new_id(now), name.to_owned(), self.sign_in, Rights::builtin()?);
        let done = self.store.write(move |session| -> Result<Result<(), String>, NodeError> {
            let mut row = rows::lock(session, &name)?.ok_or_else(wrong)?;
            let mut act = act.clone();
            let mut is_right = right
                && row.locked_until <= now
                && row.password == read.password
                && row.state == AccountState::Active.name();
            if is_right && is_enrolled(&row) {
                is_right = match &checked {
                    Some(checked) => checked.apply(session, &mut row)?,
                    None => false,
                };
            }
            let answer = if is_right {
                let given = Given { factor: true, code: false };
                let stage = rights.role(&row.role).map(|rule| stage_of(&row, rule, given, policy, now));
                // Wrong codes of a first sign-in are not forgiven by the password.
                if stage != Some(Stage::Enable) {
                    (row.failures, row.locked_until) = (0, 0);
                }
                match stage {
                    Some(Stage::Full) => Ok(()),
                    _ => Err(format!("账号“{name}”还没有完成首次登录（启用码、改口令、绑定动态口令）")),
                }
            } else {
                let already = row.locked_until > now;
                let locked = already || count_failure(&mut row, now).is_some();
                Err(if locked { format!("账号“{name}”已锁定") } else { String::new() })
            };
            if answer.is_err() {
                act.outcome = "refused".into();
            }
            rows::update(session, &row)?;
            append(session, id.clone(), std::slice::from_ref(&act))?;
            Ok(answer)
        })?;
        match done {
            Ok(()) => Ok(()),
            Err(what) if what.is_empty() => Err(wrong()),
            Err(what) => Err(NodeError::refused(
                what,
                "请先在页面完成登录；锁定的账号请等 15 分钟或由安全管理员解锁；情况紧急时用 --break-glass 写明原因",
            )),
        }
    }
}
