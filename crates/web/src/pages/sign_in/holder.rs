//! `/sign-in/holder`: name, document number, and a one-time code to the phone on record.

use askama::Template;
use link::problem::Problem;
use node::deliver::{SignInFinished, SignInRequest, SignInStarted};

use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page =
    Page::get("/sign-in/holder", Access::Open, |_, visit| Box::pin(async move { show(&visit) }));

/// Asks for a code.
pub static SEND: Page =
    Page::post("/sign-in/holder", Access::Open, FORM, |app, visit| Box::pin(send(app, visit)));

/// Hands the code in.
pub static CODE: Page =
    Page::post("/sign-in/holder/code", Access::Open, FORM, |app, visit| Box::pin(code(app, visit)));

#[derive(Template)]
#[template(path = "sign_in/holder.html")]
struct SignInPage {
    frame: Frame,
    next: String,
    name: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in/code.html")]
struct CodePage {
    frame: Frame,
    next: String,
    challenge: String,
    error: Option<String>,
}

const TITLE: &str = "持证人登录";

fn ask(visit: &Visit, next: String, name: String, error: Option<String>) -> Result<Reply, Problem> {
    html(&SignInPage { frame: visit.frame(TITLE), next, name, error })
}

fn show(visit: &Visit) -> Result<Reply, Problem> {
    match &visit.live {
        Some(live) => Ok(go(live.role.home.clone())),
        None => ask(visit, visit.query.get("next").to_owned(), String::new(), None),
    }
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let request = SignInRequest {
        name: visit.form.need("name", "姓名或名称")?.to_owned(),
        number: visit.form.need("number", "证件号码")?.to_owned(),
        address: visit.address.clone(),
    };
    let (name, now) = (request.name.clone(), visit.now);
    let next = visit.form.get("next").to_owned();
    match app.work(move |app| app.province.sign_in_start(&request, now)).await? {
        SignInStarted::Sent { challenge, .. } => {
            html(&CodePage { frame: visit.frame(TITLE), next, challenge, error: None })
        }
        SignInStarted::TooMany { text, .. } => Ok(ask(&visit, next, name, Some(text))?.status(429)),
    }
}

async fn code(app: App, visit: Visit) -> Result<Reply, Problem> {
    let challenge = visit.form.need("challenge", "验证码请求")?.to_owned();
    let code = visit.form.need("code", "验证码")?.to_owned();
    let (device, now) = (visit.device.clone(), visit.now);
    let next = visit.form.get("next").to_owned();
    let asked = challenge.clone();
    let finished = app.work(move |app| app.province.sign_in_finish(&asked, &code, now)).await?;
    let subject = match finished {
        SignInFinished::In(subject) => subject,
        SignInFinished::Wrong { left } => {
            let error = Some(format!("验证码不对，还可以再试 {left} 次。"));
            let page = CodePage { frame: visit.frame(TITLE), next, challenge, error };
            return Ok(html(&page)?.status(403));
        }
        SignInFinished::Over => {
            let error = Some("验证码已失效，请重新获取。".to_owned());
            return Ok(ask(&visit, next, String::new(), error)?.status(403));
        }
    };
    let who = serde_json::to_string(&subject).map_err(|_| problems::internal())?;
    let begun =
        app.work(move |app| app.province.session_begin_holder(&subject.holder, &who, &device, now)).await?;
    Ok(super::begin(&visit, &begun))
}
