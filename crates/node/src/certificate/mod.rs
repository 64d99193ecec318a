//! `certificate`: what an office sees of certificates: a search by whatever somebody has in hand, and one certificate with everything that
//! belongs to it. Both read personal data, and both stand in the audit log before their answer goes out.

mod dossier;
mod file;
mod key;
mod past;
mod search;

pub use dossier::{CollectLine, Dossier, EntitlementLine, Group, LinkLine, PartLine, VersionFacts, WorkLine};
pub use file::{CertificateFile, FileCheck};
pub use key::By;
pub use past::Step;
pub(crate) use search::validity;
pub use search::{Found, Hit, Search};
pub use store::rows::within::Within;

use crate::session::Live;

/// The areas and kinds in which a session may do an act; nothing where it may not.
#[must_use]
pub fn within(live: &Live, act: &str) -> Within {
    let reach = live.reach(act);
    Within { areas: reach.areas, kinds: reach.kinds }
}
