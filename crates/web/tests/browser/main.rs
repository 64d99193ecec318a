//! Journeys in a real Chromium: what a person does, on the pages that the binary serves.

mod driver;
mod elsewhere;
mod figures;
mod journeys;
mod offline;
mod reading;
mod screens;
mod site;
#[path = "../../../node/tests/support/mod.rs"]
mod support;
