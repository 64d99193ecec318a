//! Collection: at least once over any way, applied once, in order per certificate; on SQLite and on PostgreSQL.

#[path = "collect/destination.rs"]
mod destination;
#[path = "collect/http_node.rs"]
mod http_node;
mod support;
#[path = "collect/ways.rs"]
mod ways;

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use destination::{Step, Way, assert_equal, holdings, ministry, sender};
use node::audit::Actor;
use node::collect::*;
use node::lifecycle::{Answer, Outcome as Answered};
use store::rows::holding::{self, answer};
use support::{DAY, NOW, SECOND, World, first_issues, later, on_both, submitted};

const LANE: &str = "ministry";

/// Issues `count` certificates; their answers.
fn issue(world: &World, count: usize) -> Vec<Answer> {
    let answers = world.province.accept(first_issues(count).into_iter().map(submitted).collect(), NOW);
    assert!(answers.iter().all(|answer| answer.result == Answered::Applied), "{answers:?}");
    answers
}

fn act(world: &World, subject: usize, id: &str, event: &str) {
    let event = later(&format!("S{subject:06}"), id, event);
    let answer = world.province.accept(vec![submitted(event)], NOW + SECOND).pop().expect("an answer");
    assert_eq!(answer.result, Answered::Applied, "{answer:?}");
}

fn round(world: &World, way: &dyn Transport, now: i64) -> Sent {
    world.province.collect_once(LANE, way, "worker", now).expect("a round")
}

fn count(store: &store::Store, table: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
    let found: Result<Option<i64>, store::StoreError> =
        store.read(|session| session.row(&sql, &[], |row| row.get(0)));
    found.expect("counts").unwrap_or(0)
}

fn execute(store: &store::Store, sql: &'static str) {
    store.write(move |session| session.execute(sql, &[])).expect("executes");
}

#[test]
fn what_is_issued_arrives_with_seals_checked_and_the_sender_hears_of_it() {
    on_both(|world| {
        issue(world, 3);
        let ministry = ministry(world, true);
        let way = Way::new(&ministry, NOW);
        let sent = round(world, &way, NOW + SECOND);
        assert_eq!((sent.leased, sent.done, sent.messages), (3, 3, 1), "{sent:?}");
        assert_equal(world, &ministry);
        assert_eq!(round(world, &way, NOW + 2 * SECOND), Sent::default());
        assert_eq!(count(&world.province.store, "result_item WHERE what = 'collected'"), 3);
        assert_eq!(count(&ministry.receiver.store, "audit_pending"), 1);
        let status = world.province.collect_status(LANE, NOW + 3 * SECOND).expect("a status");
        assert_eq!((status.pending, status.oldest_age, status.done_today), (0, None, 3));
    });
}

#[test]
fn a_lost_answer_is_asked_for_again_and_applied_once() {
    on_both(|world| {
        issue(world, 2);
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        way.then(&[Step::LoseAnswer, Step::Twice]);
        let lost = round(world, &way, NOW + SECOND);
        assert_eq!((lost.done, lost.later), (0, 2));
        let received = holdings(&ministry);
        let again = round(world, &way, NOW + DAY);
        assert_eq!((again.done, again.dead), (2, 0));
        assert_eq!(holdings(&ministry), received, "nothing was applied a second time");
        assert_equal(world, &ministry);
    });
}

#[test]
fn of_two_messages_that_race_the_newer_one_stays() {
    on_both(|world| {
        let ministry = ministry(world, false);
        let put = |state_seq, base: &str| {
            let one = holding::Holding {
                province: "demo-99".into(),
                certificate_id: "C".into(),
                state_seq,
                base: base.into(),
                ..holding::Holding::default()
            };
            ministry.receiver.store.write(move |session| holding::put(session, &one)).expect("puts")
        };
        assert_eq!(put(2, "注销"), holding::Put::First);
        assert_eq!(put(1, "正常"), holding::Put::Overtaken, "it came in after the newer one was checked");
        assert_eq!(put(2, "正常"), holding::Put::Overtaken);
        assert_eq!(holdings(&ministry)[0].base, "注销");
        assert_eq!(put(3, "正常"), holding::Put::Newer(String::new(), "注销".into()));
    });
}

#[test]
fn a_backlog_of_one_certificate_is_one_delivery_and_its_files_go_once() {
    on_both(|world| {
        issue(world, 1);
        act(world, 0, "A", "暂扣");
        act(world, 0, "B", "恢复");
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        let sent = round(world, &way, NOW + 2 * SECOND);
        assert_eq!((sent.leased, sent.done), (1, 3));
        act(world, 0, "C", "暂扣");
        assert_eq!(round(world, &way, NOW + 3 * SECOND).done, 1);
        let log = way.log.lock().expect("log");
        let told: Vec<(i64, bool)> = log.iter().flatten().map(|(_, seq, files)| (*seq, *files)).collect();
        assert_eq!(told, [(3, true), (4, false)]);
        assert_equal(world, &ministry);
    });
}

#[test]
fn a_dead_letter_blocks_its_certificate_only_and_goes_after_mending() {
    on_both(|world| {
        let answers = issue(world, 2);
        let bad = answers[0].certificate.clone().expect("a certificate");
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        way.refused.lock().expect("refused").insert(bad.clone());
        let sent = round(world, &way, NOW + SECOND);
        assert_eq!((sent.done, sent.dead), (1, 1));
        act(world, 0, "A", "暂扣");
        act(world, 1, "B", "暂扣");
        assert_eq!(round(world, &way, NOW + 2 * SECOND).leased, 1, "only the other certificate goes");
        let letters = world.province.collect_dead(LANE, "", 10).expect("letters");
        assert_eq!((letters.len(), letters[0].origin, letters[0].code.as_str()), (1, 1, "DEMO"));
        assert!(letters[0].cause.contains("照面有误"));
        assert_eq!(count(&world.province.store, "result_item WHERE what = 'collect.refused'"), 1);
        let status = world.province.collect_status(LANE, NOW + 3 * SECOND).expect("a status");
        assert_eq!(status.dead, [(1, "DEMO".to_owned(), 1)]);
        assert!(
            metrics(&[status])
                .contains("luzheng_collect_dead{lane=\"ministry\",origin=\"ministry\",code=\"DEMO\"} 1")
        );
        // Sent again before it was mended: it comes back with one try more, and says when.
        let operator = Actor { client: "cli".into(), operator: Some("张三".into()), ..Actor::default() };
        let ids = Which::Ids(vec![letters[0].id.clone()]);
        assert_eq!(world.province.collect_retry(LANE, ids, &operator, NOW + 3 * SECOND).expect("retries"), 1);
        assert_eq!(round(world, &way, NOW + 3 * SECOND).dead, 1);
        let again = world.province.collect_dead(LANE, "", 10).expect("letters");
        assert_eq!((letters[0].attempts, again[0].attempts), (1, 2));
        assert_eq!(again[0].tried_at, Some(NOW + 3 * SECOND));
        way.refused.lock().expect("refused").clear();
        ministry
            .receiver
            .store
            .write(|session| session.execute("DELETE FROM collect_holding", &[]))
            .expect("forgets");
        let ids = Which::Ids(vec![letters[0].id.clone()]);
        assert_eq!(world.province.collect_retry(LANE, ids, &operator, NOW + 4 * SECOND).expect("retries"), 1);
        assert_eq!(round(world, &way, NOW + 5 * SECOND).done, 2, "with the act that waited behind it");
    });
}

#[test]
fn a_silent_destination_is_left_alone_for_longer_and_longer() {
    on_both(|world| {
        issue(world, 1);
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        way.then(&[Step::Silent; 40]);
        let mut now = NOW + SECOND;
        for failure in 1..=30_i64 {
            assert_eq!(round(world, &way, now).later, 1, "attempt {failure}");
            let item = world.province.store.read(|session| {
                session.row("SELECT run_at, attempts, origin FROM collect_item", &[], |row| {
                    Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?))
                })
            });
            let item: Result<_, store::StoreError> = item;
            let (run_at, attempts, origin) = item.expect("a row").expect("an item");
            assert_eq!((attempts, origin), (failure, 3), "an outage never makes a dead letter");
            assert!(run_at - now <= 600 * SECOND);
            if run_at > now {
                assert_eq!(round(world, &way, run_at - 1).leased, 0);
            }
            now = run_at.max(now + 1);
        }
    });
}

#[test]
fn one_delivery_that_makes_the_destination_stumble_is_set_apart_and_given_up() {
    on_both(|world| {
        let answers = issue(world, 2);
        let bad = answers[1].certificate.clone().expect("a certificate");
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        way.poison.lock().expect("poison").insert(bad.clone());
        let mut now = NOW;
        let mut rounds = 0;
        let mut alone = 0;
        while world.province.collect_dead(LANE, "", 10).expect("letters").is_empty() {
            // The other one keeps coming, so the destination is known to be up.
            act(world, 0, &format!("T{rounds}"), if rounds % 2 == 0 { "暂扣" } else { "恢复" });
            now += 601 * SECOND;
            alone += round(world, &way, now).done;
            rounds += 1;
            assert!(rounds < 40);
        }
        assert_eq!(rounds, 20, "twenty attempts");
        assert_eq!(alone as i64, 1 + rounds, "every act of the other one got through");
        assert_eq!(world.province.collect_dead(LANE, "", 10).expect("letters")[0].certificate, bad);
    });
}

/// Notes which certificates are under way, and whether one was twice.
struct Watch<'a> {
    way: &'a Way<'a>,
    under_way: Mutex<HashSet<String>>,
    clash: AtomicBool,
}

impl Transport for Watch<'_> {
    fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError> {
        for one in deliveries {
            if !self.under_way.lock().expect("set").insert(one.certificate.clone()) {
                self.clash.store(true, Ordering::Relaxed);
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        let receipts = self.way.send(deliveries);
        for one in deliveries {
            self.under_way.lock().expect("set").remove(&one.certificate);
        }
        receipts
    }
}

#[test]
fn two_workers_never_send_one_certificate_at_the_same_time() {
    on_both(|world| {
        issue(world, 8);
        // Smaller leases than a batch: each worker finds some.
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        let watch = Watch { way: &way, under_way: Mutex::default(), clash: AtomicBool::new(false) };
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let (watch, province) = (&watch, &world.province);
                scope.spawn(move || {
                    for step in 0..5 {
                        let name = format!("worker-{worker}");
                        province
                            .collect_once(LANE, watch, &name, NOW + (step + 1) * SECOND)
                            .expect("a round");
                    }
                });
            }
            let province = &world.province;
            scope.spawn(move || {
                for subject in 0..8 {
                    let event = later(&format!("S{subject:06}"), &format!("W{subject}"), "暂扣");
                    province.accept(vec![submitted(event)], NOW + SECOND);
                }
            });
        });
        assert!(!watch.clash.load(Ordering::Relaxed));
        while round(world, &way, NOW + DAY).leased > 0 {}
        assert_equal(world, &ministry);
        let all: Vec<(String, i64, bool)> = way.log.lock().expect("log").iter().flatten().cloned().collect();
        let distinct: HashSet<(String, i64)> = all.iter().map(|(id, seq, _)| (id.clone(), *seq)).collect();
        assert_eq!(all.len(), distinct.len(), "nothing was sent twice");
    });
}

#[test]
fn what_a_crashed_worker_held_is_free_again_when_its_lease_is_over() {
    on_both(|world| {
        issue(world, 1);
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        let crashed = world.province.store.write(|session| {
            store::rows::collect::lease(session, LANE, "crashed", (NOW, NOW + 600 * SECOND), 10)
        });
        assert_eq!(crashed.expect("leases").len(), 1);
        assert_eq!(round(world, &way, NOW + SECOND).leased, 0);
        assert_eq!(round(world, &way, NOW + 600 * SECOND).done, 1);
    });
}

#[test]
fn the_ministry_refuses_another_provinces_issuer() {
    on_both(|world| {
        issue(world, 1);
        let ministry = ministry(world, false);
        let mut way = Way::new(&ministry, NOW);
        way.from = Sender { issuers: vec!["98".into()], ..sender() };
        assert_eq!(round(world, &way, NOW + SECOND).dead, 1);
        let letters = world.province.collect_dead(LANE, "", 10).expect("letters");
        assert_eq!(letters[0].code, "FOREIGN_ISSUER");
        assert_eq!(count(&ministry.receiver.store, "collect_holding"), 0);
        // It is kept with its receipt until it is taken, and counted.
        let (kept, open) = refusals(&ministry);
        assert_eq!((kept.len(), open), (1, 1));
        assert_eq!((kept[0].code.as_str(), kept[0].times, kept[0].settled), ("FOREIGN_ISSUER", 1, false));
        let operator = Actor { client: "cli".into(), operator: Some("张三".into()), ..Actor::default() };
        world.province.collect_retry(LANE, Which::All, &operator, NOW + 2 * SECOND).expect("retries");
        way.from = sender();
        assert_eq!(round(world, &way, NOW + 3 * SECOND).done, 1);
        let (kept, open) = refusals(&ministry);
        assert_eq!((kept.len(), open, kept[0].settled), (1, 0, true));
        let days = ministry.receiver.store.read(|session| answer::days(session, "demo-99", "2026-01-01"));
        let days: Vec<(String, i64)> =
            days.expect("days").into_iter().map(|day| (day.outcome, day.answers)).collect();
        assert_eq!(days, [("applied".to_owned(), 1), ("refused".to_owned(), 1)]);
        assert_equal(world, &ministry);
    });
}

/// What was not taken, and how much of it still is not.
fn refusals(ministry: &destination::Ministry) -> (Vec<answer::RefusedRow>, i64) {
    let found = ministry.receiver.store.read(|session| -> Result<_, store::StoreError> {
        let kept = answer::refusals(session, "demo-99", (0, i64::MAX), (i64::MAX, ""), 10)?;
        Ok((kept, answer::unsettled(session, 10)?))
    });
    let (kept, open) = found.expect("refusals");
    (kept, open.first().map_or(0, |(_, count)| *count))
}

#[test]
fn a_destination_without_the_file_asks_for_it_and_gets_it_at_once() {
    on_both(|world| {
        issue(world, 1);
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, NOW);
        round(world, &way, NOW + SECOND);
        // The ministry comes back from an old backup.
        execute(&ministry.receiver.store, "DELETE FROM collect_holding");
        execute(&ministry.receiver.store, "DELETE FROM collect_count");
        act(world, 0, "A", "暂扣");
        let asked = round(world, &way, NOW + 2 * SECOND);
        assert_eq!((asked.done, asked.later), (0, 1));
        assert_eq!(round(world, &way, NOW + 2 * SECOND).done, 1, "without a pause");
        let log = way.log.lock().expect("log");
        assert_eq!(log.iter().flatten().map(|(_, _, files)| *files).collect::<Vec<_>>(), [true, false, true]);
        assert_equal(world, &ministry);
    });
}

#[test]
fn a_changed_file_and_another_content_under_the_same_count_are_refused() {
    on_both(|world| {
        issue(world, 1);
        let ministry = ministry(world, true);
        let caught: Mutex<Vec<Delivery>> = Mutex::default();
        struct Catch<'a>(&'a Mutex<Vec<Delivery>>);
        impl Transport for Catch<'_> {
            fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError> {
                self.0.lock().expect("caught").extend_from_slice(deliveries);
                Ok(Vec::new())
            }
        }
        round(world, &Catch(&caught), NOW + SECOND);
        let delivery = caught.lock().expect("caught").pop().expect("a delivery");
        let receive = |one: &Delivery| {
            ministry
                .receiver
                .receive(&sender(), std::slice::from_ref(one), NOW)
                .expect("receives")
                .pop()
                .expect("one")
        };
        let mut other = delivery.clone();
        other.files[0].content = Some(gm::base64::encode(b"not the file"));
        assert_eq!(receive(&other).code, "FILE_DIGEST");
        // A digest that fits, but no seal.
        let sm3: String = gm::sm3::sm3(b"not the file").iter().map(|byte| format!("{byte:02x}")).collect();
        other.files[0].sm3 = sm3;
        assert_eq!(receive(&other).code, "FILE_SEAL");
        assert_eq!(receive(&delivery).outcome, Outcome::Applied);
        assert_eq!(receive(&delivery).outcome, Outcome::Already);
        other.clone_from(&delivery);
        other.base = "注销".into();
        assert_eq!(receive(&other).code, "SEQ_CONFLICT");
    });
}
