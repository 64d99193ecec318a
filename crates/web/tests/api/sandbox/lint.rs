use serde_json::json;

use crate::server::{ALL, Server};
use crate::support::first_issues;

const URL: &str = "/api/v1/sandbox/lint";

#[test]
fn a_good_record_is_fit_and_a_bad_one_says_why() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let event = first_issues(1).remove(0);
    let mut body = json!({"record": event.record, "photo": event.photo});
    assert_eq!(client.post(URL, body.to_string()).json()["fit"], true);
    body["record"]["face"] = json!({});
    let bad = client.post(URL, body.to_string()).json();
    assert_eq!(bad["fit"], false);
    assert!(bad["findings"][0]["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "{bad}");
}

#[test]
fn what_is_no_record_and_what_is_too_large_is_refused() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    assert_eq!(client.post(URL, "{}").code(), "JSON_FORMAT");
    let event = first_issues(1).remove(0);
    let photo = json!({"record": event.record, "photo": "***"});
    assert_eq!(client.post(URL, photo.to_string()).code(), "PHOTO_FORMAT");
    let got = client.post(URL, vec![b' '; 4 * 1024 * 1024 + 1]);
    assert_eq!((got.status, got.code().as_str()), (413, "BODY_TOO_LARGE"));
    let elsewhere = server.client("c2", &["sandbox.lint@98"]);
    let body = json!({"record": event.record});
    assert_eq!(elsewhere.post(URL, body.to_string()).code(), "AUTH_RIGHT");
    assert_eq!(server.bare("POST", URL, b"{}").status, 401);
}
