//! The ministry signs what continues what it signed before, and nothing else.

use node::NodeError;
use node::audit::{WitnessAnswer, WitnessRequest, witness};

use crate::log::{ORIGIN, Rows, WITNESS, key, keys, named, on_both, postgres, sqlite, text};
use crate::support::NOW;

fn ask(ministry: &Rows, request: &WitnessRequest, id: u64) -> Result<WitnessAnswer, NodeError> {
    // As it goes over the wire.
    let request: WitnessRequest =
        serde_json::from_str(&serde_json::to_string(request).expect("JSON")).expect("reads");
    let peers = [named(ORIGIN, 1)];
    witness(&ministry.store, WITNESS, &peers, &request, &*key(2), format!("{id:032x}"), NOW)
}

fn grow(rows: &Rows, from: u64, until: u64) {
    rows.fill(from, until);
    rows.sequence();
    rows.checkpoint(NOW + i64::try_from(until).expect("small"));
}

#[test]
fn a_witness_signs_what_continues_and_the_signature_is_kept() {
    for ministry in [sqlite(), postgres()] {
        on_both(|rows| {
            ministry.run(&["DELETE FROM audit_witness"]);
            let log = rows.log();
            grow(rows, 0, 300);
            let signed = log.have_witnessed(0, &keys(), |request| ask(&ministry, request, 1)).expect("signs");
            assert_eq!(signed, Some(300));
            grow(rows, 300, 700);
            // It has forgotten what the witness knows: the witness tells it.
            let signed = log.have_witnessed(0, &keys(), |request| ask(&ministry, request, 2)).expect("signs");
            assert_eq!(signed, Some(700));
            assert_eq!(rows.verify(None).witnesses, [WITNESS]);
            assert_eq!(rows.check_export(None).witnesses, [WITNESS]);
            assert_eq!(ministry.count("audit_witness"), 2);
            ministry.run(&["DELETE FROM audit_pending"]);
        });
    }
}

#[test]
fn a_witness_refuses_a_roll_back_and_a_fork_and_says_so_in_its_own_log() {
    on_both(|rows| {
        let ministry = sqlite();
        grow(rows, 0, 300);
        rows.keep();
        grow(rows, 300, 400);
        let log = rows.log();
        log.have_witnessed(0, &keys(), |request| ask(&ministry, request, 1)).expect("signs");
        rows.restore();
        let back = log.witness_request(300).expect("reads").expect("a checkpoint");
        let error = ask(&ministry, &back, 2).expect_err("rolled back");
        assert!(text(&error).contains("已回退"), "{error}");
        grow(rows, 1000, 1200);
        let error =
            log.have_witnessed(400, &keys(), |request| ask(&ministry, request, 3)).expect_err("forked");
        assert!(text(&error).contains("已分叉"), "{error}");
        assert_eq!(ministry.count("audit_pending WHERE entries LIKE '%refused%'"), 2);
    });
}

#[test]
fn a_stranger_gets_no_signature() {
    on_both(|rows| {
        let ministry = sqlite();
        grow(rows, 0, 10);
        let request = rows.log().witness_request(0).expect("reads").expect("a checkpoint");
        let none =
            witness(&ministry.store, WITNESS, &[named("other", 3)], &request, &*key(2), "1".into(), NOW);
        assert!(none.is_err());
        assert_eq!(ministry.count("audit_witness"), 0);
    });
}
