//! No bytes make the crate panic, hang or answer slowly.
#![allow(clippy::unwrap_used)] // a test that cannot go on should fail

mod support;

use ofd::draw::{DisplayList, Options, Overlay, draw, to_png, to_svg};
use ofd::zip::Archive;
use ofd::{Limits, Package, Rect, plain_text};
use proptest::prelude::*;
use support::{OBJECTS, pack, parts, sample};

/// Takes a package as far as it goes.
fn use_it(bytes: &[u8]) {
    let limits = Limits::default();
    if let Ok(archive) = Archive::open(bytes, &limits) {
        let _ = archive.check_all();
    }
    let Ok(package) = Package::open(bytes, &limits) else { return };
    let _ = plain_text(&package);
    for page in 0..package.pages.len().min(3) {
        if let Ok(list) = draw(&package, page, &Options::default()) {
            let _ = to_svg(&list);
            let _ = to_png(&list, 50.0);
        }
    }
}

#[test]
fn a_package_cut_anywhere_is_refused() {
    let good = sample();
    for end in 0..good.len() {
        assert!(Archive::open(&good[..end], &Limits::default()).is_err(), "cut at {end}");
    }
}

#[test]
fn each_header_bit_flip_is_refused_or_harmless() {
    let good = sample();
    for at in (0..60).chain(good.len() - 120..good.len()) {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            use_it(&bytes);
        }
    }
}

/// Paints a picture over the sample page.
fn paint(picture: &[u8]) {
    if let Ok(overlay) = Overlay::image(0, Rect::new(0.0, 0.0, 20.0, 20.0), picture) {
        let list =
            DisplayList { width_mm: 20.0, height_mm: 20.0, items: overlay.items, ..DisplayList::default() };
        let _ = to_png(&list, 100.0);
    }
}

fn photo() -> Vec<u8> {
    let pixels: Vec<u8> = (0..32 * 24 * 3).map(|i| (i * 7 % 251) as u8).collect();
    let mut out = Vec::new();
    jpeg_encoder::Encoder::new(&mut out, 80).encode(&pixels, 32, 24, jpeg_encoder::ColorType::Rgb).unwrap();
    out
}

/// A font of the system with some bytes changed still draws something or nothing.
#[test]
fn flipped_fonts() {
    let Ok(font) = std::fs::read("/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf") else {
        return;
    };
    let bytes = sample();
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    let mut seed = 1u64;
    for round in 0..60 {
        let mut broken = font.clone();
        for _ in 0..2000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            // Early rounds damage the headers and tables at the front, later ones everything.
            let span = if round < 20 { 400 } else { broken.len() };
            broken[(seed >> 20) as usize % span] = (seed >> 11) as u8;
            if round < 20 {
                break;
            }
        }
        let options = Options { fallback_font: Some(&broken), ..Options::default() };
        if let Ok(list) = draw(&package, 0, &options) {
            let _ = to_png(&list, 50.0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn flipped_pictures(
        jpeg in any::<bool>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        keep in any::<prop::sample::Index>(),
    ) {
        let mut bytes = if jpeg { photo() } else { support::red_png() };
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        paint(&bytes);
        bytes.truncate(keep.index(bytes.len()));
        paint(&bytes);
    }

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        use_it(&bytes);
    }

    #[test]
    fn flipped_containers(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = sample();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= value;
        }
        use_it(&bytes);
    }

    /// Behind a valid CRC, so that the damage reaches the parsers.
    #[test]
    fn flipped_files(
        part in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut parts = parts(OBJECTS, b"no font");
        let part = part.index(parts.len());
        let file = &mut parts[part].1;
        for (at, value) in flips {
            let at = at.index(file.len());
            file[at] = value;
        }
        use_it(&pack(&parts));
    }

    /// Numbers of every size in every attribute of the page.
    #[test]
    fn strange_numbers(numbers in prop::collection::vec("-?[0-9]{1,7}(\\.[0-9]{1,3})?|g|NaN|-|", 8)) {
        let mut next = numbers.iter().cycle();
        let mut objects = String::new();
        for word in OBJECTS.split_inclusive(' ') {
            let digits = word.trim_end().parse::<f64>().is_ok();
            objects += if digits { next.next().map(String::as_str).unwrap_or_default() } else { word };
            objects.push(' ');
        }
        use_it(&pack(&parts(&objects, b"no font")));
    }

    #[test]
    fn strange_paths(data in "([SMLQBAC] |-?[0-9]{1,4}(\\.[0-9])? ){0,40}") {
        let object = format!(
            "<ofd:PathObject ID=\"1\" Boundary=\"0 0 9 9\" Fill=\"true\"><ofd:AbbreviatedData>M 0 0 {data}</ofd:AbbreviatedData></ofd:PathObject>"
        );
        use_it(&pack(&parts(&object, b"")));
    }
}
