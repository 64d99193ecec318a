//! The committed document is the table of routes, and its examples work.

use serde_json::Value;

use crate::server::{ALL, Server};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/luzheng.json");

fn made() -> String {
    let mut text = serde_json::to_string_pretty(&web::document(web::api::ENDPOINTS)).expect("JSON");
    text.push('\n');
    text
}

#[test]
fn the_committed_document_is_that_of_the_routes() {
    let committed = std::fs::read_to_string(FILE).expect("openapi/luzheng.json");
    assert!(committed == made(), "run: cargo test -p web --test api -- --ignored write_the_document");
}

#[test]
#[ignore = "writes openapi/luzheng.json"]
fn write_the_document() {
    std::fs::write(FILE, made()).expect("openapi/luzheng.json");
}

#[test]
fn every_schema_that_is_named_is_there() {
    let document: Value = serde_json::from_str(&made()).expect("JSON");
    let text = made();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().expect("a name");
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[test]
fn every_example_gets_its_documented_status() {
    let server = Server::start();
    let client = server.client("demo-client-1", ALL);
    let document: Value =
        serde_json::from_slice(&server.bare("GET", "/openapi.json", b"").body).expect("the document");
    let mut sent = 0;
    for endpoint in web::api::ENDPOINTS {
        let operation = &document["paths"][endpoint.path][endpoint.method.name().to_lowercase()];
        let examples = operation["x-examples"].as_array().expect("examples");
        assert!(!examples.is_empty(), "{} has an example", endpoint.path);
        for example in examples {
            let text = |name: &str| example[name].as_str().expect("text");
            let (method, target, body) = (endpoint.method.name(), text("target"), text("body").as_bytes());
            let got = if example["signed"] == true {
                client.send(method, target, body)
            } else {
                server.bare(method, target, body)
            };
            let shown = String::from_utf8_lossy(&got.body).into_owned();
            assert_eq!(got.status, example["status"], "{method} {target}: {shown}");
            let status = got.status.to_string();
            assert!(operation["responses"][&status].is_object(), "{method} {target} may answer {status}");
            check_results(text("title"), &got.body);
            sent += 1;
        }
    }
    assert!(sent >= 15);
}

/// What the titles of the event examples promise.
fn check_results(title: &str, body: &[u8]) {
    let expected: &[&str] = match title {
        "初领一件证照" => &["applied"],
        "一批两件：停业一件，另一件缺少必填项" => &["applied", "unfit"],
        _ => return,
    };
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let results = body["results"].as_array().expect("results").iter();
    assert_eq!(
        results.map(|one| one["result"].as_str().expect("text")).collect::<Vec<_>>(),
        expected,
        "{body}"
    );
}

#[test]
#[ignore = "prints an invented event, from which examples/first-issue.json was made"]
fn print_an_event() {
    let events = crate::support::first_issues(40);
    for event in events.iter().filter(|event| event.photo.is_none()) {
        println!("{}", serde_json::to_string_pretty(event).expect("JSON"));
    }
}
