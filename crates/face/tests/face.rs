//! Faces: every value stands in its box with a glyph in the embedded font, or the caller hears of it.

use std::sync::Arc;

use catalogue::Catalogue;
use codes::Uscc;
use face::{Dynamic, FontSpec, Fonts, Issued, Layout, Prepared, Problem, Template, Templates, Values};
use model::{FaceValue, Record};
use ofd::zip::{Deflater, Entry};
use ofd::{Limits, Package};

fn fonts() -> Fonts {
    let mut fonts = Fonts::default();
    for spec in FontSpec::builtin().expect("the list parses") {
        let path = spec.paths.iter().find(|path| std::path::Path::new(path).is_file());
        let path = path.unwrap_or_else(|| panic!("install {} for this test", spec.package));
        let bytes: Arc<[u8]> = std::fs::read(path).expect("the font can be read").into();
        fonts.add(&spec, bytes).expect("the font opens");
    }
    fonts
}

fn template(item: &str) -> Template {
    let text = format!(
        "id = \"t\"\nversion = \"1\"\n[[page]]\nsize = [100, 60]\nseal = {{ frame = [50, 10, 40, 40] }}\n\
         labels = [ {{ text = \"地址\", frame = [2, 2, 20, 6], size = 4, align = \"spread\" }} ]\nitems = [ {item} ]\n"
    );
    Template::parse("t.toml", &text).expect("the template parses")
}

fn values(record: &Record) -> Values {
    let catalogue = Catalogue::builtin().expect("the catalogue loads");
    let today = jiff::civil::date(2026, 6, 1);
    let kind = catalogue.kind("transport-certificate", today).expect("the kind is there");
    let authority = catalogue.authorities.get("11990000MB0000000J", today).expect("the authority is there");
    assert_eq!(authority.uscc, Uscc::parse("11990000MB0000000J").expect("right check digit"));
    Values::new(kind, record, authority, &catalogue, today)
}

fn record(items: &[(&str, &str)]) -> Record {
    let mut record = Record::default();
    for (short, text) in items {
        record.face.set(*short, FaceValue::Text((*text).to_owned()));
    }
    record
}

fn issued() -> Issued {
    Issued {
        identifier: "1.2.156.3005.2.11100000000019713D013.11210000MB0000000J.210100000001.001.4".into(),
        status_index: 7,
        signed_at: "2026-06-01T08:00:00+08:00".into(),
        seal_name: "演示章".into(),
    }
}

/// The package of one certificate, without the signature layer.
fn package(template: &Template, record: &Record, fonts: &Fonts) -> Vec<u8> {
    let values = values(record);
    let prepared = Prepared::new(template, fonts, true).expect("the template is sound");
    let layout = Layout::new(template, &values, fonts).expect("everything fits");
    let issued = issued();
    let layout = layout.with_identifier(template, &issued.identifier, fonts).expect("the identifier fits");
    let dynamic = Dynamic { values: &values, issued: &issued, photo: None, code: None, source: ("r", "") };
    let parts = prepared.parts(&layout, &dynamic, fonts, &mut Deflater::new(1)).expect("parts are made");
    let entries: Vec<Entry> = parts.into_iter().map(|part| part.entry).collect();
    ofd::zip::write(&entries).expect("the package is written")
}

const BOX: &str = "{ item = \"KZ_YHDZ\", frame = [2, 10, 40, 12], size = 5, min = 3, lines = 2 }";

#[test]
fn a_short_value_stands_on_one_line_at_full_size() {
    let fonts = fonts();
    let bytes = package(&template(BOX), &record(&[("KZ_YHDZ", "演示路1号")]), &fonts);
    let package = Package::open(&bytes, &Limits::default()).expect("it opens");
    let pages = ofd::text(&package).expect("it has text");
    let runs: Vec<_> = pages[0].runs.iter().filter(|run| !run.template).collect();
    assert_eq!(runs.len(), 1);
    assert_eq!((runs[0].text.as_str(), runs[0].size), ("演示路1号", 5.0));
}

#[test]
fn a_long_value_is_broken_then_made_smaller_and_never_starts_a_line_with_a_comma() {
    let fonts = fonts();
    let bytes =
        package(&template(BOX), &record(&[("KZ_YHDZ", "演示省甲演市一区，人民路二百三十四号五栋")]), &fonts);
    let package = Package::open(&bytes, &Limits::default()).expect("it opens");
    let pages = ofd::text(&package).expect("it has text");
    let runs: Vec<_> = pages[0].runs.iter().filter(|run| !run.template).collect();
    assert_eq!(runs.len(), 2);
    assert!(runs[0].size < 5.0 && runs[0].size >= 3.0, "{}", runs[0].size);
    assert!(!runs[1].text.starts_with('，'));
    assert_eq!(format!("{}{}", runs[0].text, runs[1].text), "演示省甲演市一区，人民路二百三十四号五栋");
}

#[test]
fn what_does_not_fit_is_named_with_its_item() {
    let fonts = fonts();
    let long = "长".repeat(60);
    let problems =
        Layout::new(&template(BOX), &values(&record(&[("KZ_YHDZ", &long)])), &fonts).expect_err("too long");
    assert!(
        matches!(&problems[..], [Problem::Overflow { item, fits, .. }] if item == "KZ_YHDZ" && *fits < 60)
    );
}

#[test]
fn a_character_without_a_glyph_is_named_and_can_be_supplied() {
    let fonts = fonts();
    let record = record(&[("KZ_YHDZ", "甲\u{E000}路")]);
    let problems = Layout::new(&template(BOX), &values(&record), &fonts).expect_err("no glyph");
    assert_eq!(problems, [Problem::Glyph { item: "KZ_YHDZ".into(), missing: vec!['\u{E000}'] }]);
    let glyph = "glyphs = [ { role = \"kai\", char = \"\u{E000}\", path = \"M 100 100 L 900 100 L 900 800 L 100 800 Z\" } ]";
    fonts.supply("glyphs.toml", glyph).expect("the glyph is taken");
    let bytes = package(&template(BOX), &record, &fonts);
    let package = Package::open(&bytes, &Limits::default()).expect("it opens");
    assert!(ofd::plain_text(&package).expect("it has text").contains("甲\u{E000}路"));
}

#[test]
fn what_a_box_cannot_hold_goes_on_in_its_continued_box() {
    let fonts = fonts();
    let two = "{ item = \"KZ_BZ\", frame = [2, 10, 50, 6], size = 5, min = 4 }, \
               { item = \"KZ_BZ\", frame = [2, 30, 40, 20], size = 4, lines = 4, continued = true, empty = \"——\" }";
    let text = "普通货物运输、冷藏运输、罐式运输、大型物件运输";
    let shown = |text: &str| {
        let bytes = package(&template(two), &record(&[("KZ_BZ", text)]), &fonts);
        let package = Package::open(&bytes, &Limits::default()).expect("it opens");
        ofd::plain_text(&package).expect("it has text").replace('\n', "")
    };
    let long = shown(text);
    assert!(long.contains("（下转副页）"), "{long}");
    assert!(long.replace("（下转副页）", "、").contains(text), "{long}");
    let short = shown("短");
    assert!(short.contains('短') && short.contains("——") && !short.contains("下转"), "{short}");
}

#[test]
fn every_character_of_every_text_object_has_a_glyph_in_its_embedded_font() {
    let fonts = fonts();
    let text = "㛃䶮·AbC 123，（演示）𬭬";
    let bytes = package(&template(BOX), &record(&[("KZ_YHDZ", text)]), &fonts);
    let package = Package::open(&bytes, &Limits::default()).expect("it opens");
    for run in ofd::text(&package).expect("it has text").iter().flat_map(|page| &page.runs) {
        let font = package.resources.fonts.get(&run.font_id.expect("has a font")).expect("declared");
        let file = package.read(font.path.as_deref().expect("embedded")).expect("present");
        let face = font::FontFile::parse(file.into_owned().into(), &font.name).expect("it parses");
        for ch in run.text.chars() {
            assert!(face.glyph(ch).is_some(), "{ch} of {} in {}", run.text, font.name);
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let fonts = fonts();
    let record = record(&[("KZ_YHDZ", "演示路1号"), ("CZZT", "甲乙丙")]);
    assert_eq!(package(&template(BOX), &record, &fonts), package(&template(BOX), &record, &fonts));
}

#[test]
fn the_metadata_follow_the_common_order_and_carry_no_annotation_item() {
    let fonts = fonts();
    let bytes = package(&template(BOX), &record(&[("ZZBH", "1"), ("CZZT", "甲"), ("KZ_YHDZ", "路")]), &fonts);
    let package = Package::open(&bytes, &Limits::default()).expect("it opens");
    let names: Vec<&str> = package.info.custom_datas.iter().map(|(name, _)| name.as_str()).collect();
    let place = |name: &str| {
        names.iter().position(|one| *one == name).unwrap_or_else(|| panic!("{name} in {names:?}"))
    };
    assert!(
        place("ZZMC") < place("ZZLXDM")
            && place("ZZLXDM") < place("ZZBS")
            && place("ZZBS") < place("KZ_YHDZ")
    );
    assert!(!names.iter().any(|name| name.starts_with("JZJ")));
}

#[test]
fn custom_tags_point_to_objects_that_show_the_item() {
    let fonts = fonts();
    let bytes = package(&template(BOX), &record(&[("KZ_YHDZ", "演示路1号")]), &fonts);
    let package = Package::open(&bytes, &Limits::default()).expect("it opens");
    let xml = String::from_utf8(package.read("Doc_0/Tags/Certificate.xml").expect("there").into_owned())
        .expect("UTF-8");
    let runs = ofd::text(&package).expect("it has text");
    let run = runs[0].runs.iter().find(|run| run.text == "演示路1号").expect("shown");
    let id = run.object_id.expect("has an id");
    assert!(
        xml.contains(&format!("<c:KZ_YHDZ><ofd:ObjectRef PageRef=\"60\">{id}</ofd:ObjectRef></c:KZ_YHDZ>")),
        "{xml}"
    );
}

#[test]
fn all_templates_of_the_repository_can_be_prepared() {
    let fonts = fonts();
    let catalogue = Catalogue::builtin().expect("the catalogue loads");
    let templates = Templates::with([]).expect("the templates parse");
    for part in catalogue.kinds().iter().flat_map(|kind| &kind.parts) {
        let template = templates.get(&part.template).expect("the template is there");
        for demo in [true, false] {
            Prepared::new(template, &fonts, demo)
                .unwrap_or_else(|error| panic!("{}: {error}", part.template));
        }
    }
}

#[test]
fn a_template_that_leaves_the_page_or_has_no_seal_is_refused_by_name() {
    let outside =
        "id = \"t\"\nversion = \"1\"\n[[page]]\nsize = [50, 50]\nseal = { frame = [40, 0, 20, 20] }\n";
    let error = Template::parse("t.toml", outside).expect_err("outside").to_string();
    assert!(error.contains("seal") && error.contains("超出页面"), "{error}");
    let none = "id = \"t\"\nversion = \"1\"\n[[page]]\nsize = [50, 50]\n";
    assert!(Template::parse("t.toml", none).expect_err("no seal").to_string().contains("印章"));
}
