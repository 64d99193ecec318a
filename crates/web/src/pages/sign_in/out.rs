//! `/sign-out`.

use link::problem::Problem;

use crate::pages::visit::go;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The form in every header.
pub static SEND: Page = Page::post("/sign-out", Access::Begun, FORM, |app, visit| Box::pin(send(app, visit)));

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (live, now) = (visit.live()?.clone(), visit.now);
    app.work(move |app| app.province.session_end(&live, Some(&live.id.clone()), now)).await?;
    Ok(super::forget(go("/?done=signed-out")))
}
