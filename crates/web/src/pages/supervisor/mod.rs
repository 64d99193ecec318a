//! The supervisors' pages: what runs, what is late, what is wrong, in their areas.

pub mod certificates;
pub mod collect;
pub mod convert;
pub mod events;
pub mod outages;
pub mod overview;
pub mod reconcile;
pub mod seals;
mod tile;
mod watch;
pub mod work;

use super::Page;
use super::admin::duty;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &overview::PAGE,
    &certificates::PAGE,
    &certificates::EXPORT,
    &events::PAGE,
    &events::EXPORT,
    &work::PAGE,
    &work::EXPORT,
    &collect::PAGE,
    &collect::RESEND,
    &outages::list::PAGE,
    &outages::list::OPEN,
    &outages::one::PAGE,
    &outages::one::DESCRIBE,
    &outages::one::CLOSE,
    &outages::one::COMPLETE,
    &outages::one::PROOF,
    &reconcile::runs::PAGE,
    &reconcile::runs::ASK,
    &reconcile::run::PAGE,
    &reconcile::run::EXPORT,
    &reconcile::run::REPAIR,
    &reconcile::one::PAGE,
    &reconcile::one::MEND,
    &reconcile::request::PAGE,
    &reconcile::request::ONE,
    &convert::runs::PAGE,
    &convert::run::PAGE,
    &convert::run::REPORT,
    &convert::run::GO,
    &convert::wanting::PAGE,
    &convert::wanting::EXPORT,
    &seals::PAGE,
    &seals::PICTURE,
    &duty::OWN,
    &duty::OWN_RULES,
    &duty::OWN_ONE,
];
