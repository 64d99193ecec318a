//! The posts: by area, those that nobody holds first where that is asked.

use askama::Template;
use link::problem::Problem;
use node::duty::{Place, Post, WHAT};

use super::{MANAGE, READ};
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The whole register.
pub static PAGE: Page =
    Page::get("/admin/duty", Access::Act(MANAGE), |app, visit| Box::pin(list(app, visit, MANAGE, None)));

/// That of the own areas.
pub static OWN: Page =
    Page::get("/supervisor/duty", Access::Act(READ), |app, visit| Box::pin(list(app, visit, READ, None)));

const HEADS: &[Head] = &[
    Head::text("岗位"),
    Head::text("行政区划"),
    Head::text("负责"),
    Head::text("任职人"),
    Head::short("电话"),
    Head::text("单位"),
    Head::short("任职自"),
];

#[derive(Template)]
#[template(path = "admin/duty.html")]
struct Register {
    frame: Frame,
    root: &'static str,
    manage: bool,
    only_empty: bool,
    empty: i64,
    list: String,
    whats: [&'static str; 5],
    /// What was typed in the form of a new post.
    name: String,
    area: String,
    what: String,
    basis: String,
    wrong: Option<(String, String)>,
}

/// The list; `wrong` is what was wrong with a new post.
pub(super) async fn list(
    app: App,
    visit: Visit,
    act: &'static str,
    wrong: Option<(String, String)>,
) -> Result<Reply, Problem> {
    let live = visit.live()?;
    let (areas, now) = (live.reach(act).areas, visit.now);
    let only_empty = visit.query.get("empty") == "1";
    let after = place(visit.query.get("after"));
    let (page, empty, any) = app
        .work(move |app| {
            let page = app.province.duty_list(&areas, only_empty, &after, PAGE_ROWS, now)?;
            // As many as a page shows; beyond that it is "more than".
            let empty = app.province.duty_list(&areas, true, &Place::default(), COUNTED, now)?;
            let any = app.province.duty_list(&areas, false, &Place::default(), 1, now)?;
            Ok((page, empty.posts.len() as i64, !any.posts.is_empty()))
        })
        .await?;
    let root = if act == MANAGE { "/admin/duty" } else { "/supervisor/duty" };
    let mut table = Table::new(&visit, "责任登记册", HEADS, &["empty"]);
    table.next = page.next.map(|next| format!("{}.{}", next.area, next.id));
    // A register without posts has no empty ones, and is nothing to be content with.
    table.empty = if only_empty && any {
        ("没有空岗", "每个岗位都有人任职。")
    } else {
        ("登记册还没有岗位", "由系统管理员登记岗位，或按示例建立后再增减。")
    };
    table.rows = page.posts.iter().map(|post| row(post, root)).collect();
    let form = &visit.form;
    let page = Register {
        root,
        manage: act == MANAGE,
        only_empty,
        empty,
        list: table.html()?,
        whats: WHAT,
        name: form.get("name").to_owned(),
        area: form.get("area").to_owned(),
        what: form.get("what").to_owned(),
        basis: form.get("basis").to_owned(),
        frame: visit.frame("责任登记册"),
        wrong,
    };
    let status = if page.wrong.is_some() { 409 } else { 200 };
    Ok(html(&page)?.status(status))
}

/// Empty posts are counted up to here.
const COUNTED: u32 = 1000;

fn place(after: &str) -> Place {
    let (area, id) = after.split_once('.').unwrap_or_default();
    Place { area: area.to_owned(), id: id.to_owned() }
}

fn row(post: &Post, root: &str) -> Vec<Cell> {
    let mut cells = vec![
        Cell::Link(format!("{root}/{}", post.id), post.name.clone()),
        Cell::text(post.area_name.clone()),
        Cell::text(post.what.clone()),
    ];
    match &post.holder {
        Some(one) => cells.extend([
            Cell::text(one.person.clone()),
            Cell::text(one.phone.clone()),
            Cell::text(one.unit.clone()),
            Cell::text(one.begins_on.clone()),
        ]),
        None => {
            cells.extend([Cell::Badge("bad", "空岗".into()), Cell::text(""), Cell::text(""), Cell::text("")])
        }
    }
    cells
}
