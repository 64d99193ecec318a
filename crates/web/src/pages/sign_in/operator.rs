//! `/sign-in`: officers, clerks, administrators, by account and password.

use askama::Template;
use link::problem::Problem;
use node::operator::{SignIn, Who};

use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/sign-in", Access::Open, |app, visit| Box::pin(async move { show(&app, &visit) }));

/// Its form.
pub static SEND: Page = Page::post("/sign-in", Access::Open, FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "sign_in/operator.html")]
struct SignInPage {
    frame: Frame,
    next: String,
    account: String,
    error: Option<String>,
    /// Roles with two factors sign in with one: a demo.
    lax: bool,
}

fn ask(
    app: &App,
    visit: &Visit,
    account: String,
    next: &str,
    error: Option<String>,
) -> Result<Reply, Problem> {
    let lax = !app.province.sign_in.second_factor;
    let frame = visit.frame("工作人员登录");
    html(&SignInPage { frame, next: next.to_owned(), account, error, lax })
}

/// The session has ended; why, and the form to begin another.
pub(super) fn ended(app: &App, visit: &Visit, why: String) -> Result<Reply, Problem> {
    let frame = Frame::bare("工作人员登录");
    let lax = !app.province.sign_in.second_factor;
    let next = visit.form.get("next").to_owned();
    let page = SignInPage { frame, next, account: String::new(), error: Some(why), lax };
    Ok(super::forget(html(&page)?.status(403)))
}

fn show(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    if let Some(live) = &visit.live {
        return Ok(go(live.role.home.clone()));
    }
    ask(app, visit, String::new(), visit.query.get("next"), None)
}

/// What every sign-in that is refused is told.
const REFUSED: &str =
    "账号或口令不对，或账号已停用、已锁定。连续 5 次不对锁定 15 分钟，届时再试，或请安全管理员解锁。";

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let account = visit.form.get("account").to_owned();
    let (name, password) = (account.clone(), visit.form.raw("password").to_owned());
    let (device, address, now) = (visit.device.clone(), visit.address.clone(), visit.now);
    // A password takes 19 MiB and tens of milliseconds: a flood of them must not take the machine, nor wait here in places of others.
    let _place = app.sign_ins.try_acquire().map_err(|_| crate::problems::busy("同时登录的人数已达上限"))?;
    let answer = app
        .work(move |app| {
            let who = Who { account: &name, password: &password, device: &device, address: &address };
            app.province.operator_sign_in(who, now)
        })
        .await?;
    let error = match answer {
        SignIn::Done(begun) => return Ok(super::begin(&visit, &begun)),
        // One answer, whether there is such an account or not; and a lock that were told would tell a right password, too.
        SignIn::Refused | SignIn::Locked(_) => REFUSED.to_owned(),
        SignIn::Waiting => "账号尚未授权，不能登录。请联系安全管理员办理授权。".to_owned(),
        SignIn::TooMany(_) => {
            "从这个网络地址登录失败的次数过多，请 15 分钟后再试；如不是您本人操作，请告知安全管理员。"
                .to_owned()
        }
    };
    Ok(ask(&app, &visit, account, visit.form.get("next"), Some(error))?.status(403))
}
