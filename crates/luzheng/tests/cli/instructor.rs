//! A province adds a tenth kind, 教练员证, with data files alone (`tests/data/instructor`).

use serde_json::{Value, json};

use crate::bench::{Bench, keys};
use crate::records::{clean, findings, put};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/instructor");

/// A record of the new kind, with the person and the photo of a sample's taxi driver.
fn record(bench: &Bench) -> Value {
    let mut drivers = clean(bench, "taxi-driver").into_iter();
    let mut record = drivers.find(|one| one["face"]["CZZTDMLXDM"] == "111").unwrap();
    let old = record["face"].take();
    let keep = ["CZZT", "CZZTDM", "CZZTDMLXDM", "KZ_XB", "KZ_CSRQ"];
    let mut face: serde_json::Map<String, Value> =
        keep.iter().map(|item| ((*item).to_owned(), old[*item].clone())).collect();
    face.extend([
        ("ZZBH".to_owned(), json!("演教证990100000001号")),
        ("ZZBFRQ".to_owned(), json!("2026-05-01")),
        ("ZZYXQQSRQ".to_owned(), json!("2026-05-01")),
        ("ZZYXQJZRQ".to_owned(), json!("2032-04-30")),
        ("KZ_JLLB".to_owned(), json!(["01", "02"])),
        ("KZ_ZJCX".to_owned(), json!(["C1", "C2"])),
        ("KZ_PXJG".to_owned(), json!("演示省安途驾驶培训学校")),
    ]);
    record["kind"] = json!("机动车驾驶培训教练员证");
    record["face"] = Value::Object(face);
    record
}

fn bench() -> Bench {
    Bench::with_sample(45, 1)
}

#[test]
fn the_tenth_kind_is_listed_checked_and_shown() {
    let bench = Bench::new();
    let list = bench.ok(&["catalogue", "list", "--data", DATA]);
    assert_eq!(list.lines().count(), 10, "{list}");
    assert!(
        list.contains("11990000MB0000000J901　instructor　机动车驾驶培训教练员证　版本 2026.1（示意"),
        "{list}"
    );
    assert!(bench.ok(&["catalogue", "check", DATA]).contains("共 10 个类型"));
    assert!(bench.ok(&["catalogue", "show", "instructor", "--data", DATA]).contains("教练员类别"));
    let diff = bench.ok(&["catalogue", "diff", "-", DATA]);
    assert!(diff.starts_with("新增 机动车驾驶培训教练员证") && diff.lines().count() == 1, "{diff}");
}

#[test]
fn a_certificate_of_the_tenth_kind_is_issued_verified_and_read() {
    let bench = bench();
    put(&bench, "s/one.jsonl", &[record(&bench)]);
    let said = bench.issue("s/one.jsonl", "o", &["--data", DATA]);
    assert_eq!(said.code, Some(0), "{}{:?}", said.out, findings(&bench, "o"));
    let files = bench.certificates("o");
    assert_eq!(files.len(), 1);
    assert!(files[0].starts_with("o/instructor/"), "{files:?}");
    // Verification needs none of the province's data: what the seal covers is in the file.
    assert_eq!(bench.verdicts(keys(), "o")[0]["verdict"], "有效");
    let text = bench.ok(&["show", &files[0], "--text"]);
    for value in [
        "理论教练员、驾驶操作教练员",
        "小型汽车、小型自动挡汽车",
        "演示省安途驾驶培训学校",
        "演教证990100000001号",
        "2032",
    ] {
        assert!(text.contains(value), "{value} in {text}");
    }
    let metadata = bench.metadata(&files[0]);
    for (name, value) in [("ZZLXDM", "11990000MB0000000J901"), ("KZ_JLLB", "01,02"), ("KZ_ZJCX", "C1,C2")] {
        assert!(metadata.contains(&(name.to_owned(), value.to_owned())), "{name} in {metadata:?}");
    }
}

#[test]
fn the_tenth_kind_comes_from_a_table_with_its_own_headers() {
    let bench = bench();
    let record = record(&bench);
    let face = &record["face"];
    let cell = |value: &Value| value.as_str().unwrap().to_owned();
    let columns = [
        ("记录号", "T-1".to_owned()),
        ("证照类型", "instructor".to_owned()),
        ("发证机关代码", cell(&record["authority_uscc"])),
        ("行政区划代码", cell(&record["area"])),
        ("决定文号", "演交培〔2026〕1号".to_owned()),
        ("决定日期", "2026-05-01".to_owned()),
        ("照片", cell(&record["photo"])),
        ("证照编号", cell(&face["ZZBH"])),
        ("证照颁发日期", "2026-05-01".to_owned()),
        ("证照有效期起始日期", "2026-05-01".to_owned()),
        ("证照有效期截止日期", "2032-04-30".to_owned()),
        ("持证主体", cell(&face["CZZT"])),
        ("持证主体代码类型代码", "111".to_owned()),
        ("持证主体代码", cell(&face["CZZTDM"])),
        ("性别", cell(&face["KZ_XB"])),
        ("出生日期", cell(&face["KZ_CSRQ"])),
        ("教练员类别1", "01".to_owned()),
        ("教练员类别2", "04".to_owned()),
        ("准教车型1", "A2".to_owned()),
    ];
    let line = |pick: fn(&(&str, String)) -> String| columns.iter().map(pick).collect::<Vec<_>>().join(",");
    bench.write("s/table.csv", format!("{}\n{}\n", line(|one| one.0.to_owned()), line(|one| one.1.clone())));
    let said = bench.issue("s/table.csv", "o", &["--data", DATA]);
    assert_eq!(said.code, Some(0), "{}{}{:?}", said.out, said.err, bench.lines("o/findings.jsonl"));
    let text = bench.ok(&["show", &bench.certificates("o")[0], "--text"]);
    assert!(text.contains("危险货物运输驾驶员从业资格培训教练员"), "{text}");
}

#[test]
fn the_lint_knows_the_rules_of_the_tenth_kind() {
    let bench = bench();
    let mut wrong = record(&bench);
    wrong["face"]["KZ_JLLB"] = json!(["09"]);
    wrong["face"]["ZZYXQJZRQ"] = json!("2036-04-30");
    put(&bench, "s/one.jsonl", &[wrong]);
    assert_eq!(bench.issue("s/one.jsonl", "o", &["--data", DATA]).code, Some(2));
    let rules: Vec<String> = findings(&bench, "o").into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, ["CODE_UNKNOWN", "DATE_SPAN"]);
}

#[test]
fn without_the_data_the_kind_is_unknown() {
    let bench = bench();
    put(&bench, "s/one.jsonl", &[record(&bench)]);
    assert_eq!(bench.issue("s/one.jsonl", "o", &[]).code, Some(2));
    assert_eq!(findings(&bench, "o")[0].1, "KIND_UNKNOWN");
}
