//! `/clerk/tasks`: 待办事项: what waits for a person, what is wrong with it, and what to do.

use askama::Template;
use link::problem::Problem;
use model::state;
use node::certificate::Within;
use node::form::Filled;
use node::lifecycle::{Mended, Outcome};
use node::work::{EventStatus, OpenEvent, WorkItem};

use super::{actor, mend, refusal, within};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, PAGE_ROWS, Table};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

const ACT: &str = "lifecycle.work";

const WHO: Access = Access::Act(ACT);

/// The lists.
pub static PAGE: Page = Page::get("/clerk/tasks", WHO, |app, visit| Box::pin(list(app, visit)));
/// An open item.
pub static ONE: Page =
    Page::get("/clerk/tasks/{id}", WHO, |app, visit| Box::pin(async move { one(&app, &visit, None).await }));
/// Closes it.
pub static CLOSE: Page = Page::post("/clerk/tasks/{id}", WHO, FORM, |app, visit| Box::pin(close(app, visit)));
/// An event that did not go through.
pub static EVENT: Page = Page::get("/clerk/tasks/event/{id}", WHO, |app, visit| {
    Box::pin(async move { event(&app, &visit, None).await })
});
/// The photo that it brought.
pub static PHOTO: Page =
    Page::get("/clerk/tasks/event/{id}/photo", WHO, |app, visit| Box::pin(picture(app, visit)));
/// Mends its record and sends it again.
pub static MEND: Page =
    Page::post("/clerk/tasks/event/{id}", WHO, mend::LARGEST, |app, visit| Box::pin(mend_it(app, visit)));

/// Tabs: word in the address, name, what it is about.
const TABS: [(&str, &str, &str); 4] = [
    ("", "待办事项", "系统不能自行决定、需要有人处理的事项，最早的在前。"),
    (
        "unfit",
        state::UNFIT,
        "业务系统送来但检查没有通过的业务；在此补正后重新提交，或在业务系统改正后重新推送。",
    ),
    ("waiting", state::WAITING, "先于其他业务到达、正在等待先行业务的业务；先行业务到达后自动办理。"),
    ("refused", state::REFUSED, "按规则不能办理的业务；请在业务系统核对后另行提交。"),
];

#[derive(Template)]
#[template(path = "clerk/work.html")]
struct WorkPage {
    frame: Frame,
    tabs: Vec<(&'static str, &'static str, bool)>,
    about: &'static str,
    list: String,
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let asked = visit.query.get("of");
    let (word, _, about) = TABS.into_iter().find(|(word, ..)| *word == asked).unwrap_or(TABS[0]);
    let status = match word {
        "unfit" => Some(EventStatus::Unfit),
        "waiting" => Some(EventStatus::Waiting),
        "refused" => Some(EventStatus::Refused),
        _ => None,
    };
    let list = match status {
        None => items(&app, &visit).await?,
        Some(status) => events(&app, &visit, status).await?,
    };
    let tabs = TABS.into_iter().map(|(one, name, _)| (one, name, one == word)).collect();
    html(&WorkPage { frame: visit.frame("待办事项"), tabs, about, list })
}

const ITEMS: &[Head] =
    &[Head::short("事项"), Head::text("办理说明"), Head::text("证照"), Head::short("提出时间")];

/// `instant.key`, where the next page begins.
fn place(visit: &Visit) -> Option<(i64, String)> {
    let (at, key) = visit.query.get("after").split_once('.')?;
    Some((at.parse().ok()?, key.to_owned()))
}

async fn items(app: &App, visit: &Visit) -> Result<String, Problem> {
    let (within, now) = (within(visit, ACT)?, visit.now);
    let after = place(visit).unwrap_or((0, String::new()));
    let mut found =
        app.work(move |app| app.province.work_list(&within, (after.0, &after.1), PAGE_ROWS + 1, now)).await?;
    let mut table = Table::new(visit, "待办事项", ITEMS, &[]);
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    table.next = found.last().filter(|_| more).map(|last| format!("{}.{}", last.opened_at, last.id));
    let row = |item: WorkItem| {
        vec![
            Cell::Link(format!("/clerk/tasks/{}", item.id), item.name().to_owned()),
            Cell::text(item.why),
            match item.certificate {
                Some(id) => Cell::Link(format!("/clerk/certificate/{id}?for=work"), item.about),
                None => Cell::text(item.about),
            },
            Cell::text(minute(item.opened_at)),
        ]
    };
    table.rows = found.into_iter().map(row).collect();
    table.empty = ("没有待办事项", "需要有人处理的事项会出现在这里；检查没有通过的业务在“待补正”。");
    table.html()
}

const EVENTS: &[Head] = &[
    Head::short("业务"),
    Head::text("证照"),
    Head::text("问题和改法"),
    Head::short("来源"),
    Head::short("收到时间"),
];

async fn events(app: &App, visit: &Visit, status: EventStatus) -> Result<String, Problem> {
    let (within, actor, now) = (within(visit, ACT)?, actor(visit)?, visit.now);
    let below = place(visit).unwrap_or((i64::MAX, String::new()));
    let mut found = app
        .work(move |app| {
            let page = ((below.0, below.1.as_str()), PAGE_ROWS + 1);
            app.province.work_events(status, (&within, &actor), page, now)
        })
        .await?;
    let mut table = Table::new(visit, "没有办成的业务", EVENTS, &["of"]);
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let key = |last: &OpenEvent| format!("{}.{}", last.step.recorded_at, last.step.id);
    table.next = found.last().filter(|_| more).map(key);
    let row = |one: OpenEvent| {
        vec![
            Cell::Link(format!("/clerk/tasks/event/{}", one.step.id), one.step.event.clone()),
            Cell::text(one.about.clone()),
            Cell::text(problem_of(&one)),
            Cell::text(one.step.source_name()),
            Cell::text(minute(one.step.recorded_at)),
        ]
    };
    table.rows = found.into_iter().map(row).collect();
    table.empty = match status {
        EventStatus::Unfit => ("没有待补正的业务", "检查没有通过的业务会连同问题和改法列在这里。"),
        EventStatus::Waiting => ("没有等待先行业务的事件", "先于先行业务到达的业务会列在这里。"),
        EventStatus::Refused => ("没有被拒绝的业务", "按规则不能办理的业务会连同原因列在这里。"),
    };
    table.html()
}

/// The first finding, and how many more there are.
fn problem_of(one: &OpenEvent) -> String {
    if let Some((what, fix)) = &one.step.why {
        return format!("{what}；{fix}");
    }
    let more = match one.step.findings.len() {
        0 | 1 => String::new(),
        count => format!("（共 {count} 处）"),
    };
    let first = one.step.findings.first();
    first
        .map_or_else(String::new, |first| format!("{}：{}；{}{more}", first.item_name, first.what, first.fix))
}

#[derive(Template)]
#[template(path = "clerk/item.html")]
struct ItemPage {
    frame: Frame,
    item: WorkItem,
    opened: String,
    error: Option<(String, String)>,
    reason: String,
}

async fn one(app: &App, visit: &Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let (within, now, id) = (within(visit, ACT)?, visit.now, visit.param("id").to_owned());
    let found = app.work(move |app| app.province.work_show(&id, &within, now)).await?;
    let item = found.ok_or_else(|| gone(visit))?;
    let failed = error.is_some();
    let page = ItemPage {
        frame: visit.frame("待办事项"),
        opened: minute(item.opened_at),
        reason: visit.form.get("reason").to_owned(),
        item,
        error,
    };
    Ok(html(&page)?.status(if failed { 422 } else { 200 }))
}

fn gone(visit: &Visit) -> Problem {
    Problem::new(404, "NOT_FOUND", "没有这个待办事项")
        .item(visit.param("id"))
        .detail("本账号的行政区划内没有这个待办事项，或它已经处理完毕")
        .fix("请回到“待办事项”查看最新的列表")
}

async fn close(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, ACT)?, actor(&visit)?, visit.now);
    let (id, reason) = (visit.param("id").to_owned(), visit.form.get("reason").to_owned());
    let done =
        app.work(move |app| refusal(app.province.work_close(&id, &reason, (&within, &actor), now))).await?;
    match done {
        Ok(()) => Ok(go("/clerk/tasks?done=closed")),
        Err(error) => one(&app, &visit, Some(error)).await,
    }
}

#[derive(Template)]
#[template(path = "clerk/event.html")]
struct EventPage {
    frame: Frame,
    one: OpenEvent,
    recorded: String,
    error: Option<(String, String)>,
    fields: Option<String>,
    /// Why it is mended, as it was typed.
    why: String,
    mended: Vec<(String, Mended)>,
    advice: &'static str,
}

/// The event, its findings, and its record as a form. `error`: what the last attempt came to.
async fn event(app: &App, visit: &Visit, error: Option<(String, String)>) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(visit, ACT)?, actor(visit)?, visit.now);
    let found = shown(app, visit, (within, actor, now)).await?;
    let (one, form) = found.ok_or_else(|| gone(visit))?;
    let failed = error.is_some();
    let advice = match one.step.status.as_str() {
        "unfit" if form.is_some() => {
            "请补正下列各项后重新提交；也可以在业务系统改正后以同一事件编号重新推送。"
        }
        "unfit" => "请在业务系统改正后以同一事件编号重新推送。",
        "waiting" => {
            "不需要处理：前序业务到达后自动办理。超过期限仍未到达的，请在业务系统查明前序业务是否已推送。"
        }
        "refused" => "请在业务系统核对证照的当前状态；确需办理的，另以新的事件编号提交。",
        _ => "这项业务已有结果，请查看证照。",
    };
    let page = EventPage {
        frame: visit.frame(&one.step.event),
        recorded: minute(one.step.recorded_at),
        fields: form
            .map(|form| mend::fields(form, &visit.path, &visit.form, &one.step.mended))
            .transpose()?,
        why: visit.form.get("why").to_owned(),
        mended: one.step.mended.iter().map(|one| (minute(one.at), one.clone())).collect(),
        advice,
        error,
        one,
    };
    Ok(html(&page)?.status(if failed { 422 } else { 200 }))
}

async fn picture(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, ACT)?, actor(&visit)?, visit.now);
    let id = visit.param("id").to_owned();
    mend::picture(app.work(move |app| app.province.work_photo(&id, (&within, &actor), now)).await?, &visit)
}

type Opened = Option<(OpenEvent, Option<node::form::Form>)>;

async fn shown(
    app: &App,
    visit: &Visit,
    (within, actor, now): (Within, node::audit::Actor, i64),
) -> Result<Opened, Problem> {
    let id = visit.param("id").to_owned();
    app.work(move |app| app.province.work_event(&id, (&within, &actor), now)).await
}

async fn mend_it(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, ACT)?, actor(&visit)?, visit.now);
    let (id, value, photo) = (visit.param("id").to_owned(), mend::filled(&visit), mend::photo(&visit));
    let why = visit.form.get("why").to_owned();
    let done = app
        .work(move |app| {
            let filled = Filled { value: &value, photo };
            refusal(app.province.work_mend(&id, (filled, &why), (&within, &actor), now))
        })
        .await?;
    let answer = match done {
        Ok(answer) => answer,
        Err(error) => return event(&app, &visit, Some(error)).await,
    };
    match (answer.result, answer.certificate) {
        (Outcome::Applied, Some(id)) => Ok(go(format!("/clerk/certificate/{id}?for=work&done=mended-event"))),
        (Outcome::Unfit, _) => {
            let error = ("已重新检查，还有问题".into(), "请按各项旁边的说明继续补正".into());
            event(&app, &visit, Some(error)).await
        }
        (_, _) => {
            let why = answer.why.map(|why| (why.what, why.fix));
            let why = why.unwrap_or(("没有办成".into(), "请稍后重试".into()));
            event(&app, &visit, Some(why)).await
        }
    }
}
