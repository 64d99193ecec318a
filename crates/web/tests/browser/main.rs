//! Journeys in a real Chromium: what a person does, on the pages that the binary serves.

use testbed as driver;
mod figures;
mod journeys;
mod screens;
mod site;
#[path = "../../../node/tests/support/mod.rs"]
mod support;
