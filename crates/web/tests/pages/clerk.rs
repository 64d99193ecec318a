//! The clerk's pages over a real socket: search, a certificate, a file with a finding, an unfit event, an emergency act, sheets.

use node::lifecycle::BusinessEvent;
use node::outage::{Leg, NewOutage};

use crate::clerk_stage::halve;
use crate::server::{Got, Server, admin};
use crate::support::{NOW, SECOND, first_issues, submitted};
use crate::visitor::Visitor;

pub fn text(got: &Got) -> String {
    String::from_utf8_lossy(&got.body).into_owned()
}

fn face(event: &BusinessEvent, item: &str) -> String {
    let record = event.record.as_ref().expect("a record");
    record.face.text(item).unwrap_or_default().to_owned()
}

/// A server with certificates; their events with row keys and identifiers.
fn with(count: usize) -> (Server, Vec<(BusinessEvent, String, String)>) {
    let server = Server::start();
    let events = first_issues(count);
    let answers = server.app.province.accept(events.iter().cloned().map(submitted).collect(), NOW);
    let made = events.into_iter().zip(answers).map(|(event, answer)| {
        (event, answer.certificate.expect("issued"), answer.identifier.expect("issued"))
    });
    let made = made.collect();
    (server, made)
}

/// Bytes as a form writes them.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A search: where it leads.
pub fn search(visitor: &Visitor, text: &str) -> Got {
    let sent = visitor.post("/clerk", &format!("text={}&for=check", encoded(text)));
    assert_eq!(sent.status, 303, "{}", sent.head);
    let to = sent.header("location");
    assert!(!to.contains(text), "what was typed stands in no address: {to}");
    visitor.get(&to)
}

#[test]
fn a_search_leads_to_the_certificate_and_to_nobody_elses() {
    let (server, made) = with(3);
    let (event, id, identifier) = &made[0];
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    let got = search(&clerk, identifier);
    assert_eq!((got.status, got.header("location")), (303, format!("/clerk/certificate/{id}?for=check")));
    assert_eq!(search(&clerk, &face(event, "ZZBH")).status, 303);
    // Where a text names a certificate by its identifier, it leads there.
    let of = clerk.get(&format!("/clerk/certificate/of?identifier={identifier}"));
    assert_eq!(of.header("location"), format!("/clerk/certificate/{id}?for=window"));
    let nowhere = clerk.get("/clerk/certificate/of?identifier=1.2.156.9").header("location");
    assert!(nowhere.starts_with("/clerk?") && text(&clerk.get(&nowhere)).contains("没有查到"), "{nowhere}");
    let none = text(&search(&clerk, "查无此人"));
    assert!(none.contains("没有查到") && none.contains("姓名或名称"), "{none}");
    let other = Visitor::operator(&server, "jingban002", "窗口经办", "9802");
    assert!(text(&search(&other, identifier)).contains("没有查到"));
    for path in [
        format!("/clerk/certificate/{id}"),
        format!("/clerk/certificate/{id}/face/1/0"),
        format!("/clerk/certificate/{id}/file/1/0"),
    ] {
        let (theirs, nothing) = (other.get(&path), other.get(&path.replace(id.as_str(), "0197")));
        assert_eq!((theirs.status, nothing.status), (404, 404), "{path}");
        assert_eq!(text(&theirs), text(&nothing), "another area's reads like nothing");
    }
    let empty = clerk.post("/clerk", "text=");
    assert!(empty.status == 422 && text(&empty).contains("请输入要查询的内容"));
}

#[test]
fn a_result_page_is_readable_in_its_own_session_alone() {
    let (server, _) = with(1);
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    let sent = clerk.post("/clerk", &format!("text={}", encoded("张三")));
    let other = Visitor::operator(&server, "jingban002", "窗口经办", "99");
    let got = other.get(&sent.header("location"));
    assert_eq!((got.status, got.header("location").as_str()), (303, "/clerk"));
}

#[test]
fn a_certificate_shows_everything_and_gives_its_file() {
    let (server, made) = with(1);
    let (event, id, identifier) = &made[0];
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    let page = text(&clerk.get(&format!("/clerk/certificate/{id}?check=1")));
    for wanted in [
        identifier.as_str(),
        &face(event, "CZZT"),
        "办理经过",
        "初领",
        "2026-06-01 起生效",
        "经办一",
        "版本与文件",
        "归集",
        "有效",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let face = clerk.get(&format!("/clerk/certificate/{id}/face/1/0"));
    assert!(face.status == 200 && face.body.starts_with(b"\x89PNG"));
    let file = clerk.get(&format!("/clerk/certificate/{id}/file/1/0"));
    assert!(file.body.starts_with(b"PK") && file.header("content-disposition").contains("attachment"));
    // A supervisor sees the same page.
    let supervisor = Visitor::operator(&server, "xianji001", "县级主管", "99");
    assert_eq!(supervisor.get(&format!("/clerk/certificate/{id}")).status, 200);
}

#[test]
fn a_dossier_is_read_for_what_the_reader_is_there_for() {
    let (server, made) = with(1);
    let page = format!("/clerk/certificate/{}", made[0].1);
    let told = |purpose: &str| {
        let sql = format!(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM audit_pending WHERE entries LIKE '%certificate.read%{purpose}%' \
             OR entries LIKE '%{purpose}%certificate.read%'"
        );
        let found = server.app.province.store.read(|session| session.row(&sql, &[], |row| row.get::<i64>(0)));
        found.expect("the rows").unwrap_or_default()
    };
    let supervisor = Visitor::operator(&server, "xianji001", "县级主管", "99");
    assert_eq!(supervisor.get(&page).status, 200);
    assert_eq!((told("监督检查"), told("窗口业务办理")), (1, 0), "a supervisor does no window business");
    assert_eq!(supervisor.get(&format!("{page}?for=complaint")).status, 200);
    assert_eq!(told("投诉举报处理"), 1);
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    assert_eq!(clerk.get(&format!("{page}?for=work")).status, 200);
    assert_eq!(told("处理待办事项"), 1);
    let face = clerk.get(&format!("{page}/face/1/0?for=check"));
    assert_eq!((face.status, face.header("cache-control").as_str()), (200, "no-store"));
}

#[test]
fn a_file_with_a_finding_is_mended_on_the_page_and_handed_in() {
    let server = Server::start();
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    let mut events = first_issues(3);
    let right = face(&events[0], "ZZBFRQ");
    events[0].record.as_mut().expect("a record").face.set("ZZBFRQ", "2026-13-45");
    let mut lines = Vec::new();
    let mut photos = Vec::new();
    for event in &events {
        let mut record = event.record.clone().expect("a record");
        if let Some(photo) = &event.photo {
            record.photo = Some(format!("{}.jpg", record.record_id));
            photos.push((format!("{}.jpg", record.record_id), gm::base64::decode(photo).expect("Base64")));
        }
        lines.push(serde_json::to_string(&record).expect("JSON"));
    }
    let lines = lines.join("\n");
    let mut files: Vec<(&str, &str, &[u8])> = vec![("file", "本周.jsonl", lines.as_bytes())];
    files.extend(photos.iter().map(|(name, bytes)| ("photos", name.as_str(), bytes.as_slice())));
    let sent = clerk.upload("/clerk/batch", &[("event", "初领")], &files);
    assert_eq!(sent.status, 303, "{}", text(&sent));
    let to = sent.header("location");
    let path = to.split('?').next().expect("a path").to_owned();
    let page = text(&clerk.get(&path));
    assert!(page.contains("办理 2 条") && page.contains(&format!("{path}/1")), "{page}");
    let form = text(&clerk.get(&format!("{path}/1")));
    let wrong = form.find("field wrong").expect("a finding beside its field");
    assert!(form[wrong..].contains("f.ZZBFRQ"));
    let still = clerk.post(&format!("{path}/1"), "f.ZZBFRQ=2026-99-99");
    assert!(still.status == 422 && text(&still).contains("还有问题"));
    let mended = clerk.post(&format!("{path}/1"), &format!("f.ZZBFRQ={right}"));
    assert_eq!(mended.status, 303, "{}", text(&mended));
    assert!(text(&clerk.get(&path)).contains("办理 3 条"));
    assert_eq!(clerk.post(&format!("{path}/go"), "").status, 303);
    let page = text(&clerk.get(&path));
    assert!(page.contains("正在办理") && page.contains("http-equiv=\"refresh\""), "{page}");
    while server.app.province.batch_work("worker", NOW).expect("worked") {}
    let page = text(&clerk.get(&path));
    assert!(page.contains("已办结") && page.contains("/clerk/certificate/"), "{page}");
    assert_eq!(clerk.get(&format!("{path}/1")).status, 404, "what is done has no form");
    let template = |query: &str| clerk.get(&format!("/clerk/batch/template?{query}"));
    let book = template(&format!("kind=transport-certificate&event={}", encoded("变更")));
    assert!(book.status == 200 && book.body.starts_with(b"PK"), "{}", text(&book));
    assert_eq!(template("kind=nothing&event=x").status, 404);
    assert!(text(&clerk.get("/clerk/batch")).contains("下载模板"));
    let book = clerk.get(&format!("{path}/result"));
    assert!(book.body.starts_with(b"PK"));
    let other = Visitor::operator(&server, "jingban002", "窗口经办", "99");
    assert_eq!(other.get(&path).status, 404);
    assert_eq!(other.get(&format!("{path}/1")).status, 404);
    // The printing page is filled in from the file.
    let id = path.rsplit('/').next().expect("an id");
    assert!(text(&clerk.get(&format!("/clerk/print?batch={id}"))).contains("1.2.156."));
}

#[test]
fn an_upload_of_the_wrong_kind_or_without_token_is_refused() {
    let server = Server::start();
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    let got = clerk.upload("/clerk/batch", &[("event", "初领")], &[("file", "a.xls", b"x")]);
    assert!(got.status == 409 && text(&got).contains("xlsx"), "{}", text(&got));
    let got = clerk.upload("/clerk/batch", &[("event", "初领")], &[]);
    assert!(got.status == 409 && text(&got).contains("没有选择文件"));
    let large = vec![b'a'; 21 * 1024 * 1024];
    let got = clerk.upload("/clerk/batch", &[("event", "初领")], &[("file", "a.csv", &large)]);
    assert_eq!(got.status, 413);
    let stranger = Visitor::with(&server, clerk.cookie.as_deref().expect("a cookie").replace('a', "b"));
    assert_ne!(stranger.upload("/clerk/batch", &[], &[("file", "a.csv", b"x")]).status, 303);
}

#[test]
fn an_unfit_event_is_mended_from_the_work_list() {
    let server = Server::start();
    let mut event = first_issues(1).remove(0);
    let right = face(&event, "ZZBFRQ");
    event.record.as_mut().expect("a record").face.set("ZZBFRQ", "2026-13-45");
    server.app.province.accept(vec![submitted(event)], NOW);
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    assert!(text(&clerk.get("/clerk/tasks")).contains("没有待办事项"));
    let list = text(&clerk.get("/clerk/tasks?of=unfit"));
    let at = list.find("/clerk/tasks/event/").expect("a link");
    let path: String = list[at..].chars().take_while(|ch| *ch != '"').collect();
    let other = Visitor::operator(&server, "jingban002", "窗口经办", "98");
    assert_eq!(other.get(&path).status, 404);
    assert!(text(&other.get("/clerk/tasks?of=unfit")).contains("没有待补正的业务"));
    let page = text(&clerk.get(&path));
    assert!(page.contains("field wrong") && page.contains("补正并重新提交"), "{page}");
    // Without a word about why, nothing happens and nothing typed is lost.
    let bare = clerk.post(&path, &format!("f.ZZBFRQ={right}&f.decision.no={}", encoded("演许〔2026〕9号")));
    assert!(bare.status == 422 && text(&bare).contains("补正依据"), "{}", text(&bare));
    assert!(text(&bare).contains(&format!("value=\"{right}\"")) && text(&bare).contains("演许〔2026〕9号"));
    let far = format!("f.ZZBFRQ={right}&f.area=110101&why={}", encoded("核对档案原件"));
    let far = clerk.post(&path, &far);
    assert!(far.status == 422 && text(&far).contains(&format!("value=\"{right}\"")), "{}", text(&far));
    assert!(!text(&far).contains("试验省"), "only this province's authorities");
    let done = clerk.post(&path, &format!("f.ZZBFRQ={right}&why={}", encoded("核对档案原件")));
    assert_eq!(done.status, 303, "{}", text(&done));
    assert!(done.header("location").starts_with("/clerk/certificate/"));
    let certificate = text(&clerk.get(&done.header("location")));
    for wanted in ["经过补正", "jingban001", "核对档案原件", "2026-13-45 →"] {
        assert!(certificate.contains(wanted), "{wanted}: {certificate}");
    }
}

#[test]
fn an_emergency_act_goes_from_one_person_to_another() {
    let (server, made) = with(1);
    let identifier = &made[0].2;
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    assert!(text(&clerk.get("/clerk/manual")).contains("没有登记中的业务系统中断"));
    let new = NewOutage {
        leg: Leg::In,
        party: "运政".into(),
        planned: false,
        started_at: NOW - SECOND,
        ends_at: None,
        cause: "断电".into(),
        measures: "应急办理".into(),
    };
    server.app.province.outage_open(new, &admin(), NOW).expect("opens");
    let form = format!(
        "identifier={identifier}&event={}&effective_on=2026-06-01&decision_date=2026-06-01&decision_no=7&grounds={}",
        encoded("暂扣"),
        encoded("需立即暂扣，系统断电")
    );
    let wrong = clerk.post("/clerk/manual", &form.replace("effective_on=2026-06-01", "effective_on=x"));
    assert!(wrong.status == 422 && text(&wrong).contains(identifier.as_str()), "what was typed stays");
    assert_eq!(clerk.post("/clerk/manual", &form).status, 303);
    assert!(text(&clerk.get("/clerk/manual")).contains("待复核"));
    assert_eq!(clerk.get("/clerk/confirm").status, 403);
    let checker = Visitor::operator(&server, "shenhe001", "审核", "99");
    let list = text(&checker.get("/clerk/confirm"));
    let at = list.find("/clerk/confirm/").expect("a link");
    let path: String = list[at..].chars().take_while(|ch| *ch != '"').collect();
    let far = Visitor::operator(&server, "shenhe002", "审核", "98");
    assert_eq!(far.get(&path).status, 404);
    let none = checker.post(&path, "word=reject&reason=");
    assert!(none.status == 409 && text(&none).contains("理由"), "{}", text(&none));
    let done = checker.post(&path, "word=confirm");
    assert_eq!((done.status, done.header("location")), (303, format!("{path}?done=confirmed")));
    assert!(text(&checker.get(&path)).contains("暂扣"));
    let page = text(&clerk.get(&format!("/clerk/certificate/{}", made[0].1)));
    assert!(page.contains("暂扣") && page.contains("应急办理了"), "{page}");
    let work = text(&clerk.get("/clerk/tasks"));
    assert!(work.contains("应急办理补录"), "{work}");
}

/// Works until nothing is left.
fn printed(server: &Server) {
    while server.app.province.print_work("worker", NOW).expect("worked") {}
}

#[test]
fn sheets_are_made_behind_the_page_and_printed_one_a_page() {
    let (server, made) = with(2);
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    let form = format!("sure=yes&id={}&proof={}", made[0].2, encoded("核对身份证原件"));
    assert_eq!(clerk.post("/window/activate", &form).status, 200);
    let names = encoded(&format!("{}\r\n\r\n{}\r\n", made[0].2, made[1].2));
    let sent = clerk.post("/clerk/print", &format!("names={names}&proof={}", encoded("到窗口领取")));
    assert_eq!(sent.status, 303, "{}", text(&sent));
    let path = sent.header("location");
    // Nothing is made yet: the page says so, looks again after a second, and is found in the list.
    let page = text(&clerk.get(&path));
    assert!(page.contains("<meta http-equiv=\"refresh\" content=\"1\">"), "{page}");
    assert!(
        page.contains("正在生成打印页") && page.contains("还有 2 件") && !page.contains("/sheets"),
        "{page}"
    );
    assert!(text(&clerk.get("/clerk/print")).contains(&format!("{path}\"")));
    let early = clerk.get(&format!("{path}/sheets"));
    assert_eq!((early.status, early.header("location")), (303, path.clone()));
    printed(&server);
    let page = text(&clerk.get(&path));
    assert!(page.contains("已完成") && page.contains("打开打印页（1 页）"), "{page}");
    assert!(page.contains("未激活") || page.contains("尚未激活") || page.contains("激活"), "{page}");
    assert!(!page.contains("http-equiv"), "nothing changes any more");
    let sheets = text(&clerk.get(&format!("{path}/sheets")));
    assert_eq!(sheets.matches("one-page").count(), 1);
    assert!(sheets.contains("另有 1 件没有打印") && sheets.contains("<svg"), "{sheets}");
    // What was left out is asked for again without typing.
    let id = path.rsplit('/').next().expect("a key");
    let again = text(&clerk.get(&format!("/clerk/print?again={id}")));
    assert!(again.contains(&made[1].2) && !again.contains(&made[0].2), "{again}");
    let other = Visitor::operator(&server, "jingban002", "窗口经办", "99");
    assert_eq!((other.get(&path).status, other.get(&format!("{path}/sheets")).status), (404, 404));
    assert!(!text(&other.get(&format!("/clerk/print?again={id}"))).contains(&made[1].2));
    let bare = clerk.post("/clerk/print", "names=&proof=");
    assert_eq!(bare.status, 422);
}

/// A PNG of one pixel.
const DOT: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

#[test]
fn a_wrong_photo_is_replaced_beside_its_finding() {
    const WHY: &[(&str, &str)] = &[("why", "按照片原件更换")];
    let server = Server::start();
    let event = first_issues(12).into_iter().find(|event| event.photo.is_some()).expect("one with a photo");
    let photo = gm::base64::decode(event.photo.as_deref().expect("a photo")).expect("Base64");
    let mut wrong = event.clone();
    halve(&mut wrong);
    server.app.province.accept(vec![submitted(wrong)], NOW);
    let clerk = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    let list = text(&clerk.get("/clerk/tasks?of=unfit"));
    let at = list.find("/clerk/tasks/event/").expect("a link");
    let path: String = list[at..].chars().take_while(|ch| *ch != '"').collect();
    let beside = |page: &str, says: &str| {
        let field = page.split("field wrong").nth(1).expect("a field that is wrong").to_owned();
        assert!(field.contains("type=\"file\"") && field.contains(says), "{field}");
    };
    let page = text(&clerk.get(&path));
    assert!(page.contains("multipart/form-data"));
    beside(&page, "不完整");
    assert!(!page.contains("photo-now"), "there is nothing to look at");
    assert_eq!(clerk.get(&format!("{path}/photo")).status, 404);
    // One that is too small is shown beside its finding, to nobody of another area.
    let small = gm::base64::decode(DOT).expect("Base64");
    let page = text(&clerk.upload(&path, WHY, &[("photo", "a.png", &small)]));
    beside(&page, "只有 1×1 像素");
    assert!(page.contains(&format!("src=\"{path}/photo\"")), "{page}");
    let shown = clerk.get(&format!("{path}/photo"));
    assert_eq!((shown.status, shown.header("content-type").as_str()), (200, "image/png"));
    assert_eq!(shown.body, small);
    let other = Visitor::operator(&server, "jingban002", "窗口经办", "98");
    assert_eq!(other.get(&format!("{path}/photo")).status, 404);
    let gif = clerk.upload(&path, WHY, &[("photo", "a.gif", b"GIF89a")]);
    assert_eq!(gif.status, 422);
    beside(&text(&gif), "不是 JPEG 或 PNG");
    let large = clerk.upload(&path, WHY, &[("photo", "a.jpg", &vec![0xFF; 300 * 1024])]);
    assert_eq!(large.status, 422);
    beside(&text(&large), "超过 200 KB");
    let huge = clerk.upload(&path, WHY, &[("photo", "a.jpg", &vec![0xFF; 3 * 1024 * 1024])]);
    assert_eq!(huge.status, 413);
    let done = clerk.upload(&path, WHY, &[("photo", "新照片.jpg", &photo)]);
    assert_eq!(done.status, 303, "{}", text(&done));
    assert!(done.header("location").starts_with("/clerk/certificate/"));

    // The same in a file: its record names a photo that was not sent with it.
    let mut file =
        first_issues(40).into_iter().filter(|event| event.photo.is_some()).nth(1).expect("another");
    let photo = gm::base64::decode(file.photo.take().as_deref().expect("a photo")).expect("Base64");
    let record = file.record.as_mut().expect("a record");
    record.photo = Some("照片/1.jpg".into());
    let line = serde_json::to_string(record).expect("JSON");
    let sent = clerk.upload("/clerk/batch", &[("event", "初领")], &[("file", "一条.jsonl", line.as_bytes())]);
    let path = sent.header("location").split('?').next().expect("a path").to_owned();
    beside(&text(&clerk.get(&format!("{path}/1"))), "照片/1.jpg");
    let still = clerk.upload(&format!("{path}/1"), &[], &[("photo", "a.gif", b"GIF89a")]);
    assert_eq!(still.status, 422);
    beside(&text(&still), "不是 JPEG 或 PNG");
    let sent = clerk.upload(&format!("{path}/1"), &[], &[("photo", "a.png", &small)]);
    beside(&text(&sent), "只有 1×1 像素");
    assert_eq!(clerk.get(&format!("{path}/1/photo")).body, small);
    assert_eq!(other.get(&format!("{path}/1/photo")).status, 404);
    let mended = clerk.upload(&format!("{path}/1"), &[], &[("photo", "1.jpg", &photo)]);
    assert_eq!(mended.status, 303, "{}", text(&mended));
    assert!(text(&clerk.get(&path)).contains("办理 1 条"));
}
