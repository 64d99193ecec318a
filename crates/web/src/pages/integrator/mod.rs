//! The integrator's pages: clients, sandbox, results, file batches. Whoever opens them sees the clients whose rights lie within the
//! account's areas and kinds, and the sources that have no other clients.

pub mod clients;
pub mod files;
pub mod lint;
pub mod results;
pub mod sandbox;

use super::{Page, Visit};
use crate::App;
use link::problem::Problem;

/// The right to look.
const READ: &str = "integrate.read";
/// The right to try.
const TRY: &str = "integrate.try";

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &clients::PAGE,
    &clients::ONE,
    &sandbox::PAGE,
    &lint::PAGE,
    &lint::SEND,
    &results::PAGE,
    &results::EXPORT,
    &files::PAGE,
];

/// The sources that may be looked at, and the one that the query names; the first where it names none.
async fn sources(app: &App, visit: &Visit) -> Result<(Vec<String>, Option<String>), Problem> {
    let scope = visit.live()?.reach(READ);
    let sources = app.work(move |app| app.province.client_sources(&scope)).await?;
    let asked = visit.query.get("source");
    if asked.is_empty() {
        let first = sources.first().cloned();
        return Ok((sources, first));
    }
    match sources.iter().find(|source| *source == asked).cloned() {
        Some(source) => Ok((sources, Some(source))),
        None => Err(no_source(asked)),
    }
}

/// No source, or one that reaches further: the same answer.
fn no_source(source: &str) -> Problem {
    Problem::new(404, "NOT_FOUND", "没有这个来源")
        .item(source)
        .detail(format!("没有来源“{source}”，或它的权限超出您的行政区划和证照种类"))
        .fix("请从列表中选择来源")
}
