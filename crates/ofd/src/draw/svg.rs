//! Display list to SVG.

use super::{
    Cap, DisplayList, FillRule, Glyphs, Item, Join, Picture, PictureKind, Point, Segment, Shape, Stroke,
};
use crate::geometry::Matrix;
use crate::notation::{push_decimal, push_integer, push_mm};
use crate::package::Color;
use crate::xml::push_escaped;

/// The list as one SVG file, its `viewBox` in mm.
///
/// Text is painted as outlines, so no font is needed; over them lies the same text, transparent, so that it can
/// be searched, selected and read aloud. Pictures are inside as data URIs: the file refers to nothing.
pub fn to_svg(list: &DisplayList) -> String {
    let mut out = String::with_capacity(64 * 1024);
    let size = |out: &mut String, unit: &str| {
        for (name, value) in [(" width=\"", list.width_mm), ("\" height=\"", list.height_mm)] {
            out.push_str(name);
            push_mm(out, value);
            out.push_str(unit);
        }
    };
    out.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\"");
    size(&mut out, "mm");
    out.push_str("\" viewBox=\"0 0 ");
    push_mm(&mut out, list.width_mm);
    out.push(' ');
    push_mm(&mut out, list.height_mm);
    out.push_str("\"><rect fill=\"#ffffff\"");
    size(&mut out, "");
    out.push_str("\"/>");
    for item in &list.items {
        match item {
            Item::Path(path) => shape(&mut out, path),
            Item::Image(image) => picture(&mut out, image),
            Item::Glyphs(glyphs) => text(&mut out, glyphs),
        }
    }
    out.push_str("</svg>\n");
    out
}

fn shape(out: &mut String, shape: &Shape) {
    if shape.d.is_empty() {
        return;
    }
    out.push_str("<path d=\"");
    shape.d.iter().for_each(|s| segment(out, s));
    out.push_str("\" fill=\"");
    match shape.fill {
        Some(color) => push_color(out, color, "\" fill-opacity=\""),
        None => out.push_str("none"),
    }
    if shape.rule == FillRule::EvenOdd {
        out.push_str("\" fill-rule=\"evenodd");
    }
    if let Some(style) = &shape.stroke {
        stroke(out, style);
    }
    out.push_str("\"/>");
}

/// Filled glyphs in whole hundredths of a millimetre, each point counted from the one before: a third of the
/// length of [`shape`], and finer than any printer.
fn outlines(out: &mut String, d: &[Segment], fill: Color) {
    out.push_str("<path transform=\"scale(.01)\" aria-hidden=\"true\" d=\"");
    let mut pen = [0i64; 2];
    let mut start = pen;
    for segment in d {
        let (letter, points) = match segment {
            Segment::Move(p) => ('m', &[*p][..]),
            Segment::Line(p) => ('l', &[*p][..]),
            Segment::Quad(p, q) => ('q', &[*p, *q][..]),
            Segment::Cubic(p, q, r) => ('c', &[*p, *q, *r][..]),
            Segment::Close => ('z', &[][..]),
        };
        out.push(letter);
        let mut last = pen;
        for (i, point) in points.iter().enumerate() {
            // Rounded before the difference is taken, so that errors do not add up.
            last = point.map(|v| (f64::from(v) * 100.0).round() as i64);
            for (axis, (to, from)) in last.iter().zip(pen).enumerate() {
                let step = to - from;
                match (step < 0, i + axis > 0) {
                    (true, _) => out.push('-'),
                    (false, true) => out.push(' '),
                    (false, false) => {}
                }
                push_integer(out, step.unsigned_abs());
            }
        }
        pen = if letter == 'z' { start } else { last };
        if letter == 'm' {
            start = pen;
        }
    }
    out.push_str("\" fill=\"");
    push_color(out, fill, "\" fill-opacity=\"");
    out.push_str("\"/>");
}

fn segment(out: &mut String, segment: &Segment) {
    let mut points = |letter: char, points: &[Point]| {
        out.push(letter);
        for (i, value) in points.iter().flatten().enumerate() {
            if i > 0 {
                out.push(' ');
            }
            push_mm(out, f64::from(*value));
        }
    };
    match *segment {
        Segment::Move(p) => points('M', &[p]),
        Segment::Line(p) => points('L', &[p]),
        Segment::Quad(p, q) => points('Q', &[p, q]),
        Segment::Cubic(p, q, r) => points('C', &[p, q, r]),
        Segment::Close => out.push('Z'),
    }
}

fn push_color(out: &mut String, color: Color, opacity: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push('#');
    for part in [color.r, color.g, color.b] {
        out.push(char::from(HEX[usize::from(part >> 4)]));
        out.push(char::from(HEX[usize::from(part & 15)]));
    }
    if color.a != 255 {
        out.push_str(opacity);
        push_mm(out, f64::from(color.a) / 255.0);
    }
}

fn stroke(out: &mut String, stroke: &Stroke) {
    out.push_str("\" stroke=\"");
    push_color(out, stroke.color, "\" stroke-opacity=\"");
    out.push_str("\" stroke-width=\"");
    push_mm(out, f64::from(stroke.width));
    if !stroke.dash.is_empty() {
        out.push_str("\" stroke-dasharray=\"");
        for (i, dash) in stroke.dash.iter().enumerate() {
            if i > 0 {
                out.push(' ');
            }
            push_mm(out, f64::from(*dash));
        }
        out.push_str("\" stroke-dashoffset=\"");
        push_mm(out, f64::from(stroke.dash_offset));
    }
    out.push_str(match stroke.cap {
        Cap::Butt => "",
        Cap::Round => "\" stroke-linecap=\"round",
        Cap::Square => "\" stroke-linecap=\"square",
    });
    out.push_str(match stroke.join {
        Join::Miter => "",
        Join::Round => "\" stroke-linejoin=\"round",
        Join::Bevel => "\" stroke-linejoin=\"bevel",
    });
}

/// `transform` attribute with six decimals: three would turn the picture of a small unit square coarse.
fn push_matrix(out: &mut String, m: &Matrix) {
    out.push_str(" transform=\"matrix(");
    for (i, value) in [m.a, m.b, m.c, m.d].into_iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push_decimal(out, value, 1_000_000);
    }
    for value in [m.e, m.f] {
        out.push(' ');
        push_mm(out, value);
    }
    out.push_str(")\"");
}

fn picture(out: &mut String, picture: &Picture) {
    out.push_str("<image width=\"1\" height=\"1\" preserveAspectRatio=\"none\"");
    if picture.alpha != 255 {
        out.push_str(" opacity=\"");
        push_mm(out, f64::from(picture.alpha) / 255.0);
        out.push('"');
    }
    push_matrix(out, &picture.ctm);
    out.push_str(match picture.kind {
        PictureKind::Png => " href=\"data:image/png;base64,",
        PictureKind::Jpeg => " href=\"data:image/jpeg;base64,",
    });
    push_base64(out, &picture.bytes);
    out.push_str("\"/>");
}

fn text(out: &mut String, glyphs: &Glyphs) {
    match (&glyphs.shape.stroke, glyphs.shape.fill) {
        _ if glyphs.shape.d.is_empty() => {}
        (None, Some(fill)) => outlines(out, &glyphs.shape.d, fill),
        _ => shape(out, &glyphs.shape),
    }
    if glyphs.text.trim().is_empty() {
        return;
    }
    out.push_str("<text fill=\"transparent\" font-size=\"");
    push_mm(out, glyphs.size);
    if glyphs.advance > 0.0 && glyphs.text.chars().count() > 1 {
        out.push_str("\" textLength=\"");
        push_mm(out, glyphs.advance);
    }
    out.push('"');
    push_matrix(out, &glyphs.baseline);
    out.push('>');
    push_escaped(out, &glyphs.text);
    out.push_str("</text>");
}

/// Standard base64 (RFC 4648 §4) with padding.
fn push_base64(out: &mut String, bytes: &[u8]) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let part = |i: usize| u32::from(chunk.get(i).copied().unwrap_or_default());
        let word = part(0) << 16 | part(1) << 8 | part(2);
        for i in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * i) & 63) as usize];
            out.push(if i > chunk.len() { '=' } else { char::from(digit) });
        }
    }
}
