//! From a prepared template to the parts of an OFD package (all but the signature layer).
//!
//! What is the same in every certificate of a template (words, artwork, fonts of the words, resources) is compressed and
//! digested once; a certificate adds its own page text, font subset, photo, code and data.

use std::collections::BTreeSet;

use matrix::Symbol;
use ofd::notation::push_integer;
use ofd::xml::push_escaped;
use ofd::zip::{Deflater, Entry};

use crate::content::{OFD_NS, Writer, artwork, ids, is_color};
use crate::layout::{Layout, TextObject, labels};
use crate::template::{Frame, PhotoBox, Symbology, Template};
use crate::values::Value;
use crate::{FaceError, Fonts, Issued, Values};

/// The content of a file, for its digest.
#[derive(Clone, Debug)]
pub enum Content {
    /// SM3, computed once for all certificates.
    Digested([u8; 32]),
    /// The uncompressed bytes of a deflated entry. They are digested together with those of other certificates: SM3 is
    /// several times faster over many messages at once.
    Raw(Vec<u8>),
    /// The entry's own data: it is stored as it is.
    Stored,
}

/// A file of the package.
#[derive(Clone, Debug)]
pub struct PackagePart {
    /// Zip entry.
    pub entry: Entry,
    /// What the seal's reference to it digests.
    pub content: Content,
    /// False for the annotation tree, which stays open for 加注件 (`ofd.md` §7).
    pub protected: bool,
}

impl PackagePart {
    /// What is still to be digested; `None` when the digest is known.
    pub fn undigested(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Digested(_) => None,
            Content::Raw(bytes) => Some(bytes),
            Content::Stored => Some(self.entry.data()),
        }
    }
}

/// Where the seal stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SealPlace {
    /// Object id of the page.
    pub page_id: u64,
    /// `[x, y, width, height]` in mm.
    pub frame: Frame,
}

/// What a certificate brings besides its values.
pub struct Dynamic<'a> {
    /// Items and groups.
    pub values: &'a Values,
    /// What the intent fixed.
    pub issued: &'a Issued,
    /// Photo bytes with extension, width and height in pixels.
    pub photo: Option<(&'a [u8], catalogue::PhotoInfo)>,
    /// The 2D code.
    pub code: Option<&'a Symbol>,
    /// Record id and hex SM3 of the record (R3).
    pub source: (&'a str, &'a str),
}

/// A template made ready: everything that no certificate changes.
#[derive(Debug)]
pub struct Prepared {
    template: Template,
    fixed: Vec<PackagePart>,
    resources: [PackagePart; 3],
    roles: Vec<usize>,
    /// 2D code that the template asks for.
    pub symbology: Option<Symbology>,
}

const LEVEL_ONCE: u32 = 9;
/// Pixels per module of the code picture.
const CODE_SCALE: usize = 4;

impl Prepared {
    /// Prepares a template. `demo` adds the words that mark invented certificates.
    ///
    /// # Errors
    /// An unknown font role or colour, fixed words that do not fit, a missing glyph.
    pub fn new(template: &Template, fonts: &Fonts, demo: bool) -> Result<Self, FaceError> {
        check_colors(template)?;
        let mut fixed = Vec::new();
        let mut words: Vec<BTreeSet<char>> = Vec::new();
        let mut next = ids::TEMPLATE_OBJECT;
        for (index, page) in template.pages.iter().enumerate() {
            let labels = labels(page, demo, fonts, &template.id)?;
            collect_chars(&labels, &mut words);
            let (xml, after) = artwork(page, index as u64, &labels, next)?;
            next = after;
            fixed.push(once(&format!("Doc_0/Tpls/Tpl_{index}/Content.xml"), xml.as_bytes()));
        }
        let static_roles: Vec<usize> = (0..words.len()).filter(|role| !words[*role].is_empty()).collect();
        for role in &static_roles {
            let chars: Vec<char> = words[*role].iter().copied().collect();
            let font = fonts.at(*role);
            let subset = font.glyphs.subset(&chars, &font.face)?;
            fixed.push(once(&format!("Doc_0/Res/words_{}.ttf", font.role), &subset.bytes));
        }
        let roles = value_roles(template, fonts)?;
        let has_code = template.pages.iter().any(|page| page.code.is_some());
        fixed.push(once("Doc_0/Document.xml", document_xml(template).as_bytes()));
        fixed.push(once("Doc_0/PublicRes.xml", public_res(fonts, &static_roles, &roles).as_bytes()));
        fixed.push(PackagePart {
            protected: false,
            ..once("Doc_0/Annots/Annotations.xml", ANNOTATIONS.as_bytes())
        });
        fixed.push(once("Doc_0/Attachs/Attachments.xml", ATTACHMENTS.as_bytes()));
        fixed.push(once("Doc_0/Tags/CustomTags.xml", CUSTOM_TAGS.as_bytes()));
        let resource = |photo| once("Doc_0/DocumentRes.xml", document_res(photo, has_code).as_bytes());
        Ok(Self {
            template: template.clone(),
            fixed,
            resources: [resource(None), resource(Some("jpg")), resource(Some("png"))],
            roles,
            symbology: template.pages.iter().find_map(|page| page.code.as_ref()).map(|code| code.symbology),
        })
    }

    /// The template.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Where the seal stands.
    pub fn seal_place(&self) -> SealPlace {
        let (page, frame) = self.template.seal();
        SealPlace { page_id: ids::PAGE + page as u64, frame }
    }

    /// All parts of one certificate's package but the signature layer, in package order.
    ///
    /// # Errors
    /// A character without a glyph in the value fonts; the layout has excluded that before.
    pub fn parts(
        &self,
        layout: &Layout,
        dynamic: &Dynamic<'_>,
        fonts: &Fonts,
        deflater: &mut Deflater,
    ) -> Result<Vec<PackagePart>, FaceError> {
        let mut parts = Vec::with_capacity(self.fixed.len() + 12);
        let mut quick = |name: &str, xml: String| raw(deflater.entry(name, xml.as_bytes()), xml.into_bytes());
        parts.push(quick("OFD.xml", self.ofd_xml(dynamic)));
        parts.extend(self.fixed.iter().cloned());
        let photo = dynamic.photo.map(|(_, info)| info.format.extension());
        parts.push(
            self.resources[photo.map_or(0, |extension| if extension == "jpg" { 1 } else { 2 })].clone(),
        );
        let mut tags = Tags::default();
        let mut chars = Vec::new();
        let mut next = ids::PAGE_OBJECT;
        for (index, objects) in layout.pages.iter().enumerate() {
            collect_chars(objects, &mut chars);
            let xml = self.page(index, objects, dynamic, &mut tags, &mut next);
            parts.push(quick(&format!("Doc_0/Pages/Page_{index}/Content.xml"), xml));
        }
        parts.push(quick("Doc_0/Tags/Certificate.xml", tags.xml()));
        parts.push(quick("Doc_0/Attachs/certificate.xml", certificate_xml(dynamic)));
        for role in &self.roles {
            let mut used: Vec<char> = chars.get(*role).into_iter().flatten().copied().collect();
            // A font that no value uses in this certificate is still declared: it holds a space.
            used.push(' ');
            let font = fonts.at(*role);
            let subset = font.glyphs.subset(&used, &font.face)?;
            parts.push(stored(&format!("Doc_0/Res/value_{}.ttf", font.role), &subset.bytes));
        }
        if let Some((bytes, info)) = dynamic.photo {
            parts.push(stored(&format!("Doc_0/Res/photo.{}", info.format.extension()), bytes));
        }
        if let Some(symbol) = dynamic.code {
            parts.push(stored("Doc_0/Res/code.png", &symbol.to_png_1bit(CODE_SCALE)));
        }
        Ok(parts)
    }

    fn page(
        &self,
        index: usize,
        objects: &[TextObject],
        dynamic: &Dynamic<'_>,
        tags: &mut Tags,
        next: &mut u64,
    ) -> String {
        let page = &self.template.pages[index];
        let mut writer = Writer::new(*next, 4096);
        writer.open(index as u64, Some(page.size));
        for object in objects {
            let id = writer.text(object, ids::VALUE_FONT);
            tags.add(&object.item, index, id);
            *next = id + 1;
        }
        if let (Some(photo), Some((_, info))) = (&page.photo, dynamic.photo) {
            let id = writer.image(fitted(photo, info.width as f32, info.height as f32), ids::PHOTO);
            tags.add(&photo.item, index, id);
            *next = id + 1;
        }
        if let (Some(code), Some(_)) = (&page.code, dynamic.code) {
            *next = writer.image(code.frame, ids::CODE) + 1;
        }
        writer.close()
    }

    fn ofd_xml(&self, dynamic: &Dynamic<'_>) -> String {
        let issued = dynamic.issued;
        let doc_id: String = gm::sm3::sm3(issued.identifier.as_bytes())[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let mut xml = String::with_capacity(4096);
        xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:OFD xmlns:ofd=\"");
        xml.push_str(OFD_NS);
        xml.push_str("\" Version=\"1.2\" DocType=\"OFD\"><ofd:DocBody><ofd:DocInfo>");
        element(&mut xml, "DocID", &doc_id);
        element(&mut xml, "Title", dynamic.values.raw("ZZMC"));
        element(&mut xml, "Author", dynamic.values.raw("ZZBFJG"));
        element(&mut xml, "CreationDate", issued.signed_at.get(..10).unwrap_or_default());
        element(&mut xml, "Creator", "luzheng");
        element(&mut xml, "CreatorVersion", env!("CARGO_PKG_VERSION"));
        xml.push_str("<ofd:CustomDatas>");
        custom_datas(&mut xml, dynamic);
        xml.push_str(
            "</ofd:CustomDatas></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>\
             <ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>",
        );
        xml
    }
}

/// The metadata: common items first, then `KZ_` items, as `standards.md` §1.4 orders them; no 加注 item in an original.
fn custom_datas(xml: &mut String, dynamic: &Dynamic<'_>) {
    let issued = dynamic.issued;
    let (common, extension): (Vec<&Value>, Vec<&Value>) =
        dynamic.values.items.iter().partition(|value| !value.short.starts_with("KZ_"));
    for value in common {
        custom_data(xml, &value.short, &value.raw);
        if value.short == "ZZLXDM" {
            custom_data(xml, "ZZBS", &issued.identifier);
        }
    }
    custom_data(xml, "ZZQZSJ", &issued.signed_at);
    custom_data(xml, "ZZQZMC", &issued.seal_name);
    for value in extension {
        custom_data(xml, &value.short, &value.raw);
    }
    for group in &dynamic.values.groups {
        for (index, row) in group.rows.iter().enumerate() {
            for value in row {
                custom_data(xml, &format!("{}_{}_{}", group.short, index + 1, value.short), &value.raw);
            }
        }
    }
    custom_data(xml, "KZ_ZTXH", &issued.status_index.to_string());
}

fn custom_data(xml: &mut String, name: &str, text: &str) {
    xml.push_str("<ofd:CustomData Name=\"");
    push_escaped(xml, name);
    xml.push_str("\">");
    push_escaped(xml, text);
    xml.push_str("</ofd:CustomData>");
}

/// The same data for machines, attached and protected.
fn certificate_xml(dynamic: &Dynamic<'_>) -> String {
    let mut xml = String::with_capacity(4096);
    xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?><certificate xmlns=\"urn:luzheng:certificate:1\" identifier=\"");
    push_escaped(&mut xml, &dynamic.issued.identifier);
    xml.push_str("\" record=\"");
    push_escaped(&mut xml, dynamic.source.0);
    xml.push_str("\" recordSm3=\"");
    push_escaped(&mut xml, dynamic.source.1);
    xml.push_str("\">");
    dynamic.values.items.iter().for_each(|value| item_xml(&mut xml, value));
    for group in &dynamic.values.groups {
        for row in &group.rows {
            xml.push_str("<row group=\"");
            push_escaped(&mut xml, &group.short);
            xml.push_str("\">");
            row.iter().for_each(|value| item_xml(&mut xml, value));
            xml.push_str("</row>");
        }
    }
    xml.push_str("</certificate>");
    xml
}

fn item_xml(xml: &mut String, value: &Value) {
    xml.push_str("<item name=\"");
    push_escaped(xml, &value.short);
    xml.push_str("\" label=\"");
    push_escaped(xml, &value.name);
    if value.display != value.raw {
        xml.push_str("\" text=\"");
        push_escaped(xml, &value.display);
    }
    xml.push_str("\">");
    push_escaped(xml, &value.raw);
    xml.push_str("</item>");
}

/// The data index of GB/T 36905: which page objects show which item.
#[derive(Default)]
struct Tags(Vec<(String, Vec<(usize, u64)>)>);

impl Tags {
    /// `path` is a short name or `GROUP.SHORT`, the tag of a sub-item `GROUP_SHORT`; what shows no item has none.
    fn add(&mut self, path: &str, page: usize, object: u64) {
        if path.is_empty() {
            return;
        }
        let name = path.replace('.', "_");
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, objects)) => objects.push((page, object)),
            None => self.0.push((name, vec![(page, object)])),
        }
    }

    fn xml(&self) -> String {
        let mut xml = String::with_capacity(2048);
        xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?><c:Certificate xmlns:c=\"urn:luzheng:tags:1\" xmlns:ofd=\"");
        xml.push_str(OFD_NS);
        xml.push_str("\">");
        for (name, objects) in &self.0 {
            xml.push_str("<c:");
            xml.push_str(name);
            xml.push('>');
            for (page, object) in objects {
                xml.push_str("<ofd:ObjectRef PageRef=\"");
                push_integer(&mut xml, ids::PAGE + *page as u64);
                xml.push_str("\">");
                push_integer(&mut xml, *object);
                xml.push_str("</ofd:ObjectRef>");
            }
            xml.push_str("</c:");
            xml.push_str(name);
            xml.push('>');
        }
        xml.push_str("</c:Certificate>");
        xml
    }
}

fn element(xml: &mut String, name: &str, text: &str) {
    xml.push_str("<ofd:");
    xml.push_str(name);
    xml.push('>');
    push_escaped(xml, text);
    xml.push_str("</ofd:");
    xml.push_str(name);
    xml.push('>');
}

fn raw(entry: Entry, bytes: Vec<u8>) -> PackagePart {
    PackagePart { entry, content: Content::Raw(bytes), protected: true }
}

fn stored(name: &str, bytes: &[u8]) -> PackagePart {
    PackagePart { entry: Entry::stored(name, bytes), content: Content::Stored, protected: true }
}

fn once(name: &str, bytes: &[u8]) -> PackagePart {
    let entry = Entry::deflated(name, bytes, LEVEL_ONCE);
    PackagePart { entry, content: Content::Digested(gm::sm3::sm3(bytes)), protected: true }
}

/// The largest frame of the picture's shape inside the box, centred.
fn fitted(photo: &PhotoBox, width: f32, height: f32) -> Frame {
    let [x, y, w, h] = photo.frame;
    let scale = (w / width.max(1.0)).min(h / height.max(1.0));
    let (width, height) = (width * scale, height * scale);
    [x + (w - width) / 2.0, y + (h - height) / 2.0, width, height]
}

fn collect_chars(objects: &[TextObject], by_role: &mut Vec<BTreeSet<char>>) {
    for object in objects {
        if by_role.len() <= object.font {
            by_role.resize(object.font + 1, BTreeSet::new());
        }
        by_role[object.font].extend(object.run.text.chars());
    }
}

fn value_roles(template: &Template, fonts: &Fonts) -> Result<Vec<usize>, FaceError> {
    let mut roles = BTreeSet::new();
    for page in &template.pages {
        let names =
            page.items.iter().map(|item| &item.font).chain(page.tables.iter().map(|table| &table.font));
        for name in names {
            roles.insert(fonts.index(name)?);
        }
    }
    Ok(roles.into_iter().collect())
}

fn check_colors(template: &Template) -> Result<(), FaceError> {
    for page in &template.pages {
        let colors = (page.labels.iter().map(|one| &one.color))
            .chain(page.items.iter().map(|one| &one.color))
            .chain(page.tables.iter().map(|one| &one.color))
            .chain(page.lines.iter().map(|one| &one.color))
            .chain(page.rects.iter().flat_map(|one| std::iter::once(&one.color).chain(&one.fill)))
            .chain(page.ornaments.iter().map(|one| &one.color));
        if let Some(bad) = colors.into_iter().find(|color| !is_color(color)) {
            let what = "颜色应写成 #rrggbb".to_owned();
            return Err(FaceError::Content { template: template.id.clone(), item: bad.clone(), what });
        }
    }
    Ok(())
}

const ANNOTATIONS: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:Annotations xmlns:ofd=\"http://www.ofdspec.org/2016\"/>";
const ATTACHMENTS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:Attachments xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:Attachment ID=\"certificate\" Name=\"certificate\" Format=\"xml\" Visible=\"false\"><ofd:FileLoc>/Doc_0/Attachs/certificate.xml</ofd:FileLoc></ofd:Attachment></ofd:Attachments>";
const CUSTOM_TAGS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:CustomTags xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:CustomTag NameSpace=\"urn:luzheng:tags:1\" TypeID=\"urn:luzheng:tags:1\"><ofd:FileLoc>/Doc_0/Tags/Certificate.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>";

fn document_xml(template: &Template) -> String {
    let [width, height] = template.pages[0].size;
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:Document xmlns:ofd=\"{OFD_NS}\"><ofd:CommonData>\
         <ofd:MaxUnitID>{}</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 {width} {height}</ofd:PhysicalBox></ofd:PageArea>\
         <ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>",
        ids::MAX
    );
    for index in 0..template.pages.len() {
        let id = ids::TEMPLATE + index as u64;
        xml.push_str(&format!("<ofd:TemplatePage ID=\"{id}\" BaseLoc=\"Tpls/Tpl_{index}/Content.xml\"/>"));
    }
    xml.push_str("</ofd:CommonData><ofd:Pages>");
    for index in 0..template.pages.len() {
        let id = ids::PAGE + index as u64;
        xml.push_str(&format!("<ofd:Page ID=\"{id}\" BaseLoc=\"Pages/Page_{index}/Content.xml\"/>"));
    }
    xml.push_str(
        "</ofd:Pages><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>\
         <ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>\
         <ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>",
    );
    xml
}

fn public_res(fonts: &Fonts, words: &[usize], values: &[usize]) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:Res xmlns:ofd=\"{OFD_NS}\" BaseLoc=\"Res\"><ofd:Fonts>"
    );
    let all = words.iter().map(|role| (ids::STATIC_FONT, *role, "words"));
    for (base, role, prefix) in all.chain(values.iter().map(|role| (ids::VALUE_FONT, *role, "value"))) {
        let font = fonts.at(role);
        xml.push_str(&format!(
            "<ofd:Font ID=\"{}\" FontName=\"{face}\" FamilyName=\"{face}\"><ofd:FontFile>{prefix}_{}.ttf</ofd:FontFile></ofd:Font>",
            base + role as u64,
            font.role,
            face = font.face,
        ));
    }
    xml.push_str("</ofd:Fonts></ofd:Res>");
    xml
}

fn document_res(photo: Option<&str>, code: bool) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:Res xmlns:ofd=\"{OFD_NS}\" BaseLoc=\"Res\"><ofd:MultiMedias>"
    );
    let mut media = |id: u64, format: &str, file: &str| {
        xml.push_str(&format!(
            "<ofd:MultiMedia ID=\"{id}\" Type=\"Image\" Format=\"{format}\"><ofd:MediaFile>{file}</ofd:MediaFile></ofd:MultiMedia>"
        ));
    };
    if let Some(extension) = photo {
        let format = if extension == "jpg" { "JPEG" } else { "PNG" };
        media(ids::PHOTO, format, &format!("photo.{extension}"));
    }
    if code {
        media(ids::CODE, "PNG", "code.png");
    }
    xml.push_str("</ofd:MultiMedias></ofd:Res>");
    xml
}
