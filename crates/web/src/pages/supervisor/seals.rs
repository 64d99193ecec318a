//! `/supervisor/seals`: seals of this node, which of them goes on what, and the authorities that issue.

use askama::Template;
use link::problem::Problem;
use node::keys::SealEntry;

use crate::pages::account::minute;
use crate::pages::catalogue::{days, today};
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, Table, encode};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page = Page::get("/supervisor/seals", Access::Act("seal.read"), |app, visit| {
    Box::pin(async move { show(&app, &visit) })
});

/// What a seal looks like.
pub static PICTURE: Page = Page::get("/supervisor/seals/picture", Access::Act("seal.read"), |app, visit| {
    Box::pin(async move { picture(&app, &visit) })
});

const POLICIES: &[Head] = &[
    Head::number("次序"),
    Head::text("证照类型"),
    Head::text("行政区划"),
    Head::short("有效期间"),
    Head::text("印章"),
    Head::short("现状"),
];
const AUTHORITIES: &[Head] = &[
    Head::text("发证机关"),
    Head::text("统一社会信用代码"),
    Head::text("行政区划"),
    Head::short("级别"),
    Head::short("有效期间"),
    Head::text("所用印章"),
];

/// Warned of so long before its end, microseconds.
const SOON: i64 = 60 * 86_400_000_000;

struct Seal {
    name: String,
    picture: Option<String>,
    tone: &'static str,
    word: &'static str,
    facts: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "supervisor/seals.html")]
struct Shown {
    frame: Frame,
    demo: bool,
    seals: Vec<Seal>,
    policies: String,
    authorities: String,
}

fn show(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let keys = &app.province.keys;
    html(&Shown {
        demo: keys.demo,
        seals: keys.seals.iter().map(|(entry, seal)| one(app, entry, seal.seal_data(), visit.now)).collect(),
        policies: policies(app, visit)?.html()?,
        authorities: authorities(app, visit)?.html()?,
        frame: visit.frame("发证机关与印章"),
    })
}

/// A browser shows these; a vector seal is seen on the faces.
fn media(format: &str) -> Option<&'static str> {
    match format.to_ascii_uppercase().as_str() {
        "PNG" => Some("image/png"),
        "JPG" | "JPEG" => Some("image/jpeg"),
        _ => None,
    }
}

fn one(app: &App, entry: &SealEntry, seal: &seal::SesSeal, now: i64) -> Seal {
    let (from, to) = (seal.valid_from * 1_000_000, seal.valid_to * 1_000_000);
    let (tone, word) = match () {
        () if now < from => ("info", "尚未生效"),
        () if now > to => ("bad", "已过期"),
        () if now > to - SOON => ("ask", "即将到期"),
        () => ("ok", "有效"),
    };
    let picture = &seal.picture;
    let scope = &entry.scope;
    let until = scope.valid_to.as_ref().map_or_else(|| " 起".to_owned(), |end| format!(" 至 {end}"));
    Seal {
        name: entry.name.clone(),
        picture: media(&picture.format)
            .map(|_| format!("/supervisor/seals/picture?id={}", encode(&entry.id))),
        tone,
        word,
        facts: vec![
            ("印章标识", entry.id.clone()),
            ("印章有效期", format!("{} 至 {}", &minute(from)[..10], &minute(to)[..10])),
            ("制章系统", seal.vendor.clone()),
            ("图形", format!("{}，{} × {} 毫米", picture.format, picture.width, picture.height)),
            ("保管方式", "软件密钥：私钥以口令加密存于密钥目录，签章时在内存中使用".into()),
            ("签章人", entry.signer.clone()),
            ("适用机关", all(&scope.issuers, "全部机关", str::to_owned)),
            ("适用地区", all(&scope.areas, "全部地区", |area| area_name(app, area, now))),
            ("适用类型", all(&scope.kinds, "全部类型", |code| kind_name(app, code))),
            ("授权期间", format!("{}{until}", scope.valid_from)),
        ],
    }
}

fn all(values: &[String], everything: &str, name: impl Fn(&str) -> String) -> String {
    if values.is_empty() || values.iter().any(|value| value == "*") {
        return everything.to_owned();
    }
    values.iter().map(|value| name(value)).collect::<Vec<_>>().join("、")
}

/// A beginning of an area code by its name.
fn area_name(app: &App, area: &str, now: i64) -> String {
    let whole = format!("{area:0<6}");
    app.province.area_name(&whole, now).unwrap_or_else(|| area.to_owned())
}

fn kind_name(app: &App, code: &str) -> String {
    let kinds = app.province.data.catalogue.kinds();
    let found = kinds.iter().find(|kind| kind.slug == code || kind.type_code == code);
    found.map_or_else(|| code.to_owned(), |kind| kind.name.clone())
}

fn policies(app: &App, visit: &Visit) -> Result<Table, Problem> {
    let (province, day) = (&app.province, today(visit.now));
    let mut table = Table::new(visit, "用印规则", POLICIES, &[]);
    table.empty = ("没有用印规则", "没有规则就不能制发；请系统管理员核对目录数据中的 seal-policy.toml。");
    for (place, policy) in (1..).zip(&province.data.catalogue.seal_policies) {
        let (from, to) = policy.days();
        let kinds: Vec<String> = policy.kinds().map(str::to_owned).collect();
        let areas: Vec<String> = policy.areas().map(str::to_owned).collect();
        let is_here = province.keys.seals.iter().any(|(entry, _)| entry.name == policy.seal);
        let (tone, word) = match () {
            () if day < from => ("info", "尚未生效"),
            () if to.is_some_and(|end| end < day) => ("", "已失效"),
            () if is_here => ("ok", "可用印"),
            () => ("bad", "本节点没有此印章"),
        };
        table.rows.push(vec![
            Cell::Number(place),
            Cell::text(all(&kinds, "全部类型", |code| kind_name(app, code))),
            Cell::text(all(&areas, "全部地区", |area| area_name(app, area, visit.now))),
            Cell::text(days(from, to)),
            Cell::text(policy.seal.clone()),
            Cell::Badge(tone, word.into()),
        ]);
    }
    Ok(table)
}

fn authorities(app: &App, visit: &Visit) -> Result<Table, Problem> {
    let (catalogue, day) = (&app.province.data.catalogue, today(visit.now));
    let own = visit.live()?.areas_of("seal.read");
    let mut table = Table::new(visit, "发证机关", AUTHORITIES, &[]);
    table.empty = ("本辖区没有发证机关", "请系统管理员核对目录数据中的 authorities.toml。");
    for one in catalogue.authorities.iter() {
        let area = one.area.to_string();
        if !own.iter().any(|prefix| area.starts_with(prefix.as_str())) {
            continue;
        }
        // The seals that its certificates bear today, whatever their kind.
        let mut seals: Vec<&str> = catalogue
            .kinds()
            .iter()
            .filter_map(|kind| {
                catalogue.seal_policies.iter().find(|policy| policy.covers(&kind.slug, &area, day))
            })
            .map(|policy| policy.seal.as_str())
            .collect();
        seals.sort_unstable();
        seals.dedup();
        table.rows.push(vec![
            Cell::text(one.name.clone()),
            Cell::Code(one.uscc.as_str().to_owned()),
            Cell::text(area_name(app, &area, visit.now)),
            Cell::text(one.level.clone()),
            Cell::text(days(one.valid_from, one.valid_to)),
            Cell::text(seals.join("、")),
        ]);
    }
    table.count = i64::try_from(table.rows.len()).ok();
    Ok(table)
}

fn picture(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let id = visit.query.get("id");
    let found = app.province.keys.seals.iter().find(|(entry, _)| entry.id == id);
    let picture = found.map(|(_, seal)| &seal.seal_data().picture);
    match picture.and_then(|picture| Some((media(&picture.format)?, picture))) {
        Some((media, picture)) => {
            Ok(Reply::bytes(media, picture.data.clone()).header("Cache-Control", "no-store"))
        }
        None => Err(problems::not_found("印章", id)),
    }
}
