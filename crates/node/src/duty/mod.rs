//! `duty`: the responsibility register (R18): rules as documents, posts down to city and county, named persons in them. An empty post
//! is an alarm: a work item in its area that stands until somebody holds the post. Nothing is overwritten.

mod change;
mod check;
pub(crate) mod default;
mod rule;
mod view;

use serde::Deserialize;

pub use rule::{NewRule, Rule};
pub use view::{Holder, Listed, Place, Post, PostView};

/// Code of the work item of a post that nobody holds.
pub const EMPTY: &str = "DUTY_EMPTY";

/// What posts answer for.
pub const WHAT: [&str; 5] = ["系统", "密钥", "作业", "告警", "审计"];

/// A post that is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct NewPost {
    /// Its name.
    pub name: String,
    /// Area code, six digits; its level follows from it.
    #[serde(default)]
    pub area: String,
    /// One of [`WHAT`].
    pub what: String,
    /// Where the duty comes from; may be empty.
    #[serde(default)]
    pub basis: String,
}

/// Somebody who takes a post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewHolder {
    /// Name.
    pub person: String,
    /// Telephone.
    pub phone: String,
    /// Unit.
    pub unit: String,
    /// First day, ISO; today where empty.
    pub begins_on: String,
    /// Last day, ISO, where it is known.
    pub ends_on: Option<String>,
}
