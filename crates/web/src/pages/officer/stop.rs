//! 一次检查: the checks of one stop (vehicle, driver, escort, company) belong together; each has its receipt.

use std::sync::Arc;

use askama::Template;
use link::problem::Problem;
use node::verify::{Question, ReceiptWish, Sight, VerifyAnswer};
use proof::receipt::{Group, Outcome, Place};

use super::panel::Panel;
use crate::api::verify::wider;
use crate::pages::Visit;
use crate::{App, problems};

/// Which stop a check belongs to, as the page said it.
pub(super) struct Wanted<'v> {
    /// Its id, hex; empty begins one.
    pub id: &'v str,
    /// Checks that it has so far.
    pub number: &'v str,
    /// Whose certificate.
    pub place: &'v str,
}

/// The answers to a check, and its stop.
pub(super) struct Asked {
    /// The stop's id, hex.
    pub id: String,
    /// Checks that it has now.
    pub count: u8,
    /// The panels and the bar of the stop.
    pub html: String,
}

#[derive(Template)]
#[template(path = "officer/stop.html")]
struct Bar {
    csrf: String,
    id: String,
    count: u8,
    outcomes: Vec<&'static str>,
    panels: Vec<String>,
    place: &'static str,
    /// The same plate stands in other colours: code and name.
    offers: Vec<(String, String)>,
    plate: String,
}

/// What an officer can do after a check.
pub(super) fn outcomes() -> Vec<&'static str> {
    Outcome::ALL.iter().filter(|one| **one != Outcome::None).map(|one| one.text()).collect()
}

/// Whose certificate it can be; the chosen one marked.
pub(super) fn places(chosen: &str) -> Vec<(&'static str, bool)> {
    let chosen = Place::of_text(chosen).unwrap_or(Place::Vehicle);
    [Place::Vehicle, Place::Driver, Place::Escort, Place::Company, Place::Other]
        .map(|place| (place.text(), place == chosen))
        .to_vec()
}

/// Asks the register. Audit row and receipts are durable before anything is answered.
pub(super) async fn ask(
    app: &App,
    visit: &Visit,
    question: Question,
    wanted: Wanted<'_>,
) -> Result<Asked, Problem> {
    let key = app.node_key.as_ref().map(|node| Arc::clone(&node.key)).ok_or_else(problems::internal)?;
    let (actor, now) = (visit.live()?.actor(), visit.now);
    let given = group_id(wanted.id);
    let before: u8 = wanted.number.parse().unwrap_or(0);
    let place = Place::of_text(wanted.place).unwrap_or(Place::Vehicle);
    let plate = match &question {
        Question::Plate(plate, _) => plate.clone(),
        _ => String::new(),
    };
    let question = Arc::new(question);
    let (asked, sight) = (Arc::clone(&question), Sight::default());
    let (id, found) = app
        .work(move |app| {
            let id = match given {
                Some(id) => id,
                None => app.province.group_open(&actor, now)?,
            };
            Ok((id, app.province.verify(&asked, sight, &actor, now)?))
        })
        .await?;
    let (answers, act) = wider(app, &question, (sight, None), found, now).await?;
    let (answers, texts) = app
        .work(move |app| {
            let group = Group { id, place, number: before.saturating_add(1) };
            let wish = ReceiptWish { group: Some(group), ..ReceiptWish::default() };
            let texts = app.province.receipt_issue(&question, &answers, act, &wish, &key, now)?;
            Ok((answers, texts))
        })
        .await?;
    let count = before.saturating_add(u8::try_from(answers.len()).unwrap_or(u8::MAX));
    let offers = offers(app, &answers);
    let mut panels = Vec::with_capacity(answers.len());
    for (answer, text) in answers.into_iter().zip(texts) {
        let svg = crate::symbol::svg(&text)?;
        let panel = Panel::of(answer, Some((svg, text)));
        panels.push(panel.render().map_err(|_| problems::internal())?);
    }
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let bar = Bar {
        csrf: visit.csrf.clone(),
        id: id.clone(),
        count,
        outcomes: outcomes(),
        panels,
        place: place.text(),
        offers,
        plate,
    };
    Ok(Asked { id, count, html: bar.render().map_err(|_| problems::internal())? })
}

/// Colours in which a plate stands that was not found in the one asked: code and name.
fn offers(app: &App, answers: &[VerifyAnswer]) -> Vec<(String, String)> {
    let table = app.province.data.catalogue.tables.table("plate-colour");
    let reasons = answers.iter().flat_map(|answer| &answer.reasons);
    let codes = reasons.filter(|one| one.code == "PLATE_OTHER_COLOUR").filter_map(|one| one.item.as_deref());
    codes.filter_map(|code| Some((code.to_owned(), table?.latest_name(code)?.to_owned()))).collect()
}

/// Eight bytes in hex.
fn group_id(text: &str) -> Option<[u8; 8]> {
    let mut id = [0; 8];
    for (byte, pair) in id.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    (text.len() == 16).then_some(id)
}
