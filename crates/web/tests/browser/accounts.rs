//! Pictures of the pages of accounts: `cargo test -p web --test browser -- --ignored screens_of_accounts`.

use node::audit::Actor;
use node::operator::{NewOperator, Warrant, totp_code};

use crate::driver::Browser;
use crate::screens::take;
use crate::site::{PASSWORD, Site, now};

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
    println!("{:#?}", browser.complaints());
}
