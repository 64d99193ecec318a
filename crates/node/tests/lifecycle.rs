//! Events in, certificates changed: on SQLite and on PostgreSQL.

mod support;

use node::lifecycle::{Answer, BusinessEvent, Outcome};
use support::{DAY, NOW, SECOND, World, first_issues, later, on_both, submitted};

fn send(world: &World, events: Vec<BusinessEvent>, now: i64) -> Vec<Answer> {
    world.province.accept(events.into_iter().map(submitted).collect(), now)
}

fn one(world: &World, event: BusinessEvent, now: i64) -> Answer {
    send(world, vec![event], now).pop().expect("an answer")
}

fn count(world: &World, table: &'static str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let found: Result<Option<i64>, store::StoreError> =
        world.province.store.read(|session| session.row(&sql, &[], |row| row.get(0)));
    found.expect("counts").unwrap_or(0)
}

#[test]
fn first_issues_of_all_kinds_become_sealed_certificates() {
    on_both(|world| {
        let answers = send(world, first_issues(36), NOW);
        for answer in &answers {
            assert_eq!(answer.result, Outcome::Applied, "{answer:?}");
            assert_eq!(answer.state_seq, Some(1));
            assert!(answer.identifier.is_some());
        }
        assert_eq!(answers.len(), 36);
        assert_eq!(count(world, "lifecycle_certificate"), 36);
        assert_eq!(count(world, "lifecycle_version"), 36);
        assert_eq!(count(world, "collect_item"), 36);
        assert_eq!(count(world, "result_item"), 36);
        assert_eq!(count(world, "issue_intent WHERE state = 'done'"), 36);
        assert_eq!(count(world, "issue_intent WHERE state = 'open'"), 0);
    });
}

#[test]
fn the_same_event_again_is_one_act_and_another_content_a_conflict() {
    on_both(|world| {
        let event = first_issues(1).pop().expect("one");
        let first = one(world, event.clone(), NOW);
        let again = one(world, event.clone(), NOW + SECOND);
        assert_eq!(Answer { repeated: false, ..again.clone() }, first);
        assert!(again.repeated);
        let mut other = event;
        other.occurred_at = "2026-06-01T08:31:00+08:00".into();
        assert_eq!(one(world, other, NOW + 2 * SECOND).result, Outcome::Conflict);
        assert_eq!(count(world, "lifecycle_version"), 1);
    });
}

#[test]
fn a_status_event_changes_the_status_and_leaves_the_file_alone() {
    on_both(|world| {
        one(world, first_issues(1).pop().expect("one"), NOW);
        let held = one(world, later("S000000", "E2", "暂扣"), NOW + SECOND);
        assert_eq!((held.result, held.state_seq), (Outcome::Applied, Some(2)), "{held:?}");
        assert!(held.status.as_deref().is_some_and(|status| status.contains("暂扣")), "{held:?}");
        assert_eq!(count(world, "issue_file WHERE part = 0"), 1);
        assert_eq!(count(world, "collect_item"), 2);
        let refused = one(world, later("S000000", "E3", "暂扣"), NOW + 2 * SECOND);
        assert_eq!(refused.result, Outcome::Refused, "{refused:?}");
    });
}

#[test]
fn a_version_without_a_face_of_its_own_carries_the_last_one_on() {
    on_both(|world| {
        let first = one(world, first_issues(1).pop().expect("one"), NOW);
        let reissued = one(world, later("S000000", "E2", "补发"), NOW + SECOND);
        assert_eq!(reissued.result, Outcome::Applied, "{reissued:?}");
        assert_ne!(first.identifier, reissued.identifier);
        assert_eq!(count(world, "lifecycle_version"), 2);
    });
}

#[test]
fn an_early_event_waits_and_goes_with_the_one_it_waited_for() {
    on_both(|world| {
        let mut first = first_issues(1).pop().expect("one");
        first.sequence = Some(1);
        let mut second = later("S000000", "E2", "暂扣");
        second.sequence = Some(2);
        second.kind = first.record.as_ref().map(|record| record.kind.clone());
        let early = one(world, second, NOW);
        assert_eq!(early.result, Outcome::Waiting, "{early:?}");
        let applied = one(world, first, NOW + SECOND);
        assert_eq!(applied.result, Outcome::Applied, "{applied:?}");
        assert_eq!(count(world, "lifecycle_event WHERE status = 'applied'"), 2);
        assert_eq!(count(world, "lifecycle_certificate WHERE state_seq = 2"), 1);
    });
}

#[test]
fn a_wait_that_is_over_becomes_a_work_item() {
    on_both(|world| {
        one(world, first_issues(1).pop().expect("one"), NOW);
        let mut third = later("S000000", "E3", "暂扣");
        third.sequence = Some(3);
        assert_eq!(one(world, third, NOW).result, Outcome::Waiting);
        let answers = world.province.new_day(NOW + 10 * DAY).expect("a new day");
        assert_eq!(answers.iter().map(|answer| answer.result).collect::<Vec<_>>(), [Outcome::Work]);
        assert_eq!(count(world, "lifecycle_work WHERE state = 'open'"), 1);
    });
}

#[test]
fn an_item_without_a_certificate_lies_in_an_area_so_that_somebody_sees_it() {
    on_both(|world| {
        let mut second = later("S000000", "E2", "暂扣");
        second.sequence = Some(2);
        second.kind = first_issues(1)[0].record.as_ref().map(|record| record.kind.clone());
        assert_eq!(one(world, second, NOW).result, Outcome::Waiting);
        let answers = world.province.new_day(NOW + 10 * DAY).expect("a new day");
        assert_eq!(answers.iter().map(|answer| answer.result).collect::<Vec<_>>(), [Outcome::Work]);
        assert_eq!(count(world, "lifecycle_work WHERE state = 'open' AND area = '990000'"), 1);
    });
}

#[test]
fn a_wrong_record_is_told_with_findings_and_may_be_mended_under_the_same_id() {
    on_both(|world| {
        let good = first_issues(1).pop().expect("one");
        let mut bad = good.clone();
        bad.record.as_mut().expect("a record").face.remove("CZZT");
        let unfit = one(world, bad, NOW);
        assert_eq!(unfit.result, Outcome::Unfit);
        assert!(!unfit.findings.is_empty());
        assert_eq!(count(world, "lifecycle_certificate"), 0);
        assert_eq!(one(world, good, NOW + SECOND).result, Outcome::Applied);
    });
}

#[test]
fn one_vehicle_has_one_live_certificate() {
    on_both(|world| {
        let events = first_issues(60);
        let vehicle = events
            .into_iter()
            .find(|event| event.record.as_ref().is_some_and(|record| record.face.text("KZ_CLHP").is_some()));
        let vehicle = vehicle.expect("a vehicle");
        let mut again = vehicle.clone();
        again.event_id = "other".into();
        again.subject_ref = Some("other".into());
        assert_eq!(one(world, vehicle, NOW).result, Outcome::Applied);
        let refused = one(world, again, NOW + SECOND);
        assert_eq!(refused.result, Outcome::Unfit, "{refused:?}");
    });
}

#[test]
fn events_of_one_certificate_in_one_batch_go_in_order() {
    on_both(|world| {
        let mut batch = first_issues(2);
        batch.push(later("S000000", "A", "暂扣"));
        batch.push(later("S000000", "B", "恢复"));
        batch.push(later("S000000", "C", "注销"));
        let answers = send(world, batch, NOW);
        let seqs: Vec<_> = answers.iter().map(|answer| (answer.result, answer.state_seq)).collect();
        let applied = |seq| (Outcome::Applied, Some(seq));
        assert_eq!(seqs, [applied(1), applied(1), applied(2), applied(3), applied(4)], "{answers:?}");
    });
}

#[test]
fn what_was_intended_is_finished_after_a_crash_with_the_same_identifier() {
    for make in [support::sqlite as fn() -> World, support::postgres] {
        let mut world = make();
        let event = first_issues(1).pop().expect("one");
        // The process dies between the intent and the seal.
        let province = std::sync::Arc::get_mut(&mut world.province).expect("alone");
        province.stages =
            Some(Box::new(
                |stage| {
                    if stage == "seal" { Err(store::StoreError::Closed.into()) } else { Ok(()) }
                },
            ));
        assert_eq!(one(&world, event.clone(), NOW).result, Outcome::Failed);
        assert_eq!(count(&world, "issue_intent WHERE state = 'open'"), 1);
        let world = world.reopen();
        let recovered = world.province.recover(NOW + SECOND, NOW + SECOND).expect("recovers");
        assert_eq!((recovered.finished, recovered.stuck.len()), (1, 0), "{recovered:?}");
        let answer = one(&world, event, NOW + 2 * SECOND);
        assert_eq!((answer.result, answer.repeated), (Outcome::Applied, true), "{answer:?}");
        assert_eq!(count(&world, "lifecycle_version"), 1);
    }
}
