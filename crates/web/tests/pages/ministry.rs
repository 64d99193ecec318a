//! The ministry's pages over a node that two provinces have delivered to: one well, one whose issuer is not enrolled.

use crate::server::{Got, Server};
use crate::stage::ministry;
use crate::support::NOW;
use crate::visitor::Visitor;

fn text(got: &Got) -> String {
    String::from_utf8_lossy(&got.body).into_owned()
}

#[test]
fn provinces_stand_side_by_side_and_each_has_its_page() {
    let (server, _away, _) = ministry(9);
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    let page = text(&visitor.get("/ministry"));
    for word in
        ["演示省", "试验省", "没有归集", "需关注的省", "未登记日志证书", "需关注的原因", "离线数据包：没有"]
    {
        assert!(page.contains(word), "{word}: {page}");
    }
    let one = text(&visitor.get("/ministry/province?id=demo-99"));
    assert!(one.contains("近 30 天归集") && one.contains("<svg") && one.contains("合计"), "{one}");
    assert!(one.contains("省级持有 9，本节点持有 9"), "{one}");
    let empty = text(&visitor.get("/ministry/province?id=trial-98"));
    assert!(empty.contains("还没有持有该省的证照"), "{empty}");
    assert_eq!(visitor.get("/ministry/province?id=nobody").status, 404);
}

#[test]
fn the_ministry_enters_an_authority_of_a_province_and_strikes_it_off() {
    let (server, _away, _) = ministry(1);
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    let path = "/ministry/province?id=demo-99";
    assert!(text(&visitor.get(path)).contains("登记的发证机关"));
    let send = |id: &str, issuer: &str, how: &str| {
        visitor.post("/ministry/province/issuers", &format!("id={id}&issuer={issuer}&do={how}"))
    };
    // Neither a code nor free: nothing changes, and the page says why.
    for (id, issuer, word) in [
        ("demo-99", "abc", "不是统一社会信用代码"),
        ("demo-99", "11980100MB00001008", "不是统一社会信用代码"),
        ("trial-98", "11990100MB0000100D", "一个机关只能由一个省报送"),
        ("demo-99", "11990100MB0000100D", "不必再次登记"),
    ] {
        let refused = send(id, issuer, "add");
        assert_eq!(refused.status, 409, "{issuer}");
        assert!(text(&refused).contains(word), "{issuer}: {}", text(&refused));
    }
    assert_eq!(send("nobody", "97", "add").status, 404);
    assert_eq!(send("demo-99", "97", "add").status, 303);
    assert!(text(&visitor.get(path)).contains(">97<"));
    let issuers = || {
        let peers = server.app.province.peer_list().expect("the peers");
        peers.into_iter().find(|peer| peer.id == "demo-99").expect("the peer").issuers
    };
    assert_eq!(issuers().last().map(String::as_str), Some("97"));
    assert_eq!(send("demo-99", "97", "drop").status, 303);
    assert_eq!(send("demo-99", "97", "drop").status, 409);
    // The last one stays.
    let last = issuers();
    assert_eq!(last.len(), 1);
    assert_eq!(send("demo-99", &last[0], "drop").status, 409);
    let log: Result<Option<i64>, store::StoreError> = server.app.province.store.read(|session| {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM audit_pending WHERE entries LIKE '%peer.issuer_%'";
        session.row(sql, &[], |row| row.get(0))
    });
    assert_eq!(log.expect("the log"), Some(2));
}

#[test]
fn receipts_are_listed_by_province_day_and_state_and_opened() {
    let (server, _away, _) = ministry(9);
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    let taken = text(&visitor.get("/ministry/receipts?province=demo-99&day=2026-06-01"));
    assert!(taken.contains("已收") && taken.contains("/ministry/receipts/one?"), "{taken}");
    let other_day = text(&visitor.get("/ministry/receipts?province=demo-99&day=2026-05-01"));
    assert!(other_day.contains("没有收到报文"), "{other_day}");
    let refused = text(&visitor.get("/ministry/receipts?province=trial-98&state=refused"));
    assert!(refused.contains("未收") && refused.contains("与签名节点"), "{refused}");
    let link = refused.split("href=\"/ministry/receipts/one?").nth(1).and_then(|rest| rest.split('"').next());
    let path = format!(
        "/ministry/receipts/one?{}",
        link.expect("a receipt").replace("&amp;", "&").replace("&#38;", "&")
    );
    let one = text(&visitor.get(&path));
    assert!(one.contains("为什么未收") && one.contains("FOREIGN_PROVINCE"), "{one}");
    let link = taken.split("href=\"/ministry/receipts/one?").nth(1).and_then(|rest| rest.split('"').next());
    let path = format!(
        "/ministry/receipts/one?{}",
        link.expect("a receipt").replace("&amp;", "&").replace("&#38;", "&")
    );
    let one = text(&visitor.get(&path));
    assert!(one.contains("收到时间") && one.contains("SM3"), "{one}");
    assert_eq!(visitor.get("/ministry/receipts/one?province=demo-99&certificate=x&seq=1").status, 404);
    assert!(visitor.get("/ministry/receipts/export?province=demo-99").body.starts_with(b"PK"));
}

#[test]
fn a_certificate_from_anywhere_is_asked_for_and_the_question_is_on_record() {
    let (server, _away, identifiers) = ministry(2);
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    let page = text(&visitor.get(&format!("/ministry/certificate?identifier={}", identifiers[0])));
    for word in ["部级归集的记录", "演示省", "前所知", "class=\"verdict"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let wrong = text(&visitor.get("/ministry/certificate?identifier=123"));
    assert!(wrong.contains("不是合规的证照标识") && wrong.contains("value=\"123\""), "{wrong}");
    let asked: Result<Option<i64>, store::StoreError> = server.app.province.store.read(|session| {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM audit_pending WHERE entries LIKE '%verify%'";
        session.row(sql, &[], |row| row.get(0))
    });
    assert_eq!(asked.expect("the log"), Some(1));
}

#[test]
fn a_log_that_was_rolled_back_is_an_alarm_on_the_pages() {
    let (server, _away, _) = ministry(1);
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    let page = text(&visitor.get("/ministry/checkpoints"));
    assert!(page.contains("未登记日志证书"), "{page}");
    let one = text(&visitor.get("/ministry/checkpoints/one?id=demo-99"));
    assert!(one.contains("还没有见证过"), "{one}");
    let raised: Result<(), store::StoreError> = server.app.province.store.write(|session| {
        store::rows::setting::put(session, "audit.alarm.demo-99", "节点“demo-99”的审计日志不能见证：已回退")?;
        store::rows::audit::put_witnessed(session, "demo-99", 7, NOW, "note")
    });
    raised.expect("an alarm");
    let note = visitor.get("/ministry/checkpoints/note?id=demo-99&size=7");
    assert_eq!((note.body.as_slice(), note.status), (b"note".as_slice(), 200));
    assert_eq!(visitor.get("/ministry/checkpoints/note?id=demo-99&size=8").status, 404);
}

#[test]
fn a_provinces_node_says_that_it_is_none_of_the_ministrys() {
    let server = Server::start();
    let visitor = Visitor::operator(&server, "bu1", "部级", "*");
    for path in ["/ministry", "/ministry/receipts", "/ministry/checkpoints", "/ministry/certificate"] {
        let page = text(&visitor.get(path));
        assert!(page.contains("本节点是省级节点"), "{path}: {page}");
    }
}
