//! The part of 系统管理员: accounts are made, disabled, given a new password. None of it lets anybody in.

use store::rows::operator::{self as rows, OperatorRow};
use store::rows::session;

use super::deed::{Intent, Warrant};
use super::person::plain;
use super::{AccountState, HOLDER, Rights, password, subject};
use crate::audit::Actor;
use crate::lifecycle::json;
use crate::{NodeError, Province};

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
    /// Role that is asked for, as `data/rights.toml` names it.
    pub role: String,
    /// Beginnings of area codes; `*` for all.
    pub areas: Vec<String>,
    /// Slugs of kinds (`taxi-driver`); `*` for all.
    pub kinds: Vec<String>,
}

impl Province {
    /// `operator add`: a new account. It waits for its grant, and its first sign-in takes the code of that grant and changes the password; where the glass is broken
    /// it can be used at once.
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
        check_person(&new)?;
        self.check_reach(&new.role, &new.areas, &new.kinds)?;
        password::check(password, &new.name)?;
        let at_once = matches!(warrant, Warrant::BreakGlass(_));
        let state = if at_once { AccountState::Active } else { AccountState::Waiting };
        let row = OperatorRow {
            person_sealed: self.personal.seal(&OperatorRow::place(&new.name), &new.person),
            areas: json(&new.areas)?,
            kinds: json(&new.kinds)?,
            password: password::digest(password, self.salt(), self.sign_in.scheme)?,
            must_change: !at_once,
            changed_at: now,
            state: state.name().to_owned(),
            created_at: now,
            updated_at: now,
            name: new.name,
            unit: new.unit.trim().to_owned(),
            staff_no: plain(&new.staff_no),
            role: new.role,
            ..OperatorRow::default()
        };
        let detail =
            vec![("role", row.role.clone()), ("areas", row.areas.clone()), ("kinds", row.kinds.clone())];
        let name = row.name.clone();
        let intent = Intent { act: "operator.add", right: MANAGE, account: &name, detail, by, warrant };
        let deed = self.deed(intent, now)?;
        let done = self.store.write(move |session| -> Result<(), NodeError> {
            deed.check(session)?;
            rows::insert(session, &row)?;
            deed.close(session)
        });
        done.map_err(|error| match &error {
            NodeError::Store(cause) if cause.is_duplicate() => {
                NodeError::refused(format!("账号“{name}”已被使用"), "请换一个账号；停用的账号也不能再用")
            }
            _ => error,
        })
    }

    /// A password for somebody else's first sign-in: fifteen letters and digits that are read aloud without doubt.
    pub fn operator_first_password(&self) -> String {
        const CLEAR: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut bytes = [0; 15];
        (self.chance)(&mut bytes);
        let letter = |byte: &u8| char::from(CLEAR[usize::from(byte & 31)]);
        let groups: Vec<String> = bytes.chunks(5).map(|group| group.iter().map(letter).collect()).collect();
        // A digit of its own: three groups of letters alone would be refused as too simple.
        format!("{}-{}", groups.join("-"), bytes[0] % 8 + 2)
    }

    /// `operator disable`: it cannot be used any more, and its sessions end.
    ///
    /// # Errors
    /// No such account, an actor without the right, the own account.
    pub fn operator_disable(
        &self,
        name: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<(), NodeError> {
        let detail = Vec::new();
        let intent = Intent { act: "operator.disable", right: MANAGE, account: name, detail, by, warrant };
        self.change_operator(intent, now, move |session, row| {
            session::end_all(session, &subject(&row.name), now)?;
            row.state = AccountState::Disabled.name().to_owned();
            Ok(())
        })
    }

    /// `operator reset`: a new password, which the next sign-in changes; sessions end. A lock stays: 安全管理员 lifts it. A code for the
    /// first sign-in goes: without a second factor the person needs a new one of 安全管理员 besides the new password.
    ///
    /// # Errors
    /// As [`Province::operator_disable`]; a weak password, an account that is not in use.
    pub fn operator_reset(
        &self,
        name: &str,
        password: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<(), NodeError> {
        password::check(password, name)?;
        let digest = password::digest(password, self.salt(), self.sign_in.scheme)?;
        let detail = Vec::new();
        let intent = Intent { act: "operator.reset", right: MANAGE, account: name, detail, by, warrant };
        self.change_operator(intent, now, move |session, row| {
            if row.state == AccountState::Disabled.name() {
                return Err(NodeError::refused(
                    format!("账号“{}”已停用，不能重设口令", row.name),
                    "停用的账号不再启用；请新建账号并由安全管理员授权",
                ));
            }
            session::end_all(session, &subject(&row.name), now)?;
            row.password.clone_from(&digest);
            row.must_change = true;
            (row.enable_digest, row.enable_until) = (String::new(), 0);
            row.changed_at = now;
            Ok(())
        })
    }

    /// A role that there is, areas and kinds that mean something: what nobody knows would silently allow nothing.
    pub(super) fn check_reach(
        &self,
        role: &str,
        areas: &[String],
        kinds: &[String],
    ) -> Result<(), NodeError> {
        let rights = Rights::builtin()?;
        if role == HOLDER || rights.role(role).is_none() {
            let known: Vec<&str> =
                rights.roles.iter().map(|role| role.name.as_str()).filter(|name| *name != HOLDER).collect();
            return Err(NodeError::refused(
                format!("没有名为“{role}”的角色"),
                format!("可用的角色：{}", known.join("、")),
            ));
        }
        if areas.is_empty() || areas.iter().any(|area| !is_area(area)) {
            return Err(NodeError::refused(
                "没有写明行政区划，或写法不合规",
                "请写行政区划代码的开头（如 9901），全省写 *",
            ));
        }
        let known = &self.data.catalogue.areas;
        let is_known = |area: &String| {
            area == "*" || known.iter().any(|(code, _)| code.as_str().starts_with(area.as_str()))
        };
        if let Some(strange) = areas.iter().find(|area| !is_known(area)) {
            return Err(NodeError::refused(
                format!("没有代码以“{strange}”开头的行政区划"),
                "请核对行政区划代码（GB/T 2260），写本地区代码的开头（如 9901），全省写 *",
            ));
        }
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
}

fn check_person(new: &NewOperator) -> Result<(), NodeError> {
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
    Ok(())
}

fn is_area(area: &str) -> bool {
    area == "*" || ((2..=6).contains(&area.len()) && area.bytes().all(|byte| byte.is_ascii_digit()))
}
