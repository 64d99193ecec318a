//! What the record said of a certificate at an instant, with the proof of it (B7).

use askama::Template;
use link::problem::Problem;
use node::audit::AsOf;
use node::lifecycle::Origin;

use super::ACT;
use super::entry::attached;
use super::list::second;
use super::query::{exact, instant};
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The state.
pub static STATE: Page =
    Page::get("/admin/audit/state", Access::Act(ACT), |app, visit| Box::pin(show(app, visit)));

/// Its proof as a file.
pub static FILE: Page =
    Page::get("/admin/audit/state/proof", Access::Act(ACT), |app, visit| Box::pin(file(app, visit)));

#[derive(Template)]
#[template(path = "admin/audit_state.html")]
struct Shown {
    frame: Frame,
    object: String,
    at: String,
    key: String,
    facts: Vec<(&'static str, String)>,
    leaf: Option<u64>,
    note: Option<String>,
    proven: bool,
    file: String,
}

/// The answer, and what the status is called.
async fn ask(app: &App, visit: &Visit) -> Result<(AsOf, String), Problem> {
    let key = visit.query.need("object", "证照标识或内部编号")?.to_owned();
    let text = visit.query.need("at", "时点")?.to_owned();
    let at = instant(&text).ok_or_else(|| {
        Problem::new(422, "AT", "时点不合规").item(text).detail("时点不能识别").fix("请写成 2026-11-22 08:30")
    })?;
    let (actor, now) = (visit.live()?.actor(), visit.now);
    app.work(move |app| {
        // An unknown name goes on as it is: whoever answers says that there is no such certificate.
        let id = app.province.locate(Origin::Key(&key))?.map_or(key, |found| found.id);
        let answer = app.province.as_of(&id, at, &actor, now)?;
        let day = lifecycle::day_of(at);
        let status = answer.state.as_ref().map(|state| app.province.rules.status_name(state, day));
        Ok((answer, status.unwrap_or_else(|| "尚未入库".into())))
    })
    .await
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (answer, status) = ask(&app, &visit).await?;
    let mut facts =
        vec![("状态", status), ("时点", second(answer.at)), ("内部编号", answer.certificate.clone())];
    if let Some(state) = &answer.state {
        let day = |day: Option<String>| day.unwrap_or_else(|| "未记载".into());
        let kind = app.province.data.catalogue.kinds().iter().find(|kind| kind.slug == state.kind);
        let name = |code: &String| {
            kind.map_or_else(|| code.clone(), |kind| app.province.entitlement_name(kind, code))
        };
        let entitlements: Vec<String> =
            state.entitlements.iter().map(|(code, one)| format!("{}（{}）", name(code), one.base)).collect();
        facts.extend([
            ("版本", if state.version == 0 { "未转化".into() } else { format!("第 {} 版", state.version) }),
            ("变动次数", state.state_seq.to_string()),
            ("有效期自", day(state.valid_from.map(|one| one.to_string()))),
            ("有效期至", day(state.valid_to.map(|one| one.to_string()))),
            ("经营范围等事项", if entitlements.is_empty() { "—".into() } else { entitlements.join("、") }),
        ]);
    }
    html(&Shown {
        frame: visit.frame("某时点的状态"),
        object: visit.query.get("object").to_owned(),
        at: exact(answer.at),
        file: format!("/admin/audit/state/proof?object={}&at={}", answer.certificate, exact(answer.at)),
        key: answer.certificate,
        facts,
        leaf: answer.leaf,
        note: answer.note,
        proven: answer.proof.is_some(),
    })
}

async fn file(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (answer, _) = ask(&app, &visit).await?;
    let text = answer.file().ok_or_else(|| {
        let why = answer.note.clone().unwrap_or_else(|| "尚无覆盖该时点的检查点".into());
        Problem::new(409, "NO_PROOF", "还不能出具证明")
            .detail(why)
            .fix("请在下一个检查点之后重试，或由系统管理员运行 luzheng audit checkpoint")
    })?;
    Ok(attached(&format!("{}-{}.as-of.json", app.province.id, answer.at / 1_000_000), text))
}
