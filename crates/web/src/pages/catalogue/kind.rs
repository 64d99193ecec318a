//! `/catalogue/kind?code=…`: a definition with its faces, items and rules.

use askama::Template;
use catalogue::{Given, Item, ItemType, Kind};
use link::problem::Problem;

use super::{address, days, effect, today};
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page = Page::get("/catalogue/kind", Access::Act("catalogue.read"), |app, visit| {
    Box::pin(async move { show(&app, &visit) })
});

struct Line {
    group: String,
    short: String,
    name: String,
    kind: &'static str,
    given: &'static str,
    mandatory: bool,
    more: String,
    table: Option<String>,
}

struct Part {
    name: String,
    template: String,
    version: String,
    illustrative: bool,
    picture: String,
}

#[derive(Template)]
#[template(path = "catalogue/kind.html")]
struct Shown {
    frame: Frame,
    name: String,
    tone: &'static str,
    word: &'static str,
    illustrative: bool,
    facts: Vec<(&'static str, String)>,
    parts: Vec<Part>,
    lines: Vec<Line>,
    rules: Vec<(String, String, String)>,
    others: Vec<(String, String)>,
    compare: Option<String>,
}

/// The definition that a query names: the one that began on `from`, else the one of today, else the first.
pub(super) fn asked<'k>(app: &'k App, visit: &Visit) -> Result<&'k Kind, Problem> {
    let (code, from) = (visit.query.get("code"), visit.query.get("from"));
    let all = || {
        let kinds = app.province.data.catalogue.kinds().iter();
        kinds.filter(|kind| kind.slug == code || kind.type_code == code)
    };
    let dated = all().find(|kind| kind.effective_from.to_string() == from);
    let now = || app.province.data.catalogue.kind(code, today(visit.now));
    dated.or_else(now).or_else(|| all().next()).ok_or_else(|| problems::not_found("证照类型", code))
}

fn show(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let kind = asked(app, visit)?;
    let (tone, word) = effect(kind.effective_from, kind.effective_to, today(visit.now));
    let others: Vec<&Kind> = app
        .province
        .data
        .catalogue
        .kinds()
        .iter()
        .filter(|other| other.slug == kind.slug && other.effective_from != kind.effective_from)
        .collect();
    html(&Shown {
        frame: visit.frame(&kind.name),
        name: kind.name.clone(),
        tone,
        word,
        illustrative: kind.illustrative,
        facts: facts(kind),
        parts: parts(app, kind),
        lines: lines(kind),
        rules: kind
            .rules
            .iter()
            .map(|rule| {
                let items: Vec<&str> = rule.items.iter().map(|item| kind.label(item)).collect();
                let rules = &app.province.data.catalogue.rules;
                let source = rule.source.clone().or_else(|| Some(rules.get(&rule.rule)?.source.clone()));
                (rules.name(&rule.rule).to_owned(), items.join("、"), source.unwrap_or_default())
            })
            .collect(),
        compare: (!others.is_empty()).then(|| format!("/catalogue/compare?code={}", kind.slug)),
        others: others
            .into_iter()
            .map(|other| {
                let days = days(other.effective_from, other.effective_to);
                (address(other), format!("版本 {}（{days}）", other.version))
            })
            .collect(),
    })
}

fn facts(kind: &Kind) -> Vec<(&'static str, String)> {
    let one = &kind.definition;
    let facts = vec![
        ("照面标题", kind.title.clone()),
        ("证照类型代码", kind.type_code.clone()),
        ("依据标准", kind.standard.clone()),
        ("版本", kind.version.clone()),
        ("生效日期", days(kind.effective_from, kind.effective_to)),
        ("归集起始时间", kind.collect_since.to_string()),
        (
            "证照定义机构",
            format!(
                "{}（{}，{}）",
                one.define_authority, one.define_authority_code, one.define_authority_level
            ),
        ),
        ("持证主体类别", one.holder_category.clone()),
        ("颁发机构", format!("{}（{}）", one.issuing_authority, one.issuing_level)),
        ("有效期限范围", one.validity_range.clone()),
        ("关联事项", one.related_items.join("、")),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn parts(app: &App, kind: &Kind) -> Vec<Part> {
    let part = |(index, part): (usize, &catalogue::Part)| {
        let template = app.province.data.templates.get(&part.template).ok();
        Part {
            name: part.name.clone(),
            template: part.template.clone(),
            version: template.map(|one| one.version.clone()).unwrap_or_default(),
            illustrative: template.is_none_or(|one| one.illustrative),
            picture: format!("/catalogue/face?code={}&from={}&part={index}", kind.slug, kind.effective_from),
        }
    };
    kind.parts.iter().enumerate().map(part).collect()
}

fn lines(kind: &Kind) -> Vec<Line> {
    let own = kind.items.iter().map(|item| line("", item));
    let grouped = kind.groups.iter().flat_map(|group| group.items.iter().map(|item| line(&group.name, item)));
    own.chain(grouped).collect()
}

fn line(group: &str, item: &Item) -> Line {
    let more = [
        item.length.map(|length| format!("最长 {length} 字")),
        item.list.then(|| "可多项".to_owned()),
        item.unit.as_ref().map(|unit| format!("单位 {unit}")),
        item.min.map(|least| format!("不小于 {least}")),
        item.max.map(|most| format!("不大于 {most}")),
        item.mask.as_ref().map(|_| "显示时遮盖".to_owned()),
    ];
    Line {
        group: group.to_owned(),
        short: item.short.clone(),
        name: item.name.clone(),
        kind: type_name(item.item_type),
        given: if item.given == Given::Derived { "系统生成" } else { "记录提供" },
        mandatory: item.mandatory,
        more: more.into_iter().flatten().collect::<Vec<_>>().join("，"),
        table: item.table.clone(),
    }
}

fn type_name(of: ItemType) -> &'static str {
    match of {
        ItemType::Text => "文字",
        ItemType::Code => "代码",
        ItemType::Date => "日期",
        ItemType::Until => "日期或长期",
        ItemType::Number => "数字",
        ItemType::Document => "证件号码",
        ItemType::Uscc => "统一社会信用代码",
        ItemType::Vin => "车辆识别代号",
        ItemType::Plate => "车辆号牌",
        ItemType::Photo => "照片",
    }
}
