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
    let number =
        from.split("tile-number\">").nth(1).expect("its number").split("</p>").next().expect("its end");
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

#[test]
fn lists_filter_sort_page_and_stay_in_the_own_areas() {
    let (server, answers) = node();
    let province = Visitor::operator(&server, "sheng001", "省级主管", "99");
    let all = text(&province.get("/supervisor/certificates"));
    for answer in &answers {
        assert!(all.contains(answer.identifier.as_deref().expect("issued")));
    }
    assert!(all.contains("共 12 条"));
    for sort in ["identifier", "end", "updated", "recorded"] {
        for down in ["", "&down=1"] {
            let got = text(&province.get(&format!("/supervisor/certificates?sort={sort}{down}")));
            assert!(got.contains("aria-sort"), "{sort}{down}");
        }
    }
    let none = text(&province.get("/supervisor/certificates?base=%E6%B3%A8%E9%94%80"));
    assert!(none.contains("没有符合条件的证照"));
    assert!(
        text(&province.get("/supervisor/certificates?activated=0&kind=x")).contains("没有符合条件的证照")
    );
    let wrong = province.get("/supervisor/certificates?ends=never");
    assert_eq!(wrong.status, 422);
    let own = area(&server, &answers[0]);
    let county = Visitor::operator(&server, "xian001", "县级主管", &own);
    let (certificates, events) =
        (text(&county.get("/supervisor/certificates")), text(&county.get("/supervisor/events")));
    for answer in &answers {
        let identifier = answer.identifier.as_deref().expect("issued");
        let is_own = area(&server, answer) == own;
        assert_eq!(certificates.contains(identifier), is_own, "{identifier}");
        assert_eq!(events.contains(identifier), is_own, "{identifier}");
    }
    // Another county's code in the query widens nothing.
    let asked = text(&county.get("/supervisor/certificates?area=98"));
    assert!(asked.contains("没有符合条件的证照"));
}

#[test]
fn an_export_is_a_workbook_and_is_on_record() {
    let (server, _) = node();
    let province = Visitor::operator(&server, "sheng001", "省级主管", "99");
    for list in ["certificates", "events"] {
        let got = province.get(&format!("/supervisor/{list}/export?kind="));
        assert_eq!((got.status, &got.body[..2]), (200, &b"PK"[..]));
    }
    let pending: Result<Vec<String>, store::StoreError> = server.app.province.store.read(|session| {
        session.rows("SELECT entries FROM audit_pending WHERE entries LIKE '%overview.export%'", &[], |row| {
            row.get(0)
        })
    });
    let pending = pending.expect("the rows");
    assert!(
        pending.iter().any(|entry| entry.contains("certificates") && entry.contains("12")),
        "{pending:?}"
    );
}
