//! `/supervisor/certificates`: the certificates of the own areas, filtered, sorted, paged, exported. Nobody's name stands in the list.

use askama::Template;
use lifecycle::Base;
use link::problem::Problem;
use node::NodeError;
use node::overview::{CertificateFilter, CertificateLine, Listed, Order};

use super::watch::{Choice, day, day_of, instant, reach};
use crate::pages::export::{self, Export};
use crate::pages::frame::Frame;
use crate::pages::standing::tone;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The list.
pub static PAGE: Page =
    Page::get("/supervisor/certificates", Access::Act("certificate.list"), |app, visit| {
        Box::pin(show(app, visit))
    });

/// The same as a file.
pub static EXPORT: Page =
    Page::get("/supervisor/certificates/export", Access::Act("certificate.list"), |app, visit| {
        Box::pin(export(app, visit))
    });

const HEADS: &[Head] = &[
    Head::text("证照标识").sorted("identifier"),
    Head::text("种类"),
    Head::short("地区"),
    Head::short("状态"),
    Head::short("有效期至").sorted("end"),
    Head::short("激活"),
    Head::short("登记").sorted("recorded"),
    Head::short("最近变更").sorted("updated"),
];

/// Fields that its links keep.
const FIELDS: &[&str] = &["kind", "area", "base", "form", "activated", "ends", "limit", "from", "to"];

const FORMS: &[(&str, &str)] = &[("", "电子证照"), ("paper", "未转化的纸质证件"), ("all", "全部")];
const ACTIVATED: &[(&str, &str)] = &[("1", "已激活"), ("0", "未激活")];

#[derive(Template)]
#[template(path = "supervisor/certificates.html")]
struct Shown {
    frame: Frame,
    list: String,
    kinds: Vec<Choice>,
    bases: Vec<Choice>,
    forms: Vec<Choice>,
    activated: Vec<Choice>,
    limits: Vec<Choice>,
    area: String,
    ends: String,
    from: String,
    to: String,
    at: String,
}

/// What the query asks for; the rows are chosen by it, never after them.
fn filter(app: &App, visit: &Visit) -> Result<(CertificateFilter, Order, bool), Problem> {
    let field = |name: &str| visit.query.get(name).to_owned();
    let yes = |name: &str, one: &str, other: &str| match visit.query.get(name) {
        value if value == one => Some(true),
        value if value == other => Some(false),
        _ => None,
    };
    let (from, to) = (day_of(visit, "from")?, day_of(visit, "to")?);
    let ends_by = day_of(visit, "ends")?.map(day).unwrap_or_default();
    const DAY: i64 = 86_400_000_000;
    // Row keys begin with the millisecond in which they were made.
    let id = |at: Option<i64>| at.map(|at| store::new_id(at, &[0; 10])[..13].to_owned()).unwrap_or_default();
    let base = Base::ALL.iter().map(|base| base.name()).find(|name| *name == visit.query.get("base"));
    let filter = CertificateFilter {
        reach: reach(visit.live()?, "certificate.list"),
        area: field("area").chars().filter(char::is_ascii_digit).take(6).collect(),
        kind: field("kind"),
        base: base.unwrap_or_default().to_owned(),
        electronic: match visit.query.get("form") {
            "all" => None,
            form => Some(form != "paper"),
        },
        activated: yes("activated", "1", "0"),
        ids: (id(from), id(to.map(|to| to + DAY))),
        held: Vec::new(),
        ends_by,
    };
    let filter = match visit.query.get("limit") {
        "" => filter,
        limit => app.province.list_limited(filter, limit, visit.now).map_err(|error| problems::of(&error))?,
    };
    let down = visit.query.get("down") == "1";
    let (order, down) = match visit.query.get("sort") {
        "identifier" => (Order::Identifier, down),
        "end" => (Order::End, down),
        "updated" => (Order::Updated, down),
        "recorded" => (Order::Recorded, down),
        // Whoever asks what ends soon wants the soonest first.
        _ if !filter.ends_by.is_empty() => (Order::End, false),
        _ => (Order::Recorded, true),
    };
    Ok((filter, order, down))
}

fn row(app: &App, line: CertificateLine, now: i64) -> Result<Vec<Cell>, NodeError> {
    let (usable, status) = app.province.listed_status(&line, now)?;
    let name = line.identifier.unwrap_or_else(|| "未转化".into());
    Ok(vec![
        Cell::Link(format!("/clerk/certificate/{}?for=supervise", line.id), name),
        Cell::text(app.province.kind_text(&line.kind, now)),
        Cell::text(app.province.area_text(&line.area, now)),
        Cell::Badge(tone(usable, &status), status),
        Cell::text(line.last_day.unwrap_or_else(|| "长期".into())),
        Cell::text(
            line.activated_at.map(day).unwrap_or_else(|| if line.version > 0 { "未激活" } else { "" }.into()),
        ),
        Cell::text(day(line.recorded_at)),
        Cell::text(instant(line.updated_at)),
    ])
}

fn table(app: &App, visit: &Visit, listed: Listed<CertificateLine>) -> Result<Table, Problem> {
    let mut table = Table::new(visit, "证照清单", HEADS, FIELDS);
    table.count = listed.count;
    table.next = listed.next;
    table.export = Some(EXPORT.path);
    table.empty = ("没有符合条件的证照", "请放宽筛选条件；本辖区以外的证照不在此列出。");
    let rows = listed.rows.into_iter().map(|line| row(app, line, visit.now)).collect::<Result<_, _>>();
    table.rows = rows.map_err(|error| problems::of(&error))?;
    Ok(table)
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (filter, order, down) = filter(&app, &visit)?;
    let (asked, after) = (filter.clone(), visit.query.get("after").to_owned());
    let listed =
        app.work(move |app| app.province.certificate_list(&asked, (order, down), &after, PAGE_ROWS)).await?;
    let kinds = app.province.kinds_within(&filter.reach, visit.now);
    let query = |name: &str| visit.query.get(name).to_owned();
    let said = |pairs: &[(&str, &str)], name: &str| {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect();
        Choice::list(&pairs, visit.query.get(name))
    };
    let bases: Vec<(String, String)> =
        Base::ALL.iter().map(|base| (base.name().to_owned(), base.name().to_owned())).collect();
    html(&Shown {
        list: table(&app, &visit, listed)?.html()?,
        kinds: Choice::list(&kinds, &filter.kind),
        bases: Choice::list(&bases, visit.query.get("base")),
        forms: said(FORMS, "form"),
        activated: said(ACTIVATED, "activated"),
        area: filter.area.clone(),
        limits: Choice::list(&app.province.list_limits(), visit.query.get("limit")),
        ends: query("ends"),
        from: query("from"),
        to: query("to"),
        at: instant(visit.now),
        frame: visit.frame("证照清单"),
    })
}

async fn export(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (filter, order, down) = filter(&app, &visit)?;
    let listed =
        app.work(move |app| app.province.certificate_list(&filter, (order, down), "", EXPORT_ROWS)).await?;
    let (more, limits) = (listed.next.is_some(), app.province.list_limits());
    let words = |field: &str, value: &str| match field {
        "form" => export::of(FORMS, value),
        "activated" => export::of(ACTIVATED, value),
        "limit" => limits.iter().find(|(code, _)| code == value).map(|(_, name)| name.clone()),
        _ => None,
    };
    let export = Export { list: "certificates", more, words: &words };
    table(&app, &visit, listed)?.hand_out(&app, &visit, export).await
}
