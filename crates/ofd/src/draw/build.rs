//! Graphic objects to display items.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fonts::{Fonts, font_id};
use super::outline;
use super::{Cap, DisplayList, FillRule, Glyphs, Item, Join, Picture, PictureKind, Segment, Shape, Stroke};
use crate::OfdError;
use crate::content::{Code, Placed, text_codes};
use crate::geometry::Matrix;
use crate::notation::{parse_array, parse_number};
use crate::package::{Color, DrawParam, Package, parse_color};
use crate::xml::Element;

/// Steps of all outlines of one page; a dense page of Chinese text has about 150,000.
const SEGMENTS_MAX: usize = 800_000;
/// Nothing on a page lies farther out than this, in mm.
const FAR: f32 = 20_000.0;
/// Line width that the standard gives objects which name none, in mm (§8.2).
const LINE_WIDTH: f64 = 0.353;
/// Notices beyond this add nothing.
const NOTICES_MAX: usize = 100;
/// Drawing parameters may build on each other; a circle must end.
const PARAM_CHAIN_MAX: usize = 8;

/// A picture as read.
type Read = (Arc<[u8]>, PictureKind);

pub(super) struct Builder<'p, 'a, 'f> {
    package: &'p Package<'a>,
    fonts: Fonts<'f>,
    segments: usize,
    /// Pictures read so far by path; `None` for one that is missing or of another format.
    pictures: BTreeMap<String, Option<Read>>,
    pub list: DisplayList,
}

impl<'p, 'a, 'f> Builder<'p, 'a, 'f> {
    pub fn new(package: &'p Package<'a>, fonts: Fonts<'f>) -> Self {
        Self { package, fonts, segments: 0, pictures: BTreeMap::new(), list: DisplayList::default() }
    }

    /// Adds one placed object.
    pub fn object(&mut self, object: &Placed<'_>) -> Result<(), OfdError> {
        for part in object.element.children.iter().filter(|c| c.is("Clips") || c.is("Actions")) {
            self.notice(&format!("页面含有未支持的 {}，显示可能与其他阅读器不同", part.name));
        }
        match object.element.name.as_str() {
            "PathObject" => self.path(object),
            "TextObject" => self.text(object),
            _ => {
                self.image(object);
                Ok(())
            }
        }
    }

    fn notice(&mut self, text: &str) {
        let notices = &mut self.list.notices;
        if notices.len() < NOTICES_MAX && !notices.iter().any(|n| n == text) {
            notices.push(text.to_owned());
        }
    }

    fn push_shape(&mut self, shape: Shape, wrap: impl FnOnce(Shape) -> Item) -> Result<(), OfdError> {
        self.segments += shape.d.len();
        if self.segments > SEGMENTS_MAX {
            return Err(OfdError::TooComplex { what: "轮廓段数" });
        }
        if shape.d.iter().all(within) {
            self.list.items.push(wrap(shape));
        } else {
            self.notice("有图形远在页面之外，未绘出");
        }
        Ok(())
    }

    fn path(&mut self, object: &Placed<'_>) -> Result<(), OfdError> {
        let element = object.element;
        let data = element.child_text("AbbreviatedData").unwrap_or_default();
        let Some(d) = outline::parse(data, &object.to_page) else {
            self.notice("有路径数据不合语法，未绘出");
            return Ok(());
        };
        let flag = |name, default: bool| element.attr(name).map_or(default, |v| v.trim() == "true");
        let style = self.style(object);
        let shape = Shape {
            d,
            fill: flag("Fill", false).then_some(style.fill),
            rule: if element.attr("Rule") == Some("Even-Odd") {
                FillRule::EvenOdd
            } else {
                FillRule::NonZero
            },
            stroke: flag("Stroke", true).then(|| style.stroke(element, &object.to_page)),
        };
        self.push_shape(shape, Item::Path)
    }

    fn text(&mut self, object: &Placed<'_>) -> Result<(), OfdError> {
        let element = object.element;
        let number = |name| element.attr(name).and_then(parse_number);
        let size = number("Size").unwrap_or_default();
        let across = number("HScale").filter(|s| *s > 0.0).unwrap_or(1.0) * size;
        for name in ["ReadDirection", "CharDirection"] {
            if number(name).is_some_and(|v| v != 0.0) {
                self.notice(&format!("有文字使用了未支持的 {name}，显示可能与其他阅读器不同"));
            }
        }
        let style = self.style(object);
        let flag = |name, default: bool| element.attr(name).map_or(default, |v| v.trim() == "true");
        let numbers = glyph_numbers(element);
        let mut position = 0;
        for code in text_codes(object.element) {
            let run = self.run(object, &code, (across, size), &numbers, position);
            position += code.text.chars().count();
            let shape = Shape {
                d: run.0,
                fill: flag("Fill", true).then_some(style.fill),
                rule: FillRule::NonZero,
                stroke: flag("Stroke", false).then(|| style.stroke(element, &object.to_page)),
            };
            let baseline = Matrix::translate(code.start.0, code.start.1).then(&object.to_page);
            let (text, advance) = (code.text, run.1);
            let wrap = |shape| Item::Glyphs(Glyphs { shape, text, baseline, size, advance });
            self.push_shape(shape, wrap)?;
        }
        Ok(())
    }

    /// The outlines of one `TextCode` and its length in the object's space.
    fn run(
        &mut self,
        object: &Placed<'_>,
        code: &Code,
        (across, size): (f64, f64),
        numbers: &BTreeMap<usize, u16>,
        position: usize,
    ) -> (Vec<Segment>, f64) {
        let font = font_id(object);
        let mut outline = Vec::new();
        let mut notices = Vec::new();
        let (mut x, mut y) = code.start;
        for (i, c) in code.text.chars().enumerate() {
            let by_number = numbers.get(&(position + i)).and_then(|n| self.fonts.glyph_by_number(font, *n));
            let glyph = match by_number {
                Some(glyph) => Some((glyph, false)),
                None => self.fonts.glyph(font, c),
            };
            let mut step = across;
            match glyph {
                Some((glyph, borrowed)) => {
                    let place = Matrix::scale(across, size).then(&Matrix::translate(x, y));
                    glyph.outline(&place.then(&object.to_page), &mut outline);
                    step = glyph.advance() * across;
                    if borrowed {
                        notices.push("有文字的字体未嵌入，已用备用字体显示".to_owned());
                    }
                }
                None if c.is_whitespace() => {}
                None => notices.push(format!("字符“{c}”没有可用的字形，未绘出")),
            }
            if outline.len() > SEGMENTS_MAX {
                break; // `push_shape` refuses the page
            }
            let (dx, dy) = match code.steps.get(i) {
                Some(given) => *given,
                // Without DeltaX and DeltaY the glyphs follow each other by their own width.
                None => (step, 0.0),
            };
            x += dx;
            y += dy;
        }
        notices.iter().for_each(|n| self.notice(n));
        (outline, x - code.start.0)
    }

    fn image(&mut self, object: &Placed<'_>) {
        let id = object.element.attr("ResourceID").and_then(|v| v.trim().parse::<u32>().ok());
        let Some(image) = id.and_then(|id| self.package.resources.images.get(&id)) else {
            self.notice("有图片的资源标识不存在，未绘出");
            return;
        };
        let path = image.path.clone();
        let package = self.package;
        // Read once: a page may show one picture many times.
        let found = self.pictures.entry(path.clone()).or_insert_with(|| {
            let bytes = package.archive.read(&path).ok()?;
            Some((bytes.as_ref().into(), PictureKind::of(&bytes)?))
        });
        let Some((bytes, kind)) = found.clone() else {
            self.notice(&format!("图片“{path}”缺失或不是 PNG、JPEG，未绘出"));
            return;
        };
        let m = object.to_page;
        if [m.a, m.b, m.c, m.d, m.e, m.f].iter().any(|v| v.abs() > f64::from(FAR)) {
            self.notice("有图片远在页面之外，未绘出");
            return;
        }
        let alpha = opacity(object.element);
        self.list.items.push(Item::Image(Picture { bytes, kind, ctm: m, alpha }));
    }

    /// Colours and line width of an object: its own, else those of its drawing parameters.
    fn style(&mut self, object: &Placed<'_>) -> Style {
        let element = object.element;
        let own = DrawParam {
            relative: None,
            line_width: element.attr("LineWidth").and_then(parse_number),
            fill: element.child("FillColor").and_then(parse_color),
            stroke: element.child("StrokeColor").and_then(parse_color),
        };
        let mut merged = own;
        for start in object.params.iter().flatten() {
            let mut next = Some(*start);
            for _ in 0..PARAM_CHAIN_MAX {
                let Some(param) = next.and_then(|id| self.package.resources.draw_params.get(&id)) else {
                    break;
                };
                merged.line_width = merged.line_width.or(param.line_width);
                merged.fill = merged.fill.or(param.fill);
                merged.stroke = merged.stroke.or(param.stroke);
                next = param.relative;
            }
        }
        let shaded = ["FillColor", "StrokeColor"].iter().filter_map(|n| element.child(n));
        if shaded.flat_map(|c| &c.children).next().is_some() {
            self.notice("有渐变或图案填充未支持，显示可能与其他阅读器不同");
        }
        let alpha = u16::from(opacity(element));
        let dim = |c: Color| Color { a: (u16::from(c.a) * alpha / 255) as u8, ..c };
        Style {
            fill: dim(merged.fill.unwrap_or(Color::BLACK)),
            stroke: dim(merged.stroke.unwrap_or(Color::BLACK)),
            line_width: merged.line_width.unwrap_or(LINE_WIDTH).clamp(0.0, 1000.0),
        }
    }
}

struct Style {
    fill: Color,
    stroke: Color,
    line_width: f64,
}

impl Style {
    fn stroke(&self, element: &Element, to_page: &Matrix) -> Stroke {
        let scale = to_page.mean_scale();
        let dash = element.attr("DashPattern").and_then(|v| parse_array(v, 16)).unwrap_or_default();
        let usable = dash.iter().all(|d| *d >= 0.0) && dash.iter().sum::<f64>() > 0.0;
        let offset = element.attr("DashOffset").and_then(parse_number).unwrap_or_default();
        Stroke {
            color: self.stroke,
            width: ((self.line_width * scale) as f32).min(FAR),
            dash: if usable { dash.iter().map(|d| (d * scale) as f32).collect() } else { Vec::new() },
            dash_offset: (offset * scale) as f32,
            cap: match element.attr("Cap") {
                Some("Round") => Cap::Round,
                Some("Square") => Cap::Square,
                _ => Cap::Butt,
            },
            join: match element.attr("Join") {
                Some("Round") => Join::Round,
                Some("Bevel") => Join::Bevel,
                _ => Join::Miter,
            },
        }
    }
}

/// `Alpha` of an object, 0 to 255.
fn opacity(element: &Element) -> u8 {
    element.attr("Alpha").and_then(parse_number).map_or(255, |v| v.clamp(0.0, 255.0) as u8)
}

fn within(segment: &Segment) -> bool {
    let near = |p: &[f32; 2]| p.iter().all(|v| v.abs() <= FAR);
    match segment {
        Segment::Move(p) | Segment::Line(p) => near(p),
        Segment::Quad(p, q) => near(p) && near(q),
        Segment::Cubic(p, q, r) => near(p) && near(q) && near(r),
        Segment::Close => true,
    }
}

/// Glyph numbers that `CGTransform` gives to characters (§11.4), by the position of the character.
fn glyph_numbers(object: &Element) -> BTreeMap<usize, u16> {
    let mut numbers = BTreeMap::new();
    for transform in object.children("CGTransform") {
        let first = transform.attr("CodePosition").and_then(|v| v.trim().parse::<usize>().ok()).unwrap_or(0);
        let glyphs = transform.child_text("Glyphs").unwrap_or_default().split_ascii_whitespace();
        for (i, glyph) in glyphs.enumerate() {
            if let (Ok(glyph), Some(at)) = (glyph.parse(), first.checked_add(i)) {
                numbers.insert(at, glyph);
            }
        }
    }
    numbers
}
