//! Checkpoints: one spelling, and nothing believed without a key.

mod support;

use ledger::*;
use proptest::prelude::*;
use support::*;

fn checkpoint() -> impl Strategy<Value = Checkpoint> {
    let previous = any::<Option<[u8; 32]>>();
    let at = -60_000_000_000_000_000i64..200_000_000_000_000_000;
    ("[a-z/.省路证]{1,20}", any::<u64>(), any::<[u8; 32]>(), at, previous, any::<[u8; 32]>()).prop_map(
        |(origin, size, root, at, previous, map_root)| Checkpoint {
            origin,
            size,
            root,
            at,
            previous,
            map_root,
        },
    )
}

fn signed() -> SignedCheckpoint {
    Log::new(5, 2, 5).checkpoints.remove(0)
}

#[test]
fn the_log_and_its_witness_are_believed() {
    let verified = signed().verify(&keys()).unwrap();
    let at_seconds = START as u64 / 1_000_000 + 6;
    assert_eq!(verified.witnesses, [Cosigned { name: WITNESS.to_owned(), at_seconds }]);
}

#[test]
fn a_witness_alone_is_not_the_log() {
    let wanted = LedgerError::NotSigned { origin: ORIGIN.to_owned() };
    assert_eq!(signed().verify(&keys()[1..]), Err(wanted));
}

#[test]
fn a_key_of_the_log_under_the_name_of_a_witness_is_unknown() {
    let verified = signed().verify(&[named(ORIGIN, 1), named(WITNESS, 1)]).unwrap();
    assert_eq!(verified.unknown, [WITNESS]);
}

#[test]
fn the_key_of_another_log_does_not_sign_this_one() {
    let ours = signed().checkpoint().clone();
    // The line that the other log would make, moved under our text.
    let other =
        Checkpoint { origin: WITNESS.to_owned(), ..ours.clone() }.sign(&*key(2)).unwrap().to_text().unwrap();
    let line = other.lines().last().unwrap();
    let (head, base64) = line.rsplit_once(' ').unwrap();
    let text = ours.text().unwrap();
    let signature = gm::sign_message(&*key(2), text.as_bytes()).unwrap().to_bytes();
    let bytes = [&gm::base64::decode(base64).unwrap()[..4], &signature].concat();
    let forged = format!("{text}\n{head} {}\n", gm::base64::encode(&bytes));
    let wanted = LedgerError::NotSigned { origin: ORIGIN.to_owned() };
    assert_eq!(SignedCheckpoint::parse(&forged).unwrap().verify(&keys()), Err(wanted));
}

#[test]
fn a_changed_size_breaks_the_signature() {
    let text = signed().to_text().unwrap().replacen("\n5\n", "\n6\n", 1);
    let wanted = LedgerError::BadSignature { name: ORIGIN.to_owned() };
    assert_eq!(SignedCheckpoint::parse(&text).unwrap().verify(&keys()), Err(wanted));
}

#[test]
fn the_time_of_a_witness_is_signed_with_it() {
    let text = signed().to_text().unwrap();
    let line = text.lines().last().unwrap();
    let (head, base64) = line.rsplit_once(' ').unwrap();
    let mut bytes = gm::base64::decode(base64).unwrap();
    bytes[11] ^= 1;
    let text = text.replace(line, &format!("{head} {}", gm::base64::encode(&bytes)));
    let wanted = LedgerError::BadSignature { name: WITNESS.to_owned() };
    assert_eq!(SignedCheckpoint::parse(&text).unwrap().verify(&keys()), Err(wanted));
}

#[test]
fn a_later_witness_does_not_change_the_digest() {
    let before = signed();
    let mut after = before.clone();
    after.cosign("另一见证", &*key(3), 1).unwrap();
    assert_eq!(before.checkpoint().digest(), after.checkpoint().digest());
}

#[test]
fn names_that_break_the_lines_are_refused() {
    for name in ["", "a b", "a\nb", "a+b", "a\u{3000}b"] {
        assert!(signed().cosign(name, &*key(3), 1).is_err(), "{name:?}");
    }
}

#[test]
fn another_time_zone_or_precision_is_refused() {
    let text = signed().to_text().unwrap();
    for other in ["2026-11-22T06:00:05.000000+00:00", "2026-11-22T14:00:05+08:00"] {
        let other = text.replace("2026-11-22T14:00:05.000000+08:00", other);
        assert_ne!(other, text);
        assert_eq!(
            SignedCheckpoint::parse(&other),
            Err(LedgerError::Checkpoint { rule: "正文不是规定写法" })
        );
    }
}

#[test]
fn a_witness_sees_growth_and_refuses_everything_else() {
    let log = Log::new(20, 3, 8);
    let [old, _, new] = [0, 1, 2].map(|place| log.checkpoints[place].checkpoint().clone());
    let proof = consistency_proof(&log.nodes, 8, 20).unwrap();
    assert_eq!(new.check_continues(&old, &proof), Ok(()));
    let refused = |checkpoint: Checkpoint, wanted: &str| match checkpoint.check_continues(&old, &proof) {
        Err(LedgerError::NotContinued { rule, .. }) => assert!(rule.contains(wanted), "{rule}"),
        other => panic!("{other:?}"),
    };
    refused(Checkpoint { size: 7, ..new.clone() }, "回退");
    refused(Checkpoint { root: [1; 32], ..new.clone() }, "分叉");
    refused(Checkpoint { at: old.at - 1, ..new.clone() }, "时间");
    refused(Checkpoint { origin: "别省".to_owned(), ..new }, "名称");
}

proptest! {
    #[test]
    fn a_text_comes_back(checkpoint in checkpoint()) {
        prop_assert_eq!(Checkpoint::parse_text(&checkpoint.text().unwrap()), Ok(checkpoint));
    }

    #[test]
    fn a_changed_note_is_refused_or_spelled_as_read(place in any::<prop::sample::Index>(), ch in any::<char>()) {
        let mut chars: Vec<char> = signed().to_text().unwrap().chars().collect();
        let at = place.index(chars.len());
        chars[at] = ch;
        let text: String = chars.into_iter().collect();
        if let Ok(read) = SignedCheckpoint::parse(&text) {
            prop_assert_eq!(read.to_text().unwrap(), text);
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        prop_assert!(SignedCheckpoint::parse(&text).is_err());
    }
}
