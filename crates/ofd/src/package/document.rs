//! `OFD.xml` and the document's root file.

use std::sync::Arc;

use super::loader::{File, Loader, id, required};
use super::parsed::Parsed;
use super::reach::Why;
use super::resources::{self, Resources};
use super::tags::{self, CustomTag};
use super::{AnnotationFile, Attachment, DocInfo, Page, Template};
use crate::geometry::Rect;
use crate::notation::parse_box;
use crate::xml::Element;
use crate::{OfdError, ZipError, path};

/// The only file whose name the standard fixes (§7.2).
const ENTRY: &str = "OFD.xml";

pub(super) struct Root {
    pub info: DocInfo,
    pub doc_root: String,
    pub signatures: Option<String>,
    pub other_bodies: usize,
}

pub(super) struct Body {
    pub page_area: Rect,
    pub resources: Resources,
    pub templates: Vec<Template>,
    pub pages: Vec<Page>,
    pub annotations: Option<String>,
    pub annotation_files: Vec<AnnotationFile>,
    pub attachments: Vec<Attachment>,
    pub custom_tags: Vec<CustomTag>,
}

pub(super) fn root(loader: &mut Loader<'_, '_>) -> Result<Root, OfdError> {
    loader.need(ENTRY, Why::Root);
    let not_found = || OfdError::Zip(ZipError::NotFound { name: ENTRY.to_owned() });
    let file = loader.parse(ENTRY, "OFD")?.ok_or_else(not_found)?;
    let body = required(ENTRY, &file.root, "DocBody")?;
    let info = doc_info(required(ENTRY, body, "DocInfo")?);
    let doc_root = loader.reference(ENTRY, required(ENTRY, body, "DocRoot")?, Why::Document)?;
    let signatures = match body.child("Signatures").filter(|s| !s.text().is_empty()) {
        Some(element) => Some(path::resolve(ENTRY, element.text())?),
        None => None,
    };
    for version in body.children("Versions").flat_map(|v| v.children("Version")) {
        loader.note(ENTRY, "Versions（文档版本）");
        if let Some(loc) = version.attr("BaseLoc") {
            let path = path::resolve(ENTRY, loc)?;
            loader.need(&path, Why::Version);
        }
    }
    let other_bodies = file.root.children("DocBody").count() - 1;
    Ok(Root { info, doc_root, signatures, other_bodies })
}

fn doc_info(element: &Element) -> DocInfo {
    let text = |name| element.child_text(name).unwrap_or_default().to_owned();
    let datas = element.children("CustomDatas").flat_map(|d| d.children("CustomData"));
    DocInfo {
        doc_id: text("DocID"),
        title: text("Title"),
        author: text("Author"),
        creation_date: text("CreationDate"),
        custom_datas: datas
            .map(|d| (d.attr("Name").unwrap_or_default().to_owned(), d.text().to_owned()))
            .collect(),
    }
}

pub(super) fn body(loader: &mut Loader<'_, '_>, root: &Root) -> Result<Body, OfdError> {
    let name = root.doc_root.as_str();
    let not_found = || OfdError::Zip(ZipError::NotFound { name: name.to_owned() });
    let file = loader.parse(name, "Document")?.ok_or_else(not_found)?;
    let common = required(name, &file.root, "CommonData")?;
    let area = required(name, common, "PageArea")?;
    let mut body = Body {
        page_area: physical_box(name, required(name, area, "PhysicalBox")?)?,
        resources: Resources::default(),
        templates: Vec::new(),
        pages: Vec::new(),
        annotations: None,
        annotation_files: Vec::new(),
        attachments: Vec::new(),
        custom_tags: Vec::new(),
    };
    for element in common.children.iter().filter(|e| e.is("PublicRes") || e.is("DocumentRes")) {
        read_resources(loader, name, element, &mut body.resources)?;
    }
    for element in common.children("TemplatePage") {
        loader.check_count(name, "TemplatePage", body.templates.len() + 1)?;
        let template = template(loader, name, element, &mut body.resources)?;
        unique(name, template.id, body.templates.iter().map(|t| t.id))?;
        body.templates.push(template);
    }
    for element in required(name, &file.root, "Pages")?.children("Page") {
        loader.check_count(name, "Page", body.pages.len() + 1)?;
        let (id, path) = (id(name, element, "ID")?, base_loc(name, element)?);
        unique(name, id, body.pages.iter().map(|p| p.id))?;
        let content = content(loader, &path, Why::Page, &mut body.resources)?;
        body.pages.push(Page { id, path, content });
    }
    side_files(loader, &file, &mut body)?;
    Ok(body)
}

/// Everything of the root file besides common data and pages.
fn side_files(loader: &mut Loader<'_, '_>, file: &File, body: &mut Body) -> Result<(), OfdError> {
    let name = file.path.as_str();
    for element in &file.root.children {
        match element.name.as_str() {
            "CommonData" | "Pages" | "Outlines" | "Permissions" | "VPreferences" | "Bookmarks" => {}
            "Annotations" => {
                let path = loader.reference(name, element, Why::AnnotationList)?;
                body.annotation_files = annotations(loader, &path)?;
                body.annotations = Some(path);
            }
            "Attachments" => {
                let path = loader.reference(name, element, Why::AttachmentList)?;
                body.attachments = attachments(loader, &path)?;
            }
            "CustomTags" => {
                let path = loader.reference(name, element, Why::CustomTagList)?;
                if let Some(list) = loader.parse(&path, "CustomTags")? {
                    body.custom_tags = tags::read(loader, &list)?;
                }
            }
            "Extensions" => {
                let path = loader.reference(name, element, Why::Extension)?;
                loader.note(name, "Extensions（扩展信息）");
                if let Some(list) = loader.parse(&path, "Extensions")? {
                    extensions(loader, &list)?;
                }
            }
            other => loader.note(name, other),
        }
    }
    Ok(())
}

fn physical_box(file: &str, element: &Element) -> Result<Rect, OfdError> {
    parse_box(element.text()).filter(|b| b.w > 0.0 && b.h > 0.0).ok_or_else(|| OfdError::BadValue {
        file: file.to_owned(),
        offset: element.offset,
        item: "PhysicalBox",
        value: element.text().to_owned(),
    })
}

fn unique(file: &str, id: u32, mut before: impl Iterator<Item = u32>) -> Result<(), OfdError> {
    match before.any(|other| other == id) {
        true => Err(OfdError::DuplicateId { file: file.to_owned(), id }),
        false => Ok(()),
    }
}

fn base_loc(file: &str, element: &Element) -> Result<String, OfdError> {
    let missing = || OfdError::Missing { file: file.to_owned(), element: "BaseLoc" };
    Ok(path::resolve(file, element.attr("BaseLoc").ok_or_else(missing)?)?)
}

fn read_resources(
    loader: &mut Loader<'_, '_>,
    file: &str,
    element: &Element,
    into: &mut Resources,
) -> Result<(), OfdError> {
    let path = path::resolve(file, element.text())?;
    // Two pages may share a list; its identifiers must not count as duplicates then.
    if loader.met(&path) {
        return Ok(());
    }
    loader.need(&path, Why::Resources);
    match loader.parse(&path, "Res")? {
        Some(list) => resources::read(loader, &list, into),
        None => Ok(()),
    }
}

fn template(
    loader: &mut Loader<'_, '_>,
    file: &str,
    element: &Element,
    resources: &mut Resources,
) -> Result<Template, OfdError> {
    let (id, path) = (id(file, element, "ID")?, base_loc(file, element)?);
    let content = content(loader, &path, Why::Template, resources)?;
    let z_order = element.attr("ZOrder").unwrap_or("Background").to_owned();
    Ok(Template { id, path, z_order, content })
}

/// Parses the file of a page or template and the resource lists of its own.
fn content(
    loader: &mut Loader<'_, '_>,
    path: &str,
    why: Why,
    resources: &mut Resources,
) -> Result<Option<Arc<Parsed>>, OfdError> {
    loader.need(path, why);
    let Some(file) = loader.parse(path, "Page")? else { return Ok(None) };
    for list in file.root.children("PageRes") {
        read_resources(loader, path, list, resources)?;
    }
    for name in file.root.strange() {
        loader.note(path, name);
    }
    Ok(Some(file.root))
}

fn annotations(loader: &mut Loader<'_, '_>, path: &str) -> Result<Vec<AnnotationFile>, OfdError> {
    let mut files = Vec::new();
    let Some(list) = loader.parse(path, "Annotations")? else { return Ok(files) };
    for page in list.root.children("Page") {
        loader.check_count(path, "Annotations/Page", files.len() + 1)?;
        let location = required(path, page, "FileLoc")?;
        let page_id = id(path, page, "PageID")?;
        files.push(AnnotationFile { page_id, path: loader.reference(path, location, Why::Annotation)? });
    }
    Ok(files)
}

fn attachments(loader: &mut Loader<'_, '_>, path: &str) -> Result<Vec<Attachment>, OfdError> {
    let mut all = Vec::new();
    let Some(list) = loader.parse(path, "Attachments")? else { return Ok(all) };
    for element in list.root.children("Attachment") {
        loader.check_count(path, "Attachment", all.len() + 1)?;
        let location = required(path, element, "FileLoc")?;
        let text = |name| element.attr(name).unwrap_or_default().to_owned();
        let file = loader.reference(path, location, Why::Attachment)?;
        all.push(Attachment { id: text("ID"), name: text("Name"), format: text("Format"), path: file });
    }
    Ok(all)
}

/// Files that extensions keep their data in (§17).
fn extensions(loader: &mut Loader<'_, '_>, list: &File) -> Result<(), OfdError> {
    for extension in list.root.children("Extension") {
        for data in extension.children("ExtendData") {
            if !data.text().is_empty() {
                loader.reference(&list.path, data, Why::Extension)?;
            }
        }
    }
    Ok(())
}
