//! Reading a document: what is found, what is missing, what is refused.
#![allow(clippy::unwrap_used)] // a test that cannot go on should fail

mod support;

use ofd::package::{Package, Why};
use ofd::{Limits, OfdError, Rect, ZipError, plain_text, text};
use support::{OBJECTS, pack, parts, sample, sample_with};

fn refused(bytes: &[u8]) -> OfdError {
    Package::open(bytes, &Limits::default()).expect_err("must be refused")
}

const DOCUMENT: &str = "Doc_0/Document.xml";
const PAGE: &str = "Doc_0/Pages/Page_0/Content.xml";

#[test]
fn the_entry_file_is_read() {
    let bytes = sample();
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(package.info.doc_id, "0123456789abcdef0123456789abcdef");
    assert_eq!(package.info.title, "道路运输证");
    let datas = [("ZZBH".to_owned(), "440101&1".to_owned()), ("ZZBH".to_owned(), "2".to_owned())];
    assert_eq!(package.info.custom_datas, datas, "order and repeated names are kept");
    assert_eq!(package.signatures.as_deref(), Some("Doc_0/Signs/Signatures.xml"));
    assert_eq!((package.other_bodies, package.page_area), (0, Rect::new(0.0, 0.0, 100.0, 60.0)));
}

#[test]
fn resources_and_side_files_are_read() {
    let bytes = sample();
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(package.resources.fonts[&3].path.as_deref(), Some("Doc_0/Res/font_3.ttf"));
    assert_eq!(package.resources.images[&4].path, "Doc_0/Res/red.png");
    assert_eq!(package.annotation_files[0].path, "Doc_0/Annots/Page_0/Annotation.xml");
    assert_eq!(package.attachments[0].path, "Doc_0/Attachs/certificate.xml");
    let tree = package.custom_tags[0].tree.as_ref().unwrap();
    let tag = tree.descendants()[1];
    assert_eq!((tag.name.as_str(), tag.refs[0].page, tag.refs[0].object), ("YHMC", Some(1), Some(23)));
}

#[test]
fn every_file_but_the_signatures_is_reachable() {
    let bytes = sample();
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    let mut reached: Vec<&str> = package.reachable().iter().map(|r| r.path.as_str()).collect();
    let mut all: Vec<&str> = package.archive.names().collect();
    reached.sort_unstable();
    all.sort_unstable();
    assert_eq!(reached, all);
    assert_eq!(package.missing().count(), 0);
    let annotations = package.reachable().iter().filter(|r| r.why.is_annotation()).count();
    assert_eq!(annotations, 2);
}

#[test]
fn missing_files_are_reported_not_refused() {
    let mut parts = parts(OBJECTS, b"");
    parts.retain(|(name, _)| !name.ends_with("red.png") && !name.ends_with("Page_0/Content.xml"));
    let bytes = pack(&parts);
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    let missing: Vec<_> = package.missing().map(|r| (r.path.as_str(), r.why)).collect();
    assert_eq!(missing, [("Doc_0/Res/red.png", Why::Media), (PAGE, Why::Page)]);
    assert!(matches!(text(&package), Err(OfdError::PageMissing { index: 0, .. })));
}

#[test]
fn resources_of_a_page_are_reachable() {
    let bytes = sample_with(PAGE, "<ofd:Content>", "<ofd:PageRes>Extra.xml</ofd:PageRes><ofd:Content>");
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    let extra = package.missing().next().map(|r| (r.path.as_str(), r.why));
    assert_eq!(extra, Some(("Doc_0/Pages/Page_0/Extra.xml", Why::Resources)));
}

#[test]
fn what_could_draw_unseen_is_noted() {
    let bytes =
        sample_with(PAGE, "</ofd:Layer>", "<ofd:CompositeObject ID=\"50\"/></ofd:Layer><ofd:Actions/>");
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(package.unsupported, [format!("{PAGE}：CompositeObject"), format!("{PAGE}：Actions")]);
}

#[test]
fn more_bodies_are_counted() {
    let bytes = sample_with("OFD.xml", "</ofd:OFD>", "<ofd:DocBody/><ofd:DocBody/></ofd:OFD>");
    assert_eq!(Package::open(&bytes, &Limits::default()).unwrap().other_bodies, 2);
}

#[test]
fn structure_that_is_not_ofd_is_refused() {
    let no_entry: Vec<_> = parts(OBJECTS, b"").into_iter().filter(|(n, _)| n != "OFD.xml").collect();
    assert_eq!(refused(&pack(&no_entry)), OfdError::Zip(ZipError::NotFound { name: "OFD.xml".into() }));
    let root = refused(&sample_with("OFD.xml", "http://www.ofdspec.org/2016", "urn:other"));
    assert_eq!(root, OfdError::WrongRoot { file: "OFD.xml".into(), expected: "OFD" });
    let pages = refused(&sample_with(DOCUMENT, "Pages>", "Sheets>"));
    assert_eq!(pages, OfdError::Missing { file: DOCUMENT.into(), element: "Pages" });
    let id = refused(&sample_with(DOCUMENT, "Page ID=\"1\"", "Page ID=\"p1\""));
    assert!(matches!(id, OfdError::BadValue { item: "ID", value, .. } if value == "p1"));
    let area = refused(&sample_with(DOCUMENT, "0 0 100 60", "0 0 0 60"));
    assert!(matches!(area, OfdError::BadValue { item: "PhysicalBox", .. }));
    let loc = refused(&sample_with(DOCUMENT, "PublicRes.xml", "../../PublicRes.xml"));
    assert!(matches!(loc, OfdError::Path(_)));
    let xml = refused(&sample_with(PAGE, "<ofd:Content>", "<!DOCTYPE x><ofd:Content>"));
    assert!(matches!(xml, OfdError::Xml { file, .. } if file == PAGE));
}

#[test]
fn repeated_page_and_font_identifiers_are_refused() {
    let page = "<ofd:Page ID=\"1\" BaseLoc=\"Pages/Page_0/Content.xml\"/>";
    let twice = refused(&sample_with(DOCUMENT, page, &page.repeat(2)));
    assert_eq!(twice, OfdError::DuplicateId { file: DOCUMENT.into(), id: 1 });
    let font = "</ofd:Fonts>";
    let fonts = refused(&sample_with("Doc_0/PublicRes.xml", font, "<ofd:Font ID=\"3\"/></ofd:Fonts>"));
    assert!(matches!(fonts, OfdError::DuplicateId { id: 3, .. }));
}

#[test]
fn one_large_file_named_by_many_pages_runs_out_of_budget() {
    let mut all = String::new();
    for id in 1..2_000 {
        all += &format!("<ofd:Page ID=\"{id}\" BaseLoc=\"Pages/Page_0/Content.xml\"/>");
    }
    let page = "<ofd:Page ID=\"1\" BaseLoc=\"Pages/Page_0/Content.xml\"/>";
    let limits = Limits { xml_bytes: 300_000, ..Limits::default() };
    let bytes = sample_with(DOCUMENT, page, &all);
    let error = Package::open(&bytes, &limits).unwrap_err();
    assert!(matches!(error, OfdError::TooComplex { .. }), "{error:?}");
}

#[test]
fn text_runs_have_their_object_and_place() {
    let bytes = sample();
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    let runs = &text(&package).unwrap()[0].runs;
    let run = &runs[2];
    assert_eq!((run.object_id, run.font_id, run.text.as_str()), (Some(23), Some(3), "某某运输公司"));
    assert_eq!((run.x, run.y, run.size, run.width), (30.0, 28.0, 4.0, 24.0));
}

#[test]
fn plain_text_follows_the_base_lines() {
    let bytes = sample();
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(plain_text(&package).unwrap(), "道路运输经营许可\n业户名称 某某运输公司\n");
}

#[test]
fn invisible_text_is_not_text_of_the_page() {
    let bytes = sample_with(PAGE, "<ofd:TextObject ID=\"22\"", "<ofd:TextObject Visible=\"false\" ID=\"22\"");
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(plain_text(&package).unwrap(), "业户名称 某某运输公司\n");
}
