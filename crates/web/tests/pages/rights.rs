//! Role × act × area: every page route tried by every role, without a session, with garbage, and from another area. What came of it
//! stands in `rights.txt`, reviewed with `data/rights.toml`.

use std::fmt::Write as _;

use node::lifecycle::Origin;
use node::operator::{Area, HOLDER, Rights, RoleRule};
use web::Method;
use web::pages::{Access, PAGES, Page};

use crate::server::Server;
use crate::support::{NOW, first_issues, submitted};
use crate::visitor::Visitor;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages/rights.txt");

/// A path with something in its blanks that leads nowhere.
fn filled(path: &str) -> String {
    path.replace("{*path}", "nothing")
        .replace("{id}", "0197")
        .replace("{part}", "0")
        .replace("{version}", "1")
        .replace("{n}", "0")
        .replace("{identifier}", "1")
}

#[test]
fn every_route_is_for_whom_the_table_says() {
    let server = Server::start();
    let visitors = everybody(&server, "9901");
    let mut table = String::from(
        "# who may open what: ✓ let in, ✕ refused for want of the right (403); a stranger is sent to the sign-in\n",
    );
    for page in PAGES.iter().copied().flatten() {
        // The route that only debug builds have; and the one that ends the sessions that this test uses.
        if page.path == "/design" {
            continue;
        }
        let path = filled(page.path);
        let stranger = Visitor::stranger(&server);
        let try_it = |visitor: &Visitor| match page.method {
            Method::Get => visitor.get(&path),
            Method::Post if page.path == "/sign-out" => visitor.get(&path),
            Method::Post => visitor.post(&path, ""),
        };
        let _ = write!(table, "{} {}", page.method.name(), page.path);
        let (act, fresh) = match page.access {
            Access::Open => {
                let _ = writeln!(table, "  everybody");
                continue;
            }
            Access::Begun => {
                let _ = writeln!(table, "  whoever has given a password");
                continue;
            }
            Access::Act(act) => (act, ""),
            Access::Fresh(act) => (act, " given anew"),
        };
        let _ = write!(table, "  {act}{fresh}:");
        let got = match page.method {
            Method::Get => stranger.get(&path),
            Method::Post => stranger.send(&path, &[], ""),
        };
        let wanted = if page.method == Method::Get { 303 } else { 401 };
        assert_eq!(got.status, wanted, "a stranger at {path}: {}", String::from_utf8_lossy(&got.body));
        for (role, visitor) in &visitors {
            let may = may(role, page);
            let role = &role.name;
            let got = try_it(visitor);
            let text = String::from_utf8_lossy(&got.body);
            let refused = got.status == 403 && text.contains("没有权限");
            assert_eq!(refused, !may, "{role} at {path}: {}", got.status);
            assert!(got.status < 500, "{role} at {path}: {text}");
            let _ = write!(table, " {role}{}", if may { "✓" } else { "✕" });
        }
        table.push('\n');
    }
    compare(&table);
}

/// Where they differ, the new table is left beside the old one.
fn compare(table: &str) {
    let held = std::fs::read_to_string(FILE).unwrap_or_default();
    if held != table {
        let new = format!("{FILE}.new");
        std::fs::write(&new, table).expect("the new table");
        panic!("the rights have changed; review {new} and put it in the place of rights.txt");
    }
}

/// A visitor of each role, in one area.
fn everybody<'s>(server: &'s Server, area: &str) -> Vec<(&'static RoleRule, Visitor<'s>)> {
    let rights = Rights::builtin().expect("the table");
    let visitor = |(role, n): (&'static RoleRule, usize)| {
        let visitor = match role.name.as_str() {
            HOLDER => Visitor::holder(server, "张三", "990101199001010000"),
            name => Visitor::operator(server, &format!("account{n}"), name, area),
        };
        (role, visitor)
    };
    rights.roles.iter().zip(0..).map(visitor).collect()
}

/// May a role open a page?
fn may(role: &RoleRule, page: &Page) -> bool {
    matches!(page.access, Access::Act(act) | Access::Fresh(act) if role.area_of(act).is_some())
}

#[test]
fn garbage_is_answered_without_a_fault_of_ours() {
    let server = Server::start();
    let everybody = everybody(&server, "*");
    let bodies = [
        "",
        "=&=&&",
        "text=%00",
        "text=%ff",
        "by=plate&plate=&colour=",
        "by=holder&number=%F0%9F%9A%9A",
        "outcome=x&stop=zz",
        "after=%00&sort=x&down=9&id=%27%22%3C&from=99&until=-1&q=%E6%BC%94%25_",
    ];
    for page in PAGES.iter().copied().flatten().filter(|page| page.path != "/sign-out") {
        let path = filled(page.path);
        for body in bodies {
            // Whoever is refused at the door never reaches the page.
            for (role, visitor) in everybody.iter().filter(|(role, _)| may(role, page)) {
                let got = match page.method {
                    Method::Get => visitor.get(&format!("{path}?{body}")),
                    Method::Post => visitor.post(&path, body),
                };
                let text = String::from_utf8_lossy(&got.body);
                assert!(got.status < 500, "{} {} {path} {body}: {text}", role.name, page.method.name());
            }
        }
    }
    let officer = &everybody.iter().find(|(role, _)| role.name == "执法").expect("one").1;
    // Bytes of no kind, where a script sends bytes.
    let headers = [
        ("Cookie".to_owned(), format!("lz_session={}", officer.cookie.as_deref().expect("a cookie"))),
        ("X-CSRF".to_owned(), officer.csrf()),
    ];
    for path in ["/officer/check/file", "/officer/device", "/officer/receipts"] {
        let got = server.send("POST", path, &headers, &[0, 159, 146, 150, 255]);
        assert!(got.status < 500, "{path}: {}", got.status);
    }
}

#[test]
fn a_clerk_activates_in_the_own_area_only_and_a_holder_sees_the_own_only() {
    let server = Server::start();
    let answer =
        server.app.province.accept(vec![submitted(first_issues(1).remove(0))], NOW).pop().expect("one");
    let identifier = answer.identifier.expect("issued");
    let form = format!(
        "sure=yes&id={identifier}&certificate={identifier}&proof=%E6%A0%B8%E5%AF%B9%E8%BA%AB%E4%BB%BD%E8%AF%81"
    );
    let place = server.app.province.locate(Origin::Key(&identifier)).expect("rows").expect("it");
    let area = place.area;
    let (own, other) = (&area[..4], if area.starts_with("9901") { "9902" } else { "9901" });
    let stranger = Visitor::operator(&server, "chuangkou1", "窗口经办", other);
    let got = stranger.post("/window/activate", &form);
    assert_eq!(got.status, 409);
    assert!(String::from_utf8_lossy(&got.body).contains("行政区划内没有这件证照"));
    let kind = if place.kind == "taxi-driver" { "transport-certificate" } else { "taxi-driver" };
    let strange = Visitor::of_kind(&server, "chuangkou3", "窗口经办", (own, kind));
    let same = strange.post("/window/activate", &form);
    assert!(
        same.status == 409 && String::from_utf8_lossy(&same.body).contains("没有这件证照"),
        "another kind"
    );
    let clerk = Visitor::operator(&server, "chuangkou2", "窗口经办", own);
    assert!(String::from_utf8_lossy(&clerk.post("/window/activate", &form).body).contains("已激活"));
    // Another holder gets the same answer as for nothing.
    let other = Visitor::holder(&server, "李四", "990101199001020001");
    let id = answer.certificate.expect("a row key");
    for path in ["certificate", "show", "sheet"] {
        let theirs = other.get(&format!("/holder/{path}/{id}"));
        let nothing = other.get(&format!("/holder/{path}/0197"));
        assert_eq!((theirs.status, nothing.status), (404, 404), "{path}");
    }
    assert!(other.get(&format!("/holder/certificate/{id}/face/0")).status >= 400);
}

#[test]
fn nothing_of_another_area_is_shown() {
    let server = Server::start();
    let answer =
        server.app.province.accept(vec![submitted(first_issues(1).remove(0))], NOW).pop().expect("one");
    let (identifier, id) = (answer.identifier.expect("issued"), answer.certificate.expect("a row key"));
    let place = server.app.province.locate(Origin::Key(&identifier)).expect("rows").expect("it");
    let area = place.area;
    let other = if area.starts_with("9901") { "9902" } else { "9901" };
    for (role, visitor) in everybody(&server, other) {
        let pages = PAGES.iter().copied().flatten();
        for page in pages.filter(|page| page.method == Method::Get && may(role, page)) {
            let Access::Act(act) = page.access else { continue };
            if role.area_of(act) == Some(Area::Any) {
                continue;
            }
            let asked = [
                page.path.replace("{id}", &id).replace("{identifier}", &identifier).replace("{part}", "0"),
                format!("{}?q={identifier}&object={identifier}&certificate={id}", filled(page.path)),
            ];
            for path in asked {
                let got = visitor.get(&path);
                // The words that were asked for stand in the field again; what belongs to them does not.
                let text = String::from_utf8_lossy(&got.body).replace(&format!("value=\"{identifier}\""), "");
                let shown = got.status == 200 && text.contains(&format!("/clerk/certificate/{id}"));
                assert!(!shown, "{} at {path}", role.name);
                let named = page.path.contains("{id}") && path.contains(&id);
                assert!(!(named && got.status == 200), "{} at {path}: {}", role.name, got.status);
            }
        }
    }
}
