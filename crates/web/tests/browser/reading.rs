//! What the officer's page reads beside QR codes of certificates: Grid Matrix before the camera, receipts; and what it says to a browser that
//! lacks something.

use serde_json::json;

use crate::figures::film;
use crate::journeys::{check_text, face_code, install_pack, ready, verdict};
use crate::site::Site;
use testbed::Browser;

#[test]
fn the_camera_reads_grid_matrix_too() {
    let site = Site::start(1);
    let code = face_code(&site, 0);
    let symbol =
        matrix::gridmatrix::encode(&code, matrix::gridmatrix::GmOptions::default()).expect("a symbol");
    let picture = site.world.folder.0.join("grid.y4m");
    film(&picture, &symbol);
    let capture = format!("--use-file-for-fake-video-capture={}", picture.display());
    let browser =
        Browser::start(&["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", &capture]);
    site.sign_in(&browser, "zhifa001");
    ready(&browser);
    browser.find("#scan").click();
    assert!(verdict(&browser).starts_with("有效"), "{}", browser.text());
}

#[test]
fn a_receipt_is_shown_as_one_with_and_without_network() {
    let site = Site::start(1);
    site.make_pack();
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "zhifa001");
    ready(&browser);
    check_text(&browser, &face_code(&site, 0));
    browser.awaited(".receipt-text");
    let text = browser.run("return document.querySelector('.receipt-text').textContent", &[]);
    let text = text.as_str().expect("a receipt").to_owned();
    assert!(text.starts_with("LZR:"), "{text}");
    // Nothing is installed yet: the keys come from the node.
    check_text(&browser, &text);
    browser.awaited("[data-receipt]");
    let shown = browser.text();
    assert!(shown.contains("回执真实") && shown.contains(&site.identifiers[0]), "{shown}");
    assert!(shown.contains("赵路平") || shown.contains("99010001"), "{shown}");

    install_pack(&site, &browser);
    browser.open(&format!("{}/officer", site.root));
    ready(&browser);
    browser.wait("return document.documentElement.dataset.offline === 'ready'");
    site.cut();
    browser.open(&format!("{}/officer", site.root));
    ready(&browser);
    let receipt = |browser: &Browser, text: &str, wanted: &str| {
        check_text(browser, text);
        let found = format!(
            "var r = document.querySelector('[data-receipt]'); return !!r && r.dataset.receipt === '{wanted}'"
        );
        browser.wait(&found);
    };
    receipt(&browser, &text, "有效");
    let mut forged = text.clone().into_bytes();
    let middle = forged.len() / 2;
    forged[middle] = if forged[middle] == b'0' { b'1' } else { b'0' };
    receipt(&browser, &String::from_utf8(forged).expect("ASCII"), "无效");
    assert!(browser.text().contains("回执不成立"), "{}", browser.text());
    // One of a device that nobody has countersigned yet.
    check_text(&browser, &face_code(&site, 0));
    browser.awaited(".verdict[data-offline] .receipt-text");
    let own = browser.run("return document.querySelector('.receipt-text').textContent", &[]);
    receipt(&browser, own.as_str().expect("a receipt"), "有效（有提示）");
    assert!(browser.text().contains("RECEIPT_NOT_COUNTERSIGNED"), "{}", browser.text());
}

#[test]
fn a_browser_that_lacks_something_is_told_what() {
    let site = Site::start(1);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "zhifa001");
    ready(&browser);
    assert!(!browser.text().contains("本浏览器缺少"), "{}", browser.text());
    browser.open(&format!("{}/officer/pack", site.root));
    ready(&browser);
    assert_eq!(browser.find("#this-browser").text(), "满足要求");
    let old = "delete window.indexedDB; Object.defineProperty(window, 'indexedDB', { value: undefined }); window.BigInt = undefined;";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": old }));
    browser.open(&format!("{}/officer", site.root));
    browser.wait("return !document.getElementById('lacking').hidden");
    let said = browser.find("#lacking").text();
    assert!(said.contains("脚本模块") && said.contains("本机存储") && said.contains("换用"), "{said}");
}
