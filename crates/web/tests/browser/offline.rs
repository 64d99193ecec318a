//! What an officer does with the network cut, and what becomes of it afterwards.

use crate::journeys::{check_text, face_code, install_pack, ready, verdict};
use crate::site::Site;
use crate::support::{NOW, first_issues, later, submitted};
use testbed::Browser;

/// An officer at a page that works without network.
fn on_duty(site: &Site) -> Browser {
    site.make_pack();
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "zhifa001");
    install_pack(site, &browser);
    browser.open(&format!("{}/officer", site.root));
    ready(&browser);
    browser.wait("return document.documentElement.dataset.offline === 'ready'");
    browser
}

fn conclude(browser: &Browser, outcome: &str, note: &str) {
    browser.find("#stop-bar select").write(outcome);
    browser.find("#stop-bar [name=note]").write(note);
    browser.find("#stop-bar button").click();
    browser.wait("return !!document.documentElement.dataset.kept");
}

#[test]
fn an_outcome_without_network_outlives_the_tab_and_goes_up_after_its_receipts() {
    let site = Site::start(2);
    let browser = on_duty(&site);
    site.cut();
    browser.open(&format!("{}/officer", site.root));
    ready(&browser);
    check_text(&browser, &face_code(&site, 0));
    browser.awaited(".verdict[data-offline]");
    assert!(verdict(&browser).starts_with("有效"), "{}", browser.text());
    assert!(browser.find(".verdict .allows").text().contains("请在证件上查看"), "{}", browser.text());
    // A second check of the same stop.
    check_text(&browser, &face_code(&site, 1));
    browser.wait("return document.getElementById('stop-bar').dataset.count === '2'");
    conclude(&browser, "责令改正", "灯光不合规");
    assert!(browser.text().contains("已记在本机"), "{}", browser.text());
    // The next stop is another one.
    assert_eq!(browser.run("return document.querySelector('form.ask [name=stop]').value", &[]), "");

    // The tab is gone; what was recorded is not.
    browser.open("about:blank");
    browser.open(&format!("{}/officer/pack", site.root));
    browser.wait("return document.getElementById('wait-badge').textContent === '2 份待上传'");
    let waiting = browser.find("#wait-outcomes").text();
    assert!(waiting.contains("责令改正") && waiting.contains("待上传"), "{waiting}");

    site.back();
    browser.open(&format!("{}/officer/pack", site.root));
    browser.wait("return document.getElementById('wait-badge').textContent === '0 份待上传'");
    browser.wait("return document.getElementById('wait-outcomes').textContent.indexOf('已上传') > 0");
    browser.open(&format!("{}/officer/history", site.root));
    let history = browser.text();
    assert!(history.contains("责令改正") && history.contains("灯光不合规"), "{history}");
    let groups = site
        .world
        .province
        .group_list(("演示市交通运输综合行政执法支队", "99010001"), i64::MAX, 10)
        .expect("rows");
    assert_eq!(groups.len(), 1, "both checks are one stop: {groups:?}");
}

#[test]
fn the_network_is_cut_between_check_and_outcome() {
    let site = Site::start(1);
    let browser = on_duty(&site);
    check_text(&browser, &face_code(&site, 0));
    assert!(verdict(&browser).starts_with("有效"), "{}", browser.text());
    assert!(browser.find(".verdict .allows").text().starts_with("准许"), "{}", browser.text());
    site.cut();
    conclude(&browser, "放行", "");
    let groups = site
        .world
        .province
        .group_list(("演示市交通运输综合行政执法支队", "99010001"), i64::MAX, 10)
        .expect("rows");
    assert_eq!(groups[0].outcome, "未记录");
    site.back();
    browser.open(&format!("{}/officer", site.root));
    ready(&browser);
    browser.open(&format!("{}/officer/pack", site.root));
    browser.wait("return document.getElementById('wait-outcomes').textContent.indexOf('已上传') > 0");
    browser.open(&format!("{}/officer/history", site.root));
    assert!(browser.text().contains("放行"), "{}", browser.text());
}

#[test]
fn nobody_is_let_go_unasked_after_an_invalid_check_with_or_without_network() {
    let site = Site::start(1);
    let subject = first_issues(1).remove(0).subject_ref.expect("a reference");
    site.world.province.accept(vec![submitted(later(&subject, "e-2", "暂扣"))], NOW);
    let browser = on_duty(&site);
    browser.phone(true);
    let check = || {
        check_text(&browser, &face_code(&site, 0));
        assert_eq!(verdict(&browser), "无效", "{}", browser.text());
        let chosen = browser.run("return document.querySelector('#stop-bar select').value", &[]);
        assert_eq!(chosen, "", "nothing is chosen beforehand");
        browser.find("#stop-bar select").write("放行");
        browser.find("#stop-bar form button").click();
        browser.awaited(".ask-outcome");
    };
    check();
    let kept = |outcome: &str| {
        let groups = site
            .world
            .province
            .group_list(("演示市交通运输综合行政执法支队", "99010001"), i64::MAX, 10)
            .expect("rows");
        assert_eq!(groups[0].outcome, outcome);
    };
    kept("未记录");
    browser.find(".ask-outcome .danger").click();
    browser.wait("return location.search === '' && !!document.getElementById('toast')");
    kept("放行");

    ready(&browser);
    site.cut();
    check();
    browser.find(".ask-outcome .button:not(.danger)").click();
    let chosen = browser.run("return document.querySelector('#stop-bar select').value", &[]);
    assert_eq!(chosen, "", "the other answer chooses nothing");
    browser.find("#stop-bar select").write("放行");
    browser.find("#stop-bar form button").click();
    browser.awaited(".ask-outcome .danger").click();
    browser.wait("return !!document.documentElement.dataset.kept");
}
