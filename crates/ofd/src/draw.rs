//! Drawing: a page becomes a neutral list of paths, glyphs and images in mm; the list becomes SVG or PNG.
//!
//! Only embedded fonts (or the one fallback that the caller hands over) are used, so a page looks the same on
//! every machine; what cannot be drawn is said in [`DisplayList::notices`], never left out in silence.

mod build;
mod fonts;
mod outline;
mod picture;
mod png;
mod svg;

use std::sync::Arc;

use crate::OfdError;
use crate::content::{self, objects};
use crate::geometry::{Matrix, Rect};
use crate::notation::parse_box;
use crate::package::{Color, Package};

pub use png::to_png;
pub use svg::to_svg;

use build::Builder;

/// A point in mm from the page's top left corner.
pub type Point = [f32; 2];

/// A page ready to be painted, first item first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DisplayList {
    /// Width of the page in mm.
    pub width_mm: f64,
    /// Height of the page in mm.
    pub height_mm: f64,
    /// What to paint.
    pub items: Vec<Item>,
    /// What could not be painted, in Chinese for people, without repetition.
    pub notices: Vec<String>,
}

/// One thing to paint.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A path.
    Path(Shape),
    /// A picture.
    Image(Picture),
    /// A run of text as outlines.
    Glyphs(Glyphs),
}

/// One step of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// Starts a new outline.
    Move(Point),
    /// A straight line.
    Line(Point),
    /// A quadratic curve: control point, end.
    Quad(Point, Point),
    /// A cubic curve: two control points, end.
    Cubic(Point, Point, Point),
    /// Back to where the outline started.
    Close,
}

/// A filled or stroked outline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shape {
    /// The outline.
    pub d: Vec<Segment>,
    /// Fill, when filled.
    pub fill: Option<Color>,
    /// Which parts count as inside.
    pub rule: FillRule,
    /// Stroke, when stroked.
    pub stroke: Option<Stroke>,
}

/// Which parts of an outline count as inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FillRule {
    /// Winding number not zero.
    #[default]
    NonZero,
    /// Crossed an odd number of times.
    EvenOdd,
}

/// How an outline is stroked.
#[derive(Debug, Clone, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub color: Color,
    /// Width in mm.
    pub width: f32,
    /// Dashes and gaps in mm; empty for a solid line.
    pub dash: Vec<f32>,
    /// Distance into the dashes in mm.
    pub dash_offset: f32,
    /// `Butt`, `Round` or `Square` end.
    pub cap: Cap,
    /// Shape of the corners.
    pub join: Join,
}

/// End of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Cap {
    #[default]
    Butt,
    Round,
    Square,
}

/// Corner of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Join {
    #[default]
    Miter,
    Round,
    Bevel,
}

/// A picture that fills the unit square under `ctm`.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The file.
    pub bytes: Arc<[u8]>,
    /// Its format.
    pub kind: PictureKind,
    /// From the unit square (y downwards) to the page in mm.
    pub ctm: Matrix,
    /// Opacity, 255 covers.
    pub alpha: u8,
}

/// Format of a picture, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PictureKind {
    Png,
    Jpeg,
}

impl PictureKind {
    /// The format of a file; `None` when it is neither PNG nor JPEG.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(Self::Jpeg)
        } else {
            None
        }
    }
}

/// A run of text: its outlines for painting, its characters for search.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyphs {
    /// All outlines of the run, in mm on the page.
    pub shape: Shape,
    /// The characters.
    pub text: String,
    /// From the run's own space (origin on the base line at the first character) to the page.
    pub baseline: Matrix,
    /// Height of the type in mm of the run's own space.
    pub size: f64,
    /// Length of the run in mm of its own space.
    pub advance: f64,
}

/// Something the caller puts over a page, such as the picture of a verified seal.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    /// Page, counted from 0.
    pub page: usize,
    /// What to paint over it.
    pub items: Vec<Item>,
}

impl Overlay {
    /// A picture that fills `boundary` (mm). Fails when it is neither PNG nor JPEG.
    pub fn image(page: usize, boundary: Rect, bytes: &[u8]) -> Result<Self, OfdError> {
        let kind = PictureKind::of(bytes).ok_or(OfdError::BadImage { what: "不是 PNG 或 JPEG" })?;
        let ctm = Matrix::scale(boundary.w, boundary.h).then(&Matrix::translate(boundary.x, boundary.y));
        let picture = Picture { bytes: bytes.into(), kind, ctm, alpha: 255 };
        Ok(Self { page, items: vec![Item::Image(picture)] })
    }

    /// Items of the caller's own, or those of [`annotations`].
    pub fn items(page: usize, items: Vec<Item>) -> Self {
        Self { page, items }
    }
}

/// What [`draw`] adds to a page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// Painted over the page in this order; those of other pages are passed over.
    pub overlays: &'o [Overlay],
    /// TrueType or OpenType file for text whose font is not embedded or lacks the character.
    pub fallback_font: Option<&'o [u8]>,
}

/// Draws page `index` (from 0): templates and content by their order, then the overlays. Annotations are left
/// out unless an overlay brings them.
///
/// Fails when there is no such page, its file is missing, or it asks for more than the drawing limits.
pub fn draw(package: &Package<'_>, index: usize, options: &Options<'_>) -> Result<DisplayList, OfdError> {
    let area = package.page_box(index)?;
    let placed = objects(package, index)?;
    let files = fonts::Files::load(package, &placed)?;
    let mut builder = Builder::new(package, files.open(options.fallback_font));
    builder.list.width_mm = area.w;
    builder.list.height_mm = area.h;
    placed.iter().try_for_each(|object| builder.object(object))?;
    let mut list = builder.list;
    for overlay in options.overlays.iter().filter(|o| o.page == index) {
        list.items.extend(overlay.items.iter().cloned());
    }
    Ok(list)
}

/// The annotations of page `index` (§15) as items for [`Overlay::items`]; the caller decides which annotations
/// may be trusted. Empty when the page has none.
pub fn annotations(
    package: &Package<'_>,
    index: usize,
    limits: &crate::Limits,
    options: &Options<'_>,
) -> Result<DisplayList, OfdError> {
    let area = package.page_box(index)?;
    let id = package.pages.get(index).map(|p| p.id);
    let mut list = DisplayList { width_mm: area.w, height_mm: area.h, ..DisplayList::default() };
    for file in package.annotation_files.iter().filter(|f| Some(f.page_id) == id) {
        let bytes = package.read(&file.path)?;
        let root = crate::xml::parse(&bytes, limits)
            .map_err(|error| OfdError::Xml { file: file.path.clone(), error })?;
        let mut placed = Vec::new();
        for annot in root.children("Annot").filter(|a| a.attr("Visible") != Some("false")) {
            for appearance in annot.children("Appearance") {
                let at = appearance.attr("Boundary").and_then(parse_box).unwrap_or_default();
                let parent = Matrix::translate(at.x - area.x, at.y - area.y);
                content::collect(appearance, &parent, None, &mut placed)?;
            }
        }
        let files = fonts::Files::load(package, &placed)?;
        let mut builder = Builder::new(package, files.open(options.fallback_font));
        placed.iter().try_for_each(|object| builder.object(object))?;
        list.items.append(&mut builder.list.items);
        list.notices.append(&mut builder.list.notices);
    }
    Ok(list)
}
