//! `/`: the way in for everybody.

use askama::Template;
use link::problem::Problem;

use super::frame::Frame;
use super::visit::{go, html};
use super::{Access, Page, Visit};
use crate::Reply;

/// The page.
pub static PAGE: Page = Page::get("/", Access::Open, |_, visit| Box::pin(async move { show(&visit) }));

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome {
    frame: Frame,
}

fn show(visit: &Visit) -> Result<Reply, Problem> {
    match &visit.live {
        Some(live) => Ok(go(live.role.home.clone())),
        None => html(&Welcome { frame: visit.frame("道路运输电子证照") }),
    }
}
