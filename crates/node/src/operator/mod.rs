//! `operator`: people who work on pages, their accounts, their sign-in, and what each role may do (R18, R20).

mod password;
mod rights;
mod sign_in;

use store::rows::operator::{self as rows, OperatorRow};
use store::rows::session;

pub(crate) use rights::RIGHTS;
pub use rights::{ActName, Area, Grant, HOLDER, Rights, RoleRule};
pub use sign_in::{SignIn, Who};

use crate::audit::{Act, Actor, append};
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

/// State of an account that may be used.
const ACTIVE: &str = "active";
/// State of one that may not; its row stays, for the audit log names it.
const DISABLED: &str = "disabled";
/// The act of whoever makes accounts.
const MANAGE: &str = "operator.manage";

/// An account that is to be.
#[derive(Clone, Debug, Default)]
pub struct NewOperator {
    /// Account name: 3 to 32 lower-case letters, digits, `-`, `_`, `.`.
    pub name: String,
    /// The person's name.
    pub person: String,
    /// Unit.
    pub unit: String,
    /// 执法证号 or staff number.
    pub staff_no: String,
    /// Role, as `data/rights.toml` names it.
    pub role: String,
    /// Beginnings of area codes; `*` for all.
    pub areas: Vec<String>,
    /// Slugs of kinds (`taxi-driver`); `*` for all.
    pub kinds: Vec<String>,
}

/// An account as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorEntry {
    /// Account name.
    pub name: String,
    /// The person's name.
    pub person: String,
    /// Unit.
    pub unit: String,
    /// 执法证号 or staff number.
    pub staff_no: String,
    /// Role.
    pub role: String,
    /// Beginnings of area codes.
    pub areas: Vec<String>,
    /// Slugs of kinds; `*` for all.
    pub kinds: Vec<String>,
    /// May it be used?
    pub active: bool,
    /// Locked after wrong passwords until then, microseconds UTC; 0 if not.
    pub locked_until: i64,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// By what right an account is made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warrant<'a> {
    /// The actor's operator is an account whose role may do it.
    Account,
    /// 应急: nobody has the right yet, or nobody can be reached; says why, and raises an alarm.
    BreakGlass(&'a str),
}

impl Province {
    /// `operator add`: a new account.
    ///
    /// # Errors
    /// A malformed name, an unknown role, a weak password, a name that is taken, an actor without the right.
    pub fn operator_add(
        &self,
        new: NewOperator,
        password: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<(), NodeError> {
        check_new(&new)?;
        self.check_kinds(&new.kinds)?;
        password::check(password, &new.name)?;
        let row = OperatorRow {
            person_sealed: self.personal.seal(&OperatorRow::place(&new.name), &new.person),
            areas: json(&new.areas)?,
            kinds: json(&new.kinds)?,
            password: password::digest(password, self.salt())?,
            state: ACTIVE.to_owned(),
            created_at: now,
            updated_at: now,
            name: new.name,
            unit: new.unit,
            staff_no: new.staff_no,
            role: new.role,
            failures: 0,
            locked_until: 0,
        };
        let name = row.name.clone();
        let detail = [("role", row.role.clone()), ("areas", row.areas.clone()), ("kinds", row.kinds.clone())];
        let done = self.change_operator("operator.add", &name, &detail, by, warrant, now, move |session| {
            rows::insert(session, &row).map(|()| true)
        });
        done.map_err(|error| match &error {
            NodeError::Store(cause) if cause.is_duplicate() => {
                NodeError::refused(format!("账号“{name}”已被使用"), "请换一个账号；停用的账号也不能再用")
            }
            _ => error,
        })
    }

    /// `operator list`.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn operator_list(&self) -> Result<Vec<OperatorEntry>, NodeError> {
        self.store.read(rows::all)?.into_iter().map(|row| self.operator_entry(row)).collect()
    }

    /// `operator disable`: it cannot be used any more, and its sessions end.
    ///
    /// # Errors
    /// No such account, an actor without the right.
    pub fn operator_disable(
        &self,
        name: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<(), NodeError> {
        let account = name.to_owned();
        self.change_operator("operator.disable", name, &[], by, warrant, now, move |session| {
            session::end_all(session, &subject(&account), now)?;
            rows::set_state(session, &account, DISABLED, now)
        })
    }

    /// `operator reset`: a new password; sessions end, and a lock is lifted.
    ///
    /// # Errors
    /// As [`Province::operator_disable`]; a weak password.
    pub fn operator_reset(
        &self,
        name: &str,
        password: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<(), NodeError> {
        password::check(password, name)?;
        let digest = password::digest(password, self.salt())?;
        let account = name.to_owned();
        self.change_operator("operator.reset", name, &[], by, warrant, now, move |session| {
            session::end_all(session, &subject(&account), now)?;
            rows::set_password(session, &account, &digest, now)
        })
    }

    pub(crate) fn operator_entry(&self, row: OperatorRow) -> Result<OperatorEntry, NodeError> {
        let person = self.personal.open(&OperatorRow::place(&row.name), &row.person_sealed)?;
        Ok(OperatorEntry {
            person: person.to_string(),
            areas: parse(&row.areas, "账号的行政区划")?,
            kinds: parse(&row.kinds, "账号的证照种类")?,
            active: row.state == ACTIVE,
            name: row.name,
            unit: row.unit,
            staff_no: row.staff_no,
            role: row.role,
            locked_until: row.locked_until,
            created_at: row.created_at,
        })
    }

    /// Kinds that no day of the catalogue knows would silently allow nothing.
    fn check_kinds(&self, kinds: &[String]) -> Result<(), NodeError> {
        let known = self.data.catalogue.kinds();
        let strange = kinds.iter().find(|one| *one != "*" && known.iter().all(|kind| kind.slug != **one));
        match strange {
            _ if kinds.is_empty() => {
                Err(NodeError::refused("没有写明证照种类", "请写证照种类代码，全部种类写 *"))
            }
            Some(strange) => {
                let mut slugs: Vec<&str> = known.iter().map(|kind| kind.slug.as_str()).collect();
                slugs.dedup();
                Err(NodeError::refused(
                    format!("没有代码为“{strange}”的证照种类"),
                    format!("可用的代码：{}；全部种类写 *", slugs.join("、")),
                ))
            }
            None => Ok(()),
        }
    }

    fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        (self.chance)(&mut salt);
        salt
    }

    /// A change of one account with its audit row, and an alarm where the glass was broken.
    #[allow(clippy::too_many_arguments, reason = "one private way for four short public ones")]
    fn change_operator(
        &self,
        act: &str,
        name: &str,
        detail: &[(&str, String)],
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
        mut change: impl FnMut(&mut store::Session) -> Result<bool, store::StoreError> + Send + 'static,
    ) -> Result<(), NodeError> {
        let pairs = [("account", name.to_owned())].into_iter().chain(detail.iter().cloned());
        let mut detail: std::collections::BTreeMap<String, String> =
            pairs.map(|(name, value)| (name.to_owned(), value)).collect();
        let alarm = match warrant {
            Warrant::Account => {
                self.check_manager(by)?;
                None
            }
            Warrant::BreakGlass(why) if why.trim().is_empty() || by.operator.is_none() => {
                return Err(NodeError::refused(
                    "应急方式没有写明经办人和原因",
                    "请用 --operator 和 --break-glass 写明",
                ));
            }
            Warrant::BreakGlass(why) => {
                detail.insert("break_glass".into(), why.to_owned());
                let who = by.operator.as_deref().unwrap_or_default();
                Some(format!("{who}以应急方式办理了账号“{name}”（{act}）：{why}"))
            }
        };
        let (row, work) = (self.new_id(now), self.new_id(now));
        let area = format!("{}0000", self.area);
        let name = name.to_owned();
        let act = Act {
            act: act.into(),
            at: now,
            actor: by.clone(),
            outcome: "done".into(),
            detail,
            ..Act::default()
        };
        self.store.write(move |session| {
            if !change(session)? {
                return Err(NodeError::refused(
                    format!("没有账号“{name}”"),
                    "请用 luzheng operator list 核对",
                ));
            }
            if let Some(why) = &alarm {
                let row = store::rows::certificate::Work {
                    id: work.clone(),
                    certificate_id: None,
                    event_row: None,
                    area: area.clone(),
                    code: "BREAK_GLASS".into(),
                    why: why.clone(),
                    opened_at: now,
                };
                store::rows::certificate::insert_work(session, &row)?;
            }
            Ok(append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }

    fn check_manager(&self, by: &Actor) -> Result<(), NodeError> {
        let name = by.operator.clone().unwrap_or_default();
        let found = self.store.read(|session| rows::get(session, &name))?;
        let rights = Rights::builtin()?;
        let may = found.is_some_and(|row| {
            row.state == ACTIVE && rights.role(&row.role).is_some_and(|role| role.area_of(MANAGE).is_some())
        });
        if may {
            return Ok(());
        }
        Err(NodeError::refused(
            format!("“{name}”不是有权管理账号的工作人员"),
            "请由系统管理员账号办理；还没有账号或情况紧急时用 --break-glass 写明原因（会报警并记入审计日志）",
        ))
    }
}

/// How sessions name an account.
pub(crate) fn subject(account: &str) -> String {
    format!("operator:{account}")
}

fn check_new(new: &NewOperator) -> Result<(), NodeError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    if !(3..=32).contains(&new.name.len()) || !new.name.bytes().all(plain) {
        let what = format!("账号“{}”不合规", new.name);
        return Err(NodeError::refused(what, "请用 3 到 32 个小写字母、数字或“- _ .”"));
    }
    let blank = |text: &str| text.trim().is_empty();
    if blank(&new.person) || blank(&new.unit) || blank(&new.staff_no) {
        let fix = "请写明 --person、--unit 和 --staff-no（执法人员填执法证号）";
        return Err(NodeError::refused(format!("账号“{}”没有写明姓名、单位或证号", new.name), fix));
    }
    let rights = Rights::builtin()?;
    if new.role == HOLDER || rights.role(&new.role).is_none() {
        let known: Vec<&str> =
            rights.roles.iter().map(|role| role.name.as_str()).filter(|name| *name != HOLDER).collect();
        return Err(NodeError::refused(
            format!("没有名为“{}”的角色", new.role),
            format!("可用的角色：{}", known.join("、")),
        ));
    }
    if new.areas.is_empty() || new.areas.iter().any(|area| !is_area(area)) {
        return Err(NodeError::refused(
            format!("账号“{}”没有写明行政区划，或写法不合规", new.name),
            "请写行政区划代码的开头（如 9901），全省写 *",
        ));
    }
    Ok(())
}

fn is_area(area: &str) -> bool {
    area == "*" || ((2..=6).contains(&area.len()) && area.bytes().all(|byte| byte.is_ascii_digit()))
}
