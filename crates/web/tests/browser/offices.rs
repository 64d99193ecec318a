//! A day on which the business system is away, from office to office: 主管 records the outage, 窗口经办 asks for an emergency act,
//! 审核 confirms it, 主管 sees what is left to do, 审计管理员 proves what was done. And the integrator's work.

use node::audit::{AsOfFile, NamedKey, check_proof};
use node::client::{Calls, NewClient};
use node::operator::{NewOperator, Warrant};
use serde_json::json;

use crate::site::{PASSWORD, Site, now};
use crate::supervisor::lifecycle_day;
use crate::support::{NOW, submitted};
use testbed::Browser;
use web::Installation;

const MINUTE: i64 = 60_000_000;

/// Accounts of these roles, named by them.
fn staff(site: &Site, people: &[(&str, &str, &str)]) {
    for (name, person, role) in people {
        let new = NewOperator {
            name: (*name).into(),
            person: (*person).into(),
            unit: "演示省交通运输厅".into(),
            staff_no: format!("99{name}"),
            role: (*role).into(),
            areas: vec!["99".into()],
            kinds: vec!["*".into()],
        };
        let by = node::audit::Actor {
            client: "cli".into(),
            operator: Some("管理员一".into()),
            ..node::audit::Actor::default()
        };
        let glass = Warrant::BreakGlass("测试");
        site.world.province.operator_add(new, PASSWORD, &by, glass, NOW).expect("an account");
    }
}

/// The one before leaves, the next one signs in at the same desk.
fn next(site: &Site, browser: &Browser, account: &str) {
    browser.find(".who button").click();
    browser.wait("return location.pathname === '/'");
    site.sign_in(browser, account);
}

/// Follows the link in the menu.
fn go(browser: &Browser, path: &str) {
    browser.find(&format!("nav a[href='{path}']")).click();
    browser.wait(&format!("return location.pathname === '{path}' && document.readyState === 'complete'"));
}

/// Chooses an entry of a list by what it says.
fn choose(browser: &Browser, field: &str, entry: &str) {
    let script = "var s = document.getElementById(arguments[0]); \
         s.value = Array.from(s.options).find(o => o.text.includes(arguments[1])).value";
    browser.run(script, &[json!(field), json!(entry)]);
}

/// Follows the first link of the row that says this.
fn follow(browser: &Browser, said: &str) {
    let row = format!(
        "var r = Array.from(document.querySelectorAll('tbody tr')).find(r => r.innerText.includes({said:?})); \
         if (!r) {{ return false; }} r.querySelector('a').click(); return true"
    );
    browser.wait(&row);
}

/// What a download link gives.
fn downloaded(browser: &Browser, css: &str) -> String {
    let script = "return fetch(document.querySelector(arguments[0]).href).then(got => got.text())";
    browser.run(script, &[json!(css)]).as_str().expect("a text").to_owned()
}

/// The supervisor records that the business system is away.
fn record_outage(browser: &Browser) {
    go(browser, "/supervisor/outages");
    browser.find("main section > details:not(.means) summary").click();
    choose(browser, "leg", "业务系统报送");
    browser.awaited("#party").write("运政");
    browser.find("#cause").write("机房断电");
    browser.find("#measures").write("窗口应急办理，恢复后补录");
    browser.find(".outage-form button").click();
    browser.wait("return document.body.innerText.includes('中断已登记')");
    let cause = browser.run("return document.getElementById('cause').value", &[]);
    assert_eq!(cause, "机房断电");
}

/// The clerk asks for what cannot wait.
fn ask(browser: &Browser, identifier: &str) {
    go(browser, "/clerk/manual");
    assert!(browser.text().contains("业务系统中断中：运政"), "{}", browser.text());
    let today = lifecycle_day(now());
    browser.find("#identifier").write(identifier);
    choose(browser, "event", "暂扣");
    for (field, text) in [
        ("effective_on", today.as_str()),
        ("decision_no", "演交罚〔2026〕7号"),
        ("decision_date", &today),
        ("grounds", "违法行为须立即暂扣，业务系统断电"),
    ] {
        browser.find(&format!("#{field}")).write(text);
    }
    browser.find("form[action='/clerk/manual'] button").click();
    browser.wait("return document.body.innerText.includes('已提交复核')");
    assert!(browser.text().contains("待复核"), "{}", browser.text());
}

/// Another person decides.
fn confirm(browser: &Browser) {
    browser.wait("return location.pathname === '/clerk/confirm'");
    follow(browser, "暂扣");
    browser.wait("return document.body.innerText.includes('违法行为须立即暂扣')");
    browser.find("button[value=confirm]").click();
    browser.wait("return document.body.innerText.includes('已复核')");
    assert!(browser.text().contains("演交罚〔2026〕7号"), "{}", browser.text());
}

/// The supervisor goes from the overview's figure to the item that is left, and to its certificate.
fn watch(browser: &Browser) {
    browser.wait("return location.pathname === '/supervisor'");
    browser.find(".tile-number a[href='/supervisor/tasks']").click();
    browser.wait("return document.body.innerText.includes('应急办理补录')");
    choose(browser, "code", "应急办理补录");
    browser.find(".filter button").click();
    browser.wait("return location.search.includes('MANUAL_ACT')");
    assert!(browser.text().contains("共 1 条") && browser.text().contains("补录"), "{}", browser.text());
    browser.find("td a[href^='/clerk/certificate/']").click();
    browser.wait("return location.pathname.startsWith('/clerk/certificate/')");
    browser.wait("return document.body.innerText.includes('暂扣')");
}

/// What the node does every second: the log goes on, and is signed.
fn sign_log(site: &Site) -> (NamedKey, i64) {
    let province = &site.world.province;
    let keys = node::keys::KeyFolder::open(&site.world.folder.0.join("keys")).expect("the folder");
    let keys = keys.node_keys("test-passphrase").expect("the keys");
    site.app.set_installation(Installation {
        program: "0.6.0".into(),
        started_at: now(),
        file: None,
        config: Vec::new(),
        keys: site.world.folder.0.join("keys"),
        log: keys.log_certificate.clone(),
        drops: Vec::new(),
    });
    while province.sequence(now()).expect("leaves").more {}
    let at = now();
    province.checkpoint(&*keys.log, at).expect("a checkpoint");
    (NamedKey { name: "demo-99".into(), key: keys.log_certificate.public_key().clone() }, at)
}

/// The auditor finds the confirmation, takes its proof, and asks what stood before and after.
fn prove(browser: &Browser, identifier: &str, (key, signed): (NamedKey, i64)) {
    browser.wait("return location.pathname === '/admin/audit'");
    browser.find("#object").write(identifier);
    browser.find("form[action='/admin/audit'] button").click();
    browser.wait("return location.search.includes('object=')");
    follow(browser, "复核应急办理");
    browser.wait("return document.body.innerText.includes('签名成立')");
    assert!(browser.text().contains("业务复核") && browser.text().contains("申请人"), "{}", browser.text());
    let proof = downloaded(browser, "a[href$='/proof']");
    let proven = check_proof(&proof, std::slice::from_ref(&key)).expect("holds for anybody");
    assert_eq!((proven.entry.act.as_str(), proven.entry.outcome.as_str()), ("manual.confirm", "confirmed"));
    browser.find("a[href^='/admin/audit?object=']").click();
    browser.awaited("#state-object");
    // Certificates are of 2026-06-01; the act is of now.
    for (at, state) in [("2026-06-02T08:00".to_owned(), "正常"), (local(signed), "暂扣")] {
        browser.open(&format!(
            "{}/admin/audit",
            browser.run("return location.origin", &[]).as_str().expect("one")
        ));
        browser.find("#state-object").write(identifier);
        browser.run("document.getElementById('state-at').value = arguments[0]", &[json!(at)]);
        browser.find("form[action='/admin/audit/state'] button").click();
        browser.wait("return location.pathname === '/admin/audit/state'");
        let said = browser.find(".facts dd").text();
        assert!(said.contains(state), "{at}: {said}");
    }
    let file = AsOfFile::parse(&downloaded(browser, "a[href^='/admin/audit/state/proof']")).expect("a file");
    file.check(&[key]).expect("holds for anybody");
}

/// The second of an instant in China, as a field of a form has it.
fn local(at: i64) -> String {
    let time = jiff::Timestamp::from_microsecond(at).expect("a time");
    jiff::tz::Offset::constant(8).to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[test]
fn an_emergency_act_goes_from_office_to_office_and_is_proven() {
    let site = Site::start(2);
    staff(
        &site,
        &[
            ("sheng001", "孙主管", "省级主管"),
            ("jingban01", "王经办", "窗口经办"),
            ("shenhe01", "李复核", "审核"),
            ("shenji01", "周审计", "审计管理员"),
        ],
    );
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "sheng001");
    record_outage(&browser);
    next(&site, &browser, "jingban01");
    ask(&browser, &site.identifiers[0]);
    next(&site, &browser, "shenhe01");
    confirm(&browser);
    next(&site, &browser, "sheng001");
    watch(&browser);
    let key = sign_log(&site);
    next(&site, &browser, "shenji01");
    prove(&browser, &site.identifiers[0], key);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_integrator_reads_a_refusal_tries_a_record_and_reads_the_results() {
    let site = Site::start(2);
    staff(&site, &[("duijie01", "吴对接", "系统对接")]);
    let province = &site.world.province;
    let new = NewClient {
        id: Some("yz-sheng".into()),
        name: "演示省运政系统".into(),
        source: "运政".into(),
        rights: vec!["lifecycle@99".parse().expect("a right")],
        callback: None,
    };
    let by = node::audit::Actor { operator: Some("安全".into()), ..node::audit::Actor::default() };
    province.client_add(new, &by, now()).expect("a client");
    let call = |code: &str, calls| {
        let path = "/api/v1/lifecycle/events".into();
        ("yz-sheng".to_owned(), Calls { path, code: code.into(), calls, last_at: now() - MINUTE })
    };
    province.client_called(vec![call("", 120), call("AUTH_CLOCK", 3)], now()).expect("counted");
    let early = crate::support::later("S000001", "E-early", "恢复");
    let late = crate::support::later("S000001", "E-late", "暂扣");
    for one in [early, late] {
        province.accept(vec![submitted(one)], now());
    }
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "duijie01");
    // Why the system is refused, and what to do.
    browser.awaited("a[href='/integrator/client/yz-sheng']").click();
    browser.wait("return document.body.innerText.includes('被拒怎么办')");
    assert!(browser.text().contains("AUTH_CLOCK") && browser.text().contains("请对时"), "{}", browser.text());
    // The sample as it stands, which has mistakes, and then without the first of them.
    go(&browser, "/integrator/sandbox");
    assert!(browser.text().contains("这个请求怎样签名"), "{}", browser.text());
    browser.find("a[href='/integrator/sandbox/lint']").click();
    browser.awaited("#record");
    browser.find("main form button").click();
    browser.awaited("td[data-name='发现']");
    let count = "var m = document.body.innerText.match(/有 (\\d+) 处错误/); return m ? +m[1] : 0";
    let before = browser.run(count, &[]).as_i64().expect("a number");
    assert!(before > 0, "{}", browser.text());
    let record = browser.find("#record");
    let typed = browser.run("return document.getElementById('record').value", &[]);
    record.clear();
    record.write(&typed.as_str().expect("a text").replacen('{', "", 1));
    browser.find("main form button").click();
    browser.wait("return document.body.innerText.includes('没有校验')");
    // The results that wait to be read by the system.
    go(&browser, "/integrator/results");
    browser.wait("return document.body.innerText.includes('E-early')");
    assert!(browser.text().contains("E-late") && browser.text().contains("已办理"), "{}", browser.text());
    browser.complaints().iter().for_each(|one| assert!(one.contains("422"), "{one}"));
}
