//! `luzheng catalogue`.

use crate::bench::Bench;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data");
const TAXI: &str = include_str!("../../../../data/kinds/taxi-driver.toml");

#[test]
fn list_names_the_nine_kinds() {
    let out = Bench::new().ok(&["catalogue", "list"]);
    assert_eq!(out.lines().count(), 9, "{out}");
    for code in ["013", "008", "016", "071", "072", "073", "074", "075", "079"] {
        assert!(out.contains(&format!("11100000000019713D{code}")), "{code} in {out}");
    }
}

#[test]
fn show_finds_a_kind_by_code_name_and_slug() {
    let bench = Bench::new();
    let by = |key: &str| bench.ok(&["catalogue", "show", key]);
    let out = by("taxi-driver");
    assert!(out.contains("准驾车型") && out.contains("规则"), "{out}");
    assert_eq!(by("11100000000019713D075"), out);
    assert_eq!(by("巡游出租汽车驾驶员证"), out);
}

#[test]
fn show_of_an_unknown_kind_says_where_to_look() {
    let error = Bench::new().fails(&["catalogue", "show", "pilot"]);
    assert!(error.contains("“pilot”") && error.contains("catalogue list"), "{error}");
}

#[test]
fn the_data_folder_of_the_repository_passes_its_own_check() {
    let out = Bench::new().ok(&["catalogue", "check", DATA]);
    assert!(out.contains("共 9 个类型"), "{out}");
}

#[test]
fn diff_says_what_changed_and_nothing_when_nothing_did() {
    let bench = Bench::new();
    assert!(bench.ok(&["catalogue", "diff", "-", "-"]).contains("没有差别"));
    bench.write("d/kinds/taxi-driver.toml", TAXI.replace("name = \"服务单位\"", "name = \"所属企业\""));
    let out = bench.ok(&["catalogue", "diff", "-", "d"]);
    assert!(out.contains("巡游出租汽车驾驶员证") && out.contains("KZ_FWDW"), "{out}");
    assert_eq!(out.lines().count(), 1, "{out}");
}

#[test]
fn check_names_file_place_and_fix() {
    let bench = Bench::new();
    let cases = [
        ("kinds/taxi-driver.toml", TAXI.replace("length =", "lenght ="), "没有名为“lenght”的字段"),
        ("kinds/taxi-driver.toml", TAXI.replace("table = \"sex\"", "table = \"sexes\""), "“sexes”"),
        ("seal-polcy.toml", String::new(), "不是系统认识的数据文件"),
        ("authorities.toml", "authorities = 3".to_owned(), "类型不对"),
    ];
    for (file, text, says) in cases {
        let _ = std::fs::remove_dir_all(bench.file("d"));
        bench.write(&format!("d/{file}"), text);
        let error = bench.fails(&["catalogue", "check", "d"]);
        assert!(error.contains(file) && error.contains(says) && error.contains('请'), "{error}");
    }
}

#[test]
fn check_of_a_folder_that_is_not_there_says_so() {
    let error = Bench::new().fails(&["catalogue", "check", "nowhere"]);
    assert!(error.contains("nowhere") && error.contains("不存在"), "{error}");
}
