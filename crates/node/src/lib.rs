//! The use cases, one module a capability: keys, issue, verify, show, and loading what they stand on.
//!
//! Invariant: no use case asks the machine for time or randomness (they come in), and none leaves a half-written file:
//! a file appears whole under its name, or not at all.

pub mod audit;
pub mod batch;
pub mod callback;
pub mod certificate;
pub mod client;
pub mod collect;
pub mod convert;
mod data;
pub mod deliver;
pub mod duty;
mod error;
mod files;
pub mod form;
pub mod intake;
pub mod issue;
pub mod job;
pub mod keys;
pub mod lifecycle;
pub mod manual;
mod open;
pub mod operator;
pub mod outage;
pub mod overview;
pub mod pack;
mod parts;
mod preview;
mod province;
pub mod reconcile;
pub mod session;
pub mod share;
mod show;
pub mod verify;
pub mod work;

pub use data::{Data, Engine};
pub use error::{NodeError, cause};
pub use open::{OpenRequest, Opened, S3Place, open};
pub use parts::DataPart;
pub use preview::{Preview, preview};
pub use province::{Chance, Province, Stages};
pub use show::{Shown, open as show};
pub use verify::{Checked, expand, load_trust, verify_file};
