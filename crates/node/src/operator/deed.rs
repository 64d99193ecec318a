//! An administrator's act on an account: who may, never on the own account, in the audit log, with an alarm where the glass was broken.

use std::collections::BTreeMap;

use store::Session;
use store::rows::certificate::{Work, insert_work};
use store::rows::operator::{self as rows, OperatorRow};

use super::{AccountState, Person, Rights, unknown};
use crate::audit::{Act, Actor, act_name, append};
use crate::{NodeError, Province};

/// By what right an account is made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warrant<'a> {
    /// The actor's operator is an account whose role may do it.
    Account,
    /// 应急: nobody has the right yet, or nobody can be reached; says why, and raises an alarm.
    BreakGlass(&'a str),
}

/// What is to be done, and by whom.
pub(super) struct Intent<'a> {
    /// For the audit log.
    pub act: &'static str,
    /// The act that the actor's role must have.
    pub right: &'static str,
    /// The account that it is about.
    pub account: &'a str,
    /// More for the audit log.
    pub detail: Vec<(&'static str, String)>,
    /// Who.
    pub by: &'a Actor,
    /// By what right.
    pub warrant: Warrant<'a>,
}

/// The same, ready for a transaction that may run twice.
#[derive(Clone)]
pub(super) struct Deed {
    right: &'static str,
    account: String,
    by: Option<String>,
    alarm: Option<Work>,
    id: String,
    act: Act,
    now: i64,
}

impl Province {
    pub(super) fn deed(&self, intent: Intent<'_>, now: i64) -> Result<Deed, NodeError> {
        let Intent { act, right, account, detail, by, warrant } = intent;
        let pairs = [("account", account.to_owned())].into_iter().chain(detail);
        let mut detail: BTreeMap<String, String> =
            pairs.map(|(name, value)| (name.to_owned(), value)).collect();
        let alarm = match warrant {
            Warrant::Account => None,
            Warrant::BreakGlass(why) if why.trim().is_empty() || by.operator.is_none() => {
                return Err(NodeError::refused(
                    "应急方式没有写明经办人和原因",
                    "请用 --operator 和 --break-glass 写明",
                ));
            }
            Warrant::BreakGlass(why) => {
                detail.insert("break_glass".into(), why.to_owned());
                let who = by.operator.as_deref().unwrap_or_default();
                Some(Work {
                    id: self.new_id(now),
                    certificate_id: None,
                    event_row: None,
                    area: format!("{}0000", self.area),
                    code: "BREAK_GLASS".into(),
                    why: format!("{who}以应急方式办理了账号“{account}”（{}）：{why}", act_name(act)),
                    opened_at: now,
                })
            }
        };
        Ok(Deed {
            right,
            account: account.to_owned(),
            by: by.operator.clone(),
            alarm,
            id: self.new_id(now),
            act: Act {
                act: act.into(),
                at: now,
                actor: by.clone(),
                outcome: "done".into(),
                detail,
                ..Act::default()
            },
            now,
        })
    }

    /// Changes an account that is there, all in one transaction.
    pub(super) fn change_operator<T: Send + 'static>(
        &self,
        intent: Intent<'_>,
        now: i64,
        mut change: impl FnMut(&mut Session, &mut OperatorRow) -> Result<T, NodeError> + Send + 'static,
    ) -> Result<T, NodeError> {
        let deed = self.deed(intent, now)?;
        self.store.write(move |session| {
            let by = deed.check(session)?;
            // All accounts of the person, in the order of names: two grants at once see each other, and none waits for the other in turn.
            let found = rows::get(session, &deed.account)?.ok_or_else(|| unknown(&deed.account))?;
            rows::lock_person(session, &found.staff_no)?;
            let mut row = rows::lock(session, &deed.account)?.ok_or_else(|| unknown(&deed.account))?;
            if let Some(by) = &by {
                // One person with two accounts is one person.
                let person = Person::new(&row.unit, &row.staff_no);
                if Person::new(&by.unit, &by.staff_no).is(&person) {
                    return Err(own());
                }
            }
            let done = change(session, &mut row)?;
            row.updated_at = deed.now;
            rows::update(session, &row)?;
            deed.close(session)?;
            Ok(done)
        })
    }
}

impl Deed {
    /// Whoever acts has the right; their account, unless the glass is broken.
    pub fn check(&self, session: &mut Session) -> Result<Option<OperatorRow>, NodeError> {
        if self.broke_glass() {
            return Ok(None);
        }
        let name = self.by.clone().unwrap_or_default();
        if name == self.account {
            return Err(own());
        }
        let rights = Rights::builtin()?;
        let found = rows::get(session, &name)?.filter(|row| {
            row.state == AccountState::Active.name()
                && rights.role(&row.role).is_some_and(|role| role.area_of(self.right).is_some())
        });
        let holders: Vec<&str> = rights
            .roles
            .iter()
            .filter(|role| role.area_of(self.right).is_some())
            .map(|role| role.name.as_str())
            .collect();
        found.map(Some).ok_or_else(|| {
            let what = rights.act_name(self.right).unwrap_or(self.right);
            NodeError::refused(
                format!("“{name}”不是有权办理这一事项（{what}）的工作人员"),
                format!(
                    "请由{}账号办理；还没有账号或情况紧急时用 --break-glass 写明原因（会报警并记入审计日志）",
                    holders.join("、")
                ),
            )
        })
    }

    /// Was the glass broken?
    pub fn broke_glass(&self) -> bool {
        self.alarm.is_some()
    }

    /// Alarm and audit, in the transaction of what they tell of.
    pub fn close(&self, session: &mut Session) -> Result<(), NodeError> {
        if let Some(work) = &self.alarm {
            insert_work(session, work)?;
        }
        Ok(append(session, self.id.clone(), std::slice::from_ref(&self.act))?)
    }
}

fn own() -> NodeError {
    NodeError::refused("不能办理本人的账号", "请由另一名管理员办理；改自己的口令、看自己的登录请到“账户”")
}
