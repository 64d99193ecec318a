//! Debian packages that the product or its tests need: installed when missing, as root or with sudo.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::run;

/// A package and a file or command that proves it is there.
type Need = (&'static str, &'static str);

/// What the product itself needs.
pub const FONTS: &[Need] = &[
    ("fonts-noto-cjk", "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"),
    ("fonts-lxgw-wenkai", "/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"),
];

/// What the tests need beside it.
pub const TESTS: &[Need] = &[
    ("openssl", "openssl"),
    // The sandbox's commands are run as they stand on the page.
    ("curl", "curl"),
    ("nodejs", "node"),
    ("zint", "zint"),
    ("python3-venv", "/usr/lib/python3/dist-packages"),
    ("python3", "python3"),
    // Journeys and pictures of the pages, in a real browser.
    ("chromium", "chromium"),
    ("chromium-driver", "chromedriver"),
    ("postgresql-15", "/usr/lib/postgresql/15/bin/postgres"),
];

/// Installs what is missing.
///
/// # Errors
/// Neither root nor sudo, or apt-get fails; the message names the packages.
pub fn install(needs: &[Need]) -> Result<(), String> {
    let missing: Vec<&str> =
        needs.iter().filter(|(_, proof)| !present(proof)).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing {}", missing.join(", "));
    let apt = |args: &[&str]| {
        if is_root() { run("apt-get", args) } else { run("sudo", &[&["apt-get"], args].concat()) }
    };
    let hint = |error: String| {
        format!("{error}; please install these Debian packages by hand: {}", missing.join(" "))
    };
    apt(&["update", "-q"]).map_err(&hint)?;
    let mut args = vec!["install", "-y", "-q", "--no-install-recommends"];
    args.extend(&missing);
    apt(&args).map_err(hint)
}

fn present(proof: &str) -> bool {
    if proof.starts_with('/') {
        return Path::new(proof).exists();
    }
    let which =
        Command::new("sh").args(["-c", &format!("command -v {proof}")]).stdout(Stdio::null()).status();
    which.is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
