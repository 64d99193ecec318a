//! The photos that the records name: right ones made here, damaged ones made from them.

use std::fs;
use std::path::Path;

use jpeg_encoder::{ColorType, Encoder};

/// A grey picture with a little relief, so that half a file is visibly half a picture.
fn pixels(width: usize, height: usize, noise: bool) -> Vec<u8> {
    let mut state = 1_u32;
    let pixel = |index: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if noise { (state >> 24) as u8 } else { ((index % width) / 2 + index / width / 3) as u8 }
    };
    (0..width * height).map(pixel).collect()
}

fn jpeg(width: u16, height: u16, noise: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let data = pixels(width.into(), height.into(), noise);
    let quality = if noise { 100 } else { 85 };
    Encoder::new(&mut out, quality).encode(&data, width, height, ColorType::Luma).unwrap();
    out
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let data = pixels(width as usize, height as usize, false);
    encoder.write_header().unwrap().write_image_data(&data).unwrap();
    out
}

/// The same JPEG with a frame header (SOF0: FF C0, length, precision, height, width) that claims 60000 × 60000.
fn boastful(mut jpeg: Vec<u8>) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    jpeg
}

fn flipped(mut png: Vec<u8>) -> Vec<u8> {
    let middle = png.len() / 2;
    png[middle] ^= 0x10;
    png
}

/// Writes them all below the folder of the records.
pub fn write_all(folder: &Path) {
    let photos = folder.join("photos");
    fs::create_dir_all(photos.join("more")).unwrap();
    let (person, vehicle) = (jpeg(295, 413, false), jpeg(600, 400, false));
    let picture = png(295, 413);
    let files: &[(&str, &[u8])] = &[
        ("photos/person.jpg", &person),
        ("photos/more/person.jpg", &person),
        ("photos/vehicle.jpg", &vehicle),
        ("photos/vehicle.png", &png(600, 400)),
        ("photos/really-png.jpg", &picture),
        ("photos/text.jpg", "姓名：周建国".as_bytes()),
        ("photos/picture.gif", b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"),
        ("photos/empty.jpg", b""),
        ("photos/half.jpg", &person[..person.len() / 2]),
        ("photos/half.png", &picture[..picture.len() / 2]),
        ("photos/flipped.png", &flipped(picture.clone())),
        ("photos/thumbnail.jpg", &jpeg(20, 28, false)),
        ("photos/huge.jpg", &jpeg(2400, 1600, true)),
        ("photos/claims.jpg", &boastful(vehicle.clone())),
        // Outside of the folder and a right picture: the only fault of the record is its path.
        ("../outside.jpg", &person),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
}
