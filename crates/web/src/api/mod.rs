//! The endpoints, one file each under `<capability>/<action>.rs`.
//!
//! A new endpoint is one file with a `pub static ENDPOINT` and one line in [`ENDPOINTS`] (`docs/api.md`, "Adding an endpoint").

pub mod audit;
pub mod collect;
pub mod deliver;
pub mod docs;
pub mod lifecycle;
pub mod operate;
pub mod pack;
pub mod reconcile;
pub mod results;
pub mod sandbox;
pub mod verify;

use crate::Endpoint;

/// Every endpoint, in the order of the document.
pub static ENDPOINTS: &[&Endpoint] = &[
    &lifecycle::events::ENDPOINT,
    &lifecycle::certificates::ENDPOINT,
    &results::since::ENDPOINT,
    &verify::identifier::ENDPOINT,
    &verify::code::ENDPOINT,
    &verify::plate::ENDPOINT,
    &verify::holder::ENDPOINT,
    &verify::file::ENDPOINT,
    &verify::forward::ENDPOINT,
    &pack::current::ENDPOINT,
    &pack::delta::ENDPOINT,
    &pack::trust::ENDPOINT,
    &verify::receipts::ENDPOINT,
    &collect::deliveries::ENDPOINT,
    &deliver::activations::ENDPOINT,
    &reconcile::questions::ENDPOINT,
    &audit::checkpoints::ENDPOINT,
    &sandbox::lint::ENDPOINT,
    &operate::health::ENDPOINT,
    &operate::metrics::ENDPOINT,
    &docs::openapi::ENDPOINT,
    &docs::page::ENDPOINT,
    &docs::style::ENDPOINT,
];

/// An instant (microseconds UTC) as people here read it: RFC 3339 with +08:00.
pub(crate) fn local_time(micros: i64) -> String {
    let time =
        jiff::Timestamp::from_second(micros.div_euclid(1_000_000)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let local = jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(time);
    format!("{}+08:00", local.strftime("%Y-%m-%dT%H:%M:%S"))
}
