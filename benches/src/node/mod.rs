//! A province's node at work: events in bulk and one by one, checks, collection, reconciliation, start.
//!
//! Every figure goes through the product's own use cases; what is written is deleted at the end.

mod bulk;

use serde_json::{Map, Value, json};

/// `small` is done in a minute, full measures what README quotes.
pub fn run(small: bool) -> Result<Map<String, Value>, String> {
    let disk = std::env::current_dir().map_err(|error| error.to_string())?.join("target");
    let count = if small { 2_000 } else { 100_000 };
    let mut figures = Map::new();
    let mut put =
        |name: &str, value: f64| figures.insert(name.into(), json!((value * 100.0).round() / 100.0));
    let bulk = bulk::run(&disk, count, &bulk::Rows::Sqlite)?;
    put("bulk_durable_per_second", bulk.per_second);
    put("bulk_gb_written", bulk.gigabytes);
    let bulk = bulk::run(&disk, count, &bulk::Rows::Postgres)?;
    put("bulk_durable_per_second_postgres", bulk.per_second);
    put("bulk_records", count as f64);
    Ok(figures)
}
