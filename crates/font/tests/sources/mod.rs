//! The fonts that the tests read (Debian packages), and what outlines look like as polygons.
#![allow(dead_code, reason = "each test target uses its own part")]

use std::sync::{Arc, OnceLock};

use font::{FontFile, GlyphCache, Outline, Segment, Subset};

/// Characters of real certificates: rare name characters of three planes, Latin, digits, punctuation.
pub const CERTIFICATE_TEXT: &str =
    "玥喆堃璟翀垚鋆珺淼犇禤㛃䶮㼆𬭬𬱖回国道路运输经营许可证公司0123456789AaBbgQX@&·，。：（）《》“”、；— .-";

fn bytes(package: &str, path: &str) -> Arc<[u8]> {
    match std::fs::read(path) {
        Ok(bytes) => bytes.into(),
        Err(error) => panic!("the tests need the Debian package {package}: {error}"),
    }
}

pub fn song_bytes() -> Arc<[u8]> {
    static BYTES: OnceLock<Arc<[u8]>> = OnceLock::new();
    BYTES
        .get_or_init(|| bytes("fonts-noto-cjk", "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"))
        .clone()
}

pub fn kai_bytes() -> Arc<[u8]> {
    static BYTES: OnceLock<Arc<[u8]>> = OnceLock::new();
    BYTES
        .get_or_init(|| {
            bytes("fonts-lxgw-wenkai", "/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf")
        })
        .clone()
}

/// A CFF source in a collection.
pub fn song() -> FontFile {
    FontFile::parse(song_bytes(), "Noto Serif CJK SC").unwrap()
}

/// A TrueType source.
pub fn kai() -> FontFile {
    FontFile::parse(kai_bytes(), "LXGW WenKai").unwrap()
}

pub fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// The subset read again as a source font.
pub fn reopened(subset: &Subset, name: &str) -> FontFile {
    FontFile::parse(subset.bytes.clone().into(), name).unwrap()
}

/// A small font of a few characters, for tests that damage it.
pub fn small_font() -> Subset {
    GlyphCache::new(kai()).subset(&chars("国道8A 𬭬"), "Small").unwrap()
}

/// Closed polygons in 1/1000 em.
pub fn polygons(outline: &Outline) -> Vec<Vec<(f32, f32)>> {
    let mut done: Vec<Vec<(f32, f32)>> = Vec::new();
    let mut here = (0.0, 0.0);
    for segment in &outline.segments {
        let mix = |a: (f32, f32), b: (f32, f32), t: f32| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
        let points: Vec<(f32, f32)> = match *segment {
            Segment::Move(x, y) => {
                done.push(Vec::new());
                vec![(x, y)]
            }
            Segment::Line(x, y) => vec![(x, y)],
            Segment::Quad(cx, cy, x, y) => {
                let (a, c, b) = (here, (cx, cy), (x, y));
                chords(&[a, c, b]).map(|t| mix(mix(a, c, t), mix(c, b, t), t)).collect()
            }
            Segment::Cubic(cx, cy, dx, dy, x, y) => {
                let (a, c, d, b) = (here, (cx, cy), (dx, dy), (x, y));
                let quad = |a, b, c, t| mix(mix(a, b, t), mix(b, c, t), t);
                chords(&[a, c, d, b]).map(|t| mix(quad(a, c, d, t), quad(c, d, b, t), t)).collect()
            }
            Segment::Close => continue,
        };
        here = *points.last().unwrap();
        done.last_mut().unwrap().extend(points.iter().map(|p| (p.0 * 1000.0, p.1 * 1000.0)));
    }
    done
}

/// Curve parameters to draw chords to: many enough that a chord strays far less than the tests allow.
fn chords(control: &[(f32, f32)]) -> impl Iterator<Item = f32> {
    let length: f32 = control.windows(2).map(|p| (p[1].0 - p[0].0).hypot(p[1].1 - p[0].1)).sum();
    let count = (length * 120.0).clamp(6.0, 240.0) as u16;
    (1..=count).map(move |i| f32::from(i) / f32::from(count))
}

/// Distance from a point to the nearest edge.
pub fn distance(polygons: &[Vec<(f32, f32)>], (x, y): (f32, f32)) -> f32 {
    let mut best = f32::MAX;
    for polygon in polygons {
        for (i, a) in polygon.iter().enumerate() {
            let b = polygon[(i + 1) % polygon.len()];
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            let length = dx * dx + dy * dy;
            let t = if length > 0.0 { ((x - a.0) * dx + (y - a.1) * dy) / length } else { 0.0 };
            let t = t.clamp(0.0, 1.0);
            best = best.min((a.0 + t * dx - x).hypot(a.1 + t * dy - y));
        }
    }
    best
}

/// Winding number around a point; not zero means ink. Positive is counter-clockwise.
pub fn winding(polygons: &[Vec<(f32, f32)>], (x, y): (f32, f32)) -> i32 {
    let mut number = 0;
    for polygon in polygons {
        for (i, a) in polygon.iter().enumerate() {
            let b = polygon[(i + 1) % polygon.len()];
            let side = (b.0 - a.0) * (y - a.1) - (x - a.0) * (b.1 - a.1);
            if a.1 <= y && b.1 > y && side > 0.0 {
                number += 1;
            } else if a.1 > y && b.1 <= y && side < 0.0 {
                number -= 1;
            }
        }
    }
    number
}

/// Largest distance of either outline's points from the other, in 1/1000 em.
pub fn gap(one: &Outline, other: &Outline) -> f32 {
    let (one, other) = (polygons(one), polygons(other));
    let reach = |from: &[Vec<(f32, f32)>], to: &[Vec<(f32, f32)>]| {
        from.iter().flatten().map(|&p| distance(to, p)).fold(0.0, f32::max)
    };
    reach(&one, &other).max(reach(&other, &one))
}
