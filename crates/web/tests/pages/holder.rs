//! The holder's pages over a real socket: grants, own certificates.

use crate::server::{Got, Server};
use crate::support::{NOW, SECOND, first_issues, later, submitted};
use crate::visitor::Visitor;
use node::lifecycle::BusinessEvent;

fn text(got: &Got) -> String {
    String::from_utf8_lossy(&got.body).into_owned()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn face(event: &BusinessEvent, item: &str) -> String {
    event.record.as_ref().expect("a record").face.text(item).unwrap_or_default().to_owned()
}

/// The holder of an activated vehicle certificate, whose row key it is.
fn owner(server: &Server) -> (Visitor<'_>, BusinessEvent, String) {
    let events = first_issues(9);
    let vehicle = events.iter().find(|event| !face(event, "KZ_CLHP").is_empty()).expect("a vehicle").clone();
    let id = server.app.province.accept(vec![submitted(vehicle.clone())], NOW)[0]
        .certificate
        .clone()
        .expect("issued");
    let holder = Visitor::holder(server, &face(&vehicle, "CZZT"), &face(&vehicle, "CZZTDM"));
    assert_eq!(holder.post(&format!("/holder/certificate/{id}/activate"), "").status, 303);
    (holder, vehicle, id)
}

#[test]
fn a_grant_names_a_person_with_a_number_that_can_be_and_an_error_keeps_the_form() {
    let server = Server::start();
    let (holder, vehicle, id) = owner(&server);
    let form = |name: &str, number: &str, until: &str| {
        format!(
            "certificate={id}&driver_name={}&driver_number={number}&from=2026-06-01&until={until}",
            encoded(name)
        )
    };
    let own = face(&vehicle, "CZZTDM");
    let table = [
        (form("孙路", "123", "2030-01-01"), "驾驶员证件号码不合规"),
        (form("孙路", "990101199001010010", "2030-01-01"), "驾驶员证件号码不合规"),
        (form("孙2", "990101199001010019", "2030-01-01"), "驾驶员姓名“孙2”不合规"),
        (form("孙路", &own, "2030-01-01"), "授权"),
        (form("孙路", "990101199001010019", ""), "结束日期"),
        (form("孙路", "990101199001010019", "x"), "结束日期“x”不是日期"),
    ];
    for (form, why) in table {
        let got = holder.post("/holder/grants", &form);
        let page = text(&got);
        assert!(got.status == 409 || got.status == 422, "{} {form}", got.status);
        assert!(page.contains("没有授权：") && page.contains(why), "{why}: {page}");
        assert!(page.contains("name=\"driver_name\" value=\"孙"), "what was typed stays: {page}");
        assert!(page.contains("还没有授权"), "nothing is granted: {page}");
    }
}

#[test]
fn a_driver_sees_what_was_granted() {
    let server = Server::start();
    let (holder, vehicle, id) = owner(&server);
    let day = |days: i64| {
        let at = jiff::Timestamp::from_microsecond(server.app.now() + days * 86_400_000_000).expect("a time");
        at.strftime("%Y-%m-%d").to_string()
    };
    let form = format!(
        "certificate={id}&driver_name={}&driver_number=990101199001010019&from={}&until={}",
        encoded("孙路"),
        day(0),
        day(30)
    );
    let got = holder.post("/holder/grants", &form);
    assert_eq!(got.status, 303, "{}", text(&got));
    let driver = Visitor::holder(&server, "孙路", "990101199001010019");
    let page = text(&driver.get("/holder/grants"));
    assert!(page.contains("授权给我的") && page.contains(&face(&vehicle, "KZ_CLHP")), "{page}");
    assert!(page.contains(&format!("/holder/show/{id}")) && !page.contains("没有可以授权"), "{page}");
}

#[test]
fn a_holder_keeps_the_file_and_reads_how_the_certificate_came_to_stand() {
    let server = Server::start();
    let (holder, vehicle, id) = owner(&server);
    let mut hold = later(vehicle.subject_ref.as_deref().expect("a reference"), "e-2", "暂扣");
    hold.operator = vehicle.operator.clone();
    let done = server.app.province.accept(vec![submitted(hold)], NOW + SECOND).remove(0);
    assert_eq!(done.why, None);
    let path = format!("/holder/certificate/{id}");
    let page = text(&holder.get(&path));
    assert!(page.contains("<span class=\"badge bad\">暂扣</span>"), "{page}");
    let line = "<b>暂扣</b>　自 2026-06-01 起，演示省交通运输厅，决定文号 演示决〔2026〕1号";
    assert!(page.contains(line), "{page}");
    let past = page.split_once("办理经历").expect("a history").1;
    assert!(past.find("暂扣").expect("it") < past.find("初领").expect("it"), "{past}");
    assert!(page.contains(&format!("{path}/file/0")), "{page}");
    let file = holder.get(&format!("{path}/file/0"));
    assert_eq!((file.status, file.header("content-type").as_str()), (200, "application/ofd"));
    assert!(file.body.starts_with(b"PK"), "an OFD container");
    assert_eq!(holder.get(&format!("{path}/file/9")).status, 404);
    let stranger = Visitor::holder(&server, "李四", "990101199001020001");
    assert_eq!(stranger.get(&format!("{path}/file/0")).status, 404);
    assert!(!text(&holder.get("/account")).contains("口令"));
}
