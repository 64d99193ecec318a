//! `/clerk/confirm`: 应急复核, the second person's word on an emergency act.

use askama::Template;
use link::problem::Problem;
use node::audit::Actor;
use node::certificate::Hit;
use node::manual::ManualView;

use super::{REVIEW, manual, refusal, within};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::standing::tone;
use crate::pages::table::{PAGE_ROWS, Table};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

const ACT: &str = "lifecycle.confirm";

/// What waits, and what was decided.
pub static PAGE: Page =
    Page::get("/clerk/confirm", Access::Act(ACT), |app, visit| Box::pin(list(app, visit)));

/// One request.
pub static ONE: Page = Page::get("/clerk/confirm/{id}", Access::Act(ACT), |app, visit| {
    Box::pin(async move { one(&app, &visit, None).await })
});

/// Confirms or rejects it: whoever does was asked for the password within ten minutes.
pub static SEND: Page =
    Page::post("/clerk/confirm/{id}", Access::Fresh(ACT), FORM, |app, visit| Box::pin(send(app, visit)));

#[derive(Template)]
#[template(path = "clerk/confirms.html")]
struct Confirms {
    frame: Frame,
    all: bool,
    list: String,
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, now) = (within(&visit, ACT)?, visit.now);
    let all = visit.query.get("of") == "all";
    let after = visit.query.get("after").to_owned();
    let mut found = app
        .work(move |app| {
            let below = Some(after.as_str()).filter(|below| !below.is_empty());
            app.province.manual_list((None, !all), &within, below, PAGE_ROWS + 1, now)
        })
        .await?;
    let mut table = Table::new(&visit, "应急办理申请", manual::HEADS, &["of"]);
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    table.next = found.last().filter(|_| more).map(|last| last.id.clone());
    let link = |one: &ManualView| Some(format!("/clerk/confirm/{}", one.id));
    table.rows =
        found.into_iter().map(|one| (link(&one), one)).map(|(link, one)| manual::row(one, link)).collect();
    table.empty = ("没有待复核的申请", "窗口经办提出应急办理后会出现在这里。");
    html(&Confirms { frame: visit.frame("应急复核"), all, list: table.html()? })
}

#[derive(Template)]
#[template(path = "clerk/confirm.html")]
struct Confirm {
    frame: Frame,
    one: ManualView,
    /// Colour of its status, and the certificate as it stands.
    now: Option<(&'static str, Hit)>,
    facts: Vec<(&'static str, String)>,
    own: bool,
    error: Option<(String, String)>,
    reason: String,
}

async fn one(app: &App, visit: &Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let (within, now, id) = (within(visit, ACT)?, visit.now, visit.param("id").to_owned());
    let (found, brief) = app
        .work(move |app| {
            let found = app.province.manual_show(&id, &within, now)?;
            let certificate = found.as_ref().map(|one| one.certificate.as_str()).unwrap_or_default();
            let brief = app.province.certificate_brief(certificate, &within, now)?;
            Ok((found, brief))
        })
        .await?;
    let one = found.ok_or_else(|| {
        Problem::new(404, "NOT_FOUND", "没有这项申请")
            .item(visit.param("id"))
            .detail("本账号的行政区划内没有这项应急办理申请")
            .fix("请回到“应急复核”查看最新的列表")
    })?;
    let failed = error.is_some();
    let page = Confirm {
        frame: visit.frame("应急复核"),
        now: brief.map(|brief| (tone(brief.usable, &brief.status), brief)),
        facts: facts(&one),
        own: one.is_own(&visit.live()?.actor()),
        reason: visit.form.get("reason").to_owned(),
        error,
        one,
    };
    Ok(html(&page)?.status(if failed { 409 } else { 200 }))
}

fn facts(one: &ManualView) -> Vec<(&'static str, String)> {
    let asked = &one.request;
    let mut facts = vec![
        ("业务种类", asked.event.clone()),
        ("生效日期", asked.effective_on.clone()),
        ("决定文号", format!("{}（{}）", asked.decision_no, asked.decision_date)),
        ("依据和理由", asked.grounds.clone()),
    ];
    for (name, value) in
        [("新的有效期止", &asked.valid_to), ("下次日期", &asked.due), ("结果", &asked.result)]
    {
        if !value.is_empty() {
            facts.push((name, value.clone()));
        }
    }
    facts.push(("申请人", format!("{}（{}）", one.maker.1, one.maker.0)));
    facts.push(("申请时间", minute(one.times.0)));
    facts.push(("复核期限", minute(one.times.1)));
    facts.push(("中断的业务系统", one.outages.join("、")));
    if let Some((who, at, reason)) = &one.decided {
        facts.push(("复核", format!("{who}　{}　{reason}", minute(*at))));
    }
    facts
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let actor = Actor { purpose: Some(REVIEW.into()), ..visit.live()?.actor() };
    let (within, now) = (within(&visit, ACT)?, visit.now);
    let (id, reason) = (visit.param("id").to_owned(), visit.form.get("reason").to_owned());
    let confirm = visit.form.get("word") == "confirm";
    let done = app
        .work(move |app| {
            refusal(if confirm {
                app.province.manual_confirm(&id, (&within, &actor), now).map(Some)
            } else {
                app.province.manual_reject(&id, &reason, (&within, &actor), now).map(|()| None)
            })
        })
        .await?;
    match done {
        Ok(Some(decided)) if !decided.done => {
            let (what, fix) = decided.text.split_once('；').unwrap_or((&decided.text, "请退回申请人"));
            one(&app, &visit, Some((format!("按规则不能办理：{what}"), fix.to_owned()))).await
        }
        // The page of the request says what came of it: an early act waits.
        Ok(Some(_)) => Ok(go(format!("/clerk/confirm/{}?done=confirmed", visit.param("id")))),
        Ok(None) => Ok(go("/clerk/confirm?done=rejected")),
        Err(error) => one(&app, &visit, Some(error)).await,
    }
}
