//! The auditor's page: newest first, and one entry followed to the signed root.

use gm::sm3::sm3;
use node::audit::{Cursor, OpenedEntry, Proving, Wanted};

use crate::log::{Rows, keys, on_both};
use crate::support::NOW;

fn open(rows: &Rows, n: u64) -> Option<OpenedEntry> {
    rows.log().audit_entry(n, &keys(), rows.look()).expect("the rows")
}

#[test]
fn the_newest_come_first_and_pages_leave_nothing_out() {
    on_both(|rows| {
        rows.fill(0, 45);
        rows.sequence();
        let (mut after, mut found): (Option<Cursor>, Vec<u64>) = (None, Vec::new());
        let wanted = Wanted { from: NOW, until: NOW + 1000, ..Wanted::default() };
        loop {
            let page = rows.log().audit_latest(&wanted, after, 10, rows.look()).expect("searches");
            found.extend(page.entries.iter().map(|one| one.n));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(found, (0..45).rev().collect::<Vec<_>>());
        rows.sequence();
        assert_eq!(rows.count("audit_leaf WHERE act = 'audit.search' AND client = 'auditor'"), 5);
    });
}

#[test]
fn an_entry_is_followed_to_the_root_that_the_checkpoint_signs() {
    on_both(|rows| {
        rows.fill(0, 77);
        rows.sequence();
        let early = open(rows, 3).expect("is there");
        assert!(matches!(early.proof, Proving::Waiting(_)), "no checkpoint yet");
        rows.checkpoint(NOW);
        for n in [0, 3, 63, 76] {
            let opened = open(rows, n).expect("is there");
            let Proving::Holds(evidence) = opened.proof else { panic!("it holds") };
            // The steps again, by hand: 01, left, right.
            let mut hash = sm3(&[&[0], opened.text.as_bytes()].concat());
            for step in &evidence.steps {
                let (left, right) = if step.left { (step.sibling, hash) } else { (hash, step.sibling) };
                hash = sm3(&[&[1][..], &left, &right].concat());
                assert_eq!(hash, step.gives);
            }
            assert_eq!(evidence.root, hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            assert_eq!(evidence.size, 77);
        }
        assert!(open(rows, 5000).is_none());
        assert!(open(rows, u64::MAX).is_none());
    });
}

#[test]
fn an_altered_entry_is_said_to_be_broken() {
    on_both(|rows| {
        rows.fill(0, 20);
        rows.sequence();
        rows.checkpoint(NOW);
        rows.run(&["UPDATE audit_leaf SET entry = REPLACE(entry, 'done', 'dome') WHERE n = 7"]);
        let opened = open(rows, 7).expect("is there");
        assert!(matches!(opened.proof, Proving::Broken(_)), "{:?}", opened.proof);
    });
}
