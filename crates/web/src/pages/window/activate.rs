//! `/window/activate`: a clerk activates for a holder who stands at the window.

use askama::Template;
use link::problem::Problem;
use node::deliver::WindowActivation;
use node::lifecycle::Origin;

use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page = Page::get("/window/activate", Access::Act("deliver.window"), |_, visit| {
    Box::pin(async move { page(&visit, "", "", None, None) })
});

/// Its form.
pub static SEND: Page = Page::post("/window/activate", Access::Act("deliver.window"), FORM, |app, visit| {
    Box::pin(send(app, visit))
});

#[derive(Template)]
#[template(path = "window/activate.html")]
struct Activate {
    frame: Frame,
    certificate: String,
    proof: String,
    done: Option<String>,
    error: Option<(String, String)>,
}

fn page(
    visit: &Visit,
    certificate: &str,
    proof: &str,
    done: Option<String>,
    error: Option<(String, String)>,
) -> Result<Reply, Problem> {
    let (certificate, proof) = (certificate.to_owned(), proof.to_owned());
    html(&Activate { frame: visit.frame("窗口激活"), certificate, proof, done, error })
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let certificate = visit.form.need("certificate", "证照标识")?.to_owned();
    let proof = visit.form.need("proof", "核对身份的方式")?.to_owned();
    let (live, now) = (visit.live()?.clone(), visit.now);
    let one = WindowActivation { certificate: certificate.clone(), proof: proof.clone() };
    let done = app
        .work(move |app| {
            // Another area's certificate, or one of another kind, is not this window's to touch; it is not said that there is one.
            let place = app.province.locate(Origin::Key(&one.certificate))?;
            if place.is_none_or(|place| !live.may_kind("deliver.window", &place.area, &place.kind)) {
                return Ok(None);
            }
            app.province.deliver_activate_at_window(&one, &live.actor(), now).map(Some)
        })
        .await?;
    let refuse = |error| Ok(page(&visit, &certificate, &proof, None, Some(error))?.status(409));
    match done {
        None => refuse((
            "本窗口的行政区划内没有这件证照".into(),
            "请核对证照标识；其他地区的证照请到当地窗口办理".into(),
        )),
        Some(one) if one.at.is_some() => {
            let word = if one.already { "此前已经激活，无须再办" } else { "已激活" };
            page(&visit, "", "", Some(format!("证照 {certificate} {word}。")), None)
        }
        Some(one) => {
            let why = one.why.map(|why| (why.what, why.fix));
            refuse(why.unwrap_or(("不能激活".into(), "请核对证照标识".into())))
        }
    }
}
