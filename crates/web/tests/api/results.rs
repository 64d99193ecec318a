use crate::server::{ALL, Server};
use crate::support::first_issues;

const URL: &str = "/api/v1/results";

#[test]
fn pages_follow_each_other_without_gaps() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    let body = serde_json::to_string(&first_issues(3)).expect("JSON");
    assert_eq!(client.post("/api/v1/lifecycle/events", body).status, 200);
    let all = client.get(URL).json();
    let lines = all["results"].as_array().expect("results");
    assert!(lines.len() >= 3, "{all}");
    assert_eq!(all["more"], false);
    let first = client.get(&format!("{URL}?limit=1")).json();
    assert_eq!(first["more"], true);
    let next = client.get(&format!("{URL}?since={}&limit=1", first["next"])).json();
    assert_eq!(next["results"][0], lines[1]);
    let end = client.get(&format!("{URL}?since={}", all["next"])).json();
    assert_eq!(end["next"], all["next"]);
    assert!(end["results"].as_array().expect("results").is_empty());
}

#[test]
fn bounds_rights_and_signature_are_checked() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    for query in ["since=-1", "limit=0", "limit=1001", "limit=x", "since=1&since=2", "limit=%zz"] {
        let got = client.get(&format!("{URL}?{query}"));
        assert_eq!((got.status, got.code().as_str()), (400, "QUERY_FORMAT"), "{query}");
    }
    assert_eq!(server.client("c2", &["lifecycle.submit"]).get(URL).code(), "AUTH_RIGHT");
    assert_eq!(server.bare("GET", URL, b"").code(), "AUTH_MISSING");
}
