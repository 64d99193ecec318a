use node::lifecycle::BusinessEvent;
use serde_json::{Value, json};

use crate::server::{ALL, Got, Server};
use crate::support::{first_issues, later};

const URL: &str = "/api/v1/lifecycle/events";

fn results(got: &Got) -> Vec<Value> {
    assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
    got.json()["results"].as_array().expect("results").clone()
}

fn one() -> BusinessEvent {
    first_issues(1).remove(0)
}

fn text(event: &impl serde::Serialize) -> String {
    serde_json::to_string(event).expect("JSON")
}

#[test]
fn a_single_event_is_applied_and_its_repetition_answered_alike() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let first = results(&client.post(URL, text(&one())));
    assert_eq!(first[0]["result"], "applied", "{first:?}");
    let again = results(&client.post(URL, text(&one())));
    assert_eq!(again[0]["repeated"], true);
    assert_eq!(again[0]["identifier"], first[0]["identifier"]);
}

#[test]
fn other_content_under_a_known_id_is_a_conflict() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    results(&client.post(URL, text(&one())));
    let other = BusinessEvent { occurred_at: "2026-06-01T08:31:00+08:00".into(), ..one() };
    let got = client.post(URL, text(&other));
    assert_eq!(got.status, 409);
    got.problem();
    // In a list, it is the result of that event only.
    assert_eq!(results(&client.post(URL, text(&[other])))[0]["result"], "conflict");
}

#[test]
fn a_list_says_for_each_event_what_became_of_it() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let foreign = BusinessEvent { source: "别处".into(), ..later("S000001", "X-1", "停运") };
    let body = json!([one(), {"event_id": "X-2", "event": 7}, foreign, later("S000000", "X-3", "注销")]);
    let all = results(&client.post(URL, text(&body)));
    let seen: Vec<&Value> = all.iter().map(|one| &one["result"]).collect();
    assert_eq!(seen, ["applied", "unfit", "unfit", "applied"]);
    assert_eq!(all[1]["event_id"], "X-2");
    assert_eq!(all[1]["why"]["code"], "JSON_FORMAT");
    assert!(all[1]["why"]["what"].as_str().expect("text").contains("event"), "{}", all[1]);
    assert_eq!(all[2]["why"]["code"], "AUTH_SOURCE");
}

#[test]
fn a_thousand_events_are_one_request_and_one_more_is_refused() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let event = |n: usize| later(&format!("S{n:06}"), &format!("E{n:06}"), "注销");
    let events: Vec<BusinessEvent> = (0..1000).map(event).collect();
    let all = results(&client.post(URL, text(&events)));
    assert_eq!(all.len(), 1000);
    let in_order = all.iter().enumerate().all(|(n, one)| one["event_id"] == format!("E{n:06}"));
    assert!(in_order, "answers stand in the order of the events");
    let more: Vec<BusinessEvent> = (0..1001).map(event).collect();
    let got = client.post(URL, text(&more));
    assert_eq!((got.status, got.code().as_str()), (400, "EVENTS_COUNT"));
    assert_eq!(client.post(URL, "[]").code(), "EVENTS_COUNT");
}

#[test]
fn what_cannot_be_read_is_named_by_its_place() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let got = client.post(URL, r#"{"event_id":"E-1","operator":{"name":"甲","post":"科长"}}"#);
    assert_eq!(got.status, 400);
    let problem = got.problem();
    assert_eq!(problem.item.as_deref(), Some("operator.post"));
    assert_eq!(problem.detail.as_deref(), Some("operator.post：不认识的字段“post”"));
    let broken = client.post(URL, "{\"event_id\":\n \"E-1\",,}").problem();
    assert_eq!(broken.item.as_deref(), Some("第 2 行第 8 列"));
    assert_eq!(client.post(URL, "[{}, ").status, 400);
}

#[test]
fn a_client_sends_only_what_its_rights_cover() {
    let server = Server::start();
    let all = server.client("c1", ALL);
    results(&all.post(URL, text(&one())));
    let elsewhere = server.client("c2", &["lifecycle.submit@98"]);
    for event in [one(), later("S000000", "X-3", "注销")] {
        let got = elsewhere.post(URL, text(&event));
        assert_eq!((got.status, got.code().as_str()), (403, "AUTH_RIGHT"));
        assert!(got.problem().detail.expect("why").contains("行政区划"));
    }
    let no_kind = server.client("c3", &["lifecycle.submit@*/nothing"]);
    assert!(no_kind.post(URL, text(&one())).problem().detail.expect("why").contains("证照种类"));
    let reader = server.client("c4", &["lifecycle.read"]);
    assert_eq!(reader.post(URL, text(&one())).code(), "AUTH_RIGHT");
}

#[test]
fn too_many_waiting_events_are_put_off() {
    let world = crate::support::sqlite();
    let server = Server::over(world, web::Limits { events: 1, ..web::Limits::default() });
    let client = server.client("c1", ALL);
    let got = client.post(URL, text(&[later("S1", "E1", "注销"), later("S2", "E2", "注销")]));
    assert_eq!((got.status, got.code().as_str()), (503, "BUSY"));
    assert!(!got.header("retry-after").is_empty());
}

#[test]
fn concurrent_single_events_are_all_answered() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    // The one request in a second that looks for new clients.
    assert_eq!(client.get("/api/v1/results").status, 200);
    std::thread::scope(|scope| {
        for n in 0..24 {
            let client = &client;
            scope.spawn(move || {
                let event = later(&format!("S{n}"), &format!("E{n}"), "注销");
                let got = results(&client.post(URL, text(&event)));
                assert_eq!(got[0]["event_id"], format!("E{n}"));
            });
        }
    });
}
