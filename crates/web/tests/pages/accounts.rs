//! Accounts over a real socket: asked for, granted, first sign-in with its second factor, dangerous acts given anew.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use node::operator::{Rights, SignInPolicy, totp_code};
use web::pages::{Access, PAGES};
use web::{Limits, Method};

use crate::server::{Got, Server};
use crate::support::{SECOND, sqlite};
use crate::visitor::{PASSWORD, Visitor};

const SECRET: &[u8; 20] = b"12345678901234567890";
const MINUTE: i64 = 60 * SECOND;
const CHOSEN: &str = "benren-xuan-2026";

/// A node in earnest: roles with two factors have to give the second one.
fn strict() -> Server {
    let mut world = sqlite();
    Arc::get_mut(&mut world.province).expect("nobody else has it").sign_in = SignInPolicy::default();
    Server::over(world, Limits::default())
}

fn text(got: &Got) -> String {
    String::from_utf8_lossy(&got.body).into_owned()
}

/// What stands between two marks.
fn between(text: &str, from: &str, to: &str) -> String {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}")).1;
    rest.split_once(to).expect("its end").0.to_owned()
}

/// Hands in account and password; the cookie of the answer.
fn sign_in<'s>(server: &'s Server, account: &str, password: &str, next: &str) -> (Got, Visitor<'s>) {
    let form = format!("account={account}&password={password}&next={next}");
    let got = Visitor::stranger(server).send("/sign-in", &[("Sec-Fetch-Site", "same-origin")], &form);
    let cookie = got.header("set-cookie");
    let cookie =
        cookie.split(';').next().and_then(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned());
    (got, Visitor::with(server, cookie.unwrap_or_default()))
}

/// An administrator who has given password and code.
fn administrator<'s>(server: &'s Server, account: &str, role: &str) -> Visitor<'s> {
    let visitor = Visitor::operator(server, account, role, "*");
    let province = &server.app.province;
    province
        .operator_enrol_totp(account, SECRET, &crate::server::admin(), server.app.now())
        .expect("enrolled");
    let code = totp_code(SECRET, server.app.now());
    let got = visitor.post("/sign-in/factor", &format!("code={code}"));
    assert_eq!(got.status, 303, "{}", text(&got));
    visitor
}

#[test]
fn an_account_goes_from_the_form_to_the_first_page_of_its_role() {
    let server = strict();
    let (maker, granter) =
        (administrator(&server, "xitong", "系统管理员"), administrator(&server, "anquan", "安全管理员"));
    let form = "name=shengji1&person=%E9%92%B1%E5%BC%A0&unit=%E7%9C%81%E5%8E%85&staff_no=A1&\
                role=%E7%9C%81%E7%BA%A7%E4%B8%BB%E7%AE%A1&areas=*";
    let weak = maker.post("/admin/operators/new", &form.replace("areas=*", "areas=x"));
    assert_eq!(weak.status, 409);
    assert!(
        text(&weak).contains("没有写明行政区划") && text(&weak).contains("value=\"shengji1\""),
        "values stay"
    );
    let made = text(&maker.post("/admin/operators/new", form));
    let first = between(&made, "first-password\">", "<");
    let (got, _) = sign_in(&server, "shengji1", &first, "");
    assert_eq!(got.status, 403);
    assert!(text(&got).contains("尚未授权"));
    // The grant: it stands first in the list, and is granted with another reach than was asked for.
    let list = text(&granter.get("/admin/grants"));
    assert!(
        list.contains("/admin/grants/account/shengji1") && list.contains("钱*") && !list.contains("钱张")
    );
    let grant = "account=shengji1&role=%E7%9C%81%E7%BA%A7%E4%B8%BB%E7%AE%A1&areas=9901&kind=taxi-driver";
    let got = granter.post("/admin/grants/grant", grant);
    assert_eq!((got.status, got.header("cache-control")), (200, "no-store".into()));
    let code = between(&text(&got), "first-password\">", "<");
    let one = text(&granter.get("/admin/grants/account/shengji1"));
    assert!(one.contains("<dd>9901</dd>") && one.contains("value=\"taxi-driver\" checked"));
    // First sign-in: enrol, change the password, and only then the role's pages.
    let (got, person) = sign_in(&server, "shengji1", &first, "%2Faccount");
    assert_eq!(got.header("location"), "/sign-in/enable?next=%2Faccount");
    // 系统管理员, who knows the password, gets no further than this.
    for path in ["/account", "/sign-in/enrol", "/sign-in/password", "/sign-in/again"] {
        let to = person.get(path).header("location");
        assert!(to.starts_with("/sign-in/enable"), "{path} leads to {to}");
    }
    for form in ["/sign-in/enrol", "/sign-in/password", "/sign-in/again"] {
        let fields = format!("code=000000&old={first}&new={CHOSEN}&repeat={CHOSEN}&password={first}");
        assert_ne!(person.post(form, &fields).status, 200, "{form}");
    }
    assert!(text(&person.get("/sign-in/enable")).contains("安全管理员交给您本人的启用码"));
    assert_eq!(person.post("/sign-in/enable", "code=").status, 422);
    let wrong = person.post("/sign-in/enable", "code=AAAAA-AAAAA");
    assert!(wrong.status == 403 && text(&wrong).contains("启用码不对"));
    let got = person.post("/sign-in/enable", &format!("code={code}&next=%2Faccount"));
    assert_eq!(got.header("location"), "/account");
    for path in ["/account", "/supervisor/reconcile", "/"] {
        let to = person.get(path).header("location");
        assert!(to.starts_with("/sign-in/enrol") || path == "/", "{path} leads to {to}");
    }
    let page = text(&person.get("/sign-in/enrol?next=/account"));
    assert!(page.contains("<svg") && !page.contains("class=\"side\"") && !page.contains("/supervisor"));
    let secret = between(&page, "enrol-secret\">", "<");
    assert_eq!(person.post("/sign-in/enrol", "code=000000").status, 403);
    let code = totp_code(&base32(&secret), server.app.now());
    let codes = text(&person.post("/sign-in/enrol", &format!("code={code}&next=%2Faccount")));
    assert_eq!(codes.matches("<li class=\"code\">").count(), 10);
    assert_eq!(person.get("/account").header("location"), "/sign-in/password?next=/account");
    assert_eq!(person.post("/account/end", "id=x").status, 401, "nothing is done before");
    let change = |old: &str, new: &str, repeat: &str| {
        person.post("/sign-in/password", &format!("old={old}&new={new}&repeat={repeat}&next=%2Faccount"))
    };
    assert_eq!(change(&first, CHOSEN, "other").status, 422);
    assert_eq!(change(&first, "short1", "short1").status, 422);
    assert_eq!(change("wrong-password-1", CHOSEN, CHOSEN).status, 403);
    assert_eq!(change(&first, CHOSEN, CHOSEN).header("location"), "/account");
    let account = text(&person.get("/account"));
    assert!(account.contains("恢复码还有 10 个") && account.contains("<dd>9901</dd>"));
    // The next time, with the next code.
    server.clock.fetch_add(30 * SECOND, Ordering::SeqCst);
    let (got, person) = sign_in(&server, "shengji1", CHOSEN, "%2Faccount");
    assert_eq!(got.header("location"), "/sign-in/factor?next=%2Faccount");
    assert_eq!(person.post("/sign-in/factor", "code=000000").status, 403);
    let code = totp_code(&base32(&secret), server.app.now());
    let got = person.post("/sign-in/factor", &format!("code={code}&next=%2Faccount"));
    assert_eq!(got.header("location"), "/account");
    assert_eq!(person.get("/account").status, 200);
}

fn base32(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String =
        text.chars().filter_map(|one| alphabet.find(one)).map(|value| format!("{value:05b}")).collect();
    bits.as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).expect("digits"), 2).expect("a byte"))
        .collect()
}

#[test]
fn after_a_reset_another_code_is_issued_where_accounts_are_granted() {
    let server = strict();
    let (maker, granter) =
        (administrator(&server, "xitong", "系统管理员"), administrator(&server, "anquan", "安全管理员"));
    Visitor::operator(&server, "zhifa001", "执法", "*");
    let here = "/admin/grants/account/zhifa001";
    assert!(!text(&granter.get(here)).contains("签发启用码"), "a password of the own needs none");
    let reset = text(&maker.post("/admin/operators/reset", "account=zhifa001"));
    assert!(reset.contains("还须向安全管理员领取启用码"));
    let password = between(&reset, "first-password\">", "<");
    let (got, early) = sign_in(&server, "zhifa001", &password, "");
    assert_eq!(got.header("location"), "/sign-in/enable");
    let page = text(&early.get("/sign-in/enable"));
    assert!(page.contains("请向安全管理员领取新的启用码") && !page.contains("name=\"code\""));
    assert_eq!(early.post("/sign-in/enable", "code=AAAAA-AAAAA").status, 403);
    assert!(text(&granter.get(here)).contains("尚未签发"));
    assert_eq!(maker.post("/admin/grants/code", "account=zhifa001").status, 403, "another administrator's");
    let issued = granter.post("/admin/grants/code", "account=zhifa001");
    assert_eq!((issued.status, issued.header("cache-control")), (200, "no-store".into()));
    let code = between(&text(&issued), "first-password\">", "<");
    assert_eq!(early.get("/officer").header("location"), "/sign-in?next=/officer", "its sessions ended");
    let after = text(&granter.get(here));
    assert!(after.contains("已签发，有效至") && !after.contains(&code), "shown once");
    let (_, person) = sign_in(&server, "zhifa001", &password, "");
    assert_eq!(person.post("/sign-in/enable", &format!("code={code}")).status, 303);
    assert_eq!(person.get("/officer").header("location"), "/sign-in/password?next=/officer");
    let form = format!("old={password}&new={CHOSEN}&repeat={CHOSEN}");
    assert_eq!(person.post("/sign-in/password", &form).header("location"), "/officer");
    let late = granter.post("/admin/grants/code", "account=zhifa001");
    assert!(late.status == 409 && text(&late).contains("不需要启用码"));
}

#[test]
fn dangerous_acts_without_a_fresh_password_are_sent_to_give_it_again() {
    let server = strict();
    let maker = administrator(&server, "xitong", "系统管理员");
    Visitor::operator(&server, "zhifa001", "执法", "*");
    let dangerous: Vec<(Method, &str, &str)> = PAGES
        .iter()
        .copied()
        .flatten()
        .filter_map(|page| match page.access {
            Access::Fresh(act) => Some((page.method, page.path, act)),
            _ => None,
        })
        .collect();
    for wanted in [
        "operators/disable",
        "operators/reset",
        "grants/grant",
        "grants/unlock",
        "grants/code",
        "grants/factor",
        "clients/new",
        "collect/resend",
        "confirm/{id}",
    ] {
        assert!(dangerous.iter().any(|(_, path, _)| path.ends_with(wanted)), "{wanted}");
    }
    // Somebody for each of them, who gave password and code more than ten minutes ago.
    let rights = Rights::builtin().expect("the table");
    let role_of = |act: &str| {
        let role = rights.roles.iter().find(|role| role.area_of(act).is_some());
        role.map(|role| role.name.as_str()).expect("somebody may")
    };
    let mut people: BTreeMap<&str, Visitor> = BTreeMap::new();
    for (number, (.., act)) in dangerous.iter().enumerate() {
        let role = role_of(act);
        people.entry(role).or_insert_with(|| administrator(&server, &format!("person{number}"), role));
    }
    server.clock.fetch_add(11 * MINUTE, Ordering::SeqCst);
    for (method, path, act) in dangerous {
        let visitor = &people[role_of(act)];
        let path = path.replace("{id}", "0197");
        let (got, back) = match method {
            Method::Get => (visitor.get(&path), path.clone()),
            Method::Post => {
                let form = "account=zhifa001&role=%E6%89%A7%E6%B3%95&areas=*&next=%2Fadmin";
                (visitor.post(&path, form), "/admin".to_owned())
            }
        };
        let again = format!("/sign-in/again?next={}", back.replace('/', "%2F"));
        assert_eq!((got.status, got.header("location")), (303, again), "{path}");
    }
    let state = |account: &str| {
        let entry = server.app.province.operator_get(account).expect("the rows").expect("it");
        (entry.active(), entry.must_change)
    };
    assert_eq!(state("zhifa001"), (true, false), "nothing was done");
    // Given again: password and code.
    let again = |form: &str| maker.post("/sign-in/again", &format!("{form}&next=%2Fadmin%2Foperators"));
    let code = totp_code(SECRET, server.app.now());
    assert_eq!(again(&format!("password={PASSWORD}")).status, 403, "the code is missing");
    assert_eq!(again(&format!("password=wrong-password-1&code={code}")).status, 403);
    assert_eq!(again(&format!("password={PASSWORD}&code={code}")).header("location"), "/admin/operators");
    let got = maker.post("/admin/operators/disable", "account=zhifa001");
    assert_eq!(got.header("location"), "/admin/operators/account/zhifa001?done=account-disabled");
    assert_eq!(state("zhifa001"), (false, false));
}

#[test]
fn lists_of_accounts_leave_as_a_workbook_with_their_filter_and_on_record() {
    let server = strict();
    let (maker, granter) =
        (administrator(&server, "xitong", "系统管理员"), administrator(&server, "anquan", "安全管理员"));
    Visitor::operator(&server, "zhifa001", "执法", "9901");
    let role = "%E6%89%A7%E6%B3%95";
    for (who, list, name) in [(&maker, "operators", "operators"), (&granter, "grants", "grants")] {
        let page = text(&who.get(&format!("/admin/{list}?role={role}")));
        assert!(page.contains(&format!("href=\"/admin/{list}/export?role={role}\"")), "{page}");
        let got = who.get(&format!("/admin/{list}/export?role={role}"));
        assert_eq!((got.status, &got.body[..2]), (200, &b"PK"[..]));
        let kept: Result<Vec<String>, store::StoreError> = server.app.province.store.read(|session| {
            session.rows(
                "SELECT entries FROM audit_pending WHERE entries LIKE '%overview.export%'",
                &[],
                |row| row.get(0),
            )
        });
        // The officer alone, by the filter that was asked for.
        let wanted = format!("{{\"filter\":\"role=执法\",\"list\":\"{name}\",\"rows\":\"1\"}}");
        let kept = kept.expect("the rows").join("\n").replace("\\\"", "\"");
        assert!(kept.contains(&wanted), "{kept}");
    }
    assert_eq!(maker.get("/admin/grants/export").status, 403);
    assert_eq!(granter.get("/admin/operators/export").status, 403);
}

#[test]
fn the_own_account_is_for_another_administrator() {
    let server = strict();
    let maker = administrator(&server, "xitong", "系统管理员");
    let page = text(&maker.get("/admin/operators/account/xitong"));
    assert!(page.contains("您本人的账号") && !page.contains("停用账号"));
    let got = maker.post("/admin/operators/disable", "account=xitong");
    assert_eq!(got.status, 409);
    assert!(text(&got).contains("不能办理本人的账号"));
    assert_eq!(maker.get("/admin/operators/account/nobody").status, 404);
}

#[test]
fn whoever_grants_sees_and_ends_sessions_of_others() {
    let server = strict();
    let granter = administrator(&server, "anquan", "安全管理员");
    let officer = Visitor::operator(&server, "zhifa001", "执法", "*");
    let page = text(&granter.get("/admin/grants/account/zhifa001"));
    let id = between(&page, "name=\"session\" value=\"", "\"");
    granter.post("/admin/grants/session", &format!("account=zhifa001&session={id}"));
    assert_eq!(officer.get("/officer").header("location"), "/sign-in?next=/officer");
}

#[test]
fn five_wrong_codes_end_the_session_and_say_so() {
    let server = strict();
    let visitor = Visitor::operator(&server, "anquan", "安全管理员", "*");
    let province = &server.app.province;
    province
        .operator_enrol_totp("anquan", SECRET, &crate::server::admin(), server.app.now())
        .expect("enrolled");
    let wrong = || visitor.post("/sign-in/factor", "code=000000");
    for _ in 0..4 {
        assert!(text(&wrong()).contains("双因素登录"));
    }
    let got = wrong();
    assert!(text(&got).contains("已锁定") && got.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(visitor.get("/sign-in/factor").header("location"), "/sign-in?next=/sign-in/factor");
}

#[test]
fn a_demo_says_that_it_does_not_ask_for_the_second_factor() {
    let lax = Server::start();
    assert!(text(&Visitor::stranger(&lax).get("/sign-in")).contains("未强制双因素登录"));
    assert!(!text(&Visitor::stranger(&strict()).get("/sign-in")).contains("未强制双因素登录"));
}

#[test]
fn a_sign_in_says_the_same_whether_there_is_such_an_account_or_not() {
    let server = strict();
    Visitor::operator(&server, "jingban001", "窗口经办", "99");
    let stranger = Visitor::stranger(&server);
    for round in 1..=7 {
        let answer = |name: &str| {
            let form = format!("account={name}&password=wrong-password-{round}");
            let got = stranger.send("/sign-in", &[("Sec-Fetch-Site", "same-origin")], &form);
            (got.status, text(&got).replace(name, ""))
        };
        assert_eq!(answer("jingban001"), answer("jingban009"), "try {round}");
    }
    // Not even the right password tells while the account is locked.
    let form = |password: &str| format!("account=jingban001&password={password}");
    let send = |form: String| text(&stranger.send("/sign-in", &[("Sec-Fetch-Site", "same-origin")], &form));
    assert_eq!(send(form(crate::visitor::PASSWORD)), send(form("wrong-password-9")));
}
