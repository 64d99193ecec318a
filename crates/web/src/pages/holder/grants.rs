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

#[derive(Template)]
#[template(path = "holder/grants.html")]
struct Grants {
    frame: Frame,
    vehicles: Vec<Vehicle>,
    lines: Vec<Line>,
    today: String,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (subject, now) = (subject(&visit)?, visit.now);
    let (all, grants) = app
        .work(move |app| {
            let all = app.province.my_certificates(&subject, now)?;
            Ok((all, app.province.share_grants(&subject, None, now)?))
        })
        .await?;
    let chosen = visit.query.get("certificate");
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
    html(&Grants { frame: visit.frame("授权"), lines, vehicles, today: minute(now)[..10].to_owned() })
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (subject, now) = (subject(&visit)?, visit.now);
    let form = &visit.form;
    let day = |name: &str, what: &str, end: bool| -> Result<i64, Problem> {
        let text = form.need(name, what)?;
        instant(text, end).ok_or_else(|| {
            Problem::new(422, "FORM_DATE", format!("{what}不是日期"))
                .detail(format!("“{text}”不是日期"))
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
