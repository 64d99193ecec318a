//! Every page of the clerk as HTML, held in `snapshots/`: empty, full, wrong, under way, done.

use crate::clerk::{encoded, search, text};
use crate::clerk_stage::{CLERK, EMPTY, fill};
use crate::server::{Got, Server};
use crate::snapshots::compare;
use crate::support::NOW;
use crate::visitor::Visitor;

#[test]
fn the_clerks_pages_look_as_reviewed() {
    let server = Server::start();
    let clerk = Visitor::operator(&server, CLERK, "窗口经办", "99");
    let mut failed = Vec::new();
    let mut check = |name: &str, status: u16, got: &Got| {
        assert_eq!(got.status, status, "{name}: {}", text(got));
        let (name, body) = (format!("clerk-{name}"), got.body.clone());
        if std::panic::catch_unwind(|| compare(&name, &body)).is_err() {
            failed.push(name);
        }
    };
    for (name, path) in EMPTY {
        check(name, 200, &clerk.get(path));
    }
    let stage = fill(&server.app.province, NOW);
    for (name, path) in &stage.pages {
        check(name, 200, &clerk.get(path));
    }
    check("found", 200, &search(&clerk, &stage.holder));
    check("nothing", 200, &search(&clerk, "查无此人"));
    check("search-error", 422, &clerk.post("/clerk", "text="));
    check(
        "batches-error",
        409,
        &clerk.upload("/clerk/batch", &[("event", "初领")], &[("file", "a.xls", b"x")]),
    );
    check("print-error", 422, &clerk.post("/clerk/print", "names=1&proof="));
    let asked = format!("identifier={}&event={}&effective_on=x", stage.identifier, encoded("暂扣"));
    check("manual-error", 422, &clerk.post("/clerk/manual", &asked));
    let checker = Visitor::operator(&server, "shenhe001", "审核", "99");
    check("confirms", 200, &checker.get("/clerk/confirm?of=all"));
    check("confirm", 200, &checker.get(&stage.confirm));
    check("confirm-error", 409, &checker.post(&stage.confirm, "word=reject&reason="));
    assert!(failed.is_empty(), "changed: {failed:?}");
}
