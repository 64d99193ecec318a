//! The clerk's window over a real socket: activation for a holder, a changed phone.

use crate::server::{Got, Server};
use crate::support::{NOW, SECOND, first_issues, later, submitted};
use crate::visitor::Visitor;

fn text(got: &Got) -> String {
    String::from_utf8_lossy(&got.body).into_owned()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What stands between two marks.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}")).1;
    rest.split_once(to).expect("an end").0
}

#[test]
fn the_window_shows_whose_certificate_it_is_before_it_activates() {
    let server = Server::start();
    let event = first_issues(1).remove(0);
    let record = event.record.clone().expect("a record");
    let face = |item: &str| record.face.text(item).unwrap_or_default().to_owned();
    let (name, number) = (face("CZZT"), face("ZZBH"));
    let subject = event.subject_ref.clone().expect("a reference");
    server.app.province.accept(vec![submitted(event)], NOW);
    let clerk = Visitor::operator(&server, "chuangkou1", "窗口经办", "99");
    let asked = format!("certificate={}&proof={}", encoded(&number), encoded("核对居民身份证原件"));
    let page = text(&clerk.post("/window/activate", &asked));
    assert!(page.contains("核对无误，激活") && page.contains("请核对后激活"), "{page}");
    let first = name.chars().next().expect("a name");
    assert!(page.contains(&format!("<b>{first}*")) && !page.contains(&name), "the name is masked: {page}");
    assert!(!page.contains("已激活"), "nothing is done yet: {page}");

    let id = between(&page, "name=\"id\" value=\"", "\"");
    // A short proof keeps what was typed.
    let short = clerk.post("/window/activate", &format!("sure=yes&id={id}&certificate=x&proof=ab"));
    let told = text(&short);
    assert!(short.status == 409 && told.contains("4 至 500 字") && told.contains(">ab</textarea>"), "{told}");
    let sure = format!("sure=yes&id={id}&{asked}");
    assert!(text(&clerk.post("/window/activate", &sure)).contains("已激活"));
    assert!(text(&clerk.post("/window/activate", &sure)).contains("此前已经激活"));

    // What has ended is never answered with a green line.
    let end = later(&subject, "e-2", "注销");
    let done = server.app.province.accept(vec![submitted(end)], NOW + SECOND).remove(0);
    assert_eq!(done.why, None);
    let page = text(&clerk.post("/window/activate", &asked));
    assert!(page.contains("<span class=\"badge bad\">注销</span>"), "{page}");
    let got = clerk.post("/window/activate", &sure);
    let page = text(&got);
    assert!(
        got.status == 409 && page.contains("该证照已注销，不能激活") && !page.contains("此前已经激活"),
        "{page}"
    );
}

#[test]
fn a_refused_change_of_the_phone_keeps_the_form() {
    let server = Server::start();
    let clerk = Visitor::operator(&server, "chuangkou1", "窗口经办", "99");
    let form = format!("name={}&number=990101199001010019&phone=13900001111&proof=ab", encoded("孙路"));
    let got = clerk.post("/window/phone", &form);
    let page = text(&got);
    assert!(got.status == 409 && page.contains("没有变更：") && page.contains("4 至 500 字"), "{page}");
    for kept in ["孙路", "990101199001010019", "13900001111", ">ab</textarea>"] {
        assert!(page.contains(kept), "{kept}: {page}");
    }
}

#[test]
fn whoever_is_signed_in_no_more_is_led_to_the_sign_in_and_back() {
    let server = Server::start();
    let nobody = Visitor::stranger(&server);
    let table = [
        ("/officer/check", "/sign-in?next=%2Fofficer\""),
        ("/window/phone", "/sign-in?next=%2Fwindow%2Fphone\""),
        ("/holder/grants", "/sign-in/holder?next=%2Fholder%2Fgrants\""),
        ("/holder/certificate/abc/activate", "/sign-in/holder?next=%2Fholder%2Fcertificate%2Fabc\""),
    ];
    for (path, to) in table {
        let got = nobody.post(path, "x=y");
        let page = text(&got);
        assert!(got.status == 401 && page.contains(to) && page.contains("重新登录"), "{path}: {page}");
    }
}
