use serde_json::json;

use crate::server::{ALL, Server};
use crate::support::first_issues;

const URL: &str = "/api/v1/deliver/activations";

fn body(identifier: &str) -> String {
    let item = |id: &str, identifier: &str| json!({"id": id, "identifier": identifier, "activated_at": "2026-06-01T08:50:00+08:00", "channel": "mini-program"});
    json!({"items": [item("A-1", identifier), item("A-2", "1.2.3")]}).to_string()
}

#[test]
fn each_item_has_its_answer_and_the_same_again() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let event = serde_json::to_string(&first_issues(1)[0]).expect("JSON");
    let issued = client.post("/api/v1/lifecycle/events", event).json();
    let identifier = issued["results"][0]["identifier"].as_str().expect("issued").to_owned();
    let got = client.post(URL, body(&identifier)).json();
    assert_eq!(
        (&got["answers"][0]["result"], &got["answers"][1]["result"]),
        (&json!("applied"), &json!("unknown"))
    );
    let again = client.post(URL, body(&identifier)).json();
    assert_eq!(
        (&again["answers"][0]["result"], &again["answers"][0]["repeated"]),
        (&json!("applied"), &json!(true))
    );
    // Another area's client is told so, item by item.
    let other = server.client("c2", &["deliver.activate@98"]);
    let refused = other.post(URL, body(&identifier)).json();
    assert_eq!(refused["answers"][0]["why"]["code"], "AUTH_RIGHT", "{refused}");
    assert_eq!(refused["answers"][1]["result"], "unknown");
}

#[test]
fn count_right_and_signature_are_checked() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    assert_eq!(client.post(URL, r#"{"items":[]}"#).code(), "ITEMS_COUNT");
    assert_eq!(server.client("c2", &["lifecycle.submit"]).post(URL, body("1.2.3")).code(), "AUTH_RIGHT");
    assert_eq!(server.bare("POST", URL, b"{}").code(), "AUTH_MISSING");
}
