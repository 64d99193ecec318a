//! Comparison, conversion, catalogue, seals and the ministry's pages: the ministry person's way through them, and pictures.

use crate::screens::take;
use crate::server::Server;
use crate::stage::{converted, ministry, reconciled};
use crate::visitor::{PASSWORD, Visitor};
use testbed::Browser;

fn sign_in(server: &Server, browser: &Browser, account: &str) {
    browser.open(&format!("{}/sign-in", server.root()));
    browser.find("#account").write(account);
    browser.find("#password").write(PASSWORD);
    browser.find("main button").click();
    browser.wait("return location.pathname !== '/sign-in'");
}

#[test]
fn the_ministry_person_goes_from_the_provinces_to_a_refusal_and_to_a_certificate() {
    let (server, _away, identifiers) = ministry(3);
    Visitor::operator(&server, "bu1", "部级", "*");
    let browser = Browser::start(&[]);
    sign_in(&server, &browser, "bu1");
    browser.wait("return location.pathname === '/ministry'");
    // The province whose deliveries were not taken, and why.
    browser.find("a[href='/ministry/province?id=trial-98']").click();
    browser.awaited("a[href*='state=refused']").click();
    browser.awaited("a[href^='/ministry/receipts/one']").click();
    browser.wait("return document.body.innerText.includes('FOREIGN_PROVINCE')");
    browser.run("history.back()", &[]);
    browser.wait("return location.pathname === '/ministry/receipts'");
    // A certificate from anywhere: the verdict and what was collected.
    browser.find("a[href='/ministry/certificate']").click();
    browser.awaited("#identifier").write(&identifiers[0]);
    browser.find("main button").click();
    browser.awaited(".verdict");
    browser.wait("return document.body.innerText.includes('部级归集的记录')");
    browser.find("a[href='/ministry/checkpoints']").click();
    browser.wait("return document.body.innerText.includes('未登记日志证书')");
    assert!(browser.complaints().is_empty(), "{:#?}", browser.complaints());
}

#[test]
#[ignore = "makes pictures for people"]
fn compare_screens() {
    let server = Server::start();
    Visitor::operator(&server, "sheng1", "省级主管", "99");
    let browser = Browser::start(&[]);
    sign_in(&server, &browser, "sheng1");
    let show = |path: &str, name: &str| {
        browser.open(&format!("{}{path}", server.root()));
        take(&browser, name);
    };
    show("/supervisor/reconcile", "reconcile-empty");
    let run = reconciled(&server, 40);
    let all = server.app.province.reconcile_differences(&run.id, "", 3).expect("reads");
    let actor = crate::server::admin();
    let how = node::reconcile::How::Draft;
    let (key, at) = (&all[1].certificate, server.app.now());
    server.app.province.reconcile_repair_one(&run.id, key, how, &actor, at).expect("drafted");
    show("/supervisor/reconcile", "reconcile");
    show(&format!("/supervisor/reconcile/run?id={}", run.id), "reconcile-run");
    show(
        &format!("/supervisor/reconcile/one?id={}&certificate={}", run.id, all[0].certificate),
        "reconcile-one",
    );
    show("/supervisor/reconcile/requests", "requests");
    let drafted = server.app.province.maintain_page(&node::certificate::Within::all(), "", 1).expect("reads");
    show(&format!("/supervisor/reconcile/request?id={}", drafted[0].id), "request");
    converted(&server, "2026年存量");
    show("/supervisor/convert", "convert");
    show("/supervisor/convert/run?name=2026%E5%B9%B4%E5%AD%98%E9%87%8F", "convert-run");
    show("/supervisor/convert/wanting?name=2026%E5%B9%B4%E5%AD%98%E9%87%8F", "convert-wanting");
    show("/catalogue", "catalogue");
    show("/catalogue/kind?code=operation-licence", "catalogue-kind");
    show("/catalogue/tables", "catalogue-tables");
    show("/catalogue/compare", "catalogue-compare");
    show("/supervisor/seals", "seals");
    println!("{:#?}", browser.complaints());
}

#[test]
#[ignore = "makes pictures for people"]
fn ministry_screens() {
    let (server, _away, identifiers) = ministry(40);
    Visitor::operator(&server, "bu1", "部级", "*");
    let browser = Browser::start(&[]);
    sign_in(&server, &browser, "bu1");
    for (path, name) in [
        ("/ministry", "ministry"),
        ("/ministry/province?id=demo-99", "ministry-province"),
        ("/ministry/receipts?province=demo-99", "ministry-receipts"),
        ("/ministry/receipts?province=trial-98&state=refused", "ministry-refused"),
        ("/ministry/checkpoints", "ministry-checkpoints"),
        ("/ministry/certificate", "ministry-certificate"),
    ] {
        browser.open(&format!("{}{path}", server.root()));
        take(&browser, name);
    }
    browser.open(&format!("{}/ministry/certificate?identifier={}", server.root(), identifiers[0]));
    take(&browser, "ministry-answer");
    println!("{:#?}", browser.complaints());
}
