//! `/supervisor/reconcile/run?id=…`: the differences of a run, filtered, paged, exported, repaired.

use askama::Template;
use link::problem::Problem;
use model::state::party;
use node::reconcile::{COUNTED, Class, Filter, Run, Wish};

use super::{form, kind_name, row, state};
use crate::pages::account::minute;
use crate::pages::export::{self, Export};
use crate::pages::frame::Frame;
use crate::pages::table::{EXPORT_ROWS, Head, PAGE_ROWS, Table};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply, problems};

/// The list.
pub static PAGE: Page =
    Page::get("/supervisor/reconcile/run", Access::Act("reconcile.read"), |app, visit| {
        Box::pin(show(app, visit))
    });

/// The same as a workbook.
pub static EXPORT: Page =
    Page::get("/supervisor/reconcile/export", Access::Act("reconcile.read"), |app, visit| {
        Box::pin(export(app, visit))
    });

/// Asks for the repair of all that is open.
pub static REPAIR: Page =
    Page::post("/supervisor/reconcile/repair", Access::Act("reconcile.repair"), FORM, |app, visit| {
        Box::pin(repair(app, visit))
    });

const HEADS: &[Head] = &[
    Head::text("证照"),
    Head::text("类型"),
    Head::short("行政区划"),
    Head::short("差异"),
    Head::text("不符项"),
    Head::text("我方"),
    Head::text("对方"),
    Head::short("处理"),
];

const FILTERS: &[&str] = &["id", "class", "state", "kind"];

/// A value of a select: value, name, chosen?
type Choice = (String, String, bool);

struct Tile {
    href: String,
    name: &'static str,
    count: i64,
    tone: &'static str,
    here: bool,
}

#[derive(Template)]
#[template(path = "supervisor/reconcile-run.html")]
struct Shown {
    frame: Frame,
    id: String,
    lane: String,
    at: String,
    ended: String,
    form: &'static str,
    tone: &'static str,
    word: &'static str,
    cause: Option<String>,
    unexplained: Vec<String>,
    messages: u64,
    compared: u64,
    ours: u64,
    theirs: u64,
    in_flight: u64,
    tiles: Vec<Tile>,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    class: String,
    open: i64,
    can_repair: bool,
    repairing: bool,
    busy: bool,
    table: String,
}

/// A run, or 404.
pub(super) async fn found(app: &App, id: &str) -> Result<Run, Problem> {
    let own = id.to_owned();
    let run = app.work(move |app| app.province.reconcile_find(&own)).await?;
    run.ok_or_else(|| problems::not_found("对账", id))
}

fn filter(visit: &Visit) -> Result<Filter, Problem> {
    let get = |name: &str| visit.query.get(name).to_owned();
    let (areas, kinds) = super::whose(visit.live()?, "reconcile.read");
    Ok(Filter { class: get("class"), state: get("state"), kind: get("kind"), areas, kinds })
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let run = found(&app, visit.query.get("id")).await?;
    let (filter, id) = (filter(&visit)?, run.id.clone());
    let (own, after, now) = (filter.clone(), visit.query.get("after").to_owned(), visit.now);
    let (mut found, counts, orders) = app
        .work(move |app| {
            let province = &app.province;
            let found = province.reconcile_page(&id, &own, &after, PAGE_ROWS + 1)?;
            Ok((found, province.reconcile_counts(&id, &own)?, province.reconcile_orders()?))
        })
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let mut table = Table::new(&visit, "对账差异", HEADS, FILTERS);
    table.next = found.last().filter(|_| more).map(|last| last.certificate.clone());
    table.export = Some("/supervisor/reconcile/export");
    table.empty = match run.state.as_str() {
        "running" => ("还没有结果", "对账正在进行，完成后差异会列在这里。"),
        _ if FILTERS[1..].iter().all(|field| visit.query.get(field).is_empty()) => {
            ("没有差异", "双方所持的本辖区证照一致。")
        }
        _ => ("没有符合条件的差异", "请放宽筛选条件。"),
    };
    table.rows = found.iter().map(|one| row(&app.province, &run.id, one, now)).collect();
    let sum = |fits: &dyn Fn(Class, &str) -> bool| -> i64 {
        counts.iter().filter(|(class, state, _)| fits(*class, state)).map(|(_, _, count)| count).sum()
    };
    let open = sum(&|_, state| state == "open");
    let live = visit.live()?;
    let (tone, word) = state(&run);
    let compared = &run.summary.comparison;
    html(&Shown {
        tiles: tiles(&run.id, &filter, &sum),
        states: choices(&filter.state, &STATES),
        kinds: kinds(&app, &filter.kind),
        class: filter.class.clone(),
        open,
        can_repair: open > 0 && run.state == "done" && live.may("reconcile.repair", Some(&app.province.area)),
        repairing: orders.iter().any(|order| order.wish == Wish::Repair(run.id.clone())),
        busy: run.state == "running" || orders.iter().any(|order| order.wish == Wish::Repair(run.id.clone())),
        table: table.html()?,
        frame: visit.frame("对账差异"),
        at: minute(run.watermark),
        ended: run.ended_at.map(minute).unwrap_or_default(),
        form: form(&run),
        cause: run.summary.cause.clone(),
        unexplained: compared.unexplained.iter().map(ToString::to_string).collect(),
        messages: compared.messages,
        compared: compared.compared,
        ours: compared.ours,
        theirs: compared.theirs,
        in_flight: run.summary.in_flight,
        tone,
        word,
        id: run.id,
        lane: party(&run.lane).to_owned(),
    })
}

const CLASSES: [(&str, &str); 3] =
    [("missing", "对方缺失"), ("extra", "对方多出"), ("different", "内容不符")];
const STATES: [(&str, &str); 4] =
    [("open", "未处理"), ("resent", "已重新归集"), ("drafted", "已起草申请"), ("settled", "已自行消除")];

fn choices(chosen: &str, all: &[(&str, &str)]) -> Vec<Choice> {
    let choice = |(value, name): &(&str, &str)| ((*value).to_owned(), (*name).to_owned(), *value == chosen);
    all.iter().map(choice).collect()
}

fn kinds(app: &App, chosen: &str) -> Vec<Choice> {
    let mut slugs: Vec<&str> =
        app.province.data.catalogue.kinds().iter().map(|kind| kind.slug.as_str()).collect();
    slugs.dedup();
    let choice = |slug: &str| (slug.to_owned(), kind_name(&app.province, slug), slug == chosen);
    slugs.into_iter().map(choice).collect()
}

/// How many differences fit.
type Sum<'a> = dyn Fn(&dyn Fn(Class, &str) -> bool) -> i64 + 'a;

fn tiles(id: &str, filter: &Filter, sum: &Sum<'_>) -> Vec<Tile> {
    let tile = |slug: &str, name, count: i64, tone| Tile {
        href: format!("/supervisor/reconcile/run?id={id}&class={slug}"),
        here: filter.class == slug,
        tone: if count == 0 { "ok" } else { tone },
        name,
        count,
    };
    let of = |wanted: Class| sum(&|class, _| class == wanted);
    vec![
        tile("", "全部差异", sum(&|_, _| true), "ask"),
        tile("missing", "对方缺失", of(Class::Missing), "bad"),
        tile("extra", "对方多出", of(Class::Extra), "ask"),
        tile("different", "内容不符", of(Class::Different), "ask"),
    ]
}

async fn export(app: App, visit: Visit) -> Result<Reply, Problem> {
    let run = found(&app, visit.query.get("id")).await?;
    let (filter, now) = (filter(&visit)?, visit.now);
    let id = run.id.clone();
    let rows = app.work(move |app| {
        let found = app.province.reconcile_page(&id, &filter, "", EXPORT_ROWS + 1)?;
        Ok(found.iter().map(|one| row(&app.province, &id, one, now)).collect::<Vec<_>>())
    });
    let mut table = Table::new(&visit, "对账差异", HEADS, FILTERS);
    table.rows = rows.await?;
    let more = table.rows.len() > EXPORT_ROWS as usize;
    table.rows.truncate(EXPORT_ROWS as usize);
    let words = |field: &str, value: &str| match field {
        "class" => export::of(&CLASSES, value),
        "state" => export::of(&STATES, value),
        _ => None,
    };
    table.hand_out(&app, &visit, Export { list: "differences", more, words: &words }).await
}

async fn repair(app: App, visit: Visit) -> Result<Reply, Problem> {
    let live = visit.live()?.clone();
    super::request::whole(&app, &live)?;
    let run = found(&app, visit.form.need("id", "对账")?).await?;
    let (to, now) = (format!("/supervisor/reconcile/run?id={}&done=repair-asked", run.id), visit.now);
    let wish = Wish::Repair(run.id);
    app.work(move |app| app.province.reconcile_ask(&run.lane, &wish, &live.actor(), now)).await?;
    Ok(go(to))
}

/// More than were counted?
fn over(count: &i64) -> bool {
    *count >= i64::from(COUNTED)
}
