//! The officer's pages: scan, see the answer in one glance, record the outcome; also with the network cut.

pub mod check;
pub mod file;
pub mod history;
pub mod outcome;
pub mod pack;
pub mod panel;
pub mod photo;
mod stop;

use crate::pages::holder::show::worker;
use crate::pages::{ASSETS, Access, Page};

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &check::PAGE,
    &check::SEND,
    &file::SEND,
    &photo::PAGE,
    &outcome::SEND,
    &history::PAGE,
    &history::STOP,
    &pack::PAGE,
    &pack::DEVICE,
    &pack::RECEIPTS,
    &WORKER,
];

/// The service worker of the officer's pages.
pub static WORKER: Page = Page::get("/officer/worker.js", Access::Open, |_, _| {
    Box::pin(async { Ok(worker(include_str!("../../../assets/officer/worker.js"))) })
});

/// What the officer's pages are made of, for the service worker to keep.
fn parts() -> String {
    let wanted = |path: &str| {
        path.starts_with("officer/")
            || path.starts_with("verify/")
            || path.starts_with("sign/")
            || !path.contains('/')
    };
    let assets =
        ASSETS.iter().filter(|asset| wanted(asset.path)).map(|asset| format!("/assets/{}", asset.path));
    let pages = ["/officer", "/officer/pack", "/reasons.json"].map(str::to_owned);
    pages.into_iter().chain(assets).collect::<Vec<_>>().join(" ")
}
