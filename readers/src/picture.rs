//! Comparing two drawings of one page.

use anyhow::{Context, Result, bail};
use image::RgbImage;

/// Resolution of every drawing here, dots per inch: the product's default.
pub const DPI: f64 = 144.0;

/// A pixel counts as different when a channel differs by more than this, of 255.
const VISIBLE: u8 = 64;

/// Side of the tiles whose mean is looked at one by one, millimetres: about one character.
const TILE_MM: f64 = 5.0;

/// A rectangle on the page in millimetres: left, top, width, height.
pub type BoxMm = [f64; 4];

/// How far two drawings are apart outside the masked boxes.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// Mean absolute difference of the channels, 0 to 255.
    pub mean: f64,
    /// Share of pixels with a channel that differs by more than 64, per cent.
    pub share: f64,
    /// Mean absolute difference of the worst 5 mm tile: what one lost word would raise.
    pub worst_tile: f64,
    /// Left and top of that tile, millimetres.
    pub worst_at: (f64, f64),
}

/// Decodes a PNG.
///
/// # Errors
/// The bytes are no PNG.
pub fn decode(png: &[u8]) -> Result<RgbImage> {
    Ok(image::load_from_memory(png).context("not a PNG")?.to_rgb8())
}

/// Makes a picture of RGBA bytes that were drawn on white.
///
/// # Errors
/// The bytes do not fill the size.
pub fn from_rgba(width: u32, height: u32, rgba: Vec<u8>) -> Result<RgbImage> {
    let image = image::RgbaImage::from_raw(width, height, rgba).context("a picture of the wrong length")?;
    Ok(image::DynamicImage::ImageRgba8(image).to_rgb8())
}

/// Measures the difference of two drawings of the same page, leaving out `masks`.
///
/// # Errors
/// The sizes differ by more than a pixel, or the masks leave nothing.
pub fn compare(ours: &RgbImage, theirs: &RgbImage, masks: &[BoxMm]) -> Result<Difference> {
    let (width, height) = (ours.width().min(theirs.width()), ours.height().min(theirs.height()));
    // 148 mm is 839.06 pixels at 144 dpi: one reader rounds up, another down.
    if [ours, theirs].iter().any(|side| side.width() > width + 1 || side.height() > height + 1) {
        bail!("its picture is {:?} pixels, ours {:?}", theirs.dimensions(), ours.dimensions());
    }
    let per_mm = DPI / 25.4;
    let tile = (TILE_MM * per_mm).ceil() as u32;
    let columns = ours.width().div_ceil(tile);
    // (sum of channel differences, pixels) for each tile.
    let mut tiles = vec![(0u64, 0u64); (columns * ours.height().div_ceil(tile)) as usize];
    let mut visible = 0u64;
    for (x, y, pixel) in ours.enumerate_pixels() {
        let at = (f64::from(x) / per_mm, f64::from(y) / per_mm);
        if x >= width || y >= height || masks.iter().any(|mask| inside(at, mask)) {
            continue;
        }
        let other = theirs.get_pixel(x, y);
        let channels = [0, 1, 2].map(|channel| pixel[channel].abs_diff(other[channel]));
        let slot = &mut tiles[((y / tile) * columns + x / tile) as usize];
        slot.0 += channels.iter().map(|&difference| u64::from(difference)).sum::<u64>();
        slot.1 += 1;
        visible += u64::from(channels.iter().any(|&difference| difference > VISIBLE));
    }
    summary(&tiles, visible, columns, f64::from(tile) / per_mm)
}

fn summary(tiles: &[(u64, u64)], visible: u64, columns: u32, side: f64) -> Result<Difference> {
    let (sum, pixels) = tiles.iter().fold((0, 0), |total, tile| (total.0 + tile.0, total.1 + tile.1));
    if pixels == 0 {
        bail!("the masks leave nothing of the page");
    }
    let full = tiles.iter().map(|tile| tile.1).max().unwrap_or(0);
    // A sliver at an edge or beside a mask has too few pixels for its mean to say anything.
    let means = tiles.iter().enumerate().filter(|(_, tile)| tile.1 * 4 >= full);
    let (worst, worst_tile) = means
        .map(|(index, &(sum, pixels))| (index as u32, sum as f64 / (3 * pixels) as f64))
        .max_by(|left, right| left.1.total_cmp(&right.1))
        .context("no tile is large enough")?;
    Ok(Difference {
        mean: sum as f64 / (3 * pixels) as f64,
        share: 100.0 * visible as f64 / pixels as f64,
        worst_tile,
        worst_at: (f64::from(worst % columns) * side, f64::from(worst / columns) * side),
    })
}

/// Whether a point lies in a box or within half a millimetre of it (edges are drawn half inside).
fn inside((x, y): (f64, f64), [left, top, width, height]: &BoxMm) -> bool {
    const EDGE: f64 = 0.5;
    (left - EDGE..=left + width + EDGE).contains(&x) && (top - EDGE..=top + height + EDGE).contains(&y)
}
