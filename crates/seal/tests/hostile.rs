//! Bytes that nobody sealed: cut, shuffled, flipped, huge. None may pass, panic or take long.

#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use seal::Verifier;
use support::raw_zip::{self, Raw};
use support::{NOW, World};

fn fixture() -> (Vec<u8>, Verifier) {
    let world = World::new();
    (world.genuine().zip(), world.trust().verifier())
}

fn passes(verifier: &Verifier, bytes: &[u8]) -> bool {
    verifier.verify(bytes, NOW).verdict.is_valid()
}

/// Bytes of the container that mean nothing to any reader of contents: versions, dates and attributes of entries.
fn meaningless(bytes: &[u8]) -> Vec<usize> {
    let number = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]) as usize;
    let offset = |at: usize| number(at) | number(at + 2) << 16;
    let mut found = Vec::new();
    let end = bytes.len() - 22;
    let mut at = offset(end + 16);
    while at < end {
        let local = offset(at + 42);
        found.extend((local + 4..local + 6).chain(local + 10..local + 14));
        // Version made by, version needed, date, internal and external attributes.
        found.extend((at + 4..at + 8).chain(at + 12..at + 16).chain(at + 36..at + 42));
        at += 46 + number(at + 28) + number(at + 30) + number(at + 32);
    }
    found
}

/// Names and contents, if the container opens and all of it can be read.
fn contents(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let archive = ofd::zip::Archive::open(bytes, &ofd::Limits::default()).ok()?;
    archive.names().map(|name| Some((name.to_owned(), archive.read(name).ok()?.into_owned()))).collect()
}

#[test]
fn a_flipped_byte_passes_only_if_no_content_changed() {
    let (genuine, verifier) = fixture();
    let original = contents(&genuine);
    assert!(original.is_some() && passes(&verifier, &genuine));
    let mut bytes = genuine.clone();
    for at in 0..genuine.len() {
        bytes[at] ^= 1 << (at % 8);
        let same = contents(&bytes) == original;
        assert_eq!(passes(&verifier, &bytes), same, "byte {at} of {}", genuine.len());
        bytes[at] = genuine[at];
    }
}

#[test]
fn only_dates_attributes_and_padding_of_deflate_mean_nothing() {
    let (genuine, verifier) = fixture();
    let meaningless = meaningless(&genuine);
    let mut bytes = genuine.clone();
    let mut others = 0;
    for at in 0..genuine.len() {
        bytes[at] ^= 0x80;
        let passed = passes(&verifier, &bytes);
        bytes[at] = genuine[at];
        assert!(passed || !meaningless.contains(&at), "byte {at} has a meaning");
        others += usize::from(passed && !meaningless.contains(&at));
    }
    // The last byte of a deflate stream may end in bits that belong to nothing: at most one byte a file.
    assert!(others <= contents(&genuine).unwrap().len(), "{others} bytes of no known kind");
}

#[test]
fn cut_anywhere_nothing_passes() {
    let (genuine, verifier) = fixture();
    for len in (0..genuine.len()).step_by(97).chain(genuine.len() - 60..genuine.len()) {
        assert!(!passes(&verifier, &genuine[..len]), "cut at {len}");
        assert!(!passes(&verifier, &genuine[genuine.len() - len..]), "last {len}");
    }
}

#[test]
fn zeros_are_no_package() {
    let (_, verifier) = fixture();
    for len in [1, 22, 1 << 20, 23 << 20, 25 << 20] {
        assert!(!passes(&verifier, &vec![0; len]), "{len} zeros");
    }
}

#[test]
fn xml_bombs_are_refused() {
    let world = World::new();
    let verifier = world.trust().verifier();
    let deep = |count| format!("{}{}", "<a>".repeat(count), "</a>".repeat(count));
    let many_items = format!(
        "<ofd:Annotations xmlns:ofd=\"http://www.ofdspec.org/2016\">{}</ofd:Annotations>",
        "<a/>".repeat(150_000)
    );
    let laughs = "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><l>&b;</l>".to_owned();
    let attributes = (0..5_000).map(|at| format!(" a{at}=\"\"")).collect::<String>();
    for xml in [deep(100), deep(50_000), many_items, laughs, format!("<a{attributes}/>"), "<a".to_owned()] {
        for name in [
            "Doc_0/Annots/Annotations.xml",
            "Doc_0/Signs/Signatures.xml",
            "Doc_0/Signs/Sign_0/Signature.xml",
            "OFD.xml",
        ] {
            let mut files = world.genuine();
            files.set(name, xml.as_bytes());
            assert!(!passes(&verifier, &files.zip()), "{name}: {}", &xml[..xml.len().min(60)]);
        }
    }
}

#[test]
fn entries_may_be_reordered_and_stored_without_harm() {
    let world = World::new();
    let mut raw: Vec<Raw> = raw_zip::all(&world.genuine());
    raw.reverse();
    assert!(passes(&world.trust().verifier(), &raw_zip::write(&raw)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shuffled_blocks_do_not_pass(seed in any::<u64>(), size in 16usize..600) {
        let (genuine, verifier) = fixture();
        let mut blocks: Vec<&[u8]> = genuine.chunks(size).collect();
        let (from, to) = (seed as usize % blocks.len(), (seed >> 32) as usize % blocks.len());
        prop_assume!(blocks[from] != blocks[to]);
        blocks.swap(from, to);
        prop_assert!(!passes(&verifier, &blocks.concat()));
    }

    #[test]
    fn arbitrary_bytes_do_not_pass(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let (_, verifier) = fixture();
        prop_assert!(!passes(&verifier, &bytes));
        prop_assert!(!passes(&verifier, &[b"PK\x03\x04", &bytes[..]].concat()));
    }
}
