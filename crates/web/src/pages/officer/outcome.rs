//! `/officer/outcome`: what was done after the checks of a stop.

use askama::Template;
use link::problem::Problem;
use node::verify::ReceiptLine;
use proof::receipt::Outcome;

use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The form below the answers.
pub static SEND: Page = Page::post("/officer/outcome", Access::Act("verify.record"), FORM, |app, visit| {
    Box::pin(send(app, visit))
});

/// Asked before something is let go that was found 无效.
#[derive(Template)]
#[template(path = "officer/ask.html")]
struct Ask {
    frame: Frame,
    stop: String,
    note: String,
    back: String,
    outcome: &'static str,
    against: Vec<ReceiptLine>,
}

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
    if visit.form.get("sure") != "yes" {
        let (stop, actor) = (id.clone(), actor.clone());
        let against = app.work(move |app| app.province.group_against(&stop, outcome, &actor)).await?;
        if !against.is_empty() {
            return ask(&visit, id, outcome, against);
        }
    }
    let stop = id.clone();
    app.work(move |app| app.province.group_outcome(&stop, outcome, &note, &actor, now)).await?;
    Ok(go(if back { format!("/officer/history/{id}?done=outcome") } else { "/officer?done=outcome".into() }))
}

/// Nothing is recorded yet: the question, with what was entered.
fn ask(visit: &Visit, stop: String, outcome: Outcome, against: Vec<ReceiptLine>) -> Result<Reply, Problem> {
    if visit.part {
        return Err(Problem::new(409, "OUTCOME_ASK", "本次检查有“无效”的核验结果")
            .detail(format!("本次检查中有 {} 项核验结论为“无效”，处理结果还没有登记", against.len()))
            .fix("确认放行，或改选其他处理结果"));
    }
    let page = Ask {
        frame: visit.frame("确认处理结果"),
        stop,
        note: visit.form.get("note").to_owned(),
        back: visit.form.get("back").to_owned(),
        outcome: outcome.text(),
        against,
    };
    Ok(html(&page)?.status(409))
}
