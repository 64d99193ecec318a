//! The graphic objects of a page, templates and nesting resolved (GB/T 33190-2016 §7.7, §8, §11).

use crate::OfdError;
use crate::geometry::Matrix;
use crate::notation::{parse_box, parse_delta, parse_matrix, parse_number};
use crate::package::Package;
use crate::xml::Element;

/// One page may not place more objects: a template counts each time it is used.
const OBJECTS_MAX: usize = 100_000;

/// Elements of a page that this crate reads; any other is noted as unsupported.
const KNOWN: [&str; 20] = [
    "Page",
    "Area",
    "PhysicalBox",
    "ApplicationBox",
    "ContentBox",
    "BleedBox",
    "Template",
    "PageRes",
    "Content",
    "Layer",
    "PageBlock",
    "TextObject",
    "PathObject",
    "ImageObject",
    "FillColor",
    "StrokeColor",
    "TextCode",
    "CGTransform",
    "Glyphs",
    "AbbreviatedData",
];

pub(crate) fn is_known(element: &Element) -> bool {
    element.ofd && KNOWN.contains(&element.name.as_str())
}

/// A text, path or image object and where it goes.
#[derive(Debug, Clone)]
pub(crate) struct Placed<'e> {
    pub element: &'e Element,
    /// From the object's own space to the page, in mm from the page's top left corner.
    pub to_page: Matrix,
    /// Drawing parameters that the object or its layer names, innermost first.
    pub params: [Option<u32>; 2],
    /// Whether the object comes from a template.
    pub template: bool,
}

/// The objects of page `index` in drawing order, those of its templates among them.
pub(crate) fn objects<'e>(package: &'e Package<'_>, index: usize) -> Result<Vec<Placed<'e>>, OfdError> {
    let page = package.page(index)?;
    let area = package.page_box(index)?;
    let origin = Matrix::translate(-area.x, -area.y);
    // (depth, whether a template, content); a stable sort keeps templates below the page on equal depth.
    let mut parts: Vec<(u8, bool, &Element)> = Vec::new();
    for used in page.children("Template") {
        let id = used.attr("TemplateID").and_then(|v| v.trim().parse::<u32>().ok());
        let found = package.templates.iter().find(|t| Some(t.id) == id);
        if let Some((template, content)) = found.and_then(|t| Some((t, &**t.content.as_ref()?))) {
            parts.push((depth(used.attr("ZOrder").unwrap_or(&template.z_order)), true, content));
        }
    }
    parts.push((depth("Body"), false, page));
    parts.sort_by_key(|(depth, ..)| *depth);
    let mut placed = Vec::new();
    for (_, template, part) in parts {
        let mut layers: Vec<&Element> = part.children("Content").flat_map(|c| c.children("Layer")).collect();
        layers.sort_by_key(|l| depth(l.attr("Type").unwrap_or("Body")));
        for layer in layers {
            let before = placed.len();
            collect(layer, &origin, None, &mut placed)?;
            placed.iter_mut().skip(before).for_each(|p| p.template = template);
        }
    }
    Ok(placed)
}

fn depth(z_order: &str) -> u8 {
    match z_order {
        "Background" => 0,
        "Foreground" => 2,
        _ => 1,
    }
}

/// Collects the objects inside a layer or block; recursion is bounded by the parser's depth.
pub(crate) fn collect<'e>(
    block: &'e Element,
    parent: &Matrix,
    outer: Option<u32>,
    into: &mut Vec<Placed<'e>>,
) -> Result<(), OfdError> {
    let param = |e: &Element| e.attr("DrawParam").and_then(|v| v.trim().parse::<u32>().ok());
    let outer = param(block).or(outer);
    for element in block.children.iter().filter(|e| e.ofd && e.attr("Visible") != Some("false")) {
        match element.name.as_str() {
            "PageBlock" => collect(element, parent, outer, into)?,
            "TextObject" | "PathObject" | "ImageObject" => {
                if into.len() >= OBJECTS_MAX {
                    return Err(OfdError::TooComplex { what: "页面对象数" });
                }
                let boundary = element.attr("Boundary").and_then(parse_box).unwrap_or_default();
                let own = element.attr("CTM").and_then(parse_matrix).unwrap_or(Matrix::IDENTITY);
                let to_page = own.then(&Matrix::translate(boundary.x, boundary.y)).then(parent);
                let params = [param(element), outer];
                into.push(Placed { element, to_page, params, template: false });
            }
            _ => {}
        }
    }
    Ok(())
}

/// One `TextCode`: its characters and where each is drawn, in the space of the object.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub text: String,
    /// Where the first character stands.
    pub start: (f64, f64),
    /// Steps from each character to the next; empty when neither `DeltaX` nor `DeltaY` is given.
    pub steps: Vec<(f64, f64)>,
}

impl Code {
    /// Sum of the steps.
    pub fn advance(&self) -> f64 {
        self.steps.iter().map(|s| s.0).sum()
    }
}

/// The `TextCode`s of a text object (§11.3). `X` and `Y` left out are those of the code before.
pub(crate) fn text_codes(object: &Element) -> Vec<Code> {
    let mut start = (0.0, 0.0);
    let mut codes = Vec::new();
    for element in object.children("TextCode") {
        let number = |name| element.attr(name).and_then(parse_number);
        start = (number("X").unwrap_or(start.0), number("Y").unwrap_or(start.1));
        // Line breaks and tabs come from pretty-printed XML; they are no characters of the text.
        let text: String = element.text.chars().filter(|c| !c.is_control()).collect();
        let gaps = text.chars().count().saturating_sub(1);
        let delta = |name| element.attr(name).and_then(|v| parse_delta(v, gaps));
        let (dx, dy) = (delta("DeltaX"), delta("DeltaY"));
        let steps = match (&dx, &dy) {
            (None, None) => Vec::new(),
            _ => (0..gaps).map(|i| (step(&dx, i), step(&dy, i))).collect(),
        };
        codes.push(Code { text, start, steps });
    }
    codes
}

/// Step `i`; the last one given repeats when there are too few.
fn step(steps: &Option<Vec<f64>>, i: usize) -> f64 {
    let steps = steps.as_deref().unwrap_or_default();
    steps.get(i).or(steps.last()).copied().unwrap_or_default()
}
