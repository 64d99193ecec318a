//! The table of routes: one entry an endpoint, from which router, rights, metrics and OpenAPI document are made.

use std::future::Future;
use std::pin::Pin;

use link::problem::Problem;

use crate::{App, Call, Reply};

/// Method of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET (and HEAD).
    Get,
    /// POST.
    Post,
}

impl Method {
    /// In capitals.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a signature.
    Open,
    /// From this machine without a signature, else as [`Access::Signed`].
    Local(&'static str),
    /// A signed request of somebody with the right to this act.
    Signed(&'static str),
}

impl Access {
    /// Is it a check of a certificate, which changes nothing?
    pub(crate) fn is_a_check(self) -> bool {
        matches!(self, Self::Signed("verify.read"))
    }
}

/// Runs an endpoint.
pub type Handler = fn(App, Call) -> Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;

/// An endpoint.
pub struct Endpoint {
    /// Method.
    pub method: Method,
    /// Path with `{name}` for what varies.
    pub path: &'static str,
    /// Who may call.
    pub access: Access,
    /// Largest body in bytes; 0 for none.
    pub body_limit: usize,
    /// Answers during maintenance too.
    pub always: bool,
    /// For the OpenAPI document.
    pub doc: Doc,
    /// What it does.
    pub handler: Handler,
}

/// What is said of an endpoint in `openapi/luzheng.json`; in Chinese.
pub struct Doc {
    /// One line.
    pub summary: &'static str,
    /// What it does and does not.
    pub description: &'static str,
    /// Path and query parameters.
    pub params: &'static [Param],
    /// Name of the request's schema in `openapi/schemas.json`.
    pub request: Option<&'static str>,
    /// The answers that are its own; those of the guard (401, 403, 413, 503 …) are added.
    pub responses: &'static [Response],
    /// Sent to a real server by a test.
    pub examples: &'static [Example],
}

/// A parameter; one whose name stands in the path belongs there, others belong in the query.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub what: &'static str,
}

/// An answer.
pub struct Response {
    /// Its status.
    pub status: u16,
    /// When it comes.
    pub what: &'static str,
    /// Name of its schema; a problem document for 4xx and 5xx without one.
    pub schema: Option<&'static str>,
    /// Its media type.
    pub media: &'static str,
}

/// A request that a test sends, with the status that must come back.
pub struct Example {
    /// What it shows.
    pub title: &'static str,
    /// Path and query as sent.
    pub target: &'static str,
    /// The body.
    pub body: &'static str,
    /// Signed by the demo client?
    pub signed: bool,
    /// The status that must come back.
    pub status: u16,
}
