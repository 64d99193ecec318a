//! `/officer/outcome`: what was done after the checks of a stop.

use link::problem::Problem;
use proof::receipt::Outcome;

use crate::pages::visit::go;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The form below the answers.
pub static SEND: Page = Page::post("/officer/outcome", Access::Act("verify.record"), FORM, |app, visit| {
    Box::pin(send(app, visit))
});

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let word = visit.form.need("outcome", "处理结果")?;
    let outcome = Outcome::of_text(word).filter(|one| *one != Outcome::None).ok_or_else(|| {
        Problem::new(422, "FORM_OUTCOME", "没有这种处理结果")
            .detail(format!("“{word}”不是可以登记的处理结果"))
            .fix("请从列表中选择")
    })?;
    let id = visit.form.need("stop", "检查")?.to_owned();
    let note = visit.form.get("note").to_owned();
    let (actor, now) = (visit.live()?.actor(), visit.now);
    let back = visit.form.get("back") == "history";
    let stop = id.clone();
    app.work(move |app| app.province.group_outcome(&stop, outcome, &note, &actor, now)).await?;
    Ok(go(if back { format!("/officer/history/{id}?done=outcome") } else { "/officer?done=outcome".into() }))
}
