//! `/account`: who I am here, and where I am signed in.

use askama::Template;
use link::problem::Problem;
use node::operator::Factors;
use node::session::{SessionEntry, Visitor};

use super::frame::Frame;
use super::visit::{go, html};
use super::{Access, FORM, Page, Visit};
use crate::api::local_time;
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/account", Access::Act("session.own"), |app, visit| Box::pin(show(app, visit)));

/// Ends a session.
pub static END: Page =
    Page::post("/account/end", Access::Act("session.own"), FORM, |app, visit| Box::pin(end(app, visit)));

/// What makes a sign-in safe, of a person with an account.
struct Safety {
    changed: String,
    totp: bool,
    certificate: Option<String>,
    left: i64,
    two: bool,
}

struct Line {
    id: String,
    device: String,
    begun: String,
    seen: String,
    ends: String,
    own: bool,
}

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    frame: Frame,
    facts: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    safety: Option<Safety>,
    /// Holders have no password.
    holder: bool,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (live, now) = (visit.live()?.clone(), visit.now);
    let facts = match &live.visitor {
        Visitor::Operator { account, person, unit, staff_no, areas, kinds } => vec![
            ("姓名", person.clone()),
            ("单位", unit.clone()),
            ("证号", staff_no.clone()),
            ("角色", live.role.name.clone()),
            ("行政区划", area_names(areas)),
            ("证照种类", kind_names(&app, kinds)),
            ("账号", account.clone()),
        ],
        Visitor::Holder(_) => vec![("姓名或名称", visit.name.clone().unwrap_or_default())],
    };
    let two = live.role.factor == Factors::Two;
    let name = live.subject.strip_prefix("operator:").unwrap_or_default().to_owned();
    let (entries, own, left) = app
        .look(move |app| {
            let entries = app.province.session_list(&live, now)?;
            let left = app.province.operator_recovery_left(&name)?;
            Ok((entries, app.province.operator_get(&name)?, left))
        })
        .await?;
    let safety = own.map(|entry| Safety {
        changed: minute(entry.changed_at),
        totp: entry.totp,
        certificate: entry.certificate_text(),
        left,
        two,
    });
    let line = |entry: SessionEntry| Line {
        begun: minute(entry.created_at),
        seen: minute(entry.seen_at),
        ends: minute(entry.ends_at),
        id: entry.id,
        device: entry.device,
        own: entry.own,
    };
    html(&Account {
        holder: safety.is_none(),
        frame: visit.frame("账户"),
        facts,
        lines: entries.into_iter().map(line).collect(),
        safety,
    })
}

async fn end(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (live, now) = (visit.live()?.clone(), visit.now);
    let id = visit.form.need("id", "登录")?.to_owned();
    let own = id == live.id;
    app.work(move |app| app.province.session_end(&live, Some(&id), now)).await?;
    let to = if own { "/?done=signed-out" } else { "/account?done=ended" };
    Ok(go(to))
}

/// Areas as people read them.
pub(super) fn area_names(areas: &[String]) -> String {
    if areas.iter().any(|area| area == "*") { "全省".into() } else { areas.join("、") }
}

/// Kinds as people call them.
pub(super) fn kind_names(app: &App, kinds: &[String]) -> String {
    if kinds.iter().any(|kind| kind == "*") {
        return "全部".into();
    }
    let known = app.province.data.catalogue.kinds();
    let name = |slug: &String| {
        let kind = known.iter().find(|kind| kind.slug == *slug);
        kind.map_or_else(|| slug.clone(), |kind| kind.name.clone())
    };
    kinds.iter().map(name).collect::<Vec<_>>().join("、")
}

/// An instant to the minute, as people here read it.
pub(crate) fn minute(micros: i64) -> String {
    local_time(micros)[..16].replace('T', " ")
}
