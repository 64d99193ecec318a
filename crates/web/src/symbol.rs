//! A QR code as SVG, for pages without a script and for paper.

use std::fmt::Write as _;

use link::problem::Problem;

use crate::problems;

/// The text as a QR code at level M, with its quiet zone; sharp at any size.
pub(crate) fn svg(text: &str) -> Result<String, Problem> {
    let symbol = matrix::qr::encode(text, matrix::qr::QrLevel::M).map_err(|_| problems::internal())?;
    let (width, quiet) = (symbol.width(), symbol.quiet_zone());
    let whole = width + 2 * quiet;
    let mut path = String::new();
    for y in 0..width {
        let mut x = 0;
        while x < width {
            let from = x;
            while x < width && symbol.get(x, y) {
                x += 1;
            }
            if x > from {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", from + quiet, y + quiet, x - from, x - from);
            }
            x += 1;
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" shape-rendering=\"crispEdges\" role=\"img\" \
         aria-label=\"二维码\"><rect width=\"{whole}\" height=\"{whole}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>"
    ))
}
