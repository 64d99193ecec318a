//! `/admin/duty`: the responsibility register as 系统管理员 keeps it; `/supervisor/duty` shows the own areas' part of it.

mod change;
mod list;
mod one;
mod rules;

pub use change::{ADD, CLOSE, DEFAULTS, FILL, VACATE};
pub use list::{OWN, PAGE};
pub use one::{ONE, OWN_ONE};
pub use rules::{OWN_RULES, RULE, RULES};

use link::problem::Problem;

/// The right to keep it.
const MANAGE: &str = "duty.manage";
/// The right to read the own areas' part.
const READ: &str = "duty.read";

/// No post, or one of elsewhere: the same answer.
fn no_post(id: &str) -> Problem {
    Problem::new(404, "NOT_FOUND", "没有这个岗位")
        .item(id)
        .detail("登记册中没有这个岗位，或它不在您的行政区划内")
        .fix("请回到登记册核对")
}
