//! A clerk's main work in a real browser: search → certificate → time line; a file with a finding → mended → done; sheets;
//! a photo. And pictures of these pages.

use std::path::PathBuf;

use node::audit::Actor;
use node::deliver::WindowActivation;
use node::operator::{NewOperator, Warrant};

use crate::clerk_stage::{CLERK, EMPTY, actor, fill, halve};
use crate::screens::take;
use crate::site::{PASSWORD, Site, now};
use crate::support::{NOW, first_issues, later, submitted};
use testbed::Browser;

fn account(site: &Site, name: &str, person: &str, role: &str) {
    let new = NewOperator {
        name: name.into(),
        person: person.into(),
        unit: "演示市交通运输局".into(),
        staff_no: format!("9901-{name}"),
        role: role.into(),
        areas: vec!["99".into()],
        kinds: vec!["*".into()],
    };
    let by = Actor { client: "cli".into(), operator: Some("管理员一".into()), ..Actor::default() };
    site.app.province.operator_add(new, PASSWORD, &by, Warrant::BreakGlass("测试"), NOW).expect("an account");
}

/// A file of records of which the first one has a wrong date; the right date.
fn file(site: &Site, from: usize, count: usize) -> (PathBuf, Vec<PathBuf>, String) {
    let mut events = first_issues(from + count).split_off(from);
    let record = events[0].record.as_mut().expect("a record");
    let right = record.face.text("ZZBFRQ").unwrap_or_default().to_owned();
    record.face.set("ZZBFRQ", "2026-13-45");
    let folder = &site.world.folder.0;
    let (mut lines, mut photos) = (Vec::new(), Vec::new());
    for event in &events {
        let mut record = event.record.clone().expect("a record");
        if let Some(photo) = &event.photo {
            let name = format!("{}.jpg", record.record_id);
            std::fs::write(folder.join(&name), gm::base64::decode(photo).expect("Base64")).expect("a photo");
            photos.push(folder.join(&name));
            record.photo = Some(name);
        }
        lines.push(serde_json::to_string(&record).expect("JSON"));
    }
    let path = folder.join("本周新办.jsonl");
    std::fs::write(&path, lines.join("\n")).expect("a file");
    (path, photos, right)
}

fn upload(site: &Site, browser: &Browser, file: &(PathBuf, Vec<PathBuf>, String)) {
    browser.open(&format!("{}/clerk/batch", site.root));
    browser.find("#file").write(&file.0.display().to_string());
    if !file.1.is_empty() {
        let all: Vec<String> = file.1.iter().map(|path| path.display().to_string()).collect();
        browser.find("#photos").write(&all.join("\n"));
    }
    browser.find("form[action='/clerk/batch'] button").click();
    browser.wait("return location.pathname.startsWith('/clerk/batch/')");
}

#[test]
fn a_clerk_searches_reads_the_past_and_mends_a_file() {
    let site = Site::start(3);
    account(&site, "jingban001", "王经办", "窗口经办");
    site.app.province.accept(vec![submitted(later("S000000", "E-2", "暂扣"))], NOW + 9);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "jingban001");
    browser.find("#text").write(&site.identifiers[0]);
    browser.find(".find button").click();
    browser.wait("return location.pathname.startsWith('/clerk/certificate/')");
    browser.wait("var i = document.querySelector('.face img'); return i && i.complete && i.naturalWidth > 0");
    let past = browser.run("return document.querySelector('.past').innerText", &[]);
    let past = past.as_str().expect("a text").to_owned();
    assert!(past.find("暂扣") < past.find("初领"), "newest first: {past}");
    // Back leads to the search, not into a loop.
    browser.run("history.back()", &[]);
    browser.wait("return location.pathname === '/clerk'");

    let file = file(&site, 3, 3);
    upload(&site, &browser, &file);
    assert!(browser.text().contains("办理 2 条"), "{}", browser.text());
    browser.find("td.end a").click();
    browser.wait("return document.querySelectorAll('.field.wrong').length === 1");
    let field = browser.find("[id='f.ZZBFRQ']");
    field.clear();
    field.write(&file.2);
    browser.find("form.form button").click();
    browser.wait("return document.body.innerText.includes('办理 3 条')");
    browser.find("#go").click();
    browser.awaited("#progress");
    while site.app.province.batch_work("worker", now()).expect("worked") {}
    // The page turns by itself.
    browser.wait("return document.body.innerText.includes('已办结')");
    browser.find("td.end a").click();
    browser.wait("return location.pathname.startsWith('/clerk/certificate/')");
    assert!(browser.text().contains("批量导入") || browser.text().contains("初领"));
    assert!(browser.complaints().is_empty(), "{:#?}", browser.complaints());
}

#[test]
fn a_clerk_prints_and_finds_the_printing_again() {
    let site = Site::start(2);
    account(&site, CLERK, "王经办", "窗口经办");
    let province = &site.app.province;
    let window =
        WindowActivation { certificate: site.identifiers[0].clone(), proof: "核对身份证原件".into() };
    province.deliver_activate_at_window(&window, &actor(CLERK), now()).expect("activated");
    let browser = Browser::start(&[]);
    site.sign_in(&browser, CLERK);
    browser.open(&format!("{}/clerk/print", site.root));
    browser.find("#names").write(&site.identifiers.join("\n"));
    browser.find("#proof").write("企业经办人到窗口领取");
    browser.find("form[action='/clerk/print'] button").click();
    browser.awaited("#progress");
    // Left, and found again in the list.
    browser.open(&format!("{}/clerk", site.root));
    browser.open(&format!("{}/clerk/print", site.root));
    browser.find("td a[href^='/clerk/print/']").click();
    browser.awaited("#progress progress");
    while province.print_work("worker", now()).expect("worked") {}
    // The page turns by itself.
    browser.awaited("#sheets");
    assert!(browser.text().contains("窗口激活"), "what to do about the other: {}", browser.text());
    browser.find("#sheets").click();
    browser.wait(
        "var i = document.querySelector('.sheet-face img'); return i && i.complete && i.naturalWidth > 0",
    );
    assert_eq!(browser.run("return document.querySelectorAll('.one-page').length", &[]), 1);
    assert!(browser.complaints().is_empty(), "{:#?}", browser.complaints());
}

#[test]
fn a_clerk_replaces_a_photo_where_its_finding_stands() {
    let site = Site::start(1);
    account(&site, CLERK, "王经办", "窗口经办");
    let event =
        first_issues(12).into_iter().rev().find(|event| event.photo.is_some()).expect("one with a photo");
    let photo = gm::base64::decode(event.photo.as_deref().expect("a photo")).expect("Base64");
    let mut wrong = event;
    halve(&mut wrong);
    site.app.province.accept(vec![submitted(wrong)], NOW);
    let path = site.world.folder.0.join("新照片.jpg");
    std::fs::write(&path, photo).expect("a photo");
    let browser = Browser::start(&[]);
    site.sign_in(&browser, CLERK);
    browser.open(&format!("{}/clerk/tasks?of=unfit", site.root));
    browser.find("td a").click();
    browser.awaited(".field.wrong #photo").write(&path.display().to_string());
    browser.find("#why").write("按照片原件更换");
    browser.find("form.form button").click();
    browser.wait("return location.pathname.startsWith('/clerk/certificate/')");
    browser.wait("var i = document.querySelector('.face img'); return i && i.complete && i.naturalWidth > 0");
    assert!(browser.complaints().is_empty(), "{:#?}", browser.complaints());
}

#[test]
#[ignore = "makes pictures for people"]
fn clerk_screens() {
    let site = Site::start(1);
    account(&site, CLERK, "王经办", "窗口经办");
    account(&site, "shenhe001", "李复核", "审核");
    let browser = Browser::start(&[]);
    site.sign_in(&browser, CLERK);
    let open = |browser: &Browser, name: &str, path: &str| {
        browser.open(&format!("{}{path}", site.root));
        browser.wait(
            "return [...document.images].every(function (i) { return i.loading === 'lazy' || i.complete; })",
        );
        take(browser, &format!("clerk-{name}"));
    };
    for (name, path) in EMPTY {
        open(&browser, name, path);
    }
    let stage = fill(&site.app.province, now());
    for (name, path) in &stage.pages {
        open(&browser, name, path);
    }
    let look = |text: &str, name: &str| {
        browser.open(&format!("{}/clerk", site.root));
        browser.find("#text").write(text);
        browser.find(".find button").click();
        browser.wait("return location.search.includes('find=')");
        take(&browser, name);
    };
    look(&stage.holder, "clerk-found");
    look("查无此人", "clerk-nothing");
    open(&browser, "print-filled", "/clerk/print");
    browser.find("#names").write("1");
    browser.find("#proof").write("取");
    browser.find("form[action='/clerk/print'] button").click();
    browser.awaited(".notice.bad");
    take(&browser, "clerk-print-error");
    browser.open(&format!("{}/clerk/manual?identifier={}", site.root, stage.identifier));
    for (field, text) in
        [("#effective_on", "昨天"), ("#decision_no", "7号"), ("#decision_date", "2026-06-01")]
    {
        browser.find(field).write(text);
    }
    browser.find("#grounds").write("违法行为需立即暂扣，运政系统断电");
    browser.find("form[action='/clerk/manual'] button").click();
    browser.awaited(".notice.bad");
    take(&browser, "clerk-manual-error");
    println!("{:#?}", browser.complaints());
    drop(browser);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "shenhe001");
    open(&browser, "confirms", "/clerk/confirm");
    open(&browser, "confirms-all", "/clerk/confirm?of=all");
    open(&browser, "confirm", &stage.confirm);
    browser.find("button[value=reject]").click();
    browser.wait("return document.readyState === 'complete'");
    take(&browser, "clerk-confirm-error");
    println!("{:#?}", browser.complaints());
}
