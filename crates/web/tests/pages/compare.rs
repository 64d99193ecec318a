//! Reconciliation and conversion on pages: right content, another area's as nothing, empty lists, errors that say what to do.

use crate::server::{Got, Server};
use crate::stage::{converted, reconciled};
use crate::visitor::Visitor;

fn text(got: &Got) -> String {
    String::from_utf8_lossy(&got.body).into_owned()
}

#[test]
fn a_supervisor_compares_looks_and_repairs() {
    let server = Server::start();
    let chief = Visitor::operator(&server, "sheng1", "省级主管", "99");
    let empty = text(&chief.get("/supervisor/reconcile"));
    assert!(empty.contains("还没有对过账"), "{empty}");
    let run = reconciled(&server, 9);
    let list = text(&chief.get("/supervisor/reconcile"));
    assert!(list.contains("有差异") && list.contains(&run.id), "{list}");
    let page = text(&chief.get(&format!("/supervisor/reconcile/run?id={}", run.id)));
    assert!(page.contains("对方缺失") && page.contains("共 9 条") || page.contains("未处理"), "{page}");
    let none = text(&chief.get(&format!("/supervisor/reconcile/run?id={}&class=extra", run.id)));
    assert!(none.contains("没有符合条件的差异"), "{none}");
    let all = server.app.province.reconcile_differences(&run.id, "", 10).expect("reads");
    let key = &all[0].certificate;
    let one = format!("/supervisor/reconcile/one?id={}&certificate={key}", run.id);
    let shown = text(&chief.get(&one));
    assert!(shown.contains("双方所记") && shown.contains("重新归集"), "{shown}");
    let done =
        chief.post("/supervisor/reconcile/mend", &format!("id={}&certificate={key}&how=resend", run.id));
    assert_eq!(done.status, 303);
    let shown = text(&chief.get(&one));
    assert!(shown.contains("等待归集") && !shown.contains("how\" value=\"resend"), "{shown}");
    let key = &all[1].certificate;
    let drafted =
        chief.post("/supervisor/reconcile/mend", &format!("id={}&certificate={key}&how=draft", run.id));
    assert_eq!(drafted.status, 303);
    let requests = text(&chief.get("/supervisor/reconcile/requests"));
    let id =
        requests.split("/supervisor/reconcile/request?id=").nth(1).and_then(|rest| rest.split('"').next());
    let form = text(&chief.get(&format!("/supervisor/reconcile/request?id={}", id.expect("a request"))));
    assert!(form.contains("新增") && form.contains("草稿"), "{form}");
    let book = chief.get(&format!("/supervisor/reconcile/export?id={}", run.id));
    assert!(book.body.starts_with(b"PK") && book.header("content-disposition").contains("attachment"));
    let kept: Result<Vec<String>, store::StoreError> = server.app.province.store.read(|session| {
        let sql = "SELECT entries FROM audit_pending WHERE entries LIKE '%overview.export%'";
        session.rows(sql, &[], |row| row.get(0))
    });
    let kept = kept.expect("the rows");
    assert!(kept.len() == 1 && kept[0].contains("differences"), "{kept:?}");
    // Asking twice is told, not done twice.
    let asked = chief.post("/supervisor/reconcile", "lane=ministry&depth=leaves");
    assert_eq!(asked.status, 303, "{}", text(&asked));
    assert!(text(&chief.get("/supervisor/reconcile")).contains("正在等待或执行"));
    let again = chief.post("/supervisor/reconcile", "lane=ministry");
    assert_eq!(again.status, 409);
    assert!(text(&again).contains("已有同样的申请"));
}

#[test]
fn another_area_sees_nothing_and_starts_nothing() {
    let server = Server::start();
    let run = reconciled(&server, 9);
    let all = server.app.province.reconcile_differences(&run.id, "", 10).expect("reads");
    let other = Visitor::operator(&server, "shi2", "市级主管", "9801");
    let page = text(&other.get(&format!("/supervisor/reconcile/run?id={}", run.id)));
    assert!(page.contains("没有差异"), "{page}");
    for one in &all {
        assert!(!page.contains(&one.certificate));
        let path = format!("/supervisor/reconcile/one?id={}&certificate={}", run.id, one.certificate);
        let nothing = format!("/supervisor/reconcile/one?id={}&certificate=0197", run.id);
        assert_eq!((other.get(&path).status, other.get(&nothing).status), (404, 404));
    }
    assert_eq!(other.get("/supervisor/reconcile/run?id=0197").status, 404);
    let city = Visitor::operator(&server, "sheng2", "省级主管", "9801");
    let refused = city.post("/supervisor/reconcile", "lane=ministry");
    assert_eq!(refused.status, 409);
    assert!(text(&refused).contains("不是全省"));
    let form = format!("id={}&certificate={}&how=resend", run.id, all[0].certificate);
    assert_eq!(city.post("/supervisor/reconcile/mend", &form).status, 404);
}

#[test]
fn a_conversion_is_followed_gone_on_with_and_stopped() {
    let server = Server::start();
    let chief = Visitor::operator(&server, "sheng1", "省级主管", "99");
    assert!(text(&chief.get("/supervisor/convert")).contains("luzheng convert plan"));
    converted(&server, "2026年存量");
    assert!(text(&chief.get("/supervisor/convert")).contains("已停下"));
    let path = "/supervisor/convert/run?name=2026%E5%B9%B4%E5%AD%98%E9%87%8F";
    let page = text(&chief.get(path));
    assert!(
        page.contains("停下的原因") && page.contains("按原设置续办") && page.contains("转化率"),
        "{page}"
    );
    let form = "name=2026%E5%B9%B4%E5%AD%98%E9%87%8F";
    assert_eq!(chief.post("/supervisor/convert/run", &format!("{form}&do=begin&size=x")).status, 422);
    assert_eq!(chief.post("/supervisor/convert/run", &format!("{form}&do=resume")).status, 303);
    assert!(text(&chief.get(path)).contains("正在转化"));
    assert_eq!(chief.post("/supervisor/convert/run", &format!("{form}&do=stop")).status, 303);
    let book = chief.get("/supervisor/convert/report?name=2026%E5%B9%B4%E5%AD%98%E9%87%8F");
    assert!(book.body.starts_with(b"PK"));
    let wanting = text(&chief.get("/supervisor/convert/wanting?name=2026%E5%B9%B4%E5%AD%98%E9%87%8F"));
    assert!(wanting.contains("怎么补正") && wanting.contains("导入核查"), "{wanting}");
    // Another city sees none of it, and a name that is none is 404.
    let other = Visitor::operator(&server, "xian9", "县级主管", "980101");
    let wanting = text(&other.get("/supervisor/convert/wanting?name=2026%E5%B9%B4%E5%AD%98%E9%87%8F"));
    assert!(wanting.contains("没有须补正的记录"), "{wanting}");
    assert!(text(&other.get(path)).contains("没有本辖区的记录"));
    assert_eq!(other.get("/supervisor/convert/report?name=2026%E5%B9%B4%E5%AD%98%E9%87%8F").status, 404);
    assert_eq!(chief.get("/supervisor/convert/run?name=none").status, 404);
}

#[test]
fn the_catalogue_shows_definitions_faces_codes_and_changes() {
    let server = Server::start();
    let visitor = Visitor::operator(&server, "duijie1", "系统对接", "99");
    let list = text(&visitor.get("/catalogue"));
    assert!(list.contains("共 9 条") && list.contains("/catalogue/kind?code="), "{list}");
    let kind = text(&visitor.get("/catalogue/kind?code=qualification"));
    for word in ["照面项", "核查规则", "归集起始时间", "模板", "/catalogue/face?code=qualification"]
    {
        assert!(kind.contains(word), "{word}: {kind}");
    }
    for kind in server.app.province.data.catalogue.kinds() {
        let got = visitor.get(&format!("/catalogue/face?code={}&part=0", kind.slug));
        assert!(got.body.starts_with(b"\x89PNG"), "{}: {}", kind.slug, text(&got));
    }
    assert_eq!(visitor.get("/catalogue/face?code=qualification&part=9").status, 409);
    assert_eq!(visitor.get("/catalogue/kind?code=none").status, 404);
    assert!(text(&visitor.get("/catalogue/tables")).contains("车牌颜色"));
    assert!(text(&visitor.get("/catalogue/table?id=plate-colour")).contains("生效中"));
    assert_eq!(visitor.get("/catalogue/table?id=none").status, 404);
    assert!(text(&visitor.get("/catalogue/compare")).contains("没有差别"));
}

#[test]
fn seals_are_shown_with_their_policy_and_authorities_of_the_own_area() {
    let server = Server::start();
    let chief = Visitor::operator(&server, "sheng1", "省级主管", "99");
    let page = text(&chief.get("/supervisor/seals"));
    for word in ["道路运输电子证照专用章", "可用印", "演示省交通运输厅", "甲演市交通运输局", "软件密钥"]
    {
        assert!(page.contains(word), "{word}: {page}");
    }
    let city = text(&Visitor::operator(&server, "shi1", "市级主管", "9901").get("/supervisor/seals"));
    assert!(city.contains("甲演市交通运输局") && !city.contains("乙演市交通运输局"), "{city}");
    assert_eq!(chief.get("/supervisor/seals/picture?id=none").status, 404);
}
