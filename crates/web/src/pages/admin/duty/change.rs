//! What is done to the register: posts made and given up, people put in and taken out.

use link::problem::Problem;
use node::duty::{NewHolder, NewPost};

use super::{MANAGE, list, one};
use crate::pages::visit::go;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// A new post.
pub static ADD: Page =
    Page::post("/admin/duty", Access::Act(MANAGE), FORM, |app, visit| Box::pin(add(app, visit)));

/// The illustrative posts.
pub static DEFAULTS: Page = Page::post("/admin/duty/defaults", Access::Act(MANAGE), FORM, |app, visit| {
    Box::pin(defaults(app, visit))
});

/// Somebody takes a post.
pub static FILL: Page =
    Page::post("/admin/duty/{id}/fill", Access::Act(MANAGE), FORM, |app, visit| Box::pin(fill(app, visit)));

/// Whoever holds it leaves.
pub static VACATE: Page = Page::post("/admin/duty/{id}/vacate", Access::Act(MANAGE), FORM, |app, visit| {
    Box::pin(vacate(app, visit))
});

/// A post is given up.
pub static CLOSE: Page =
    Page::post("/admin/duty/{id}/close", Access::Act(MANAGE), FORM, |app, visit| Box::pin(close(app, visit)));

/// What was wrong with a form, for the page that shows it again.
fn wrong(problem: Problem) -> Result<Option<(String, String)>, Problem> {
    if problem.status != 409 {
        return Err(problem);
    }
    Ok(Some((problem.detail.unwrap_or_default(), problem.fix.unwrap_or_default())))
}

async fn add(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (actor, now, form) = (visit.live()?.actor(), visit.now, visit.form.clone());
    let get = |name: &str| form.get(name).to_owned();
    let new = NewPost { name: get("name"), area: get("area"), what: get("what"), basis: get("basis") };
    match app.work(move |app| app.province.duty_add(&new, &actor, now)).await {
        Ok(id) => Ok(go(format!("/admin/duty/{id}?done=duty-added"))),
        Err(problem) => list::list(app, visit, MANAGE, wrong(problem)?).await,
    }
}

async fn defaults(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (actor, now) = (visit.live()?.actor(), visit.now);
    app.work(move |app| app.province.duty_defaults(&actor, now)).await?;
    Ok(go("/admin/duty?done=duty-defaults"))
}

async fn fill(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (actor, now, form) = (visit.live()?.actor(), visit.now, visit.form.clone());
    let get = |name: &str| form.get(name).to_owned();
    let new = NewHolder {
        person: get("person"),
        phone: get("phone"),
        unit: get("unit"),
        begins_on: get("begins_on"),
        ends_on: Some(get("ends_on")).filter(|day| !day.is_empty()),
    };
    let id = visit.param("id").to_owned();
    let done = app.work(move |app| app.province.duty_fill(&id, &new, &actor, now)).await;
    back(app, visit, done, "duty-filled").await
}

async fn vacate(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (actor, now, id) = (visit.live()?.actor(), visit.now, visit.param("id").to_owned());
    let day = visit.form.get("last_day").to_owned();
    let done = app.work(move |app| app.province.duty_vacate(&id, &day, &actor, now)).await;
    back(app, visit, done, "duty-vacated").await
}

async fn close(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (actor, now, id) = (visit.live()?.actor(), visit.now, visit.param("id").to_owned());
    let done = app.work(move |app| app.province.duty_close(&id, &actor, now)).await;
    back(app, visit, done, "duty-closed").await
}

/// To the page of the post; or it again, with what was wrong.
async fn back(app: App, visit: Visit, done: Result<(), Problem>, code: &str) -> Result<Reply, Problem> {
    match done {
        Ok(()) => Ok(go(format!("/admin/duty/{}?done={code}", visit.param("id")))),
        Err(problem) => one::show(app, visit, MANAGE, wrong(problem)?).await,
    }
}
