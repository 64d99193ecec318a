//! Pictures of every page at both sizes, for people to look at: `cargo test -p web --test browser -- --ignored screens`.
//! They go to `target/screens/`.

use std::path::PathBuf;

use crate::journeys::{check_text, face_code, install_pack};
use crate::site::Site;
use crate::support::{NOW, first_issues, later, submitted};
use testbed::Browser;

/// Where the pictures go.
pub fn folder() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screens");
    std::fs::create_dir_all(&target).expect("a folder");
    target
}

/// Takes the page that is open, on a desk and on a phone.
pub fn take(browser: &Browser, name: &str) {
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
    let site = Site::start(12);
    site.make_pack();
    let browser = Browser::start(&[]);
    for (path, name) in
        [("/", "welcome"), ("/sign-in", "sign-in"), ("/nothing", "error"), ("/design", "design")]
    {
        browser.open(&format!("{}{path}", site.root));
        take(&browser, name);
    }
    browser.open(&format!("{}/sign-in/holder", site.root));
    take(&browser, "sign-in-holder");
    officer(&site, &browser);
    drop(browser);
    let browser = Browser::start(&[]);
    holder(&site, &browser);
    drop(browser);
    let browser = Browser::start(&[]);
    company(&site, &browser);
    drop(browser);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "chuangkou1");
    browser.open(&format!("{}/window/activate", site.root));
    take(&browser, "window-activate");
}

#[test]
#[ignore = "makes pictures for people"]
fn screens_of_a_hold() {
    let site = Site::start(12);
    let subject = first_issues(1).remove(0).subject_ref.expect("a reference");
    let mut hold = later(&subject, "e-2", "暂扣");
    hold.operator.unit = "演示市交通运输综合行政执法支队".into();
    site.world.province.accept(vec![submitted(hold)], NOW);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "zhifa001");
    browser.wait("return document.documentElement.dataset.ready === 'yes'");
    check_text(&browser, &face_code(&site, 0));
    browser.awaited(".verdict");
    take(&browser, "hold-answer");
    browser.find("#stop-bar select").write("放行");
    browser.find("#stop-bar form button").click();
    browser.awaited(".ask-outcome");
    take(&browser, "hold-ask");
    browser.find(".ask-outcome .danger").click();
    browser.wait("return !!document.getElementById('toast')");
    browser.open(&format!("{}/officer/history", site.root));
    take(&browser, "hold-history");
    browser.find("td.end a").click();
    browser.awaited("#print");
    take(&browser, "hold-stop");
    drop(browser);
    let browser = Browser::start(&[]);
    site.sign_in_holder(&browser, 0);
    take(&browser, "hold-list");
    browser.find(".cert .cover").click();
    browser.awaited("form[action$=activate] button").click();
    browser.awaited("a[download]");
    take(&browser, "hold-holder");
    drop(browser);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "chuangkou1");
    browser.open(&format!("{}/window/activate", site.root));
    let near = site.identifiers.iter().find(|one| one.contains(".119901")).expect("one of the clerk's area");
    browser.find("#certificate").write(near);
    browser.find("#proof").write("核对居民身份证原件，本人到场");
    browser.find("main form button").click();
    browser.awaited("main h3");
    take(&browser, "hold-window");
}

fn officer(site: &Site, browser: &Browser) {
    site.sign_in(browser, "zhifa001");
    browser.wait("return document.documentElement.dataset.ready === 'yes'");
    take(browser, "officer");
    browser.find("#text").write(&site.identifiers[0]);
    browser.find("form[data-form=code] button").click();
    browser.awaited(".verdict");
    browser.wait("var o = document.querySelector('.photo'); return !o || o.getClientRects().length > 0");
    std::thread::sleep(std::time::Duration::from_millis(400));
    take(browser, "officer-answer");
    browser.run("window.scrollTo(0, 0)", &[]);
    browser.find("#text").clear();
    browser.find("#text").write("https://example.invalid/x");
    browser.find("form[data-form=code] button").click();
    browser.wait("return document.querySelector('#answer').dataset.count === '2'");
    take(browser, "officer-undecided");
    for (path, name) in
        [("officer/history", "officer-history"), ("officer/pack", "officer-pack"), ("account", "account")]
    {
        browser.open(&format!("{}/{path}", site.root));
        take(browser, name);
    }
    browser.open(&format!("{}/officer/history", site.root));
    browser.find("td a").click();
    take(browser, "officer-stop");
    offline(site, browser);
    println!("{:#?}", browser.complaints());
}

fn offline(site: &Site, browser: &Browser) {
    install_pack(site, browser);
    take(browser, "officer-pack-installed");
    let code = face_code(site, 0);
    browser.open(&format!("{}/officer", site.root));
    browser.wait("return document.documentElement.dataset.ready === 'yes'");
    browser.network(false);
    check_text(browser, &code);
    browser.wait("return !!document.querySelector('.verdict[data-offline]')");
    take(browser, "officer-offline");
    browser.network(true);
}

fn holder(site: &Site, browser: &Browser) {
    site.sign_in_holder(browser, 0);
    take(browser, "holder");
    browser.find(".cert .cover").click();
    browser.awaited(".face img");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    take(browser, "holder-certificate");
    browser.find("form[action$=activate] button").click();
    browser.awaited("a[href^='/holder/show/']").click();
    browser.wait("return !!document.querySelector('#code').dataset.text");
    take(browser, "holder-show");
    browser.run("history.back()", &[]);
    browser.awaited("a[href^='/holder/sheet/']").click();
    browser.awaited("main button").click();
    browser.awaited(".sheet");
    take(browser, "holder-sheet");
    for path in ["grants", "uses"] {
        browser.open(&format!("{}/holder/{path}", site.root));
        take(browser, &format!("holder-{path}"));
    }
    println!("{:#?}", browser.complaints());
}

fn company(site: &Site, browser: &Browser) {
    let vehicle = site.plates.iter().position(|plate| !plate.is_empty()).expect("a vehicle");
    site.sign_in_holder(browser, vehicle);
    browser.find(".cert .cover").click();
    browser.awaited("form[action$=activate] button").click();
    browser.awaited("a[href^='/holder/grants?']").click();
    browser.awaited("#driver_name").write("张三");
    browser.find("#driver_number").write("990101199001010000");
    browser.run("document.getElementById('until').value = '2026-12-31'", &[]);
    browser.find("form[action='/holder/grants'] button").click();
    browser.wait("return !!document.querySelector('td')");
    take(browser, "company-grants");
    browser.open(&format!("{}/holder", site.root));
    take(browser, "company-list");
}
