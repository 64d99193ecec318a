//! One outage: its clock, what it held back, the alarms so far, the measures, its end and the proof of completion.

use askama::Template;
use link::problem::Problem;
use node::NodeError;
use node::outage::OutageClock;

use super::{kind, leg, list, state};
use crate::pages::frame::Frame;
use crate::pages::supervisor::watch::instant;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page = Page::get("/supervisor/outages/{id}", Access::Act("outage.read"), |app, visit| {
    Box::pin(show(app, visit))
});

/// Cause and measures.
pub static DESCRIBE: Page =
    Page::post("/supervisor/outages/{id}/measures", Access::Act("outage.record"), FORM, |app, visit| {
        Box::pin(describe(app, visit))
    });

/// Its end.
pub static CLOSE: Page =
    Page::post("/supervisor/outages/{id}/close", Access::Act("outage.record"), FORM, |app, visit| {
        Box::pin(close(app, visit))
    });

/// That the sender has sent everything: the node will sign for it.
pub static COMPLETE: Page =
    Page::post("/supervisor/outages/{id}/complete", Access::Fresh("outage.record"), FORM, |app, visit| {
        Box::pin(complete(app, visit))
    });

/// The signed proof of completion.
pub static PROOF: Page =
    Page::get("/supervisor/outages/{id}/proof", Access::Act("outage.read"), |app, visit| {
        Box::pin(prove(app, visit))
    });

/// Items that the page shows; the proof covers all.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "supervisor/outage.html")]
struct Shown {
    frame: Frame,
    at: String,
    id: String,
    party: String,
    tone: &'static str,
    word: &'static str,
    clock: String,
    deadline: String,
    facts: Vec<(&'static str, String)>,
    held: i64,
    sent: i64,
    alarms: Vec<(&'static str, bool)>,
    cause: String,
    measures: String,
    items: Vec<[String; 3]>,
    /// What a person may do now: the form's last step, what it says.
    act: Option<(&'static str, &'static str)>,
    may: bool,
    proof: bool,
    error: Option<(String, String)>,
}

/// The record; the same 404 for nonsense as for nothing.
async fn find(app: &App, visit: &Visit) -> Result<OutageClock, Problem> {
    let (id, now) = (visit.param("id").to_owned(), visit.now);
    let found = app
        .work(move |app| match app.province.outage_show(&id) {
            Ok(shown) => Ok(Some(app.province.clock(shown, now))),
            Err(NodeError::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        })
        .await?;
    found.ok_or_else(|| problems::not_found("中断记录", visit.param("id")))
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    page(app, visit, None).await
}

async fn page(app: App, visit: Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let clock = find(&app, &visit).await?;
    let id = clock.shown.record.id.clone();
    let held = app.work(move |app| app.province.outage_held(&id)).await?;
    let status = if error.is_some() { 409 } else { 200 };
    let record = &clock.shown.record;
    let (tone, word) = state(&clock, visit.now);
    let begun = record.started_at <= visit.now;
    // What a person may do now; the rest is the node's own.
    let act = match (record.state.as_str(), record.leg.as_str()) {
        ("open", _) if begun => Some(("close", "结束中断")),
        ("ended", "in") => Some(("complete", "确认业务系统已补报完毕")),
        _ => None,
    };
    let alarms = [("期限过半", 1), ("不足四小时", 2), ("超过期限", 3)];
    let item = |one: &node::outage::Held| {
        let receipt = one.receipt_sm3.as_deref().unwrap_or("—");
        [
            one.item.clone(),
            one.sent_at.map_or_else(|| "未送达".into(), instant),
            receipt.chars().take(16).collect(),
        ]
    };
    // What is still missing comes first.
    let mut sorted: Vec<_> = held.iter().collect();
    sorted.sort_by_key(|one| (one.sent_at.is_some(), one.item.clone()));
    let shown = Shown {
        at: instant(visit.now),
        id: record.id.clone(),
        party: model::state::party(&record.party).to_owned(),
        tone,
        word,
        clock: clock.text(),
        deadline: clock.shown.deadline.clone(),
        facts: facts(&clock, visit.now),
        held: clock.shown.held,
        sent: clock.shown.sent,
        alarms: alarms.iter().map(|(name, level)| (*name, record.alarm >= *level)).collect(),
        cause: record.cause.clone(),
        measures: record.measures.clone(),
        items: sorted.into_iter().take(SHOWN).map(item).collect(),
        may: visit.live()?.may("outage.record", None),
        proof: record.state == "completed" && app.node_key.is_some(),
        act,
        frame: visit.frame("中断记录"),
        error,
    };
    Ok(html(&shown)?.status(status))
}

fn facts(clock: &OutageClock, now: i64) -> Vec<(&'static str, String)> {
    let record = &clock.shown.record;
    let ended = match (record.ended_at, record.state.as_str()) {
        (None, _) => "未结束".into(),
        (Some(at), "open") => format!("{}（计划）", instant(at)),
        (Some(at), _) => instant(at),
    };
    let ahead = if record.started_at > now { "（预告）" } else { "" };
    vec![
        ("方向", leg(record).into()),
        ("类别", kind(record).into()),
        ("开始", format!("{}{ahead}", instant(record.started_at))),
        ("结束", ended),
        ("办结", record.completed_at.map_or_else(|| "—".into(), instant)),
        ("登记人", record.operator.clone().unwrap_or_else(|| "系统".into())),
    ]
}

async fn describe(app: App, visit: Visit) -> Result<Reply, Problem> {
    let text = |field: &str| visit.form.get(field).chars().take(1_000).collect::<String>();
    let (cause, measures) = (text("cause"), text("measures"));
    change(app, visit, "outage-described", move |app, id, actor, now| {
        app.province.outage_describe(id, (&cause, &measures), actor, now)
    })
    .await
}

async fn close(app: App, visit: Visit) -> Result<Reply, Problem> {
    change(app, visit, "outage-closed", |app, id, actor, now| app.province.outage_close(id, actor, now)).await
}

async fn complete(app: App, visit: Visit) -> Result<Reply, Problem> {
    change(app, visit, "outage-completed", |app, id, actor, now| app.province.outage_complete(id, actor, now))
        .await
}

/// One act on a record, then the page again.
async fn change(
    app: App,
    visit: Visit,
    done: &str,
    act: impl FnOnce(&App, &str, &node::audit::Actor, i64) -> Result<(), NodeError> + Send + 'static,
) -> Result<Reply, Problem> {
    let id = find(&app, &visit).await?.shown.record.id;
    let (actor, now, key) = (visit.live()?.actor(), visit.now, id.clone());
    match app.work(move |app| Ok(act(app, &key, &actor, now))).await? {
        Ok(()) => Ok(go(format!("{}/{id}?done={done}", list::PAGE.path))),
        Err(NodeError::Refused { what, fix }) => page(app, visit, Some((what, fix))).await,
        Err(error) => Err(problems::of(&error)),
    }
}

async fn prove(app: App, visit: Visit) -> Result<Reply, Problem> {
    let id = find(&app, &visit).await?.shown.record.id;
    let (now, name) = (visit.now, format!("outage-{id}.txt"));
    let text = app
        .work(move |app| {
            app.node_key
                .as_ref()
                .map(|key| app.province.outage_prove(&id, &*key.key, &key.id, now))
                .transpose()
        })
        .await?;
    // A node without a key offers no proof.
    let text = text.ok_or_else(|| problems::not_found("补报完成证明", visit.param("id")))?;
    Ok(Reply::bytes("text/plain; charset=utf-8", text)
        .header("Content-Disposition", format!("attachment; filename=\"{name}\""))
        .header("Cache-Control", "no-store"))
}
