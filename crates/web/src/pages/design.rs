//! `/design`: every component, in debug builds.

use askama::Template;

use super::frame::Frame;
use super::visit::html;
use super::{Access, Page};

/// The page.
pub static PAGE: Page = Page::get("/design", Access::Open, |_, visit| {
    Box::pin(async move { html(&Design { frame: visit.frame("组件") }) })
});

#[derive(Template)]
#[template(path = "design.html")]
struct Design {
    frame: Frame,
}
