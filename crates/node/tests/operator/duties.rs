//! The three administrators: none does another's work, nobody is two of them, nobody works on the own account.

use node::operator::{
    AccountState, Again, Enabling, Granted, NewOperator, OperatorFilter, OwnPassword, SignIn, SignInPolicy,
    Warrant,
};
use node::session::Stage;

use super::{MINUTE, PASSWORD, add, by, count, live_of, new, on_both_under, sign_in, signed_in};
use crate::support::{NOW, World, on_both};

const CHOSEN: &str = "benren-xuan-2026";

fn granted(role: &str) -> Granted {
    Granted { role: role.into(), areas: vec!["9901".into()], kinds: vec!["*".into()] }
}

/// 系统管理员 `xitong`, 安全管理员 `anquan`, 审计管理员 `shenji`.
fn three(world: &World) {
    for (name, role) in [("xitong", "系统管理员"), ("anquan", "安全管理员"), ("shenji", "审计管理员")]
    {
        add(world, name, role);
    }
}

fn ask_for(world: &World, name: &str, role: &str) {
    let asked = world.province.operator_add(new(name, role), PASSWORD, &by("xitong"), Warrant::Account, NOW);
    asked.expect("asked for");
}

#[test]
fn an_account_works_only_after_its_grant_and_with_a_password_of_its_own() {
    on_both(|world| {
        three(world);
        let province = &world.province;
        ask_for(world, "chuangkou1", "窗口经办");
        assert!(matches!(sign_in(world, "chuangkou1", PASSWORD, NOW), SignIn::Waiting));
        assert!(matches!(sign_in(world, "chuangkou1", "wrong-password-1", NOW), SignIn::Refused));
        let grant = granted("窗口经办");
        let code = province.operator_grant("chuangkou1", &grant, &by("anquan"), Warrant::Account, NOW);
        let code = code.expect("granted").expect("a code for the first sign-in");
        let begun = signed_in(world, "chuangkou1", NOW);
        assert_eq!((begun.stage, begun.home.as_str()), (Stage::Enable, "/sign-in/enable"));
        let live = live_of(world, &begun, NOW);
        assert_eq!(province.operator_enable(&live, &code.code, NOW).expect("the rows"), Enabling::Done);
        let live = live_of(world, &begun, NOW);
        assert_eq!(live.stage, Stage::Password);
        let session = live.id;
        let change = |old, new| {
            let own = OwnPassword { account: "chuangkou1", old, new, session: Some(&session) };
            province.operator_password(own, NOW)
        };
        assert!(change(PASSWORD, PASSWORD).is_err(), "the same again");
        assert_eq!(change("wrong-password-1", CHOSEN).expect("the rows"), Again::Wrong);
        assert_eq!(change(PASSWORD, CHOSEN).expect("the rows"), Again::Done);
        assert_eq!(live_of(world, &begun, NOW).stage, Stage::Full);
        assert!(matches!(sign_in(world, "chuangkou1", PASSWORD, NOW), SignIn::Refused));
    });
}

#[test]
fn none_of_the_three_does_the_work_of_another() {
    on_both(|world| {
        three(world);
        let province = &world.province;
        ask_for(world, "zhifa001", "执法");
        let refused = |done: Result<(), node::NodeError>| {
            assert!(done.expect_err("no right").to_string().contains("不是有权办理"));
        };
        for name in ["anquan", "shenji", "zhifa001", "nobody"] {
            let made = new("zhifa002", "执法");
            refused(province.operator_add(made, PASSWORD, &by(name), Warrant::Account, NOW));
        }
        for name in ["anquan", "shenji"] {
            refused(province.operator_disable("zhifa001", &by(name), Warrant::Account, NOW));
            refused(province.operator_reset("zhifa001", CHOSEN, &by(name), Warrant::Account, NOW));
        }
        for name in ["xitong", "shenji"] {
            let (by, warrant) = (by(name), Warrant::Account);
            refused(province.operator_grant("zhifa001", &granted("执法"), &by, warrant, NOW).map(|_| ()));
            refused(province.operator_enable_code("zhifa001", &by, warrant, NOW).map(|_| ()));
            refused(province.operator_refuse("zhifa001", "人员有误", &by, warrant, NOW));
            refused(province.operator_unlock("zhifa001", &by, warrant, NOW));
            refused(province.operator_factor_reset("zhifa001", &by, warrant, NOW));
            refused(province.operator_session_end("zhifa001", None, &by, NOW));
        }
    });
}

#[test]
fn nobody_works_on_the_own_account_under_either_name() {
    on_both(|world| {
        three(world);
        let province = &world.province;
        let own = |done: Result<(), node::NodeError>| {
            assert!(done.expect_err("the own one").to_string().contains("不能办理本人的账号"));
        };
        let grant = |name, role| {
            province.operator_grant(name, &granted(role), &by("anquan"), Warrant::Account, NOW).map(|_| ())
        };
        own(grant("anquan", "省级主管"));
        own(province.operator_reset("xitong", CHOSEN, &by("xitong"), Warrant::Account, NOW));
        // The same person under another name: the same number in the same unit.
        let second = NewOperator { staff_no: "9901-anquan".into(), ..new("anquan2", "执法") };
        province.operator_add(second, PASSWORD, &by("xitong"), Warrant::Account, NOW).expect("made");
        own(grant("anquan2", "执法"));
    });
}

#[test]
fn nobody_is_two_of_the_three() {
    on_both(|world| {
        three(world);
        add(world, "anquan2", "安全管理员");
        let province = &world.province;
        let second = NewOperator { staff_no: "9901-shenji".into(), ..new("shenji2", "系统管理员") };
        province.operator_add(second, PASSWORD, &by("xitong"), Warrant::Account, NOW).expect("made");
        let grant =
            |role| province.operator_grant("shenji2", &granted(role), &by("anquan2"), Warrant::Account, NOW);
        assert!(grant("系统管理员").expect_err("a second one").to_string().contains("三类管理员"));
        // Nor do they do what they administer.
        assert!(grant("窗口经办").expect_err("a trade").to_string().contains("管理员不兼任"));
    });
}

#[test]
fn nobody_asks_and_confirms_under_two_accounts() {
    on_both(|world| {
        three(world);
        let province = &world.province;
        let twin =
            |name: &str, staff_no: &str| NewOperator { staff_no: staff_no.into(), ..new(name, "执法") };
        for (name, number) in [("jingban1", "JX-7"), ("shenhe1", " ｊｘ-7 "), ("shenhe2", "JX-8")] {
            let made =
                province.operator_add(twin(name, number), PASSWORD, &by("xitong"), Warrant::Account, NOW);
            made.expect("made");
        }
        let grant =
            |name, role| province.operator_grant(name, &granted(role), &by("anquan"), Warrant::Account, NOW);
        grant("jingban1", "窗口经办").expect("granted");
        let refused = grant("shenhe1", "审核").expect_err("the same person").to_string();
        assert!(refused.contains("jingban1") && refused.contains("不同的人"), "{refused}");
        grant("shenhe1", "县级主管").expect("another post");
        grant("shenhe2", "审核").expect("another person");
        grant("shenhe1", "执法").expect("changed");
        assert!(grant("jingban1", "系统管理员").is_err(), "an administrator has no other post");
    });
}

#[test]
fn an_area_that_there_is_not_is_refused_by_its_name() {
    on_both(|world| {
        three(world);
        let province = &world.province;
        let nowhere = NewOperator { areas: vec!["9901".into(), "7777".into()], ..new("zhifa001", "执法") };
        let made = province.operator_add(nowhere, PASSWORD, &by("xitong"), Warrant::Account, NOW);
        assert!(made.expect_err("nowhere").to_string().contains("没有代码以“7777”开头的行政区划"));
        ask_for(world, "zhifa001", "执法");
        let grant = |area: &str| {
            let reach = Granted { areas: vec![area.into()], ..granted("执法") };
            province.operator_grant("zhifa001", &reach, &by("anquan"), Warrant::Account, NOW)
        };
        assert!(grant("990199").expect_err("nowhere").to_string().contains("“990199”"));
        let entry = province.operator_get("zhifa001").expect("the rows").expect("it");
        assert_eq!(entry.state, AccountState::Waiting, "nothing was changed");
        for area in ["*", "99", "990101", "2101"] {
            grant(area).expect(area);
        }
    });
}

#[test]
fn a_refused_account_and_a_disabled_one_let_nobody_in() {
    on_both(|world| {
        three(world);
        let province = &world.province;
        ask_for(world, "zhifa001", "执法");
        let refuse = |why| province.operator_refuse("zhifa001", why, &by("anquan"), Warrant::Account, NOW);
        assert!(refuse(" ").is_err(), "without a reason");
        refuse("证号与名册不符").expect("refused");
        assert!(refuse("证号与名册不符").is_err(), "it does not wait any more");
        assert!(matches!(sign_in(world, "zhifa001", PASSWORD, NOW), SignIn::Refused));
        let grant =
            |name| province.operator_grant(name, &granted("执法"), &by("anquan"), Warrant::Account, NOW);
        grant("zhifa001").expect("after a second thought");
        province.operator_disable("zhifa001", &by("xitong"), Warrant::Account, NOW).expect("disabled");
        assert!(grant("zhifa001").is_err());
        let page = |state: &str| {
            let filter = OperatorFilter { state: state.into(), ..OperatorFilter::default() };
            province.operator_page(&filter, "", 50).expect("the rows").0
        };
        assert_eq!(page("disabled").len(), 1);
        assert_eq!(page("active").len(), 3);
        assert_eq!(page("disabled")[0].state, AccountState::Disabled);
    });
}

#[test]
fn a_lock_is_lifted_by_whoever_grants_and_a_reset_leaves_it() {
    on_both(|world| {
        three(world);
        add(world, "zhifa001", "执法");
        let province = &world.province;
        for _ in 0..5 {
            sign_in(world, "zhifa001", "wrong-password-1", NOW);
        }
        assert!(matches!(sign_in(world, "zhifa001", PASSWORD, NOW), SignIn::Locked(_)));
        province.operator_reset("zhifa001", CHOSEN, &by("xitong"), Warrant::Account, NOW).expect("reset");
        assert!(matches!(sign_in(world, "zhifa001", CHOSEN, NOW), SignIn::Locked(_)));
        province.operator_unlock("zhifa001", &by("anquan"), Warrant::Account, NOW).expect("unlocked");
        let SignIn::Done(begun) = sign_in(world, "zhifa001", CHOSEN, NOW) else { panic!("signed in") };
        assert_eq!(begun.stage, Stage::Enable, "the new password is known to somebody else");
    });
}

#[test]
fn whoever_grants_ends_sessions_of_others() {
    on_both(|world| {
        three(world);
        add(world, "zhifa001", "执法");
        let begun = signed_in(world, "zhifa001", NOW);
        let province = &world.province;
        let open = province.operator_sessions("zhifa001", NOW).expect("the rows");
        assert_eq!(open.len(), 1);
        let end = |id| province.operator_session_end("zhifa001", id, &by("anquan"), NOW);
        end(Some(&open[0].id)).expect("ended");
        assert!(province.session_of(&begun.cookie, NOW).expect("the rows").is_none());
        assert!(end(None).is_err(), "there is none any more");
    });
}

#[test]
fn an_old_password_is_changed_before_anything_else() {
    on_both_under(SignInPolicy::default(), |world| {
        add(world, "zhifa001", "执法");
        let day = 24 * 60 * MINUTE;
        assert_eq!(signed_in(world, "zhifa001", NOW + 89 * day).stage, Stage::Full);
        assert_eq!(signed_in(world, "zhifa001", NOW + 91 * day).stage, Stage::Password);
    });
}

#[test]
fn one_address_cannot_try_many_accounts() {
    on_both(|world| {
        add(world, "zhifa001", "执法");
        for n in 0..30 {
            sign_in(world, &format!("guess{n}"), "wrong-password-1", NOW);
        }
        assert!(matches!(sign_in(world, "zhifa001", PASSWORD, NOW), SignIn::TooMany(_)));
        assert!(matches!(sign_in(world, "zhifa001", PASSWORD, NOW + 16 * MINUTE), SignIn::Done(_)));
        assert_eq!(count(world, "operator_try WHERE address LIKE '%192%'"), 0, "no address in clear");
    });
}

#[test]
fn on_the_command_line_a_name_alone_is_not_enough() {
    on_both(|world| {
        let province = &world.province;
        province.operator_may("任何人", &["outage.record"]).expect("a node without accounts asks nobody");
        add(world, "shengji", "省级主管");
        let proof = |name, act| province.operator_may(name, &[act]).expect("the role has the act");
        assert!(!proof("shengji", "outage.record"), "the name is enough");
        for (name, role, act) in [
            ("xitong", "系统管理员", "duty.manage"),
            ("anquan", "安全管理员", "client.manage"),
            ("shenji", "审计管理员", "audit.read"),
        ] {
            add(world, name, role);
            assert!(proof(name, act), "what an administrator does, the person proves: {act}");
        }
        assert!(province.operator_break_glass("王五", &["client.manage"], " ", NOW).is_err(), "no reason");
        assert_eq!(count(world, "lifecycle_work WHERE why LIKE '王五%'"), 0);
        province.operator_break_glass("王五", &["client.manage"], "三人都不在", NOW).expect("noted");
        assert_eq!(count(world, "lifecycle_work WHERE code = 'BREAK_GLASS' AND why LIKE '王五%密钥%'"), 1);
        let why = |name| province.operator_may(name, &["client.manage"]).expect_err("no").to_string();
        assert!(why("任何人").contains("不是在用的工作人员账号"));
        assert!(why("shengji").contains("安全管理员"));
        let secret = b"12345678901234567890";
        let code = node::operator::totp_code(secret, NOW);
        let vouch = |password, code| province.operator_vouch("shengji", password, code, NOW);
        vouch(PASSWORD, None).expect("it is the person");
        assert!(vouch("wrong-password-1", None).is_err());
        province.operator_enrol_totp("shengji", secret, &by("shengji"), NOW).expect("enrolled");
        assert!(vouch(PASSWORD, None).is_err(), "the code is missing");
        vouch(PASSWORD, Some(&code)).expect("password and code");
        for _ in 0..5 {
            assert!(vouch("wrong-password-1", None).is_err());
        }
        assert!(vouch(PASSWORD, None).expect_err("locked").to_string().contains("已锁定"));
    });
}
