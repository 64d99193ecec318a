//! Every way a container can lie, and the refusal that names it.
#![allow(clippy::unwrap_used)] // a test that cannot go on should fail

mod support;

use ofd::Limits;
use ofd::zip::{Archive, Entry, NameRule, ZipError, write};
use support::{RawEntry, raw_zip};

fn open(bytes: &[u8]) -> Result<(), ZipError> {
    Archive::open(bytes, &Limits::default())?.check_all()
}

fn refused(bytes: &[u8]) -> ZipError {
    open(bytes).expect_err("must be refused")
}

/// Two stored files, the first changed by `edit`.
fn with(edit: impl FnOnce(&mut RawEntry)) -> Vec<u8> {
    let mut entries = [RawEntry::stored("a.xml", b"alpha"), RawEntry::stored("b.xml", b"beta")];
    edit(&mut entries[0]);
    raw_zip(&entries, |_| {})
}

fn named(name: &str) -> ZipError {
    refused(&with(|e| {
        e.name = name.into();
        e.local_name = name.into();
    }))
}

const TEXT: &[u8] = b"the same words the same words the same words the same words";

#[test]
fn the_untouched_container_opens() {
    assert_eq!(open(&with(|_| {})), Ok(()));
}

#[test]
#[allow(clippy::disallowed_methods)] // the time it takes is what is tested
fn zeros_are_no_zip_and_are_refused_at_once() {
    let zeros = vec![0; 100 << 20];
    let before = std::time::Instant::now();
    assert_eq!(refused(&zeros), ZipError::NotZip);
    assert!(before.elapsed().as_millis() < 500);
}

#[test]
fn short_and_empty_inputs_are_no_zip() {
    assert_eq!(refused(b""), ZipError::NotZip);
    assert_eq!(refused(b"PK"), ZipError::NoEnd);
    assert_eq!(refused(&write(&[]).unwrap()), ZipError::Empty);
}

#[test]
fn a_package_over_the_limit_is_refused() {
    let limits = Limits { package_bytes: 100, ..Limits::default() };
    let bytes = with(|_| {});
    assert!(matches!(Archive::open(&bytes, &limits), Err(ZipError::PackageTooLarge { limit: 100, .. })));
}

#[test]
fn bytes_in_front_are_refused() {
    let mut bytes = b"#!/bin/sh\n".to_vec();
    bytes.extend(with(|_| {}));
    assert_eq!(refused(&bytes), ZipError::LeadingBytes { count: 10 });
}

#[test]
fn bytes_in_front_are_refused_even_when_offsets_allow_for_them() {
    let entries = [RawEntry { offset: Some(10), ..RawEntry::stored("a.xml", b"alpha") }];
    let mut bytes = b"#!/bin/sh\n".to_vec();
    bytes.extend(raw_zip(&entries, |end| end[5] += 10));
    assert_eq!(refused(&bytes), ZipError::LeadingBytes { count: 10 });
}

#[test]
fn bytes_after_the_end_record_are_refused() {
    let mut bytes = with(|_| {});
    bytes.extend(b"more");
    assert_eq!(refused(&bytes), ZipError::TrailingBytes { count: 4 });
}

#[test]
fn an_archive_comment_is_refused() {
    let mut bytes = with(|_| {});
    let at = bytes.len() - 2;
    bytes[at] = 2;
    bytes.extend(b"hi");
    assert_eq!(refused(&bytes), ZipError::TrailingBytes { count: 2 });
}

#[test]
fn a_truncated_container_has_no_end() {
    let bytes = with(|_| {});
    assert_eq!(refused(&bytes[..60]), ZipError::NoEnd);
}

#[test]
fn a_wrong_count_or_place_of_the_directory_is_refused() {
    let entries = [RawEntry::stored("a.xml", b"alpha")];
    for edit in
        [|e: &mut [u32; 6]| (e[2], e[3]) = (2, 2), |e: &mut [u32; 6]| e[4] -= 1, |e: &mut [u32; 6]| e[5] += 1]
    {
        let error = refused(&raw_zip(&entries, edit));
        assert!(matches!(error, ZipError::DirectoryMismatch { .. }), "{error:?}");
    }
}

#[test]
fn several_disks_are_refused() {
    let entries = [RawEntry::stored("a.xml", b"alpha")];
    assert_eq!(refused(&raw_zip(&entries, |e| e[0] = 1)), ZipError::MultiDisk);
    assert_eq!(refused(&with(|e| e.disk = 1)), ZipError::MultiDisk);
}

#[test]
fn zip64_is_refused_in_each_of_its_places() {
    let entries = [RawEntry::stored("a.xml", b"alpha")];
    let marks = [
        raw_zip(&entries, |e| (e[2], e[3]) = (0xffff, 0xffff)),
        with(|e| e.size = u32::MAX),
        with(|e| e.extra = vec![1, 0, 0, 0]),
        with(|e| e.local_extra = vec![1, 0, 0, 0]),
    ];
    for bytes in marks {
        assert!(matches!(refused(&bytes), ZipError::Zip64 { .. }));
    }
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let mut entries = [RawEntry::stored("a.xml", b"alpha"), RawEntry::stored("a.xml", b"alpha")];
    entries[1].name = b"b.xml".to_vec();
    entries[1].local_name = b"b.xml".to_vec();
    entries[0].packed = 6;
    entries[0].size = 6;
    entries[0].local_packed = 6;
    entries[0].local_size = 6;
    assert_eq!(refused(&raw_zip(&entries, |_| {})), ZipError::Overlap { name: "a.xml".into() });
}

#[test]
fn bytes_between_entries_are_refused() {
    let error = refused(&with(|e| e.tail = b"hidden".to_vec()));
    assert_eq!(error, ZipError::Gap { name: "a.xml".into(), count: 6 });
}

#[test]
fn an_entry_missing_from_the_directory_is_refused() {
    let entries = [
        RawEntry::stored("a.xml", b"alpha"),
        RawEntry { unlisted: true, ..RawEntry::stored("ghost.xml", b"boo") },
        RawEntry::stored("b.xml", b"beta"),
    ];
    let error = refused(&raw_zip(&entries, |_| {}));
    assert_eq!(error, ZipError::Hidden { name: "ghost.xml".into(), offset: 40 });
    let first = refused(&with(|e| e.unlisted = true));
    assert_eq!(first, ZipError::Hidden { name: "a.xml".into(), offset: 0 });
}

#[test]
fn a_local_header_must_say_what_the_directory_says() {
    let field = |bytes: &[u8]| match refused(bytes) {
        ZipError::HeaderMismatch { name, field } if name == "a.xml" => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&with(|e| e.local_name = b"z.xml".to_vec())), "文件名");
    assert_eq!(field(&with(|e| e.local_flags = 0)), "标志位");
    assert_eq!(field(&with(|e| e.local_method = 8)), "压缩方法");
    assert_eq!(field(&with(|e| e.local_crc ^= 1)), "CRC-32");
    assert_eq!(field(&with(|e| e.local_size += 1)), "长度");
    assert_eq!(field(&with(|e| e.local_packed = 0)), "长度");
}

#[test]
fn a_stored_entry_has_one_length() {
    let error = refused(&with(|e| (e.size, e.local_size) = (4, 4)));
    assert!(matches!(error, ZipError::HeaderMismatch { field: "长度", .. }));
}

#[test]
fn an_offset_that_hits_no_header_is_refused() {
    assert_eq!(refused(&with(|e| e.offset = Some(3))), ZipError::BadLocalHeader { name: "a.xml".into() });
}

#[test]
fn equal_names_are_refused() {
    let error = named("b.xml");
    assert_eq!(error, ZipError::DuplicateName { name: "b.xml".into() });
}

#[test]
fn names_that_differ_in_case_only_are_refused() {
    let error = named("B.XML");
    assert!(matches!(error, ZipError::CaseClash { .. }), "{error:?}");
}

#[test]
fn unsafe_names_are_refused_with_their_rule() {
    let rules = [
        ("../a.xml", NameRule::DotSegment),
        ("x/../a", NameRule::DotSegment),
        ("./a", NameRule::DotSegment),
        ("/a.xml", NameRule::Absolute),
        ("a\\b", NameRule::Backslash),
        ("C:a", NameRule::Drive),
        ("a\0b", NameRule::Control),
        ("a//b", NameRule::EmptySegment),
        ("", NameRule::EmptySegment),
    ];
    for (name, rule) in rules {
        assert_eq!(named(name), ZipError::BadName { name: name.into(), rule });
    }
    let error = refused(&with(|e| e.name = vec![0xff, 0xfe]));
    assert!(matches!(error, ZipError::BadName { rule: NameRule::Utf8, .. }));
}

#[test]
fn a_folder_may_be_listed_but_must_be_empty() {
    let empty = [RawEntry::stored("Doc_0/", b""), RawEntry::stored("Doc_0/a", b"x")];
    let bytes = raw_zip(&empty, |_| {});
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(archive.names().collect::<Vec<_>>(), ["Doc_0/a"]);
    let full = [RawEntry::stored("Doc_0/", b"x")];
    assert_eq!(refused(&raw_zip(&full, |_| {})), ZipError::FolderNotEmpty { name: "Doc_0/".into() });
}

#[test]
fn encryption_is_refused() {
    for bit in [0, 6, 13] {
        let error = refused(&with(|e| e.flags |= 1 << bit));
        assert_eq!(error, ZipError::Encrypted { name: "a.xml".into() });
    }
}

#[test]
fn unknown_flags_methods_and_comments_are_refused() {
    assert!(matches!(refused(&with(|e| e.flags |= 1 << 5)), ZipError::UnknownFlag { .. }));
    assert!(matches!(refused(&with(|e| e.method = 12)), ZipError::UnknownMethod { method: 12, .. }));
    assert!(matches!(refused(&with(|e| e.comment = b"hi".to_vec())), ZipError::EntryComment { .. }));
}

#[test]
fn extra_fields_must_be_whole_and_rename_nothing() {
    assert_eq!(open(&with(|e| e.extra = vec![0x55, 0x54, 1, 0, 9])), Ok(()));
    for extra in [vec![0x55, 0x54, 9, 0, 1], vec![0x75, 0x70, 0, 0], vec![1, 2, 3]] {
        assert!(matches!(refused(&with(|e| e.extra = extra)), ZipError::BadExtra { .. }));
    }
}

#[test]
fn limits_on_count_size_total_and_ratio_hold() {
    let bytes = with(|_| {});
    let error = |limits: Limits| Archive::open(&bytes, &limits).map(drop).unwrap_err();
    let base = Limits::default;
    assert!(matches!(
        error(Limits { entries: 1, ..base() }),
        ZipError::TooManyEntries { count: 2, limit: 1 }
    ));
    assert!(matches!(error(Limits { entry_bytes: 4, ..base() }), ZipError::EntryTooLarge { size: 5, .. }));
    assert!(matches!(error(Limits { total_bytes: 8, ..base() }), ZipError::TotalTooLarge { size: 9, .. }));
    let bomb = write(&[Entry::deflated("bomb", &vec![0; 1 << 20], 9)]).unwrap();
    assert_eq!(refused(&bomb), ZipError::Ratio { name: "bomb".into(), limit: 200 });
}

#[test]
fn a_bomb_that_lies_about_its_size_stops_at_the_size_it_declared() {
    let zeros = Entry::deflated("bomb", &vec![0; 8 << 20], 9);
    let mut entry = RawEntry::packed("bomb", 8, &[0; 100], zeros.data());
    entry.size = 100;
    entry.local_size = 100;
    assert_eq!(refused(&raw_zip(&[entry], |_| {})), ZipError::EndsLate { name: "bomb".into() });
}

#[test]
fn java_descriptors_are_accepted_with_and_without_signature() {
    for signature in [true, false] {
        let entries =
            [RawEntry::deflated("a", TEXT).with_descriptor(signature), RawEntry::stored("b", b"beta")];
        let bytes = raw_zip(&entries, |_| {});
        let archive = Archive::open(&bytes, &Limits::default()).unwrap();
        assert_eq!(&*archive.read("a").unwrap(), TEXT);
    }
}

#[test]
fn a_descriptor_that_disagrees_or_carries_more_is_refused() {
    let mut wrong = RawEntry::deflated("a", TEXT).with_descriptor(true);
    wrong.tail[4] ^= 1;
    let mut long = RawEntry::deflated("a", TEXT).with_descriptor(true);
    long.tail.push(0);
    let mut none = RawEntry::deflated("a", TEXT).with_descriptor(true);
    none.tail.clear();
    for entry in [wrong, long, none] {
        assert_eq!(refused(&raw_zip(&[entry], |_| {})), ZipError::BadDescriptor { name: "a".into() });
    }
}

#[test]
fn a_deflate_stream_must_end_exactly_with_its_entry() {
    let good = RawEntry::deflated("a", TEXT);
    let mut short = RawEntry::packed("a", 8, TEXT, &good.data[..good.data.len() - 2]);
    assert_eq!(refused(&raw_zip(&[short.clone()], |_| {})), ZipError::EndsEarly { name: "a".into() });
    let longer = [good.data.as_slice(), b"zz"].concat();
    let late = RawEntry::packed("a", 8, TEXT, &longer);
    assert_eq!(refused(&raw_zip(&[late], |_| {})), ZipError::EndsLate { name: "a".into() });
    short = good.clone();
    short.size += 1;
    short.local_size += 1;
    assert_eq!(refused(&raw_zip(&[short], |_| {})), ZipError::EndsEarly { name: "a".into() });
    let mut less = good.clone();
    less.size -= 1;
    less.local_size -= 1;
    assert_eq!(refused(&raw_zip(&[less], |_| {})), ZipError::EndsLate { name: "a".into() });
    let broken = RawEntry::packed("a", 8, TEXT, &[0xff; 20]);
    assert_eq!(refused(&raw_zip(&[broken], |_| {})), ZipError::BadDeflate { name: "a".into() });
}

#[test]
fn a_wrong_checksum_is_refused() {
    let error = refused(&with(|e| (e.crc, e.local_crc) = (7, 7)));
    assert_eq!(error, ZipError::CrcMismatch { name: "a.xml".into() });
}

#[test]
fn lookup_is_exact() {
    let bytes = with(|_| {});
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    assert!(archive.contains("a.xml") && !archive.contains("A.xml") && !archive.contains("/a.xml"));
    assert_eq!(archive.read("none"), Err(ZipError::NotFound { name: "none".into() }));
}
