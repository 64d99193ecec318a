//! `/admin/operators`: accounts of people, for 系统管理员: who there is, who is new, who goes. What they may do others grant.

use askama::Template;
use link::problem::Problem;
use node::operator::{AccountState, HOLDER, NewOperator, OperatorEntry, OperatorFilter, Rights, Warrant};
use node::verify::masked;

use crate::pages::account::{area_names, kind_names, minute};
use crate::pages::export::Export;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, EXPORT_ROWS, Head, PAGE_ROWS, Table};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply, problems};

const ACT: &str = "operator.manage";

/// The list.
pub static PAGE: Page =
    Page::get("/admin/operators", Access::Act(ACT), |app, visit| Box::pin(list(app, visit)));

/// The same as a file.
pub static EXPORT: Page = Page::get("/admin/operators/export", Access::Act(ACT), |app, visit| {
    Box::pin(async move { export(&app, &visit, ("账号", "operators")).await })
});

/// The form of a new account.
pub static NEW: Page = Page::get("/admin/operators/new", Access::Act(ACT), |app, visit| {
    Box::pin(async move { form(&app, &visit, Draft::default(), None) })
});

/// Makes it.
pub static ADD: Page =
    Page::post("/admin/operators/new", Access::Act(ACT), FORM, |app, visit| Box::pin(add(app, visit)));

/// One account.
pub static ONE: Page =
    Page::get("/admin/operators/account/{id}", Access::Act(ACT), |app, visit| Box::pin(one(app, visit)));

/// Disables it.
pub static DISABLE: Page = Page::post("/admin/operators/disable", Access::Fresh(ACT), FORM, |app, visit| {
    Box::pin(disable(app, visit))
});

/// Gives it a new password.
pub static RESET: Page =
    Page::post("/admin/operators/reset", Access::Fresh(ACT), FORM, |app, visit| Box::pin(reset(app, visit)));

/// Columns of accounts, here and where they are granted.
pub(super) const HEADS: &[Head] = &[
    Head::short("账号"),
    Head::short("姓名"),
    Head::text("单位"),
    Head::short("角色"),
    Head::text("行政区划"),
    Head::text("证照种类"),
    Head::short("状态"),
    Head::short("最近登录"),
];

/// Fields of the filter, here and there.
pub(super) const FIELDS: &[&str] = &["state", "role", "text"];

/// States that the filter offers.
pub(super) const STATES: [AccountState; 4] =
    [AccountState::Waiting, AccountState::Active, AccountState::Disabled, AccountState::Refused];

#[derive(Template)]
#[template(path = "admin/operators.html")]
struct List {
    frame: Frame,
    list: String,
    state: String,
    role: String,
    text: String,
    states: [AccountState; 4],
    roles: Vec<&'static str>,
}

/// What was typed into the form.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub name: String,
    pub person: String,
    pub unit: String,
    pub staff_no: String,
    pub role: String,
    pub areas: String,
    pub kinds: Vec<String>,
}

/// A kind to tick.
pub(super) struct KindBox {
    pub slug: String,
    pub name: String,
    pub on: bool,
}

#[derive(Template)]
#[template(path = "admin/operator_new.html")]
struct New {
    frame: Frame,
    draft: Draft,
    roles: Vec<&'static str>,
    kinds: Vec<KindBox>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/operator_password.html")]
struct Password {
    frame: Frame,
    account: String,
    password: String,
    made: bool,
    /// The person needs a code of 安全管理员 besides it.
    code: bool,
}

/// Where the code of a first sign-in stands; nothing where none is asked for.
fn enable_fact(entry: &OperatorEntry, now: i64) -> Option<String> {
    let text = match entry.enable_until {
        0 => "尚未签发，请本人向安全管理员领取".to_owned(),
        until if until <= now => format!("已于 {} 过期，请本人向安全管理员领取新的", minute(until)),
        until => format!("已签发，有效至 {}", minute(until)),
    };
    entry.needs_code().then_some(text)
}

#[derive(Template)]
#[template(path = "admin/operator.html")]
struct One {
    frame: Frame,
    account: String,
    facts: Vec<(&'static str, String)>,
    state: AccountState,
    own: bool,
}

/// Roles that an account can have.
pub(super) fn roles() -> Vec<&'static str> {
    let rights = Rights::builtin().ok();
    let names = rights.into_iter().flat_map(|rights| &rights.roles).map(|role| role.name.as_str());
    names.filter(|name| *name != HOLDER).collect()
}

/// Kinds to tick; none ticked stands for all.
pub(super) fn kind_boxes(app: &App, chosen: &[String]) -> Vec<KindBox> {
    let mut boxes: Vec<KindBox> = Vec::new();
    for kind in app.province.data.catalogue.kinds() {
        if boxes.iter().all(|known| known.slug != kind.slug) {
            let on = chosen.contains(&kind.slug);
            boxes.push(KindBox { slug: kind.slug.clone(), name: kind.name.clone(), on });
        }
    }
    boxes
}

/// What a form says of areas and kinds: areas apart by commas or blanks; no kind is every kind.
pub(super) fn reach_of(visit: &Visit) -> (Vec<String>, Vec<String>) {
    let apart = |one: char| one.is_whitespace() || ",，、;；".contains(one);
    let areas = visit.form.get("areas").split(apart).filter(|one| !one.is_empty());
    let areas = areas.map(|one| if one == "全省" { "*".to_owned() } else { one.to_owned() });
    let kinds: Vec<String> = visit.form.all("kind").map(str::to_owned).collect();
    (areas.collect(), if kinds.is_empty() { vec!["*".to_owned()] } else { kinds })
}

/// Tone and word of an account's state.
pub(super) fn badge(entry: &OperatorEntry, now: i64) -> Cell {
    if entry.active() && entry.locked_until > now {
        return Cell::Badge("bad", "锁定".into());
    }
    let tone = match entry.state {
        AccountState::Active => "ok",
        AccountState::Waiting => "ask",
        AccountState::Refused | AccountState::Disabled => "",
    };
    Cell::Badge(tone, entry.state.text().into())
}

/// The first kind, and how many there are: the account's page names all of them.
fn few_kinds(app: &App, kinds: &[String]) -> String {
    match kinds {
        [first, _, ..] => format!("{}等 {} 种", kind_names(app, std::slice::from_ref(first)), kinds.len()),
        _ => kind_names(app, kinds),
    }
}

/// A row of accounts; `base` is where the account itself is shown.
pub(super) fn row(app: &App, entry: &OperatorEntry, base: &str, now: i64) -> Vec<Cell> {
    let last = if entry.signed_in_at == 0 { String::new() } else { minute(entry.signed_in_at) };
    vec![
        Cell::Link(format!("{base}/{}", entry.name), entry.name.clone()),
        Cell::text(masked("name", &entry.person)),
        Cell::text(entry.unit.clone()),
        Cell::text(entry.role.clone()),
        Cell::text(area_names(&entry.areas)),
        Cell::text(few_kinds(app, &entry.kinds)),
        badge(entry, now),
        Cell::text(last),
    ]
}

/// What is known of an account.
pub(super) fn facts(app: &App, entry: &OperatorEntry, now: i64) -> Vec<(&'static str, String)> {
    let at = |micros: i64| if micros == 0 { "从未".to_owned() } else { minute(micros) };
    let factor = match (entry.totp, entry.certificate_text()) {
        (true, Some(text)) => format!("动态口令；SM2 证书（{text}）"),
        (true, None) => "动态口令".into(),
        (false, Some(text)) => format!("SM2 证书（{text}）"),
        (false, None) => "未绑定".into(),
    };
    let role = if entry.state == AccountState::Waiting { "申请的角色" } else { "角色" };
    let mut facts = vec![
        ("姓名", entry.person.clone()),
        ("单位", entry.unit.clone()),
        ("证号", entry.staff_no.clone()),
        (role, entry.role.clone()),
        ("行政区划", area_names(&entry.areas)),
        ("证照种类", kind_names(app, &entry.kinds)),
        ("第二因素", factor),
        (
            "口令",
            if entry.must_change {
                "初始口令，本人尚未更改".into()
            } else {
                format!("{} 更改", at(entry.changed_at))
            },
        ),
        ("最近登录", at(entry.signed_in_at)),
        ("建立时间", at(entry.created_at)),
    ];
    if let Some(text) = enable_fact(entry, now) {
        let place = facts.iter().position(|(name, _)| *name == "口令").map_or(facts.len(), |place| place + 1);
        facts.insert(place, ("启用码", text));
    }
    facts
}

/// Areas and kinds are those of the accounts that the filter asks for; all of the node's accounts are one administrator's work.
pub(super) fn filter(visit: &Visit) -> OperatorFilter {
    OperatorFilter {
        state: visit.query.get("state").to_owned(),
        role: visit.query.get("role").to_owned(),
        text: visit.query.get("text").to_owned(),
    }
}

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (wanted, after, now) = (filter(&visit), visit.query.get("after").to_owned(), visit.now);
    let mut table = Table::new(&visit, "账号", HEADS, FIELDS);
    table.export = Some(EXPORT.path);
    table.empty = ("没有符合条件的账号", "请放宽条件，或新建账号。");
    let asked = wanted.clone();
    let (entries, more) = app.look(move |app| app.province.operator_page(&asked, &after, PAGE_ROWS)).await?;
    table.next = entries.last().filter(|_| more).map(|last| last.name.clone());
    table.rows = entries.iter().map(|one| row(&app, one, "/admin/operators/account", now)).collect();
    let OperatorFilter { state, role, text } = wanted;
    let frame = visit.frame("账号");
    html(&List { frame, list: table.html()?, state, role, text, states: STATES, roles: roles() })
}

/// The accounts that the filter asks for as a file: `what` is its name and the list's in the audit log.
pub(super) async fn export(
    app: &App,
    visit: &Visit,
    what: (&'static str, &'static str),
) -> Result<Reply, Problem> {
    let (wanted, now) = (filter(visit), visit.now);
    let (entries, more) = app.work(move |app| app.province.operator_page(&wanted, "", EXPORT_ROWS)).await?;
    let mut table = Table::new(visit, what.0, HEADS, FIELDS);
    table.rows = entries.iter().map(|one| row(app, one, "", now)).collect();
    let words = |field: &str, value: &str| match field {
        "state" => STATES.iter().find(|one| one.name() == value).map(|one| one.text().to_owned()),
        _ => None,
    };
    table.hand_out(app, visit, Export { list: what.1, more, words: &words }).await
}

fn form(app: &App, visit: &Visit, draft: Draft, error: Option<String>) -> Result<Reply, Problem> {
    let kinds = kind_boxes(app, &draft.kinds);
    html(&New { frame: visit.frame("新建账号"), draft, roles: roles(), kinds, error })
}

async fn add(app: App, visit: Visit) -> Result<Reply, Problem> {
    let field = |name: &str| visit.form.get(name).to_owned();
    let (areas, kinds) = reach_of(&visit);
    let draft = Draft {
        name: field("name"),
        person: field("person"),
        unit: field("unit"),
        staff_no: field("staff_no"),
        role: field("role"),
        areas: field("areas"),
        kinds: kinds.clone(),
    };
    let new = NewOperator {
        name: draft.name.clone(),
        person: draft.person.clone(),
        unit: draft.unit.clone(),
        staff_no: draft.staff_no.clone(),
        role: draft.role.clone(),
        areas,
        kinds,
    };
    let (by, now) = (visit.live()?.actor(), visit.now);
    let _place = app.sign_ins.acquire().await.map_err(|_| problems::internal())?;
    let done = app
        .work(move |app| {
            let password = app.province.operator_first_password();
            let done = app.province.operator_add(new, &password, &by, Warrant::Account, now);
            refused(done.map(|()| password))
        })
        .await?;
    match done {
        Err(why) => Ok(form(&app, &visit, draft, Some(why))?.status(409)),
        Ok(password) => {
            let frame = visit.frame("初始口令");
            let page = Password { frame, account: draft.name, password, made: true, code: true };
            Ok(html(&page)?.header("Cache-Control", "no-store"))
        }
    }
}

/// What a person can mend is said on the form; anything else is an error page.
pub(super) fn refused<T>(done: Result<T, node::NodeError>) -> Result<Result<T, String>, node::NodeError> {
    match done {
        Err(node::NodeError::Refused { what, fix }) => Ok(Err(format!("{what}。{fix}。"))),
        other => other.map(Ok),
    }
}

/// The account of a path or form; the same answer for every name that is none.
pub(super) async fn entry(app: &App, visit: &Visit, name: &str) -> Result<OperatorEntry, Problem> {
    let (asked, by, now) = (name.to_owned(), visit.live()?.actor(), visit.now);
    let found = app.work(move |app| app.province.operator_show(&asked, &by, now)).await?;
    found.ok_or_else(|| {
        Problem::new(404, "NOT_FOUND", "没有这个账号")
            .item(name)
            .detail(format!("没有名为“{name}”的账号"))
            .fix("请返回账号列表核对")
    })
}

async fn one(app: App, visit: Visit) -> Result<Reply, Problem> {
    let entry = entry(&app, &visit, visit.param("id")).await?;
    let own = visit.live()?.subject == format!("operator:{}", entry.name);
    let frame = visit.frame("账号");
    let facts = facts(&app, &entry, visit.now);
    html(&One { frame, facts, state: entry.state, own, account: entry.name })
}

async fn disable(app: App, visit: Visit) -> Result<Reply, Problem> {
    let name = visit.form.need("account", "账号")?.to_owned();
    let (by, now) = (visit.live()?.actor(), visit.now);
    let back = format!("/admin/operators/account/{name}?done=account-disabled");
    app.work(move |app| app.province.operator_disable(&name, &by, Warrant::Account, now)).await?;
    Ok(go(back))
}

async fn reset(app: App, visit: Visit) -> Result<Reply, Problem> {
    let account = visit.form.need("account", "账号")?.to_owned();
    let (by, now, name) = (visit.live()?.actor(), visit.now, account.clone());
    let _place = app.sign_ins.acquire().await.map_err(|_| problems::internal())?;
    let (password, code) = app
        .work(move |app| {
            let password = app.province.operator_first_password();
            app.province.operator_reset(&name, &password, &by, Warrant::Account, now)?;
            let entry = app.province.operator_get(&name)?;
            Ok((password, entry.is_some_and(|entry| entry.needs_code())))
        })
        .await?;
    let page = Password { frame: visit.frame("新口令"), account, password, made: false, code };
    Ok(html(&page)?.header("Cache-Control", "no-store"))
}
