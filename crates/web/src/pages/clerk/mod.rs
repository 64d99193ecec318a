//! The clerk's pages and the reviewer's: find, see, mend, import, print, act by hand in an emergency.

pub mod batch;
pub mod certificate;
pub mod confirm;
mod job;
pub(crate) mod linked;
pub mod manual;
mod mend;
pub mod print;
pub mod search;
pub mod work;

use link::problem::Problem;
use node::audit::Actor;
use node::certificate::Within;

use super::{Page, Visit};

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &search::PAGE,
    &search::SEND,
    &certificate::PAGE,
    &linked::PAGE,
    &certificate::FACE,
    &certificate::FILE,
    &work::PAGE,
    &work::ONE,
    &work::CLOSE,
    &work::EVENT,
    &work::PHOTO,
    &work::MEND,
    &batch::PAGE,
    &batch::SEND,
    &batch::TEMPLATE,
    &batch::ONE,
    &batch::GO,
    &batch::DROP,
    &batch::RESULT,
    &batch::ITEM,
    &batch::PHOTO,
    &batch::MEND,
    &manual::PAGE,
    &manual::SEND,
    &confirm::PAGE,
    &confirm::ONE,
    &confirm::SEND,
    &print::PAGE,
    &print::SEND,
    &print::ONE,
    &print::SHEETS,
];

/// Why personal data are read: code in addresses and name in the audit log. The search asks for one of these.
const PURPOSES: [(&str, &str); 5] = [
    ("window", "窗口业务办理"),
    ("check", "核对登记信息"),
    ("complaint", "投诉举报处理"),
    ("assist", "协助执法、司法机关查询"),
    ("review", REVIEW),
];
/// Why whoever confirms reads and acts.
const REVIEW: &str = "业务复核";

/// Purposes that a link brings along: the list from which a certificate is opened says why.
const LINKED: [(&str, &str); 4] = [
    ("work", "处理待办事项和检查发现"),
    ("supervise", "监督检查"),
    ("collect", "归集滞留处理"),
    ("reconcile", "对账差异处理"),
];

/// The purpose that a query names; without one, what the office is for: a supervisor does no window business.
fn purpose(visit: &Visit) -> (&'static str, &'static str) {
    let known = |asked: &str| PURPOSES.into_iter().chain(LINKED).find(|(code, _)| *code == asked);
    let may = |act| visit.live.as_ref().is_some_and(|live| live.may(act, None));
    let own = || match () {
        () if may("certificate.list") => "supervise",
        () if may("lifecycle.confirm") => "review",
        () => "window",
    };
    known(visit.query.get("for")).or_else(|| known(own())).unwrap_or(PURPOSES[0])
}

/// Who acts, and why.
fn actor(visit: &Visit) -> Result<Actor, Problem> {
    Ok(Actor { purpose: Some(purpose(visit).1.to_owned()), ..visit.live()?.actor() })
}

/// Account of the visitor.
fn account(visit: &Visit) -> Result<String, Problem> {
    visit.live()?.actor().operator.ok_or_else(crate::problems::internal)
}

/// A refusal as what happened and what to do; any other error stays one.
fn refusal<T>(done: Result<T, node::NodeError>) -> Result<Result<T, (String, String)>, node::NodeError> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(node::NodeError::Refused { what, fix }) => Ok(Err((what, fix))),
        Err(error) => Err(error),
    }
}

/// Areas and kinds in which the visitor may do an act.
fn within(visit: &Visit, act: &str) -> Result<Within, Problem> {
    Ok(node::certificate::within(visit.live()?, act))
}
