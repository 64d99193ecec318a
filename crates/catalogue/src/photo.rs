//! Photos: readable to the last byte, of a sensible size.

mod jpeg;
#[cfg(test)]
mod tests;

use std::io::Cursor;
use std::path::{Component, Path};

use crate::Item;
use crate::lint::Report;

/// Smallest width and height in pixels that still shows a face or a vehicle.
const SMALLEST: usize = 100;
/// Largest width and height: a decoder must not be made to allocate without end.
const LARGEST: usize = 4_000;
/// Largest file in bytes. Practice asks for about 50 KB; this bound leaves room and keeps files small.
const MOST_BYTES: usize = 200 * 1024;

/// File format of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

impl PhotoFormat {
    /// The usual extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// What a readable photo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhotoInfo {
    /// Format.
    pub format: PhotoFormat,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
}

/// The limits in words, for whoever chooses a photo.
pub fn help() -> String {
    format!(
        "JPEG 或 PNG，不超过 {} KB，宽高 {SMALLEST} 至 {LARGEST} 像素；建议 50 KB 左右",
        MOST_BYTES / 1024
    )
}

/// Reads a photo whole. `None` when any part of it cannot be read.
pub fn inspect(bytes: &[u8]) -> Option<PhotoInfo> {
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) { jpeg(bytes) } else { png(bytes) }
}

/// Most photos are of the plain kind that [`jpeg::whole`] proves at a fourth of the decoder's cost; it takes none that the
/// decoder refuses, and the decoder has the last word on all others.
fn jpeg(bytes: &[u8]) -> Option<PhotoInfo> {
    let plain = jpeg::whole(bytes);
    plain
        .map(|(width, height)| PhotoInfo { format: PhotoFormat::Jpeg, width, height })
        .or_else(|| decoded(bytes))
}

/// The verdict of the full decoder.
fn decoded(bytes: &[u8]) -> Option<PhotoInfo> {
    use zune_jpeg::zune_core::bytestream::ZCursor;
    use zune_jpeg::zune_core::options::DecoderOptions;
    // A decoder fills a cut-off tail with grey and is content: the end marker is what proves the file whole.
    if !bytes.ends_with(&[0xFF, 0xD9]) {
        return None;
    }
    let options =
        DecoderOptions::default().set_strict_mode(true).set_max_width(LARGEST).set_max_height(LARGEST);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    // All colours: asked for brightness alone, this decoder indexes beyond its buffers at some samplings. It holds nothing of
    // ours, and a photo at which a decoder stumbles is not readable.
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| decoder.decode().is_ok()));
    if !read.unwrap_or(false) {
        return None;
    }
    let (width, height) = decoder.dimensions()?;
    Some(PhotoInfo { format: PhotoFormat::Jpeg, width, height })
}

fn png(bytes: &[u8]) -> Option<PhotoInfo> {
    let limits = png::Limits { bytes: 64 * 1024 * 1024 };
    let mut reader = png::Decoder::new_with_limits(Cursor::new(bytes), limits).read_info().ok()?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    if width > LARGEST || height > LARGEST {
        return None;
    }
    while reader.next_row().ok()?.is_some() {}
    reader.finish().ok()?;
    Some(PhotoInfo { format: PhotoFormat::Png, width, height })
}

/// Format and size from the headers alone, for a photo that the lint has passed.
pub fn size_of(bytes: &[u8]) -> Option<PhotoInfo> {
    if !bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        let reader = png::Decoder::new(Cursor::new(bytes)).read_info().ok()?;
        let (width, height) = (reader.info().width as usize, reader.info().height as usize);
        return Some(PhotoInfo { format: PhotoFormat::Png, width, height });
    }
    let by_decoder = || {
        let mut decoder = zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(bytes));
        decoder.decode_headers().ok()?;
        decoder.dimensions()
    };
    let (width, height) = jpeg::size(bytes).or_else(by_decoder)?;
    Some(PhotoInfo { format: PhotoFormat::Jpeg, width, height })
}

/// Adds what is wrong with a photo.
pub(crate) fn check(item: &Item, bytes: &[u8], report: &mut Report<'_>) {
    if bytes.len() > MOST_BYTES {
        let what = format!("{}有 {} KB，超过 {} KB", item.name, bytes.len() / 1024, MOST_BYTES / 1024);
        report.error(&item.short, "PHOTO_SIZE", what, "请压缩到 50 KB 左右后重新提交");
        return;
    }
    match inspect(bytes) {
        None => damaged(item, bytes, report),
        Some(info) if info.width < SMALLEST || info.height < SMALLEST => {
            let what = format!("{}只有 {}×{} 像素", item.name, info.width, info.height);
            report.error(
                &item.short,
                "PHOTO_SIZE",
                what,
                format!("请提供宽高均不少于 {SMALLEST} 像素的照片"),
            );
        }
        Some(_) => {}
    }
}

/// Says why a photo cannot be read: each cause has another mend.
fn damaged(item: &Item, bytes: &[u8], report: &mut Report<'_>) {
    let name = &item.name;
    let is_jpeg = bytes.starts_with(&[0xFF, 0xD8, 0xFF]);
    let is_png = bytes.starts_with(b"\x89PNG\r\n\x1A\n");
    let whole =
        if is_jpeg { bytes.ends_with(&[0xFF, 0xD9]) } else { bytes.ends_with(b"IEND\xAE\x42\x60\x82") };
    let (rule, what, fix) = if bytes.is_empty() {
        ("PHOTO_DAMAGED", format!("{name}文件是空的"), "请重新导出照片")
    } else if !is_jpeg && !is_png {
        ("PHOTO_DAMAGED", format!("{name}文件不是 JPEG 或 PNG 图片"), "请换成 JPEG 或 PNG 格式的照片")
    } else if let Some(size) = size_of(bytes).filter(|size| size.width.max(size.height) > LARGEST) {
        let what = format!("{name}为 {}×{} 像素，宽高不能超过 {LARGEST}", size.width, size.height);
        ("PHOTO_SIZE", what, "请缩小后重新提交")
    } else if !whole {
        ("PHOTO_DAMAGED", format!("{name}文件不完整，后一部分没有传来"), "请重新传送或重新导出照片")
    } else {
        ("PHOTO_DAMAGED", format!("{name}文件内容损坏，不能完整显示"), "请重新采集或重新导出照片")
    };
    report.error(&item.short, rule, what, fix);
}

/// Does a photo's path stay in the folder of its record file, or below? A record must not read other files.
pub fn is_inside(path: &str) -> bool {
    let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    !path.contains('\\') && Path::new(path).components().all(inside)
}

/// Adds why there is no photo where the record says that there is one.
pub(crate) fn unreadable(item: &Item, path: &str, report: &mut Report<'_>) {
    let name = &item.name;
    let (what, fix) = if is_inside(path) {
        (format!("没有{name}文件“{path}”，或该文件不能读取"), "请把照片放到记录所写的位置后重新提交")
    } else {
        (format!("{name}的路径“{path}”指向记录所在目录之外"), "请把照片放在记录文件所在的目录里，写相对路径")
    };
    report.error(&item.short, "PHOTO_DAMAGED", what, fix);
}
