//! The main pages as HTML, held in `snapshots/`, without what changes from run to run.

use std::path::PathBuf;

use crate::server::Server;
use crate::support::{NOW, first_issues, submitted};
use crate::visitor::Visitor;

/// The page without row keys, tokens, receipts and drawn codes.
fn still(html: &str) -> String {
    let mut out = String::new();
    for line in html.lines() {
        let mut line = cut(line, "value=\"", "\"", |text| {
            text.len() >= 16 && text.bytes().all(|b| b.is_ascii_hexdigit())
        });
        line = cut(&line, "content=\"", "\"", |text| text.len() == 32);
        line = cut(&line, "data-stop=\"", "\"", |_| true);
        line = cut(&line, "<path d=\"M", "\"", |_| true);
        line = cut(&line, "receipt-text\">", "<", |_| true);
        line = cut(&line, "/certificate/", "\"", |_| true);
        line = cut(&line, "content=\"/officer", "\"", |_| true);
        line = cut(&line, "find=", "\"", |_| true);
        line = keys(&line);
        out += &line;
        out.push('\n');
    }
    out
}

/// The line with its row keys (32 hexadecimal digits) left out.
fn keys(line: &str) -> String {
    let (mut out, mut run) = (String::new(), String::new());
    for letter in line.chars().chain(['\n']) {
        if letter.is_ascii_digit() || ('a'..='f').contains(&letter) {
            run.push(letter);
            continue;
        }
        out += if run.len() == 32 { "…" } else { &run };
        run.clear();
        out.push(letter);
    }
    out.trim_end_matches('\n').to_owned()
}

/// Replaces what stands between two marks where it fits.
fn cut(line: &str, from: &str, to: &str, fits: impl Fn(&str) -> bool) -> String {
    let mut parts = line.split(from);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += from;
        match part.split_once(to) {
            Some((inside, rest)) if fits(inside) => out += &format!("…{to}{rest}"),
            _ => out += part,
        }
    }
    out
}

pub fn compare(name: &str, html: &[u8]) {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages/snapshots"));
    let path = folder.join(format!("{name}.html"));
    let now = still(&String::from_utf8_lossy(html));
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    if held != now {
        std::fs::create_dir_all(&folder).expect("a folder");
        let new = folder.join(format!("{name}.html.new"));
        std::fs::write(&new, now).expect("the new page");
        panic!("page {name} has changed; look at {} and put it in the place of the old one", new.display());
    }
}

#[test]
fn pages_look_as_reviewed() {
    let server = Server::start();
    let event = first_issues(1).remove(0);
    let record = event.record.clone().expect("a record");
    let text = |item: &str| record.face.text(item).unwrap_or_default().to_owned();
    let (name, number) = (text("CZZT"), text("CZZTDM"));
    let answer = server.app.province.accept(vec![submitted(event)], NOW).pop().expect("one");
    let stranger = Visitor::stranger(&server);
    let mut failed = Vec::new();
    let mut check = |name: &str, body: &[u8]| {
        let (name, body) = (name.to_owned(), body.to_vec());
        if std::panic::catch_unwind(|| compare(&name, &body)).is_err() {
            failed.push(name);
        }
    };
    check("welcome", &stranger.get("/").body);
    check("sign-in", &stranger.get("/sign-in").body);
    check("error", &stranger.get("/nothing").body);
    let officer = Visitor::operator(&server, "zhifa001", "执法", "*");
    check("officer", &officer.get("/officer").body);
    let asked =
        officer.post("/officer/check", &format!("by=code&text={}", answer.identifier.expect("issued")));
    check("officer-answer", &asked.body);
    let maker = Visitor::operator(&server, "xitong", "系统管理员", "*");
    check("operators", &maker.get("/admin/operators").body);
    check("operator", &maker.get("/admin/operators/account/zhifa001").body);
    let granter = Visitor::operator(&server, "anquan", "安全管理员", "*");
    check("grants", &granter.get("/admin/grants").body);
    check("grant", &granter.get("/admin/grants/account/zhifa001").body);
    let holder = Visitor::holder(&server, &name, &number);
    check("holder", &holder.get("/holder").body);
    let id = answer.certificate.expect("a row key");
    check("holder-certificate", &holder.get(&format!("/holder/certificate/{id}")).body);
    let integrator = Visitor::operator(&server, "duijie1", "系统对接", "99");
    check("catalogue", &integrator.get("/catalogue").body);
    check("catalogue-kind", &integrator.get("/catalogue/kind?code=qualification").body);
    let chief = Visitor::operator(&server, "sheng1", "省级主管", "99");
    check("reconcile-empty", &chief.get("/supervisor/reconcile").body);
    check("ministry-elsewhere", &Visitor::operator(&server, "bu1", "部级", "*").get("/ministry").body);
    check("duty", &maker.get("/admin/duty").body);
    check("client-new", &granter.get("/admin/clients/new").body);
    check("sandbox", &integrator.get("/integrator/sandbox").body);
    assert!(failed.is_empty(), "changed: {failed:?}");
}
