//! The responsibility register, on both engines: an empty post is an alarm, nothing is overwritten, names are sealed.

mod support;

use node::audit::Actor;
use node::duty::{EMPTY, NewHolder, NewPost, NewRule, Place, Post};
use support::{DAY, NOW, World, on_both};

fn by() -> Actor {
    Actor { client: "web".into(), operator: Some("xitong01".into()), ..Actor::default() }
}

fn all() -> Vec<String> {
    vec!["*".to_owned()]
}

fn post(world: &World, name: &str, area: &str) -> String {
    let new = NewPost { name: name.into(), area: area.into(), what: "密钥".into(), basis: "M16".into() };
    world.province.duty_add(&new, &by(), NOW).expect("a post")
}

fn holder(from: &str, to: Option<&str>) -> NewHolder {
    NewHolder {
        person: "钱守印".into(),
        phone: "0999-8888001".into(),
        unit: "演示省交通运输厅".into(),
        begins_on: from.into(),
        ends_on: to.map(str::to_owned),
    }
}

fn open_work(world: &World) -> i64 {
    let sql = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM lifecycle_work WHERE code = '{EMPTY}' AND state = 'open'"
    );
    let found = world.province.store.read(|session| session.row(&sql, &[], |row| row.get::<i64>(0)));
    found.expect("the rows").unwrap_or_default()
}

fn list(world: &World, areas: &[&str], empty: bool, now: i64) -> Vec<Post> {
    let areas: Vec<String> = areas.iter().map(|area| (*area).to_owned()).collect();
    world.province.duty_list(&areas, empty, &Place::default(), 100, now).expect("the list").posts
}

#[test]
fn an_empty_post_is_an_alarm_until_somebody_holds_it() {
    on_both(|world| {
        let province = &world.province;
        let id = post(world, "密钥保管岗", "990000");
        assert_eq!((open_work(world), province.duty_empty(NOW).expect("rows")), (1, 1));
        province.duty_fill(&id, &holder("2026-06-01", None), &by(), NOW).expect("taken");
        assert_eq!((open_work(world), province.duty_empty(NOW).expect("rows")), (0, 0));
        let again = province.duty_fill(&id, &holder("2026-06-02", None), &by(), NOW);
        assert!(again.expect_err("held").to_string().contains("已有人任职"));
        province.duty_vacate(&id, "", &by(), NOW + DAY).expect("left");
        assert_eq!(open_work(world), 1);
        // Whoever comes later: the post is empty until then, and the round of that day ends the alarm.
        province.duty_fill(&id, &holder("2026-06-05", Some("2026-06-06")), &by(), NOW + DAY).expect("taken");
        assert_eq!((province.duty_check(NOW + DAY).expect("rows"), open_work(world)), (1, 1));
        assert_eq!((province.duty_check(NOW + 4 * DAY).expect("rows"), open_work(world)), (0, 0));
        // A term that is over raises it again, by itself, once.
        for _ in 0..2 {
            assert_eq!((province.duty_check(NOW + 6 * DAY).expect("rows"), open_work(world)), (1, 1));
        }
        let view = province.duty_view(&id, &all(), &by(), NOW + 6 * DAY).expect("rows").expect("it");
        assert_eq!(view.holders.len(), 2, "nothing is overwritten");
        province.duty_close(&id, &by(), NOW + 7 * DAY).expect("given up");
        assert_eq!((open_work(world), province.duty_empty(NOW + 7 * DAY).expect("rows")), (0, 0));
        assert!(province.duty_fill(&id, &holder("", None), &by(), NOW).is_err());
    });
}

/// Whoever leaves changes nobody else's term.
#[test]
fn a_term_that_is_over_stays_as_it_was() {
    on_both(|world| {
        let province = &world.province;
        let id = post(world, "密钥保管岗", "990000");
        let leave = |last: &str, now| province.duty_vacate(&id, last, &by(), now);
        province.duty_fill(&id, &holder("2026-05-01", Some("2026-05-31")), &by(), NOW).expect("was there");
        province.duty_fill(&id, &holder("2026-06-01", None), &by(), NOW).expect("taken");
        leave("2026-05-30", NOW).expect_err("neither began so early and is still there");
        leave("2026-06-01", NOW).expect("left");
        let terms = || {
            let view = province.duty_view(&id, &all(), &by(), NOW).expect("rows").expect("it");
            view.holders.into_iter().map(|one| (one.begins_on, one.ends_on)).collect::<Vec<_>>()
        };
        let term = |from: &str, to: &str| (from.to_owned(), Some(to.to_owned()));
        let past = [term("2026-06-01", "2026-06-01"), term("2026-05-01", "2026-05-31")];
        assert_eq!(terms(), past);
        // An appointment that has not begun is taken back; the past stays.
        province.duty_fill(&id, &holder("2026-07-01", None), &by(), NOW).expect("appointed");
        leave("", NOW).expect("taken back");
        assert_eq!(terms()[1..], past);
        leave("", NOW).expect_err("nobody is there, and nobody will be");
        assert_eq!(open_work(world), 1);
    });
}

#[test]
fn an_alarm_that_was_closed_by_hand_comes_back() {
    on_both(|world| {
        post(world, "告警值守岗", "990100");
        let sql = format!("UPDATE lifecycle_work SET state = 'closed' WHERE code = '{EMPTY}'");
        let done: Result<_, store::StoreError> =
            world.province.store.write(move |session| session.execute(&sql, &[]));
        assert_eq!(done.expect("rows"), 1);
        assert_eq!((world.province.duty_check(NOW).expect("rows"), open_work(world)), (1, 1));
    });
}

#[test]
fn an_area_sees_its_own_posts_and_names_are_masked_and_sealed() {
    on_both(|world| {
        let province = &world.province;
        let (own, other) = (post(world, "制证作业岗", "990100"), post(world, "制证作业岗", "990200"));
        province.duty_fill(&own, &holder("", None), &by(), NOW).expect("taken");
        let found = list(world, &["9901"], false, NOW);
        assert_eq!(found.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), [own.as_str()]);
        let one = found[0].holder.clone().expect("held");
        assert_eq!((one.person.as_str(), one.phone.contains("8888001")), ("钱**", false));
        assert_eq!(list(world, &["99"], true, NOW).len(), 1, "only the empty one");
        assert!(list(world, &[], false, NOW).is_empty());
        let mine = ["9901".to_owned()];
        assert!(province.duty_view(&other, &mine, &by(), NOW).expect("rows").is_none());
        let full = province.duty_view(&own, &mine, &by(), NOW).expect("rows").expect("it");
        assert_eq!(full.holders[0].person, "钱守印");
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM duty_holder WHERE person_sealed LIKE '%钱守印%' \
                   OR phone_sealed LIKE '%8888001%'";
        let clear = province.store.read(|session| session.row(sql, &[], |row| row.get::<i64>(0)));
        assert_eq!(clear.expect("rows"), Some(0));
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM audit_pending WHERE entries LIKE '%duty.read%'";
        let looked = province.store.read(|session| session.row(sql, &[], |row| row.get::<i64>(0)));
        assert_eq!(looked.expect("rows"), Some(1), "whoever saw the name is on record");
    });
}

#[test]
fn slips_are_refused_by_name() {
    on_both(|world| {
        let province = &world.province;
        let new = |name: &str, area: &str, what: &str| NewPost {
            name: name.into(),
            area: area.into(),
            what: what.into(),
            basis: String::new(),
        };
        post(world, "审计岗", "990000");
        for (wrong, why) in [
            (new("审计岗", "990000", "审计"), "已有岗位"),
            (new("", "990000", "审计"), "岗位名称"),
            (new("岗", "110000", "审计"), "本省"),
            (new("岗", "12", "审计"), "行政区划"),
            (new("岗", "990000", "其他"), "负责事项"),
        ] {
            let error = province.duty_add(&wrong, &by(), NOW).expect_err("refused").to_string();
            assert!(error.contains(why), "{why}: {error}");
        }
        let nobody = Actor { client: "web".into(), ..Actor::default() };
        assert!(province.duty_add(&new("岗", "990000", "审计"), &nobody, NOW).is_err());
        let id = post(world, "密钥岗", "990000");
        let mut phone = holder("", None);
        phone.phone = "见面谈".into();
        assert!(province.duty_fill(&id, &phone, &by(), NOW).is_err());
        assert!(province.duty_fill(&id, &holder("2026-06-02", Some("2026-06-01")), &by(), NOW).is_err());
        assert!(
            province.duty_vacate(&id, "", &by(), NOW).expect_err("empty").to_string().contains("没有人任职")
        );
    });
}

#[test]
fn the_posts_to_begin_with_are_made_once_at_every_level() {
    let world = support::sqlite();
    let made = world.province.duty_defaults(&by(), NOW).expect("made");
    assert!(made > 10, "{made}");
    assert_eq!(world.province.duty_defaults(&by(), NOW).expect("made"), 0);
    let levels = |level: &str| list(&world, &["*"], false, NOW).iter().any(|post| post.level == level);
    assert!(levels("省") && levels("市") && levels("县"));
    assert_eq!(open_work(&world), i64::try_from(made).expect("small"));
    // Page by page, nothing twice and nothing left out.
    let (mut after, mut seen) = (Place::default(), Vec::new());
    loop {
        let page = world.province.duty_list(&all(), false, &after, 7, NOW).expect("a page");
        seen.extend(page.posts.into_iter().map(|post| post.id));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    let unique: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), unique.len()), (made, made));
}

#[test]
fn a_rule_keeps_every_version() {
    on_both(|world| {
        let province = &world.province;
        let rule = |version: &str, day: &str| NewRule {
            title: "密钥管理制度".into(),
            version: version.into(),
            effective_on: day.into(),
            body: "第一条　密钥由专人保管。".into(),
            ..NewRule::default()
        };
        province.duty_rule_add(&rule("2025 年版", "2025-01-01"), &by(), NOW).expect("recorded");
        province.duty_rule_add(&rule("2026 年版", "2026-07-01"), &by(), NOW).expect("recorded");
        let twice = province.duty_rule_add(&rule("2026 年版", "2026-08-01"), &by(), NOW);
        assert!(twice.expect_err("there").to_string().contains("已登记"));
        let neither = NewRule { body: String::new(), ..rule("3", "2026-08-01") };
        assert!(province.duty_rule_add(&neither, &by(), NOW).is_err());
        let digest = NewRule { file: "值守制度.ofd".into(), file_sm3: "0f".repeat(32), ..neither };
        province.duty_rule_add(&digest, &by(), NOW).expect("a file's digest");
        let rules = province.duty_rules().expect("rows");
        let shown: Vec<(&str, bool)> =
            rules.iter().map(|rule| (rule.version.as_str(), rule.replaced)).collect();
        assert_eq!(shown, [("3", false), ("2026 年版", true), ("2025 年版", true)]);
    });
}

#[test]
fn two_open_posts_of_one_name_cannot_stand_in_the_rows() {
    on_both(|world| {
        let id = post(world, "密钥保管岗", "990000");
        // What two processes at once would write: each has looked before the other one wrote.
        let twin = format!(
            "INSERT INTO duty_post (id, name, level, area, what, basis, work_id, created_at, closed_at) \
             SELECT 'twin', name, level, area, what, basis, work_id, created_at, closed_at FROM duty_post WHERE id = '{id}'"
        );
        let done = world.province.store.write(move |session| session.execute(&twin, &[]));
        assert!(done.expect_err("there is one").is_duplicate());
        world.province.duty_close(&id, &by(), NOW).expect("closed");
        post(world, "密钥保管岗", "990000");
    });
}
