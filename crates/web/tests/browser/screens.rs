//! Pictures of every page at both sizes, for people to look at: `cargo test -p web --test browser -- --ignored screens`.
//! They go to `target/screens/`.

use std::path::PathBuf;

use crate::driver::Browser;
use crate::site::Site;

/// Where the pictures go.
fn folder() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screens");
    std::fs::create_dir_all(&target).expect("a folder");
    target
}

/// Takes the page that is open, on a desk and on a phone.
fn take(browser: &Browser, name: &str) {
    for (phone, size) in [(false, "1366"), (true, "360")] {
        browser.phone(phone);
        std::thread::sleep(std::time::Duration::from_millis(120));
        let path = folder().join(format!("{name}-{size}.png"));
        std::fs::write(path, browser.picture(false)).expect("a picture");
    }
    browser.phone(false);
}

#[test]
#[ignore = "makes pictures for people"]
fn screens() {
    let site = Site::start(3);
    let browser = Browser::start(&[]);
    for (path, name) in
        [("/", "welcome"), ("/sign-in", "sign-in"), ("/nothing", "error"), ("/design", "design")]
    {
        browser.open(&format!("{}{path}", site.root));
        take(&browser, name);
    }
    site.sign_in(&browser, "zhifa001");
    browser.open(&format!("{}/account", site.root));
    take(&browser, "account");
}
