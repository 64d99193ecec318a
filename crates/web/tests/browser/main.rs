//! Journeys in a real Chromium: what a person does, on the pages that the binary serves.

use testbed as driver;
mod accounts;
mod elsewhere;
mod figures;
mod journeys;
mod offline;
mod reading;
mod screens;
mod screens_admin;
mod site;
#[path = "../../../node/tests/support/mod.rs"]
mod support;
