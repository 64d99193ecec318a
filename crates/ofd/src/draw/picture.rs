//! Decoding of pictures to premultiplied RGBA under limits.

use std::io::Cursor;

use tiny_skia::{IntSize, Pixmap, PremultipliedColorU8};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Picture, PictureKind};
use crate::OfdError;

/// Pixels of one picture; a 40 mm photo at 600 dpi has under one million.
pub(super) const PIXELS_MAX: u64 = 6_000_000;
/// Longest edge of a picture.
const EDGE_MAX: u32 = 16_384;

/// Decodes a picture.
pub(super) fn decode(picture: &Picture) -> Result<Pixmap, OfdError> {
    match picture.kind {
        PictureKind::Png => png(&picture.bytes),
        PictureKind::Jpeg => jpeg(&picture.bytes),
    }
}

fn check(width: u32, height: u32) -> Result<IntSize, OfdError> {
    let small = width <= EDGE_MAX && height <= EDGE_MAX && u64::from(width) * u64::from(height) <= PIXELS_MAX;
    let size = IntSize::from_wh(width, height).filter(|_| small);
    size.ok_or(OfdError::BadImage { what: "像素过多或为零" })
}

fn png(bytes: &[u8]) -> Result<Pixmap, OfdError> {
    let bad = |_| OfdError::BadImage { what: "PNG 已损坏" };
    let limits = ::png::Limits { bytes: 4 * PIXELS_MAX as usize };
    let mut decoder = ::png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder
        .set_transformations(::png::Transformations::normalize_to_color8() | ::png::Transformations::ALPHA);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(bad)?;
    let size = check(reader.info().width, reader.info().height)?;
    let len = reader.output_buffer_size().ok_or(OfdError::BadImage { what: "PNG 已损坏" })?;
    let mut raw = vec![0; len];
    let info = reader.next_frame(&mut raw).map_err(bad)?;
    raw.truncate(info.buffer_size());
    let rgba = match info.color_type {
        ::png::ColorType::Rgba => raw,
        ::png::ColorType::GrayscaleAlpha => {
            raw.as_chunks::<2>().0.iter().flat_map(|[g, a]| [*g, *g, *g, *a]).collect()
        }
        _ => return Err(OfdError::BadImage { what: "PNG 颜色类型" }),
    };
    premultiplied(rgba, size)
}

fn jpeg(bytes: &[u8]) -> Result<Pixmap, OfdError> {
    let bad = |_| OfdError::BadImage { what: "JPEG 已损坏" };
    let options = DecoderOptions::default()
        .set_max_width(EDGE_MAX as usize)
        .set_max_height(EDGE_MAX as usize)
        .jpeg_set_max_scans(64)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(bad)?;
    let info = decoder.info().ok_or(OfdError::BadImage { what: "JPEG 已损坏" })?;
    let size = check(u32::from(info.width), u32::from(info.height))?;
    let rgb = decoder.decode().map_err(bad)?;
    let rgba = rgb.as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect();
    premultiplied(rgba, size)
}

fn premultiplied(mut rgba: Vec<u8>, size: IntSize) -> Result<Pixmap, OfdError> {
    for [r, g, b, a] in rgba.as_chunks_mut::<4>().0 {
        for part in [r, g, b] {
            *part = ((u16::from(*part) * u16::from(*a) + 127) / 255) as u8;
        }
    }
    Pixmap::from_vec(rgba, size).ok_or(OfdError::BadImage { what: "长度不符" })
}

/// Halves a picture by averaging four pixels into one: bilinear sampling alone would skip pixels when a
/// picture is shown at less than half its size.
pub(super) fn halved(picture: &Pixmap) -> Option<Pixmap> {
    let (width, height) = (picture.width() / 2, picture.height() / 2);
    let mut small = Pixmap::new(width, height)?;
    let wide = picture.width() as usize;
    let source = picture.pixels();
    for (i, pixel) in small.pixels_mut().iter_mut().enumerate() {
        let (x, y) = (i % width as usize * 2, i / width as usize * 2);
        let four = [(0, 0), (1, 0), (0, 1), (1, 1)]
            .map(|(dx, dy)| source.get((y + dy) * wide + x + dx).copied().unwrap_or(*pixel));
        let mean = |part: fn(PremultipliedColorU8) -> u8| {
            ((four.iter().map(|p| u16::from(part(*p))).sum::<u16>() + 2) / 4) as u8
        };
        let [r, g, b, a] = [
            mean(PremultipliedColorU8::red),
            mean(PremultipliedColorU8::green),
            mean(PremultipliedColorU8::blue),
            mean(PremultipliedColorU8::alpha),
        ];
        *pixel = PremultipliedColorU8::from_rgba(r.min(a), g.min(a), b.min(a), a)?;
    }
    Some(small)
}
