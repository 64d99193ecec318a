//! One post with everybody who ever held it.

use askama::Template;
use link::problem::Problem;
use node::duty::PostView;

use super::{MANAGE, READ, no_post};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// One post, to be kept.
pub static ONE: Page =
    Page::get("/admin/duty/{id}", Access::Act(MANAGE), |app, visit| Box::pin(show(app, visit, MANAGE, None)));

/// One post, to be read.
pub static OWN_ONE: Page = Page::get("/supervisor/duty/{id}", Access::Act(READ), |app, visit| {
    Box::pin(show(app, visit, READ, None))
});

struct Term {
    person: String,
    phone: String,
    unit: String,
    days: String,
    recorded: String,
    now: bool,
}

#[derive(Template)]
#[template(path = "admin/duty_post.html")]
struct Shown {
    frame: Frame,
    root: &'static str,
    manage: bool,
    id: String,
    name: String,
    closed: bool,
    held: bool,
    facts: Vec<(&'static str, String)>,
    terms: Vec<Term>,
    today: String,
    /// What was typed.
    person: String,
    phone: String,
    unit: String,
    wrong: Option<(String, String)>,
}

/// The post; `wrong` is what was wrong with a form of it.
pub(super) async fn show(
    app: App,
    visit: Visit,
    act: &'static str,
    wrong: Option<(String, String)>,
) -> Result<Reply, Problem> {
    let live = visit.live()?;
    let (id, areas, actor, now) =
        (visit.param("id").to_owned(), live.reach(act).areas, live.actor(), visit.now);
    let found = app.work(move |app| app.province.duty_view(&id, &areas, &actor, now)).await?;
    let PostView { post, holders } = found.ok_or_else(|| no_post(visit.param("id")))?;
    let status = if wrong.is_some() { 409 } else { 200 };
    let terms = holders.into_iter().map(|one| Term {
        days: match one.ends_on.as_deref() {
            Some(last) if last < one.begins_on.as_str() => format!("{} 起（任命已撤回）", one.begins_on),
            last => format!("{} 至 {}", one.begins_on, last.unwrap_or("今")),
        },
        recorded: match &one.recorded_by.1 {
            Some(by) => format!("{}（{} 登记离任）", one.recorded_by.0, by),
            None => format!("{}，{}", one.recorded_by.0, minute(one.recorded_at)),
        },
        person: one.person,
        phone: one.phone,
        unit: one.unit,
        now: one.now,
    });
    let get = |name: &str| visit.form.get(name).to_owned();
    let page = Shown {
        frame: visit.frame(&post.name),
        root: if act == MANAGE { "/admin/duty" } else { "/supervisor/duty" },
        manage: act == MANAGE && !post.closed,
        held: post.holder.is_some(),
        facts: vec![
            ("行政区划", format!("{}（{}）", post.area_name, post.area)),
            ("层级", format!("{}级", post.level)),
            ("负责", post.what),
            ("依据", if post.basis.is_empty() { "—".into() } else { post.basis }),
            ("登记时间", minute(post.created_at)),
        ],
        id: post.id,
        name: post.name,
        closed: post.closed,
        terms: terms.collect(),
        today: lifecycle::day_of(now).to_string(),
        person: get("person"),
        phone: get("phone"),
        unit: get("unit"),
        wrong,
    };
    Ok(html(&page)?.status(status))
}
