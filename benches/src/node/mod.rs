//! A province's node at work: events in bulk and one by one, checks, collection, start.
//!
//! Every figure goes through the product's own use cases and, where it says so, over HTTP on loopback with signed requests; what is
//! written is deleted at the end.

mod bare;
mod bulk;
mod events;
mod flood;
mod load;
mod pack;
mod pages;
mod reconcile;
mod registry;
mod running;
mod verify;

use serde_json::{Map, Value, json};

/// How much.
struct Scale {
    event_seconds: usize,
    registry: usize,
    digests: usize,
    bulk: usize,
}

/// Done in about a minute.
const SMALL: Scale = Scale { event_seconds: 10, registry: 100_000, digests: 100_000, bulk: 2_000 };
/// What README quotes.
const FULL: Scale = Scale { event_seconds: 60, registry: 3_000_000, digests: 1_000_000, bulk: 100_000 };

/// Every figure, or those of one part (`events`, `verify`, `reconcile`, `bulk`).
pub fn run(small: bool, only: Option<&str>) -> Result<Map<String, Value>, String> {
    let disk = std::env::current_dir().map_err(|error| error.to_string())?.join("target");
    let scale = if small { SMALL } else { FULL };
    let wants = |part: &str| only.is_none_or(|only| only == part);
    let mut figures = Map::new();
    if wants("events") {
        events::run(&disk, scale.event_seconds, &mut figures)?;
    }
    if wants("verify") {
        verify::run(&disk, scale.registry, &mut figures)?;
    }
    if wants("reconcile") {
        reconcile::run(&disk, scale.digests, &mut figures)?;
    }
    if wants("bulk") {
        bulk::both(&disk, scale.bulk, &mut figures)?;
    }
    Ok(figures)
}

/// Packs and codes (`bench verify`): three million certificates, or a hundred thousand.
pub fn packs(small: bool) -> Result<Map<String, Value>, String> {
    let disk = std::env::current_dir().map_err(|error| error.to_string())?.join("target");
    let mut figures = Map::new();
    pack::run(&disk, if small { 100_000 } else { 3_000_000 }, &mut figures)?;
    Ok(figures)
}

/// First byte of every page (`bench pages`): on three million rows, or a hundred thousand; and on the demo of a program.
pub fn pages(small: bool, demo: Option<&str>) -> Result<Map<String, Value>, String> {
    let disk = std::env::current_dir().map_err(|error| error.to_string())?.join("target");
    let mut figures = Map::new();
    pages::run(&disk, if small { 100_000 } else { 3_000_000 }, demo, &mut figures)?;
    Ok(figures)
}

fn put(figures: &mut Map<String, Value>, name: &str, value: f64) {
    figures.insert(name.into(), json!((value * 100.0).round() / 100.0));
}
