//! The figures that README and docs/performance.md quote. `cargo xtask bench issue|node|verify|pages [--json] [--small]`; `node` also takes `--scale small|full` and `--only events|verify|reconcile|bulk`.
//!
//! Rates are per core-second: operations ÷ CPU time of this process (user + system), so that another load on the machine
//! does not count. Everything that the bench writes is deleted at its end.

mod clock;
mod crypto;
mod issue;
mod node;
mod world;

use std::process::ExitCode;

use serde_json::{Map, Value};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let result = match args.first().map(String::as_str) {
        Some("issue") => issue::run(has("--small")),
        Some("node") => {
            let after =
                |flag: &str| args.windows(2).find(|pair| pair[0] == flag).map(|pair| pair[1].as_str());
            node::run(has("--small") || after("--scale") == Some("small"), after("--only"))
        }
        Some("verify") => node::packs(has("--small")),
        Some("pages") => {
            let demo = args.windows(2).find(|pair| pair[0] == "--demo").map(|pair| pair[1].as_str());
            node::pages(has("--small"), demo)
        }
        // The memory figures come from runs of their own: see `issue::memory`.
        Some("memory-child") => return issue::memory_child(&args[1..]),
        _ => Err("usage: cargo xtask bench issue|node|verify|pages [--json] [--small]".into()),
    };
    match result {
        Ok(figures) => {
            print(&figures, has("--json"));
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("bench: {what}");
            ExitCode::FAILURE
        }
    }
}

fn print(figures: &Map<String, Value>, json: bool) {
    if !json {
        figures.iter().for_each(|(name, value)| println!("{name:<40} {value}"));
        return;
    }
    println!("{}", Value::Object(figures.clone()));
}
