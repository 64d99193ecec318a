//! `collect`: 归集. Every act of a certificate reaches each destination at least once and is applied there once (R6; `docs/collect.md`).
//!
//! The province sends ([`Province::collect_once`]), the ministry's node receives ([`Receiver`]); the message between them is one
//! type. A delivery is the certificate as it stands now: it settles every act up to its count, so a backlog of ten acts
//! of one certificate is one delivery, and what arrives late, twice or after a newer one changes nothing.

mod answers;
mod build;
mod dead;
mod files;
mod http;
mod message;
mod provinces;
mod receive;
mod send;
mod settle;
mod status;
mod transport;

use std::time::Duration;

use link::http::Backoff;

pub use dead::{RESENT, Wanted};
pub use files::{FilesTransport, take};
pub use http::{HttpTransport, PATH};
pub use message::{DeliveredFile, Delivery, DeliveryReceipt, Outcome};
pub use provinces::{COUNTED, ProvinceState, Refusal};
pub use receive::{HeldFile, HoldingBody, Receiver, Sender};
pub use send::Sent;
pub(crate) use status::day_start;
pub use status::{CollectStatus, DeadLetter, Which, metrics};
pub use store::rows::collect::{DeadCause, DeadLine};
pub use transport::{Transport, TransportError};

/// Certificates in one message at most.
pub const BATCH: usize = 64;
/// Bytes of one message at most, as far as several deliveries share it: what a gateway lets through.
pub const MESSAGE_BYTES: usize = 8 * 1024 * 1024;
/// How long a worker may keep what it leased, microseconds: longer than any message may take.
const LEASE: i64 = 10 * 60 * 1_000_000;
/// An item that failed so often travels alone, so that it cannot hold others up.
const ALONE_AFTER: i64 = 3;
/// An item that failed so often while its destination answered others is a dead letter.
const ATTEMPTS: i64 = 20;
/// Pauses between attempts of one item.
const BACKOFF: Backoff = Backoff { base: Duration::from_secs(2), cap: Duration::from_secs(600) };
