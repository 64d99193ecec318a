//! The small part of SVG path data (SVG 1.1 §8.3) that supplied glyphs may use.

use crate::error::FontError;
use crate::outline::{Outline, Segment};

/// Side of the em box that the path is drawn in.
const EM: f32 = 1000.0;
/// Distance from the top of the em box down to the baseline, as in the CJK fonts in use.
const BASELINE: f32 = 880.0;
/// Far beyond any glyph; keeps sums of relative steps finite.
const LIMIT: f32 = 100_000.0;

/// See [`Outline::from_svg_path`].
pub(crate) fn parse(path: &str) -> Result<Outline, FontError> {
    let mut reader = Reader { bytes: path.as_bytes(), at: 0 };
    let mut pen = Pen { outline: Outline::default(), here: (0.0, 0.0), start: (0.0, 0.0), open: false };
    let mut command = None;
    while let Some(next) = reader.peek() {
        if next.is_ascii_alphabetic() {
            reader.at += 1;
            command = Some(next);
        } else if matches!(command, Some(b'Z' | b'z')) {
            return Err(reader.fault("Z 之后须有新的命令"));
        }
        let Some(code) = command else { return Err(reader.fault("路径须以 M 开头")) };
        pen.step(code, &mut reader)?;
        // SVG 1.1 §8.3.2: pairs that follow a moveto's first pair are linetos.
        command = Some(match code {
            b'M' => b'L',
            b'm' => b'l',
            other => other,
        });
    }
    Ok(pen.outline)
}

/// Cuts the path text into commands and numbers.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn fault(&self, reason: &'static str) -> FontError {
        FontError::SvgPath { at: self.at, reason }
    }

    /// The next byte that is neither space nor comma.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b',' | b'\t' | b'\r' | b'\n') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn digits(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }

    /// A number ends where the next cannot belong to it: `1-2` and `.5.5` are two numbers each.
    fn number(&mut self) -> Result<f32, FontError> {
        self.peek();
        let from = self.at;
        if let Some(b'+' | b'-') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.digits();
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits();
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits();
        }
        let text = std::str::from_utf8(&self.bytes[from..self.at]).unwrap_or_default();
        match text.parse::<f32>() {
            Ok(value) if value.abs() <= LIMIT => Ok(value),
            Ok(_) => Err(FontError::SvgPath { at: from, reason: "坐标过大" }),
            Err(_) => Err(FontError::SvgPath { at: from, reason: "此处应为数字" }),
        }
    }
}

/// Turns commands into segments while it keeps SVG's current point.
struct Pen {
    outline: Outline,
    here: (f32, f32),
    start: (f32, f32),
    open: bool,
}

impl Pen {
    fn step(&mut self, code: u8, reader: &mut Reader<'_>) -> Result<(), FontError> {
        let kind = code.to_ascii_uppercase();
        let base = if code.is_ascii_lowercase() { self.here } else { (0.0, 0.0) };
        if !self.open && kind != b'M' {
            if kind == b'Z' || self.outline.segments.is_empty() {
                return Err(reader.fault("须先用 M 开始一个轮廓"));
            }
            // SVG 1.1 §8.3.3: after Z the next contour starts at the closed one's start.
            self.begin(self.start);
        }
        match kind {
            b'M' => {
                let to = point(reader, base)?;
                self.begin(to);
            }
            b'L' => {
                let to = point(reader, base)?;
                self.line(to);
            }
            b'H' => self.line((base.0 + reader.number()?, self.here.1)),
            b'V' => self.line((self.here.0, base.1 + reader.number()?)),
            b'Q' => {
                let (cx, cy) = up(point(reader, base)?);
                self.here = point(reader, base)?;
                let (x, y) = up(self.here);
                self.outline.segments.push(Segment::Quad(cx, cy, x, y));
            }
            b'C' => {
                let (ax, ay) = up(point(reader, base)?);
                let (bx, by) = up(point(reader, base)?);
                self.here = point(reader, base)?;
                let (x, y) = up(self.here);
                self.outline.segments.push(Segment::Cubic(ax, ay, bx, by, x, y));
            }
            b'Z' => {
                self.outline.segments.push(Segment::Close);
                self.here = self.start;
                self.open = false;
            }
            _ => return Err(FontError::SvgPath { at: reader.at - 1, reason: "不支持的命令" }),
        }
        Ok(())
    }

    fn begin(&mut self, at: (f32, f32)) {
        let (x, y) = up(at);
        self.outline.segments.push(Segment::Move(x, y));
        (self.here, self.start, self.open) = (at, at, true);
    }

    fn line(&mut self, to: (f32, f32)) {
        let (x, y) = up(to);
        self.outline.segments.push(Segment::Line(x, y));
        self.here = to;
    }
}

fn point(reader: &mut Reader<'_>, base: (f32, f32)) -> Result<(f32, f32), FontError> {
    Ok((base.0 + reader.number()?, base.1 + reader.number()?))
}

/// From the picture's box (y down) to em (y up from the baseline).
fn up((x, y): (f32, f32)) -> (f32, f32) {
    (x / EM, (BASELINE - y) / EM)
}
