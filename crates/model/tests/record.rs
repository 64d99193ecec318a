//! One line is one record: nothing is lost in silence, and what is wrong is said in Chinese with its place.

#![allow(clippy::unwrap_used, reason = "a test")]

use model::{FaceValue, Record};

fn read(face: &str) -> Result<Record, String> {
    let line = format!(r#"{{"record_id":"一","kind":"k","face":{face}}}"#);
    Record::from_json(&line).map_err(|error| error.to_string())
}

#[test]
fn numbers_and_null_become_text_as_json_writes_them() {
    let record = read(r#"{"A":18,"B":-2,"C":1.50,"D":null,"E":1.0}"#).unwrap();
    let texts: Vec<&str> = record.face.iter().map(|(_, value)| value.as_text().unwrap()).collect();
    assert_eq!(texts, ["18", "-2", "1.5", "", "1.0"]);
}

#[test]
fn lists_and_rows_keep_their_order() {
    let record = read(r#"{"L":["b",1],"R":[{"X":"2"},{"X":"1"}]}"#).unwrap();
    assert_eq!(record.face.get("L"), Some(&FaceValue::List(vec!["b".into(), "1".into()])));
    assert!(matches!(record.face.get("R"), Some(FaceValue::Rows(rows)) if rows[0]["X"] == "2"));
    assert_eq!(Record::from_json(std::str::from_utf8(&record.canonical()).unwrap()).unwrap(), record);
}

#[test]
fn a_name_given_twice_is_refused_in_the_face_and_in_a_row() {
    assert!(read(r#"{"A":"1","B":"2","A":"1"}"#).unwrap_err().contains("“A”写了两遍"));
    assert!(read(r#"{"R":[{"X":"1","X":"2"}]}"#).unwrap_err().contains("“X”写了两遍"));
    let line = r#"{"record_id":"1","record_id":"2","kind":"k"}"#;
    assert!(Record::from_json(line).unwrap_err().to_string().contains("“record_id”写了两遍"));
}

#[test]
fn the_place_counts_characters_and_not_bytes() {
    let shown = Record::from_json("{\"record_id\":\"甲乙丙\",\"kind\":x").unwrap_err().to_string();
    assert!(shown.contains("第 27 个字符附近不是合规的 JSON"), "{shown}");
}

#[test]
fn no_error_speaks_english() {
    let faces = [
        r#"{"A":true}"#,
        r#"{"A":{"B":1}}"#,
        r#"{"A":[[1]]}"#,
        r#"{"A":[{"B":1},2]}"#,
        r#"{"A":[{"B":[]}]}"#,
        "3",
    ];
    let lines = [
        "",
        "[]",
        "\"x\"",
        "{\"record_id\":1",
        "{\"record_id\":1}",
        "{\"kind\":\"k\"}",
        "{\"who\":1}",
        "nul",
    ];
    let shown = faces.into_iter().map(|face| read(face).unwrap_err());
    let shown = shown.chain(lines.into_iter().map(|line| Record::from_json(line).unwrap_err().to_string()));
    for text in shown {
        for word in ["expected", "invalid", "missing", "unknown", "EOF", "line", "column"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}
