//! `/window/activate`: a clerk activates for a holder who stands at the window: first whose certificate it is, then the act.

use askama::Template;
use link::problem::Problem;
use node::audit::Actor;
use node::certificate::{Hit, Search, within};
use node::deliver::WindowActivation;
use node::lifecycle::Origin;

use crate::pages::frame::Frame;
use crate::pages::standing::tone;
use crate::pages::visit::html;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

const ACT: &str = "deliver.window";

/// The page.
pub static PAGE: Page = Page::get("/window/activate", Access::Act(ACT), |_, visit| {
    Box::pin(async move { page(&visit, Shown::default()) })
});

/// Its form: what is meant, and after that, with `sure`, the act.
pub static SEND: Page =
    Page::post("/window/activate", Access::Act(ACT), FORM, |app, visit| Box::pin(send(app, visit)));

/// Certificates to choose from at most.
const MOST: u32 = 20;

/// What the page shows beside the form.
#[derive(Default)]
struct Shown {
    /// What was typed stays; after an act the form is empty.
    keep: bool,
    /// Whose certificates are meant.
    hits: Vec<Meant>,
    done: Option<String>,
    error: Option<(String, String)>,
}

/// A certificate that may be meant, with its colour.
struct Meant {
    hit: Hit,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "window/activate.html")]
struct Activate {
    frame: Frame,
    certificate: String,
    proof: String,
    hits: Vec<Meant>,
    done: Option<String>,
    error: Option<(String, String)>,
}

fn page(visit: &Visit, shown: Shown) -> Result<Reply, Problem> {
    let Shown { keep, hits, done, error } = shown;
    let typed = |name: &str| if keep { visit.form.get(name).to_owned() } else { String::new() };
    let status = if error.is_some() { 409 } else { 200 };
    let (certificate, proof) = (typed("certificate"), typed("proof"));
    let made = Activate { frame: visit.frame("窗口激活"), certificate, proof, hits, done, error };
    Ok(html(&made)?.status(status))
}

fn refused(visit: &Visit, what: impl Into<String>, fix: impl Into<String>) -> Result<Reply, Problem> {
    page(visit, Shown { keep: true, error: Some((what.into(), fix.into())), ..Shown::default() })
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let done =
        if visit.form.get("sure") == "yes" { activate(&app, &visit).await } else { look(&app, &visit).await };
    match done {
        // What was typed stays, with what is wrong in it.
        Err(problem) if problem.status < 500 => {
            refused(&visit, problem.detail.unwrap_or(problem.title), problem.fix.unwrap_or_default())
        }
        done => done,
    }
}

/// Whose certificate is meant: nothing is done yet.
async fn look(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let text = visit.form.need("certificate", "证照编号或证照标识")?.to_owned();
    let live = visit.live()?;
    let (reach, now) = (within(live, ACT), visit.now);
    let actor = Actor { purpose: Some("窗口激活".into()), ..live.actor() };
    let search = Search { text, by: None, below: None, most: MOST };
    let found = app.work(move |app| app.province.certificate_search(&search, &reach, &actor, now)).await?;
    if found.hits.is_empty() {
        return refused(
            visit,
            "本窗口的行政区划内没有这件证照",
            "请核对证照编号或证照标识；其他地区的证照请到当地窗口办理",
        );
    }
    let meant = |hit: Hit| Meant { tone: tone(hit.usable, &hit.status), hit };
    page(visit, Shown { keep: true, hits: found.hits.into_iter().map(meant).collect(), ..Shown::default() })
}

async fn activate(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let certificate = visit.form.need("id", "证照")?.to_owned();
    let proof = visit.form.need("proof", "核对身份的方式")?.to_owned();
    let (live, now) = (visit.live()?.clone(), visit.now);
    let one = WindowActivation { certificate, proof };
    let done = app
        .work(move |app| {
            // Another area's certificate, or one of another kind, is not this window's to touch; it is not said that there is one.
            let place = app.province.locate(Origin::Key(&one.certificate))?;
            if place.is_none_or(|place| !live.may_kind(ACT, &place.area, &place.kind)) {
                return Ok(None);
            }
            app.province.deliver_activate_at_window(&one, &live.actor(), now).map(Some)
        })
        .await?;
    match done {
        None => refused(visit, "本窗口的行政区划内没有这件证照", "请重新查询证照"),
        Some(one) if one.at.is_some() => {
            let word = if one.already { "此前已经激活，无须再办" } else { "已激活" };
            let named = visit.form.get("certificate");
            page(visit, Shown { done: Some(format!("证照 {named} {word}。")), ..Shown::default() })
        }
        Some(one) => {
            let why = one.why.map(|why| (why.what, why.fix));
            let (what, fix) = why.unwrap_or(("不能激活".into(), "请核对证照".into()));
            refused(visit, what, fix)
        }
    }
}
