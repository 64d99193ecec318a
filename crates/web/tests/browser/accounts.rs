//! An account from the form of 系统管理员 to the person's own second factor; and pictures of these pages:
//! `cargo test -p web --test browser -- --ignored screens_of_accounts`.

use node::audit::Actor;
use node::operator::{NewOperator, Warrant, totp_code};

use crate::screens::take;
use crate::site::{PASSWORD, Site, now};
use testbed::Browser;

const SECRET: &[u8; 20] = b"12345678901234567890";

fn by(name: &str) -> Actor {
    Actor { client: "cli".into(), operator: Some(name.into()), ..Actor::default() }
}

/// The three administrators with their second factor, and people who wait, work and are locked out.
fn people(site: &Site) {
    let province = &site.world.province;
    let new = |name: &str, person: &str, role: &str, area: &str, kinds: &[&str]| NewOperator {
        name: name.into(),
        person: person.into(),
        unit: "演示市交通运输局".into(),
        staff_no: format!("9901{name}"),
        role: role.into(),
        areas: vec![area.into()],
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
    };
    let glass = Warrant::BreakGlass("首次安装，尚无账号");
    for (name, person, role) in [
        ("xitong", "孙系统", "系统管理员"),
        ("anquan", "李安全", "安全管理员"),
        ("shengji", "周省级", "省级主管"),
    ] {
        province
            .operator_add(new(name, person, role, "*", &["*"]), PASSWORD, &by("安装人员"), glass, now())
            .expect("one");
    }
    province.operator_enrol_totp("anquan", SECRET, &by("anquan"), now()).expect("enrolled");
    let two = ["taxi-driver", "ride-hailing-driver"];
    for (name, person, role, area) in [
        ("shiji", "吴市级", "市级主管", "9901"),
        ("shenhe", "郑审核", "审核", "9901"),
        ("zhifa002", "王执法", "执法", "990101"),
    ] {
        let asked = province.operator_add(
            new(name, person, role, area, &two),
            PASSWORD,
            &by("xitong"),
            Warrant::Account,
            now(),
        );
        asked.expect("asked for");
    }
    province.operator_disable("zhifa002", &by("xitong"), Warrant::Account, now()).expect("disabled");
    for _ in 0..5 {
        let who = node::operator::Who { account: "shengji", password: "wrong", device: "", address: "" };
        province.operator_sign_in(who, now()).expect("the rows");
    }
}

/// The bytes of a secret as the page shows it.
fn typed(secret: &str) -> Vec<u8> {
    let place = |one| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(one);
    let bits: String = secret.chars().filter_map(place).map(|value| format!("{value:05b}")).collect();
    let byte = |eight: &[u8]| eight.iter().fold(0, |all, bit| all << 1 | (bit - b'0'));
    bits.as_bytes().chunks_exact(8).map(byte).collect()
}

#[test]
fn an_account_is_asked_for_granted_and_made_safe_by_its_person() {
    let site = Site::start(1);
    people(&site);
    // 系统管理员 asks for it, and reads the first password once.
    let maker = Browser::start(&[]);
    site.sign_in(&maker, "xitong");
    maker.find("a[href='/admin/operators/new']").click();
    for (field, text) in [
        ("name", "xianji1"),
        ("person", "冯县级"),
        ("unit", "演示县交通运输局"),
        ("staff_no", "X1"),
        ("areas", "990101"),
    ] {
        maker.awaited(&format!("#{field}")).write(text);
    }
    maker.run("document.getElementById('role').value = '县级主管'", &[]);
    maker.find("input[value=taxi-driver]").click();
    maker.find("main form button.primary").click();
    let first = maker.awaited(".first-password").text();
    // 安全管理员 gives the code, finds it waiting, and grants.
    let granter = Browser::start(&[]);
    site.sign_in(&granter, "anquan");
    granter.awaited("#code").write(&totp_code(SECRET, now()));
    granter.find("main button").click();
    granter.awaited("a[href='/admin/grants/account/xianji1']").click();
    granter.awaited("form[action$='/grant'] button").click();
    let code = granter.awaited(".first-password").text();
    granter.find("main a.button").click();
    granter.wait("return document.querySelector('h1 .badge').textContent === '在用'");
    // The person has the one from the one and the other from the other, changes the password, and then enrols an app of the own accord.
    let person = Browser::start(&[]);
    let sign_in = |password: &str| {
        person.open(&format!("{}/sign-in?next=/account", site.root));
        person.find("#account").write("xianji1");
        person.find("#password").write(password);
        person.find("main button").click();
    };
    sign_in(&first);
    person.awaited("#code").write(&code);
    person.find("main button").click();
    person.awaited("#old").write(&first);
    person.find("#new").write("benren-xuan-2026");
    person.find("#repeat").write("benren-xuan-2026");
    person.find("main button").click();
    person.awaited("a[href^='/sign-in/enrol']").click();
    let secret = typed(&person.awaited(".enrol-secret").text());
    person.find("#code").write(&totp_code(&secret, now()));
    person.find("main button").click();
    person.wait("return document.querySelectorAll('.recovery li').length === 10");
    let recovery = person.find(".recovery li").text();
    person.find("main a.button").click();
    person.wait("return document.body.textContent.includes('恢复码还有 10 个')");
    person.find(".who button").click();
    person.wait("return location.pathname === '/'");
    // The next time without the phone: a recovery code.
    sign_in("benren-xuan-2026");
    person.awaited("#code").write(&recovery);
    person.find("main button").click();
    person.wait("return document.body.textContent.includes('恢复码还有 9 个')");
    assert_eq!(person.complaints(), Vec::<String>::new());
}

#[test]
#[ignore = "makes pictures for people"]
fn screens_of_accounts() {
    let site = Site::start(1);
    people(&site);
    let browser = Browser::start(&[]);
    let open = |path: &str| browser.open(&format!("{}{path}", site.root));
    site.sign_in(&browser, "xitong");
    take(&browser, "operators");
    for (path, name) in
        [("new", "operator-new"), ("account/shiji", "operator-one"), ("account/xitong", "operator-own")]
    {
        open(&format!("/admin/operators/{path}"));
        take(&browser, name);
    }
    open("/admin/operators/account/shenhe");
    browser.find("form[action$=reset] button").click();
    browser.awaited(".first-password");
    take(&browser, "operator-password");
    for (path, name) in [
        ("/account", "account-office"),
        ("/sign-in/password", "sign-in-password"),
        ("/sign-in/again?next=/account", "sign-in-again"),
        ("/sign-in/enrol", "sign-in-enrol"),
    ] {
        open(path);
        take(&browser, name);
    }
    drop(browser);
    let browser = Browser::start(&[]);
    let open = |path: &str| browser.open(&format!("{}{path}", site.root));
    site.sign_in(&browser, "anquan");
    take(&browser, "sign-in-factor");
    browser.find("#code").write(&totp_code(SECRET, now()));
    browser.find("main button").click();
    browser.wait("return location.pathname === '/admin/grants'");
    take(&browser, "grants");
    for (path, name) in [("shiji", "grant-waiting"), ("shengji", "grant-locked"), ("anquan", "grant-own")] {
        open(&format!("/admin/grants/account/{path}"));
        take(&browser, name);
    }
    open("/admin/grants/account/shiji");
    browser.awaited("form[action$='/grant'] button").click();
    browser.awaited(".first-password");
    take(&browser, "enable-code");
    browser.find("main a.button").click();
    browser.awaited("form[action$='/code']");
    take(&browser, "grant-code");
    drop(browser);
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "shiji");
    take(&browser, "sign-in-enable");
    site.world
        .province
        .operator_reset("shiji", PASSWORD, &by("xitong"), Warrant::Account, now())
        .expect("reset");
    site.sign_in(&browser, "shiji");
    browser.awaited("form[action='/sign-out']");
    take(&browser, "sign-in-enable-missing");
    println!("{:#?}", browser.complaints());
}
