//! What can be done with a client: rights given and taken, a new secret, disabled.

use link::problem::Problem;

use super::new::Secret;
use super::one::{find, no_client};
use super::{ACT, given};
use crate::pages::form::missing;
use crate::pages::table::encode;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// Gives rights.
pub static GIVE: Page = Page::post("/admin/clients/{id}/give", Access::Fresh(ACT), FORM, |app, visit| {
    Box::pin(change_rights(app, visit, true))
});

/// Takes a right away.
pub static DROP: Page = Page::post("/admin/clients/{id}/drop", Access::Fresh(ACT), FORM, |app, visit| {
    Box::pin(change_rights(app, visit, false))
});

/// A new secret.
pub static ROTATE: Page = Page::post("/admin/clients/{id}/rotate", Access::Fresh(ACT), FORM, |app, visit| {
    Box::pin(rotate(app, visit))
});

/// Disables it.
pub static DISABLE: Page =
    Page::post("/admin/clients/{id}/disable", Access::Fresh(ACT), FORM, |app, visit| {
        Box::pin(disable(app, visit))
    });

fn page(id: &str, done: &str) -> Reply {
    go(format!("/admin/clients/{}?done={done}", encode(id)))
}

async fn change_rights(app: App, visit: Visit, give: bool) -> Result<Reply, Problem> {
    let (id, actor, now) = (visit.param("id").to_owned(), visit.live()?.actor(), visit.now);
    let more = given(&visit.form);
    let text = visit.form.get("right").to_owned();
    if give && more.is_empty() {
        return Err(missing("权限事项"));
    }
    let name = id.clone();
    let found = app
        .work(move |app| {
            let found = find(app, &name)?.is_some();
            if found {
                let (more, less) = if give { (more, Vec::new()) } else { (Vec::new(), vec![text]) };
                app.province.client_rights_change(&name, (&more, &less), &actor, now)?;
            }
            Ok(found)
        })
        .await?;
    if found { Ok(page(&id, "client-rights")) } else { Err(no_client(&id)) }
}

async fn rotate(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (id, actor, now) = (visit.param("id").to_owned(), visit.live()?.actor(), visit.now);
    // A page that is loaded again must not make the secret useless that was just handed over.
    let seen = visit.form.get("seen").parse().unwrap_or_default();
    let name = id.clone();
    let done = app
        .work(move |app| {
            if find(app, &name)?.is_none() {
                return Ok(None);
            }
            app.province.client_rotate_seen(&name, Some(seen), &actor, now).map(Some)
        })
        .await?;
    let issued = done.ok_or_else(|| no_client(&id))?;
    html(&Secret {
        frame: visit.frame("对接密钥"),
        id: issued.id,
        secret: issued.secret.to_string(),
        again: true,
    })
}

async fn disable(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (id, actor, now) = (visit.param("id").to_owned(), visit.live()?.actor(), visit.now);
    let name = id.clone();
    let found = app
        .work(move |app| {
            let found = find(app, &name)?.is_some();
            if found {
                app.province.client_disable(&name, &actor, now)?;
            }
            Ok(found)
        })
        .await?;
    if found { Ok(page(&id, "client-disabled")) } else { Err(no_client(&id)) }
}
