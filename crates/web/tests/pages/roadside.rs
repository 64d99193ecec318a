//! The officer's pages over a real socket: a stop, its outcome, what a check says.

use crate::server::{Got, Server};
use crate::support::{NOW, SECOND, first_issues, later, submitted};
use crate::visitor::Visitor;
use node::lifecycle::BusinessEvent;

fn text(got: &Got) -> String {
    String::from_utf8_lossy(&got.body).into_owned()
}

/// What stands between two marks.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}")).1;
    rest.split_once(to).expect("an end").0
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn face(event: &BusinessEvent, item: &str) -> String {
    event.record.as_ref().expect("a record").face.text(item).unwrap_or_default().to_owned()
}

/// A certificate with a further event on it; its first event and its identifier.
fn after(server: &Server, event: &str) -> (BusinessEvent, String) {
    let first = first_issues(1).remove(0);
    let province = &server.app.province;
    let identifier =
        province.accept(vec![submitted(first.clone())], NOW).remove(0).identifier.expect("issued");
    let mut next = later(first.subject_ref.as_deref().expect("a reference"), "e-2", event);
    next.operator = first.operator.clone();
    let done = province.accept(vec![submitted(next)], NOW + SECOND).remove(0);
    assert_eq!(done.why, None);
    (first, identifier)
}

#[test]
fn nobody_is_let_go_unasked_after_an_invalid_check() {
    let server = Server::start();
    let (_, identifier) = after(&server, "暂扣");
    let officer = Visitor::operator(&server, "zhifa001", "执法", "*");
    let page = text(&officer.post("/officer/check", &format!("by=code&text={identifier}")));
    assert!(page.contains("data-verdict=\"无效\""), "{page}");
    let bar = between(&page, "name=\"outcome\" required>", "</option>");
    assert_eq!(bar, "<option value=\"\">请选择结果");
    let stop = between(&page, "data-stop=\"", "\"");
    assert_eq!(officer.post("/officer/outcome", &format!("stop={stop}&outcome=")).status, 422);

    let form = format!("stop={stop}&outcome={}&note={}", encoded("放行"), encoded("驾驶员有新证"));
    let asked = officer.post("/officer/outcome", &form);
    assert_eq!(asked.status, 409);
    let question = text(&asked);
    assert!(question.contains("仍然放行") && question.contains("驾驶员有新证"), "{question}");
    assert!(question.contains(&identifier), "{question}");
    let kept = server.app.province.group_show(stop).expect("the stop").group.outcome;
    assert_eq!(kept, "未记录", "a question records nothing");

    assert_eq!(officer.post("/officer/outcome", &format!("{form}&sure=yes")).status, 303);
    let kept = server.app.province.group_show(stop).expect("the stop").group;
    assert_eq!((kept.outcome.as_str(), kept.note.as_str()), ("放行", "驾驶员有新证"));
    // Anything else needs no question.
    let form = format!("stop={stop}&outcome={}", encoded("暂扣"));
    assert_eq!(officer.post("/officer/outcome", &form).status, 303);
}

#[test]
fn a_hold_says_since_when_by_whom_and_by_which_decision() {
    let server = Server::start();
    let (_, identifier) = after(&server, "暂扣");
    let officer = Visitor::operator(&server, "zhifa001", "执法", "*");
    let page = text(&officer.post("/officer/check", &format!("by=code&text={identifier}")));
    let line = "<dt>暂扣</dt><dd>自 2026-06-01 起，演示省交通运输厅，决定文号 演示决〔2026〕1号</dd>";
    assert!(page.contains(line), "{page}");
    // The hold's own word: nobody reads 正常 first.
    assert!(page.contains("<dt>状态</dt><dd><b>暂扣</b></dd>"), "{page}");
    assert!(!page.contains("正常（"), "{page}");
}

#[test]
fn a_plate_in_another_colour_is_offered_and_a_wrong_form_is_named() {
    let server = Server::start();
    let events = first_issues(9);
    let vehicle = events.iter().find(|event| !face(event, "KZ_CLHP").is_empty()).expect("a vehicle").clone();
    let (plate, colour) = (face(&vehicle, "KZ_CLHP"), face(&vehicle, "KZ_CPYS"));
    server.app.province.accept(vec![submitted(vehicle)], NOW);
    let officer = Visitor::operator(&server, "zhifa001", "执法", "*");
    let ask = |plate: &str, colour: &str| {
        text(&officer.post("/officer/check", &format!("by=plate&plate={}&colour={colour}", encoded(plate))))
    };
    let wrong = if colour == "3" { "4" } else { "3" };
    let page = ask(&plate, wrong);
    assert!(page.contains("PLATE_OTHER_COLOUR") && page.contains("data-verdict=\"无法判定\""), "{page}");
    let offer = format!(
        "name=\"plate\" value=\"{plate}\"><input type=\"hidden\" name=\"colour\" value=\"{colour}\">"
    );
    assert!(page.contains(&offer), "{page}");
    assert!(ask(&plate, &colour).contains("data-verdict=\"有效"), "the offer leads to it");

    let page = ask("123", "2");
    assert!(page.contains("PLATE_FORM") && !page.contains("4.5"), "{page}");
    let page = ask("演A00000", "2");
    assert!(page.contains("4.5 吨") && !page.contains("PLATE_FORM"), "{page}");
    let number = |number: &str| text(&officer.post("/officer/check", &format!("by=holder&number={number}")));
    let page = number("990101199001010010");
    assert!(page.contains("NUMBER_FORM") && !page.contains("4.5"), "{page}");
    assert!(!number("11010519491231002X").contains("NUMBER_FORM"));
}

#[test]
fn a_number_that_is_the_holders_own_is_masked_wherever_it_stands() {
    let server = Server::start();
    let events = first_issues(1);
    let number = face(&events[0], "CZZTDM");
    let identifier =
        server.app.province.accept(events.into_iter().map(submitted).collect(), NOW)[0].identifier.clone();
    let officer = Visitor::operator(&server, "zhifa001", "执法", "*");
    let page =
        text(&officer.post("/officer/check", &format!("by=code&text={}", identifier.expect("issued"))));
    assert!(page.contains("持证主体代码") && !page.contains(&number), "{page}");
}
