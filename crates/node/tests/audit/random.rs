//! Any acts, in any rows, sequenced and signed at any time.

use std::collections::BTreeMap;

use proptest::prelude::*;

use node::audit::{Act, Actor, Subject, check_proof};

use crate::log::{Rows, keys, numbers, postgres, sqlite};
use crate::support::NOW;

#[derive(Clone, Debug)]
enum Step {
    Row(Vec<(u8, bool, String)>),
    Sequence,
    Checkpoint,
}

fn step() -> impl Strategy<Value = Step> {
    let act = (0u8..6, any::<bool>(), "[\\x00-\\x1f\"\\\\\u{4e00}-\u{4e10}\u{1f600}a]{0,12}");
    prop_oneof![
        6 => proptest::collection::vec(act, 0..90).prop_map(Step::Row),
        2 => Just(Step::Sequence),
        1 => Just(Step::Checkpoint),
    ]
}

fn run(rows: &Rows, steps: Vec<Step>) {
    let mut number = 0u64;
    for (place, step) in steps.into_iter().chain([Step::Sequence, Step::Checkpoint]).enumerate() {
        match step {
            Step::Row(acts) => {
                let acts = acts.into_iter().map(|(object, changes, text)| {
                    number += 1;
                    // What a person typed may hold anything.
                    let detail = BTreeMap::from([
                        ("number".to_owned(), number.to_string()),
                        ("text".to_owned(), text.clone()),
                    ]);
                    let object = (object > 0).then(|| format!("certificate-{object}"));
                    let actor = Actor { client: "c".into(), operator: Some(text), ..Actor::default() };
                    Act {
                        act: "a".into(),
                        at: NOW,
                        actor,
                        object,
                        changes,
                        outcome: "done".into(),
                        detail,
                        ..Act::default()
                    }
                });
                let acts: Vec<Act> = acts.collect();
                rows.append(place as u64, acts);
            }
            Step::Sequence => drop(rows.sequence()),
            Step::Checkpoint => {
                rows.log().checkpoint(&*crate::log::key(1), NOW).expect("signs");
            }
        }
    }
    assert_eq!(numbers(rows), (1..=number).collect::<Vec<_>>());
    let report = rows.verify(None);
    assert!(report.is_sound(), "{:#?}", report.lines());
    if number == 0 {
        return;
    }
    let report = rows.check_export(None);
    assert!(report.is_sound(), "{:#?}", report.lines());
    for n in [0, number / 2, number - 1] {
        let proof = rows.log().audit_prove(&Subject::Leaf(n), rows.look()).expect("proves");
        let proof = proof.to_text().expect("text");
        rows.unsee();
        assert_eq!(check_proof(&proof, &keys()).expect("holds").number, n);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_acts_make_a_sound_log_on_sqlite(steps in proptest::collection::vec(step(), 0..40)) {
        run(&sqlite(), steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn any_acts_make_a_sound_log_on_postgres(steps in proptest::collection::vec(step(), 0..40)) {
        run(&postgres(), steps);
    }
}
