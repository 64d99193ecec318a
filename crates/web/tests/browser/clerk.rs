//! A clerk's main work in a real browser: search → certificate → time line; a file with a finding → mended → done. And pictures of these
//! pages.

use std::path::PathBuf;

use node::audit::Actor;
use node::deliver::WindowActivation;
use node::operator::{NewOperator, Warrant};
use node::outage::{Leg, NewOutage};

use crate::screens::take;
use crate::site::{PASSWORD, Site, now};
use crate::support::{NOW, first_issues, later, submitted};
use testbed::Browser;

fn actor(account: &str) -> Actor {
    Actor {
        client: "web".into(),
        operator: Some(account.into()),
        unit: Some("演示市交通运输局".into()),
        staff_no: Some(format!("9901-{account}")),
        ..Actor::default()
    }
}

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
#[ignore = "makes pictures for people"]
fn clerk_screens() {
    let site = Site::start(12);
    account(&site, "jingban001", "王经办", "窗口经办");
    account(&site, "shenhe001", "李复核", "审核");
    let province = &site.app.province;
    province.accept(vec![submitted(later("S000000", "E-2", "暂扣"))], NOW + 9);
    province.accept(vec![submitted(later("S000001", "E-3", "复业"))], NOW + 9);
    let mut wrong = first_issues(13).remove(12);
    wrong.record.as_mut().expect("a record").face.set("ZZBFRQ", "2026-13-45");
    province.accept(vec![submitted(wrong)], NOW + 9);
    let new = NewOutage {
        leg: Leg::In,
        party: "运政".into(),
        planned: false,
        started_at: now() - 3_600_000_000,
        ends_at: None,
        cause: "机房断电".into(),
        measures: "窗口应急办理".into(),
    };
    province.outage_open(new, &actor("shengji001"), now()).expect("opens");
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "jingban001");
    take(&browser, "clerk");
    browser.find("#text").write(&site.holders[0].0);
    browser.find(".find button").click();
    browser.wait("return document.readyState === 'complete'");
    take(&browser, "clerk-found");
    browser.open(&format!("{}/clerk", site.root));
    browser.find("#text").write("查无此人");
    browser.find(".find button").click();
    browser.wait("return location.search.includes('find=')");
    take(&browser, "clerk-nothing");
    browser.open(&format!("{}/clerk", site.root));
    browser.find("#text").write(&site.identifiers[0]);
    browser.find(".find button").click();
    browser.wait("var i = document.querySelector('.face img'); return i && i.complete && i.naturalWidth > 0");
    take(&browser, "clerk-certificate");
    browser.run("window.scrollTo(0, 700)", &[]);
    take(&browser, "clerk-certificate-below");
    upload(&site, &browser, &file(&site, 13, 5));
    take(&browser, "clerk-batch");
    browser.find("td.end a").click();
    browser.wait("return document.querySelectorAll('.field.wrong').length === 1");
    take(&browser, "clerk-mend");
    browser.open(&format!("{}/clerk/batch", site.root));
    take(&browser, "clerk-batches");
    for of in ["", "unfit", "refused"] {
        browser.open(&format!("{}/clerk/tasks?of={of}", site.root));
        take(&browser, &format!("clerk-work-{of}"));
    }
    browser.open(&format!("{}/clerk/tasks?of=unfit", site.root));
    browser.find("td a").click();
    take(&browser, "clerk-event");
    emergency(&site, &browser);
    let one =
        WindowActivation { certificate: site.identifiers[1].clone(), proof: "核对身份证原件".into() };
    province.deliver_activate_at_window(&one, &actor("jingban001"), now()).expect("activated");
    browser.open(&format!("{}/clerk/print", site.root));
    browser.find("#names").write(&format!("{}\n{}", site.identifiers[1], site.identifiers[2]));
    browser.find("#proof").write("企业经办人到窗口领取");
    take(&browser, "clerk-print");
    browser.find("form[action='/clerk/print'] button").click();
    browser.awaited(".sheet");
    take(&browser, "clerk-sheets");
    println!("{:#?}", browser.complaints());
    drop(browser);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "shenhe001");
    take(&browser, "clerk-confirms");
    browser.open(&format!("{}/clerk/confirm", site.root));
    browser.run("var a = document.querySelector('td a'); if (a) { a.click(); }", &[]);
    browser.wait("return document.readyState === 'complete'");
    take(&browser, "clerk-confirm");
    println!("{:#?}", browser.complaints());
}

fn emergency(site: &Site, browser: &Browser) {
    browser.open(&format!("{}/clerk/manual", site.root));
    let today = browser.find("#effective_on");
    today.write("2026-06-02");
    browser.find("#decision_date").write("2026-06-01");
    browser.find("#decision_no").write("演交罚〔2026〕7号");
    browser.find("#identifier").write(&site.identifiers[3]);
    browser.find("#grounds").write("违法行为需立即暂扣，运政系统断电");
    take(browser, "clerk-manual");
    browser.find("form[action='/clerk/manual'] button").click();
    browser
        .wait("return location.search.includes('done=asked') || !document.querySelector('.toast') === false");
    take(browser, "clerk-manual-asked");
}
