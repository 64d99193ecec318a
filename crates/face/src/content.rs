//! Page content as OFD XML: text objects, rules and frames, pictures, the data index (CustomTags).

use ofd::notation::{delta, push_integer, push_mm};
use ofd::xml::push_escaped;

use crate::FaceError;
use crate::ground;
use crate::layout::TextObject;
use crate::template::{Frame, Page};

/// OFD namespace of GB/T 33190.
pub(crate) const OFD_NS: &str = "http://www.ofdspec.org/2016";

/// Ids of things that stand in every package. Objects of templates start at 100, of pages at 5000.
pub(crate) mod ids {
    pub const STATIC_FONT: u64 = 10;
    pub const VALUE_FONT: u64 = 20;
    pub const PHOTO: u64 = 30;
    pub const CODE: u64 = 31;
    pub const TEMPLATE: u64 = 40;
    pub const PAGE: u64 = 60;
    pub const LAYER: u64 = 80;
    pub const TEMPLATE_OBJECT: u64 = 100;
    pub const PAGE_OBJECT: u64 = 5000;
    pub const MAX: u64 = 9999;
}

/// Writes objects with running ids.
pub(crate) struct Writer {
    pub xml: String,
    next: u64,
}

impl Writer {
    pub fn new(first_id: u64, capacity: usize) -> Self {
        Self { xml: String::with_capacity(capacity), next: first_id }
    }

    /// Opens the page; `size` in mm is written for page bodies, since pages of one document may differ.
    pub fn open(&mut self, layer: u64, body: Option<[f32; 2]>) {
        let kind = if body.is_some() { "Body" } else { "Background" };
        self.xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:Page xmlns:ofd=\"");
        self.xml.push_str(OFD_NS);
        self.xml.push_str("\">");
        if let Some([width, height]) = body {
            self.xml.push_str("<ofd:Template TemplateID=\"");
            push_integer(&mut self.xml, ids::TEMPLATE + layer);
            self.xml.push_str("\" ZOrder=\"Background\"/><ofd:Area><ofd:PhysicalBox>0 0 ");
            push_mm(&mut self.xml, f64::from(width));
            self.xml.push(' ');
            push_mm(&mut self.xml, f64::from(height));
            self.xml.push_str("</ofd:PhysicalBox></ofd:Area>");
        }
        self.xml.push_str("<ofd:Content><ofd:Layer Type=\"");
        self.xml.push_str(kind);
        self.xml.push_str("\" ID=\"");
        push_integer(&mut self.xml, ids::LAYER + 2 * layer + u64::from(body.is_some()));
        self.xml.push_str("\">");
    }

    pub fn close(mut self) -> String {
        self.xml.push_str("</ofd:Layer></ofd:Content></ofd:Page>");
        self.xml
    }

    fn start(&mut self, element: &str) -> u64 {
        let id = self.next;
        self.next += 1;
        self.xml.push_str("<ofd:");
        self.xml.push_str(element);
        self.xml.push_str(" ID=\"");
        push_integer(&mut self.xml, id);
        self.xml.push('"');
        id
    }

    fn boundary(&mut self, [x, y, width, height]: Frame) {
        self.xml.push_str(" Boundary=\"");
        for (index, value) in [x, y, width, height].into_iter().enumerate() {
            if index > 0 {
                self.xml.push(' ');
            }
            push_mm(&mut self.xml, f64::from(value));
        }
        self.xml.push('"');
    }

    fn paint(&mut self, element: &str, color: &str) {
        self.xml.push_str("<ofd:");
        self.xml.push_str(element);
        self.xml.push_str(" Value=\"");
        self.xml.push_str(&rgb(color));
        self.xml.push_str("\"/>");
    }

    /// A line of text; gives its object id.
    pub fn text(&mut self, object: &TextObject, font_base: u64) -> u64 {
        let id = self.start("TextObject");
        // A little air around the glyphs: some readers clip at the boundary.
        let (above, below) = (object.size, object.size * 0.3);
        self.boundary([object.x, object.y - above, object.run.width() + 0.1, above + below]);
        self.xml.push_str(" Font=\"");
        push_integer(&mut self.xml, font_base + object.font as u64);
        self.xml.push_str("\" Size=\"");
        push_mm(&mut self.xml, f64::from(object.size));
        self.xml.push_str("\">");
        self.paint("FillColor", &object.color);
        self.xml.push_str("<ofd:TextCode X=\"0\" Y=\"");
        push_mm(&mut self.xml, f64::from(above));
        let steps: Vec<f64> = object.run.advances.iter().map(|advance| f64::from(*advance)).collect();
        if steps.len() > 1 {
            self.xml.push_str("\" DeltaX=\"");
            self.xml.push_str(&delta(&steps[..steps.len() - 1]));
        }
        self.xml.push_str("\">");
        push_escaped(&mut self.xml, &object.run.text);
        self.xml.push_str("</ofd:TextCode></ofd:TextObject>");
        id
    }

    /// A path in a frame, stroked, filled or both. `data` is relative to the frame.
    pub fn path(&mut self, frame: Frame, width: f32, stroke: Option<&str>, fill: Option<&str>, data: &str) {
        self.start("PathObject");
        self.boundary(frame);
        if stroke.is_some() {
            self.xml.push_str(" LineWidth=\"");
            push_mm(&mut self.xml, f64::from(width));
            self.xml.push('"');
        } else {
            self.xml.push_str(" Stroke=\"false\"");
        }
        if fill.is_some() {
            self.xml.push_str(" Fill=\"true\"");
        }
        self.xml.push('>');
        if let Some(color) = stroke {
            self.paint("StrokeColor", color);
        }
        if let Some(color) = fill {
            self.paint("FillColor", color);
        }
        self.xml.push_str("<ofd:AbbreviatedData>");
        self.xml.push_str(data);
        self.xml.push_str("</ofd:AbbreviatedData></ofd:PathObject>");
    }

    /// A picture that fills its frame.
    pub fn image(&mut self, frame: Frame, resource: u64) -> u64 {
        let id = self.start("ImageObject");
        self.boundary(frame);
        self.xml.push_str(" CTM=\"");
        push_mm(&mut self.xml, f64::from(frame[2]));
        self.xml.push_str(" 0 0 ");
        push_mm(&mut self.xml, f64::from(frame[3]));
        self.xml.push_str(" 0 0\" ResourceID=\"");
        push_integer(&mut self.xml, resource);
        self.xml.push_str("\"/>");
        id
    }
}

/// `#rrggbb` as OFD writes it; black for anything else (templates are checked when loaded).
fn rgb(color: &str) -> String {
    let channel =
        |at: usize| color.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
    format!("{} {} {}", channel(1), channel(3), channel(5))
}

/// Is this `#rrggbb`?
pub(crate) fn is_color(color: &str) -> bool {
    color.len() == 7 && color.starts_with('#') && color[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The fixed artwork of a page: ground, frames, lines, words.
pub(crate) fn artwork(
    page: &Page,
    index: u64,
    labels: &[TextObject],
    first_id: u64,
) -> Result<(String, u64), FaceError> {
    let mut writer = Writer::new(first_id, 16 * 1024);
    writer.open(index, None);
    for ornament in &page.ornaments {
        writer.path(ornament.frame, ornament.width, Some(&ornament.color), None, &ground::path(ornament));
    }
    for rect in &page.rects {
        let [_, _, width, height] = rect.frame;
        let data = format!("M 0 0 L {width} 0 L {width} {height} L 0 {height} L 0 0 C");
        let stroke = (rect.width > 0.0).then_some(rect.color.as_str());
        writer.path(rect.frame, rect.width, stroke, rect.fill.as_deref(), &data);
    }
    for line in &page.lines {
        let [x1, y1] = line.from;
        let [x2, y2] = line.to;
        // The boundary of a straight line would have no area: readers that clip to it would lose the line.
        let air = line.width;
        let (left, top) = (x1.min(x2) - air, y1.min(y2) - air);
        let frame = [left, top, (x1 - x2).abs() + 2.0 * air, (y1 - y2).abs() + 2.0 * air];
        let data = format!("M {:.3} {:.3} L {:.3} {:.3}", x1 - left, y1 - top, x2 - left, y2 - top);
        writer.path(frame, line.width, Some(&line.color), None, &data);
    }
    for label in labels {
        writer.text(label, ids::STATIC_FONT);
    }
    let next = writer.next;
    Ok((writer.close(), next))
}
