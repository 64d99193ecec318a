//! `/ministry/receipts`: what a province delivered on a day and what it was answered, and one answer.

use askama::Template;
use link::problem::Problem;
use node::collect::Refusal;
use store::rows::holding::Holding;

use super::{DAY, elsewhere, kind_name};
use crate::pages::account::minute;
use crate::pages::export::Export;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table, encode};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The list.
pub static PAGE: Page =
    Page::get("/ministry/receipts", Access::Act("ministry.read"), |app, visit| Box::pin(list(app, visit)));

/// The same as a workbook.
pub static EXPORT: Page =
    Page::get("/ministry/receipts/export", Access::Act("ministry.read"), |app, visit| {
        Box::pin(export(app, visit))
    });

/// One.
pub static ONE: Page =
    Page::get("/ministry/receipts/one", Access::Act("ministry.read"), |app, visit| Box::pin(one(app, visit)));

const HEADS: &[Head] = &[
    Head::short("时间"),
    Head::text("证照"),
    Head::text("类型"),
    Head::short("行政区划"),
    Head::number("变更序号"),
    Head::short("回执"),
    Head::text("说明"),
];

const FILTERS: &[&str] = &["province", "day", "state"];

#[derive(Template)]
#[template(path = "ministry/receipts.html")]
struct Shown {
    frame: Frame,
    provinces: Vec<(String, String, bool)>,
    day: String,
    refused: bool,
    table: String,
}

#[derive(Template)]
#[template(path = "ministry/receipt.html")]
struct One {
    frame: Frame,
    back: String,
    tone: &'static str,
    word: &'static str,
    facts: Vec<(&'static str, String)>,
    files: Vec<(String, String, i64)>,
}

/// Where an answer is shown.
pub(super) fn address(province: &str, certificate: &str, seq: i64) -> String {
    let (province, certificate) = (encode(province), encode(certificate));
    format!("/ministry/receipts/one?province={province}&certificate={certificate}&seq={seq}")
}

/// What the query asks for.
struct Wanted {
    province: String,
    refused: bool,
    span: (i64, i64),
    before: (i64, String),
}

impl Wanted {
    /// A day begins at midnight in China; without one it is every day.
    fn of(visit: &Visit, first: Option<&String>) -> Self {
        let province = match visit.query.get("province") {
            "" => first.cloned().unwrap_or_default(),
            named => named.to_owned(),
        };
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        let day: Option<jiff::civil::Date> = visit.query.get("day").parse().ok();
        let start =
            day.and_then(|day| day.to_zoned(zone).ok()).map(|start| start.timestamp().as_microsecond());
        let span = start.map_or((0, i64::MAX), |start| (start, start.saturating_add(DAY)));
        let before =
            visit.query.get("after").split_once('_').and_then(|(at, key)| Some((at.parse().ok()?, key)));
        let (at, key) = before.unwrap_or((i64::MAX, ""));
        Self { province, refused: visit.query.get("state") == "refused", span, before: (at, key.to_owned()) }
    }
}

/// Rows and the key behind each of them.
async fn rows(app: &App, wanted: Wanted, most: u32, now: i64) -> Result<Vec<(String, Vec<Cell>)>, Problem> {
    app.work(move |app| {
        let Wanted { province, span, before: (at, key), .. } = &wanted;
        let before = (*at, key.as_str());
        if wanted.refused {
            let found = app.province.province_refused(province, *span, before, most)?;
            return Ok(found.iter().map(|one| refusal(app, one, now)).collect());
        }
        let found = app.province.province_taken(province, *span, before, most)?;
        Ok(found.iter().map(|one| taken(app, one, now)).collect())
    })
    .await
}

fn area_name(app: &App, area: &str, now: i64) -> String {
    app.province.area_name(area, now).unwrap_or_else(|| area.to_owned())
}

fn taken(app: &App, one: &Holding, now: i64) -> (String, Vec<Cell>) {
    let name = one.identifier.clone().unwrap_or_else(|| one.certificate_id.clone());
    let cells = vec![
        Cell::text(minute(one.received_at)),
        Cell::Link(address(&one.province, &one.certificate_id, one.state_seq), name),
        Cell::text(kind_name(app, &one.kind)),
        Cell::text(area_name(app, &one.area, now)),
        Cell::Number(one.state_seq),
        Cell::Badge("ok", "已收".into()),
        Cell::text(format!("状态 {}，版本 {:03}", one.base, one.version)),
    ];
    (format!("{}_{}", one.received_at, one.certificate_id), cells)
}

fn refusal(app: &App, one: &Refusal, now: i64) -> (String, Vec<Cell>) {
    let row = &one.row;
    let name = row.identifier.clone().unwrap_or_else(|| row.certificate_id.clone());
    let (tone, word) = mark(one);
    let cells = vec![
        Cell::text(minute(row.at)),
        Cell::Link(address(&row.province, &row.certificate_id, row.state_seq), name),
        Cell::text(kind_name(app, &row.kind)),
        Cell::text(area_name(app, &row.area, now)),
        Cell::Number(row.state_seq),
        Cell::Badge(tone, word.into()),
        Cell::text(one.receipt.what.clone()),
    ];
    (format!("{}_{}", row.at, row.certificate_id), cells)
}

fn mark(one: &Refusal) -> (&'static str, &'static str) {
    if one.row.settled { ("ok", "此后已收") } else { ("bad", "未收") }
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(&app, &visit) {
        return said;
    }
    let now = visit.now;
    let peers: Vec<(String, String)> = app
        .work(move |app| {
            let all = app.province.provinces(now)?;
            Ok(all.into_iter().map(|one| (one.peer.id, one.peer.name)).collect())
        })
        .await?;
    let wanted = Wanted::of(&visit, peers.first().map(|(id, _)| id));
    let (province, refused) = (wanted.province.clone(), wanted.refused);
    let mut found = rows(&app, wanted, PAGE_ROWS + 1, now).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let mut table = Table::new(&visit, "接收回执", HEADS, FILTERS);
    table.next = found.last().filter(|_| more).map(|(key, _)| key.clone());
    table.export = Some("/ministry/receipts/export");
    table.empty = match refused {
        true => ("没有未收的报文", "该省该日送来的报文都已收下。"),
        false => ("没有收到报文", "请换一个日期，或查看该省的归集是否中断。"),
    };
    table.rows = found.into_iter().map(|(_, cells)| cells).collect();
    html(&Shown {
        provinces: peers
            .into_iter()
            .map(|(id, name)| {
                let chosen = id == province;
                (id, name, chosen)
            })
            .collect(),
        day: visit.query.get("day").to_owned(),
        refused,
        table: table.html()?,
        frame: visit.frame("接收回执"),
    })
}

async fn export(app: App, visit: Visit) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(&app, &visit) {
        return said;
    }
    let wanted = Wanted { before: (i64::MAX, String::new()), ..Wanted::of(&visit, None) };
    let mut found = rows(&app, wanted, EXPORT_ROWS + 1, visit.now).await?;
    let more = found.len() > EXPORT_ROWS as usize;
    found.truncate(EXPORT_ROWS as usize);
    let mut table = Table::new(&visit, "接收回执", HEADS, FILTERS);
    table.rows = found.into_iter().map(|(_, cells)| cells).collect();
    let words = |field: &str, value: &str| match (field, value) {
        ("state", "refused") => Some("未收".to_owned()),
        _ => None,
    };
    table.hand_out(&app, &visit, Export { list: "receipts", more, words: &words }).await
}

async fn one(app: App, visit: Visit) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(&app, &visit) {
        return said;
    }
    let get = |name: &str| visit.query.get(name).to_owned();
    let (province, certificate) = (get("province"), get("certificate"));
    let seq = visit.query.get("seq").parse().unwrap_or(0);
    let (own, key) = (province.clone(), certificate.clone());
    let (held, refused) = app.work(move |app| app.province.province_receipt(&own, &key, seq)).await?;
    let missing = || problems::not_found("接收回执", &certificate);
    let frame = visit.frame("接收回执");
    let back = format!("/ministry/receipts?province={}", encode(&province));
    if let Some(refused) = refused {
        let (tone, word) = mark(&refused);
        let back = format!("{back}&state=refused");
        return html(&One {
            facts: refusal_facts(&app, &refused, visit.now),
            files: Vec::new(),
            frame,
            back,
            tone,
            word,
        });
    }
    let held = held.filter(|held| held.state_seq == seq).ok_or_else(missing)?;
    let files: Vec<node::collect::HeldFile> =
        serde_json::from_str(&held.files).map_err(|_| problems::internal())?;
    let files = files.into_iter().map(|file| (file.name, file.sm3, file.bytes)).collect();
    html(&One { facts: taken_facts(&app, held, visit.now), files, frame, back, tone: "ok", word: "已收" })
}

fn taken_facts(app: &App, held: Holding, now: i64) -> Vec<(&'static str, String)> {
    vec![
        ("省级节点", held.province),
        ("证照标识", held.identifier.unwrap_or_else(|| "没有电子版本".into())),
        ("省级证照键", held.certificate_id),
        ("证照类型", kind_name(app, &held.kind)),
        ("行政区划", area_name(app, &held.area, now)),
        ("变更序号", held.state_seq.to_string()),
        ("版本", held.version.to_string()),
        ("状态", held.base),
        ("有效期至", held.last_day.unwrap_or_else(|| "长期".into())),
        ("收到时间", minute(held.received_at)),
    ]
}

fn refusal_facts(app: &App, one: &Refusal, now: i64) -> Vec<(&'static str, String)> {
    let (row, receipt) = (&one.row, &one.receipt);
    vec![
        ("省级节点", row.province.clone()),
        ("证照标识", row.identifier.clone().unwrap_or_else(|| "没有电子版本".into())),
        ("省级证照键", row.certificate_id.clone()),
        ("证照类型", kind_name(app, &row.kind)),
        ("行政区划", area_name(app, &row.area, now)),
        ("变更序号", row.state_seq.to_string()),
        ("为什么未收", receipt.what.clone()),
        ("怎么办", receipt.fix.clone()),
        ("代码", receipt.code.clone()),
        ("送来次数", row.times.to_string()),
        ("最近一次", minute(row.at)),
    ]
}
