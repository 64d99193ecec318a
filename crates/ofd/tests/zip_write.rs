//! The writer: exact, deterministic, and read back by the strict reader.
#![allow(clippy::unwrap_used)] // a test that cannot go on should fail

use ofd::Limits;
use ofd::zip::{Archive, Deflater, Entry, Method, NameRule, ZipError, write, write_into};
use proptest::prelude::*;

#[test]
fn entries_come_back_in_order_with_their_bytes() {
    let text = "<a>证照</a>".repeat(50);
    let entries = [Entry::deflated("z.xml", text.as_bytes(), 1), Entry::stored("a/b.png", b"png")];
    let bytes = write(&entries).unwrap();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(archive.names().collect::<Vec<_>>(), ["z.xml", "a/b.png"]);
    assert_eq!(&*archive.read("z.xml").unwrap(), text.as_bytes());
    assert_eq!(&*archive.read("a/b.png").unwrap(), b"png");
}

#[test]
fn equal_entries_give_equal_bytes_and_a_clean_buffer_is_not_needed() {
    let entries = [Entry::stored("a", b"1"), Entry::stored("b", b"2")];
    let mut buffer = b"left over".to_vec();
    write_into(&mut buffer, &entries).unwrap();
    assert_eq!(buffer, write(&entries).unwrap());
}

#[test]
fn a_stored_package_has_exactly_these_bytes() {
    let bytes = write(&[Entry::stored("a", b"1")]).unwrap();
    let crc = [0xb7, 0xef, 0xdc, 0x83];
    let mut expected = b"PK\x03\x04\x14\0\0\x08\0\0\0\0\x21\0".to_vec();
    expected.extend(crc);
    expected.extend(b"\x01\0\0\0\x01\0\0\0\x01\0\0\0a1");
    expected.extend(b"PK\x01\x02\x14\0\x14\0\0\x08\0\0\0\0\x21\0");
    expected.extend(crc);
    expected.extend(b"\x01\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a");
    expected.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0\x20\0\0\0\0\0");
    assert_eq!(bytes, expected);
}

#[test]
fn deflate_that_does_not_shrink_is_stored() {
    assert_eq!(Entry::deflated("a", b"xyz", 9).method(), Method::Store);
    assert_eq!(Entry::deflated("a", b"", 9).method(), Method::Store);
}

#[test]
fn a_kept_deflater_gives_the_same_as_a_fresh_one() {
    let text = "道路运输".repeat(100);
    let mut kept = Deflater::new(6);
    kept.entry("first", b"something else something else something else");
    let again = kept.entry("a", text.as_bytes());
    assert_eq!(again.data(), Entry::deflated("a", text.as_bytes(), 6).data());
}

#[test]
fn an_entry_taken_over_keeps_its_stored_bytes() {
    let entry = Entry::deflated("a", &[b'x'; 500], 6);
    let bytes = write(std::slice::from_ref(&entry)).unwrap();
    let taken = Archive::open(&bytes, &Limits::default()).unwrap().entry("a").unwrap();
    assert_eq!((taken.data(), taken.crc32(), taken.method()), (entry.data(), entry.crc32(), entry.method()));
}

#[test]
fn names_the_reader_would_refuse_are_not_written() {
    let bad = write(&[Entry::stored("../a", b"")]);
    assert_eq!(bad, Err(ZipError::BadName { name: "../a".into(), rule: NameRule::DotSegment }));
    let twice = write(&[Entry::stored("a", b""), Entry::stored("A", b"")]);
    assert!(matches!(twice, Err(ZipError::CaseClash { .. })));
    assert!(matches!(write(&[Entry::stored("a/", b"x")]), Err(ZipError::FolderNotEmpty { .. })));
}

#[test]
fn too_many_entries_for_the_format_are_refused() {
    let entries: Vec<Entry> = (0..65_535).map(|i| Entry::stored(&i.to_string(), b"")).collect();
    assert!(matches!(write(&entries), Err(ZipError::TooLargeToWrite { entries: 65_535, .. })));
}

proptest! {
    #[test]
    fn any_contents_at_any_level_round_trip(
        files in prop::collection::btree_map("[a-z]{1,8}", prop::collection::vec(0u8..4, 0..2000), 1..6),
        level in 0u32..=9,
    ) {
        let entries: Vec<Entry> = files.iter().map(|(n, b)| Entry::deflated(n, b, level)).collect();
        let bytes = write(&entries).unwrap();
        let archive = Archive::open(&bytes, &Limits::default()).unwrap();
        for (name, contents) in &files {
            prop_assert_eq!(&*archive.read(name).unwrap(), contents.as_slice());
        }
    }
}
