//! The pages, one file each under `<person>/<page>.rs`: forms and links first, scripts where they help.
//!
//! A page holds no rule: it asks the use cases of `node`, and `data/rights.toml` says whose page it is. A new page is one file
//! with a `pub static PAGE` and one line in [`PAGES`] (`docs/pages.md`).

pub mod account;
pub mod admin;
mod asset;
pub mod catalogue;
mod chart;
pub mod clerk;
#[cfg(debug_assertions)]
pub mod design;
mod enter;
mod error;
mod export;
mod form;
mod frame;
pub mod holder;
pub mod integrator;
pub mod ministry;
pub mod officer;
pub mod sign_in;
mod standing;
pub mod supervisor;
mod table;
mod upload;
mod visit;
pub mod welcome;
pub mod window;

use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::routing::{MethodFilter, on};
use link::problem::Problem;

use crate::{App, Method, Reply};

pub use asset::ASSETS;
pub use enter::POLICY;
pub(crate) use error::no_route;
pub use visit::Visit;

/// Who may open a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Whoever has given a password, however far the sign-in has come.
    Begun,
    /// Whoever is signed in with the right to this act (`data/rights.toml`).
    Act(&'static str),
    /// The same, with password and second factor given within the last ten minutes: dangerous acts. A form of such a page may carry
    /// `next`, where the person comes back to after giving them again.
    Fresh(&'static str),
}

/// Makes a page.
pub type Handler = fn(App, Visit) -> Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;

/// A page, or what a form of it is sent to.
pub struct Page {
    /// Method.
    pub method: Method,
    /// Path with `{name}` for what varies.
    pub path: &'static str,
    /// Who may open it.
    pub access: Access,
    /// Largest body in bytes; 0 for none.
    pub body_limit: usize,
    /// What makes it.
    pub handler: Handler,
}

impl Page {
    /// What is looked at.
    pub(crate) const fn get(path: &'static str, access: Access, handler: Handler) -> Self {
        Self { method: Method::Get, path, access, body_limit: 0, handler }
    }

    /// What a form or a script sends, `body_limit` bytes at most.
    pub(crate) const fn post(
        path: &'static str,
        access: Access,
        body_limit: usize,
        handler: Handler,
    ) -> Self {
        Self { method: Method::Post, path, access, body_limit, handler }
    }
}

/// Every page, by the folder that it lies in.
pub static PAGES: &[&[&Page]] = &[
    &[
        &welcome::PAGE,
        &account::PAGE,
        &account::END,
        &asset::PAGE,
        &asset::REASONS,
        #[cfg(debug_assertions)]
        &design::PAGE,
    ],
    sign_in::PAGES,
    holder::PAGES,
    officer::PAGES,
    clerk::PAGES,
    window::PAGES,
    supervisor::PAGES,
    catalogue::PAGES,
    ministry::PAGES,
    integrator::PAGES,
    admin::PAGES,
];

/// Size of a form's body at most.
pub(crate) const FORM: usize = 16 * 1024;

/// Puts the pages beside the endpoints.
pub(crate) fn add(mut router: Router<App>) -> Router<App> {
    for page in PAGES.iter().copied().flatten().copied() {
        let filter = match page.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
        };
        router = router.route(
            page.path,
            on(filter, move |state, params, request| enter::enter(page, state, params, request)),
        );
    }
    router
}
