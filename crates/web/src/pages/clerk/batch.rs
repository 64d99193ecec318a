//! `/clerk/batch`: 批量导入: a record file is checked first, mended where it is wrong, and handed in as a job that runs on by itself.

use askama::Template;
use link::problem::Problem;
use model::state;
use node::batch::{BatchFacts, BatchItem, EVENTS, Upload};
use node::form::Filled;

use super::job::{JobView, bad, progress};
use super::{account, actor, mend, refusal, within};
use crate::pages::account::minute;
use crate::pages::export::Export;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table, encode};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// Largest upload, photos included.
const LARGEST: usize = 20 * 1024 * 1024;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const WHO: Access = Access::Act("issue.batch");

/// Own files, and the form for another one.
pub static PAGE: Page =
    Page::get("/clerk/batch", WHO, |app, visit| Box::pin(async move { list(&app, &visit, None).await }));
/// An upload.
pub static SEND: Page = Page::post("/clerk/batch", WHO, LARGEST, |app, visit| Box::pin(send(app, visit)));
/// An empty workbook for a kind and an event.
pub static TEMPLATE: Page =
    Page::get("/clerk/batch/template", WHO, |app, visit| Box::pin(template(app, visit)));
/// A file with its findings, its progress, its results.
pub static ONE: Page =
    Page::get("/clerk/batch/{id}", WHO, |app, visit| Box::pin(async move { one(&app, &visit, None).await }));
/// Hands it in. Making many certificates takes the person's password anew, as a conversion does.
pub static GO: Page = Page::post("/clerk/batch/{id}/go", Access::Fresh("issue.batch"), FORM, |app, visit| {
    Box::pin(start(app, visit))
});
/// Takes it off the list.
pub static DROP: Page =
    Page::post("/clerk/batch/{id}/drop", WHO, FORM, |app, visit| Box::pin(drop_it(app, visit)));
/// Its list as a workbook.
pub static RESULT: Page =
    Page::get("/clerk/batch/{id}/result", WHO, |app, visit| Box::pin(result(app, visit)));
/// A record as a form.
pub static ITEM: Page = Page::get("/clerk/batch/{id}/{n}", WHO, |app, visit| {
    Box::pin(async move { item(&app, &visit, None).await })
});
/// The photo that it has.
pub static PHOTO: Page =
    Page::get("/clerk/batch/{id}/{n}/photo", WHO, |app, visit| Box::pin(picture(app, visit)));
/// Mends it.
pub static MEND: Page =
    Page::post("/clerk/batch/{id}/{n}", WHO, mend::LARGEST, |app, visit| Box::pin(mend_it(app, visit)));

#[derive(Template)]
#[template(path = "clerk/batches.html")]
struct Batches {
    frame: Frame,
    /// Name, and whether it is chosen.
    events: Vec<(&'static str, bool)>,
    kinds: Vec<(String, String)>,
    error: Option<(String, String)>,
    list: String,
}

const FILES: &[Head] = &[
    Head::text("文件"),
    Head::short("业务"),
    Head::short("状态"),
    Head::number("记录"),
    Head::number("待补正"),
    Head::number("可办理"),
    Head::number("已办理"),
    Head::short("上传时间"),
];

async fn list(app: &App, visit: &Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let (owner, after) = (account(visit)?, visit.query.get("after").to_owned());
    let mut found = app
        .work(move |app| {
            let below = Some(after.as_str()).filter(|below| !below.is_empty());
            app.province.batch_list(&owner, below, PAGE_ROWS + 1)
        })
        .await?;
    let mut table = Table::new(visit, "导入的文件", FILES, &[]);
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    table.next = found.last().filter(|_| more).map(|last| last.job.id.clone());
    table.rows = found.iter().map(file_row).collect();
    table.empty = ("还没有导入过文件", "选好业务种类和文件后点“上传并检查”；检查不会改动任何证照。");
    let failed = error.is_some();
    let chosen = visit.form.get("event");
    let page = Batches {
        frame: visit.frame("批量导入"),
        events: EVENTS.into_iter().map(|event| (event, event == chosen)).collect(),
        kinds: app.province.batch_kinds(&within(visit, "issue.batch")?, visit.now),
        error,
        list: table.html()?,
    };
    Ok(html(&page)?.status(if failed { 409 } else { 200 }))
}

async fn template(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (kind, event, now) =
        (visit.query.get("kind").to_owned(), visit.query.get("event").to_owned(), visit.now);
    let asked = kind.clone();
    let done = app.work(move |app| refusal(app.province.batch_template((&asked, &event), now))).await?;
    let (name, bytes) = match done {
        Ok(done) => done,
        Err((what, fix)) => {
            return Err(Problem::new(404, "NOT_FOUND", what)
                .item(&kind)
                .detail("模板按证照类型和业务种类生成")
                .fix(fix));
        }
    };
    let disposition = format!("attachment; filename*=UTF-8''{}", encode(&name));
    Ok(Reply::bytes(XLSX, bytes).header("Content-Disposition", &disposition))
}

fn tone(one: &BatchFacts) -> &'static str {
    match one.job.state.as_str() {
        "checked" => "ask",
        "running" => "info",
        _ if one.left() > 0 => "ask",
        _ if one.job.count("waiting") + one.job.count("work") > 0 => "info",
        _ => "ok",
    }
}

fn file_row(one: &BatchFacts) -> Vec<Cell> {
    let job = &one.job;
    vec![
        Cell::Link(format!("/clerk/batch/{}", job.id), one.name.clone()),
        Cell::text(one.event.clone()),
        Cell::Badge(tone(one), one.state_name().to_owned()),
        Cell::Number(job.total),
        Cell::Number(job.count("wrong") + job.count("unfit")),
        Cell::Number(job.count("ready")),
        Cell::Number(job.count("done")),
        Cell::text(minute(job.created_at)),
    ]
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let mut upload = Upload { event: visit.form.get("event").to_owned(), ..Upload::default() };
    for file in &visit.files {
        match file.field.as_str() {
            "file" => (upload.name, upload.bytes) = (file.name.clone(), file.bytes.to_vec()),
            _ => upload.photos.push((file.name.clone(), file.bytes.to_vec())),
        }
    }
    if upload.name.is_empty() {
        let error = ("没有选择文件".into(), "请选择 csv、xlsx 或 json 文件后再上传".into());
        return list(&app, &visit, Some(error)).await;
    }
    let (owner, within, actor, now) =
        (account(&visit)?, within(&visit, "issue.batch")?, actor(&visit)?, visit.now);
    let done = app
        .work(move |app| refusal(app.province.batch_check(upload, &owner, (&within, &actor), now)))
        .await?;
    match done {
        Ok(id) => Ok(go(format!("/clerk/batch/{id}?done=checked"))),
        Err(error) => list(&app, &visit, Some(error)).await,
    }
}

#[derive(Template)]
#[template(path = "clerk/batch.html")]
struct One {
    frame: Frame,
    job: JobView,
    one: BatchFacts,
    tabs: Vec<(&'static str, &'static str, i64, bool)>,
    items: Vec<BatchItem>,
    next: Option<String>,
    waiting: i64,
    closed: bool,
}

/// What a tab shows: word in the address, name, state of the rows.
const TABS: [(&str, &str); 4] =
    [("", "全部"), ("wrong", state::UNFIT), ("ready", "可办理"), ("done", state::APPLIED)];
/// Tabs that stand there only when there is something in them.
const EXTRA: [(&str, &str); 5] = [
    ("waiting", state::WAITING),
    ("work", state::WORK),
    ("refused", state::REFUSED),
    ("unfit", "办理时发现待补正"),
    ("failed", "未办成"),
];

async fn one(app: &App, visit: &Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let (owner, id, actor, now) = (account(visit)?, visit.param("id").to_owned(), actor(visit)?, visit.now);
    let shown = visit.query.get("state").to_owned();
    let state = TABS.iter().chain(&EXTRA).map(|(state, _)| *state).find(|one| *one == shown);
    let state = state.unwrap_or_default();
    let after: i64 = visit.query.get("after").parse().unwrap_or(0);
    let (one, items) = app
        .work(move |app| {
            if app.province.batch_show(&owner, &id)?.is_none() {
                return Ok((None, Ok(Vec::new())));
            }
            let wanted = (state, after, PAGE_ROWS + 1);
            let items = refusal(app.province.batch_items((&owner, &id), wanted, &actor, now))?;
            // The counts as they are after what waited was looked at again.
            Ok((app.province.batch_show(&owner, &id)?, items))
        })
        .await?;
    let one = one.ok_or_else(|| crate::problems::not_found("导入文件", visit.param("id")))?;
    // A file that the account may open no more: what became of it stands there, nobody's data do.
    let closed = items.is_err();
    let (mut items, error) = match items {
        Ok(items) => (items, error),
        Err(why) => (Vec::new(), error.or(Some(why))),
    };
    let more = items.len() > PAGE_ROWS as usize;
    items.truncate(PAGE_ROWS as usize);
    let last = items.last().filter(|_| more).map(|item| item.n);
    let count = |state: &str| if state.is_empty() { one.job.total } else { one.job.count(state) };
    let extra = EXTRA.into_iter().filter(|(state, _)| one.job.count(state) > 0);
    let tabs = TABS.into_iter().chain(extra);
    let tabs = tabs.map(|(word, name)| (word, name, count(word), word == state)).collect();
    let failed = error.is_some() && !closed;
    let page = One {
        frame: visit.frame(&one.name),
        job: view(&one, error, now),
        next: last.map(|n| format!("/clerk/batch/{}?state={state}&after={n}", one.job.id)),
        waiting: one.job.count("ready"),
        closed,
        tabs,
        items,
        one,
    };
    Ok(html(&page)?.status(if failed { 409 } else { 200 }))
}

fn view(one: &BatchFacts, error: Option<(String, String)>, now: i64) -> JobView {
    let job = &one.job;
    let (wrong, not) = (job.count("wrong") + job.count("unfit"), job.count("refused") + job.count("failed"));
    let pending = job.count("waiting") + job.count("work");
    let last = match pending {
        0 => ("拒绝或未办成", not, bad(not)),
        _ => ("等待结果、拒绝或未办成", pending + not, bad(not)),
    };
    JobView {
        back: ("/clerk/batch", "批量导入"),
        title: one.name.clone(),
        about: format!("{}　共 {} 条", one.event, job.total),
        state: (tone(one), one.state_name()),
        meter: [
            ("可办理", job.count("ready"), ""),
            ("待补正", wrong, bad(wrong)),
            ("已办理", job.count("done"), "ok"),
            last,
        ],
        progress: progress(job, ("正在办理", "条"), now),
        error,
    }
}

async fn start(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (owner, id, actor, now) = (account(&visit)?, visit.param("id").to_owned(), actor(&visit)?, visit.now);
    let asked = id.clone();
    match app.work(move |app| refusal(app.province.batch_start(&owner, &asked, &actor, now))).await? {
        Ok(()) => Ok(go(format!("/clerk/batch/{id}?done=started"))),
        Err(error) => one(&app, &visit, Some(error)).await,
    }
}

async fn drop_it(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (owner, id, actor, now) = (account(&visit)?, visit.param("id").to_owned(), actor(&visit)?, visit.now);
    match app.work(move |app| refusal(app.province.batch_drop(&owner, &id, &actor, now))).await? {
        Ok(()) => Ok(go("/clerk/batch?done=dropped")),
        Err(error) => one(&app, &visit, Some(error)).await,
    }
}

const RESULTS: &[Head] = &[
    Head::number("序号"),
    Head::number("行号"),
    Head::text("记录号"),
    Head::text("证照类型"),
    Head::text("持证主体"),
    Head::text("结果"),
    Head::text("证照标识"),
    Head::text("原因"),
];

async fn result(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (owner, id, actor, now) = (account(&visit)?, visit.param("id").to_owned(), actor(&visit)?, visit.now);
    let items = app
        .work(move |app| {
            if app.province.batch_show(&owner, &id)?.is_none() {
                return Ok(None);
            }
            app.province.batch_items((&owner, &id), ("", 0, EXPORT_ROWS + 1), &actor, now).map(Some)
        })
        .await?;
    let items = items.ok_or_else(|| crate::problems::not_found("导入文件", visit.param("id")))?;
    let mut table = Table::new(&visit, "批量导入结果", RESULTS, &[]);
    table.rows = items.into_iter().map(result_row).collect();
    let more = table.rows.len() > EXPORT_ROWS as usize;
    table.rows.truncate(EXPORT_ROWS as usize);
    table.hand_out(&app, &visit, Export { list: "batch", more, words: &|_, _| None }).await
}

fn result_row(item: BatchItem) -> Vec<Cell> {
    let findings = item.findings.iter().map(|one| format!("{}：{}；{}", one.item_name, one.what, one.fix));
    let why: Vec<String> =
        std::iter::once(item.why.clone()).filter(|why| !why.is_empty()).chain(findings).collect();
    vec![
        Cell::Number(item.n),
        Cell::Number(item.line),
        Cell::text(item.record_id.clone()),
        Cell::text(item.kind.clone()),
        Cell::text(item.holder.clone()),
        Cell::text(item.state_name()),
        Cell::text(item.identifier.unwrap_or_default()),
        Cell::text(why.join("\n")),
    ]
}

#[derive(Template)]
#[template(path = "clerk/record.html")]
struct RecordPage {
    frame: Frame,
    back: String,
    back_name: String,
    action: String,
    title: String,
    about: String,
    error: Option<(String, String)>,
    fields: String,
    button: &'static str,
}

async fn item(app: &App, visit: &Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let (owner, id, now) = (account(visit)?, visit.param("id").to_owned(), visit.now);
    let n: i64 = visit.param("n").parse().map_err(|_| crate::problems::no_route(&visit.path))?;
    let place = id.clone();
    let found = app.work(move |app| refusal(app.province.batch_form((&owner, &place), n, now))).await?;
    let (item, form) = match found {
        Ok(found) => found,
        Err((what, fix)) => {
            return Err(Problem::new(404, "NOT_FOUND", "不能补正").item(&id).detail(what).fix(fix));
        }
    };
    let failed = error.is_some();
    let page = RecordPage {
        frame: visit.frame("补正记录"),
        back: format!("/clerk/batch/{id}?state=wrong"),
        back_name: "返回导入文件".into(),
        action: format!("/clerk/batch/{id}/{n}"),
        title: if item.line > 0 {
            format!("补正第 {} 行", item.line)
        } else {
            format!("补正第 {n} 条")
        },
        about: format!("{}　记录号 {}", form.kind_name, item.record_id),
        error,
        fields: mend::fields(form, &format!("/clerk/batch/{id}/{n}"), &visit.form, &[])?,
        button: "保存并重新检查",
    };
    Ok(html(&page)?.status(if failed { 422 } else { 200 }))
}

async fn picture(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (owner, id, actor, now) = (account(&visit)?, visit.param("id").to_owned(), actor(&visit)?, visit.now);
    let n: i64 = visit.param("n").parse().map_err(|_| crate::problems::no_route(&visit.path))?;
    let found = app.work(move |app| refusal(app.province.batch_photo((&owner, &id), n, &actor, now))).await?;
    mend::picture(found.unwrap_or_default(), &visit)
}

async fn mend_it(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (owner, id, now) = (account(&visit)?, visit.param("id").to_owned(), visit.now);
    let (within, actor) = (within(&visit, "issue.batch")?, actor(&visit)?);
    let (value, photo) = (mend::filled(&visit), mend::photo(&visit));
    let n: i64 = visit.param("n").parse().map_err(|_| crate::problems::no_route(&visit.path))?;
    let place = id.clone();
    let done = app
        .work(move |app| {
            refusal(app.province.batch_mend(
                (&owner, &place),
                n,
                Filled { value: &value, photo },
                (&within, &actor),
                now,
            ))
        })
        .await?;
    match done {
        Ok(left) if left.iter().any(|one| one.severity == model::Severity::Error) => {
            let error = ("已保存，但还有问题".into(), "请按各项旁边的说明继续补正".into());
            item(&app, &visit, Some(error)).await
        }
        Ok(_) => Ok(go(format!("/clerk/batch/{id}?done=mended"))),
        // What was typed stays, as long as the record can be mended at all.
        Err(error) => match item(&app, &visit, Some(error.clone())).await {
            Ok(reply) => Ok(reply),
            Err(_) => one(&app, &visit, Some(error)).await,
        },
    }
}
