//! The project's own commands: `cargo xtask demo | tour | test | bench | gen`. Std only, so that it builds in a moment.

mod gen_docs;
mod install;
mod joined;
mod run;
mod test;
mod tour;

use std::process::ExitCode;

const HELP: &str = "cargo xtask demo [--fresh] [--port-base PORT]
                              installs the fonts, builds, starts a ministry and two provinces with a month of invented data
cargo xtask tour              sample → keys → issue → verify → show, with pictures to open in tour/
cargo xtask test              installs what the tests need (Debian packages, as root or with sudo) and runs all of them
cargo xtask bench issue|node|verify|pages [--json] [--small]
                              measures sealing and verifying, a node at work, its pages, and prints the figures
cargo xtask gen               rewrites generated pages (docs/reader-agreement.md)";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["demo", rest @ ..] => run::demo(rest),
        ["tour"] => tour::tour(),
        ["test"] => test::test(),
        ["bench", rest @ ..] if rest.first() == Some(&"verify") => joined::verify(rest),
        ["bench", rest @ ..] if rest.first() == Some(&"pages") => joined::pages(rest),
        ["bench", rest @ ..] => run::bench(rest),
        ["gen"] => gen_docs::generate(),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("xtask: {what}");
            ExitCode::FAILURE
        }
    }
}
