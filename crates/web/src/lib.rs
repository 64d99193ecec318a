//! The HTTP face of a node: signed requests in, problems and receipts out.
//!
//! Invariant: no handler runs before signature, time, nonce and right of its caller are checked, no answer to a signed request
//! leaves before its nonce is durable, and every refusal is a problem document (RFC 9457) with a code and a fix.
//!
//! No TLS: 国密 TLS ends at a gateway (`docs/signing.md`). How an endpoint is added is in `docs/api.md`.

#![expect(clippy::result_large_err, reason = "a refusal is made once and sent; nothing hot returns it")]

pub mod api;
mod app;
mod call;
mod calls;
mod conduct;
mod crowd;
mod endpoint;
mod faces;
mod guard;
mod installation;
mod intake;
mod json;
mod metrics;
mod nonces;
mod openapi;
mod page;
pub mod pages;
mod problems;
mod serve;
mod speakers;
mod symbol;

pub use app::{App, Limits, Maintenance, NodeKey, Setup};
pub use call::{Call, Reply, Signed};
pub use endpoint::{Access, Doc, Endpoint, Example, Handler, Method, Param, Response};
pub use installation::{DropFolder, Installation, Setting};
pub use intake::Busy;
pub use metrics::Metrics;
pub use openapi::document;
pub use serve::{router, run, serve};
