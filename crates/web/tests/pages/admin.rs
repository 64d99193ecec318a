//! Clients, keys, configuration, responsibility register.

use crate::server::Server;
use crate::support::{DAY, NOW};
use crate::visitor::Visitor;

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// The end of where a redirect leads.
fn last(location: &str) -> String {
    location.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned()
}

const NEW: &str = "id=yz-01&name=%E6%BC%94%E7%A4%BA%E8%BF%90%E6%94%BF&source=%E8%BF%90%E6%94%BF&act=lifecycle.submit&areas=9901&kind=taxi-driver";

#[test]
fn a_client_is_made_once_and_its_secret_shown_once() {
    let server = Server::start();
    let visitor = Visitor::operator(&server, "anquan01", "安全管理员", "*");
    assert!(text(&visitor.get("/admin/clients").body).contains("还没有登记对接系统"));
    assert_eq!(visitor.get("/admin/clients/new").status, 200);
    let made = visitor.post("/admin/clients/new", NEW);
    let page = text(&made.body);
    assert_eq!(made.status, 200, "{page}");
    let secret =
        page.split("code secret\">").nth(1).and_then(|rest| rest.split('<').next()).expect("a secret");
    assert_eq!(secret.len(), 64);
    assert!(made.header("cache-control").contains("no-store"));
    // Loaded again, it is refused and what was typed stays.
    let again = visitor.post("/admin/clients/new", NEW);
    assert_eq!(again.status, 409);
    assert!(text(&again.body).contains("已被使用") && text(&again.body).contains("value=\"yz-01\""));
    let one = text(&visitor.get("/admin/clients/yz-01").body);
    assert!(one.contains("报送业务事件") && one.contains("9901") && !one.contains(secret));
    let rights = visitor.post("/admin/clients/yz-01/give", "act=verify.read");
    assert_eq!((rights.status, rights.header("location").contains("client-rights")), (303, true));
    assert!(text(&visitor.get("/admin/clients/yz-01").body).contains("核验证照"));
    let drop = visitor.post("/admin/clients/yz-01/drop", "right=verify.read@*/*");
    assert_eq!(drop.status, 303);
    let seen = server.app.province.client_list().expect("rows")[0].updated_at;
    let stale = visitor.post("/admin/clients/yz-01/rotate", "seen=1");
    assert_eq!(stale.status, 409, "a page that is loaded again changes nothing");
    server.tick();
    let rotated = text(&visitor.post("/admin/clients/yz-01/rotate", &format!("seen={seen}")).body);
    assert!(rotated.contains("旧密钥已经失效") && !rotated.contains(secret));
    assert_eq!(visitor.post("/admin/clients/yz-01/disable", "").status, 303);
    assert!(text(&visitor.get("/admin/clients").body).contains("停用"));
    assert_eq!(visitor.get("/admin/clients/nobody").status, 404);
    assert_eq!(visitor.post("/admin/clients/nobody/disable", "").status, 404);
}

#[test]
fn who_has_not_just_signed_in_signs_in_again_before_a_secret_is_made() {
    let server = Server::start();
    let visitor = Visitor::operator(&server, "anquan01", "安全管理员", "*");
    for _ in 0..11 {
        // Not idle, and still not fresh.
        server.clock.fetch_add(60_000_000, std::sync::atomic::Ordering::SeqCst);
        visitor.get("/admin/clients");
    }
    let got = visitor.post("/admin/clients/new", NEW);
    assert_eq!((got.status, got.header("location").contains("/sign-in/again")), (303, true));
    assert!(server.app.province.client_list().expect("rows").is_empty());
}

#[test]
fn keys_and_configuration_are_shown_without_secrets() {
    let server = Server::start();
    server.app.province.keys_tally(NOW).expect("counted");
    let security = Visitor::operator(&server, "anquan01", "安全管理员", "*");
    let keys = text(&security.get("/admin/keys").body);
    for wanted in ["演示省交通运输厅", "签章", "赋码", "审计日志", "软件密钥", "luzheng keys revoke"]
    {
        assert!(keys.contains(wanted), "{wanted}");
    }
    assert!(!keys.contains("PRIVATE KEY"));
    let system = Visitor::operator(&server, "xitong01", "系统管理员", "*");
    let config = text(&system.get("/admin/config").body);
    for wanted in ["store.url", "luzheng:******@", "环境变量", "缺省", "rules.toml", "内嵌 SQLite", "随程序"]
    {
        assert!(config.contains(wanted), "{wanted}");
    }
    // No one of the three does another's work.
    assert_eq!((security.get("/admin/config").status, system.get("/admin/keys").status), (403, 403));
    assert_eq!(system.get("/admin/clients").status, 403);
}

#[test]
fn a_post_is_made_filled_and_left_and_its_past_stays() {
    let server = Server::start();
    let visitor = Visitor::operator(&server, "xitong01", "系统管理员", "*");
    for path in ["/admin/duty", "/admin/duty?empty=1"] {
        let page = text(&visitor.get(path).body);
        assert!(page.contains("登记册还没有岗位") && !page.contains("都有人任职"), "{path}");
    }
    let made =
        visitor.post("/admin/duty", "name=%E5%AF%86%E9%92%A5%E5%B2%97&area=990100&what=%E5%AF%86%E9%92%A5");
    assert_eq!(made.status, 303, "{}", text(&made.body));
    let id = last(&made.header("location"));
    let list = text(&visitor.get("/admin/duty").body);
    assert!(list.contains("空岗") && list.contains("1 个岗位无人任职"), "{list}");
    // The alarm is where the notice says: with the supervisors of the post's area, and with nobody else.
    let (own, other) = (
        Visitor::operator(&server, "shi9901", "市级主管", "9901"),
        Visitor::operator(&server, "shi9902", "市级主管", "9902"),
    );
    let alarm =
        |visitor: &Visitor<'_>| text(&visitor.get("/supervisor/tasks").body).contains("岗位空缺</td>");
    assert!(list.contains("主管的“待处理事项”") && alarm(&own) && !alarm(&other));
    let wrong = visitor.post("/admin/duty", "name=%E5%B2%97&area=110000&what=%E5%AF%86%E9%92%A5");
    assert_eq!(wrong.status, 409);
    assert!(text(&wrong.body).contains("本省") && text(&wrong.body).contains("value=\"110000\""));
    let person =
        "person=%E9%92%B1%E5%AE%88%E5%8D%B0&phone=13800008001&unit=%E6%BC%94%E7%A4%BA&begins_on=2026-06-01";
    assert_eq!(visitor.post(&format!("/admin/duty/{id}/fill"), person).status, 303);
    let bad = visitor.post(&format!("/admin/duty/{id}/fill"), person);
    assert_eq!((bad.status, text(&bad.body).contains("已有人任职")), (409, true));
    let list = text(&visitor.get("/admin/duty").body);
    assert!(list.contains("钱**") && !list.contains("钱守印") && !list.contains("无人任职"));
    assert!(text(&visitor.get(&format!("/admin/duty/{id}")).body).contains("钱守印"));
    // A supervisor of the city reads it, one of another does not know of it.
    assert!(!alarm(&own), "somebody holds it now");
    assert!(text(&own.get("/supervisor/duty?empty=1").body).contains("没有空岗"));
    assert!(text(&own.get("/supervisor/duty").body).contains("密钥岗"));
    assert!(text(&own.get(&format!("/supervisor/duty/{id}")).body).contains("13800008001"));
    assert!(!text(&other.get("/supervisor/duty").body).contains("密钥岗"));
    let (theirs, nothing) =
        (other.get(&format!("/supervisor/duty/{id}")), other.get("/supervisor/duty/0197"));
    assert_eq!((theirs.status, nothing.status), (404, 404));
    assert_eq!(own.get(&format!("/admin/duty/{id}")).status, 403);
    assert_eq!(visitor.post(&format!("/admin/duty/{id}/vacate"), "last_day=2026-06-01").status, 303);
    let page = text(&visitor.get(&format!("/admin/duty/{id}")).body);
    assert!(page.contains("钱守印") && page.contains("登记任职"));
    assert_eq!(visitor.post(&format!("/admin/duty/{id}/close"), "").status, 303);
    assert!(text(&visitor.get(&format!("/admin/duty/{id}")).body).contains("已撤销"));
    assert!(server.app.province.duty_empty(NOW + DAY).expect("rows") == 0);
}

#[test]
fn rules_are_documents_with_versions() {
    let server = Server::start();
    let visitor = Visitor::operator(&server, "xitong01", "系统管理员", "*");
    let rule = "title=%E5%AF%86%E9%92%A5%E5%88%B6%E5%BA%A6&version=1&effective_on=2026-06-01&body=%E4%B8%80";
    assert_eq!(visitor.post("/admin/duty/rules", rule).status, 303);
    let again = visitor.post("/admin/duty/rules", rule);
    assert_eq!((again.status, text(&again.body).contains("已登记")), (409, true));
    assert!(text(&visitor.get("/admin/duty/rules").body).contains("密钥制度"));
    let own = Visitor::operator(&server, "shi9901", "市级主管", "9901");
    let read = text(&own.get("/supervisor/duty/rules").body);
    assert!(read.contains("密钥制度") && !read.contains("登记制度或新的版本"));
}
