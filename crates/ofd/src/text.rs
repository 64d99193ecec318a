//! The text of a document, for search and for checking what a page says.

use crate::OfdError;
use crate::content::{objects, text_codes};
use crate::notation::parse_number;
use crate::package::Package;

/// The text of one page.
#[derive(Debug, Clone, PartialEq)]
pub struct PageText {
    /// Page, counted from 0.
    pub index: usize,
    /// Its runs in drawing order.
    pub runs: Vec<TextRun>,
}

/// One `TextCode`.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRun {
    /// Identifier of the text object; `None` when it is not an unsigned number.
    pub object_id: Option<u32>,
    /// The characters.
    pub text: String,
    /// Left end of the base line in mm from the left of the page.
    pub x: f64,
    /// Base line in mm from the top of the page.
    pub y: f64,
    /// Height of the type in mm.
    pub size: f64,
    /// Distance in mm from the first to the last character, plus one size.
    pub width: f64,
    /// Identifier of the font; `None` when it is not an unsigned number.
    pub font_id: Option<u32>,
    /// Whether the run comes from a template.
    pub template: bool,
}

/// The text of every page, templates included; objects marked invisible are left out.
///
/// Fails when a page file is missing or holds too many objects.
pub fn text(package: &Package<'_>) -> Result<Vec<PageText>, OfdError> {
    (0..package.pages.len()).map(|index| page_text(package, index)).collect()
}

/// The text of page `index`, counted from 0.
pub fn page_text(package: &Package<'_>, index: usize) -> Result<PageText, OfdError> {
    let mut runs = Vec::new();
    for placed in objects(package, index)?.iter().filter(|p| p.element.name == "TextObject") {
        let object = placed.element;
        let id = |name| object.attr(name).and_then(|v| v.trim().parse().ok());
        let scale = placed.to_page.mean_scale();
        let size = object.attr("Size").and_then(parse_number).unwrap_or_default();
        for code in text_codes(object).into_iter().filter(|c| !c.text.is_empty()) {
            let (x, y) = placed.to_page.apply(code.start.0, code.start.1);
            runs.push(TextRun {
                object_id: id("ID"),
                x,
                y,
                size: size * scale,
                width: (code.advance() + size) * scale,
                font_id: id("Font"),
                template: placed.template,
                text: code.text,
            });
        }
    }
    Ok(PageText { index, runs })
}

impl PageText {
    /// The text in reading order: base lines from top to bottom, each from left to right.
    pub fn plain(&self) -> String {
        let mut runs: Vec<&TextRun> = self.runs.iter().collect();
        runs.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
        let mut out = String::new();
        let mut rest = runs.as_slice();
        while let Some(first) = rest.first() {
            // Base lines closer than a third of the type are one line to the eye.
            let end = rest.iter().position(|r| r.y - first.y > first.size / 3.0).unwrap_or(rest.len());
            let (line, below) = rest.split_at(end.max(1));
            let mut line = line.to_vec();
            line.sort_by(|a, b| a.x.total_cmp(&b.x));
            push_line(&mut out, &line);
            rest = below;
        }
        out
    }
}

fn push_line(out: &mut String, line: &[&TextRun]) {
    let mut edge = f64::INFINITY;
    for run in line {
        if run.x - edge > run.size / 2.0 {
            out.push(' ');
        }
        out.push_str(&run.text);
        edge = run.x + run.width;
    }
    out.push('\n');
}

/// The text of the whole document in reading order, a line for each base line, an empty line between pages.
pub fn plain_text(package: &Package<'_>) -> Result<String, OfdError> {
    let pages: Vec<String> = text(package)?.iter().map(PageText::plain).collect();
    Ok(pages.join("\n"))
}
