//! The supervisors' pages: own areas only, numbers that open to their lists, charts without a style of their own.

use node::lifecycle::Answer;

use crate::server::{Got, Server};
use crate::support::{NOW, first_issues, submitted};
use crate::visitor::Visitor;

/// A node with twelve certificates; their answers.
fn node() -> (Server, Vec<Answer>) {
    let server = Server::start();
    let events = first_issues(12).into_iter().map(submitted).collect();
    let answers = server.app.province.accept(events, NOW);
    (server, answers)
}

fn text(got: &Got) -> String {
    assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
    String::from_utf8_lossy(&got.body).into_owned()
}

/// Area of a certificate.
fn area(server: &Server, answer: &Answer) -> String {
    let key = answer.certificate.as_deref().expect("a row key");
    let found = server.app.province.locate(node::lifecycle::Origin::Key(key)).expect("the rows");
    found.expect("the certificate").area
}

/// The number of a tile.
fn tile(html: &str, name: &str) -> String {
    let from = html.split(&format!(">{name}</h2>")).nth(1).expect("the tile");
    let number = from.split("tile-number\">").nth(1).expect("its number").split("</p>").next().expect("its end");
    let inner = number.rsplit_once("</a>").map_or(number, |(inner, _)| inner);
    inner.rsplit('>').next().unwrap_or_default().to_owned()
}

#[test]
fn the_overview_counts_the_own_areas_and_opens_to_the_lists() {
    let (server, answers) = node();
    let province = Visitor::operator(&server, "sheng001", "省级主管", "99");
    let html = text(&province.get("/supervisor"));
    assert_eq!((tile(&html, "电子证照"), tile(&html, "今日业务事件")), ("12".into(), "12".into()));
    assert!(html.contains("href=\"/supervisor/certificates?kind="));
    assert!(html.contains("<svg class=\"chart\"") && !html.contains("style="));
    let own = area(&server, &answers[0]);
    let expected = answers.iter().filter(|one| area(&server, one) == own).count().to_string();
    let county = Visitor::operator(&server, "xian001", "县级主管", &own);
    let html = text(&county.get("/supervisor"));
    assert_eq!(tile(&html, "电子证照"), expected);
    assert!(!html.contains("href=\"/supervisor/collect\""), "a county has no page of collection");
    let nowhere = Visitor::operator(&server, "xian002", "县级主管", "980101");
    let html = text(&nowhere.get("/supervisor"));
    assert_eq!(tile(&html, "电子证照"), "0");
    assert!(html.contains("这 30 天没有业务事件") && html.contains("本辖区还没有电子证照"));
}
