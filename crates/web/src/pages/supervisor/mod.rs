//! The supervisors' pages: what runs, what is late, what is wrong, in their areas.

pub mod reconcile;

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &reconcile::runs::PAGE,
    &reconcile::runs::ASK,
    &reconcile::run::PAGE,
    &reconcile::run::EXPORT,
    &reconcile::run::REPAIR,
    &reconcile::one::PAGE,
    &reconcile::one::MEND,
    &reconcile::request::PAGE,
    &reconcile::request::ONE,
];
