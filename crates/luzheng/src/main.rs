//! 路证 luzheng: the binary. Wiring and command line; only here are the clock, randomness and the environment asked.

mod callbacks;
#[macro_use]
mod cli;
mod config;
mod connectors;
mod demo;
mod installation;
mod machine;
mod neighbours;
mod packs;
mod running;
mod workers;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
