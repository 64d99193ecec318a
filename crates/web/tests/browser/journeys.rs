//! What people do, from the first page to the last.

use serde_json::json;

use crate::site::Site;
use testbed::Browser;

/// The text of a certificate's code as it stands on its face, from the key that signs faces.
pub fn face_code(site: &Site, certificate: usize) -> String {
    let province = &site.world.province;
    let identifier = &site.identifiers[certificate];
    let row = province.store.read(|session| store::rows::certificate::by_identifier(session, identifier));
    let row = row.expect("the rows").expect("the certificate");
    let request = proof::CodeRequest {
        identifier: codes::CertificateId::parse(identifier).expect("an identifier"),
        status_index: row.status_index.and_then(|index| u32::try_from(index).ok()).expect("its index"),
        issued: jiff::civil::date(2026, 6, 1),
        valid_from: jiff::civil::date(2026, 6, 1),
        valid_to: codes::Validity::LongTerm,
    };
    province.keys.codes.content(&request).expect("a code")
}

/// Types a code in and asks.
pub fn check_text(browser: &Browser, text: &str) {
    browser.run("window.luzheng.checkText(arguments[0])", &[json!(text)]);
}

/// Installs the offline pack on the page for it.
pub fn install_pack(site: &Site, browser: &Browser) {
    browser.open(&format!("{}/officer/pack", site.root));
    browser.wait("return document.documentElement.dataset.ready === 'yes'");
    browser.find("#install").click();
    browser.wait("return document.getElementById('pack-step').textContent.indexOf('安装完成') === 0");
}

pub fn ready(browser: &Browser) {
    browser.wait("return document.documentElement.dataset.ready === 'yes'");
}

pub fn verdict(browser: &Browser) -> String {
    browser.awaited(".verdict");
    let word = browser.run("return document.querySelector('.verdict').dataset.verdict", &[]);
    word.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_holder_activates_and_shows_and_an_officer_checks_it() {
    let site = Site::start(1);
    let phone = Browser::start(&[]);
    phone.phone(true);
    site.sign_in_holder(&phone, 0);
    phone.find(".cert .cover").click();
    phone.awaited("form[action$=activate] button").click();
    phone.awaited("a[href^='/holder/show/']").click();
    let code = phone.wait("return document.getElementById('code').dataset.text");
    let code = code.as_str().expect("a code").to_owned();
    assert!(code.starts_with("LZ:"), "{code}");

    let officer = Browser::start(&[]);
    site.sign_in(&officer, "zhifa001");
    ready(&officer);
    check_text(&officer, &code);
    assert!(verdict(&officer).starts_with("有效"), "{}", officer.text());
    officer.find("#stop-bar select").write("放行");
    officer.find("#stop-bar button").click();
    officer.wait("return location.search === '' && !!document.getElementById('toast')");
    officer.open(&format!("{}/officer/history", site.root));
    assert!(officer.text().contains("放行"), "{}", officer.text());

    // The holder sees who looked, and can say that paper was demanded.
    phone.open(&format!("{}/holder/uses", site.root));
    assert!(phone.text().contains("演示市交通运输综合行政执法支队"), "{}", phone.text());
    phone.find("summary.danger").click();
    phone.awaited(".dialog[open] form button").click();
    phone.wait("return document.body.innerText.indexOf('已反映：纸质证件被要求') >= 0");
    let complaints = [phone.complaints(), officer.complaints()].concat();
    let ours: Vec<_> = complaints.iter().filter(|line| !line.contains("/officer/photo/")).collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn a_holder_shows_without_network_until_the_codes_are_used_up() {
    let site = Site::start(1);
    let phone = Browser::start(&[]);
    phone.phone(true);
    site.sign_in_holder(&phone, 0);
    phone.find(".cert .cover").click();
    phone.awaited("form[action$=activate] button").click();
    phone.awaited("a[href^='/holder/sheet/']").click();
    phone.awaited("main button").click();
    phone.awaited(".sheet");
    phone.find(".back a").click();
    phone.awaited("a[href^='/holder/show/']").click();
    phone.wait("return document.documentElement.dataset.offline === 'ready'");
    let path = phone.url();
    // The worker keeps the page after it was told; then it opens with the server gone.
    phone.wait("return caches.match(location.pathname).then(function (found) { return !!found; })");
    site.cut();
    phone.open(&path);
    let first = phone.wait("return document.getElementById('code').dataset.text");
    phone.wait("return document.getElementById('offline-text').textContent.indexOf('没有网络') === 0");
    // Half a minute later it is another code; a day later the printed one, and the page says so.
    let ahead = "var real = Date.now.bind(Date); Date.now = function () { return real() + arguments[0]; }";
    let shift = |millis: i64| ahead.replace("arguments[0]", &millis.to_string());
    phone.run(&shift(31_000), &[]);
    phone.wait(&format!("return document.getElementById('code').dataset.text !== {first}"));
    phone.run(&shift(25 * 3_600_000), &[]);
    phone.wait("return document.getElementById('offline-text').textContent.indexOf('打印件') > 0");
}

#[test]
fn an_officer_checks_with_the_network_cut_and_uploads_later() {
    let site = Site::start(2);
    site.make_pack();
    let code = face_code(&site, 0);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "zhifa001");
    install_pack(&site, &browser);
    browser.open(&format!("{}/officer", site.root));
    ready(&browser);
    browser.wait("return document.documentElement.dataset.offline === 'ready'");
    site.cut();
    // The page itself comes from the device.
    browser.open(&format!("{}/officer", site.root));
    ready(&browser);
    check_text(&browser, &code);
    browser.awaited(".verdict[data-offline]");
    assert!(verdict(&browser).starts_with("有效"), "{}", browser.text());
    assert!(browser.text().contains("离线包"), "{}", browser.text());
    // A plate is not to be decided without network; a forged code is invalid without it.
    browser.find("[data-way=plate]").click();
    browser.find("#plate").write("演A12345");
    browser.find("form[data-form=plate] button").click();
    browser.wait("return document.querySelector('.verdict').dataset.verdict === '无法判定'");
    let mut forged = code.clone().into_bytes();
    let last = forged.len() - 2;
    forged[last] = if forged[last] == b'0' { b'1' } else { b'0' };
    check_text(&browser, &String::from_utf8(forged).expect("ASCII"));
    browser.wait("return document.querySelector('.verdict').dataset.verdict === '无效'");
    browser.open(&format!("{}/officer/pack", site.root));
    browser.wait("return document.getElementById('wait-badge').textContent === '3 份待上传'");

    site.back();
    browser.open(&format!("{}/officer/pack", site.root));
    browser.wait("return document.getElementById('wait-badge').textContent === '0 份待上传'");
    let province = &site.world.province;
    let stored =
        province.receipt_list(&node::verify::ReceiptFilter::default(), i64::MAX, 10).expect("receipts");
    let mut numbers: Vec<_> = stored.receipts.iter().filter_map(|one| one.sequence).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(stored.receipts.iter().all(|one| !one.fork));
    // Again: nothing is there twice.
    browser.open(&format!("{}/officer/pack", site.root));
    ready(&browser);
    let again =
        province.receipt_list(&node::verify::ReceiptFilter::default(), i64::MAX, 10).expect("receipts");
    assert_eq!(again.receipts.len(), 3);
}

#[test]
fn pictures_of_codes_and_files_are_checked() {
    let site = Site::start(1);
    let code = face_code(&site, 0);
    let folder = &site.world.folder.0;
    let qr = matrix::qr::encode(&code, matrix::qr::QrLevel::M).expect("a symbol");
    let grid = matrix::gridmatrix::encode(&code, matrix::gridmatrix::GmOptions::default()).expect("a symbol");
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "zhifa001");
    ready(&browser);
    browser.find("[data-way=file]").click();
    for (count, (name, symbol)) in [("qr.png", qr), ("grid.png", grid)].into_iter().enumerate() {
        let path = folder.join(name);
        std::fs::write(&path, symbol.to_png_1bit(8)).expect("a picture");
        browser.find("#file").write(&path.display().to_string());
        browser.wait(&format!("return document.getElementById('answer').dataset.count === '{}'", count + 1));
        assert!(verdict(&browser).starts_with("有效"), "{name}: {}", browser.text());
    }
    let path = folder.join("false.ofd");
    std::fs::write(&path, b"not an OFD file").expect("a file");
    browser.find("#file").write(&path.display().to_string());
    browser.wait("return document.getElementById('answer').dataset.count === '3'");
    assert_eq!(verdict(&browser), "无效");
}

#[test]
fn a_pack_that_the_browser_lost_is_noticed() {
    let site = Site::start(1);
    site.make_pack();
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "zhifa001");
    ready(&browser);
    browser.wait("return document.getElementById('chip-text').textContent === '无离线包'");
    install_pack(&site, &browser);
    browser.wait("return document.getElementById('chip-text').textContent.indexOf('离线包 ') === 0");
    browser.open(&format!("{}/sign-in", site.root));
    browser
        .devtools("Storage.clearDataForOrigin", &json!({ "origin": site.root, "storageTypes": "indexeddb" }));
    browser.open(&format!("{}/officer/pack", site.root));
    ready(&browser);
    browser.wait("return document.getElementById('chip-text').textContent === '离线包丢失'");
    assert!(browser.find("#lost").text().contains("被浏览器清除"));
    browser.find("#install").click();
    browser.wait("return document.getElementById('pack-step').textContent.indexOf('安装完成') === 0");
    browser.wait("return document.getElementById('lost').hidden");
}

#[test]
fn pages_work_without_a_script() {
    let site = Site::start(1);
    let browser = Browser::start(&["--blink-settings=scriptEnabled=false"]);
    site.sign_in_plain(&browser, "zhifa001");
    browser.find("#text").write(&site.identifiers[0]);
    browser.find("form[data-form=code] button").click();
    assert!(browser.find(".verdict-word").text().starts_with("有效"));
    browser.find("#stop-bar option:nth-child(2)").click();
    browser.find("#stop-bar button").click();
    assert!(browser.find("#toast").text().contains("已登记"));
}
