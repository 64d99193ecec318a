//! `/sign-in/enable`: the code of 安全管理员, before somebody else's password lets anybody in.

use askama::Template;
use link::problem::Problem;
use node::operator::Enabling;
use node::session::Stage;

use super::{locked, onward, operator};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

const PATH: &str = "/sign-in/enable";

/// The page.
pub static PAGE: Page = Page::get(PATH, Access::Begun, |app, visit| Box::pin(show(app, visit)));

/// Its form.
pub static SEND: Page = Page::post(PATH, Access::Begun, FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "sign_in/enable.html")]
struct EnablePage {
    frame: Frame,
    next: String,
    until: Option<String>,
    error: Option<String>,
}

async fn ask(app: &App, visit: &Visit, next: &str, error: Option<String>) -> Result<Reply, Problem> {
    let (live, now) = (visit.live()?.clone(), visit.now);
    let until = app.look(move |app| app.province.operator_enable_until(&live, now)).await?;
    let frame = visit.frame("启用账号");
    html(&EnablePage { frame, next: next.to_owned(), until: until.map(minute), error })
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (live, next) = (visit.live()?, visit.query.get("next"));
    if live.stage != Stage::Enable {
        return Ok(onward(live, next));
    }
    ask(&app, &visit, next, None).await
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?.clone();
    let (code, now, next) = (visit.form.get("code").to_owned(), visit.now, visit.form.get("next").to_owned());
    if live.stage != Stage::Enable {
        return Ok(onward(&live, &next));
    }
    if code.is_empty() {
        return Ok(ask(&app, &visit, &next, Some("请输入启用码。".into())).await?.status(422));
    }
    let asked = live.clone();
    match app.work(move |app| app.province.operator_enable(&asked, &code, now)).await? {
        Enabling::Done => Ok(onward(&live, &next)),
        Enabling::Wrong => {
            let error = "启用码不对。请核对安全管理员最近一次交给您的启用码；连续 5 次不对将锁定 15 分钟。";
            Ok(ask(&app, &visit, &next, Some(error.into())).await?.status(403))
        }
        // The page says what to do.
        Enabling::Missing => Ok(ask(&app, &visit, &next, None).await?.status(403)),
        Enabling::Locked(until) => operator::ended(&app, &visit, locked(until)),
    }
}
