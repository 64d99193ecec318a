//! `/design`: every component, in debug builds.

use askama::Template;

use super::frame::Frame;
use super::visit::html;
use super::{Access, Page};
use crate::Method;

/// The page.
pub static PAGE: Page = Page {
    method: Method::Get,
    path: "/design",
    access: Access::Open,
    body_limit: 0,
    handler: |_, visit| Box::pin(async move { html(&Design { frame: visit.frame("组件") }) }),
};

#[derive(Template)]
#[template(path = "design.html")]
struct Design {
    frame: Frame,
}
