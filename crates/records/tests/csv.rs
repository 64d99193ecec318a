//! CSV files as people make them.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::io::Cursor;
use std::sync::LazyLock;

use catalogue::Catalogue;
use model::{FaceValue, Record};
use records::{Format, ReadError, read};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

fn rows(bytes: &[u8]) -> Vec<Result<Record, ReadError>> {
    read(Format::Csv, Cursor::new(bytes), &CATALOGUE).map(|entry| entry.map(|entry| entry.record)).collect()
}

fn only(text: &str) -> Record {
    let mut rows = rows(text.as_bytes());
    assert_eq!(rows.len(), 1);
    rows.remove(0).unwrap()
}

fn error(text: &str) -> String {
    rows(text.as_bytes()).remove(0).unwrap_err().to_string()
}

#[test]
fn chinese_names_short_names_and_field_names_mix() {
    let record =
        only("record_id,证照类型,CZZT,住址,decision.no\n1,qualification,王五,演示省,演许〔2026〕1号\n");
    assert_eq!(record.face.text("CZZT"), Some("王五"));
    assert_eq!(record.face.text("KZ_ZZ"), Some("演示省"));
    assert_eq!(record.decision.no, "演许〔2026〕1号");
}

#[test]
fn gb18030_is_found_and_decoded() {
    let text = "记录号,证照类型,持证主体\n1,道路运输从业人员从业资格证,㛃䶮·王玥\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    let records = rows(&bytes);
    assert_eq!(records[0].as_ref().unwrap().face.text("CZZT"), Some("㛃䶮·王玥"));
}

#[test]
fn a_long_utf8_file_is_not_taken_for_gb18030() {
    // Characters of three bytes, so that some block of 64 KB ends inside one.
    let text = format!("记录号,证照类型,住址\n1,qualification,{}\n", "路".repeat(70_001));
    assert_eq!(only(&text).face.text("KZ_ZZ").unwrap().chars().count(), 70_001);
}

#[test]
fn bytes_of_no_encoding_are_reported_with_their_column() {
    let mut bytes = "record_id,kind,CZZT\n1,qualification,".as_bytes().to_vec();
    bytes.extend([0xFF, b'\n']);
    let error = rows(&bytes).remove(0).unwrap_err().to_string();
    assert!(error.contains("第 2 行“CZZT”列"), "{error}");
}

#[test]
fn list_columns_keep_their_order_and_skip_blanks() {
    let record = only(
        "记录号,证照类型,经营范围2,经营范围1,经营范围10,经营范围3\n1,operation-licence,02201,02101,06201,\n",
    );
    let list = ["02101", "02201", "06201"].map(str::to_owned).to_vec();
    assert_eq!(record.face.get("KZ_JYFW"), Some(&FaceValue::List(list)));
}

#[test]
fn one_list_column_is_split_at_its_separators() {
    let record = only("记录号,证照类型,经营范围\n1,operation-licence,02101、02201；06201\n");
    let list = ["02101", "02201", "06201"].map(str::to_owned).to_vec();
    assert_eq!(record.face.get("KZ_JYFW"), Some(&FaceValue::List(list)));
}

#[test]
fn group_columns_take_any_separator_that_a_keyboard_has() {
    for separator in ["·", "-", "_", ".", "．", "•"] {
        let text = format!(
            "记录号,证照类型,从业资格1{separator}类别,从业资格2{separator}类别,KZ_CYZG2{separator}YXQZ\n\
             1,qualification,01001,02001,2027/6/1\n"
        );
        let record = only(&text);
        let Some(FaceValue::Rows(rows)) = record.face.get("KZ_CYZG") else { panic!("{separator}") };
        assert_eq!((rows[0]["LB"].as_str(), rows[1]["LB"].as_str()), ("01001", "02001"));
        assert_eq!(rows[1]["YXQZ"], "2027-06-01");
    }
}

#[test]
fn the_holder_may_stand_under_the_name_of_the_face() {
    assert_eq!(only("记录号,证照类型,姓名\n1,qualification,王五\n").face.text("CZZT"), Some("王五"));
}

#[test]
fn an_unknown_header_names_the_closest_one_and_stops() {
    let rows = rows("记录号,证照类型,持证主题\n1,qualification,王五\n2,qualification,李四\n".as_bytes());
    assert_eq!(rows.len(), 1);
    let error = rows[0].as_ref().unwrap_err().to_string();
    assert!(error.contains("持证主题") && error.contains("最接近的是“持证主体”"), "{error}");
}

#[test]
fn a_bad_line_does_not_stop_the_others() {
    let rows = rows("记录号,证照类型\n1,qualification\n2,nothing\n3,\n4,taxi-driver\n".as_bytes());
    let good: Vec<_> =
        rows.iter().filter_map(|row| row.as_ref().ok()).map(|record| record.record_id.as_str()).collect();
    assert_eq!(good, ["1", "4"]);
    assert!(rows[1].as_ref().unwrap_err().to_string().starts_with("第 3 行"));
}

#[test]
fn the_line_number_counts_lines_inside_quotes() {
    let rows: Vec<_> = read(
        Format::Csv,
        Cursor::new("记录号,证照类型,住址\n1,qualification,\"a\nb\"\n2,qualification,c\n"),
        &CATALOGUE,
    )
    .map(|entry| entry.unwrap().line)
    .collect();
    assert_eq!(rows, [2, 4]);
}

#[test]
fn a_number_that_excel_has_shortened_is_refused() {
    let error = error("记录号,证照类型,持证主体代码\n1,qualification,1.10E+17\n");
    assert!(error.contains("第 2 行“持证主体代码”列") && error.contains("文本格式"), "{error}");
}

#[test]
fn formulas_that_were_neutralised_come_back() {
    assert_eq!(only("记录号,证照类型,住址\n1,qualification,'=1+1\n").face.text("KZ_ZZ"), Some("=1+1"));
}

#[test]
fn an_item_of_another_kind_is_refused_where_it_is_filled() {
    let rows = rows("记录号,证照类型,车辆号牌\n1,qualification,演A12345\n2,qualification,\n".as_bytes());
    assert!(rows[0].as_ref().unwrap_err().to_string().contains("车辆号牌"));
    assert!(rows[1].is_ok());
}

#[test]
fn two_columns_for_one_item_are_refused() {
    let error = error("记录号,证照类型,持证主体,CZZT\n1,qualification,王五,李四\n");
    assert!(error.contains("是同一项"), "{error}");
}

#[test]
fn an_empty_file_has_no_header() {
    assert!(error("\n\n").contains("没有表头"));
    assert!(error("记录号,持证主体\n").contains("证照类型"));
}
