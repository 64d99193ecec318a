//! 模板: where things stand on the pages of one part of a kind. Data, with a version, marked illustrative (U1).

use std::collections::HashMap;

use serde::Deserialize;

use crate::FaceError;

/// `[x, y, width, height]` in mm from the top left of the page.
pub type Frame = [f32; 4];

/// All templates by id.
#[derive(Clone, Debug, Default)]
pub struct Templates(HashMap<String, Template>);

/// One template: the pages of one part (正本 or 副本) of a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Name that a kind's `part.template` gives.
    pub id: String,
    /// Version; goes into the intent.
    pub version: String,
    /// True as long as the official layout could not be read.
    #[serde(default)]
    pub illustrative: bool,
    /// Pages in order.
    #[serde(rename = "page")]
    pub pages: Vec<Page>,
}

/// One page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Width and height in mm.
    pub size: [f32; 2],
    /// Fine line grounds, drawn first and in order.
    #[serde(default)]
    pub ornaments: Vec<Ornament>,
    /// Ruled lines.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// Frames and filled areas.
    #[serde(default)]
    pub rects: Vec<Rect>,
    /// Fixed words.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// Items of the record.
    #[serde(default)]
    pub items: Vec<ItemBox>,
    /// Repeated groups.
    #[serde(default)]
    pub tables: Vec<Table>,
    /// The photo.
    #[serde(default)]
    pub photo: Option<PhotoBox>,
    /// The 2D code.
    #[serde(default)]
    pub code: Option<CodeBox>,
    /// The seal.
    #[serde(default)]
    pub seal: Option<SealBox>,
}

/// Fine interwoven lines (底纹).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ornament {
    /// Shape.
    pub kind: OrnamentKind,
    /// Area.
    pub frame: Frame,
    /// Line colour `#rrggbb`.
    pub color: String,
    /// Line width in mm.
    #[serde(default = "hair")]
    pub width: f32,
    /// Distance of the waves, or depth of the band, in mm.
    #[serde(default = "gap")]
    pub gap: f32,
}

/// Shapes of fine lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrnamentKind {
    /// Level waves over the whole area.
    Waves,
    /// A plaited border inside the frame.
    Band,
    /// A rosette in the middle of the frame.
    Rosette,
}

/// A straight line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Start.
    pub from: [f32; 2],
    /// End.
    pub to: [f32; 2],
    /// Width in mm.
    #[serde(default = "thin")]
    pub width: f32,
    /// Colour.
    #[serde(default = "black")]
    pub color: String,
}

/// A rectangle.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rect {
    /// Where.
    pub frame: Frame,
    /// Line width; 0 draws no line.
    #[serde(default = "thin")]
    pub width: f32,
    /// Line colour.
    #[serde(default = "black")]
    pub color: String,
    /// Fill colour.
    #[serde(default)]
    pub fill: Option<String>,
}

/// How text stands in its box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// Left.
    #[default]
    Left,
    /// Centred.
    Center,
    /// Right.
    Right,
    /// Characters spread over the whole width (分散对齐), for labels.
    Spread,
}

/// Fixed words of the template.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The words; `{ZZLXMC}` and the like are not replaced here, use an item.
    pub text: String,
    /// Where.
    pub frame: Frame,
    /// Font role.
    #[serde(default = "song")]
    pub font: String,
    /// Size in mm.
    pub size: f32,
    /// Alignment.
    #[serde(default)]
    pub align: Align,
    /// Colour.
    #[serde(default = "black")]
    pub color: String,
    /// Only where the keys are demo keys.
    #[serde(default)]
    pub demo: bool,
}

/// The place of an item.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemBox {
    /// Short name.
    pub item: String,
    /// Where.
    pub frame: Frame,
    /// Font role.
    #[serde(default = "kai")]
    pub font: String,
    /// Size in mm.
    pub size: f32,
    /// Smallest size before the text is refused; default 70 % of `size`.
    #[serde(default)]
    pub min: Option<f32>,
    /// Most lines.
    #[serde(default = "one")]
    pub lines: usize,
    /// Alignment.
    #[serde(default)]
    pub align: Align,
    /// Colour.
    #[serde(default = "black")]
    pub color: String,
    /// Words before the value.
    #[serde(default)]
    pub prefix: String,
    /// Words behind the value.
    #[serde(default)]
    pub suffix: String,
    /// What stands there when the record has no value.
    #[serde(default)]
    pub empty: String,
    /// Lines begin at the top of the box instead of standing in its middle.
    #[serde(default)]
    pub top: bool,
    /// Takes what the item's earlier box could not hold; shows `empty` when that held all.
    #[serde(default)]
    pub continued: bool,
}

/// A repeated group as a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Short name of the group.
    pub group: String,
    /// Top left and size of the body (without the header, which is made of labels).
    pub frame: Frame,
    /// Rows that have room.
    pub rows: usize,
    /// Font role.
    #[serde(default = "kai")]
    pub font: String,
    /// Size in mm.
    pub size: f32,
    /// Colour.
    #[serde(default = "black")]
    pub color: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Takes the rows that the group's earlier table had no room for.
    #[serde(default)]
    pub continued: bool,
}

/// A column of a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Short name of the sub-item.
    pub item: String,
    /// Offset from the left of the table.
    pub x: f32,
    /// Width.
    pub width: f32,
    /// Alignment.
    #[serde(default)]
    pub align: Align,
}

/// The photo's place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoBox {
    /// Short name.
    pub item: String,
    /// Where; the picture is fitted inside.
    pub frame: Frame,
}

/// The 2D code's place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeBox {
    /// Where, quiet zone included.
    pub frame: Frame,
    /// Symbology.
    #[serde(default)]
    pub symbology: Symbology,
}

/// The seal's place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealBox {
    /// Where.
    pub frame: Frame,
}

/// Which 2D code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Symbology {
    /// QR.
    #[default]
    Qr,
    /// 网格矩阵码 (GB/T 27766).
    GridMatrix,
}

fn hair() -> f32 {
    0.1
}
fn gap() -> f32 {
    3.2
}
fn thin() -> f32 {
    0.2
}
fn black() -> String {
    "#1a1a1a".into()
}
fn song() -> String {
    "song".into()
}
fn kai() -> String {
    "kai".into()
}
fn one() -> usize {
    1
}

macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../data/templates/", $name, ".toml")))),*]
    };
}

const BUILTIN: &[(&str, &str)] = builtin![
    "dangerous-goods-licence",
    "dangerous-goods-licence-copy",
    "operation-licence",
    "operation-licence-copy",
    "qualification",
    "radioactive-licence",
    "radioactive-licence-copy",
    "ride-hailing-driver",
    "ride-hailing-licence",
    "ride-hailing-licence-copy",
    "ride-hailing-transport",
    "taxi-driver",
    "transport-certificate",
];

impl Templates {
    /// The templates that the program carries, with a province's own (`(file name, text)`) over them.
    ///
    /// # Errors
    /// The first file that does not parse.
    pub fn with<'a>(overlay: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, FaceError> {
        let mut templates = HashMap::new();
        for (file, text) in BUILTIN.iter().copied().chain(overlay) {
            let template = Template::parse(file, text)?;
            templates.insert(template.id.clone(), template);
        }
        Ok(Self(templates))
    }

    /// The template of that id.
    pub fn get(&self, id: &str) -> Result<&Template, FaceError> {
        self.0.get(id).ok_or_else(|| FaceError::NoTemplate(id.into()))
    }
}

impl Template {
    /// Reads a template.
    pub fn parse(file: &str, text: &str) -> Result<Self, FaceError> {
        let template: Self = toml::from_str(text).map_err(|error| FaceError::Syntax {
            file: file.into(),
            cause: error.to_string().trim().into(),
        })?;
        template.check()?;
        Ok(template)
    }

    fn check(&self) -> Result<(), FaceError> {
        let bad = |item: &str, what: &str| {
            Err(FaceError::Content { template: self.id.clone(), item: item.into(), what: what.into() })
        };
        if self.pages.is_empty() {
            return bad("page", "至少应有一页");
        }
        if self.pages.iter().filter(|page| page.seal.is_some()).count() != 1 {
            return bad("seal", "应恰有一处印章");
        }
        for page in &self.pages {
            let [width, height] = page.size;
            let frames = (page.items.iter().map(|item| (item.item.as_str(), item.frame)))
                .chain(page.labels.iter().map(|label| (label.text.as_str(), label.frame)))
                .chain(page.tables.iter().map(|table| (table.group.as_str(), table.frame)))
                .chain(page.seal.iter().map(|seal| ("seal", seal.frame)))
                .chain(page.code.iter().map(|code| ("code", code.frame)))
                .chain(page.photo.iter().map(|photo| ("photo", photo.frame)));
            for (name, [x, y, w, h]) in frames {
                let inside = x >= 0.0
                    && y >= 0.0
                    && w > 0.0
                    && h > 0.0
                    && x + w <= width + 0.01
                    && y + h <= height + 0.01;
                if !inside {
                    return bad(name, "框超出页面，或宽高不为正");
                }
            }
        }
        Ok(())
    }

    /// The page (index) and frame of the seal.
    pub fn seal(&self) -> (usize, Frame) {
        let found =
            self.pages.iter().enumerate().find_map(|(index, page)| Some((index, page.seal.as_ref()?.frame)));
        // `check` refuses a template without a seal.
        found.unwrap_or((0, [0.0; 4]))
    }
}
