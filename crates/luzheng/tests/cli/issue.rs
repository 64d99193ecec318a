//! `luzheng issue`: what comes in, what comes out, what it says.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use serde_json::json;

use crate::bench::{Bench, keys};
use crate::records::{clean, findings, put};

#[test]
fn clean_records_end_with_0_and_wrong_ones_with_2() {
    let bench = Bench::with_sample(18, 1);
    put(&bench, "s/a.jsonl", &clean(&bench, "taxi-driver"));
    assert_eq!(bench.issue("s/a.jsonl", "o", &[]).code, Some(0));
    let mut records = clean(&bench, "taxi-driver");
    records[0]["face"].as_object_mut().unwrap().remove("CZZT");
    put(&bench, "s/b.jsonl", &records);
    assert_eq!(bench.issue("s/b.jsonl", "p", &[]).code, Some(2));
}

#[test]
fn what_cannot_run_ends_with_1_and_says_why() {
    let bench = Bench::with_sample(9, 1);
    bench.write("empty/readme.txt", "");
    bench.write("old.xls", "");
    let cases =
        [("nowhere", "没有“nowhere”"), ("empty", "没有记录文件"), ("old.xls", "不是 jsonl、csv 或 xlsx")];
    for (input, says) in cases {
        let error = bench.fails(&["issue", "--in", input, "--keys", keys(), "--out", "o"]);
        assert!(error.contains(says), "{error}");
    }
    let error = bench.fails(&["issue", "--in", "s", "--keys", "nokeys", "--out", "o"]);
    assert!(error.contains("不是密钥目录"), "{error}");
    let error = bench.fails(&["issue", "--in", "s", "--keys", keys(), "--out", "s/truth.jsonl"]);
    assert!(error.contains("s/truth.jsonl"), "{error}");
}

#[test]
fn the_two_findings_files_say_the_same() {
    let bench = Bench::with_sample(300, 7);
    assert_eq!(bench.issue("s", "o", &[]).code, Some(2));
    let lines = bench.lines("o/findings.jsonl");
    assert!(lines.len() >= 9, "{lines:?}");
    for line in &lines {
        for field in ["record_id", "item", "item_name", "rule", "what", "fix"] {
            assert!(line[field].as_str().is_some_and(|text| !text.is_empty()), "{field} of {line}");
        }
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bench.read("o/findings.xlsx"))).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<[String; 4]> =
        sheet.rows().skip(1).map(|row| [0, 3, 6, 7].map(|column| row[column].to_string())).collect();
    let expected: Vec<[String; 4]> = lines
        .iter()
        .map(|line| {
            ["record_id", "rule", "what", "fix"].map(|field| line[field].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(rows, expected);
}

/// Metadata of all certificates without what the clock sets.
fn metadata(bench: &Bench, folder: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let timed = ["DocID", "CreationDate", "ZZQZSJ"];
    let one = |file: &String| {
        let mut all = bench.metadata(file);
        all.retain(|(name, _)| !timed.contains(&name.as_str()));
        (file[folder.len()..].to_owned(), all)
    };
    bench.certificates(folder).iter().map(one).collect()
}

#[test]
fn every_format_gives_the_same_certificates() {
    let bench = Bench::with_sample(18, 7);
    for format in ["csv", "xlsx"] {
        bench.ok(&["sample", "--count", "18", "--seed", "7", "--format", format, "--out", format]);
    }
    for name in bench.files("csv") {
        let target = name.replace("csv/", "gbk/");
        let bytes = bench.read(&name);
        match name.ends_with(".csv") {
            false => bench.write(&target, bytes),
            true => {
                let text = String::from_utf8(bytes).unwrap();
                let (encoded, _, lost) = encoding_rs::GB18030.encode(text.trim_start_matches('\u{feff}'));
                assert!(!lost);
                bench.write(&target, &encoded);
            }
        }
    }
    let code = bench.issue("s", "o-s", &[]).code;
    let expected = metadata(&bench, "o-s");
    assert!(expected.len() >= 20, "{}", expected.len());
    for format in ["csv", "gbk", "xlsx"] {
        let out = format!("o-{format}");
        assert_eq!(bench.issue(format, &out, &[]).code, code, "{format}");
        assert_eq!(metadata(&bench, &out), expected, "{format}");
    }
}

#[test]
fn an_identifier_stands_under_its_kind_and_month() {
    let bench = Bench::with_sample(9, 1);
    assert_eq!(bench.issue("s", "o", &[]).code, Some(0));
    for file in bench.certificates("o") {
        let parts: Vec<&str> = file.split('/').collect();
        let [_, kind, year, month, name] = parts[..] else { panic!("{file}") };
        assert!(bench.file(&format!("s/{kind}.jsonl")).is_file(), "{file}");
        assert!(year.len() == 4 && month.len() == 2 && name.starts_with("1.2.156.3005.2."), "{file}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_a_finding_and_the_others_are_issued() {
    let bench = Bench::with_sample(18, 1);
    let records = clean(&bench, "taxi-driver");
    let text = format!("{}\n{{\"record_id\": 1\nnot json\n\n{}\n", records[0], records[1]);
    bench.write("s/mixed.jsonl", text);
    let said = bench.issue("s/mixed.jsonl", "o", &[]);
    assert_eq!(said.code, Some(2), "{}{}", said.out, said.err);
    assert_eq!(bench.certificates("o").len(), 2);
    let rules = findings(&bench, "o");
    let expected = [("mixed.jsonl#2", "RECORD_SHAPE"), ("mixed.jsonl#3", "RECORD_SHAPE")];
    assert_eq!(rules, expected.map(|(record, rule)| (record.to_owned(), rule.to_owned())));
}

#[test]
fn a_second_run_issues_nothing_more_and_ends_the_same() {
    let bench = Bench::with_sample(90, 7);
    let everything = || {
        let names = bench.files("o").into_iter().filter(|name| !name.ends_with(".xlsx"));
        names.map(|name| (name.clone(), bench.read(&name))).collect::<BTreeMap<_, _>>()
    };
    let first = bench.issue("s", "o", &[]);
    let before = everything();
    let second = bench.issue("s", "o", &[]);
    assert_eq!(first.code, second.code);
    assert!(second.out.contains("制发 0 张"), "{}", second.out);
    assert!(everything() == before);
}

#[test]
fn a_record_that_changed_after_issue_is_refused() {
    let bench = Bench::with_sample(18, 1);
    let mut records = clean(&bench, "taxi-driver");
    put(&bench, "s/a.jsonl", &records);
    assert_eq!(bench.issue("s/a.jsonl", "o", &[]).code, Some(0));
    let before = bench.certificates("o");
    records[0]["face"]["KZ_ZZ"] = json!("演示省甲演市搬家路1号");
    put(&bench, "s/a.jsonl", &records);
    assert_eq!(bench.issue("s/a.jsonl", "o", &[]).code, Some(2));
    let id = records[0]["record_id"].as_str().unwrap().to_owned();
    assert_eq!(findings(&bench, "o"), [(id, "RECORD_CHANGED".to_owned())]);
    assert_eq!(bench.certificates("o"), before);
}

#[test]
fn the_same_record_twice_in_one_file_is_one_certificate() {
    let bench = Bench::with_sample(18, 1);
    let record = clean(&bench, "taxi-driver").remove(0);
    put(&bench, "s/a.jsonl", &[record.clone(), record]);
    let said = bench.issue("s/a.jsonl", "o", &[]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(bench.certificates("o").len(), 1);
}

#[test]
fn two_contents_under_one_record_number_are_one_certificate_and_a_finding() {
    let bench = Bench::with_sample(18, 1);
    let record = clean(&bench, "taxi-driver").remove(0);
    let mut other = record.clone();
    other["face"]["KZ_ZZ"] = json!("演示省甲演市搬家路1号");
    put(&bench, "s/a.jsonl", &[record, other]);
    assert_eq!(bench.issue("s/a.jsonl", "o", &[]).code, Some(2));
    assert_eq!(bench.certificates("o").len(), 1);
    assert_eq!(findings(&bench, "o")[0].1, "RECORD_CHANGED");
}

#[test]
fn a_day_that_the_code_cannot_hold_is_a_finding_and_stops_nobody_else() {
    let bench = Bench::with_sample(18, 1);
    let mut records = clean(&bench, "operation-licence");
    records[0]["face"]["ZZBFRQ"] = json!("1999-12-31");
    let wrong = records[0]["record_id"].as_str().unwrap().to_owned();
    put(&bench, "s/a.jsonl", &records[..2]);
    let said = bench.issue("s/a.jsonl", "o", &[]);
    assert_eq!(said.code, Some(2), "{}{}", said.out, said.err);
    assert!(findings(&bench, "o").iter().all(|(record, _)| *record == wrong));
    assert_eq!(bench.certificates("o").len(), 2, "正本 and 副本 of the other record");
}

#[test]
fn a_photo_outside_the_folder_of_its_records_is_not_read() {
    let bench = Bench::with_sample(18, 1);
    let mut record = clean(&bench, "taxi-driver").remove(0);
    let photo = bench.read(&format!("s/{}", record["photo"].as_str().unwrap()));
    bench.write("secret.jpg", photo);
    record["photo"] = json!("../secret.jpg");
    put(&bench, "s/a.jsonl", &[record]);
    assert_eq!(bench.issue("s/a.jsonl", "o", &[]).code, Some(2));
    assert_eq!(findings(&bench, "o")[0].1, "PHOTO_DAMAGED");
}

#[test]
fn a_number_rule_without_area_and_year_gives_no_number_twice() {
    let bench = Bench::with_sample(18, 1);
    let rule = r#"rules = [{ kinds = ["*"], serial = "X{counter:6}", valid_from = "2019-01-01" }]"#;
    bench.write("data/number-rules.toml", rule);
    let mut records = clean(&bench, "operation-licence");
    for (record, area) in records.iter_mut().zip(["990000", "990100"]) {
        record["authority_uscc"] = json!("11990000MB0000000J");
        record["area"] = json!(area);
    }
    put(&bench, "s/a.jsonl", &records[..2]);
    let said = bench.issue("s/a.jsonl", "o", &["--data", "data"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(bench.certificates("o").len(), 4);
}
