//! 路证 luzheng: the binary. Wiring and command line; only here are the clock, randomness and the environment asked.

mod callbacks;
mod cli;
mod config;
mod machine;
mod neighbours;
mod workers;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
