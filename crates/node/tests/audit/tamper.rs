//! Somebody with the database's password changes the log; the check of the database and of the export find it.

use ledger::Rollback;

use crate::log::{on_both, text};
use crate::support::NOW;

/// What is done, and whether an export shows it (it holds entries and checkpoints, not the tables beside them).
const DONE: [(&str, &[&str], bool); 15] = [
    ("an entry deleted", &["DELETE FROM audit_leaf WHERE n = 100"], true),
    ("the first entry deleted", &["DELETE FROM audit_leaf WHERE n = 0"], true),
    ("the last entry deleted", &["DELETE FROM audit_leaf WHERE n = 699"], true),
    (
        "all entries of a certificate deleted",
        &["DELETE FROM audit_leaf WHERE object = 'certificate-3'"],
        true,
    ),
    (
        "an entry's text changed",
        &["UPDATE audit_leaf SET entry = REPLACE(entry, 'done', 'dome') WHERE n = 100"],
        true,
    ),
    (
        "an entry's leaf hash changed",
        &["UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE n = 1) WHERE n = 2"],
        true,
    ),
    (
        "two entries swapped",
        &[
            "UPDATE audit_leaf SET n = -1 WHERE n = 50",
            "UPDATE audit_leaf SET n = 50 WHERE n = 51",
            "UPDATE audit_leaf SET n = 51 WHERE n = -1",
        ],
        true,
    ),
    (
        "an entry inserted at the end",
        &[
            "INSERT INTO audit_leaf SELECT 700, hash, object, chained, act, at, client, person, outcome, entry FROM audit_leaf WHERE n = 5",
        ],
        false,
    ),
    (
        "an entry put in another's place",
        &[
            "DELETE FROM audit_leaf WHERE n = 5",
            "INSERT INTO audit_leaf SELECT 5, hash, object, chained, act, at, client, person, outcome, entry FROM audit_leaf WHERE n = 20",
        ],
        true,
    ),
    ("an entry hidden from the search", &["UPDATE audit_leaf SET client = 'nobody' WHERE n = 100"], false),
    (
        "a node of the tree changed",
        &["UPDATE audit_node SET hash = (SELECT hash FROM audit_leaf WHERE n = 1)"],
        false,
    ),
    ("a node of the tree deleted", &["DELETE FROM audit_node"], false),
    ("a page of the map deleted", &["DELETE FROM audit_map"], false),
    ("a checkpoint deleted", &["DELETE FROM audit_checkpoint WHERE size = 400"], true),
    (
        "a checkpoint changed",
        &["UPDATE audit_checkpoint SET note = REPLACE(note, '400', '401') WHERE size = 400"],
        true,
    ),
];

#[test]
fn every_change_is_found() {
    on_both(|rows| {
        rows.fill(0, 400);
        rows.sequence();
        rows.checkpoint(NOW);
        rows.fill(400, 700);
        rows.sequence();
        rows.checkpoint(NOW + 1);
        rows.keep();
        for (name, statements, exported) in DONE {
            rows.run(statements);
            let report = rows.verify(None);
            assert!(!report.is_sound(), "{name}: {:#?}", report.lines());
            // A checkpoint that cannot be read stops the export, which says so.
            let mut out = Vec::new();
            let range = node::audit::ExportRange { until: None, every_checkpoint: true };
            if rows.log().audit_export(range, &mut out, rows.look()).is_ok() {
                assert_eq!(rows.check_export(None).is_sound(), !exported, "{name}");
            } else {
                assert!(exported, "{name}");
            }
            rows.restore();
        }
        assert!(rows.verify(None).is_sound());
    });
}

#[test]
fn what_was_changed_before_it_was_signed_is_not_signed() {
    on_both(|rows| {
        rows.fill(0, 400);
        rows.sequence();
        rows.checkpoint(NOW);
        rows.run(&["UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE n = 1) WHERE n = 2"]);
        rows.fill(400, 500);
        rows.sequence();
        let error = rows.log().checkpoint(&*crate::log::key(1), NOW).expect_err("the tree does not continue");
        assert!(text(&error).contains("一致性证明不成立"), "{error}");
    });
}

#[test]
fn an_old_copy_is_whole_in_itself_and_only_a_newer_checkpoint_shows_it() {
    on_both(|rows| {
        rows.fill(0, 400);
        rows.sequence();
        rows.checkpoint(NOW);
        rows.keep();
        rows.fill(400, 500);
        rows.sequence();
        let newer = rows.checkpoint(NOW + 1);
        assert_eq!(rows.verify(Some(&newer)).rollback, Rollback::Excluded { newer: 500 });
        rows.restore();
        let report = rows.verify(None);
        assert!(report.is_sound());
        assert!(report.lines().iter().any(|line| line.contains("无法证明未回退")), "{:#?}", report.lines());
        assert!(rows.check_export(None).lines().iter().any(|line| line.contains("无法证明未回退")));
        let report = rows.verify(Some(&newer));
        assert_eq!(report.rollback, Rollback::RolledBack { have: 400, newer: 500 });
        assert!(!report.is_sound());
        assert_eq!(rows.check_export(Some(&newer)).rollback, Rollback::RolledBack { have: 400, newer: 500 });
        // And when it goes on with other acts, it has forked.
        rows.fill(1000, 1200);
        rows.sequence();
        rows.checkpoint(NOW + 2);
        assert_eq!(rows.verify(Some(&newer)).rollback, Rollback::Forked { newer: 500 });
        assert_eq!(rows.check_export(Some(&newer)).rollback, Rollback::Forked { newer: 500 });
    });
}
