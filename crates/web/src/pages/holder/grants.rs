//! `/holder/grants`: a company lets a named driver show a vehicle's 运输证, and takes it back.

use askama::Template;
use jiff::tz::{Offset, TimeZone};
use link::problem::Problem;
use node::share::{GrantLine, NewGrant};

use super::subject;
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/holder/grants", Access::Act("share.own"), |app, visit| Box::pin(show(app, visit)));

/// Grants.
pub static SEND: Page =
    Page::post("/holder/grants", Access::Act("share.own"), FORM, |app, visit| Box::pin(send(app, visit)));

/// Takes a grant back.
pub static WITHDRAW: Page =
    Page::post("/holder/grants/withdraw", Access::Act("share.own"), FORM, |app, visit| {
        Box::pin(withdraw(app, visit))
    });

/// A vehicle that can be granted.
struct Vehicle {
    id: String,
    plate: String,
    chosen: bool,
}

struct Line {
    id: String,
    plate: String,
    driver: String,
    number: String,
    period: String,
    state: &'static str,
    live: bool,
}

/// A certificate that somebody lets the signed-in person show.
struct Held {
    id: String,
    name: String,
    plate: String,
    by: String,
    until: String,
}

#[derive(Template)]
#[template(path = "holder/grants.html")]
struct Grants {
    frame: Frame,
    vehicles: Vec<Vehicle>,
    lines: Vec<Line>,
    from: String,
    until: String,
    driver_name: String,
    driver_number: String,
    error: Option<(String, String)>,
    held: Vec<Held>,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    page(&app, &visit, None).await
}

/// The page; after a refusal with what was typed, and why it was refused.
async fn page(app: &App, visit: &Visit, refused: Option<Problem>) -> Result<Reply, Problem> {
    let (subject, now) = (subject(visit)?, visit.now);
    let (all, grants) = app
        .work(move |app| {
            let all = app.province.my_certificates(&subject, now)?;
            Ok((all, app.province.share_grants(&subject, None, now)?))
        })
        .await?;
    let today = minute(now)[..10].to_owned();
    let typed = |name: &str| visit.form.get(name).to_owned();
    let chosen =
        if refused.is_some() { visit.form.get("certificate") } else { visit.query.get("certificate") };
    let vehicles: Vec<Vehicle> = all
        .own
        .iter()
        .filter_map(|one| Some((one, one.plate.clone()?)))
        .map(|(one, plate)| Vehicle { chosen: one.id == chosen, id: one.id.clone(), plate })
        .collect();
    let line = |grant: GrantLine| Line {
        plate: vehicles
            .iter()
            .find(|one| one.id == grant.certificate)
            .map_or(String::new(), |one| one.plate.clone()),
        // The end is the first instant after the last day.
        period: format!("{} 至 {}", &minute(grant.from)[..10], &minute(grant.until - 1)[..10]),
        state: match (grant.withdrawn_at, grant.live) {
            (Some(_), _) => "已收回",
            (None, true) => "有效",
            (None, false) if now < grant.from => "未开始",
            (None, false) => "已结束",
        },
        live: grant.withdrawn_at.is_none() && now < grant.until,
        id: grant.id,
        driver: grant.driver_name,
        number: grant.driver_number,
    };
    let lines = grants.into_iter().map(line).collect();
    let from = if refused.is_some() { typed("from") } else { today };
    let status = refused.as_ref().map_or(200, |problem| problem.status);
    let error = refused.map(|problem| {
        let what = problem.detail.unwrap_or(problem.title);
        (what, problem.fix.unwrap_or_default())
    });
    let held = all.granted.into_iter().map(|one| Held {
        until: one.grant.as_ref().map(|grant| minute(grant.until - 1)[..10].to_owned()).unwrap_or_default(),
        by: one.grant.map(|grant| grant.by).unwrap_or_default(),
        id: one.id,
        plate: one.plate.unwrap_or_default(),
        name: one.kind_name,
    });
    let shown = Grants {
        frame: visit.frame("授权"),
        lines,
        vehicles,
        from,
        until: typed("until"),
        driver_name: typed("driver_name"),
        driver_number: typed("driver_number"),
        error,
        held: held.collect(),
    };
    Ok(html(&shown)?.status(status))
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    match grant(&app, &visit).await {
        // What was typed stays, with what is wrong in it.
        Err(problem) if problem.status < 500 => page(&app, &visit, Some(problem)).await,
        answer => answer,
    }
}

async fn grant(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let (subject, now) = (subject(visit)?, visit.now);
    let form = &visit.form;
    let day = |name: &str, what: &str, end: bool| -> Result<i64, Problem> {
        let text = form.need(name, what)?;
        instant(text, end).ok_or_else(|| {
            Problem::new(422, "FORM_DATE", format!("{what}不是日期"))
                .detail(format!("{what}“{text}”不是日期"))
                .fix("请按 2026-06-30 的格式填写")
        })
    };
    let from = day("from", "开始日期", false)?;
    let new = NewGrant {
        certificate: form.need("certificate", "车辆")?.to_owned(),
        driver_name: form.need("driver_name", "驾驶员姓名")?.to_owned(),
        driver_number: form.need("driver_number", "驾驶员证件号码")?.to_owned(),
        // Today means from now on.
        from: if from <= now { now } else { from },
        until: day("until", "结束日期", true)?,
    };
    app.work(move |app| app.province.share_grant(&subject, &new, now)).await?;
    Ok(go("/holder/grants?done=granted"))
}

async fn withdraw(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (subject, now) = (subject(&visit)?, visit.now);
    let id = visit.form.need("id", "授权")?.to_owned();
    app.work(move |app| app.province.share_withdraw(&subject, &id, now)).await?;
    Ok(go("/holder/grants?done=withdrawn"))
}

/// The beginning of a day in China, or its end.
fn instant(text: &str, end: bool) -> Option<i64> {
    let day: jiff::civil::Date = text.parse().ok()?;
    let day = if end { day.tomorrow().ok()? } else { day };
    let zone = TimeZone::fixed(Offset::constant(8));
    Some(day.to_zoned(zone).ok()?.timestamp().as_microsecond())
}
