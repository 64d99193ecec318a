//! The officer's pages: scan, see the answer in one glance, record the outcome; also with the network cut.

pub mod check;
pub mod file;
pub mod panel;
pub mod photo;

use crate::Method;
use crate::pages::holder::show::worker;
use crate::pages::{Access, Page};

/// The service worker of the officer's pages.
pub static WORKER: Page = Page {
    method: Method::Get,
    path: "/officer/worker.js",
    access: Access::Open,
    body_limit: 0,
    handler: |_, _| Box::pin(async { Ok(worker(include_str!("../../../assets/officer/worker.js"))) }),
};
