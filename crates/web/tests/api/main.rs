//! The endpoints over a real socket; the modules mirror the URL tree.

mod deliver;
mod docs;
mod guard;
mod health;
mod lifecycle;
mod metrics;
mod openapi;
mod pack;
mod results;
mod sandbox;
mod server;
#[path = "../../../node/tests/support/mod.rs"]
mod support;
mod verify;
