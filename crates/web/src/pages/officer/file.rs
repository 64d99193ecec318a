//! `/officer/check/file`: an uploaded certificate file. Its bytes are the body, as the page's script sends them.

use link::problem::Problem;
use node::verify::Question;

use super::stop::{Wanted, ask};
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The check.
pub static SEND: Page =
    Page::post("/officer/check/file", Access::Act("verify.read"), 8 * 1024 * 1024, |app, visit| {
        Box::pin(send(app, visit))
    });

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    if visit.body.is_empty() {
        return Err(crate::pages::form::missing("证照文件"));
    }
    let question = Question::File(visit.body.to_vec());
    let (id, number, place) = (visit.query.get("stop"), visit.query.get("count"), visit.query.get("place"));
    let asked = ask(&app, &visit, question, Wanted { id, number, place }).await?;
    Ok(Reply::bytes("text/html; charset=utf-8", asked.html))
}
