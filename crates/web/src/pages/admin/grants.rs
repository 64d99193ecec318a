//! `/admin/grants`: what accounts may do, for 安全管理员; locks, second factors, certificates, sessions of others.

use askama::Template;
use link::problem::Problem;
use node::audit::Actor;
use node::operator::{AccountState, EnableCode, Granted, OperatorEntry, OperatorFilter, Warrant};
use node::{NodeError, Province};

use super::operators::{
    FIELDS, HEADS, KindBox, STATES, entry, export, facts, filter, kind_boxes, reach_of, refused, roles, row,
};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::table::{PAGE_ROWS, Table};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

const ACT: &str = "operator.grant";
const BASE: &str = "/admin/grants/account";

/// The list: those that wait first.
pub static PAGE: Page = Page::get("/admin/grants", Access::Act(ACT), |app, visit| Box::pin(list(app, visit)));

/// All of it as a file.
pub static EXPORT: Page = Page::get("/admin/grants/export", Access::Act(ACT), |app, visit| {
    Box::pin(async move { export(&app, &visit, ("全部账号", "grants")).await })
});

/// One account.
pub static ONE: Page =
    Page::get("/admin/grants/account/{id}", Access::Act(ACT), |app, visit| Box::pin(one(app, visit)));

/// Grants.
pub static GRANT: Page =
    Page::post("/admin/grants/grant", Access::Fresh(ACT), FORM, |app, visit| Box::pin(grant(app, visit)));

/// Does not grant.
pub static REFUSE: Page = Page::post("/admin/grants/refuse", Access::Act(ACT), FORM, |app, visit| {
    Box::pin(async move {
        let why = visit.form.need("why", "理由")?.to_owned();
        let done = move |province: &Province, name: &str, by: &Actor, now: i64| {
            province.operator_refuse(name, &why, by, Warrant::Account, now)
        };
        act(&app, &visit, "account-refused", done).await
    })
});

/// Lifts a lock.
pub static UNLOCK: Page = Page::post("/admin/grants/unlock", Access::Fresh(ACT), FORM, |app, visit| {
    Box::pin(async move {
        let done = |province: &Province, name: &str, by: &Actor, now: i64| {
            province.operator_unlock(name, by, Warrant::Account, now)
        };
        act(&app, &visit, "account-unlocked", done).await
    })
});

/// Another code for the first sign-in.
pub static CODE: Page =
    Page::post("/admin/grants/code", Access::Fresh(ACT), FORM, |app, visit| Box::pin(code(app, visit)));

/// Takes the second factor away.
pub static FACTOR: Page = Page::post("/admin/grants/factor", Access::Fresh(ACT), FORM, |app, visit| {
    Box::pin(async move {
        let done = |province: &Province, name: &str, by: &Actor, now: i64| {
            province.operator_factor_reset(name, by, Warrant::Account, now)
        };
        act(&app, &visit, "factor-reset", done).await
    })
});

/// Registers a certificate.
pub static CERTIFICATE: Page =
    Page::post("/admin/grants/certificate", Access::Fresh(ACT), FORM, |app, visit| {
        Box::pin(async move {
            let pem = visit.form.need("certificate", "证书")?.to_owned();
            let done = move |province: &Province, name: &str, by: &Actor, now: i64| {
                province.operator_certificate(name, &pem, by, Warrant::Account, now)
            };
            act(&app, &visit, "certificate", done).await
        })
    });

/// Ends a session.
pub static SESSION: Page = Page::post("/admin/grants/session", Access::Act(ACT), FORM, |app, visit| {
    Box::pin(async move {
        let id = Some(visit.form.get("session").to_owned()).filter(|id| !id.is_empty());
        let done = move |province: &Province, name: &str, by: &Actor, now: i64| {
            province.operator_session_end(name, id.as_deref(), by, now)
        };
        act(&app, &visit, "ended", done).await
    })
});

#[derive(Template)]
#[template(path = "admin/grants.html")]
struct List {
    frame: Frame,
    waiting: String,
    waits: bool,
    list: String,
    state: String,
    role: String,
    text: String,
    states: [AccountState; 4],
    roles: Vec<&'static str>,
}

struct Session {
    id: String,
    device: String,
    begun: String,
    seen: String,
}

#[derive(Template)]
#[template(path = "admin/grant.html")]
struct One {
    frame: Frame,
    account: String,
    here: String,
    facts: Vec<(&'static str, String)>,
    state: AccountState,
    locked: Option<String>,
    own: bool,
    factor: bool,
    needs_code: bool,
    role: String,
    areas: String,
    roles: Vec<&'static str>,
    kinds: Vec<KindBox>,
    sessions: Vec<Session>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/enable_code.html")]
struct Code {
    frame: Frame,
    account: String,
    code: String,
    until: String,
    granted: bool,
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (wanted, after, now) = (filter(&visit), visit.query.get("after").to_owned(), visit.now);
    let asked = wanted.clone();
    let ((waiting, more_wait), (entries, more)) = app
        .look(move |app| {
            let waits = OperatorFilter { state: AccountState::Waiting.name().into(), ..Default::default() };
            let waiting = app.province.operator_page(&waits, "", PAGE_ROWS)?;
            Ok((waiting, app.province.operator_page(&asked, &after, PAGE_ROWS)?))
        })
        .await?;
    let rows = |entries: &[OperatorEntry]| entries.iter().map(|one| row(&app, one, BASE, now)).collect();
    let mut first = Table::new(&visit, "待授权的账号", HEADS, &[]);
    first.empty = ("没有待授权的账号", "系统管理员新建账号后，会出现在这里。");
    first.rows = rows(&waiting);
    first.count = (!more_wait).then_some(waiting.len() as i64);
    let mut table = Table::new(&visit, "全部账号", HEADS, FIELDS);
    table.export = Some(EXPORT.path);
    table.empty = ("没有符合条件的账号", "请放宽条件。");
    table.next = entries.last().filter(|_| more).map(|last| last.name.clone());
    table.rows = rows(&entries);
    let OperatorFilter { state, role, text } = wanted;
    let (waits, waiting) = (!waiting.is_empty(), first.html()?);
    let frame = visit.frame("授权与解锁");
    let list = table.html()?;
    html(&List { frame, waiting, waits, list, state, role, text, states: STATES, roles: roles() })
}

async fn show(app: &App, visit: &Visit, name: &str, error: Option<String>) -> Result<Reply, Problem> {
    let entry = entry(app, visit, name).await?;
    let (asked, now) = (entry.name.clone(), visit.now);
    let open = app.look(move |app| app.province.operator_sessions(&asked, now)).await?;
    let session = |one: node::session::SessionEntry| Session {
        begun: minute(one.created_at),
        seen: minute(one.seen_at),
        id: one.id,
        device: one.device,
    };
    // What was typed stays where it was refused.
    let typed = error.is_some();
    let (areas, chosen) = match typed {
        true => (visit.form.get("areas").to_owned(), visit.form.all("kind").map(str::to_owned).collect()),
        false => (entry.areas.join("，"), entry.kinds.clone()),
    };
    let role = if typed { visit.form.get("role").to_owned() } else { entry.role.clone() };
    html(&One {
        frame: visit.frame("授权"),
        here: format!("{BASE}/{}", entry.name),
        facts: facts(app, &entry, visit.now),
        state: entry.state,
        locked: (entry.locked_until > now).then(|| minute(entry.locked_until)),
        own: visit.live()?.subject == format!("operator:{}", entry.name),
        factor: entry.totp || entry.certificate.is_some(),
        needs_code: entry.needs_code(),
        role,
        areas,
        roles: roles(),
        kinds: kind_boxes(app, &chosen),
        sessions: open.into_iter().map(session).collect(),
        account: entry.name,
        error,
    })
}

async fn one(app: App, visit: Visit) -> Result<Reply, Problem> {
    show(&app, &visit, visit.param("id"), None).await
}

async fn grant(app: App, visit: Visit) -> Result<Reply, Problem> {
    let account = visit.form.need("account", "账号")?.to_owned();
    let (areas, kinds) = reach_of(&visit);
    let granted = Granted { role: visit.form.get("role").to_owned(), areas, kinds };
    let (by, now, name) = (visit.live()?.actor(), visit.now, account.clone());
    let done = app
        .work(move |app| refused(app.province.operator_grant(&name, &granted, &by, Warrant::Account, now)))
        .await?;
    match done {
        Ok(Some(code)) => shown(&visit, account, code, true),
        Ok(None) => Ok(go(format!("{BASE}/{account}?done=account-granted"))),
        Err(why) => Ok(show(&app, &visit, &account, Some(why)).await?.status(409)),
    }
}

async fn code(app: App, visit: Visit) -> Result<Reply, Problem> {
    let account = visit.form.need("account", "账号")?.to_owned();
    let (by, now, name) = (visit.live()?.actor(), visit.now, account.clone());
    let code =
        app.work(move |app| app.province.operator_enable_code(&name, &by, Warrant::Account, now)).await?;
    shown(&visit, account, code, false)
}

/// The one page that shows a code.
fn shown(visit: &Visit, account: String, code: EnableCode, granted: bool) -> Result<Reply, Problem> {
    let (frame, until) = (visit.frame("启用码"), minute(code.until));
    let page = Code { frame, account, code: code.code, until, granted };
    Ok(html(&page)?.header("Cache-Control", "no-store"))
}

/// One act on the account of the form, and back to its page.
async fn act(
    app: &App,
    visit: &Visit,
    said: &str,
    done: impl FnOnce(&Province, &str, &Actor, i64) -> Result<(), NodeError> + Send + 'static,
) -> Result<Reply, Problem> {
    let name = visit.form.need("account", "账号")?.to_owned();
    let (by, now) = (visit.live()?.actor(), visit.now);
    let back = format!("{BASE}/{name}?done={said}");
    app.work(move |app| done(&app.province, &name, &by, now)).await?;
    Ok(go(back))
}
