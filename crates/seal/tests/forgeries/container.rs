//! The container: what two zip readers could read differently, and what would harm one.

use crate::support::raw_zip::{self, Raw};
use crate::support::{Files, World};
use crate::{Case, Forgery};

const OTHER: &[u8] = b"<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org/2016\"/>";

pub const ROWS: &[Forgery] = &[
    ("two_roots", |w| with(w, Raw::stored("OFD.xml", OTHER))),
    ("root_in_other_case", |w| with(w, Raw::stored("ofd.XML", OTHER))),
    ("file_and_folder_of_one_name", |w| with(w, Raw::stored("OFD.xml/", b""))),
    ("name_above_the_package", |w| with(w, named("../evil.xml"))),
    ("name_above_inside", |w| with(w, named("Doc_0/../OFD.xml"))),
    ("name_with_dot", |w| with(w, named("./OFD.xml"))),
    ("name_absolute", |w| with(w, named("/OFD.xml"))),
    ("name_with_backslash", |w| with(w, named("Doc_0\\Document.xml"))),
    ("name_with_drive", |w| with(w, named("C:evil.xml"))),
    ("name_with_nul", |w| with(w, named("OFD.xml\0.txt"))),
    ("name_empty_part", |w| with(w, named("Doc_0//Document.xml"))),
    ("bytes_behind_the_end", |w| Case::bytes(w, [w.genuine().zip(), b"tail".to_vec()].concat())),
    ("package_behind_the_end", |w| {
        let mut other = w.genuine();
        other.replace("Doc_0/Pages/Page_0/Content.xml", "张三", "李四");
        Case::bytes(w, [w.genuine().zip(), other.zip()].concat())
    }),
    ("bytes_before_the_first_header", |w| Case::bytes(w, [b"MZ".to_vec(), w.genuine().zip()].concat())),
    ("comment_at_the_end", |w| {
        let mut bytes = w.genuine().zip();
        let at = bytes.len() - 2;
        bytes[at] = 4;
        bytes.extend(b"note");
        Case::bytes(w, bytes)
    }),
    ("bytes_between_entries", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        raw[2].after = b"between".to_vec();
        Case::bytes(w, raw_zip::write(&raw))
    }),
    ("entry_not_in_the_directory", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        raw.insert(3, Raw { in_directory: false, ..Raw::stored("Doc_0/Document.xml", OTHER) });
        Case::bytes(w, raw_zip::write(&raw))
    }),
    ("names_disagree", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        raw[4].local_name = "Doc_0/Res/other.ttf".to_owned();
        Case::bytes(w, raw_zip::write(&raw))
    }),
    ("checksums_disagree", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        raw[4].central_crc ^= 1;
        Case::bytes(w, raw_zip::write(&raw))
    }),
    ("checksum_wrong", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        raw[0].central_crc ^= 1;
        raw[0].crc ^= 1;
        Case::bytes(w, raw_zip::write(&raw))
    }),
    ("method_unknown_to_us", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        raw[1].method = 12;
        Case::bytes(w, raw_zip::write(&raw))
    }),
    ("bomb", |w| with(w, Raw::deflated("zeros.bin", &vec![0; 8 << 20]))),
    ("bomb_that_lies", |w| {
        let bomb = Raw::deflated("Doc_0/Document.xml", &vec![b' '; 1 << 20]);
        let mut raw = raw_zip::all(&w.genuine());
        raw[1] = Raw { len: 60_000, ..bomb };
        Case::bytes(w, raw_zip::write(&raw))
    }),
    ("many_entries", |w| {
        let mut raw = raw_zip::all(&w.genuine());
        raw.extend((0..2_000).map(|at| Raw::stored(&format!("n{at}"), b"")));
        Case::bytes(w, raw_zip::write(&raw))
    }),
    ("no_root", |w| {
        let mut files = w.genuine();
        files.remove("OFD.xml");
        Case::files(w, &files)
    }),
    ("empty_package", |w| Case::files(w, &Files::default())),
    ("no_package", |w| Case::bytes(w, b"%PDF-1.7".to_vec())),
    ("nothing", |w| Case::bytes(w, Vec::new())),
];

fn with(world: &World, extra: Raw) -> Case {
    let mut raw = raw_zip::all(&world.genuine());
    raw.push(extra);
    Case::bytes(world, raw_zip::write(&raw))
}

fn named(name: &str) -> Raw {
    Raw::stored("x", OTHER).named(name)
}
