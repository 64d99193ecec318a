//! `luzheng show`.

use crate::bench::{Bench, said};
use crate::records::clean;

fn issued() -> (Bench, String) {
    let bench = Bench::with_sample(9, 1);
    assert_eq!(bench.issue("s/taxi-driver.jsonl", "o", &[]).code, Some(0));
    let file = bench.certificates("o").remove(0);
    (bench, file)
}

#[test]
fn png_goes_beside_or_to_a_named_file_or_to_standard_output() {
    let (bench, file) = issued();
    let name = file.rsplit('/').next().unwrap().replace(".ofd", ".png");
    bench.ok(&["show", &file, "--png"]);
    bench.ok(&["show", &file, "--png", "--out", "page.png"]);
    let piped = bench.command(&["show", &file, "--png", "--out", "-"]).output().unwrap().stdout;
    let picture = bench.read("page.png");
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(bench.read(&name) == picture && piped == picture);
}

#[test]
fn more_dots_an_inch_make_a_larger_picture() {
    let (bench, file) = issued();
    let width = |dpi: &str| {
        bench.ok(&["show", &file, "--png", "--dpi", dpi, "--out", "p.png"]);
        u32::from_be_bytes(bench.read("p.png")[16..20].try_into().unwrap())
    };
    assert_eq!(width("300").div_ceil(3), width("100"));
}

#[test]
fn svg_is_written_as_svg() {
    let (bench, file) = issued();
    bench.ok(&["show", &file, "--svg", "--out", "page.svg"]);
    assert!(String::from_utf8(bench.read("page.svg")).unwrap().contains("<svg"));
}

#[test]
fn text_and_metadata_hold_what_the_record_said() {
    let (bench, file) = issued();
    let record = clean(&bench, "taxi-driver").remove(0);
    let text = bench.ok(&["show", &file, "--text"]);
    let metadata = bench.metadata(&file);
    for item in ["CZZT", "ZZBH"] {
        let value = record["face"][item].as_str().unwrap();
        assert!(text.contains(value), "{item} {value} in {text}");
        assert!(metadata.contains(&(item.to_owned(), value.to_owned())), "{metadata:?}");
    }
}

#[test]
fn what_cannot_be_shown_is_said() {
    let (bench, file) = issued();
    bench.write("note.ofd", "你好");
    let cases: [(&[&str], &str); 7] = [
        (&["show", &file, "--png", "--page", "9"], "没有第 9 页"),
        (&["show", &file, "--png", "--page", "0"], "没有第 0 页"),
        (&["show", &file, "--png", "--dpi", "0"], "--dpi"),
        (&["show", &file, "--png", "--dpi", "-5"], "--dpi"),
        (&["show", "note.ofd", "--text"], "不是 OFD"),
        (&["show", "gone.ofd", "--text"], "不存在"),
        (&["show", "o", "--text"], "目录"),
    ];
    for (args, says) in cases {
        let error = bench.fails(args);
        assert!(error.contains(says), "{args:?}: {error}");
    }
}

#[test]
fn showing_needs_no_keys_and_no_passphrase() {
    let (bench, file) = issued();
    let mut command = bench.command(&["show", &file, "--text"]);
    assert_eq!(said(command.env_remove("LUZHENG_PASSPHRASE").output().unwrap()).code, Some(0));
}
