//! Journeys in a real Chromium: what a person does, on the pages that the binary serves.

mod accounts;
mod clerk;
#[path = "../pages/clerk_stage.rs"]
mod clerk_stage;
mod compare;
mod elsewhere;
mod figures;
mod journeys;
mod offices;
mod offline;
mod reading;
mod screens;
mod screens_admin;
#[path = "../api/server.rs"]
#[allow(dead_code, reason = "the pages use their own part")]
mod server;
mod site;
#[path = "../pages/stage.rs"]
mod stage;
mod supervisor;
#[path = "../../../node/tests/support/mod.rs"]
mod support;
#[path = "../pages/visitor.rs"]
#[allow(dead_code, reason = "a browser signs in by itself")]
mod visitor;
