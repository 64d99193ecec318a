//! JSON lines as other systems send them.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::io::Cursor;

use catalogue::Catalogue;
use records::{Format, read};

fn rows(text: &[u8]) -> Vec<Result<(usize, String), String>> {
    let catalogue = Catalogue::builtin().unwrap();
    read(Format::Jsonl, Cursor::new(text), &catalogue)
        .map(|entry| {
            entry.map(|entry| (entry.line, entry.record.record_id)).map_err(|error| error.to_string())
        })
        .collect()
}

#[test]
fn blank_lines_a_byte_order_mark_and_crlf_are_passed_over() {
    let text = "\u{FEFF}{\"record_id\":\"1\",\"kind\":\"x\"}\r\n\r\n{\"record_id\":2,\"kind\":\"x\"}\n{\"record_id\":\"3\",\"kind\":\"x\"}";
    let rows = rows(text.as_bytes());
    assert_eq!(rows[0], Ok((1, "1".into())));
    assert!(rows[1].as_ref().unwrap_err().starts_with("第 3 行：不是合规的记录"));
    assert_eq!(rows[2], Ok((4, "3".into())));
}

#[test]
fn a_line_in_another_encoding_is_reported_alone() {
    let mut text = b"{\"record_id\":\"1\",\"kind\":\"".to_vec();
    text.extend([0xB5, 0xC0, b'"', b'}', b'\n']);
    text.extend(b"{\"record_id\":\"2\",\"kind\":\"x\"}\n");
    let rows = rows(&text);
    assert!(rows[0].as_ref().unwrap_err().contains("UTF-8"));
    assert!(rows[1].is_ok());
}

#[test]
fn a_file_without_line_ends_stops() {
    let rows = rows(&vec![b'x'; 5 * 1024 * 1024]);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].as_ref().unwrap_err().contains("4 MB"));
}

#[test]
fn formats_are_known_by_their_extension() {
    let formats = ["a.jsonl", "b.CSV", "c.xlsx", "d.xls", "csv"].map(Format::of);
    assert_eq!(formats, [Some(Format::Jsonl), Some(Format::Csv), Some(Format::Xlsx), None, None]);
}
