//! The rules that posts work by: documents with versions, none of which is ever overwritten.

use askama::Template;
use link::problem::Problem;
use node::duty::{NewRule, Rule};

use super::{MANAGE, READ};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, Page, Visit};
use crate::{App, Method, Reply};

/// All rules.
pub static RULES: Page =
    Page::get("/admin/duty/rules", Access::Act(MANAGE), |app, visit| Box::pin(show(app, visit, true, None)));

/// All rules, to be read.
pub static OWN_RULES: Page = Page::get("/supervisor/duty/rules", Access::Act(READ), |app, visit| {
    Box::pin(show(app, visit, false, None))
});

/// A new rule or version.
pub static RULE: Page = Page {
    method: Method::Post,
    path: "/admin/duty/rules",
    access: Access::Act(MANAGE),
    // A rule may be long.
    body_limit: 1024 * 1024,
    handler: |app, visit| Box::pin(add(app, visit)),
};

struct Line {
    rule: Rule,
    recorded: String,
}

#[derive(Template)]
#[template(path = "admin/duty_rules.html")]
struct Rules {
    frame: Frame,
    root: &'static str,
    manage: bool,
    lines: Vec<Line>,
    typed: NewRule,
    wrong: Option<(String, String)>,
}

async fn show(
    app: App,
    visit: Visit,
    manage: bool,
    wrong: Option<(String, String)>,
) -> Result<Reply, Problem> {
    let rules = app.work(|app| app.province.duty_rules()).await?;
    let status = if wrong.is_some() { 409 } else { 200 };
    let lines = rules
        .into_iter()
        .map(|rule| Line { recorded: format!("{}，{}", rule.recorded_by, minute(rule.recorded_at)), rule });
    let page = Rules {
        frame: visit.frame("制度"),
        root: if manage { "/admin/duty" } else { "/supervisor/duty" },
        manage,
        lines: lines.collect(),
        typed: typed(&visit),
        wrong,
    };
    Ok(html(&page)?.status(status))
}

fn typed(visit: &Visit) -> NewRule {
    let get = |name: &str| visit.form.get(name).to_owned();
    NewRule {
        title: get("title"),
        version: get("version"),
        effective_on: get("effective_on"),
        body: get("body"),
        file: get("file"),
        file_sm3: get("file_sm3"),
    }
}

async fn add(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (actor, now, new) = (visit.live()?.actor(), visit.now, typed(&visit));
    match app.work(move |app| app.province.duty_rule_add(&new, &actor, now)).await {
        Ok(_) => Ok(go("/admin/duty/rules?done=duty-rule")),
        Err(problem) if problem.status == 409 => {
            let wrong = (problem.detail.unwrap_or_default(), problem.fix.unwrap_or_default());
            show(app, visit, true, Some(wrong)).await
        }
        Err(problem) => Err(problem),
    }
}
