//! What was recorded for a later day comes into force on it: rows, lists, counters, digest tree and the ministry, on SQLite and on
//! PostgreSQL.

#[path = "collect/destination.rs"]
mod destination;
mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use destination::{Way, assert_equal, ministry};
use node::lifecycle::{Answer, Outcome};
use node::overview::{CertificateFilter, Order, Reach};
use node::reconcile::{OWN, fold, rebuild};
use support::{DAY, NOW, SECOND, World, first_issues, later, on_both, sqlite, submitted};

/// 2026-07-01, 30 days ahead, and an instant on it.
const THEN: i64 = NOW + 30 * DAY;
/// Certificates of the table.
const MANY: usize = 6;

/// Subject, event, day in July on which it takes hold. Recorded in June, in this order.
const AHEAD: [(usize, &str, i8); 7] = [
    (0, "注销", 1),
    (1, "暂扣", 1),
    (1, "恢复", 4),
    (2, "吊销", 2),
    (3, "延续", 1),
    (4, "暂扣", 2),
    (4, "注销", 3),
];

/// What the lists must say of each certificate on a day of July: its base.
fn expected(subject: usize, day: i8) -> &'static str {
    match subject {
        0 if day >= 1 => "注销",
        2 if day >= 2 => "吊销",
        4 if day >= 3 => "注销",
        _ => "正常",
    }
}

fn issue(world: &World, count: usize) {
    let answers = world.province.accept(first_issues(count).into_iter().map(submitted).collect(), NOW);
    assert!(answers.iter().all(|answer| answer.result == Outcome::Applied), "{answers:?}");
}

fn schedule(world: &World, events: &[(usize, &str, i8)]) {
    for (place, (subject, event, day)) in events.iter().enumerate() {
        let mut message = later(&format!("S{subject:06}"), &format!("A{place}"), event);
        message.effective_on = Some(format!("2026-07-{day:02}"));
        if *event == "延续" {
            message.valid_from.clone_from(&message.effective_on);
            message.valid_to = Some("2032-06-30".into());
        }
        let answer = world.province.accept(vec![submitted(message)], NOW + SECOND).pop().expect("an answer");
        assert_eq!(answer.result, Outcome::Applied, "{answer:?}");
    }
}

/// Base and count of each certificate, by subject, as lists read them.
fn rows(world: &World) -> Vec<(String, i64)> {
    let found: Result<Vec<(String, i64)>, store::StoreError> = world.province.store.read(|session| {
        let sql = "SELECT base, state_seq FROM lifecycle_certificate ORDER BY subject_ref";
        session.rows(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
    });
    found.expect("reads")
}

fn count(world: &World, table: &'static str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let found: Result<Option<i64>, store::StoreError> =
        world.province.store.read(|session| session.row(&sql, &[], |row| row.get(0)));
    found.expect("counts").unwrap_or(0)
}

/// Counters, lists and digest tree say what the rows say.
fn assert_right(world: &World, day: i8) {
    let rows = rows(world);
    let bases: Vec<&str> = rows.iter().map(|(base, _)| base.as_str()).collect();
    let right: Vec<&str> = (0..rows.len()).map(|subject| expected(subject, day)).collect();
    assert_eq!(bases, right, "on July {day}");
    assert_eq!(world.province.overview_recount(false).expect("counts"), [], "on July {day}");
    for base in ["正常", "注销", "吊销"] {
        let filter =
            CertificateFilter { reach: Reach::all(), base: base.into(), ..CertificateFilter::default() };
        let listed = world.province.certificate_list(&filter, (Order::Recorded, true), "", 100);
        let listed = listed.expect("a page");
        let n = right.iter().filter(|one| **one == base).count();
        assert_eq!((listed.rows.len(), listed.count), (n, Some(n as i64)), "{base} on July {day}");
    }
    fold(&world.province.store, OWN).expect("folds");
    let tree = rebuild(&world.province.store, OWN).expect("rebuilds");
    assert!(tree.was_right(), "on July {day}: {tree:?}");
}

fn begin(world: &World, day: i8) -> Vec<Answer> {
    world.province.new_day(THEN + (i64::from(day) - 1) * DAY).expect("the day")
}

/// A process that fails from its `from`th visit to a stage on.
fn dying(world: World, at: &'static str, from: usize) -> World {
    let mut world = world.reopen();
    let province = Arc::get_mut(&mut world.province).expect("alone");
    let visits = AtomicUsize::new(0);
    let stages = move |stage: &str| {
        let dies = stage == at && visits.fetch_add(1, Ordering::Relaxed) + 1 >= from;
        if dies { Err(store::StoreError::Closed.into()) } else { Ok(()) }
    };
    province.stages = Some(Box::new(stages));
    world
}

#[test]
fn lists_and_counters_are_right_on_every_day() {
    on_both(|world| {
        issue(world, MANY);
        schedule(world, &AHEAD);
        for day in 0..=5 {
            begin(world, day);
            assert_right(world, day);
            assert_eq!(begin(world, day), [], "nothing is left on July {day}");
        }
        // 1 初领, what was recorded ahead, and each taking hold; the version of 延续 is its taking hold.
        let counts: Vec<i64> = rows(world).into_iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [3, 5, 3, 3, 5, 1]);
        assert_eq!(count(world, "lifecycle_event WHERE event_id LIKE '%/in-force'"), 6);
        assert_eq!(
            count(world, "result_item WHERE event_id LIKE '%/in-force' AND what = 'event.applied'"),
            6
        );
        assert_eq!(count(world, "lifecycle_certificate WHERE turns_on IS NOT NULL"), 0);
    });
}

#[test]
fn days_on_which_nobody_was_at_work_are_made_up_for_in_one_act() {
    for worked in [&[5][..], &[2, 5], &[1, 4], &[3]] {
        let world = sqlite();
        issue(&world, MANY);
        schedule(&world, &AHEAD);
        for day in worked {
            begin(&world, *day);
            assert_right(&world, *day);
        }
        if worked == [5] {
            // 暂扣 and 恢复 have both passed: nothing is other than before, and nobody need hear of it.
            let counts: Vec<i64> = rows(&world).into_iter().map(|(_, count)| count).collect();
            assert_eq!(counts, [3, 3, 3, 3, 4, 1]);
        }
    }
}

#[test]
fn a_process_that_dies_between_two_batches_leaves_the_rest_for_the_next_one() {
    const LOTS: usize = 70;
    let world = sqlite();
    issue(&world, LOTS);
    let ended: Vec<(usize, &str, i8)> = (0..LOTS).map(|subject| (subject, "注销", 1)).collect();
    schedule(&world, &ended);
    let world = dying(world, "turn", 2);
    world.province.new_day(THEN).expect_err("dies");
    let done = rows(&world).iter().filter(|(base, _)| base == "注销").count();
    assert_eq!(done, 64);
    assert_eq!(world.province.overview_recount(false).expect("counts"), []);
    let world = world.reopen();
    assert_eq!(world.province.new_day(THEN + SECOND).expect("the day").len(), LOTS - 64);
    assert!(rows(&world).iter().all(|row| *row == ("注销".to_owned(), 3)));
    assert_eq!(world.province.overview_recount(false).expect("counts"), []);
}

#[test]
fn of_two_processes_that_begin_the_day_each_certificate_is_done_by_one() {
    on_both(|world| {
        issue(world, MANY);
        schedule(world, &AHEAD);
        let barrier = Arc::new(Barrier::new(2));
        let threads = [(); 2].map(|()| {
            let (province, barrier) = (Arc::clone(&world.province), Arc::clone(&barrier));
            std::thread::spawn(move || {
                barrier.wait();
                province.new_day(THEN + 4 * DAY).expect("the day").len()
            })
        });
        let done: usize = threads.into_iter().map(|thread| thread.join().expect("ends")).sum();
        assert_eq!(done, 4);
        assert_right(world, 5);
    });
}

#[test]
fn a_certificate_that_is_being_worked_on_follows_when_that_is_done() {
    let world = sqlite();
    issue(&world, 1);
    schedule(&world, &[(0, "注销", 1)]);
    let world = dying(world, "seal", 1);
    let again = world.province.accept(vec![submitted(later("S000000", "E2", "补发"))], NOW + 2 * SECOND);
    assert_eq!(again[0].result, Outcome::Failed, "{again:?}");
    let world = world.reopen();
    assert_eq!(world.province.new_day(THEN).expect("the day"), []);
    assert_eq!(rows(&world)[0].0, "正常");
    // Finished as of its own day, when the end was still to come.
    world.province.recover(THEN, THEN).expect("recovers");
    assert_eq!(world.province.new_day(THEN + SECOND).expect("the day").len(), 1);
    assert_right(&world, 1);
}

#[test]
fn an_event_that_comes_first_on_that_day_says_it_all() {
    let world = sqlite();
    issue(&world, 2);
    schedule(&world, &[(1, "暂扣", 1)]);
    let mut lifted = later("S000001", "E2", "恢复");
    lifted.effective_on = Some("2026-07-01".into());
    let lifted = world.province.accept(vec![submitted(lifted)], THEN).pop().expect("an answer");
    assert_eq!((lifted.result, lifted.state_seq), (Outcome::Applied, Some(3)), "{lifted:?}");
    assert_eq!(world.province.new_day(THEN + SECOND).expect("the day"), []);
}

#[test]
fn the_ministry_hears_of_it_once_and_holds_the_same() {
    on_both(|world| {
        issue(world, MANY);
        schedule(world, &AHEAD);
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        let round = |now| world.province.collect_once("ministry", &way, "worker", now).expect("a round");
        assert_eq!(round(NOW + 2 * SECOND).leased, MANY);
        for day in 1..=4 {
            let now = THEN + (i64::from(day) - 1) * DAY;
            begin(world, day);
            let sent = round(now + SECOND);
            // 注销, 暂扣 and the new version; 吊销 and 暂扣; 注销; 恢复.
            assert_eq!(sent.done, [3, 2, 1, 1][usize::try_from(day).expect("small") - 1], "{sent:?}");
            assert_equal(world, &ministry);
        }
    });
}
