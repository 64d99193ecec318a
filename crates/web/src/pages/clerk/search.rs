//! `/clerk`: find a certificate by whatever the person at the window has in hand.

use askama::Template;
use link::problem::Problem;
use node::certificate::{By, Found, Hit};

use super::{PURPOSES, actor, purpose, within};
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table, encode};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page, with what was found.
pub static PAGE: Page =
    Page::get("/clerk", Access::Act("certificate.read"), |app, visit| Box::pin(show(app, visit)));

/// The box. A form that is posted: what is typed here stands in no address.
pub static SEND: Page =
    Page::post("/clerk", Access::Act("certificate.read"), FORM, |app, visit| Box::pin(send(app, visit)));

const HEADS: &[Head] = &[
    Head::text("持证主体"),
    Head::text("证照类型"),
    Head::text("证照编号"),
    Head::text("车牌"),
    Head::text("状态"),
    Head::text("有效期"),
    Head::text("发证机关"),
];

/// A choice of a list: value, name, chosen.
type Choice = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "clerk/search.html")]
struct SearchPage {
    frame: Frame,
    text: String,
    ways: Vec<Choice>,
    purposes: Vec<Choice>,
    error: Option<&'static str>,
    /// As what the text was read, and whether that was a guess.
    read_as: Option<(&'static str, bool)>,
    list: Option<String>,
    /// Why there may be no hit.
    hint: Option<String>,
}

fn page(visit: &Visit, text: &str, by: Option<By>) -> SearchPage {
    let way = |one: By| (one.slug(), one.name(), by == Some(one));
    let (chosen, _) = purpose(visit);
    SearchPage {
        frame: visit.frame("查询证照"),
        text: text.to_owned(),
        ways: By::ALL.into_iter().map(way).collect(),
        purposes: PURPOSES.into_iter().map(|(code, name)| (code, name, code == chosen)).collect(),
        error: None,
        read_as: None,
        list: None,
        hint: None,
    }
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let token = visit.query.get("find").to_owned();
    if token.is_empty() {
        return html(&page(&visit, "", None));
    }
    // Another session's result page: nothing of it can be read here.
    let Some(mut search) = app.province.search_of(&token, &visit.live()?.id) else { return Ok(go("/clerk")) };
    search.below = Some(visit.query.get("after").to_owned()).filter(|below| !below.is_empty());
    search.most = PAGE_ROWS;
    let (within, actor, now) = (within(&visit, "certificate.read")?, actor(&visit)?, visit.now);
    let (text, by, paged) = (search.text.clone(), search.by, search.below.is_some());
    let found = app.work(move |app| app.province.certificate_search(&search, &within, &actor, now)).await?;
    if let ([only], false) = (found.hits.as_slice(), paged) {
        return Ok(go(format!("/clerk/certificate/{}?for={}", only.id, purpose(&visit).0)));
    }
    let mut shown = page(&visit, &text, by);
    shown.read_as = Some((found.by.name(), found.guessed));
    shown.hint.clone_from(&found.hint);
    shown.list = Some(list(&visit, found)?);
    html(&shown)
}

fn list(visit: &Visit, found: Found) -> Result<String, Problem> {
    let mut table = Table::new(visit, "查询结果", HEADS, &["find", "for"]);
    let (code, _) = purpose(visit);
    let row = |hit: Hit| {
        let tone = crate::pages::standing::tone(hit.usable, &hit.status);
        let number = if hit.former { format!("{}（曾用）", hit.number) } else { hit.number };
        let holder = if hit.holder.is_empty() { "（未载明）".to_owned() } else { hit.holder };
        vec![
            Cell::Link(format!("/clerk/certificate/{}?for={code}", hit.id), holder),
            Cell::text(hit.kind_name),
            Cell::text(number),
            Cell::text(hit.plate),
            Cell::Badge(tone, hit.status),
            Cell::text(hit.validity),
            Cell::text(hit.authority),
        ]
    };
    table.rows = found.hits.into_iter().map(row).collect();
    table.next = found.next;
    table.empty = (
        "没有查到",
        "请核对输入的内容；姓名、名称和证件号码须完整输入。其他行政区划的证照不在本账号的查询范围内；纸质证和 IC 卡证可能尚未入库，查不到不等于无证。",
    );
    table.html()
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let text = visit.form.get("text").to_owned();
    let by = By::parse(visit.form.get("by"));
    let wrong = match text.chars().count() {
        0 => Some("请输入要查询的内容"),
        1..=128 => None,
        _ => Some("最多 128 个字，请缩短后再查"),
    };
    if let Some(wrong) = wrong {
        let mut shown = page(&visit, &text, by);
        shown.error = Some(wrong);
        return Ok(html(&shown)?.status(422));
    }
    let id = visit.live()?.id.clone();
    let token = app.look(move |app| app.province.search_token(&text, by, &id)).await?;
    Ok(go(format!("/clerk?for={}&find={}", encode(visit.form.get("for")), encode(&token))))
}
