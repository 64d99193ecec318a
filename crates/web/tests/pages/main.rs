//! The pages over a real socket: who may open what, what is refused, what they look like.

mod accounts;
mod admin;
mod assets;
mod audit;
mod clerk;
mod clerk_looks;
mod clerk_stage;
mod compare;
mod door;
mod holder;
mod integrator;
mod ministry;
mod rights;
mod roadside;
#[path = "../api/server.rs"]
#[allow(dead_code, reason = "the pages use their own part")]
mod server;
mod slow;
mod snapshots;
mod stage;
mod supervisor;
#[path = "../../../node/tests/support/mod.rs"]
mod support;
mod visitor;
mod window;
