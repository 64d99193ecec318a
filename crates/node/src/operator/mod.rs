//! `operator`: people who work on pages, their accounts, their sign-in, and what each role may do (R18, R20; 等保三级 8.1.4).
//!
//! Three administrators share the work so that none can do it alone: 系统管理员 makes accounts ([`account`]), 安全管理员 grants what they
//! may do ([`grant`]), 审计管理员 reads what both did.

mod account;
mod challenge;
mod deed;
mod enable;
mod factor;
mod grant;
mod own;
mod password;
mod person;
mod policy;
mod rights;
mod sign_in;
mod totp;
mod vouch;

use store::rows::operator::{self as rows, OperatorRow};

pub use account::NewOperator;
pub use challenge::sign_challenge;
pub use deed::Warrant;
pub use enable::{EnableCode, Enabling};
pub use factor::{Enrolling, Enrolment, Proof};
pub use grant::Granted;
pub use own::OwnPassword;
pub use person::Person;
pub use policy::{Scheme, SignInPolicy};
pub(crate) use rights::RIGHTS;
pub use rights::{ActName, Area, Factors, Grant, HOLDER, Rights, RoleRule};
pub use sign_in::{Again, SignIn, Who};
pub(crate) use sign_in::{Given, stage_of};
pub use store::rows::operator::OperatorFilter;
pub use totp::code as totp_code;

use crate::audit::{Actor, append};
use crate::lifecycle::parse;
use crate::{NodeError, Province};

/// What an account is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// Made by 系统管理员, not yet granted by 安全管理员: nobody signs in.
    Waiting,
    /// Not granted.
    Refused,
    /// In use.
    Active,
    /// Not in use any more; its row stays, for the audit log names it.
    Disabled,
}

impl AccountState {
    /// As it stands in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// In Chinese.
    pub fn text(self) -> &'static str {
        match self {
            Self::Waiting => "待授权",
            Self::Refused => "未予授权",
            Self::Active => "在用",
            Self::Disabled => "停用",
        }
    }

    /// What stands in the table; anything strange is of no use.
    fn of(name: &str) -> Self {
        let known = [Self::Waiting, Self::Refused, Self::Active];
        known.into_iter().find(|one| one.name() == name).unwrap_or(Self::Disabled)
    }
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
    /// Role; of a waiting account, the one that was asked for.
    pub role: String,
    /// Beginnings of area codes.
    pub areas: Vec<String>,
    /// Slugs of kinds; `*` for all.
    pub kinds: Vec<String>,
    /// What it is worth.
    pub state: AccountState,
    /// Locked after wrong passwords until then, microseconds UTC; 0 if not.
    pub locked_until: i64,
    /// Somebody else knows the password.
    pub must_change: bool,
    /// Until when the code for the first sign-in is good, microseconds UTC; 0 without one.
    pub enable_until: i64,
    /// When the password was set.
    pub changed_at: i64,
    /// Has it one-time codes (TOTP)?
    pub totp: bool,
    /// Base64 of its SM2 certificate, if it has one.
    pub certificate: Option<String>,
    /// Last sign-in, microseconds UTC; 0 if there was none.
    pub signed_in_at: i64,
    /// Microseconds UTC.
    pub created_at: i64,
}

impl OperatorEntry {
    /// May it be used?
    pub fn active(&self) -> bool {
        self.state == AccountState::Active
    }

    /// Does its next sign-in take a code of 安全管理员? Somebody else knows the password, and no second factor proves the person.
    pub fn needs_code(&self) -> bool {
        self.active() && self.must_change && !self.totp && self.certificate.is_none()
    }
}

impl Province {
    /// `operator list`.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn operator_list(&self) -> Result<Vec<OperatorEntry>, NodeError> {
        self.store.read(rows::all)?.into_iter().map(|row| self.operator_entry(row)).collect()
    }

    /// Accounts that fit, in the order of names, after one of them; and whether there are more.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn operator_page(
        &self,
        filter: &OperatorFilter,
        after: &str,
        limit: u32,
    ) -> Result<(Vec<OperatorEntry>, bool), NodeError> {
        let mut found = self.store.read(|session| rows::page(session, filter, after, limit + 1))?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let entries: Result<Vec<_>, NodeError> =
            found.into_iter().map(|row| self.operator_entry(row)).collect();
        Ok((entries?, more))
    }

    /// An account.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn operator_get(&self, name: &str) -> Result<Option<OperatorEntry>, NodeError> {
        self.store.read(|session| rows::get(session, name))?.map(|row| self.operator_entry(row)).transpose()
    }

    /// An account with the person's name in full, for another person: the look is in the audit log.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn operator_show(
        &self,
        name: &str,
        by: &Actor,
        now: i64,
    ) -> Result<Option<OperatorEntry>, NodeError> {
        let Some(entry) = self.operator_get(name)? else { return Ok(None) };
        let mut act = factor::own_act("operator.show", by.clone(), now);
        act.detail.insert("account".into(), name.to_owned());
        let id = self.new_id(now);
        self.store.write(move |session| append(session, id.clone(), std::slice::from_ref(&act)))?;
        Ok(Some(entry))
    }

    pub(crate) fn operator_entry(&self, row: OperatorRow) -> Result<OperatorEntry, NodeError> {
        let person = self.personal.open(&OperatorRow::place(&row.name), &row.person_sealed)?;
        Ok(OperatorEntry {
            person: person.to_string(),
            areas: parse(&row.areas, "账号的行政区划")?,
            kinds: parse(&row.kinds, "账号的证照种类")?,
            state: AccountState::of(&row.state),
            totp: !row.totp_sealed.is_empty(),
            certificate: Some(row.certificate).filter(|text| !text.is_empty()),
            name: row.name,
            unit: row.unit,
            staff_no: row.staff_no,
            role: row.role,
            locked_until: row.locked_until,
            must_change: row.must_change,
            enable_until: if row.enable_digest.is_empty() { 0 } else { row.enable_until },
            changed_at: row.changed_at,
            signed_in_at: row.signed_in_at,
            created_at: row.created_at,
        })
    }

    pub(crate) fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        (self.chance)(&mut salt);
        salt
    }
}

/// How sessions name an account.
pub(crate) fn subject(account: &str) -> String {
    format!("operator:{account}")
}

/// No account of this name.
fn unknown(name: &str) -> NodeError {
    NodeError::refused(format!("没有账号“{name}”"), "请用 luzheng operator list 或账号列表核对")
}
