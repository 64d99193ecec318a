//! The document inside a container: what GB/T 33190 §7 and §13 to §20 say is there, and which files it needs.

mod document;
mod loader;
mod parsed;
mod reach;
mod resources;
mod tags;

use std::borrow::Cow;
use std::sync::Arc;

use crate::geometry::Rect;
use crate::xml::Element;
use crate::zip::Archive;
use crate::{Limits, OfdError};

pub use parsed::{Memory, Parsed};
pub use reach::{Reach, Why};
pub(crate) use resources::parse_color;
pub use resources::{Color, DrawParam, Font, Image, Resources};
pub use tags::{CustomTag, ObjectRef, Tag};

use loader::Loader;

/// An opened document. The container's bytes are borrowed; page files are parsed, pictures and fonts are not
/// read before they are needed.
#[derive(Debug, Clone)]
pub struct Package<'a> {
    /// The container.
    pub archive: Archive<'a>,
    /// What `OFD.xml` says about the document.
    pub info: DocInfo,
    /// Path of the document's root file, e.g. `Doc_0/Document.xml`.
    pub doc_root: String,
    /// Path of the list of signatures, when `OFD.xml` names one.
    pub signatures: Option<String>,
    /// `DocBody` elements beyond the first; a certificate has none, and they are not read.
    pub other_bodies: usize,
    /// Page area of pages that name none: the `PhysicalBox` in mm.
    pub page_area: Rect,
    /// Fonts, images and drawing parameters of the document and its pages.
    pub resources: Resources,
    /// Templates in their order.
    pub templates: Vec<Template>,
    /// Pages in their order.
    pub pages: Vec<Page>,
    /// The file that lists the annotations, when the document names one.
    pub annotations: Option<String>,
    /// The annotation file of each page that has one.
    pub annotation_files: Vec<AnnotationFile>,
    /// Attachments in their order.
    pub attachments: Vec<Attachment>,
    /// Custom tags (GB/T 36905 data index).
    pub custom_tags: Vec<CustomTag>,
    /// Things present that this crate does not show or follow, each named with its file, without repetition.
    pub unsupported: Vec<String>,
    reach: Vec<Reach>,
    parsed: Vec<(String, Arc<Parsed>)>,
}

/// `DocInfo` of `OFD.xml` (§7.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocInfo {
    /// `DocID`: 32 hexadecimal digits.
    pub doc_id: String,
    /// `Title`.
    pub title: String,
    /// `Author`.
    pub author: String,
    /// `CreationDate` as written (`YYYY-MM-DD`).
    pub creation_date: String,
    /// `CustomData` name and value in their order, repeated names kept.
    pub custom_datas: Vec<(String, String)>,
}

/// A page template (§7.5).
#[derive(Debug, Clone)]
pub struct Template {
    /// Identifier that pages refer to.
    pub id: u32,
    /// Path of its file.
    pub path: String,
    /// `Background`, `Body` or `Foreground`.
    pub z_order: String,
    /// Its content; `None` when the file is missing.
    pub content: Option<Arc<Parsed>>,
}

/// A page (§7.6).
#[derive(Debug, Clone)]
pub struct Page {
    /// Identifier that signatures and annotations refer to.
    pub id: u32,
    /// Path of its file.
    pub path: String,
    /// Its content; `None` when the file is missing.
    pub content: Option<Arc<Parsed>>,
}

/// One page's annotation file (§15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationFile {
    /// Identifier of the page.
    pub page_id: u32,
    /// Path of the file.
    pub path: String,
}

/// One attachment (§20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// `ID` as written.
    pub id: String,
    /// `Name`.
    pub name: String,
    /// `Format`, e.g. `xml`; empty when not given.
    pub format: String,
    /// Path of the file.
    pub path: String,
}

impl<'a> Package<'a> {
    /// Opens the document in the container `bytes`.
    ///
    /// Fails when the container, an XML file or a required element is refused. A file that is named but missing
    /// is not an error here: it is reported by [`Package::missing`].
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, OfdError> {
        Self::open_with(bytes, limits, None)
    }

    /// [`Package::open`], but files that `memory` recalls are neither inflated nor parsed again; the outcome is the same.
    pub fn open_with(
        bytes: &'a [u8],
        limits: &Limits,
        memory: Option<&dyn Memory>,
    ) -> Result<Self, OfdError> {
        let archive = Archive::open(bytes, limits)?;
        let mut loader = Loader::new(&archive, limits, memory);
        let root = document::root(&mut loader)?;
        let body = document::body(&mut loader, &root)?;
        let reach = loader.reach;
        let unsupported = loader.unsupported;
        let parsed = loader.parsed;
        Ok(Self {
            info: root.info,
            doc_root: root.doc_root,
            signatures: root.signatures,
            other_bodies: root.other_bodies,
            page_area: body.page_area,
            resources: body.resources,
            templates: body.templates,
            pages: body.pages,
            annotations: body.annotations,
            annotation_files: body.annotation_files,
            attachments: body.attachments,
            custom_tags: body.custom_tags,
            unsupported,
            reach,
            parsed,
            archive,
        })
    }

    /// Every file that is needed to show or use the document, in the order of discovery and each once, with
    /// the first reason it was needed for. The list of signatures and its files are not part of it;
    /// annotations are, and [`Why::is_annotation`] tells them apart.
    pub fn reachable(&self) -> &[Reach] {
        &self.reach
    }

    /// The files of [`Package::reachable`] that the container does not hold.
    pub fn missing(&self) -> impl Iterator<Item = &Reach> {
        self.reach.iter().filter(|r| !r.present)
    }

    /// The content of page `index`, counted from 0.
    pub fn page(&self, index: usize) -> Result<&Element, OfdError> {
        let pages = self.pages.len();
        let page = self.pages.get(index).ok_or(OfdError::NoPage { index, pages })?;
        let missing = || OfdError::PageMissing { index, path: page.path.clone() };
        Ok(page.content.as_ref().ok_or_else(missing)?)
    }

    /// The physical box of page `index` in mm: its own, else the document's.
    pub fn page_box(&self, index: usize) -> Result<Rect, OfdError> {
        let own = self.page(index)?.child("Area").and_then(|a| a.child_text("PhysicalBox"));
        Ok(own.and_then(crate::notation::parse_box).unwrap_or(self.page_area))
    }

    /// The index of the page with this identifier.
    pub fn page_index(&self, id: u32) -> Option<usize> {
        self.pages.iter().position(|p| p.id == id)
    }

    /// The XML files that [`Package::open_with`] parsed anew, by path: what a memory may learn.
    pub fn parsed_anew(&self) -> &[(String, Arc<Parsed>)] {
        &self.parsed
    }

    /// The bytes of a file of the package.
    pub fn read(&self, path: &str) -> Result<Cow<'a, [u8]>, OfdError> {
        Ok(self.archive.read(path)?)
    }
}
