//! `/sign-in`: officers, clerks, administrators, by account and password.

use askama::Template;
use link::problem::Problem;
use node::operator::{SignIn, Who};

use crate::api::local_time;
use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Method, Reply};

/// The page.
pub static PAGE: Page = Page {
    method: Method::Get,
    path: "/sign-in",
    access: Access::Open,
    body_limit: 0,
    handler: |_, visit| Box::pin(async move { show(&visit) }),
};

/// Its form.
pub static SEND: Page = Page {
    method: Method::Post,
    path: "/sign-in",
    access: Access::Open,
    body_limit: FORM,
    handler: |app, visit| Box::pin(send(app, visit)),
};

#[derive(Template)]
#[template(path = "sign_in/operator.html")]
struct SignInPage {
    frame: Frame,
    next: String,
    account: String,
    error: Option<String>,
}

fn show(visit: &Visit) -> Result<Reply, Problem> {
    if let Some(live) = &visit.live {
        return Ok(go(live.role.home.clone()));
    }
    let next = visit.query.get("next").to_owned();
    html(&SignInPage { frame: visit.frame("工作人员登录"), next, account: String::new(), error: None })
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let account = visit.form.get("account").to_owned();
    let (name, password) = (account.clone(), visit.form.raw("password").to_owned());
    let (device, now) = (visit.device.clone(), visit.now);
    // A password takes 19 MiB and tens of milliseconds: a flood of them must not take the machine.
    let _place = app.sign_ins.acquire().await.map_err(|_| crate::problems::internal())?;
    let answer = app
        .work(move |app| {
            let who = Who { account: &name, password: &password, device: &device };
            app.province.operator_sign_in(who, now)
        })
        .await?;
    let error = match answer {
        SignIn::Done(begun) => return Ok(super::begin(&visit, &begun)),
        SignIn::Refused => "账号或口令不对，或账号已停用。连续 5 次不对将锁定 15 分钟。".to_owned(),
        SignIn::Locked(until) => {
            let until = local_time(until);
            format!("口令连续多次不对，账号已锁定至 {}。如不是您本人操作，请告知系统管理员。", &until[11..16])
        }
    };
    let next = visit.form.get("next").to_owned();
    let page = SignInPage { frame: visit.frame("工作人员登录"), next, account, error: Some(error) };
    Ok(html(&page)?.status(403))
}
