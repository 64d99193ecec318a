//! A blocking HTTP client for other nodes: signs every request, checks receipts, tells failures apart.
//!
//! Plain HTTP only: 国密 TLS ends at a gateway on both sides, and what must hold from end to end is in the signatures.

mod backoff;
mod client;
mod error;
mod fetch;

pub use backoff::{Backoff, parse_retry_after};
pub use client::{Answer, Client, ReceiptKey, Sources, Timeouts};
pub use error::{HttpError, Origin, Peer, Phase};
pub use fetch::{Fetched, fetch};
