//! QR codes, read by an independent reader from the picture that we draw.

use matrix::MatrixError;
use matrix::qr::{QrLevel, encode};
use proptest::prelude::*;

/// What the reader sees at four pixels a module.
fn read(text: &str, level: QrLevel) -> String {
    let symbol = encode(text, level).expect("encodes");
    let quiet = symbol.quiet_zone();
    let side = (symbol.width() + 2 * quiet) * 4;
    let dark = |x: usize, y: usize| {
        let inside = x / 4 >= quiet && y / 4 >= quiet;
        inside && symbol.get(x / 4 - quiet, y / 4 - quiet)
    };
    let mut image = rqrr::PreparedImage::prepare_from_bitmap(side, side, dark);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one symbol for {text}");
    grids[0].decode().expect("decodes").1
}

#[test]
fn every_level_reads_back() {
    let text = "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0";
    for level in [QrLevel::L, QrLevel::M, QrLevel::Q, QrLevel::H] {
        assert_eq!(read(text, level), text);
    }
}

#[test]
fn chinese_reads_back() {
    assert_eq!(read("道路运输经营许可证，王喆", QrLevel::M), "道路运输经营许可证，王喆");
}

#[test]
fn a_large_symbol_reads_back() {
    let text = "0123456789ABCDEF".repeat(60);
    assert_eq!(read(&text, QrLevel::M), text);
}

#[test]
fn bad_texts_are_refused() {
    assert_eq!(encode("", QrLevel::M), Err(MatrixError::Empty));
    assert!(matches!(encode(&"A".repeat(5000), QrLevel::L), Err(MatrixError::Qr(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_reads_back(text in "[0-9A-Z]{1,40}|[ -~]{1,60}|[道路运输许可证a-z]{1,30}") {
        prop_assert_eq!(read(&text, QrLevel::M), text);
    }
}
