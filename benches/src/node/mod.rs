//! A province's node at work: events in bulk and one by one, checks, collection, start.
//!
//! Every figure goes through the product's own use cases and, where it says so, over HTTP on loopback with signed requests; what is
//! written is deleted at the end.

mod bulk;
mod load;
mod serve;

use serde_json::{Map, Value, json};

/// `small` is done in a minute, full measures what README quotes.
pub fn run(small: bool) -> Result<Map<String, Value>, String> {
    let disk = std::env::current_dir().map_err(|error| error.to_string())?.join("target");
    let mut figures = Map::new();
    serve::events(&disk, if small { 10 } else { 60 }, &mut figures)?;
    serve::verify(&disk, if small { 100_000 } else { 3_000_000 }, &mut figures)?;
    let count = if small { 2_000 } else { 100_000 };
    let bulk = bulk::run(&disk, count, &bulk::Rows::Sqlite)?;
    put(&mut figures, "bulk_durable_per_second", bulk.per_second);
    put(&mut figures, "bulk_gb_written", bulk.gigabytes);
    let bulk = bulk::run(&disk, count, &bulk::Rows::Postgres)?;
    put(&mut figures, "bulk_durable_per_second_postgres", bulk.per_second);
    put(&mut figures, "bulk_records", count as f64);
    Ok(figures)
}

fn put(figures: &mut Map<String, Value>, name: &str, value: f64) {
    figures.insert(name.into(), json!((value * 100.0).round() / 100.0));
}
