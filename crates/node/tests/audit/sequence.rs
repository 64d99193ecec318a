//! Waiting acts become leaves: none lost, none twice.

use node::audit::{Act, Actor};
use node::audit::{Cursor, Proof, Subject, Wanted, check_absence, check_proof};

use crate::log::{Rows, act, keys, numbers, on_both, text};
use crate::support::NOW;

#[test]
fn acts_become_leaves_in_order_and_the_log_is_sound() {
    on_both(|rows| {
        rows.fill(0, 700);
        let done = rows.sequence();
        assert_eq!((done.leaves, done.more, done.busy), (700, false, false));
        assert_eq!(numbers(rows), (0..700).collect::<Vec<_>>());
        assert_eq!(rows.count("audit_pending"), 0);
        rows.checkpoint(NOW);
        rows.fill(700, 1500);
        rows.sequence();
        rows.checkpoint(NOW + 1);
        let report = rows.verify(None);
        assert!(report.is_sound(), "{:#?}", report.lines());
        assert_eq!((report.entries, report.signed, report.checkpoints), (1500, 1500, 2));
        let report = rows.check_export(None);
        assert!(report.is_sound(), "{:#?}", report.lines());
        assert_eq!((report.entries, report.checkpoints), (1500, 2));
    });
}

#[test]
fn a_row_holds_many_acts_and_they_keep_their_order() {
    on_both(|rows| {
        rows.append(1, (0..5000).map(act).collect());
        rows.append(2, (5000..5010).map(act).collect());
        assert_eq!(rows.sequence().leaves, 5010);
        assert_eq!(numbers(rows), (0..5010).collect::<Vec<_>>());
    });
}

#[test]
fn a_batch_that_fails_in_the_middle_leaves_everything_waiting() {
    on_both(|rows| {
        rows.fill(0, 20);
        rows.sequence();
        rows.fill(20, 60);
        // Somebody's row stands where the 31st leaf will go.
        rows.run(&["INSERT INTO audit_leaf (n, hash, chained, act, at, client, outcome, entry) \
                    VALUES (30, 'x', FALSE, 'x', 0, 'x', 'x', 'x')"]);
        let error = rows.log().sequence("test", NOW).expect_err("a number is taken");
        assert!(text(&error).contains("被人从外部改动"), "{error}");
        assert_eq!((rows.count("audit_pending"), rows.count("audit_leaf")), (40, 21));
        rows.run(&["DELETE FROM audit_leaf WHERE n = 30"]);
        // Another process may go on at once: the lease went with the batch.
        assert_eq!(rows.log().sequence("other", NOW).expect("sequences").leaves, 40);
        assert_eq!(numbers(rows), (0..60).collect::<Vec<_>>());
    });
}

#[test]
fn two_sequencers_beside_writers_number_each_act_once() {
    on_both(|rows| {
        std::thread::scope(|scope| {
            for writer in 0..2 {
                scope.spawn(move || rows.fill(writer * 300, (writer + 1) * 300));
            }
            for owner in ["one", "two"] {
                scope.spawn(move || {
                    for _ in 0..200 {
                        rows.log().sequence(owner, NOW).expect("sequences");
                    }
                });
            }
        });
        while rows.sequence().more {}
        let mut found = numbers(rows);
        found.sort_unstable();
        assert_eq!(found, (0..600).collect::<Vec<_>>());
        rows.checkpoint(NOW);
        assert!(rows.verify(None).is_sound());
    });
}

#[test]
fn a_lease_of_another_keeps_the_sequencer_out_until_it_runs_out() {
    on_both(|rows| {
        rows.fill(0, 3);
        rows.run(&[&format!(
            "INSERT INTO lease (name, owner, until) VALUES ('audit.sequence', 'dead', {})",
            NOW + 5
        )]);
        assert!(rows.sequence().busy);
        assert_eq!(rows.log().sequence("test", NOW + 5).expect("sequences").leaves, 3);
    });
}

#[test]
fn an_unreadable_row_becomes_an_entry_and_blocks_nothing() {
    on_both(|rows| {
        rows.run(&["INSERT INTO audit_pending (id, entries) VALUES ('0', 'not an act')"]);
        let long = Act { object: Some("x".repeat(5000)), ..act(7) };
        rows.append(0, vec![long]);
        rows.fill(1, 3);
        assert_eq!(rows.sequence().leaves, 4);
        assert_eq!(rows.count("audit_leaf WHERE act = 'audit.unreadable'"), 2);
        assert_eq!(numbers(rows), [1, 2]);
    });
}

#[test]
fn acts_on_one_certificate_in_one_millisecond_stand_in_the_order_of_their_state() {
    on_both(|rows| {
        for (row, seq) in [(1, 3), (2, 1), (3, 2)] {
            let mut act = Act { changes: true, ..act(seq) };
            act.object = Some("one".into());
            act.detail.insert("state_seq".into(), seq.to_string());
            rows.append(row, vec![act]);
        }
        rows.sequence();
        assert_eq!(numbers(rows), [1, 2, 3]);
    });
}

/// A batch that is full goes on as long as the millisecond does: what came first in it may have the greatest row key.
#[test]
fn a_full_batch_does_not_cut_a_millisecond() {
    on_both(|rows| {
        // More than one batch takes, all of one millisecond by their keys.
        let last = 400;
        for row in 1..=last {
            let seq = last + 1 - row;
            let mut act = Act { changes: true, ..act(seq) };
            act.object = Some("one".into());
            act.detail.insert("state_seq".into(), seq.to_string());
            rows.append(row, vec![act]);
        }
        assert!(!rows.sequence().more);
        assert_eq!(numbers(rows), (1..=last).collect::<Vec<_>>());
    });
}

#[test]
fn entries_are_proven_and_absence_too() {
    on_both(|rows| {
        rows.fill(0, 900);
        rows.sequence();
        rows.checkpoint(NOW);
        rows.fill(900, 910);
        rows.sequence();
        let log = rows.log();
        for subject in [
            Subject::Leaf(0),
            Subject::Leaf(256),
            Subject::Leaf(899),
            Subject::Latest("certificate-2".into()),
        ] {
            let proof = log.audit_prove(&subject, rows.look()).expect("proves").to_text().expect("text");
            let proven = check_proof(&proof, &keys()).expect("holds");
            assert_eq!(proven.checkpoint.size, 900, "{subject:?}");
        }
        let proof = log.audit_prove(&Subject::Latest("nobody".into()), rows.look()).expect("proves");
        assert!(matches!(proof, Proof::Absence(_)));
        check_absence(&proof.to_text().expect("text"), &keys()).expect("holds");
        let error = log.audit_prove(&Subject::Leaf(905), rows.look()).expect_err("not signed yet");
        assert!(text(&error).contains("尚未进入检查点"), "{error}");
        // Six looks, six entries; those of exports and searches are beside them.
        assert_eq!(rows.count("audit_pending WHERE entries LIKE '%audit.prove%'"), 6);
        let mut out = Vec::new();
        let range = node::audit::ExportRange { until: None, every_checkpoint: false };
        log.audit_export(range, &mut out, rows.look()).expect("exports");
        assert_eq!(rows.count("audit_pending WHERE entries LIKE '%audit.export%auditor%'"), 1);
    });
}

#[test]
fn an_auditor_finds_entries_page_by_page_and_is_logged() {
    on_both(|rows| {
        rows.fill(0, 90);
        rows.sequence();
        let wanted = |change: fn(&mut Wanted)| {
            let mut wanted = Wanted { from: NOW, until: NOW + 1000, ..Wanted::default() };
            change(&mut wanted);
            all(rows, &wanted)
        };
        assert_eq!(wanted(|_| ()), (0..90).collect::<Vec<_>>());
        assert_eq!(wanted(|wanted| wanted.until = NOW + 7), (0..7).collect::<Vec<_>>());
        let third: Vec<u64> = (0..90).filter(|number| number % 3 == 1).collect();
        assert_eq!(wanted(|wanted| wanted.client = Some("client-1".into())), third);
        let events: Vec<u64> = (0..90).filter(|number| number % 3 == 0).collect();
        assert_eq!(wanted(|wanted| wanted.act = Some("lifecycle.event".into())), events);
        let both = |wanted: &mut Wanted| {
            wanted.objects = vec!["certificate-4".into(), "by another name".into()];
            wanted.person = Some("op".into());
            wanted.outcome = Some("done".into());
        };
        assert_eq!(wanted(both), (0..90).filter(|number| number % 5 == 4).collect::<Vec<_>>());
        assert!(wanted(|wanted| wanted.outcome = Some("refused".into())).is_empty());
        rows.sequence();
        assert!(rows.count("audit_leaf WHERE act = 'audit.search'") > 10);
    });
}

fn all(rows: &Rows, wanted: &Wanted) -> Vec<u64> {
    let mut after: Option<Cursor> = None;
    let mut found = Vec::new();
    loop {
        let actor = Actor { client: "auditor".into(), ..Actor::default() };
        let id = format!("f{:031x}", rows.count("audit_pending"));
        let page = rows.log().audit_search(wanted, after, 10, &actor, id, NOW).expect("searches");
        found.extend(page.entries.iter().map(|one| one.n));
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}
