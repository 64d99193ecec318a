//! A symbol as a PNG and as runs.

use matrix::Symbol;
use matrix::gridmatrix::{self, GmOptions};
use proptest::prelude::*;

/// Light pixels of a PNG, row by row, read by an independent decoder, and its width.
fn pixels(file: &[u8]) -> (usize, Vec<bool>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG");
    let mut data = vec![0; reader.output_buffer_size().expect("small")];
    let info = reader.next_frame(&mut data).expect("complete");
    reader.finish().expect("nothing wrong behind the picture");
    assert_eq!(
        (info.width, info.color_type, info.bit_depth),
        (info.height, png::ColorType::Grayscale, png::BitDepth::One)
    );
    let width = info.width as usize;
    let light = |(row, x): (usize, usize)| data[row * info.line_size + x / 8] >> (7 - x % 8) & 1 == 1;
    (width, (0..width * width).map(|i| light((i / width, i % width))).collect())
}

/// Every pixel must show its module.
fn check(symbol: &Symbol, scale: usize) {
    let (width, light) = pixels(&symbol.to_png_1bit(scale));
    let quiet = symbol.quiet_zone();
    assert_eq!(width, (symbol.width() + 2 * quiet) * scale);
    for (i, &light) in light.iter().enumerate() {
        let (x, y) = (i % width / scale, i / width / scale);
        let dark = x >= quiet && y >= quiet && symbol.get(x - quiet, y - quiet);
        assert_eq!(light, !dark, "pixel {i} of width {width}, scale {scale}");
    }
}

#[test]
fn a_grid_matrix_symbol_as_png() {
    let symbol = gridmatrix::encode("道路运输证", GmOptions::default()).expect("encodes");
    for scale in [1, 2, 3, 4, 8, 16, 33] {
        check(&symbol, scale);
    }
}

#[test]
fn scale_zero_counts_as_one() {
    let symbol = Symbol::new(1, vec![true], 1).expect("square");
    assert_eq!(symbol.to_png_1bit(0), symbol.to_png_1bit(1));
}

#[test]
fn a_symbol_without_all_its_modules_is_refused() {
    assert!(Symbol::new(3, vec![true; 8], 0).is_err());
    assert!(Symbol::new(0, vec![], 0).is_err());
}

#[test]
fn outside_of_the_symbol_is_light() {
    let symbol = Symbol::new(2, vec![true; 4], 0).expect("square");
    assert!(symbol.get(1, 1) && !symbol.get(2, 0) && !symbol.get(0, 2));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_symbol_as_png(width in 1_usize..40, quiet in 0_usize..7, scale in 1_usize..12, bits in prop::collection::vec(any::<bool>(), 40 * 40)) {
        check(&Symbol::new(width, bits[..width * width].to_vec(), quiet).expect("square"), scale);
    }

    #[test]
    fn runs_cover_the_dark_modules_once_and_as_long_as_possible(width in 1_usize..12, bits in prop::collection::vec(any::<bool>(), 12 * 12)) {
        let symbol = Symbol::new(width, bits[..width * width].to_vec(), 0).expect("square");
        let mut drawn = vec![false; width * width];
        for run in symbol.runs() {
            prop_assert!(run.x == 0 || !symbol.get(run.x - 1, run.y));
            prop_assert!(!symbol.get(run.x + run.len, run.y));
            drawn[run.y * width + run.x..][..run.len].fill(true);
        }
        prop_assert_eq!(&drawn[..], symbol.modules());
    }
}
