//! `/supervisor/collect`: how far each destination is, and dead letters with their cause, sent again once that is mended.

use askama::Template;
use link::problem::Problem;
use node::NodeError;
use node::collect::{CollectStatus, DeadCause, DeadLine, RESENT, Wanted};
use node::overview::Reach;

use super::watch::{age, instant, reach};
use crate::pages::chart::grouped;
use crate::pages::frame::Frame;
use crate::pages::table::{PAGE_ROWS, encode};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/supervisor/collect", Access::Act("collect.read"), |app, visit| Box::pin(show(app, visit)));

/// Sends dead letters again: one, or all of a cause.
pub static RESEND: Page =
    Page::post("/supervisor/collect/resend", Access::Fresh("collect.repair"), FORM, |app, visit| {
        Box::pin(resend(app, visit))
    });

/// How a destination does.
struct Lane {
    name: String,
    tone: &'static str,
    word: &'static str,
    oldest: String,
    pending: String,
    due: String,
    done: String,
    failing: Vec<(String, i64)>,
}

/// Dead letters of one cause.
struct Cause {
    lane: String,
    side: &'static str,
    code: String,
    n: String,
    href: String,
    chosen: bool,
}

/// A dead letter.
struct Letter {
    id: String,
    lane: String,
    certificate: String,
    name: String,
    area: String,
    side: &'static str,
    code: String,
    cause: String,
    attempts: i64,
    last: String,
    since: String,
}

#[derive(Template)]
#[template(path = "supervisor/collect.html")]
struct Shown {
    frame: Frame,
    at: String,
    lanes: Vec<Lane>,
    causes: Vec<Cause>,
    letters: Vec<Letter>,
    next: Option<String>,
    code: String,
    may: bool,
    most: u32,
    resent: String,
    error: Option<(String, String)>,
}

/// On whose side a failure lies.
fn side(origin: i64) -> &'static str {
    match origin {
        0 => "本节点",
        1 => "部级",
        2 => "省级",
        _ => "网络",
    }
}

fn lane(status: CollectStatus) -> Lane {
    const MINUTE: i64 = 60_000_000;
    let (tone, word) = match status.oldest_age {
        Some(oldest) if oldest > 60 * MINUTE => ("bad", "滞留"),
        Some(oldest) if oldest > 10 * MINUTE => ("ask", "偏慢"),
        _ => ("ok", "正常"),
    };
    Lane {
        oldest: status.oldest_age.map_or_else(|| "—".into(), age),
        pending: grouped(status.pending),
        due: grouped(status.due),
        done: grouped(status.done_today),
        failing: status
            .failing
            .into_iter()
            .map(|(origin, code, n)| (format!("{} {code}", side(origin)), n))
            .collect(),
        name: status.lane,
        tone,
        word,
    }
}

fn cause(one: DeadCause, chosen: &str) -> Cause {
    Cause {
        href: format!("{}?code={}#dead", PAGE.path, encode(&one.code)),
        chosen: one.code == chosen,
        lane: one.lane,
        side: side(one.origin),
        n: grouped(one.n),
        code: one.code,
    }
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    page(app, visit, None).await
}

async fn page(app: App, visit: Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let live = visit.live()?;
    let (reach, now): (Reach, i64) = (reach(live, "collect.read"), visit.now);
    let may = live.may("collect.repair", None);
    let (code, after) = (visit.query.get("code").to_owned(), visit.query.get("after").to_owned());
    let asked = code.clone();
    let (lanes, causes, mut letters) = app
        .work(move |app| -> Result<_, NodeError> {
            let province = &app.province;
            let lanes: Result<Vec<_>, _> =
                province.lanes.iter().map(|lane| province.collect_status(lane, now)).collect();
            let found = province.collect_dead_within(&reach, &asked, &after, PAGE_ROWS + 1)?;
            let letters: Vec<Letter> = found.into_iter().map(|one| letter(app, one, now)).collect();
            Ok((lanes?, province.collect_dead_causes(&reach)?, letters))
        })
        .await?;
    let more = letters.len() > PAGE_ROWS as usize;
    letters.truncate(PAGE_ROWS as usize);
    let next = letters.last().filter(|_| more);
    let next = next.map(|last| format!("{}?code={}&after={}#dead", PAGE.path, encode(&code), last.id));
    let status = if error.is_some() { 409 } else { 200 };
    let shown = Shown {
        frame: visit.frame("归集"),
        at: instant(now),
        lanes: lanes.into_iter().map(lane).collect(),
        causes: causes.into_iter().map(|one| cause(one, &code)).collect(),
        letters,
        next,
        code,
        may,
        most: RESENT,
        resent: visit.query.get("n").chars().filter(char::is_ascii_digit).take(6).collect(),
        error,
    };
    Ok(html(&shown)?.status(status))
}

fn letter(app: &App, one: DeadLine, now: i64) -> Letter {
    let DeadLine { item, identifier, area } = one;
    Letter {
        id: item.id,
        lane: item.lane,
        name: identifier.unwrap_or_else(|| "未转化".into()),
        certificate: item.certificate_id,
        area: app.province.area_text(&area, now),
        side: side(item.origin.unwrap_or_default()),
        code: item.code.unwrap_or_default(),
        cause: item.error.unwrap_or_default(),
        attempts: item.tried_before + item.attempts,
        last: item.tried_at.map_or_else(|| "—".into(), instant),
        since: instant(item.created_at),
    }
}

async fn resend(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?;
    let (reach, actor, now) = (reach(live, "collect.repair"), live.actor(), visit.now);
    let lane = visit.form.need("lane", "归集去向")?.to_owned();
    let wanted = match visit.form.get("id") {
        "" => Wanted::Cause(visit.form.need("code", "死信的原因代码")?.to_owned()),
        id => Wanted::One(id.to_owned()),
    };
    let province = std::sync::Arc::clone(&app.province);
    let done =
        app.work(move |_| Ok(province.collect_retry_within(&reach, &lane, &wanted, &actor, now))).await?;
    match done {
        Ok(n) => Ok(go(format!("{}?done=resent&n={n}", PAGE.path))),
        Err(NodeError::Refused { what, fix }) => page(app, visit, Some((what, fix))).await,
        Err(error) => Err(crate::problems::of(&error)),
    }
}
