//! `/supervisor/reconcile`: do the ministry and we hold the same? Runs, differences with both sides' values, repair, requests.

pub mod one;
pub mod request;
pub mod run;
pub mod runs;

use node::Province;
use node::reconcile::{Class, Difference, Run, Side, field_name};
use node::session::Live;

use crate::pages::table::Cell;

/// Areas and kinds on which somebody may do an act, for the rows to choose by: an empty text stands for all.
pub(super) fn whose(live: &Live, act: &str) -> (Vec<String>, Vec<String>) {
    let kinds = live.reach(act).kinds.into_iter();
    let kinds = kinds.map(|kind| if kind == "*" { String::new() } else { kind });
    (live.areas_of(act), kinds.collect())
}

/// Tone and word of a run's state.
fn state(run: &Run) -> (&'static str, &'static str) {
    match run.state.as_str() {
        "done" if run.summary.is_equal() => ("ok", "双方一致"),
        "done" => ("ask", "有差异"),
        "running" => ("info", "进行中"),
        _ => ("bad", "已中断"),
    }
}

/// How a run compared.
fn form(run: &Run) -> &'static str {
    match run.form.as_str() {
        "tree" => "摘要比对",
        "list" => "清单比对",
        _ => "逐证查询",
    }
}

/// Tone and word of what was done about a difference.
fn settled(state: &str) -> (&'static str, &'static str) {
    match state {
        "open" => ("ask", "未处理"),
        "resent" => ("info", "已重新归集"),
        "drafted" => ("info", "已起草申请"),
        _ => ("ok", "已自行消除"),
    }
}

fn tone(class: Class) -> &'static str {
    match class {
        Class::Missing => "bad",
        Class::Extra | Class::Different => "ask",
    }
}

fn kind_name(province: &Province, slug: &str) -> String {
    let known = province.data.catalogue.kinds().iter().find(|kind| kind.slug == slug);
    known.map_or_else(|| slug.to_owned(), |kind| kind.name.clone())
}

fn area_name(province: &Province, area: &str, now: i64) -> String {
    match province.area_name(area, now) {
        Some(name) => name,
        None if area.is_empty() => "未注明".into(),
        None => area.to_owned(),
    }
}

/// The values of a side that differ; the short ones where there is only one side.
fn told(one: &Difference, side: &Option<Side>) -> String {
    let Some(side) = side else { return "无".into() };
    let shown = |field: &str| match one.fields.is_empty() {
        true => matches!(field, "base" | "version" | "last_day"),
        false => one.fields.iter().any(|differs| differs == field),
    };
    let shown = side.iter().filter(|(field, _)| shown(field));
    shown
        .map(|(field, value)| format!("{} {}", field_name(field), brief(value)))
        .collect::<Vec<_>>()
        .join("，")
}

/// A digest is known by its beginning.
fn brief(value: &str) -> String {
    let is_digest =
        value.len() > 40 && value.split(' ').all(|one| one.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_digest { format!("{}…", &value[..12]) } else { value.to_owned() }
}

/// What people know the certificate by.
fn label(one: &Difference) -> String {
    one.said("identifier").map_or_else(|| one.certificate.clone(), str::to_owned)
}

/// Where a difference is looked at.
fn address(run: &str, certificate: &str) -> String {
    let certificate = crate::pages::table::encode(certificate);
    format!("/supervisor/reconcile/one?id={run}&certificate={certificate}")
}

/// A row of the list of differences.
fn row(province: &Province, run: &str, one: &Difference, now: i64) -> Vec<Cell> {
    let fields: Vec<&str> = one.fields.iter().map(|field| field_name(field)).collect();
    let (settled_tone, settled) = settled(&one.state);
    vec![
        Cell::Link(address(run, &one.certificate), label(one)),
        Cell::text(kind_name(province, one.said("kind").unwrap_or_default())),
        Cell::text(area_name(province, one.area(), now)),
        Cell::Badge(tone(one.class), one.class.name().into()),
        Cell::text(fields.join("、")),
        Cell::text(told(one, &one.ours)),
        Cell::text(told(one, &one.theirs)),
        Cell::Badge(settled_tone, settled.into()),
    ]
}
