//! Role × act × area, from `data/rights.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::NodeError;

/// The reviewed file.
/// The table's text.
pub(crate) const RIGHTS: &str = include_str!("../../../../data/rights.toml");

/// The role of a holder who signs in with a one-time code.
pub const HOLDER: &str = "持证主体";

/// Where an act may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// Everywhere, other provinces included.
    Any,
    /// In the areas of the account.
    Own,
    /// On what is the person's own.
    #[serde(rename = "self")]
    Mine,
}

/// An act, with what it means to people.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActName {
    /// `verify.read`.
    pub act: String,
    /// In Chinese.
    pub name: String,
}

/// An act that a role may do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Which.
    pub act: String,
    /// Where.
    pub area: Area,
}

/// What a sign-in takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Factors {
    /// The password; a second factor where the person has enrolled one.
    #[default]
    One,
    /// Password and second factor.
    Two,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// Its name in Chinese.
    pub name: String,
    /// Its first page.
    pub home: String,
    /// Minutes after which an unused session ends.
    pub idle: i64,
    /// Minutes after which a session ends in any case.
    pub whole: i64,
    /// What a sign-in takes.
    #[serde(default)]
    pub factor: Factors,
    /// Is it one of the three administrators?
    #[serde(default)]
    pub administrator: bool,
    /// What it may do.
    pub grants: Vec<Grant>,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// Acts.
    pub acts: Vec<ActName>,
    /// Roles.
    #[serde(rename = "role")]
    pub roles: Vec<RoleRule>,
}

impl Rights {
    /// The built-in table.
    ///
    /// # Errors
    /// A file that does not parse, or a grant of an act that nobody has named.
    pub fn builtin() -> Result<&'static Self, NodeError> {
        // Read once: every page asks.
        static READ: OnceLock<Rights> = OnceLock::new();
        match READ.get() {
            Some(rights) => Ok(rights),
            None => Self::parse(RIGHTS).map(|rights| READ.get_or_init(|| rights)),
        }
    }

    fn parse(text: &str) -> Result<Self, NodeError> {
        let broken = |what: String| NodeError::refused(what, "请核对 data/rights.toml");
        let rights: Self =
            toml::from_str(text).map_err(|error| broken(format!("权限表不合规：{}", error.message())))?;
        for role in &rights.roles {
            if let Some(grant) = role.grants.iter().find(|grant| rights.act_name(&grant.act).is_none()) {
                return Err(broken(format!("角色“{}”的事项“{}”没有名称", role.name, grant.act)));
            }
        }
        Ok(rights)
    }

    /// A role by its name.
    pub fn role(&self, name: &str) -> Option<&RoleRule> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// What an act means to people.
    pub fn act_name(&self, act: &str) -> Option<&str> {
        self.acts.iter().find(|one| one.act == act).map(|one| one.name.as_str())
    }
}

impl Rights {
    /// Why one person must not have both roles, as what to do; `None` where they may.
    pub fn conflict(&self, one: &str, other: &str) -> Option<&'static str> {
        let is_administrator = |role: &str| self.role(role).is_some_and(|role| role.administrator);
        match (is_administrator(one), is_administrator(other)) {
            (true, true) => return Some("三类管理员应由不同的人担任；请换人，或先停用原账号"),
            (true, false) | (false, true) => {
                return Some("管理员不兼任业务和监管岗位；请换人，或先停用原账号");
            }
            (false, false) => {}
        }
        let may = |role: &str, act: &str| self.role(role).is_some_and(|role| role.area_of(act).is_some());
        let makes = |one: &str, other: &str| may(one, "lifecycle.manual") && may(other, "lifecycle.confirm");
        (makes(one, other) || makes(other, one))
            .then_some("应急办理的申请人和复核人应由不同的人担任；请换人，或先停用原账号")
    }
}

impl RoleRule {
    /// Where the role may do an act; `None` if nowhere.
    pub fn area_of(&self, act: &str) -> Option<Area> {
        self.grants.iter().find(|grant| grant.act == act).map(|grant| grant.area)
    }

    /// May the role do an act on something of this area? `areas` are those of the account.
    pub fn allows(&self, act: &str, area: &str, areas: &[String]) -> bool {
        match self.area_of(act) {
            Some(Area::Any | Area::Mine) => true,
            Some(Area::Own) => {
                areas.iter().any(|one| one == "*" || (!one.is_empty() && area.starts_with(one.as_str())))
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_administrators_share_no_act_but_their_own_sessions() {
        let rights = Rights::builtin().expect("the file");
        let three: Vec<&RoleRule> = rights.roles.iter().filter(|role| role.administrator).collect();
        assert_eq!(three.len(), 3);
        for (place, one) in three.iter().enumerate() {
            assert_eq!(one.factor, Factors::Two, "{}", one.name);
            // Nor has one of them an act of the trade.
            let trade = ["certificate.", "lifecycle.", "verify.", "issue.", "deliver."];
            assert!(one.grants.iter().all(|grant| trade.iter().all(|head| !grant.act.starts_with(head))));
            for other in &three[place + 1..] {
                let both = |grant: &&Grant| other.area_of(&grant.act).is_some();
                let shared: Vec<&str> =
                    one.grants.iter().filter(both).map(|grant| grant.act.as_str()).collect();
                assert_eq!(shared, ["session.own"], "{} and {}", one.name, other.name);
            }
        }
    }

    #[test]
    fn the_file_holds_and_areas_bind() {
        let rights = Rights::builtin().expect("the file");
        let clerk = rights.role("窗口经办").expect("the role");
        let areas = ["9901".to_owned()];
        assert!(clerk.allows("deliver.window", "990101", &areas));
        assert!(!clerk.allows("deliver.window", "990201", &areas));
        assert!(!clerk.allows("deliver.window", "990101", &[String::new()]));
        assert!(!clerk.allows("verify.read", "990101", &areas));
    }
}
