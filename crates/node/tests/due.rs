//! Versions of events that were dated ahead, made on their day: on SQLite and on PostgreSQL.

mod support;

use std::sync::{Arc, Barrier};

use model::Verdict;
use node::audit::Actor;
use node::lifecycle::{Answer, BusinessEvent, CertificateView, Origin, Outcome};
use node::verify::{Question, Sight, VerifyAnswer};
use support::{DAY, NOW, SECOND, World, first_issues, later, on_both, submitted};

/// The day of effect, 30 days ahead, and an instant on it.
const AHEAD: &str = "2026-07-01";
const THEN: i64 = NOW + 30 * DAY;

fn one(world: &World, event: BusinessEvent, now: i64) -> Answer {
    world.province.accept(vec![submitted(event)], now).pop().expect("an answer")
}

fn count(world: &World, table: &'static str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let found: Result<Option<i64>, store::StoreError> =
        world.province.store.read(|session| session.row(&sql, &[], |row| row.get(0)));
    found.expect("counts").unwrap_or(0)
}

fn ahead(mut event: BusinessEvent) -> BusinessEvent {
    event.effective_on = Some(AHEAD.into());
    event
}

/// 延续 without a face, from the day ahead on.
fn renewal() -> BusinessEvent {
    let (valid_from, valid_to) = (Some(AHEAD.into()), Some("2032-06-30".into()));
    BusinessEvent { valid_from, valid_to, ..ahead(later("S000000", "E2", "延续")) }
}

fn first() -> BusinessEvent {
    first_issues(1).pop().expect("one")
}

fn issued(world: &World) -> String {
    one(world, first(), NOW).identifier.expect("an identifier")
}

fn verify(world: &World, identifier: &str, now: i64) -> VerifyAnswer {
    let question = Question::Identifier(identifier.into());
    let found = world.province.verify(&question, Sight::default(), &Actor::node(), now).expect("an answer");
    found.0.into_iter().next().expect("one")
}

fn view(world: &World, now: i64) -> CertificateView {
    let located =
        world.province.locate(Origin::Subject("运政", "S000000")).expect("reads").expect("on record");
    world
        .province
        .certificate_view(&located.id, false, &Actor::node(), now)
        .expect("reads")
        .expect("on record")
}

/// What the feed says of an event: (what, identifier).
fn told(world: &World, event_id: &str) -> Vec<(String, Option<String>)> {
    let lines = world.province.results("运政", 0, 1000).expect("the feed");
    let of = lines.into_iter().filter(|line| line.event_id == event_id);
    of.map(|line| (line.what, line.body["identifier"].as_str().map(str::to_owned))).collect()
}

fn acts(world: &World, act: &str) -> Vec<node::audit::Act> {
    let rows: Result<Vec<String>, store::StoreError> = world.province.store.read(|session| {
        session.rows("SELECT entries FROM audit_pending ORDER BY id", &[], |row| row.get::<String>(0))
    });
    let rows = rows.expect("the rows");
    let lines = rows.iter().flat_map(|row| row.lines());
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|one: &node::audit::Act| one.act == act)
        .collect()
}

/// The next process, which dies at a stage.
fn dying(world: World, at: &'static str) -> World {
    let mut world = world.reopen();
    let province = Arc::get_mut(&mut world.province).expect("alone");
    let stages = move |stage: &str| if stage == at { Err(store::StoreError::Closed.into()) } else { Ok(()) };
    province.stages = Some(Box::new(stages));
    world
}

#[test]
fn a_renewal_dated_ahead_gets_its_version_on_its_day_once() {
    on_both(|world| {
        let old = issued(world);
        let answer = one(world, renewal(), NOW + SECOND);
        assert_eq!((answer.result, answer.state_seq), (Outcome::Applied, Some(2)), "{answer:?}");
        assert_eq!(world.province.new_day(THEN - DAY).expect("a day before"), []);
        assert_eq!((count(world, "lifecycle_version"), count(world, "issue_due")), (1, 1));

        let made = world.province.new_day(THEN).expect("the day");
        let new = made.first().and_then(|answer| answer.identifier.clone()).expect("made");
        assert_eq!((made.len(), made[0].state_seq), (1, Some(3)), "{made:?}");
        assert_ne!(new, old);
        assert_eq!((count(world, "lifecycle_version"), count(world, "issue_due")), (2, 0));
        assert_eq!(count(world, "collect_item WHERE state_seq = 3"), 1);
        assert_eq!(told(world, "E2/due"), [("event.applied".to_owned(), Some(new.clone()))]);
        assert_eq!(verify(world, &new, THEN).verdict, Verdict::Valid);
        assert_eq!(verify(world, &old, THEN).verdict, Verdict::ValidWithHint);
        let view = view(world, THEN);
        assert_eq!((view.version, view.last_day.as_deref()), (2, Some("2032-06-30")));

        assert_eq!(world.province.new_day(THEN + SECOND).expect("again"), []);
        assert_eq!(count(world, "lifecycle_version"), 2);
        // The scheduled event keeps its answer.
        let again = one(world, renewal(), THEN + 2 * SECOND);
        assert_eq!(Answer { repeated: false, ..again }, answer);
        let next = one(world, ahead(later("S000000", "E3", "暂扣")), THEN + 3 * SECOND);
        assert_eq!((next.result, next.state_seq), (Outcome::Applied, Some(4)), "{next:?}");
    });
}

#[test]
fn a_first_issue_dated_ahead_becomes_a_certificate_on_its_day() {
    on_both(|world| {
        let mut event = ahead(first());
        event.holder_phone = None;
        let answer = one(world, event, NOW);
        assert_eq!((answer.result, answer.identifier.as_deref()), (Outcome::Applied, None), "{answer:?}");
        assert_eq!((count(world, "lifecycle_version"), count(world, "collect_item")), (0, 0));
        let made = world.province.new_day(THEN).expect("the day");
        let identifier = made.first().and_then(|answer| answer.identifier.clone()).expect("made");
        assert_eq!(verify(world, &identifier, THEN).verdict, Verdict::Valid);
        assert_eq!((count(world, "lifecycle_version"), count(world, "collect_item")), (1, 1));
        assert!(count(world, "search_key") > 0);
    });
}

#[test]
fn a_certificate_that_has_ended_by_then_gets_no_file_and_the_log_says_why() {
    on_both(|world| {
        issued(world);
        one(world, renewal(), NOW + SECOND);
        let ended = one(world, ahead(later("S000000", "E3", "注销")), NOW + 2 * SECOND);
        assert_eq!(ended.result, Outcome::Applied, "{ended:?}");
        let ended = world.province.new_day(THEN).expect("the day");
        let ended: Vec<&str> = ended.iter().map(|answer| answer.event_id.as_str()).collect();
        assert_eq!(ended, ["E3/in-force"]);
        assert_eq!((count(world, "lifecycle_version"), count(world, "issue_due")), (1, 0));
        let acts = acts(world, "issue.due");
        assert_eq!(acts.iter().map(|act| act.detail["why"].as_str()).collect::<Vec<_>>(), ["注销"]);
    });
}

#[test]
fn a_version_that_was_intended_is_finished_once_after_a_crash() {
    for make in [support::sqlite as fn() -> World, support::postgres] {
        for at in ["seal", "store", "commit"] {
            let world = make();
            issued(&world);
            one(&world, renewal(), NOW + SECOND);
            let world = dying(world, at);
            world.province.new_day(THEN).expect_err("dies");
            assert_eq!(count(&world, "issue_intent WHERE state = 'open'"), 1, "{at}");
            let world = world.reopen();
            assert_eq!(world.province.new_day(THEN + SECOND).expect("the day"), []);
            let recovered = world.province.recover(THEN + SECOND, THEN + SECOND).expect("recovers");
            assert_eq!((recovered.finished, recovered.stuck.len()), (1, 0), "{recovered:?}");
            assert_eq!(world.province.new_day(THEN + 2 * SECOND).expect("the day"), []);
            assert_eq!((count(&world, "lifecycle_version"), told(&world, "E2/due").len()), (2, 1), "{at}");
            assert_eq!(view(&world, THEN + 2 * SECOND).state_seq, 3);
        }
    }
}

#[test]
fn a_day_that_is_begun_twice_at_once_makes_one_version() {
    on_both(|world| {
        issued(world);
        one(world, renewal(), NOW + SECOND);
        let barrier = Arc::new(Barrier::new(2));
        let threads = [(); 2].map(|()| {
            let (province, barrier) = (Arc::clone(&world.province), Arc::clone(&barrier));
            std::thread::spawn(move || {
                barrier.wait();
                province.new_day(THEN).expect("the day").len()
            })
        });
        let made: usize = threads.into_iter().map(|thread| thread.join().expect("ends")).sum();
        assert_eq!((made, count(world, "lifecycle_version")), (1, 2));
    });
}

#[test]
fn an_event_of_that_day_stands_on_the_version_that_was_due() {
    on_both(|world| {
        issued(world);
        one(world, renewal(), NOW + SECOND);
        // Before anybody has begun the day.
        let reissued = one(world, ahead(later("S000000", "E3", "补发")), THEN);
        assert_eq!((reissued.result, reissued.state_seq), (Outcome::Applied, Some(4)), "{reissued:?}");
        let view = view(world, THEN);
        assert_eq!(view.versions.iter().map(|one| one.version).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(count(world, "issue_due"), 0);
    });
}

/// Two certificates of one kind of which only one may stand for a vehicle, and the place of their plates.
fn vehicles() -> [BusinessEvent; 2] {
    let mut all = first_issues(60)
        .into_iter()
        .filter(|event| event.record.as_ref().is_some_and(|record| record.face.get("KZ_CLHP").is_some()));
    [all.next().expect("a vehicle"), all.next().expect("another one")]
}

#[test]
fn a_face_that_will_not_be_fit_is_told_when_it_is_handed_in() {
    on_both(|world| {
        issued(world);
        let mut event = ahead(later("S000000", "E2", "变更"));
        event.record = first().record;
        event.photo = first().photo;
        event.record.as_mut().expect("a record").face.remove("CZZT");
        let told = one(world, event.clone(), NOW + SECOND);
        assert_eq!(told.result, Outcome::Unfit, "{told:?}");
        assert_eq!(told.findings.iter().map(|one| one.item.as_str()).collect::<Vec<_>>(), ["CZZT"]);
        assert_eq!(
            (count(world, "issue_due"), count(world, "lifecycle_event WHERE status = 'unfit'")),
            (0, 1)
        );
        // Mended under its own id.
        event.record = first().record;
        assert_eq!(one(world, event, NOW + 2 * SECOND).result, Outcome::Applied);
        assert_eq!(world.province.new_day(THEN).expect("the day").len(), 1);
        assert_eq!(count(world, "lifecycle_version"), 2);
        assert_eq!(world.province.overview_recount(false).expect("counts"), []);
    });
}

#[test]
fn a_first_issue_dated_ahead_that_is_not_fit_leaves_no_certificate() {
    on_both(|world| {
        let mut event = ahead(first());
        event.record.as_mut().expect("a record").area = "不是代码".into();
        let told = one(world, event, NOW);
        assert_eq!(told.result, Outcome::Unfit, "{told:?}");
        assert_eq!((count(world, "lifecycle_certificate"), count(world, "issue_due")), (0, 0));
    });
}

#[test]
fn a_face_is_judged_by_the_day_on_which_it_is_made() {
    on_both(|world| {
        issued(world);
        // A decision of that day: too early today, right then.
        let mut event = ahead(later("S000000", "E2", "变更"));
        event.record = first().record;
        event.photo = first().photo;
        let record = event.record.as_mut().expect("a record");
        record.decision.date = AHEAD.into();
        record.face.set("ZZBFRQ", AHEAD);
        let mut early = event.clone();
        early.effective_on = Some("2026-06-30".into());
        let early = one(world, early, NOW + SECOND);
        assert_eq!((early.result, early.findings.len()), (Outcome::Unfit, 2), "{early:?}");
        let right = one(world, event, NOW + 2 * SECOND);
        assert_eq!(right.result, Outcome::Applied, "{right:?}");
    });
}

#[test]
fn an_event_without_a_face_is_judged_by_the_face_that_will_stand_then() {
    on_both(|world| {
        let mut start = ahead(first());
        start.holder_phone = None;
        assert_eq!(one(world, start, NOW).result, Outcome::Applied);
        // Nothing is on record before that day; the face to be carried on is the one that was announced.
        let mut reissue = later("S000000", "E2", "换发");
        reissue.effective_on = Some("2026-07-02".into());
        assert_eq!(one(world, reissue.clone(), NOW + SECOND).result, Outcome::Applied);
        reissue.event_id = "E3".into();
        reissue.event = "延续".into();
        reissue.valid_to = Some("1999-01-01".into());
        let told = one(world, reissue, NOW + 2 * SECOND);
        assert_ne!(told.result, Outcome::Applied, "{told:?}");
        assert_eq!(world.province.new_day(THEN + DAY).expect("the day").len(), 2);
        assert_eq!(count(world, "lifecycle_version"), 2);
    });
}

/// A change of a certificate, dated ahead, to the vehicle of another one.
fn changed(mine: &BusinessEvent, other: &BusinessEvent) -> BusinessEvent {
    let subject = mine.subject_ref.clone().expect("a subject");
    let mut event = ahead(later(&subject, "E2", "变更"));
    event.record.clone_from(&mine.record);
    event.photo.clone_from(&mine.photo);
    let theirs = other.record.clone().expect("a record").face;
    for item in ["KZ_CLHP", "KZ_CPYS", "KZ_CLSBDH"] {
        if let Some(value) = theirs.get(item) {
            event.record.as_mut().expect("a record").face.set(item, value.clone());
        }
    }
    event
}

#[test]
fn what_another_certificate_still_holds_is_told_and_forbids_nothing_yet() {
    on_both(|world| {
        let [mine, other] = vehicles();
        let event = changed(&mine, &other);
        let subject = other.subject_ref.clone().expect("a subject");
        one(world, mine, NOW);
        one(world, other, NOW);
        let told = one(world, event, NOW + SECOND);
        assert_eq!(told.result, Outcome::Applied, "{told:?}");
        let hint = told.hints.iter().find(|hint| hint.code == "TAKEN_AHEAD").expect("a hint");
        assert!(hint.what.contains("车辆号牌") || hint.what.contains("LIVE_TWICE"), "{hint:?}");
        let ended = one(world, later(&subject, "E3", "注销"), NOW + 2 * SECOND);
        assert_eq!(ended.result, Outcome::Applied, "{ended:?}");
        let made = world.province.new_day(THEN).expect("the day");
        assert_eq!(made.iter().map(|answer| answer.result).collect::<Vec<_>>(), [Outcome::Applied]);
    });
}

#[test]
fn a_face_that_has_become_unfit_by_its_day_is_left_to_a_person_and_not_carried_on() {
    on_both(|world| {
        let [mine, other] = vehicles();
        let subject = mine.subject_ref.clone().expect("a subject");
        let event = changed(&mine, &other);
        assert_eq!(one(world, mine.clone(), NOW).result, Outcome::Applied);
        let answer = one(world, event, NOW + SECOND);
        assert_eq!(answer.result, Outcome::Applied, "{answer:?}");
        assert!(answer.hints.iter().all(|hint| hint.code != "TAKEN_AHEAD"), "{answer:?}");
        assert_eq!(one(world, other, NOW + 2 * SECOND).result, Outcome::Applied);
        let left = world.province.new_day(THEN).expect("the day");
        assert_eq!(left.iter().map(|answer| answer.result).collect::<Vec<_>>(), [Outcome::Work]);
        assert_eq!((count(world, "lifecycle_version"), count(world, "issue_due")), (2, 0));
        assert_eq!(count(world, "lifecycle_work WHERE code = 'ISSUE_DUE' AND state = 'open'"), 1);
        assert_eq!(told(world, "E2/due").len(), 1);
        // The old face lacks the change: it may not stand for the newest one, today or on a later day.
        for (id, day) in [("E3", AHEAD), ("E3b", "2026-07-09")] {
            let mut bare = later(&subject, id, "换发");
            bare.effective_on = Some(day.into());
            let bare = one(world, bare, THEN + SECOND);
            assert_eq!(
                (bare.result, bare.findings[0].rule.as_str()),
                (Outcome::Unfit, "ISSUE_DUE"),
                "{bare:?}"
            );
        }
        let mut mended = ahead(later(&subject, "E4", "换发"));
        mended.record = mine.record;
        mended.photo = mine.photo;
        let mended = one(world, mended, THEN + 2 * SECOND);
        assert_eq!(mended.result, Outcome::Applied, "{mended:?}");
        assert_eq!(count(world, "lifecycle_version"), 3);
    });
}

#[test]
fn a_face_written_before_an_earlier_change_was_known_is_left_to_a_person() {
    on_both(|world| {
        let mut start = first();
        start.sequence = Some(1);
        one(world, start, NOW);
        let mut change = ahead(later("S000000", "E2", "变更"));
        change.sequence = Some(2);
        change.record = first().record;
        change.photo = first().photo;
        assert_eq!(one(world, change, NOW + SECOND).result, Outcome::Applied);
        let mut reissue = later("S000000", "E3", "换发");
        reissue.sequence = Some(3);
        let reissue = one(world, reissue, NOW + 2 * SECOND);
        assert_eq!(reissue.result, Outcome::Applied, "{reissue:?}");
        let left = world.province.new_day(THEN).expect("the day");
        assert_eq!(left.iter().map(|answer| answer.result).collect::<Vec<_>>(), [Outcome::Work]);
        assert_eq!((count(world, "lifecycle_version"), count(world, "issue_due")), (2, 0));
        // Nor may the newest face, which lacks the change, be carried on.
        let mut bare = ahead(later("S000000", "E4", "换发"));
        bare.sequence = Some(4);
        assert_eq!(one(world, bare, THEN + SECOND).result, Outcome::Unfit);
    });
}

#[test]
fn a_certificate_that_is_being_worked_on_gets_its_due_version_in_the_next_round() {
    for make in [support::sqlite as fn() -> World, support::postgres] {
        let world = make();
        issued(&world);
        one(&world, renewal(), NOW + SECOND);
        let mut reissue = later("S000000", "E3", "换发");
        reissue.effective_on = Some("2026-07-02".into());
        assert_eq!(one(&world, reissue, NOW + 2 * SECOND).result, Outcome::Applied);
        let world = dying(world, "seal");
        world.province.new_day(THEN).expect_err("dies");
        let world = world.reopen();
        // The day after, the version of the day before is still being made.
        assert_eq!(world.province.new_day(THEN + DAY).expect("the day"), []);
        assert_eq!((count(&world, "lifecycle_version"), count(&world, "issue_due")), (1, 1));
        world.province.recover(THEN + DAY, THEN + DAY).expect("recovers");
        assert_eq!(world.province.new_day(THEN + DAY + SECOND).expect("the day").len(), 1);
        let view = view(&world, THEN + DAY + SECOND);
        assert_eq!(view.versions.iter().map(|one| one.version).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!((view.state_seq, view.last_day.as_deref()), (5, Some("2032-06-30")));
    }
}
