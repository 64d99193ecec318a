//! `/officer`: a check by code, number or plate, and its answer.

use askama::Template;
use link::problem::Problem;
use node::verify::Question;

use super::stop::{self, Asked, Wanted};
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page = Page::get("/officer", Access::Act("verify.read"), |app, visit| {
    Box::pin(async move { page(&app, &visit, None) })
});

/// A check.
pub static SEND: Page =
    Page::post("/officer/check", Access::Act("verify.read"), FORM, |app, visit| Box::pin(send(app, visit)));

/// Ways to ask, in the order of the tabs.
const WAYS: [(&str, &str); 4] =
    [("code", "码或标识"), ("plate", "车牌"), ("holder", "证件号码"), ("file", "文件或图片")];

struct Way {
    id: &'static str,
    name: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "officer/check.html")]
struct Check {
    frame: Frame,
    ways: Vec<Way>,
    way: &'static str,
    text: String,
    plate: String,
    colours: Vec<(String, String, bool)>,
    places: Vec<(&'static str, bool)>,
    stop: String,
    count: u8,
    parts: String,
    /// Whose outcomes this device keeps.
    staff_no: String,
    /// What can be done after a check, for the bar that the script makes.
    outcomes: String,
    /// What to look for on a certificate of each kind, when the register cannot be asked: type code and names, JSON.
    entitles: String,
    answer: Option<String>,
}

fn page(app: &App, visit: &Visit, answer: Option<Asked>) -> Result<Reply, Problem> {
    let source = if answer.is_some() { &visit.form } else { &visit.query };
    let way = WAYS.iter().find(|(id, _)| *id == source.get("by")).map_or("code", |(id, _)| id);
    let ways = WAYS.iter().map(|&(id, name)| Way { id, name, chosen: id == way });
    let chosen = match source.get("colour") {
        "" => "2",
        colour => colour,
    };
    html(&Check {
        frame: visit.frame("核验"),
        ways: ways.collect(),
        way,
        // A document number is not shown again.
        text: if way == "code" { source.get("text").to_owned() } else { String::new() },
        plate: source.get("plate").to_owned(),
        colours: colours(app, chosen),
        places: stop::places(source.get("place")),
        stop: answer.as_ref().map_or_else(String::new, |asked| asked.id.clone()),
        count: answer.as_ref().map_or(0, |asked| asked.count),
        parts: super::parts(),
        staff_no: super::history::staff_no(visit)?,
        outcomes: stop::outcomes().join(" "),
        entitles: entitles(app, visit.now),
        answer: answer.map(|asked| asked.html),
    })
}

/// Codes and names of plate colours, from the code table.
fn colours(app: &App, chosen: &str) -> Vec<(String, String, bool)> {
    let table = app.province.data.catalogue.tables.table("plate-colour");
    let codes = ["2", "1", "5", "94", "93", "91", "92", "3", "4", "9"];
    let named = |code: &str| {
        let name = table?.latest_name(code)?;
        Some((code.to_owned(), name.to_owned(), code == chosen))
    };
    codes.into_iter().filter_map(named).collect()
}

/// Names of the items that say what a certificate allows, by type code.
fn entitles(app: &App, now: i64) -> String {
    let catalogue = &app.province.data.catalogue;
    let mut found = serde_json::Map::new();
    let today = lifecycle::day_of(now).date();
    for kind in catalogue.kinds() {
        // A later version of the same kind may name them otherwise.
        if !catalogue.kind(&kind.type_code, today).is_some_and(|one| std::ptr::eq(one, kind)) {
            continue;
        }
        let items = kind.items.iter().filter(|item| item.entitles).map(|item| item.name.as_str());
        let groups = kind.groups.iter().filter(|group| group.items.iter().any(|item| item.entitles));
        let names: Vec<_> = items.chain(groups.map(|group| group.name.as_str())).collect();
        found.insert(kind.type_code.clone(), names.into());
    }
    serde_json::Value::Object(found).to_string()
}

/// What was typed or scanned: a code, an identifier.
fn question(visit: &Visit) -> Result<Question, Problem> {
    let form = &visit.form;
    Ok(match form.get("by") {
        "plate" => Question::Plate(
            form.need("plate", "车牌号码")?.to_uppercase(),
            form.need("colour", "车牌颜色")?.to_owned(),
        ),
        "holder" => Question::Holder(form.need("number", "证件号码")?.to_uppercase()),
        _ => {
            let text = form.need("text", "码或标识")?;
            if text.starts_with("1.2.156.") {
                Question::Identifier(text.to_owned())
            } else {
                Question::Code(text.to_owned())
            }
        }
    })
}

async fn send(app: App, visit: Visit) -> Result<Reply, Problem> {
    let question = question(&visit)?;
    let (id, number, place) = (visit.form.get("stop"), visit.form.get("count"), visit.form.get("place"));
    let answer = stop::ask(&app, &visit, question, Wanted { id, number, place }).await?;
    if visit.part {
        return Ok(Reply::bytes("text/html; charset=utf-8", answer.html));
    }
    page(&app, &visit, Some(answer))
}
