//! `/admin/audit`: search, proof, a state of the past.

use gm::x509::Certificate;
use gm::{KeyProvider, SoftwareKeys};
use node::audit::{AsOfFile, NamedKey, check_proof};
use node::keys::KeyFolder;

use crate::server::Server;
use crate::support::{NOW, PASSPHRASE, SECOND, first_issues, submitted};
use crate::visitor::Visitor;

/// A server with one certificate, whose log has a checkpoint of the key folder's own log key.
pub fn with_log() -> (Server, String, NamedKey) {
    let server = Server::start();
    let world = server.world.as_ref().expect("the world");
    let answer = world.province.accept(first_issues(1).into_iter().map(submitted).collect(), NOW).pop();
    let answer = answer.expect("one");
    let folder = world.folder.0.join("keys");
    let keys = KeyFolder::open(&folder).and_then(|folder| folder.node_keys(PASSPHRASE)).expect("the keys");
    world.province.sequence(NOW).expect("leaves");
    world.province.checkpoint(&*keys.log, NOW + SECOND).expect("a checkpoint");
    let named = NamedKey { name: "demo-99".into(), key: keys.log_certificate.public_key().clone() };
    (server, answer.identifier.expect("issued"), named)
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

#[test]
fn an_auditor_finds_an_act_and_takes_its_proof_away() {
    let (server, identifier, key) = with_log();
    let auditor = Visitor::operator(&server, "shenji01", "审计管理员", "*");
    let found = auditor.get(&format!("/admin/audit?object={identifier}"));
    assert_eq!(found.status, 200);
    let page = text(&found.body);
    assert!(page.contains("业务事件") && page.contains("/admin/audit/0"), "{page}");
    // Checks stand under the identifier that was shown, and are found with the acts.
    let officer = Visitor::operator(&server, "zhifa01", "执法", "9901");
    assert_eq!(officer.post("/officer/check", &format!("by=code&text={identifier}")).status, 200);
    let world = server.world.as_ref().expect("the world");
    world.province.sequence(NOW + SECOND).expect("leaves");
    let page = text(&auditor.get(&format!("/admin/audit?object={identifier}")).body);
    assert!(page.contains("业务事件") && page.contains("按标识核验"), "{page}");
    let entry = text(&auditor.get("/admin/audit/0").body);
    for wanted in ["未被改动", "签名成立", "下载证明文件", "lifecycle.event"] {
        assert!(entry.contains(wanted), "{wanted}: {entry}");
    }
    let proof = auditor.get("/admin/audit/0/proof");
    assert!(proof.header("content-disposition").contains("attachment"));
    let proven = check_proof(&text(&proof.body), std::slice::from_ref(&key)).expect("holds for anybody");
    assert_eq!(proven.entry.act, "lifecycle.event");
    let certificate = auditor.get("/admin/audit/certificate");
    assert_eq!(Certificate::from_der(&certificate.body).expect("DER").public_key(), &key.key);
    // Another key, another verdict.
    let mut keys = SoftwareKeys::new();
    keys.insert("x", crate::server::node_key());
    let other = keys.signing_key("x").expect("a key").public_key().clone();
    assert!(check_proof(&text(&proof.body), &[NamedKey { name: "demo-99".into(), key: other }]).is_err());
}

#[test]
fn a_state_of_the_past_comes_with_a_proof_that_stands_alone() {
    let (server, identifier, key) = with_log();
    let auditor = Visitor::operator(&server, "shenji01", "审计管理员", "*");
    // 2026-06-01T09:00 is the instant of the event itself.
    let page =
        text(&auditor.get(&format!("/admin/audit/state?object={identifier}&at=2026-06-01T09:00")).body);
    assert!(page.contains("检查点证明") && page.contains("正常"), "{page}");
    let id = page.split("/admin/audit/state/proof?object=").nth(1).and_then(|rest| rest.split('&').next());
    let id = id.expect("the link");
    let file = auditor.get(&format!("/admin/audit/state/proof?object={id}&at=2026-06-01T09:00"));
    let file = AsOfFile::parse(&text(&file.body)).expect("a file");
    assert!(file.check(&[key]).expect("holds").iter().any(|line| line.contains("最新变动")));
    let before = text(&auditor.get(&format!("/admin/audit/state?object={identifier}&at=2026-05-01")).body);
    assert!(before.contains("尚未入库"), "{before}");
    assert_eq!(auditor.get("/admin/audit/state?object=nothing&at=2026-05-01").status, 409);
}

#[test]
fn a_slip_is_named_beside_its_field_and_nothing_found_says_what_to_do() {
    let (server, _, _) = with_log();
    let auditor = Visitor::operator(&server, "shenji01", "审计管理员", "*");
    for (query, why) in
        [("from=yesterday", "不是时间"), ("from=2026-06-02&until=2026-06-01", "起始时间应早于截止时间")]
    {
        let got = auditor.get(&format!("/admin/audit?{query}"));
        assert_eq!(got.status, 422, "{query}");
        assert!(text(&got.body).contains(why), "{query}");
    }
    for query in ["act=nothing", "object=nothing"] {
        let got = auditor.get(&format!("/admin/audit?{query}"));
        assert_eq!((got.status, text(&got.body).contains("没有符合条件的记录")), (200, true), "{query}");
    }
    assert_eq!(auditor.get("/admin/audit/99999").status, 404);
    assert_eq!(auditor.get("/admin/audit/18446744073709551615").status, 404);
    let file = auditor.get("/admin/audit/export?from=2026-05-01");
    assert!(file.header("content-type").contains("spreadsheet") && file.body.starts_with(b"PK"));
    // The searches above are entries themselves.
    server.app.province.sequence(NOW + SECOND).expect("leaves");
    let list = text(&auditor.get("/admin/audit?act=overview.export").body);
    assert!(list.contains("导出清单"), "{list}");
    let links = list.split("href=\"/admin/audit/").map(|rest| rest.split('"').next().unwrap_or_default());
    let n = links.filter_map(|link| link.parse::<u64>().ok()).next().expect("its entry");
    let entry = text(&auditor.get(&format!("/admin/audit/{n}")).body);
    assert!(entry.contains("<dt>清单</dt><dd>审计日志</dd>"), "{n}: {entry}");
    assert!(text(&auditor.get("/admin/audit?act=audit.search").body).contains("检索审计日志"));
}
