//! The outage clock: found, ended, followed, proven; on SQLite and on PostgreSQL.

#[path = "collect/destination.rs"]
mod destination;
mod support;

use destination::{Step, Way, ministry};
use gm::sm2::SecretKey;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use node::audit::Actor;
use node::outage::{Leg, NewOutage, ShownOutage, check_proof};
use proptest::prelude::*;
use support::{DAY, NOW, SECOND, World, first_issues, later, on_both, submitted};

const LANE: &str = "ministry";
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

fn operator() -> Actor {
    Actor { client: "cli".into(), operator: Some("张三".into()), ..Actor::default() }
}

fn key(seed: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("node", SecretKey::from_bytes(&[seed; 32]).expect("a key"));
    keys.signing_key("node").expect("the key")
}

/// An instant in Shanghai, microseconds UTC.
fn at(text: &str) -> i64 {
    format!("{text}+08:00").parse::<jiff::Timestamp>().expect("a time").as_microsecond()
}

fn issue(world: &World, count: usize) {
    world.province.accept(first_issues(count).into_iter().map(submitted).collect(), NOW);
}

fn only(world: &World) -> ShownOutage {
    let list = world.province.outage_list(i64::MAX, 10).expect("a list");
    assert_eq!(list.len(), 1, "{list:?}");
    world.province.outage_show(&list[0].id).expect("shown")
}

fn work(world: &World) -> Vec<String> {
    let sql =
        "SELECT code FROM lifecycle_work WHERE code LIKE 'OUTAGE%' AND state = 'open' ORDER BY opened_at, id";
    let found: Result<_, store::StoreError> =
        world.province.store.read(|session| session.rows(sql, &[], |row| row.get(0)));
    found.expect("work items")
}

/// A planned window of a lane; its id.
fn window(world: &World, leg: Leg, from: i64, to: i64) -> String {
    let new = NewOutage {
        leg,
        party: if leg == Leg::In { "运政".into() } else { LANE.into() },
        planned: true,
        started_at: from,
        ends_at: Some(to),
        cause: "机房断电".into(),
        measures: "改用文件接口".into(),
    };
    world.province.outage_open(new, &operator(), from - DAY).expect("opens")
}

#[test]
fn a_destination_that_does_not_answer_is_found_followed_and_proven() {
    on_both(|world| {
        issue(world, 3);
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        way.then(&[Step::Silent, Step::Silent]);
        let collect = |now| world.province.collect_once(LANE, &way, "worker", now).expect("a round");
        collect(NOW + SECOND);
        world.province.outage_tick(NOW + 4 * MINUTE).expect("a tick");
        assert!(
            world.province.outage_list(i64::MAX, 10).expect("a list").is_empty(),
            "four minutes are none"
        );
        collect(NOW + 6 * MINUTE);
        let open = only(world);
        assert_eq!((open.record.state.as_str(), open.record.started_at), ("open", NOW + SECOND));
        // An act while it lasts, and one certificate that the ministry does not want.
        let held = world.province.accept(vec![submitted(later("S000000", "A", "暂扣"))], NOW + 7 * MINUTE);
        let refused = held[0].certificate.clone().expect("a certificate");
        way.refused.lock().expect("refused").insert(refused);
        collect(NOW + DAY);
        let ended = only(world);
        assert_eq!((ended.record.state.as_str(), ended.record.ended_at), ("ended", Some(NOW + DAY)));
        assert_eq!((ended.held, ended.sent), (4, 0));
        world.province.outage_tick(NOW + DAY + SECOND).expect("a tick");
        assert_eq!((only(world).held, only(world).sent), (4, 2), "two wait behind the dead letter");
        let id = ended.record.id;
        assert!(world.province.outage_prove(&id, &*key(1), "node-1", NOW + DAY).is_err());
        assert!(world.province.outage_complete(&id, &operator(), NOW + DAY).is_err());
        // Mended, sent again.
        way.refused.lock().expect("refused").clear();
        let all = node::collect::Which::All;
        world.province.collect_retry(LANE, all, &operator(), NOW + DAY + 2 * SECOND).expect("retries");
        collect(NOW + DAY + 3 * SECOND);
        let ticked = world.province.outage_tick(NOW + DAY + 4 * SECOND).expect("a tick");
        assert_eq!(ticked.completed, 1);
        let done = only(world);
        assert_eq!((done.held, done.sent, done.record.completed_at), (4, 4, Some(NOW + DAY + 3 * SECOND)));
        let text = world.province.outage_prove(&id, &*key(1), "node-1", NOW + 2 * DAY).expect("a proof");
        let proof = check_proof(&text, key(1).public_key()).expect("holds");
        assert_eq!((proof.value("held"), proof.value("sent"), proof.value("late")), ("4", "4", "0"));
        let mut items = world.province.outage_held(&id).expect("items");
        assert!(proof.covers(&items));
        items[2].sent_at = items[2].sent_at.map(|at| at - 1);
        assert!(!proof.covers(&items), "another time of one item");
    });
}

#[test]
fn any_change_to_a_proof_is_found() {
    let world = support::sqlite();
    let id = window(&world, Leg::Out, at("2026-06-02T10:00:00"), at("2026-06-02T11:00:00"));
    world.province.outage_tick(at("2026-06-02T11:01:00")).expect("a tick");
    world.province.outage_tick(at("2026-06-02T11:02:00")).expect("a tick");
    let text = world.province.outage_prove(&id, &*key(1), "node-1", NOW).expect("a proof");
    assert!(check_proof(&text, key(1).public_key()).is_ok());
    assert!(check_proof(&text, key(2).public_key()).is_err(), "another node's key");
    proptest!(|(place in 0..text.len(), to in "[ -~]")| {
        let mut other = text.clone().into_bytes();
        other[place] = to.as_bytes()[0];
        if let Ok(other) = String::from_utf8(other) {
            // Within the last digit of Base64 two spare bits mean nothing; all else must be found.
            let same = check_proof(&other, key(1).public_key()).map(|proof| proof.lines);
            prop_assert!(other == text || same.is_err() || place > text.len() - 6);
        }
    });
}

/// The deadline of an outage that ends at an instant.
fn deadline(end: &str) -> String {
    deadline_in(&support::sqlite(), end)
}

fn deadline_in(world: &World, end: &str) -> String {
    let end = at(end);
    let id = window(world, Leg::Out, end - HOUR, end);
    assert_eq!(world.province.outage_tick(end - SECOND).expect("a tick").ended, 0);
    assert_eq!(world.province.outage_tick(end).expect("a tick").ended, 1);
    world.province.outage_show(&id).expect("shown").deadline
}

#[test]
fn two_working_days_run_over_weekends_holidays_and_worked_saturdays() {
    // A Monday; a Friday before a plain weekend.
    assert_eq!(deadline("2026-06-01T09:00:00"), "2026-06-03 24:00");
    assert_eq!(deadline("2026-06-05T23:59:59"), "2026-06-09 24:00");
    // 调休: Saturday 14 February is worked, then nine days of Spring Festival.
    assert_eq!(deadline("2026-02-13T10:00:00"), "2026-02-24 24:00");
    // Sunday 20 September is worked.
    assert_eq!(deadline("2026-09-18T18:00:00"), "2026-09-21 24:00");
    // The National Day holiday of seven days, then Thursday and Friday.
    assert_eq!(deadline("2026-09-30T12:00:00"), "2026-10-09 24:00");
    // The next year's notice is not there yet.
    assert_eq!(deadline("2026-12-30T12:00:00"), "2027-01-01 24:00（暂估）");
}

/// The next year's notice, as a province puts it into its own data before the program has it.
const NEXT_YEAR: &str = r#"
year = 2027
source = "演示放假安排"
illustrative = true
effective_from = "2027-01-01"
effective_to = "2027-12-31"

[[holiday]]
name = "元旦"
from = "2027-01-01"
to = "2027-01-03"
worked = []
"#;

#[test]
fn a_provinces_own_calendar_makes_the_deadline_firm() {
    let mut world = support::sqlite();
    let folder = world.folder.0.join("own");
    std::fs::create_dir_all(folder.join("calendar")).expect("a folder");
    std::fs::write(folder.join("calendar/2027.toml"), NEXT_YEAR).expect("a file");
    let data = node::Data::load(Some(&folder)).expect("its own data over the built-in");
    let province = std::sync::Arc::get_mut(&mut world.province).expect("nobody else has it");
    province.data.calendar = data.calendar;
    // Friday 1 January is off now: Thursday, then Monday.
    assert_eq!(deadline_in(&world, "2026-12-30T12:00:00"), "2027-01-04 24:00");
    std::fs::write(folder.join("calendar/2027.toml"), "year = 2027").expect("a file");
    let error = node::Data::load(Some(&folder)).err().expect("refused").to_string();
    assert!(error.contains("calendar/2027.toml"), "{error}");
}

#[test]
fn alarms_come_once_each_and_at_their_time() {
    on_both(|world| {
        issue(world, 1);
        let (from, end) = (NOW - HOUR, at("2026-06-01T12:00:00"));
        let id = window(world, Leg::Out, from, end);
        let tick = |now: &str| world.province.outage_tick(at(now)).expect("a tick").alarms;
        // The clock runs from Monday noon to the end of Wednesday: 60 hours.
        let alarms = [
            tick("2026-06-01T12:00:01"),
            tick("2026-06-02T17:59:59"),
            tick("2026-06-02T18:00:00"),
            tick("2026-06-03T19:59:59"),
            tick("2026-06-03T20:00:00"),
            tick("2026-06-03T23:59:59"),
            tick("2026-06-04T00:00:00"),
            tick("2026-06-05T00:00:00"),
        ];
        assert_eq!(alarms, [0, 0, 1, 0, 1, 0, 1, 0]);
        assert_eq!(work(world), ["OUTAGE_HALF", "OUTAGE_LAST_HOURS", "OUTAGE_MISSED"]);
        // Late is better than never, and the proof says so.
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        world.province.collect_once(LANE, &way, "worker", at("2026-06-05T08:00:00")).expect("a round");
        world.province.outage_tick(at("2026-06-05T08:01:00")).expect("a tick");
        let text = world.province.outage_prove(&id, &*key(1), "node-1", NOW).expect("a proof");
        assert_eq!(check_proof(&text, key(1).public_key()).expect("holds").value("late"), "1");
    });
}

#[test]
fn a_sender_that_falls_silent_in_its_usual_hours_is_found_and_confirmed() {
    on_both(|world| {
        let province = &world.province;
        // Every ten minutes from 8:00 to 20:00, Monday to Wednesday.
        for day in 1..=3 {
            for minute in (8 * 60..20 * 60).step_by(10) {
                let at = at(&format!("2026-06-{day:02}T00:00:00")) + minute * MINUTE;
                province.outage_pulse("运政", at).expect("a pulse");
            }
        }
        let last = at("2026-06-03T19:50:00");
        province.outage_tick(at("2026-06-04T03:00:00")).expect("a tick");
        province.outage_pulse("运政", at("2026-06-04T08:05:00")).expect("a pulse");
        assert_eq!(province.outage_tick(at("2026-06-04T08:45:00")).expect("a tick").opened, 0);
        assert_eq!(province.outage_tick(at("2026-06-04T09:40:00")).expect("a tick").opened, 1);
        let open = only(world);
        assert_eq!((open.record.leg.as_str(), open.record.started_at), ("in", at("2026-06-04T08:05:00")));
        assert!(open.record.started_at > last);
        province
            .outage_describe(&open.record.id, ("网络中断", "窗口手工受理"), &operator(), last)
            .expect("described");
        // It comes back, and brings what happened meanwhile.
        province.outage_pulse("运政", at("2026-06-04T11:00:00")).expect("a pulse");
        let mut event = first_issues(1).pop().expect("one");
        event.occurred_at = "2026-06-04T10:00:00+08:00".into();
        event.effective_on = Some("2026-06-04".into());
        province.accept(vec![submitted(event)], at("2026-06-04T11:00:01"));
        province.outage_tick(at("2026-06-04T11:05:00")).expect("a tick");
        let ended = only(world);
        assert_eq!((ended.record.state.as_str(), ended.held, ended.sent), ("ended", 1, 1));
        assert_eq!(ended.deadline, "2026-06-08 24:00");
        // Whoever presses "end" once more confirms nothing.
        assert!(province.outage_close(&ended.record.id, &operator(), at("2026-06-04T12:00:00")).is_err());
        assert_eq!(only(world), ended);
        province
            .outage_complete(&ended.record.id, &operator(), at("2026-06-04T15:00:00"))
            .expect("confirmed");
        assert_eq!(work(world), Vec::<String>::new(), "its items end with it");
        let done = only(world);
        assert_eq!(
            (done.record.state.as_str(), done.record.measures.as_str()),
            ("completed", "窗口手工受理")
        );
        assert!(province.outage_prove(&done.record.id, &*key(1), "node-1", NOW).is_ok());
    });
}

#[test]
fn a_planned_window_hides_the_silence_in_it() {
    on_both(|world| {
        issue(world, 1);
        window(world, Leg::Out, NOW, NOW + 2 * HOUR);
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        way.then(&[Step::Silent, Step::Silent]);
        for now in [NOW + SECOND, NOW + HOUR] {
            world.province.collect_once(LANE, &way, "worker", now).expect("a round");
            assert_eq!(world.province.outage_tick(now + MINUTE).expect("a tick").opened, 0);
        }
        assert_eq!(world.province.outage_tick(NOW + 2 * HOUR).expect("a tick").ended, 1);
        assert_eq!(only(world).held, 1);
    });
}

#[test]
fn windows_that_begin_together_all_stand_in_the_list() {
    on_both(|world| {
        for lane in ["甲", "乙", "丙", "丁", "戊"] {
            let new = NewOutage {
                leg: Leg::In,
                party: lane.into(),
                planned: true,
                started_at: NOW + DAY,
                ends_at: Some(NOW + 2 * DAY),
                cause: "机房断电".into(),
                measures: "改用文件接口".into(),
            };
            world.province.outage_open(new, &operator(), NOW).expect("opens");
        }
        let (mut seen, mut below) = (Vec::new(), (i64::MAX, String::new()));
        loop {
            let page = world.province.outage_page((below.0, &below.1), 2).expect("a page");
            let Some(last) = page.last() else { break };
            below = (last.started_at, last.id.clone());
            seen.extend(page.into_iter().map(|one| one.party));
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 5, "{seen:?}");
    });
}
