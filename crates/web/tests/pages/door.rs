//! The door: cookie, origin, token, time-outs, headers.

use std::sync::atomic::Ordering;

use crate::server::Server;
use crate::support::SECOND;
use crate::visitor::{PASSWORD, Visitor};

#[test]
fn signing_in_sets_a_strict_cookie_and_goes_only_to_our_own_pages() {
    let server = Server::start();
    Visitor::operator(&server, "zhifa001", "执法", "*");
    let nobody = Visitor::stranger(&server);
    let sign_in = |next: &str| {
        let form = format!("account=zhifa001&password={PASSWORD}&next={next}");
        nobody.send("/sign-in", &[("Sec-Fetch-Site", "same-origin")], &form)
    };
    let got = sign_in("%2Fofficer%2Fhistory");
    assert_eq!((got.status, got.header("location").as_str()), (303, "/officer/history"));
    let cookie = got.header("set-cookie");
    for word in ["lz_session=", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    for away in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example"] {
        assert_eq!(sign_in(away).header("location"), "/officer", "{away}");
    }
}

#[test]
fn forms_of_other_sites_and_forms_without_the_token_do_nothing() {
    let server = Server::start();
    let officer = Visitor::operator(&server, "zhifa001", "执法", "*");
    let csrf = officer.csrf();
    let form = format!("csrf={csrf}&by=code&text=x");
    for headers in [&[("Sec-Fetch-Site", "cross-site")][..], &[("Origin", "https://evil.example")]] {
        assert_eq!(officer.send("/officer/check", headers, &form).status, 403, "{headers:?}");
    }
    assert_eq!(officer.send("/officer/check", &[], "by=code&text=x").status, 403);
    assert_eq!(officer.send("/officer/check", &[("Origin", "http://node")], &form).status, 200);
}

#[test]
fn every_page_has_the_strict_headers_and_no_inline_script_or_style() {
    let server = Server::start();
    let officer = Visitor::operator(&server, "zhifa001", "执法", "*");
    let holder = Visitor::holder(&server, "张三", "990101199001010000");
    let stranger = Visitor::stranger(&server);
    let pages = [
        (&stranger, "/"),
        (&stranger, "/sign-in"),
        (&stranger, "/sign-in/holder"),
        (&stranger, "/nothing"),
        (&officer, "/officer"),
        (&officer, "/officer/history"),
        (&officer, "/officer/pack"),
        (&officer, "/account"),
        (&holder, "/holder"),
        (&holder, "/holder/grants"),
        (&holder, "/holder/uses"),
    ];
    for (visitor, path) in pages {
        let got = visitor.get(path);
        let policy = got.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        let text = String::from_utf8_lossy(&got.body);
        for inline in ["<style", " style=", " onclick", " onload", "javascript:"] {
            assert!(!text.contains(inline), "{path} has {inline}");
        }
        for script in text.split("<script").skip(1) {
            assert!(script.split('>').next().is_some_and(|head| head.contains("src=")), "{path}");
        }
    }
}

#[test]
fn a_session_that_is_over_leads_back_to_the_sign_in_and_a_script_is_told() {
    let server = Server::start();
    let officer = Visitor::operator(&server, "zhifa001", "执法", "*");
    assert_eq!(officer.get("/officer").status, 200);
    server.clock.fetch_add(721 * 60 * SECOND, Ordering::SeqCst);
    let got = officer.get("/officer/history");
    assert_eq!((got.status, got.header("location").as_str()), (303, "/sign-in?next=/officer/history"));
    assert_eq!(officer.post("/officer/check", "by=code&text=x").status, 401);
}
