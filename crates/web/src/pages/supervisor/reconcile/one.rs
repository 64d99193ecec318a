//! `/supervisor/reconcile/one?id=…&certificate=…`: both sides of a difference, what became of it, and its repair.

use askama::Template;
use link::problem::Problem;
use node::reconcile::{Class, Difference, How, Run, Step, field_name};

use super::run::found;
use super::{address, area_name, kind_name, label, settled, tone};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, PAGES, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page =
    Page::get("/supervisor/reconcile/one", Access::Act("reconcile.read"), |app, visit| {
        Box::pin(show(app, visit))
    });

/// Repairs it.
pub static MEND: Page =
    Page::post("/supervisor/reconcile/mend", Access::Act("reconcile.repair"), FORM, |app, visit| {
        Box::pin(mend(app, visit))
    });

struct Field {
    name: String,
    ours: String,
    theirs: String,
    differs: bool,
}

struct Line {
    at: String,
    what: String,
    tone: &'static str,
    word: String,
    request: Option<String>,
}

#[derive(Template)]
#[template(path = "supervisor/reconcile-one.html")]
struct Shown {
    frame: Frame,
    run: String,
    certificate: String,
    label: String,
    kind: String,
    area: String,
    class: &'static str,
    tone: &'static str,
    meaning: &'static str,
    note: String,
    fields: Vec<Field>,
    lines: Vec<Line>,
    open: bool,
    can_resend: bool,
    href: Option<String>,
}

/// A difference of a run within the areas of whoever looks, or 404.
async fn difference(
    app: &App,
    visit: &Visit,
    act: &str,
    (run, key): (&str, &str),
) -> Result<Difference, Problem> {
    let (run, own) = (run.to_owned(), key.to_owned());
    let one = app.work(move |app| app.province.reconcile_difference(&run, &own)).await?;
    let live = visit.live()?;
    // Another area's is as none.
    let may = |one: &Difference| live.may_kind(act, one.area(), one.said("kind").unwrap_or_default());
    one.filter(may).ok_or_else(|| problems::not_found("差异", key))
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let run = found(&app, visit.query.get("id")).await?;
    let key = visit.query.get("certificate").to_owned();
    let one = difference(&app, &visit, "reconcile.read", (&run.id, &key)).await?;
    let (of, certificate) = (run.clone(), key.clone());
    let steps = app.work(move |app| app.province.reconcile_history(&of, &certificate)).await?;
    let live = visit.live()?;
    let open = one.state == "open" && run.state == "done" && live.may("reconcile.repair", Some(one.area()));
    let page = "/clerk/certificate/{id}";
    let has_page = one.class != Class::Extra
        && live.may("certificate.read", Some(one.area()))
        && PAGES.iter().copied().flatten().any(|known| known.path == page);
    html(&Shown {
        label: label(&one),
        kind: kind_name(&app.province, one.said("kind").unwrap_or_default()),
        area: area_name(&app.province, one.area(), visit.now),
        class: one.class.name(),
        tone: tone(one.class),
        meaning: meaning(one.class),
        note: one.note.clone(),
        fields: fields(&app, &one, visit.now),
        lines: steps.into_iter().map(line).collect(),
        can_resend: one.can_resend(),
        open,
        href: has_page.then(|| format!("{}?for=reconcile", page.replace("{id}", &key))),
        frame: visit.frame("一条差异"),
        run: run.id,
        certificate: key,
    })
}

fn meaning(class: Class) -> &'static str {
    match class {
        Class::Missing => "本省已登记，归集目标没有收到。外省和部级查不到这份证照。",
        Class::Extra => "归集目标有这份证照，本省登记中没有。请核对是否误报、是否属于本省。",
        Class::Different => "双方都有这份证照，所记内容不同。外省看到的可能不是现状。",
    }
}

fn fields(app: &App, one: &Difference, now: i64) -> Vec<Field> {
    let empty = node::reconcile::Side::new();
    let (ours, theirs) = (one.ours.as_ref().unwrap_or(&empty), one.theirs.as_ref().unwrap_or(&empty));
    let order = ["identifier", "kind", "area", "cell", "base", "state_seq", "version", "last_day", "files"];
    let known = order.into_iter().filter(|field| ours.contains_key(*field) || theirs.contains_key(*field));
    known
        .map(|field| {
            let value = |side: &node::reconcile::Side| {
                side.get(field).map_or_else(|| "—".to_owned(), |text| said(app, field, text, now))
            };
            Field {
                name: field_name(field).to_owned(),
                ours: value(ours),
                theirs: value(theirs),
                differs: one.fields.iter().any(|differs| differs == field),
            }
        })
        .collect()
}

/// A value as people say it; digests of several files one after the other.
fn said(app: &App, field: &str, text: &str, now: i64) -> String {
    match field {
        "kind" => kind_name(&app.province, text),
        "area" => format!("{}（{text}）", area_name(&app.province, text, now)),
        _ => text.split(' ').collect::<Vec<_>>().join("；"),
    }
}

fn line(step: Step) -> Line {
    match step {
        Step::Found(run, one) => {
            let (tone, word) = settled(&one.state);
            let names: Vec<&str> = one.fields.iter().map(|field| field_name(field)).collect();
            let fields =
                if names.is_empty() { String::new() } else { format!("（{}）", names.join("、")) };
            Line {
                at: minute(run.watermark),
                what: format!("对账发现：{}{fields}", one.class.name()),
                tone,
                word: word.into(),
                request: one.request,
            }
        }
        Step::Sent { state, at, error } => {
            let (tone, word) = match state.as_str() {
                "done" => ("ok", "对方已收"),
                "dead" => ("bad", "归集失败"),
                _ => ("info", "等待归集"),
            };
            let what = error.map_or_else(|| "已放入归集队列".to_owned(), |why| format!("归集：{why}"));
            let at = at.map_or_else(|| "—".to_owned(), minute);
            Line { at, what, tone, word: word.into(), request: None }
        }
        Step::Gone(run) => gone(&run),
    }
}

fn gone(run: &Run) -> Line {
    let what = "再次对账，不再有这条差异".to_owned();
    Line { at: minute(run.watermark), what, tone: "ok", word: "已消除".into(), request: None }
}

async fn mend(app: App, visit: Visit) -> Result<Reply, Problem> {
    let run = visit.form.need("id", "对账")?.to_owned();
    let key = visit.form.need("certificate", "证照")?.to_owned();
    let how = if visit.form.get("how") == "resend" { How::Resend } else { How::Draft };
    difference(&app, &visit, "reconcile.repair", (&run, &key)).await?;
    let (actor, now) = (visit.live()?.actor(), visit.now);
    let done = if how == How::Resend { "reconcile-resent" } else { "drafted" };
    let to = format!("{}&done={done}", address(&run, &key));
    app.work(move |app| app.province.reconcile_repair_one(&run, &key, how, &actor, now)).await?;
    Ok(go(to))
}
