//! Every slip in a data file is refused when it is loaded, and the message names the file, the place and the fix.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use catalogue::{Catalogue, DataFile};

const TAXI: &str = include_str!("../../../data/kinds/taxi-driver.toml");
const PATH: &str = "kinds/taxi-driver.toml";

fn load(path: &str, text: &str) -> Result<Catalogue, String> {
    let file = DataFile { path: path.to_owned(), text: text.to_owned() };
    Catalogue::with(&[file]).map_err(|error| error.to_string())
}

/// The message for the taxi driver's file with one text replaced by another.
#[track_caller]
fn refusal(from: &str, to: &str) -> String {
    assert!(TAXI.contains(from), "nothing to replace: {from}");
    let message = load(PATH, &TAXI.replacen(from, to, 1)).map(|_| ()).unwrap_err();
    assert!(message.contains(PATH) && message.contains('请'), "{message}");
    message
}

#[test]
fn the_file_as_it_stands_is_accepted() {
    assert!(load(PATH, TAXI).is_ok());
}

#[test]
fn an_unknown_field_is_named_with_its_line_and_the_known_ones() {
    let message = refusal("version = ", "versoin = ");
    assert!(
        message.contains("“versoin”") && message.contains("version") && message.contains("第 "),
        "{message}"
    );
}

#[test]
fn a_missing_field_is_named() {
    assert!(refusal("title = ", "# title = ").contains("缺少字段“title”"));
}

#[test]
fn a_field_of_another_type_and_broken_text_are_refused() {
    assert!(refusal("illustrative = true", "illustrative = \"yes\"").contains("类型不对"));
    assert!(refusal("slug = \"", "slug = ").contains("TOML"));
    assert!(refusal("slug = ", "name = \"x\"\nslug = ").contains("两次"));
}

#[test]
fn an_unknown_item_type_is_named_with_the_known_ones() {
    let message = refusal("type = \"date\"", "type = \"day\"");
    assert!(message.contains("“day”") && message.contains("date"), "{message}");
}

#[test]
fn a_bad_type_code_slug_or_date_is_named() {
    assert!(
        refusal("type_code = \"11100000000019713D075\"", "type_code = \"1110000000001\"")
            .contains("type_code")
    );
    for slug in ["", "Taxi", "../taxi", "taxi/driver", "出租"] {
        assert!(refusal("slug = \"taxi-driver\"", &format!("slug = \"{slug}\"")).contains("slug"), "{slug}");
    }
    assert!(refusal("effective_from = \"2020", "effective_from = \"20x0").contains("effective_from"));
    let message = refusal("effective_from = ", "effective_to = \"2019-01-01\"\neffective_from = ");
    assert!(message.contains("effective_to"), "{message}");
}

#[test]
fn an_unknown_table_is_named_with_its_item() {
    let message = refusal("table = \"sex\"", "table = \"sexes\"");
    assert!(message.contains("KZ_XB") && message.contains("“sexes”"), "{message}");
}

#[test]
fn a_code_that_the_table_does_not_have_is_named() {
    assert!(refusal("only = [\"09002\"]", "only = [\"09099\"]").contains("“09099”"));
}

#[test]
fn a_code_item_without_table_is_named() {
    assert!(refusal(", table = \"sex\"", "").contains("KZ_XB"));
}

#[test]
fn a_short_name_twice_is_named() {
    assert!(refusal("short = \"KZ_GJ\"", "short = \"KZ_XB\"").contains("KZ_XB"));
    // A common item again among the kind's own.
    assert!(refusal("short = \"KZ_GJ\"", "short = \"ZZBH\"").contains("ZZBH"));
}

#[test]
fn an_item_that_repeats_an_unknown_one_is_named() {
    assert!(refusal("from = \"CZZT\"", "from = \"CZZX\"").contains("“CZZX”"));
}

#[test]
fn an_unknown_rule_and_a_rule_on_an_unknown_item_are_named() {
    assert!(refusal("rule = \"ID_MATCHES\"", "rule = \"ID_MATCH\"").contains("“ID_MATCH”"));
    let message = refusal("\"KZ_CSRQ\", \"KZ_XB\"]", "\"KZ_CSRQ\", \"KZ_XX\"]");
    assert!(message.contains("ID_MATCHES") && message.contains("“KZ_XX”"), "{message}");
    // A rule that only the code applies by itself is none that a kind may name.
    assert!(refusal("rule = \"ID_MATCHES\"", "rule = \"CHECK_DIGIT\"").contains("CHECK_DIGIT"));
}

#[test]
fn a_rule_that_could_never_find_anything_is_refused() {
    assert!(
        refusal("items = [\"CZZTDM\", \"KZ_CSRQ\", \"KZ_XB\"]", "items = [\"CZZTDM\"]").contains("应有 3 个")
    );
    assert!(refusal("years = 6", "years = 0").contains("DATE_SPAN"));
    assert!(refusal(", years = 6", "").contains("DATE_SPAN"));
    assert!(refusal("years = 6", "years = 30000").contains("DATE_SPAN"));
    let rules = "rules = [\n  { rule = \"DUPLICATE\", items = [] },";
    assert!(refusal("rules = [", rules).contains("至少应有 1 个"));
}

#[test]
fn parts_need_names_that_can_be_file_names_and_differ() {
    let part = "[[part]]\nname = \"正本\"\ntemplate = \"taxi-driver\"\n";
    assert!(refusal("name = \"正本\"", "name = \"../正本\"").contains("不能作文件名"));
    assert!(refusal("[[part]]", &format!("{part}\n[[part]]")).contains("出现了两次"));
    assert!(refusal(part, "").contains("part"));
}

#[test]
fn two_kinds_with_one_key_are_refused() {
    let other = |from: &str, to: &str| {
        let text = TAXI.replacen("19713D075", "19713D901", 1).replacen("taxi-driver\"", "taxi-driver-2\"", 1);
        let text = text.replacen("name = \"巡游出租汽车驾驶员证\"", "name = \"另一种驾驶员证\"", 1);
        load("kinds/other.toml", &text.replacen(from, to, 1)).map(|_| ())
    };
    assert_eq!(other("", ""), Ok(()));
    for (from, to, item) in [
        ("19713D901", "19713D075", "type_code"),
        ("taxi-driver-2\"", "taxi-driver\"", "slug"),
        ("另一种驾驶员证", "巡游出租汽车驾驶员证", "name"),
    ] {
        let message = other(from, to).unwrap_err();
        assert!(message.contains("kinds/other.toml") && message.contains(item), "{message}");
    }
}

#[test]
fn a_group_needs_its_own_short_names() {
    let text = include_str!("../../../data/kinds/qualification.toml");
    let path = "kinds/qualification.toml";
    let twice = text.replacen("short = \"CCLZRQ\"", "short = \"LB\"", 1);
    assert!(twice != text && load(path, &twice).map(|_| ()).unwrap_err().contains("LB"));
    let clash = text.replacen("short = \"KZ_CYZG\"", "short = \"KZ_ZP\"", 1);
    assert!(clash != text && load(path, &clash).map(|_| ()).unwrap_err().contains("KZ_ZP"));
}

#[test]
fn slips_in_the_other_files_are_named_too() {
    let cases = [
        (
            "authorities.toml",
            "authorities = [{ uscc = \"11990000MB0000000X\", name = \"甲\", area = \"990000\", level = \"省级\", valid_from = \"2018-01-01\" }]",
            "11990000MB0000000X",
        ),
        (
            "authorities.toml",
            "authorities = [{ uscc = \"11990000MB0000000J\", name = \"甲\", area = \"990000\", level = \"省级\", valid_from = \"soon\" }]",
            "valid_from",
        ),
        ("rules.toml", "rules = []", "没有这条规则"),
        ("kinds/common.toml", "items = []\nrules = []", "KZ_XM"),
        ("codes/sex.toml", "id = \"sex\"", "codes/sex.toml"),
        ("seal-policy.toml", "policies = [{ kinds = [\"*\"], valid_from = \"2019-01-01\" }]", "seal"),
        (
            "seal-policy.toml",
            "policies = [{ kinds = [\"taxi\"], valid_from = \"2019-01-01\", seal = \"章\" }]",
            "“taxi”",
        ),
        (
            "number-rules.toml",
            "rules = [{ kinds = [\"taxi\"], valid_from = \"2019-01-01\", serial = \"{counter:8}\" }]",
            "“taxi”",
        ),
        (
            "number-rules.toml",
            "rules = [{ kinds = [\"*\"], valid_from = \"2019-01-01\", serial = \"{counter:8}\", seal = \"章\" }]",
            "seal",
        ),
        (
            "number-rules.toml",
            "rules = [{ kinds = [\"*\"], valid_from = \"2019-01-01\", valid_to = \"2018-01-01\", serial = \"{counter:8}\" }]",
            "valid_to",
        ),
    ];
    for (path, text, says) in cases {
        let message = load(path, text).map(|_| ()).unwrap_err();
        assert!(message.contains(says) && message.contains('请'), "{path}: {message}");
    }
}
