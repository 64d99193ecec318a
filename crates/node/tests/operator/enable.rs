//! 启用码: whoever made the password does not become the account by signing in first.

use node::operator::{
    Again, Enabling, Granted, OwnPassword, Proof, SignIn, SignInPolicy, Warrant, totp_code,
};
use node::session::{Begun, Stage};

use super::{MINUTE, PASSWORD, add, by, count, live_of, new, on_both_under, sign_in, signed_in};
use crate::support::{NOW, World};

const DAY: i64 = 24 * 60 * MINUTE;
const CHOSEN: &str = "benren-xuan-2026";
const RESET: &str = "chongshe-kouling-7";

/// Administrators, and an account of this role that was asked for and granted; its code.
fn granted(world: &World, role: &str) -> String {
    add(world, "xitong", "系统管理员");
    add(world, "anquan", "安全管理员");
    let (province, role) = (&world.province, role.to_owned());
    let made = province.operator_add(new("qianzhang", &role), PASSWORD, &by("xitong"), Warrant::Account, NOW);
    made.expect("asked for");
    let granted = Granted { role, areas: vec!["9901".into()], kinds: vec!["*".into()] };
    let code = province.operator_grant("qianzhang", &granted, &by("anquan"), Warrant::Account, NOW);
    code.expect("granted").expect("a code").code
}

fn reset(world: &World, now: i64) {
    let done = world.province.operator_reset("qianzhang", RESET, &by("xitong"), Warrant::Account, now);
    done.expect("reset");
}

fn another(world: &World, now: i64) -> String {
    let code = world.province.operator_enable_code("qianzhang", &by("anquan"), Warrant::Account, now);
    code.expect("issued").code
}

fn begun(world: &World, password: &str, now: i64) -> Begun {
    match sign_in(world, "qianzhang", password, now) {
        SignIn::Done(begun) => begun,
        _ => panic!("the password is right"),
    }
}

fn enable(world: &World, begun: &Begun, code: &str, now: i64) -> Enabling {
    world.province.operator_enable(&live_of(world, begun, now), code, now).expect("the rows")
}

/// Whoever knows the password alone gets no further than the page of the code, whichever way is tried.
fn is_shut(world: &World, password: &str, now: i64) {
    let (province, begun) = (&world.province, begun(world, password, now));
    assert_eq!((begun.stage, begun.home.as_str()), (Stage::Enable, "/sign-in/enable"));
    let live = live_of(world, &begun, now);
    assert!(!live.fresh(now));
    assert!(province.operator_enrol_finish(&live, "000000", now).is_err(), "no app is bound");
    assert!(province.operator_again(&live, password, None, now).is_err());
    for session in [None, Some(live.id.as_str())] {
        let own = OwnPassword { account: "qianzhang", old: password, new: CHOSEN, session };
        assert!(province.operator_password(own, now).expect_err("shut").to_string().contains("启用码"));
    }
    assert!(province.operator_vouch("qianzhang", password, None, now).is_err(), "nor on the command line");
    assert_eq!(live_of(world, &begun, now).stage, Stage::Enable);
}

#[test]
fn the_first_password_alone_opens_nothing_with_one_factor_or_two() {
    for (role, next) in [("窗口经办", Stage::Password), ("省级主管", Stage::Enrol)] {
        on_both_under(SignInPolicy::default(), |world| {
            let code = granted(world, role);
            is_shut(world, PASSWORD, NOW);
            // The person has both: the code is typed as it was read, and somebody else's open session gains nothing by it.
            let (thief, person) = (begun(world, PASSWORD, NOW), begun(world, PASSWORD, NOW));
            let typed =
                format!(" {} ", code.to_lowercase().replace('-', " ").replace('o', "0").replace('b', "8"));
            assert_eq!(enable(world, &person, &typed, NOW), Enabling::Done);
            assert_eq!(live_of(world, &person, NOW).stage, next, "{role}");
            assert_eq!(live_of(world, &thief, NOW).stage, Stage::Enable);
            // It serves until there is a password of the own: a first sign-in that was broken off goes on.
            let again = begun(world, PASSWORD, NOW + DAY);
            assert_eq!(enable(world, &again, &code, NOW + DAY), Enabling::Done);
            let session = live_of(world, &again, NOW + DAY).id;
            let own =
                OwnPassword { account: "qianzhang", old: PASSWORD, new: CHOSEN, session: Some(&session) };
            assert_eq!(world.province.operator_password(own, NOW + DAY).expect("the rows"), Again::Done);
            assert_eq!(count(world, "operator_account WHERE enable_digest <> ''"), 0, "erased");
            assert!(world.province.session_of(&thief.cookie, NOW).expect("the rows").is_none());
        });
    }
}

#[test]
fn after_a_reset_the_old_code_is_worth_nothing_and_the_new_password_alone_neither() {
    for role in ["窗口经办", "省级主管"] {
        on_both_under(SignInPolicy::default(), |world| {
            let old = granted(world, role);
            reset(world, NOW);
            is_shut(world, RESET, NOW);
            assert_eq!(enable(world, &begun(world, RESET, NOW), &old, NOW), Enabling::Missing);
            let code = another(world, NOW);
            assert_ne!(code, old);
            let session = begun(world, RESET, NOW);
            assert_eq!(enable(world, &session, &old, NOW), Enabling::Wrong);
            assert_eq!(enable(world, &session, &code, NOW), Enabling::Done);
            // Another reset shuts that session too.
            reset(world, NOW);
            assert!(world.province.session_of(&session.cookie, NOW).expect("the rows").is_none());
            is_shut(world, RESET, NOW);
        });
    }
}

#[test]
fn a_code_is_over_after_a_week_and_the_next_one_takes_its_place() {
    on_both_under(SignInPolicy::default(), |world| {
        let code = granted(world, "窗口经办");
        let until = |now| {
            let live = live_of(world, &begun(world, PASSWORD, now), now);
            world.province.operator_enable_until(&live, now).expect("the rows")
        };
        assert_eq!(until(NOW), Some(NOW + 7 * DAY));
        let late = NOW + 7 * DAY;
        assert_eq!(until(late), None);
        for _ in 0..6 {
            let missing = enable(world, &begun(world, PASSWORD, late), &code, late);
            assert_eq!(missing, Enabling::Missing, "nothing can be guessed, so nothing counts");
        }
        let fresh = another(world, late);
        assert_eq!(enable(world, &begun(world, PASSWORD, late), &fresh, late), Enabling::Done);
    });
}

#[test]
fn wrong_codes_lock_although_the_password_is_right_each_time() {
    on_both_under(SignInPolicy::default(), |world| {
        let code = granted(world, "窗口经办");
        for _ in 0..4 {
            assert_eq!(enable(world, &begun(world, PASSWORD, NOW), "AAAAA-AAAAA", NOW), Enabling::Wrong);
            // Neither a sign-in nor the command line forgives them.
            assert!(world.province.operator_vouch("qianzhang", PASSWORD, None, NOW).is_err());
        }
        let last = begun(world, PASSWORD, NOW);
        assert_eq!(enable(world, &last, "AAAAA-AAAAA", NOW), Enabling::Locked(NOW + 15 * MINUTE));
        assert!(world.province.session_of(&last.cookie, NOW).expect("the rows").is_none());
        assert!(matches!(sign_in(world, "qianzhang", PASSWORD, NOW), SignIn::Locked(_)));
        let later = NOW + 15 * MINUTE;
        assert_eq!(enable(world, &begun(world, PASSWORD, later), &code, later), Enabling::Done);
    });
}

#[test]
fn a_second_factor_proves_the_person_and_without_it_the_code_is_asked_for_again() {
    let secret = b"12345678901234567890";
    on_both_under(SignInPolicy::default(), |world| {
        let province = &world.province;
        granted(world, "窗口经办");
        province.operator_enrol_totp("qianzhang", secret, &by("qianzhang"), NOW).expect("enrolled");
        reset(world, NOW);
        let session = begun(world, RESET, NOW);
        assert_eq!(session.stage, Stage::Factor);
        let typed = totp_code(secret, NOW);
        let given = province.operator_factor(&live_of(world, &session, NOW), Proof::Code(&typed), NOW);
        assert_eq!(given.expect("the rows"), Again::Done);
        assert_eq!(live_of(world, &session, NOW).stage, Stage::Password, "no code is asked for");
        let needless = province.operator_enable_code("qianzhang", &by("anquan"), Warrant::Account, NOW);
        assert!(needless.expect_err("needless").to_string().contains("不需要启用码"));
        // Password and factor both taken away: the two administrators have to act again.
        province.operator_factor_reset("qianzhang", &by("anquan"), Warrant::Account, NOW).expect("reset");
        is_shut(world, RESET, NOW);
        let code = another(world, NOW);
        assert_eq!(enable(world, &begun(world, RESET, NOW), &code, NOW), Enabling::Done);
    });
}

#[test]
fn first_administrators_need_no_code_and_a_grant_by_broken_glass_gives_one_with_an_alarm() {
    on_both_under(SignInPolicy { second_factor: false, ..SignInPolicy::default() }, |world| {
        add(world, "xitong", "系统管理员");
        assert_eq!(signed_in(world, "xitong", NOW).stage, Stage::Full);
        let province = &world.province;
        let made = new("shenji", "审计管理员");
        province.operator_add(made, PASSWORD, &by("xitong"), Warrant::Account, NOW).expect("asked for");
        let alarms = || count(world, "lifecycle_work WHERE code = 'BREAK_GLASS'");
        let before = alarms();
        let reach =
            Granted { role: "审计管理员".into(), areas: vec!["*".into()], kinds: vec!["*".into()] };
        let by_account = province.operator_grant("shenji", &reach, &by("xitong"), Warrant::Account, NOW);
        assert!(by_account.is_err(), "who makes does not grant");
        let glass = Warrant::BreakGlass("安全管理员不在");
        let code = province.operator_grant("shenji", &reach, &by("xitong"), glass, NOW).expect("granted");
        assert!(code.is_some() && alarms() == before + 1);
        assert_eq!(signed_in(world, "shenji", NOW).stage, Stage::Enable);
    });
}

#[test]
fn issue_and_use_are_in_the_audit_log_and_the_code_is_nowhere() {
    on_both_under(SignInPolicy::default(), |world| {
        let first = granted(world, "窗口经办");
        let code = another(world, NOW);
        enable(world, &begun(world, PASSWORD, NOW), "AAAAA-AAAAA", NOW);
        enable(world, &begun(world, PASSWORD, NOW), &code, NOW);
        for (act, entries) in [("operator.enable_code", 1), ("operator.enable\"", 2)] {
            let what = format!("audit_pending WHERE entries LIKE '%\"{act}%'");
            assert_eq!(count(world, &what), entries, "{act}");
        }
        for code in [first, code] {
            for text in [code.clone(), code.replace('-', "")] {
                assert_eq!(count(world, &format!("audit_pending WHERE entries LIKE '%{text}%'")), 0);
                assert_eq!(count(world, &format!("operator_account WHERE enable_digest LIKE '%{text}%'")), 0);
            }
        }
    });
}
