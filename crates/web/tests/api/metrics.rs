use crate::server::{ALL, Server};

#[test]
fn they_count_and_are_shown_to_this_machine_or_to_whoever_has_the_right() {
    let server = Server::start();
    server.bare("GET", "/api/v1/health", b"");
    let got = server.bare("GET", "/metrics", b"");
    assert_eq!(got.status, 200);
    let text = String::from_utf8_lossy(&got.body).into_owned();
    let line = "luzheng_http_requests_total{method=\"GET\",path=\"/api/v1/health\",outcome=\"ok\"} 1";
    assert!(text.contains(line), "{text}");
    // Behind a gateway on this machine everybody comes from this machine.
    let forwarded = [("X-Forwarded-For".to_owned(), "10.0.0.1".to_owned())];
    assert_eq!(server.send("GET", "/metrics", &forwarded, b"").status, 401);
    let with = |id: &str, rights: &[&str]| {
        let client = server.client(id, rights);
        let mut headers = client.headers("GET", "/metrics", b"");
        headers.extend(forwarded.clone());
        server.send("GET", "/metrics", &headers, b"").status
    };
    assert_eq!(with("c1", ALL), 403);
    assert_eq!(with("c2", &["operate.metrics"]), 200);
}
