use link::sign::Person;

use crate::server::{ALL, Server};
use crate::support::first_issues;

const EVENTS: &str = "/api/v1/lifecycle/events";

fn issue(client: &crate::server::Client<'_>) -> (String, String) {
    let event = serde_json::to_string(&first_issues(1)[0]).expect("JSON");
    let answer = client.post(EVENTS, event).json()["results"][0].clone();
    let text = |name: &str| answer[name].as_str().expect(name).to_owned();
    (text("certificate"), text("identifier"))
}

fn url(id: &str) -> String {
    format!("/api/v1/lifecycle/certificates/{id}")
}

#[test]
fn it_is_found_by_key_and_by_identifier_without_personal_data() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let (key, identifier) = issue(&client);
    let by_key = client.get(&url(&key)).json();
    assert_eq!(by_key["status"], "正常");
    assert_eq!(by_key["versions"][0]["identifier"], identifier);
    assert_eq!(by_key["events"][0]["event"], "初领");
    assert_eq!(by_key["events"][0]["message"], serde_json::Value::Null);
    assert_eq!(client.get(&url(&identifier)).json(), by_key);
}

#[test]
fn personal_data_needs_right_and_purpose() {
    let server = Server::start();
    let mut client = server.client("c1", ALL);
    let (key, _) = issue(&client);
    let target = format!("{}?personal=true", url(&key));
    assert_eq!(client.get(&target).code(), "AUTH_PURPOSE");
    client.person = Person { purpose: Some("核对档案".into()), ..Person::default() };
    let shown = client.get(&target).json();
    assert_eq!(shown["events"][0]["message"]["event"], "初领");
    let mut plain = server.client("c2", &["lifecycle"]);
    plain.person = client.person.clone();
    let got = plain.get(&target);
    assert_eq!((got.status, got.code().as_str()), (403, "AUTH_RIGHT"));
    assert!(got.problem().detail.expect("why").contains("lifecycle.read_personal"));
}

#[test]
fn another_area_or_kind_is_not_shown() {
    let server = Server::start();
    let (key, _) = issue(&server.client("c1", ALL));
    assert_eq!(server.client("c2", &["lifecycle.read@98"]).get(&url(&key)).code(), "AUTH_RIGHT");
    assert_eq!(server.client("c3", &["lifecycle.read@*/nothing"]).get(&url(&key)).code(), "AUTH_RIGHT");
}

#[test]
fn what_is_not_there_is_404_and_a_wrong_flag_400() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let got = client.get(&url("nothing"));
    assert_eq!((got.status, got.code().as_str()), (404, "NOT_FOUND"));
    assert_eq!(client.get(&format!("{}?personal=yes", url("nothing"))).status, 400);
    assert_eq!(client.send("GET", &url("nothing"), b"body").status, 413);
    assert_eq!(server.bare("GET", &url("nothing"), b"").status, 401);
}
