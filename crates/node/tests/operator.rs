//! Accounts and sessions, on both engines.

#[path = "operator/duties.rs"]
mod duties;
#[path = "operator/enable.rs"]
mod enable;
#[path = "operator/factor.rs"]
mod factor;
mod support;

use node::audit::Actor;
use node::operator::{NewOperator, SignIn, SignInPolicy, Warrant, Who};
use node::session::{Begun, Visitor};

use support::{NOW, SECOND, World, on_both};

const PASSWORD: &str = "yanshi-2026-lu";
const MINUTE: i64 = 60 * SECOND;

fn by(name: &str) -> Actor {
    Actor { client: "cli".into(), operator: Some(name.into()), ..Actor::default() }
}

fn new(name: &str, role: &str) -> NewOperator {
    NewOperator {
        name: name.into(),
        person: "赵路平".into(),
        unit: "演示市交通运输综合行政执法支队".into(),
        staff_no: format!("9901-{name}"),
        role: role.into(),
        areas: vec!["9901".into()],
        kinds: vec!["*".into()],
    }
}

fn add(world: &World, name: &str, role: &str) {
    let warrant = Warrant::BreakGlass("首个账号");
    world
        .province
        .operator_add(new(name, role), PASSWORD, &by("管理员一"), warrant, NOW)
        .expect("an account");
}

fn sign_in(world: &World, name: &str, password: &str, now: i64) -> SignIn {
    let who = Who { account: name, password, device: "Chrome · Android", address: "192.0.2.7" };
    world.province.operator_sign_in(who, now).expect("the rows")
}

fn signed_in(world: &World, name: &str, now: i64) -> Begun {
    match sign_in(world, name, PASSWORD, now) {
        SignIn::Done(begun) => begun,
        _ => panic!("signed in"),
    }
}

/// The node as it is in earnest: roles with two factors have to give the second one.
fn strict(world: &mut World, policy: SignInPolicy) {
    std::sync::Arc::get_mut(&mut world.province).expect("nobody else has it").sign_in = policy;
}

/// Runs a test on both engines under a policy.
fn on_both_under(policy: SignInPolicy, test: impl Fn(&World)) {
    for mut world in [support::sqlite(), support::postgres()] {
        strict(&mut world, policy);
        test(&world);
    }
}

fn live_of(world: &World, begun: &Begun, now: i64) -> node::session::Live {
    world.province.session_of(&begun.cookie, now).expect("the rows").expect("open")
}

fn count(world: &World, what: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {what}");
    let found = world.province.store.read(|session| session.row(&sql, &[], |row| row.get::<i64>(0)));
    found.expect("the rows").unwrap_or_default()
}

#[test]
fn the_first_account_breaks_the_glass_and_later_ones_need_a_manager() {
    on_both(|world| {
        let province = &world.province;
        let plain =
            province.operator_add(new("zhifa001", "执法"), PASSWORD, &by("路人"), Warrant::Account, NOW);
        assert!(plain.expect_err("no right").to_string().contains("--break-glass"));
        add(world, "admin1", "系统管理员");
        assert_eq!(count(world, "lifecycle_work WHERE code = 'BREAK_GLASS'"), 1);
        province
            .operator_add(new("zhifa001", "执法"), PASSWORD, &by("admin1"), Warrant::Account, NOW)
            .expect("a manager may");
        let officer =
            province.operator_add(new("zhifa002", "执法"), PASSWORD, &by("zhifa001"), Warrant::Account, NOW);
        assert!(officer.is_err());
        let again =
            province.operator_add(new("zhifa001", "执法"), PASSWORD, &by("admin1"), Warrant::Account, NOW);
        assert!(again.expect_err("taken").to_string().contains("已被使用"));
        assert_eq!(count(world, "lifecycle_work WHERE code = 'BREAK_GLASS'"), 1);
    });
}

#[test]
fn what_is_stored_is_neither_the_password_nor_the_cookie_nor_the_name() {
    on_both(|world| {
        add(world, "zhifa001", "执法");
        let begun = signed_in(world, "zhifa001", NOW);
        for what in [
            format!("operator_account WHERE password LIKE '%{PASSWORD}%' OR person_sealed LIKE '%赵路平%'"),
            format!("session_web WHERE id = '{}'", begun.cookie),
        ] {
            assert_eq!(count(world, &what), 0, "{what}");
        }
    });
}

#[test]
fn five_wrong_passwords_lock_for_a_quarter_of_an_hour() {
    on_both(|world| {
        add(world, "zhifa001", "执法");
        for _ in 0..4 {
            assert!(matches!(sign_in(world, "zhifa001", "wrong-password-1", NOW), SignIn::Refused));
        }
        let SignIn::Locked(until) = sign_in(world, "zhifa001", "wrong-password-1", NOW) else {
            panic!("locked")
        };
        assert_eq!(until, NOW + 15 * MINUTE);
        assert!(matches!(sign_in(world, "zhifa001", PASSWORD, until - 1), SignIn::Locked(_)));
        assert!(matches!(sign_in(world, "zhifa001", PASSWORD, until), SignIn::Done(_)));
        // An unknown account is answered like a wrong password.
        assert!(matches!(sign_in(world, "nobody", PASSWORD, NOW), SignIn::Refused));
    });
}

#[test]
fn tries_at_a_locked_account_count_for_their_address() {
    on_both(|world| {
        add(world, "zhifa001", "执法");
        let tries = |world: &World| {
            (1..).find(|_| {
                !matches!(
                    sign_in(world, "zhifa001", "wrong-password-1", NOW),
                    SignIn::Refused | SignIn::Locked(_)
                )
            })
        };
        assert_eq!(tries(world), Some(31), "then the address waits, and no password is computed");
        assert!(matches!(sign_in(world, "zhifa001", PASSWORD, NOW), SignIn::TooMany(_)));
    });
}

#[test]
fn a_session_ends_when_idle_when_over_and_when_it_is_ended() {
    on_both(|world| {
        add(world, "chuangkou1", "窗口经办");
        let province = &world.province;
        let live = |begun: &Begun, now| province.session_of(&begun.cookie, now).expect("the rows");
        let begun = signed_in(world, "chuangkou1", NOW);
        let first = live(&begun, NOW + 29 * MINUTE).expect("open");
        assert!(matches!(&first.visitor, Visitor::Operator { person, .. } if person == "赵路平"));
        assert!(first.may("deliver.window", Some("990101")) && !first.may("deliver.window", Some("990201")));
        // The use was noted, so that the idle time begins again.
        assert!(live(&begun, NOW + 58 * MINUTE).is_some());
        assert!(live(&begun, NOW + 100 * MINUTE).is_none(), "idle");
        let whole = signed_in(world, "chuangkou1", NOW);
        for step in 1..24 {
            live(&whole, NOW + step * 25 * MINUTE);
        }
        assert!(live(&whole, NOW + 599 * MINUTE).is_some());
        assert!(live(&whole, NOW + 600 * MINUTE).is_none(), "over");
        let ended = signed_in(world, "chuangkou1", NOW);
        let mine = live(&ended, NOW).expect("open");
        province.session_end(&mine, Some(&mine.id), NOW).expect("it ends");
        assert!(live(&ended, NOW).is_none(), "ended");
    });
}

#[test]
fn disabling_and_resetting_end_every_session_at_once() {
    on_both(|world| {
        let province = &world.province;
        for name in ["zhifa001", "zhifa002"] {
            add(world, name, "执法");
        }
        let (one, two) = (signed_in(world, "zhifa001", NOW), signed_in(world, "zhifa002", NOW));
        let glass = Warrant::BreakGlass("人员调离");
        province.operator_disable("zhifa001", &by("管理员一"), glass, NOW).expect("disabled");
        province.operator_reset("zhifa002", "another-2026-lu", &by("管理员一"), glass, NOW).expect("reset");
        for begun in [one, two] {
            assert!(province.session_of(&begun.cookie, NOW).expect("the rows").is_none());
        }
        assert!(matches!(sign_in(world, "zhifa001", PASSWORD, NOW), SignIn::Refused));
        assert!(matches!(sign_in(world, "zhifa002", PASSWORD, NOW), SignIn::Refused));
        assert!(matches!(sign_in(world, "zhifa002", "another-2026-lu", NOW), SignIn::Done(_)));
    });
}

#[test]
fn nobody_ends_the_session_of_somebody_else() {
    on_both(|world| {
        for name in ["zhifa001", "zhifa002"] {
            add(world, name, "执法");
        }
        let (one, two) = (signed_in(world, "zhifa001", NOW), signed_in(world, "zhifa002", NOW));
        let live =
            |begun: &Begun| world.province.session_of(&begun.cookie, NOW).expect("the rows").expect("open");
        let theirs = live(&two).id;
        assert!(world.province.session_end(&live(&one), Some(&theirs), NOW).is_err());
        assert_eq!(live(&two).id, theirs);
    });
}

#[test]
fn an_account_for_one_kind_is_for_no_other() {
    on_both(|world| {
        let strange = NewOperator { kinds: vec!["bicycle".into()], ..new("chuangkou2", "窗口经办") };
        let glass = Warrant::BreakGlass("首个账号");
        let refused = world.province.operator_add(strange, PASSWORD, &by("管理员一"), glass, NOW);
        assert!(refused.expect_err("no such kind").to_string().contains("taxi-driver"));
        let taxi = NewOperator { kinds: vec!["taxi-driver".into()], ..new("chuangkou2", "窗口经办") };
        world.province.operator_add(taxi, PASSWORD, &by("管理员一"), glass, NOW).expect("an account");
        let begun = signed_in(world, "chuangkou2", NOW);
        let live = world.province.session_of(&begun.cookie, NOW).expect("the rows").expect("open");
        assert!(live.may_kind("certificate.read", "990101", "taxi-driver"));
        assert!(!live.may_kind("certificate.read", "990101", "qualification"), "another kind");
        assert!(!live.may_kind("certificate.read", "990201", "taxi-driver"), "another area");
        let scope = live.scope();
        assert_eq!((scope.areas, scope.kinds), (vec!["9901".to_owned()], vec!["taxi-driver".to_owned()]));
    });
}
