//! The officer's page and what this node's own register does not have.

use link::http::{Client, Sources, Timeouts};
use link::sign::{HmacKey, Signer};
use node::verify::{Connectors, HttpConnector};

use crate::journeys::{check_text, ready, verdict};
use crate::site::{Site, now};
use crate::support::foreign::serve;
use testbed::Browser;

#[test]
fn a_code_of_another_system_is_answered_by_that_system() {
    let site = Site::start(1);
    let foreign = serve(|body| {
        let known_at = jiff::Timestamp::from_microsecond(now()).expect("a time").to_string();
        let (verdict, why) =
            if body.contains("/c/1") { ("有效", "") } else { ("无效", "证照已注销") };
        let said = serde_json::json!({
            "verdict": verdict, "reasons": [why], "kind": "道路运输证", "holder": "张三丰", "plate": "试A12345",
            "status": "正常", "source": "试验省运政系统", "known_at": known_at,
        });
        Some((200, said.to_string()))
    });
    let mut connectors = Connectors::new(Box::new(now));
    let key = HmacKey::new(&[7; 32][..]).expect("a key");
    let signer = Signer::hmac("demo-99", key).expect("a signer");
    let sources = Sources { now: Box::new(|| now() / 1_000_000), random: Box::new(|| [5; 16]) };
    let client = Client::new(&foreign.address, signer, Timeouts::default(), sources, None).expect("a client");
    let way = HttpConnector::new(client, "/codes".into());
    connectors.add("邻省电子证照", vec!["https://zz.example/".into()], 86_400, Box::new(way));
    site.app.set_connectors(connectors);

    let browser = Browser::start(&[]);
    site.sign_in(&browser, "zhifa001");
    ready(&browser);
    check_text(&browser, "https://zz.example/c/1");
    assert_eq!(verdict(&browser), "有效", "{}", browser.text());
    let text = browser.text();
    assert!(text.contains("外部系统（邻省电子证照：试验省运政系统）"), "{text}");
    assert!(text.contains("张**") && text.contains("试A12345") && text.contains("道路运输证"), "{text}");
    check_text(&browser, "https://zz.example/c/2");
    browser.wait("return document.getElementById('answer').dataset.count === '2'");
    assert_eq!(verdict(&browser), "无效");
    assert!(browser.text().contains("证照已注销"));
    // A code that nobody claims: as before.
    check_text(&browser, "https://yy.example/");
    browser.wait("return document.getElementById('answer').dataset.count === '3'");
    assert_eq!(verdict(&browser), "无法判定");
    assert!(browser.text().contains("不是本系统认识的二维码"));
}
