//! The fuzz targets `verify` and `ses_signature` in their stable form: random changes inside a well-formed package.

#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use seal::{FileFacts, SesSeal, SesSignature};
use support::document::ANNOTS;
use support::layer::LIST;
use support::{NOW, World};

/// One change to a file: bytes taken out at a place, others put there.
#[derive(Clone, Debug)]
struct Change {
    file: prop::sample::Index,
    place: prop::sample::Index,
    taken: usize,
    put: Vec<u8>,
}

fn change() -> impl Strategy<Value = Change> {
    let put = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..8),
        // Fragments that mean something to one of the parsers.
        prop::sample::select(vec![
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "&amp;",
            "&#x41;",
            "/>",
            "<x/>",
            "\"",
            " xmlns=\"\"",
            "..",
            "/",
            "\\",
            "\0",
            " ",
            "ofd:",
            "x:",
            "Page",
            "60",
            "0",
            "-1",
            "99999999999",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::sample::select(vec![
            vec![0x30, 0x80],
            vec![0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            vec![0, 0],
            vec![0xA0, 0],
            vec![3, 1, 7]
        ]),
    ];
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0usize..6, put)
        .prop_map(|(file, place, taken, put)| Change { file, place, taken, put })
}

fn applied(bytes: &[u8], change: &Change) -> Vec<u8> {
    let at = change.place.index(bytes.len() + 1);
    let end = (at + change.taken).min(bytes.len());
    [&bytes[..at], &change.put, &bytes[end..]].concat()
}

fn shown(facts: &FileFacts) -> (&str, &[(String, String)], Option<i64>, &str) {
    (&facts.identifier, &facts.metadata, facts.signed_at, &facts.signer)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 768, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_file_passes_only_where_no_seal_is_needed(changes in proptest::collection::vec(change(), 1..4)) {
        let world = World::new();
        let (genuine, verifier) = (world.genuine(), world.trust().verifier());
        let names: Vec<String> = genuine.iter().map(|(name, _)| name.to_owned()).collect();
        let mut files = genuine.clone();
        for change in &changes {
            let name = change.file.get(&names);
            let bytes = applied(files.get(name), change);
            files.set(name, &bytes);
        }
        let sealed_part_changed =
            files.iter().any(|(name, bytes)| name != LIST && name != ANNOTS && bytes != genuine.get(name));
        let verdict = verifier.verify(&files.zip(), NOW);
        if verdict.verdict.is_valid() {
            prop_assert!(!sealed_part_changed);
            // The two files that stay open change nothing of what the certificate says.
            let original = verifier.verify(&genuine.zip(), NOW);
            prop_assert_eq!(shown(&verdict.facts), shown(&original.facts));
        }
    }

    #[test]
    fn changed_seals_and_signatures_are_read_or_refused(change in change()) {
        let world = World::new();
        let value = world.genuine().get("Doc_0/Signs/Sign_0/SignedValue.dat").to_vec();
        let _ = SesSignature::parse(&applied(&value, &change));
        let _ = SesSeal::parse(&applied(&world.seal().der(), &change));
    }

    #[test]
    fn what_is_read_is_what_was_written(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let world = World::new();
        let _ = SesSignature::parse(&bytes);
        let spec = support::SealSpec { picture: bytes.clone(), ..world.seal() };
        let read = SesSeal::parse(&spec.der()).unwrap();
        prop_assert_eq!(&read.picture.data, &bytes);
        prop_assert_eq!(read.der, spec.der());
        prop_assert!(read.signers.contains(&world.signer.certificate));
    }
}
