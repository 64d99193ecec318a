use web::Maintenance;

use crate::server::{ALL, Server};
use crate::support::{NOW, SECOND};

const URL: &str = "/api/v1/health";

#[test]
fn a_running_node_is_live_and_ready() {
    let server = Server::start();
    let got = server.bare("GET", URL, b"");
    assert_eq!(got.status, 200);
    assert_eq!(got.json()["ready"], true);
    assert_eq!(got.json()["node"], "demo-99");
}

#[test]
fn during_maintenance_health_answers_and_everything_else_is_put_off_to_its_end() {
    let server = Server::start();
    let client = server.client("c1", ALL);
    server.clock.store(NOW + 10 * SECOND, std::sync::atomic::Ordering::SeqCst);
    let until = NOW + 610 * SECOND;
    server.app.set_maintenance(Some(Maintenance { until, why: "升级数据库".into() }));
    let health = server.bare("GET", URL, b"");
    assert_eq!(health.status, 503);
    assert_eq!((health.json()["live"].clone(), health.json()["ready"].clone()), (true.into(), false.into()));
    for got in
        [client.get("/api/v1/results"), server.bare("GET", "/docs", b""), server.bare("GET", "/metrics", b"")]
    {
        assert_eq!((got.status, got.code().as_str()), (503, "MAINTENANCE"));
        assert_eq!(got.header("retry-after"), "601");
        assert!(got.problem().detail.expect("why").contains("2026-06-01T09:10:10+08:00"));
    }
    server.app.set_maintenance(None);
    assert_eq!(client.get("/api/v1/results").status, 200);
}
