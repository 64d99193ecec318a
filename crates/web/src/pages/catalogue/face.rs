//! `/catalogue/face?code=…&part=…`: what a part looks like, drawn by our own renderer with an invented record. No certificate.

use std::sync::{LazyLock, Mutex, PoisonError};

use axum::body::Bytes;
use link::problem::Problem;
use node::NodeError;

use super::kind::asked;
use super::today;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The picture.
pub static PAGE: Page =
    Page::get("/catalogue/face", Access::Act("catalogue.read"), |app, visit| Box::pin(picture(app, visit)));

/// Sharp at twice the width of a card.
const DPI: f32 = 110.0;
/// Pictures kept at most: a catalogue has some twenty parts.
const MOST: usize = 64;

/// Node, kind, first day, part.
type Key = (String, String, String, usize);

/// Pictures that were drawn, oldest first; they change with the catalogue only, and that needs a new start.
static DRAWN: LazyLock<Mutex<Vec<(Key, Bytes)>>> = LazyLock::new(Mutex::default);

async fn picture(app: App, visit: Visit) -> Result<Reply, Problem> {
    let kind = asked(&app, &visit)?;
    let part = visit.query.get("part").parse().unwrap_or(0);
    let from = kind.effective_from;
    let key = (app.province.id.clone(), kind.slug.clone(), from.to_string(), part);
    let (slug, day) = (kind.slug.clone(), today(visit.now).max(from));
    let bytes = app.work(move |app| drawn(app, key, (&slug, day), part)).await?;
    Ok(Reply::bytes("image/png", bytes).header("Cache-Control", "private, max-age=3600"))
}

fn drawn(
    app: &App,
    key: Key,
    (slug, day): (&str, jiff::civil::Date),
    part: usize,
) -> Result<Bytes, NodeError> {
    let kept = || DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, bytes)) = kept().iter().find(|(known, _)| *known == key) {
        return Ok(bytes.clone());
    }
    let missing =
        |what: &str| NodeError::Refused { what: what.into(), fix: "请返回目录重新选择".into() };
    let (data, engine) = (&app.province.data, &app.province.engine);
    let kind = data.catalogue.kind(slug, day).ok_or_else(|| missing("目录中没有这个证照类型"))?;
    let (record, photo) = sample::example(kind, &data.catalogue, day);
    let noon = day.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    let now = noon.map_or(0, |noon| noon.timestamp().as_second());
    let mut previews = node::preview(data, engine, &record, photo.as_deref(), now)?;
    if part >= previews.len() {
        return Err(missing("该证照没有这个部分"));
    }
    let bytes = Bytes::from(previews.swap_remove(part).png(0, DPI)?);
    let mut kept = kept();
    kept.push((key, bytes.clone()));
    if kept.len() > MOST {
        kept.remove(0);
    }
    Ok(bytes)
}
