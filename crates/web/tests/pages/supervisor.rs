//! The supervisors' pages: own areas only, numbers that open to their lists, charts without a style of their own.

use node::lifecycle::Answer;
use store::rows::certificate::{Work, insert_work};

use crate::server::{Got, Server};
use crate::support::{NOW, SECOND, first_issues, later, submitted};
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
    // What is held is called so, not by its base.
    server.app.province.accept(vec![submitted(later("S000000", "H-1", "暂扣"))], NOW + SECOND);
    let held = text(&province.get("/supervisor/certificates?sort=updated&down=1"));
    assert!(held.contains("<span class=\"badge bad\">暂扣</span>"), "{held}");
    let limited = text(&province.get("/supervisor/certificates?limit=withheld"));
    assert!(limited.contains("共 1 条") && limited.contains("value=\"withheld\" selected"), "{limited}");
    assert_eq!(province.get("/supervisor/certificates?limit=never").status, 409);
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

/// A part of a workbook.
fn part(file: &[u8], name: &str) -> String {
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(file)).expect("a workbook");
    std::io::read_to_string(book.by_name(name).expect("its part")).expect("its text")
}

#[test]
fn an_export_is_a_workbook_and_is_on_record() {
    let (server, _) = node();
    let province = Visitor::operator(&server, "sheng001", "省级主管", "99");
    for list in ["certificates", "events"] {
        let got = province.get(&format!("/supervisor/{list}/export?kind="));
        assert_eq!((got.status, &got.body[..2]), (200, &b"PK"[..]));
    }
    // What the file is stands in its name and on its second sheet.
    let file = province.get("/supervisor/certificates/export?area=99&limit=any&sort=end");
    let name = file.header("content-disposition");
    assert!(name.ends_with("-2026-06-01.xlsx") && name.contains("%E8%AF%81%E7%85%A7"), "{name}");
    let sheets = part(&file.body, "xl/workbook.xml");
    assert!(sheets.contains("name=\"证照清单\"") && sheets.contains("name=\"说明\""), "{sheets}");
    let texts = part(&file.body, "xl/sharedStrings.xml");
    for said in [
        "证照标识",
        "筛选条件",
        "行政区划：99；形式：电子证照；受限情况：受任一限制",
        "导出时间",
        "sheng001",
        "演示市交通运输局",
        "否：符合条件的已全部导出",
    ] {
        assert!(texts.contains(said), "{said}: {texts}");
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

/// Address behind a tile's figure.
fn behind(html: &str, name: &str) -> String {
    let from = html.split(&format!(">{name}</h2>")).nth(1).expect("the tile");
    let number = from.split("tile-number\">").nth(1).expect("its number");
    number.split("href=\"").nth(1).expect("a link").split('"').next().expect("its end").replace("&#38;", "&")
}

#[test]
fn open_items_are_counted_listed_filtered_and_not_closed_by_those_who_watch() {
    let (server, answers) = node();
    let (own, other) = (area(&server, &answers[0]), "980101");
    let certificate = answers[0].certificate.clone();
    let item = |id: &str, code: &str, area: &str, back: i64, certificate: Option<String>| Work {
        id: id.into(),
        certificate_id: certificate,
        event_row: None,
        area: area.into(),
        code: code.into(),
        why: format!("第{id}项；请核对"),
        opened_at: NOW - back * 24 * 3_600 * SECOND,
    };
    let items = [
        item("1", "LATE_REVIVES", &own, 9, certificate),
        item("2", "OUTAGE_OPEN", &own, 2, None),
        item("3", "LATE_REVIVES", &own, 0, None),
        item("4", "LATE_REVIVES", other, 9, None),
    ];
    let store = &server.app.province.store;
    let put = move |session: &mut store::Session| -> Result<(), store::StoreError> {
        items.iter().try_for_each(|one| insert_work(session, one))
    };
    store.write(put).expect("the items");
    let county = Visitor::operator(&server, "xian001", "县级主管", &own);
    let overview = text(&county.get("/supervisor"));
    assert_eq!(tile(&overview, "待处理事项"), "3");
    let list = text(&county.get(&behind(&overview, "待处理事项")));
    assert!(list.contains("共 3 条") && list.contains("第1项") && !list.contains("第4项"), "{list}");
    let link = format!("/clerk/certificate/{}", answers[0].certificate.as_deref().expect("a row key"));
    assert!(list.contains(&link) && !list.contains("/clerk/tasks"));
    assert!(overview.contains("href=\"/supervisor/tasks?code=LATE_REVIVES\""));
    for (query, wanted) in [
        ("code=LATE_REVIVES", &["第1项", "第3项"][..]),
        ("age=7", &["第1项"]),
        ("age=1&code=OUTAGE_OPEN", &["第2项"]),
        ("area=98", &[]),
    ] {
        let list = text(&county.get(&format!("/supervisor/tasks?{query}")));
        for one in ["第1项", "第2项", "第3项", "第4项"] {
            assert_eq!(list.contains(one), wanted.contains(&one), "{query}: {one}");
        }
        assert_eq!(list.contains("没有符合条件的待处理事项"), wanted.is_empty(), "{query}");
    }
    assert_eq!(county.post("/clerk/tasks/2", "reason=%E5%B7%B2%E6%A0%B8%E5%AF%B9%E8%BF%87").status, 403);
    let file = county.get("/supervisor/tasks/export?age=7");
    assert_eq!((file.status, &file.body[..2]), (200, &b"PK"[..]));
    let outside = Visitor::operator(&server, "xian002", "县级主管", "980202");
    assert!(text(&outside.get("/supervisor/tasks")).contains("没有待处理事项"));
}

#[test]
fn every_figure_of_the_overview_leads_to_what_it_counted() {
    let (server, _) = node();
    let mut early = later("S000003", "E-early", "恢复");
    early.sequence = Some(9);
    let mut unfit = first_issues(13).remove(12);
    unfit.record.as_mut().expect("a record").face.set("ZZBFRQ", "2026-13-45");
    unfit.occurred_at = "2026-04-01T08:00:00+08:00".into();
    unfit.effective_on = Some("2026-04-01".into());
    // Long before the days that a list begins with.
    server.app.province.accept(vec![submitted(early), submitted(unfit)], NOW - 50 * 24 * 3_600 * SECOND);
    let province = Visitor::operator(&server, "sheng001", "省级主管", "99");
    let html = text(&province.get("/supervisor"));
    let mut looked = 0;
    for link in html.split("<li><a href=\"").skip(1) {
        let (href, rest) = link.split_once('"').expect("its end");
        let said = rest.split_once('>').expect("a text").1.split("</a>").next().expect("its end");
        let Some(figure) = said.rsplit(' ').next().filter(|one| one.parse::<i64>().is_ok()) else { continue };
        if !href.contains("certificates") && !href.contains("events") {
            continue;
        }
        let list = text(&province.get(&href.replace("&#38;", "&")));
        let found = match figure {
            "0" => list.contains("没有符合条件的"),
            figure => list.contains(&format!("共 {figure} 条")),
        };
        assert!(found, "{said} leads to {href}");
        looked += 1;
    }
    assert!(looked >= 9, "{looked} looked at");
    assert!(html.contains("待补正的事件 1"), "{html}");
}

/// Makes dead letters of what two certificates have to deliver; their row keys.
fn kill(server: &Server, certificates: &[&str]) {
    let certificates: Vec<String> = certificates.iter().map(|id| (*id).to_owned()).collect();
    let spoil = move |session: &mut store::Session| -> Result<(), store::StoreError> {
        for id in &certificates {
            session.execute(
                "UPDATE collect_item SET state = 'dead', origin = 1, code = 'FACE_WRONG', attempts = 1, \
                 error = '照面有误；请核对发证机关代码' WHERE certificate_id = $1",
                &[store::Value::from(id)],
            )?;
        }
        Ok(())
    };
    server.app.province.store.write(spoil).expect("spoilt");
}

#[test]
fn dead_letters_are_shown_and_sent_again_within_the_own_areas() {
    let (server, answers) = node();
    let key = |at: usize| answers[at].certificate.clone().expect("a row key");
    let home = area(&server, &answers[0]);
    let other = (1..12).find(|at| area(&server, &answers[*at])[..4] != home[..4]).expect("another city's");
    kill(&server, &[&key(0), &key(other)]);
    let city = Visitor::operator(&server, "shi001", "市级主管", &home[..4]);
    let html = text(&city.get("/supervisor/collect"));
    assert!(html.contains(answers[0].identifier.as_deref().expect("issued")) && html.contains("照面有误"));
    assert!(!html.contains(answers[other].identifier.as_deref().expect("issued")), "another city's");
    assert!(!html.contains("action=\"/supervisor/collect/resend\""), "a city may not repair");
    assert_eq!(tile(&text(&city.get("/supervisor")), "死信"), "1");
    // A supervisor of that city's province account, bound to the city by its areas, cannot reach further than it.
    let bound = Visitor::operator(&server, "sheng002", "省级主管", &home[..4]);
    let theirs = server.app.province.collect_dead("ministry", "", 10).expect("letters");
    let theirs = theirs.iter().find(|one| one.certificate == key(other)).expect("it");
    let refused = bound.post("/supervisor/collect/resend", &format!("lane=ministry&id={}", theirs.id));
    let nothing = bound.post("/supervisor/collect/resend", "lane=ministry&id=0197");
    assert_eq!((refused.status, nothing.status), (409, 409));
    let sent = bound.post("/supervisor/collect/resend", "lane=ministry&code=FACE_WRONG");
    assert_eq!(sent.status, 303, "{}", String::from_utf8_lossy(&sent.body));
    let left = server.app.province.collect_dead("ministry", "", 10).expect("letters");
    assert_eq!(left.iter().map(|one| one.certificate.clone()).collect::<Vec<_>>(), [key(other)]);
    assert!(text(&bound.get("/supervisor/collect?done=resent&n=1")).contains("已重新排队 1 件"));
}

#[test]
fn an_outage_is_recorded_described_ended_and_completed() {
    let (server, _) = node();
    let province = Visitor::operator(&server, "sheng001", "省级主管", "99");
    assert!(text(&province.get("/supervisor/outages")).contains("没有中断记录"));
    let form = "planned=0&leg=in&party=%E8%BF%90%E6%94%BF&started=2026-06-01T08:00&cause=%E5%BE%85%E6%9F%A5";
    let wrong = province.post("/supervisor/outages", "planned=0&leg=in&party=x&started=then&cause=y");
    assert_eq!(wrong.status, 422);
    assert!(String::from_utf8_lossy(&wrong.body).contains("开始时间不是时间"));
    let ahead = province
        .post("/supervisor/outages", "planned=1&leg=out&party=ministry&started=2027-01-01T08:00&cause=y");
    assert!(String::from_utf8_lossy(&ahead.body).contains("没有写明结束时间"));
    let opened = province.post("/supervisor/outages", form);
    assert_eq!(opened.status, 303, "{}", String::from_utf8_lossy(&opened.body));
    let id = server.app.province.outage_list(i64::MAX, 1).expect("the rows")[0].id.clone();
    let path = format!("/supervisor/outages/{id}");
    assert!(text(&province.get(&path)).contains("中断中"));
    assert_eq!(
        province
            .post(&format!("{path}/measures"), "cause=%E6%96%AD%E7%94%B5&measures=%E6%96%87%E4%BB%B6")
            .status,
        303
    );
    assert_eq!(province.post(&format!("{path}/close"), "").status, 303);
    let html = text(&province.get(&path));
    assert!(
        html.contains("剩余 2 个工作日") && html.contains("断电") && html.contains("确认业务系统已补报完毕"),
        "{html}"
    );
    assert!(text(&province.get("/supervisor")).contains("运政：剩余"));
    // Pressed twice, it ends once, and nothing is confirmed by it.
    assert_eq!(province.post(&format!("{path}/close"), "").status, 409);
    assert!(text(&province.get(&path)).contains("剩余 2 个工作日"));
    assert_eq!(province.post(&format!("{path}/complete"), &format!("next={path}")).status, 303);
    assert!(text(&province.get(&path)).contains("已办结"));
    assert_eq!(province.post(&format!("{path}/complete"), &format!("next={path}")).status, 409);
    assert_eq!(province.get("/supervisor/outages/0197").status, 404);
    let city = Visitor::operator(&server, "shi001", "市级主管", "9901");
    assert_eq!(city.get(&path).status, 403);
}

#[test]
fn the_overview_looks_as_reviewed() {
    let (server, _) = node();
    let province = Visitor::operator(&server, "sheng001", "省级主管", "99");
    crate::snapshots::compare("supervisor", &province.get("/supervisor").body);
}
