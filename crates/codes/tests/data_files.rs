//! The embedded tables and areas, and files that a province brings.

use codes::{AreaCode, AreaLevel, Areas, CodeTable, CodeTables, Lookup};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 22);

/// Every table that other crates may name.
const TABLES: [&str; 23] = [
    "annual-inspection",
    "branch-flag",
    "business-scope",
    "carrier-type",
    "certificate-state",
    "coach-grade",
    "driving-class",
    "economic-type",
    "fuel",
    "holder-document-type",
    "id-document",
    "integrity-grade",
    "issue-type",
    "nationality",
    "operator-state",
    "paper-certificate-type",
    "plate-colour",
    "qualification-category",
    "related-item",
    "sex",
    "technical-grade",
    "vehicle-state",
    "vehicle-type",
];

fn area(text: &str) -> AreaCode {
    AreaCode::parse(text).expect("six digits")
}

#[test]
fn the_tables_are_those_of_the_list() {
    let tables = CodeTables::builtin();
    assert_eq!(tables.iter().map(CodeTable::id).collect::<Vec<_>>(), TABLES);
}

#[test]
fn every_file_in_the_folders_is_embedded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/");
    let count = |name: &str| std::fs::read_dir(format!("{folder}{name}")).expect("folder").count();
    assert_eq!(count("codes"), TABLES.len());
    assert_eq!(count("calendar"), codes::Calendar::builtin().years().count());
    assert_eq!(count("areas"), 3);
}

#[test]
fn well_known_codes_have_their_names() {
    let tables = CodeTables::builtin();
    for (table, code, name) in [
        ("holder-document-type", "111", "公民身份号码"),
        ("qualification-category", "09003", "网络预约出租汽车驾驶员"),
        ("business-scope", "03131", "经营性道路危险货物运输（3类）"),
        ("business-scope", "01204", "省际包车客运"),
        ("vehicle-type", "H12", "重型厢式货车"),
        ("vehicle-type", "Q11", "重型半挂牵引车"),
        ("plate-colour", "94", "渐变绿色"),
        ("nationality", "CHN", "中国"),
        ("related-item", "000118037000", "危险货物运输经营许可"),
    ] {
        assert_eq!(tables.table(table).expect(table).get(code, TODAY), Lookup::Known(name), "{table} {code}");
    }
}

#[test]
fn every_area_is_six_digits_and_its_province_has_a_name() {
    let areas = Areas::builtin();
    for (code, _) in areas.iter() {
        assert!(AreaCode::parse(code.as_str()).is_ok(), "{code}");
        assert!(areas.name(code.province(), TODAY).is_some(), "{code}");
    }
}

#[test]
fn the_list_of_areas_is_complete_at_the_top() {
    let areas = Areas::builtin();
    let level = |wanted: AreaLevel| {
        areas.iter().filter(|(code, _)| code.level() == wanted && areas.name(code, TODAY).is_some()).count()
    };
    // 34 provinces and two invented ones.
    assert_eq!(level(AreaLevel::Province), 36);
    // 333 prefectures, 9 filler codes (5 of the municipalities, 4 of directly governed counties), 5 invented.
    assert_eq!(level(AreaLevel::City), 333 + 9 + 5);
}

#[test]
fn areas_know_their_levels_and_what_lies_above() {
    let county = area("990121");
    assert_eq!((county.province(), county.city()), (area("990000"), area("990100")));
    assert!(county.within(area("990100")) && county.within(area("990000")) && county.within(area("100000")));
    assert!(!county.within(area("990200")) && !area("990000").within(county));
    assert_eq!(Areas::builtin().full_name(county, TODAY).as_deref(), Some("演示省甲演市演河县"));
    assert_eq!(Areas::builtin().full_name(area("110105"), TODAY).as_deref(), Some("北京市朝阳区"));
}

#[test]
fn an_abolished_area_was_known_before_and_is_retired_after() {
    let areas = Areas::builtin();
    assert_eq!(areas.get("110103", date(2009, 1, 1)), Lookup::Known("崇文区"));
    assert_eq!(areas.get("110103", TODAY), Lookup::Retired("崇文区"));
    assert_eq!(areas.get("110199", TODAY), Lookup::Unknown);
}

const BROUGHT: &str = r#"
id = "plate-colour"
name = "车牌颜色"
source = "测试"
mark = "invented"
illustrative = true
effective_from = "2027-01-01"
[codes]
"95" = "紫色"
"1" = [
  { name = "蓝色", effective_from = "2000-01-01", effective_to = "2026-12-31" },
  { name = "天蓝色" },
]
"#;

#[test]
fn a_province_adds_codes_and_renames_others_from_a_day_on() {
    let mut tables = CodeTables::builtin();
    tables.add(BROUGHT).expect("good file");
    let table = tables.table("plate-colour").expect("table");
    assert_eq!(table.get("1", date(2026, 12, 31)), Lookup::Known("蓝色"));
    assert_eq!(table.get("1", date(2027, 1, 1)), Lookup::Known("天蓝色"));
    assert_eq!(table.get("95", date(2026, 12, 31)), Lookup::Unknown);
    assert_eq!(table.get("2", TODAY), Lookup::Known("黄色"));
}

#[test]
fn the_embedded_tables_stay_as_they_are_when_a_copy_grows() {
    CodeTables::builtin().add(BROUGHT).expect("good file");
    assert_eq!(
        CodeTables::builtin().table("plate-colour").expect("table").get("95", date(2028, 1, 1)),
        Lookup::Unknown
    );
}

#[test]
fn broken_files_are_refused_with_the_reason() {
    for (from, to, reason) in [
        ("\"95\" = \"紫色\"", "\"95\" = \"\"", "没有名称"),
        ("\"95\" = \"紫色\"", "\"95\" = { name = \"紫\", parent = \"8\" }", "上级代码“8”不在表中"),
        ("2026-12-31", "2027-06-30", "互相重叠"),
        ("2026-12-31", "1999-12-31", "失效日期早于生效日期"),
        ("2026-12-31", "20261231", "1"),
        ("illustrative = true", "", "illustrative"),
        ("[codes]", "typo = 1\n[codes]", "typo"),
    ] {
        let text = BROUGHT.replacen(from, to, 1);
        let shown = CodeTables::builtin().add(&text).expect_err(to).to_string();
        assert!(shown.contains(reason), "{to}: {shown}");
    }
}

#[test]
fn areas_brought_must_be_six_digits() {
    let text = BROUGHT.replace("plate-colour", "area");
    assert!(Areas::builtin().add(&text).is_err());
    let mut areas = Areas::builtin();
    areas.add(&text.replace("\"95\"", "\"970000\"").replace("\"1\"", "\"970100\"")).expect("good file");
    assert_eq!(areas.name("970000", date(2027, 1, 1)), Some("紫色"));
}
