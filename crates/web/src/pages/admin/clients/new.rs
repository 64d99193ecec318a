//! A new client; its secret is shown once, on the page that answers the form.

use askama::Template;
use link::problem::Problem;
use node::client::{ACTS, NewClient};

use super::{ACT, given, kinds};
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The form.
pub static NEW: Page =
    Page::get("/admin/clients/new", Access::Fresh(ACT), |app, visit| Box::pin(form(app, visit)));

/// What it is sent to.
pub static SEND: Page =
    Page::post("/admin/clients/new", Access::Fresh(ACT), FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "admin/client_new.html")]
struct New {
    frame: Frame,
    /// Field and value as they were typed.
    id: String,
    name: String,
    source: String,
    areas: String,
    callback: String,
    /// Act, name, ticked?
    acts: Vec<(&'static str, &'static str, bool)>,
    /// Slug, name, ticked?
    kinds: Vec<(String, String, bool)>,
    wrong: Option<(String, String)>,
}

/// The secret of a client that was just made or given a new one.
#[derive(Template)]
#[template(path = "admin/client_secret.html")]
pub(super) struct Secret {
    pub frame: Frame,
    pub id: String,
    pub secret: String,
    /// A new secret of an old client?
    pub again: bool,
}

async fn form(app: App, visit: Visit) -> Result<Reply, Problem> {
    html(&filled(&app, &visit, None))
}

fn filled(app: &App, visit: &Visit, wrong: Option<(String, String)>) -> New {
    let form = &visit.form;
    let get = |name: &str| form.get(name).to_owned();
    New {
        frame: visit.frame("登记对接系统"),
        id: get("id"),
        name: get("name"),
        source: get("source"),
        areas: get("areas"),
        callback: get("callback"),
        acts: ACTS.iter().map(|(act, name)| (*act, *name, form.all("act").any(|one| one == *act))).collect(),
        kinds: kinds(app)
            .into_iter()
            .map(|(slug, name)| {
                let ticked = form.all("kind").any(|one| one == slug);
                (slug, name, ticked)
            })
            .collect(),
        wrong,
    }
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (actor, now, form) = (visit.live()?.actor(), visit.now, visit.form.clone());
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let new = NewClient {
        // Named by a person, so that the same form sent twice is refused and not taken for a second client.
        id: some(form.get("id")),
        name: form.get("name").to_owned(),
        source: form.get("source").to_owned(),
        rights: given(&form),
        callback: some(form.get("callback")),
    };
    if new.id.is_none() {
        let wrong = ("没有填写编号".into(), "请写 1 到 64 个字母、数字或“. _ : -”".into());
        return Ok(html(&filled(&app, &visit, Some(wrong)))?.status(422));
    }
    match app.work(move |app| app.province.client_add(new, &actor, now)).await {
        Ok(issued) => html(&Secret {
            frame: visit.frame("对接密钥"),
            id: issued.id,
            secret: issued.secret.to_string(),
            again: false,
        }),
        Err(problem) if problem.status == 409 => {
            let wrong = (problem.detail.unwrap_or_default(), problem.fix.unwrap_or_default());
            Ok(html(&filled(&app, &visit, Some(wrong)))?.status(409))
        }
        Err(problem) => Err(problem),
    }
}
