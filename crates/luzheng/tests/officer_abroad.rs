//! An officer's page in one province, a certificate of another: online, with the issuing province stopped, and without network on that
//! province's pack. Three real processes and a real browser.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod nodes;
#[path = "nodes/three.rs"]
mod three;

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;

use nodes::*;
use testbed::Browser;
use three::*;

const ACCOUNT: &str = "zhifa098";
const PASSWORD: &str = "yanshi-2026-lu";

/// An officer's account in the other province.
fn add_officer(three: &Three) {
    let config = three.folder.0.join("demo-98.toml");
    let mut child = Command::new(BIN)
        .args(["operator", "add", ACCOUNT, "--person", "孙执法", "--unit", "试验省交通运输执法总队"])
        .args(["--staff-no", "9801-007", "--role", "执法", "--area", "98", "--operator", "管理员一"])
        .args(["--break-glass", "测试", "--password-fd", "0", "--config"])
        .arg(config)
        .env("LUZHENG_PASSPHRASE", PASSPHRASE)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

fn ready(browser: &Browser) {
    browser.wait("return document.documentElement.dataset.ready === 'yes'");
}

/// Checks a text; the verdict, and what the page says.
fn ask(browser: &Browser, text: &str) -> (String, String) {
    browser.run(
        "document.getElementById('answer').textContent = ''; window.luzheng.checkText(arguments[0])",
        &[json!(text)],
    );
    let verdict = browser.wait("var v = document.querySelector('.verdict'); return v && v.dataset.verdict");
    (verdict.as_str().unwrap().to_owned(), browser.text())
}

#[test]
fn a_certificate_of_one_province_on_the_officers_page_of_another() {
    let mut three = Three::start("abroad", 3, true);
    three.hand_over_pack();
    add_officer(&three);
    // The import is another process: the node takes the pack up when it starts.
    three.away.take().unwrap().stop();
    three.start_again("demo-98");
    let root = three.away.as_ref().unwrap().address.clone();
    let codes = three.codes();

    let browser = Browser::start(&[]);
    browser.open(&format!("{root}/sign-in"));
    browser.find("#account").write(ACCOUNT);
    browser.find("#password").write(PASSWORD);
    browser.find("main button").click();
    browser.wait("return location.pathname !== '/sign-in'");
    browser.open(&format!("{root}/officer/pack"));
    ready(&browser);
    browser.find("#install").click();
    browser.wait("return document.getElementById('pack-step').textContent.indexOf('安装完成') === 0");
    assert!(browser.find("#pack-facts").text().contains("演示省交通运输厅"), "{}", browser.text());
    browser.open(&format!("{root}/officer"));
    ready(&browser);
    browser.wait("return document.documentElement.dataset.offline === 'ready'");

    // Online: the issuing province answers, masked, with what the certificate allows.
    let (verdict, page) = ask(&browser, &codes[0]);
    assert_eq!(verdict, "有效", "{page}");
    assert!(page.contains("发证省份登记（demo-99）") && page.contains("准许"), "{page}");
    three.end(1, "吊销");
    let (verdict, page) = ask(&browser, &codes[1]);
    assert_eq!(verdict, "无效", "{page}");

    // The issuing province is stopped: nothing is valid, and the page says why.
    three.collected();
    three.home.take().unwrap().stop();
    let (verdict, page) = ask(&browser, &codes[0]);
    assert_eq!(verdict, "无法判定", "{page}");
    assert!(page.contains("ISSUER_UNREACHABLE") && page.contains("demo-99"), "{page}");
    let (verdict, page) = ask(&browser, &codes[1]);
    assert_eq!(verdict, "无效", "{page}");

    // No network at all: the other province's pack, with its age; a receipt names that pack.
    three.away.take().unwrap().stop();
    browser.open(&format!("{root}/officer"));
    ready(&browser);
    let (verdict, page) = ask(&browser, &codes[0]);
    assert_eq!(verdict, "有效", "{page}");
    assert!(page.contains("演示省交通运输厅第") && page.contains("离线核验"), "{page}");
    let receipt = browser.run("return document.querySelector('.receipt-text').textContent", &[]);
    let bundle = proof::receipt::Bundle::parse(receipt.as_str().unwrap()).unwrap();
    let knowledge = &bundle.receipt.content.knowledge;
    assert!(matches!(knowledge, proof::receipt::Knowledge::Pack { area: 99, .. }), "{knowledge:?}");
}
