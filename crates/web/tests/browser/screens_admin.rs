//! Pictures of the administrators' and the integrator's pages: `cargo test -p web --test browser -- --ignored screens_of_admin`.

use node::audit::Actor;
use node::client::{Calls, NewClient};
use node::duty::{NewHolder, NewPost, NewRule};
use node::operator::{NewOperator, Warrant};
use web::{DropFolder, Installation, Setting};

use crate::screens::take;
use crate::site::{PASSWORD, Site, now};
use testbed::Browser;

const ACCOUNTS: [(&str, &str, &str, &str); 5] = [
    ("shenji01", "孙审", "审计管理员", "*"),
    ("anquan01", "李安", "安全管理员", "*"),
    ("xitong01", "周统", "系统管理员", "*"),
    ("duijie01", "吴联", "系统对接", "*"),
    ("shi9901", "郑市", "市级主管", "9901"),
];

fn by(name: &str) -> Actor {
    Actor { client: "web".into(), operator: Some(name.into()), ..Actor::default() }
}

/// What the pages show: accounts, clients with calls, a register, a log with a checkpoint.
fn fill(site: &Site) {
    let (province, now) = (&site.world.province, now());
    for (name, person, role, area) in ACCOUNTS {
        let new = NewOperator {
            name: name.into(),
            person: person.into(),
            unit: "演示省交通运输厅".into(),
            staff_no: name.into(),
            role: role.into(),
            areas: vec![area.into()],
            kinds: vec!["*".into()],
        };
        province
            .operator_add(new, PASSWORD, &by("管理员一"), Warrant::BreakGlass("测试"), now)
            .expect("an account");
    }
    for (id, name, source, rights) in [
        ("yz-sheng", "演示省运政系统", "运政", &["lifecycle", "verify.read", "sandbox.lint"][..]),
        ("yz-jia", "甲市窗口系统", "甲市窗口", &["lifecycle.submit@9901/taxi-driver", "verify.read"]),
    ] {
        let new = NewClient {
            id: Some(id.into()),
            name: name.into(),
            source: source.into(),
            rights: rights.iter().map(|text| text.parse().expect("a right")).collect(),
            callback: None,
        };
        province.client_add(new, &by("anquan01"), now).expect("a client");
    }
    let call = |path: &str, code: &str, calls| {
        ("yz-sheng".to_owned(), Calls { path: path.into(), code: code.into(), calls, last_at: now })
    };
    let calls = vec![
        call("/api/v1/lifecycle/events", "", 1204),
        call("/api/v1/results", "", 288),
        call("/api/v1/lifecycle/events", "AUTH_CLOCK", 3),
        call("/api/v1/lifecycle/events", "JSON_FORMAT", 1),
    ];
    province.client_called(calls, now).expect("counted");
    register(site, now);
    province.keys_tally(now).expect("counted");
    let keys = node::keys::KeyFolder::open(&site.world.folder.0.join("keys")).expect("the folder");
    let keys = keys.node_keys("test-passphrase").expect("the keys");
    while province.sequence(now).expect("leaves").more {}
    province.checkpoint(&*keys.log, now).expect("a checkpoint");
    let setting =
        |name: &str, value: &str, origin| Setting { name: name.into(), value: value.into(), origin };
    let drop = site.world.folder.0.join("drop");
    std::fs::create_dir_all(&drop).expect("a folder");
    std::fs::write(drop.join("night-20260601.jsonl"), "{}\n").expect("a file");
    site.app.set_installation(Installation {
        program: "0.6.0".into(),
        started_at: now - 93_784_000_000,
        file: Some("/etc/luzheng/node.toml".into()),
        config: vec![
            setting("files.folder", "/var/lib/luzheng/files", "配置文件"),
            setting("keys.folder", "/var/lib/luzheng/keys", "配置文件"),
            setting("limits.events", "1000", "缺省"),
            setting("listen.address", "127.0.0.1:8099", "缺省"),
            setting("node.area", "99", "配置文件"),
            setting("node.id", "demo-99", "配置文件"),
            setting("store.url", "postgres://luzheng:******@10.0.0.5/luzheng", "环境变量"),
        ],
        keys: site.world.folder.0.join("keys"),
        log: keys.log_certificate.clone(),
        drops: vec![DropFolder { source: "运政".into(), folder: drop }],
    });
}

fn register(site: &Site, now: i64) {
    let province = &site.world.province;
    for (name, area, what) in [
        ("密钥和印章保管岗", "990000", "密钥"),
        ("告警值守岗", "990000", "告警"),
        ("电子证照责任人", "990100", "系统"),
        ("制证作业岗", "990101", "作业"),
    ] {
        let new = NewPost { name: name.into(), area: area.into(), what: what.into(), basis: "M16".into() };
        let id = province.duty_add(&new, &by("xitong01"), now).expect("a post");
        let holder = |person: &str, from: &str| NewHolder {
            person: person.into(),
            phone: "0999-88880012".into(),
            unit: "演示省交通运输厅".into(),
            begins_on: from.into(),
            ends_on: None,
        };
        if what == "密钥" {
            province.duty_fill(&id, &holder("冯守印", "2026-01-01"), &by("xitong01"), now).expect("taken");
            province.duty_vacate(&id, "2026-05-31", &by("xitong01"), now).expect("left");
        }
        if what != "告警" {
            province.duty_fill(&id, &holder("钱守印", "2026-06-01"), &by("xitong01"), now).expect("taken");
        }
    }
    let rule = NewRule {
        title: "密钥和印章管理制度".into(),
        version: "2026 年版".into(),
        effective_on: "2026-06-01".into(),
        body: "第一条　密钥由专人保管。\n第二条　换用密钥须两人在场。".into(),
        ..NewRule::default()
    };
    province.duty_rule_add(&rule, &by("xitong01"), now).expect("a rule");
}

/// Opens pages as somebody and takes a picture of each.
fn walk(site: &Site, account: &str, pages: &[(&str, &str)]) {
    let browser = Browser::start(&[]);
    site.sign_in(&browser, account);
    for (path, name) in pages {
        browser.open(&format!("{}{path}", site.root));
        take(&browser, name);
    }
    println!("{account}: {:#?}", browser.complaints());
}

#[test]
#[ignore = "makes pictures for people"]
fn screens_of_administrators() {
    let site = Site::start(12);
    fill(&site);
    let province = &site.world.province;
    let place = node::duty::Place::default();
    let posts = province.duty_list(&["*".into()], false, &place, 9, now()).expect("rows").posts;
    let post = posts.iter().find(|post| post.what == "密钥").map(|post| post.id.clone()).expect("it");
    let empty = posts.iter().find(|post| post.holder.is_none()).map(|post| post.id.clone()).expect("it");
    let state = format!("/admin/audit/state?object={}&at=2026-06-02T00:00", site.identifiers[0]);
    walk(
        &site,
        "shenji01",
        &[
            ("/admin/audit?from=2026-05-01", "audit"),
            ("/admin/audit/3", "audit-entry"),
            (&state, "audit-state"),
            ("/admin/audit?from=x", "audit-wrong"),
        ],
    );
    walk(
        &site,
        "anquan01",
        &[
            ("/admin/clients", "clients"),
            ("/admin/clients/yz-sheng", "client"),
            ("/admin/clients/new", "client-new"),
            ("/admin/keys", "keys"),
        ],
    );
    walk(
        &site,
        "xitong01",
        &[
            ("/admin/config", "config"),
            ("/admin/duty", "duty"),
            (&format!("/admin/duty/{post}"), "duty-post"),
            (&format!("/admin/duty/{empty}"), "duty-empty"),
            ("/admin/duty/rules", "duty-rules"),
        ],
    );
    walk(
        &site,
        "duijie01",
        &[
            ("/integrator", "integrator"),
            ("/integrator/client/yz-sheng", "integrator-client"),
            ("/integrator/sandbox", "sandbox"),
            ("/integrator/results?source=%E8%BF%90%E6%94%BF", "results"),
            ("/integrator/files?source=%E8%BF%90%E6%94%BF", "files"),
        ],
    );
    let browser = Browser::start(&[]);
    site.sign_in(&browser, "duijie01");
    browser.open(&format!("{}/integrator/sandbox/lint", site.root));
    browser.find("main form button").click();
    browser.awaited("td[data-name='发现']");
    take(&browser, "lint");
    walk(&site, "shi9901", &[("/supervisor/duty", "supervisor-duty")]);
}
