//! `deliver`: a certificate reaches its holder: 制作 made → 告知 told → 送达 received → 激活 activated, each with channel and time
//! (R9, L5.4, M8); how a holder signs in, and what a holder then sees (`docs/deliver.md`).
//!
//! A delivery record is written in the transaction that issues a version. Activation belongs to the certificate: later versions of
//! an activated certificate are activated (`domain.md`). What is to be told waits as a row and is tried until it is told.

mod activate;
mod certificates;
mod contact;
mod feed;
mod holder;
mod notify;
mod provider;
mod rate;
mod record;
mod sign_in;
mod tell;
mod words;

pub use activate::{Activated, WindowActivation};
pub(crate) use activate::{find, not_yours, say};
pub use certificates::{FaceRef, HeldCertificate, MyCertificates, NextStep, Urgency};
pub use contact::ContactChange;
pub(crate) use contact::{check_proof, heard, mobile};
pub use feed::{ActivationAnswer, ActivationItem, ActivationResult};
pub use holder::{HolderKind, HolderSubject};
pub(crate) use holder::{Numbers, held_as};
pub use notify::{FileNotifier, HttpNotifier, Notice, Notifier, NotifyError};
pub use provider::{SignInError, SignInProvider, VerifiedClaims};
pub use rate::{RateLine, RateReport, RateWanted};
pub(crate) use record::made;
pub(crate) use record::record;
pub use record::{DeliveryRecord, Stage};
pub use sign_in::{SignInFinished, SignInRequest, SignInStarted};
pub use tell::{NoticeStatus, Told};
pub use words::Words;
