//! `show`: a file's page as a picture, its text, its metadata. Shows what is in the file; it judges nothing.

use ofd::draw::{self, DisplayList, Options, Overlay};
use ofd::{Limits, Package, notation};
use seal::{TrustStore, Verifier};

use crate::NodeError;

/// An opened file.
pub struct Shown<'a> {
    package: Package<'a>,
    overlays: Vec<Overlay>,
}

/// Opens a file for showing; the seal's picture is taken from the signature and laid over its page.
///
/// # Errors
/// A file that is no OFD.
pub fn open(bytes: &[u8]) -> Result<Shown<'_>, NodeError> {
    let package = Package::open(bytes, &Limits::default())?;
    // Without trust data nothing is judged; the verifier only reads the signature layer.
    let facts = Verifier::uncached(TrustStore::empty()).verify(bytes, 0).facts;
    let overlay = facts.picture.and_then(|(picture, page, boundary)| {
        let index = package.page_index(page.parse().ok()?)?;
        Overlay::image(index, notation::parse_box(&boundary)?, &picture.data).ok()
    });
    Ok(Shown { package, overlays: overlay.into_iter().collect() })
}

impl Shown<'_> {
    /// Number of pages.
    pub fn pages(&self) -> usize {
        self.package.pages.len()
    }

    fn list(&self, page: usize) -> Result<DisplayList, NodeError> {
        Ok(draw::draw(&self.package, page, &Options { overlays: &self.overlays, fallback_font: None })?)
    }

    /// A page as PNG.
    ///
    /// # Errors
    /// No such page, or one that is too large to draw.
    pub fn png(&self, page: usize, dpi: f32) -> Result<Vec<u8>, NodeError> {
        Ok(draw::to_png(&self.list(page)?, dpi)?)
    }

    /// A page as SVG.
    ///
    /// # Errors
    /// No such page.
    pub fn svg(&self, page: usize) -> Result<String, NodeError> {
        Ok(draw::to_svg(&self.list(page)?))
    }

    /// What could not be drawn, in Chinese.
    ///
    /// # Errors
    /// No such page.
    pub fn notices(&self, page: usize) -> Result<Vec<String>, NodeError> {
        Ok(self.list(page)?.notices)
    }

    /// The text of all pages in reading order.
    ///
    /// # Errors
    /// A page that cannot be read.
    pub fn text(&self) -> Result<String, NodeError> {
        Ok(ofd::plain_text(&self.package)?)
    }

    /// The text of one page in reading order.
    ///
    /// # Errors
    /// No such page.
    pub fn page_text(&self, page: usize) -> Result<String, NodeError> {
        Ok(ofd::page_text(&self.package, page)?.plain())
    }

    /// Title and metadata in file order.
    pub fn metadata(&self) -> Vec<(String, String)> {
        let info = &self.package.info;
        let head = [
            ("DocID", &info.doc_id),
            ("Title", &info.title),
            ("Author", &info.author),
            ("CreationDate", &info.creation_date),
        ];
        let head = head.into_iter().map(|(name, value)| (name.to_owned(), value.clone()));
        head.chain(info.custom_datas.iter().cloned()).collect()
    }
}
