//! `/catalogue/compare`: what this node's catalogue changes of the built-in one, and what each dated definition changed of the one before.

use askama::Template;
use catalogue::{Catalogue, Kind, changes, diff};
use link::problem::Problem;

use super::days;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page = Page::get("/catalogue/compare", Access::Act("catalogue.read"), |app, visit| {
    Box::pin(async move { show(&app, &visit) })
});

struct Step {
    title: String,
    lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "catalogue/compare.html")]
struct Shown {
    frame: Frame,
    builtin: Vec<String>,
    steps: Vec<Step>,
    kinds: Vec<(String, String, bool)>,
}

fn show(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let ours = &app.province.data.catalogue;
    let builtin = Catalogue::builtin().map_err(|_| problems::internal())?;
    let code = visit.query.get("code");
    let mut kinds: Vec<(String, String, bool)> = Vec::new();
    for kind in ours.kinds() {
        if !kinds.iter().any(|(slug, ..)| *slug == kind.slug) {
            kinds.push((kind.slug.clone(), kind.name.clone(), kind.slug == code));
        }
    }
    html(&Shown {
        frame: visit.frame("目录比较"),
        builtin: diff(&builtin, ours),
        steps: steps(ours.kinds(), code),
        kinds,
    })
}

/// Each definition of a kind beside the one before it; of all kinds where none is named.
fn steps(all: &[Kind], code: &str) -> Vec<Step> {
    let mut kinds: Vec<&Kind> = all.iter().filter(|kind| code.is_empty() || kind.slug == code).collect();
    kinds.sort_by(|a, b| (&a.slug, a.effective_from).cmp(&(&b.slug, b.effective_from)));
    let pairs = kinds.windows(2).filter_map(|pair| match pair {
        [old, new] if old.slug == new.slug => Some((*old, *new)),
        _ => None,
    });
    pairs
        .map(|(old, new)| Step {
            title: format!(
                "{}：版本 {}（{}）→ 版本 {}（{}）",
                new.name,
                old.version,
                days(old.effective_from, old.effective_to),
                new.version,
                days(new.effective_from, new.effective_to)
            ),
            lines: changes(old, new),
        })
        .collect()
}
