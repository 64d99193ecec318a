//! `face preview`: a template with data on it, unsealed, for whoever edits templates. No file leaves here as a certificate.

use catalogue::{Lint, inspect_photo_size};
use codes::{CertificateId, Serial, TypeCode, Uscc};
use face::{Dynamic, Issued, Layout, StampText, Values, round_stamp};
use model::Record;
use ofd::draw::{self, DisplayList, Options, Overlay};
use ofd::zip::{Deflater, Entry};
use ofd::{Limits, Package, Rect};

use crate::{Data, Engine, NodeError};

/// One part of a kind, drawn.
pub struct Preview {
    /// Template id.
    pub template: String,
    /// Its pages.
    pub pages: Vec<DisplayList>,
    /// What did not fit or has no glyph, in words for the editor.
    pub problems: Vec<String>,
}

impl Preview {
    /// A page as PNG.
    ///
    /// # Errors
    /// No such page, or one that is too large to draw.
    pub fn png(&self, page: usize, dpi: f32) -> Result<Vec<u8>, NodeError> {
        let missing = || NodeError::refused("照面没有这一页", "请核对页码");
        Ok(draw::to_png(self.pages.get(page).ok_or_else(missing)?, dpi)?)
    }
}

/// Draws all parts of a record's kind with a stand-in identifier, code and seal.
///
/// # Errors
/// A record whose kind or authority the catalogue lacks; a template that cannot be drawn.
pub fn preview(
    data: &Data,
    engine: &Engine,
    record: &Record,
    photo: Option<&[u8]>,
    now: i64,
) -> Result<Vec<Preview>, NodeError> {
    let today = crate::keys::day(now);
    let missing = |what: &str| NodeError::refused(format!("目录里没有“{what}”"), "请核对目录数据");
    let kind = Lint::new(&data.catalogue, today).kind_of(record).ok_or_else(|| missing(&record.kind))?;
    let authorities = &data.catalogue.authorities;
    let authority =
        authorities.get(&record.authority_uscc, today).ok_or_else(|| missing(&record.authority_uscc))?;
    let values = Values::new(kind, record, authority, &data.catalogue, today);
    let identifier = stand_in(&kind.type_code, authority.uscc.as_str(), &record.area)?;
    let seal_name = "道路运输电子证照专用章";
    let issued = Issued {
        identifier,
        status_index: 1,
        signed_at: crate::keys::rfc3339(now),
        seal_name: seal_name.into(),
    };
    let text = "LZ:".to_owned() + &"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".repeat(5)[..165];
    let stamp = StampText { authority: &authority.name, name: seal_name, mark: "预览" };
    let stamp = round_stamp(&stamp, &engine.fonts)?;
    let photo = photo.and_then(|bytes| Some((bytes, inspect_photo_size(bytes)?)));
    let mut previews = Vec::new();
    for (_, prepared) in engine.parts(kind) {
        let template = prepared.template();
        let layout = match Layout::new(template, &values, &engine.fonts) {
            Ok(layout) => layout.with_identifier(template, &issued.identifier, &engine.fonts)?,
            Err(problems) => {
                let problems = problems.iter().map(|problem| format!("{problem:?}")).collect();
                previews.push(Preview { template: template.id.clone(), pages: Vec::new(), problems });
                continue;
            }
        };
        let symbol =
            prepared.symbology.map(|symbology| crate::issue::make::symbol(symbology, &text)).transpose()?;
        let source = (record.record_id.as_str(), "");
        let dynamic = Dynamic { values: &values, issued: &issued, photo, code: symbol.as_ref(), source };
        let parts = prepared.parts(&layout, &dynamic, &engine.fonts, &mut Deflater::new(1))?;
        let entries: Vec<Entry> = parts.into_iter().map(|part| part.entry).collect();
        let bytes = ofd::zip::write(&entries).map_err(seal::SealError::from)?;
        let package = Package::open(&bytes, &Limits::default())?;
        let (page, [x, y, w, h]) = template.seal();
        let place = Rect::new(f64::from(x), f64::from(y), f64::from(w), f64::from(h));
        let overlays = [Overlay::image(page, place, &stamp)?];
        let options = Options { overlays: &overlays, fallback_font: None };
        let pages = (0..package.pages.len()).map(|index| draw::draw(&package, index, &options));
        let pages = pages.collect::<Result<_, _>>()?;
        previews.push(Preview { template: template.id.clone(), pages, problems: Vec::new() });
    }
    Ok(previews)
}

fn stand_in(type_code: &str, issuer: &str, area: &str) -> Result<String, NodeError> {
    let bad = |error: codes::CodeError| NodeError::refused(error.to_string(), "请核对目录数据");
    let serial = Serial::parse(&format!("{area}202600000000")).map_err(bad)?;
    let type_code = TypeCode::parse(type_code).map_err(bad)?;
    let issuer = Uscc::parse(issuer).map_err(bad)?;
    Ok(CertificateId::new(type_code, issuer, serial, 1).map_err(bad)?.to_string())
}
