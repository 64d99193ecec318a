//! `/ministry/province?id=…`: one province: holdings by kind and status, deliveries day by day, comparison, pack, certificate, log.

use std::collections::BTreeMap;

use askama::Template;
use link::problem::Problem;
use node::NodeError;
use node::client::{IssuerChange, Issuers};
use node::collect::ProvinceState;

use super::{DAY, Standing, elsewhere, found, kind_name};
use crate::pages::account::minute;
use crate::pages::chart::{self, Fill, Series};
use crate::pages::frame::Frame;
use crate::pages::table::encode;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/ministry/province", Access::Act("ministry.read"), |app, visit| Box::pin(show(app, visit)));

/// Enters an authority of the province, or strikes it off.
pub static ENROL: Page =
    Page::post("/ministry/province/issuers", Access::Fresh("ministry.enrol"), FORM, |app, visit| {
        Box::pin(enrol(app, visit))
    });

/// Days of the chart.
const DAYS: i64 = 30;

struct Row {
    kind: String,
    counts: Vec<i64>,
    total: i64,
}

#[derive(Template)]
#[template(path = "ministry/province.html")]
struct Shown {
    frame: Frame,
    id: String,
    name: String,
    active: bool,
    alarm: Option<String>,
    facts: Vec<(&'static str, &'static str, String, String)>,
    bases: Vec<String>,
    rows: Vec<Row>,
    chart: String,
    days: Vec<(String, [i64; 3])>,
    issuers: Issuers,
    may_enrol: bool,
    /// What was typed, and what is wrong with it.
    wrong: Option<(String, String, String)>,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let id = visit.query.get("id").to_owned();
    page(&app, &visit, &id, None).await
}

async fn page(
    app: &App,
    visit: &Visit,
    id: &str,
    wrong: Option<(String, String, String)>,
) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(app, visit) {
        return said;
    }
    let now = visit.now;
    let one = found(app, id, now).await?;
    let names: Vec<String> =
        (0..DAYS).rev().map(|back| lifecycle::day_of(now - back * DAY).to_string()).collect();
    let (id, from) = (one.peer.id.clone(), names.first().cloned().unwrap_or_default());
    let found = app.work(move |app| app.province.province_days(&id, &from)).await?;
    let mut days: BTreeMap<String, [i64; 3]> = names.iter().map(|day| (day.clone(), [0; 3])).collect();
    for day in found {
        if let Some(counts) = days.get_mut(&day.day) {
            counts[place(&day.outcome)] += day.answers;
        }
    }
    let of = |place: usize| days.values().map(|counts| counts[place]).collect();
    let series = [
        Series { name: "已收", fill: Fill::Plain, values: of(0) },
        Series { name: "重复或待文件", fill: Fill::Dots, values: of(1) },
        Series { name: "未收", fill: Fill::Strokes, values: of(2) },
    ];
    let (bases, rows) = holdings(app, &one);
    let status = if wrong.is_some() { 409 } else { 200 };
    let shown = Shown {
        issuers: app.province.peer_issuers(&one.peer, now),
        may_enrol: visit.live()?.may("ministry.enrol", None),
        wrong,
        chart: chart::bars_by_day("近 30 天归集", "归集", &names, &series),
        facts: facts(&one, now),
        alarm: one.alarm.clone(),
        bases,
        rows,
        days: days.into_iter().rev().filter(|(_, counts)| counts.iter().any(|count| *count > 0)).collect(),
        frame: visit.frame(&one.peer.name),
        id: one.peer.id,
        name: one.peer.name,
        active: one.peer.active,
    };
    Ok(html(&shown)?.status(status))
}

async fn enrol(app: App, visit: Visit) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(&app, &visit) {
        return said;
    }
    let id = visit.form.need("id", "省级节点")?.to_owned();
    found(&app, &id, visit.now).await?;
    let typed = visit.form.need("issuer", "发证机关")?.trim().to_owned();
    let (change, done) = match visit.form.get("do") {
        "drop" => (IssuerChange::Drop(typed.clone()), "issuer-dropped"),
        _ => (IssuerChange::Add(typed.clone()), "issuer-added"),
    };
    let (actor, now, node) = (visit.live()?.actor(), visit.now, id.clone());
    let said = app.work(move |app| Ok(app.province.peer_issuers_change(&node, &change, &actor, now))).await?;
    match said {
        Ok(()) => Ok(go(format!("{}?id={}&done={done}", PAGE.path, encode(&id)))),
        Err(NodeError::Refused { what, fix }) => page(&app, &visit, &id, Some((typed, what, fix))).await,
        Err(error) => Err(crate::problems::of(&error)),
    }
}

/// Which bar an outcome belongs to.
fn place(outcome: &str) -> usize {
    match outcome {
        "applied" => 0,
        "refused" | "out_of_order" => 2,
        _ => 1,
    }
}

/// A row a kind, a column a base: 正常 first, then by how many.
fn holdings(app: &App, one: &ProvinceState) -> (Vec<String>, Vec<Row>) {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for (_, base, count) in &one.holdings {
        *sums.entry(base).or_default() += count;
    }
    let mut bases: Vec<String> = sums.keys().map(|base| (*base).to_owned()).collect();
    bases.sort_by_key(|base| (base != "正常", -sums.get(base.as_str()).copied().unwrap_or_default()));
    let mut kinds: Vec<&str> = one.holdings.iter().map(|(kind, ..)| kind.as_str()).collect();
    kinds.dedup();
    let rows = kinds.into_iter().map(|kind| {
        let of = |base: &String| {
            let same = one.holdings.iter().find(|(own, held, _)| own == kind && held == base);
            same.map_or(0, |(.., count)| *count)
        };
        let counts: Vec<i64> = bases.iter().map(of).collect();
        Row { kind: kind_name(app, kind), total: counts.iter().sum(), counts }
    });
    let rows = rows.collect();
    (bases, rows)
}

/// Name, tone, word, more.
fn facts(one: &ProvinceState, now: i64) -> Vec<(&'static str, &'static str, String, String)> {
    let standing = Standing::of(one, now);
    let at = |at: Option<i64>| at.map_or_else(String::new, minute);
    let told = one.told.as_ref().map_or_else(String::new, |told| {
        format!(
            "{}：省级持有 {}，本节点持有 {}；本节点缺失 {}，多出 {}，不符 {}，在途 {}",
            minute(told.at),
            told.ours,
            told.theirs,
            told.missing,
            told.extra,
            told.different,
            told.in_flight
        )
    });
    let pack = one.pack.as_ref().map_or_else(String::new, |pack| {
        format!("{} 制作，{} 个序号", minute(pack.made_at * 1_000_000), pack.count)
    });
    let log = one.witnessed.map_or_else(String::new, |(size, at)| format!("{} 条，{}", size, minute(at)));
    let fact = |name, (tone, word): super::Mark, more: String| (name, tone, word, more);
    vec![
        fact("最近归集", standing.delivered, at(one.last_at)),
        fact("最近对账", standing.compared, told),
        fact("离线数据包", standing.pack, pack),
        fact("节点证书", standing.certificate, one.peer.certificate.subject().short_text()),
        fact("日志见证", standing.log, log),
    ]
}
