//! The lists that a clerk gets.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use catalogue::Catalogue;
use model::{Finding, Severity};
use records::{write_findings_jsonl, write_findings_xlsx};

fn finding() -> Finding {
    Finding {
        record_id: "S7-000001".into(),
        item: "CZZTDM".into(),
        item_name: "持证主体代码".into(),
        rule: "CHECK_DIGIT".into(),
        severity: Severity::Error,
        what: "校验码不符".into(),
        fix: "请核对".into(),
    }
}

#[test]
fn a_workbook_lists_findings_with_the_name_of_the_rule() {
    let catalogue = Catalogue::builtin().unwrap();
    let mut bytes = Vec::new();
    write_findings_xlsx(&mut bytes, &[finding()], &catalogue.rules).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range("核查结果").unwrap();
    let row: Vec<_> = range.rows().nth(1).unwrap().iter().map(Data::to_string).collect();
    let expected =
        ["S7-000001", "CZZTDM", "持证主体代码", "CHECK_DIGIT", "校验码错误", "错误", "校验码不符", "请核对"];
    assert_eq!(row, expected);
}

#[test]
fn json_lines_carry_the_fields_of_a_finding() {
    let mut bytes = Vec::new();
    write_findings_jsonl(&mut bytes, &[finding(), finding()]).unwrap();
    let lines: Vec<Finding> =
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, [finding(), finding()]);
}
