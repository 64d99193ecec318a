//! Drawing: pixels where they belong, nothing left out in silence, limits that hold.
#![allow(clippy::unwrap_used)] // a test that cannot go on should fail

mod support;

use ofd::draw::{DisplayList, Item, Options, Overlay, Segment, annotations, draw, to_png, to_svg};
use ofd::{Limits, OfdError, Package, Rect};
use support::{OBJECTS, pack, parts, red_png, sample, sample_with};

const PAGE: &str = "Doc_0/Pages/Page_0/Content.xml";

fn list(bytes: &[u8], options: &Options<'_>) -> DisplayList {
    let package = Package::open(bytes, &Limits::default()).unwrap();
    draw(&package, 0, options).unwrap()
}

/// The colour at `x`, `y` mm of a list drawn at 10 pixels a millimetre.
fn pixel(list: &DisplayList, x: f64, y: f64) -> [u8; 3] {
    let png = to_png(list, 254.0).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut raw = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut raw).unwrap();
    assert_eq!((info.width, info.height), (1000, 600));
    let at = ((y * 10.0) as usize * 1000 + (x * 10.0) as usize) * 3;
    raw[at..at + 3].try_into().unwrap()
}

#[test]
fn template_path_arc_and_image_are_painted_in_place() {
    let list = list(&sample(), &Options::default());
    assert_eq!(pixel(&list, 2.0, 2.0), [255, 250, 230], "template behind");
    assert_eq!(pixel(&list, 5.0, 30.0), [0, 0, 255], "left edge of the frame, closed by C");
    assert_eq!(pixel(&list, 80.0, 45.0), [255, 0, 0], "image");
    assert_eq!(pixel(&list, 71.0, 20.0), [127, 189, 115], "half transparent circle over the template");
    assert_eq!(pixel(&list, 71.0, 11.0), [255, 250, 230], "the corner outside the circle");
}

#[test]
fn an_annotation_is_painted_only_when_asked_for() {
    let bytes = sample();
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    let plain = draw(&package, 0, &Options::default()).unwrap();
    assert_eq!(pixel(&plain, 52.0, 42.0), [255, 250, 230]);
    let notes = annotations(&package, 0, &Limits::default(), &Options::default()).unwrap();
    let overlays = [Overlay::items(0, notes.items)];
    let shown = draw(&package, 0, &Options { overlays: &overlays, ..Options::default() }).unwrap();
    assert_eq!(pixel(&shown, 52.0, 42.0), [255, 0, 255]);
}

#[test]
fn an_overlay_image_fills_its_boundary_on_its_page_only() {
    let here = Overlay::image(0, Rect::new(10.0, 40.0, 10.0, 10.0), &red_png()).unwrap();
    let other = Overlay::image(1, Rect::new(30.0, 40.0, 10.0, 10.0), &red_png()).unwrap();
    let overlays = [here, other];
    let list = list(&sample(), &Options { overlays: &overlays, ..Options::default() });
    assert_eq!(pixel(&list, 15.0, 45.0), [255, 0, 0]);
    assert_eq!(pixel(&list, 35.0, 45.0), [255, 250, 230]);
    let text = Overlay::image(0, Rect::default(), b"GIF89a");
    assert!(matches!(text, Err(OfdError::BadImage { .. })));
}

#[test]
fn characters_without_a_glyph_are_reported() {
    let list = list(&sample(), &Options::default());
    assert!(list.notices.iter().any(|n| n.contains("“许”")), "{:?}", list.notices);
}

#[test]
fn missing_images_and_clips_are_reported() {
    let no_image = sample_with(PAGE, "ResourceID=\"4\"", "ResourceID=\"44\"");
    assert!(list(&no_image, &Options::default()).notices.iter().any(|n| n.contains("资源标识不存在")));
    let clip = sample_with(PAGE, "<ofd:StrokeColor", "<ofd:Clips/><ofd:StrokeColor");
    assert!(list(&clip, &Options::default()).notices.iter().any(|n| n.contains("Clips")));
}

#[test]
fn an_arc_ends_where_it_should_and_bulges_to_the_right_side() {
    let data = "S 0 0 A 10 10 0 0 1 20 0";
    let object = format!(
        "<ofd:PathObject ID=\"1\" Boundary=\"0 0 20 20\"><ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    );
    let list = list(&pack(&parts(&object, b"")), &Options::default());
    let Some(Item::Path(shape)) = list.items.last() else { panic!("a path") };
    let ends: Vec<_> =
        shape.d.iter().filter_map(|s| if let Segment::Cubic(.., e) = s { Some(*e) } else { None }).collect();
    assert_eq!(ends.len(), 2, "half a circle is two quarters");
    let near = |p: [f32; 2], x: f32, y: f32| (p[0] - x).abs() < 1e-3 && (p[1] - y).abs() < 1e-3;
    assert!(near(ends[0], 10.0, -10.0) && near(ends[1], 20.0, 0.0), "{ends:?}");
}

#[test]
fn svg_has_the_page_in_mm_and_its_text_to_search() {
    let svg = to_svg(&list(&sample(), &Options::default()));
    assert!(svg.starts_with(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100mm\" height=\"60mm\" viewBox=\"0 0 100 60\">"
    ));
    assert!(svg.contains(">某某运输公司</text>"));
    assert!(svg.contains("href=\"data:image/png;base64,iVBORw0KGgo"));
    assert!(ofd::xml::parse(svg.as_bytes(), &Limits::default()).is_ok());
}

#[test]
fn a_page_too_large_to_paint_is_refused() {
    let list = DisplayList { width_mm: 1e6, height_mm: 1e6, ..DisplayList::default() };
    assert!(matches!(to_png(&list, 144.0), Err(OfdError::PageTooLarge { .. })));
    for dpi in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(to_png(&DisplayList { width_mm: 10.0, height_mm: 10.0, ..list.clone() }, dpi).is_err());
    }
}

#[test]
fn a_page_that_asks_for_too_much_work_is_refused() {
    let full = "<ofd:PathObject ID=\"1\" Boundary=\"0 0 100 60\" Fill=\"true\"><ofd:AbbreviatedData>M 0 0 L 100 0 L 100 60 L 0 60 C</ofd:AbbreviatedData></ofd:PathObject>";
    let list = list(&pack(&parts(&full.repeat(3000), b"")), &Options::default());
    assert!(matches!(to_png(&list, 254.0), Err(OfdError::TooComplex { .. })));
}

#[test]
fn endless_dashes_and_far_points_cost_nothing() {
    let object = "<ofd:PathObject ID=\"1\" Boundary=\"0 0 100 60\" DashPattern=\"0.000001 0.000001\"><ofd:AbbreviatedData>M 0 0 L 100 60</ofd:AbbreviatedData></ofd:PathObject><ofd:PathObject ID=\"2\" Boundary=\"0 0 1 1\"><ofd:AbbreviatedData>M 0 0 L 999999 999999</ofd:AbbreviatedData></ofd:PathObject>";
    let list = list(&pack(&parts(object, b"")), &Options::default());
    assert!(list.notices.iter().any(|n| n.contains("页面之外")));
    assert!(to_png(&list, 144.0).is_ok());
}

#[test]
fn a_broken_picture_is_refused_when_painted() {
    let mut parts = parts(OBJECTS, b"");
    parts.iter_mut().filter(|p| p.0.ends_with("red.png")).for_each(|p| p.1.truncate(40));
    let list = list(&pack(&parts), &Options::default());
    assert!(matches!(to_png(&list, 96.0), Err(OfdError::BadImage { .. })));
}

/// A face of the system, when the machine has one; the repository holds none.
fn system_font() -> Option<Vec<u8>> {
    std::fs::read("/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf").ok()
}

#[test]
fn chinese_text_is_painted_from_the_embedded_font() {
    let Some(font) = system_font() else { return };
    let limits = Limits { package_bytes: 64 << 20, ..Limits::default() };
    let bytes = pack(&parts(OBJECTS, &font));
    let package = Package::open(&bytes, &limits).unwrap();
    let list = draw(&package, 0, &Options::default()).unwrap();
    assert_eq!(list.notices, Vec::<String>::new());
    let png = to_png(&list, 254.0).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
    let mut raw = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut raw).unwrap();
    let red = |x: usize, y: usize| raw[(y * 1000 + x) * 3..][..3] == [200, 0, 0];
    let inked = (100..600).flat_map(|x| (100..170).map(move |y| (x, y))).filter(|(x, y)| red(*x, *y)).count();
    assert!(inked > 2000, "eight characters of 6 mm leave ink: {inked}");
}
