//! Packages for the tests, good and broken.
#![allow(clippy::unwrap_used)] // a test that cannot go on should fail
#![allow(dead_code)] // each test target uses its own part

use ofd::zip::{Entry, write};

/// A container put together field by field, so that a test can make any field lie.
#[derive(Clone)]
pub struct RawEntry {
    pub name: Vec<u8>,
    pub local_name: Vec<u8>,
    pub flags: u16,
    pub local_flags: u16,
    pub method: u16,
    pub local_method: u16,
    pub crc: u32,
    pub local_crc: u32,
    pub packed: u32,
    pub local_packed: u32,
    pub size: u32,
    pub local_size: u32,
    pub extra: Vec<u8>,
    pub local_extra: Vec<u8>,
    pub comment: Vec<u8>,
    pub disk: u16,
    pub data: Vec<u8>,
    /// Bytes after the data: a descriptor, or something hidden.
    pub tail: Vec<u8>,
    /// Left out of the directory.
    pub unlisted: bool,
    /// Offset written instead of the true one.
    pub offset: Option<u32>,
}

impl RawEntry {
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Self::packed(name, 0, data, data)
    }

    pub fn deflated(name: &str, data: &[u8]) -> Self {
        let entry = Entry::deflated(name, data, 6);
        assert_eq!(entry.method(), ofd::zip::Method::Deflate, "test data must shrink");
        Self::packed(name, 8, data, entry.data())
    }

    pub fn packed(name: &str, method: u16, plain: &[u8], data: &[u8]) -> Self {
        let crc = Entry::stored("x", plain).crc32();
        let (packed, size) = (data.len() as u32, plain.len() as u32);
        Self {
            name: name.into(),
            local_name: name.into(),
            flags: 1 << 11,
            local_flags: 1 << 11,
            method,
            local_method: method,
            crc,
            local_crc: crc,
            packed,
            local_packed: packed,
            size,
            local_size: size,
            extra: Vec::new(),
            local_extra: Vec::new(),
            comment: Vec::new(),
            disk: 0,
            data: data.to_vec(),
            tail: Vec::new(),
            unlisted: false,
            offset: None,
        }
    }

    /// As Java writes: zeros in the local header, a descriptor after the data.
    pub fn with_descriptor(mut self, signature: bool) -> Self {
        self.flags |= 1 << 3;
        self.local_flags |= 1 << 3;
        (self.local_crc, self.local_packed, self.local_size) = (0, 0, 0);
        if signature {
            self.tail.extend(0x0807_4b50u32.to_le_bytes());
        }
        for value in [self.crc, self.packed, self.size] {
            self.tail.extend(value.to_le_bytes());
        }
        self
    }
}

fn put16(out: &mut Vec<u8>, values: &[u16]) {
    values.iter().for_each(|v| out.extend(v.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, values: &[u32]) {
    values.iter().for_each(|v| out.extend(v.to_le_bytes()));
}

/// Lays the entries out; `edit` may change the six numbers of the end record (disk, first disk, count here,
/// count, directory length, directory offset).
pub fn raw_zip(entries: &[RawEntry], edit: impl FnOnce(&mut [u32; 6])) -> Vec<u8> {
    let mut out = Vec::new();
    let mut offsets = Vec::new();
    for e in entries {
        offsets.push(out.len() as u32);
        put32(&mut out, &[0x0403_4b50]);
        put16(&mut out, &[20, e.local_flags, e.local_method, 0, 33]);
        put32(&mut out, &[e.local_crc, e.local_packed, e.local_size]);
        put16(&mut out, &[e.local_name.len() as u16, e.local_extra.len() as u16]);
        for part in [&e.local_name, &e.local_extra, &e.data, &e.tail] {
            out.extend(part);
        }
    }
    let start = out.len() as u32;
    let listed = || entries.iter().zip(&offsets).filter(|(e, _)| !e.unlisted);
    for (e, offset) in listed() {
        put32(&mut out, &[0x0201_4b50]);
        put16(&mut out, &[20, 20, e.flags, e.method, 0, 33]);
        put32(&mut out, &[e.crc, e.packed, e.size]);
        put16(&mut out, &[e.name.len() as u16, e.extra.len() as u16, e.comment.len() as u16, e.disk, 0]);
        put32(&mut out, &[0, e.offset.unwrap_or(*offset)]);
        for part in [&e.name, &e.extra, &e.comment] {
            out.extend(part);
        }
    }
    let count = listed().count() as u32;
    let mut end = [0, 0, count, count, out.len() as u32 - start, start];
    edit(&mut end);
    put32(&mut out, &[0x0605_4b50]);
    put16(&mut out, &[end[0] as u16, end[1] as u16, end[2] as u16, end[3] as u16]);
    put32(&mut out, &[end[4], end[5]]);
    put16(&mut out, &[0]);
    out
}

const NS: &str = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";

/// One file of the sample package.
pub type Part = (String, Vec<u8>);

fn part(name: &str, xml: String) -> Part {
    (name.to_owned(), format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}").into_bytes())
}

/// A red 2 × 2 PNG.
pub fn red_png() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 2, 2);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&[255, 0, 0].repeat(4)).unwrap();
    out
}

/// The objects of the sample page.
pub const OBJECTS: &str = r#"<ofd:PathObject ID="20" Boundary="5 5 90 50" LineWidth="0.5"><ofd:StrokeColor Value="0 0 255"/><ofd:AbbreviatedData>M 0 0 L 90 0 L 90 50 L 0 50 C</ofd:AbbreviatedData></ofd:PathObject>
<ofd:PathObject ID="21" Boundary="70 10 20 20" Stroke="false" Fill="true"><ofd:FillColor Value="0 128 0" Alpha="128"/><ofd:AbbreviatedData>M 20 10 A 10 10 0 1 1 0 10 A 10 10 0 1 1 20 10 C</ofd:AbbreviatedData></ofd:PathObject>
<ofd:TextObject ID="22" Boundary="10 10 60 8" Font="3" Size="6"><ofd:FillColor Value="200 0 0"/><ofd:TextCode X="0" Y="6" DeltaX="g 6 7">道路运输经营许可</ofd:TextCode></ofd:TextObject>
<ofd:TextObject ID="23" Boundary="10 24 50 5" Font="3" Size="4"><ofd:TextCode X="0" Y="4" DeltaX="4 4 4">业户名称</ofd:TextCode><ofd:TextCode X="20" Y="4" DeltaX="g 5 4">某某运输公司</ofd:TextCode></ofd:TextObject>
<ofd:ImageObject ID="24" Boundary="75 35 15 15" CTM="15 0 0 15 0 0" ResourceID="4"/>"#;

/// The parts of a sample document with one page of `objects`; `font` is embedded as it is.
pub fn parts(objects: &str, font: &[u8]) -> Vec<Part> {
    vec![
        part(
            "OFD.xml",
            format!(
                r#"<ofd:OFD {NS} Version="1.2" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0123456789abcdef0123456789abcdef</ofd:DocID><ofd:Title>道路运输证</ofd:Title><ofd:CreationDate>2026-01-01</ofd:CreationDate><ofd:CustomDatas><ofd:CustomData Name="ZZBH">440101&amp;1</ofd:CustomData><ofd:CustomData Name="ZZBH">2</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>"#
            ),
        ),
        part(
            "Doc_0/Document.xml",
            format!(
                r#"<ofd:Document {NS}><ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 100 60</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes><ofd:TemplatePage ID="5" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations><ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags><ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>"#
            ),
        ),
        part(
            "Doc_0/PublicRes.xml",
            format!(
                r#"<ofd:Res {NS} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="LXGW WenKai" FamilyName="LXGW WenKai"><ofd:FontFile>font_3.ttf</ofd:FontFile></ofd:Font></ofd:Fonts></ofd:Res>"#
            ),
        ),
        part(
            "Doc_0/DocumentRes.xml",
            format!(
                r#"<ofd:Res {NS} BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="4" Type="Image" Format="PNG"><ofd:MediaFile>red.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"#
            ),
        ),
        ("Doc_0/Res/font_3.ttf".to_owned(), font.to_vec()),
        ("Doc_0/Res/red.png".to_owned(), red_png()),
        part(
            "Doc_0/Tpls/Tpl_0/Content.xml",
            format!(
                r#"<ofd:Page {NS}><ofd:Content><ofd:Layer ID="6"><ofd:PathObject ID="7" Boundary="0 0 100 60" Stroke="false" Fill="true"><ofd:FillColor Value="255 250 230"/><ofd:AbbreviatedData>M 0 0 L 100 0 L 100 60 L 0 60 C</ofd:AbbreviatedData></ofd:PathObject></ofd:Layer></ofd:Content></ofd:Page>"#
            ),
        ),
        part(
            "Doc_0/Pages/Page_0/Content.xml",
            format!(
                r#"<ofd:Page {NS}><ofd:Template TemplateID="5" ZOrder="Background"/><ofd:Content><ofd:Layer ID="10" Type="Body">{objects}</ofd:Layer></ofd:Content></ofd:Page>"#
            ),
        ),
        part(
            "Doc_0/Annots/Annotations.xml",
            format!(
                r#"<ofd:Annotations {NS}><ofd:Page PageID="1"><ofd:FileLoc>Page_0/Annotation.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>"#
            ),
        ),
        part(
            "Doc_0/Annots/Page_0/Annotation.xml",
            format!(
                r#"<ofd:PageAnnot {NS}><ofd:Annot ID="30" Type="Watermark"><ofd:Appearance Boundary="50 40 10 10"><ofd:PathObject ID="31" Boundary="0 0 10 10" Stroke="false" Fill="true"><ofd:FillColor Value="255 0 255"/><ofd:AbbreviatedData>M 0 0 L 10 0 L 10 10 L 0 10 C</ofd:AbbreviatedData></ofd:PathObject></ofd:Appearance></ofd:Annot></ofd:PageAnnot>"#
            ),
        ),
        part(
            "Doc_0/Attachs/Attachments.xml",
            format!(
                r#"<ofd:Attachments {NS}><ofd:Attachment ID="40" Name="certificate" Format="xml"><ofd:FileLoc>certificate.xml</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"#
            ),
        ),
        part("Doc_0/Attachs/certificate.xml", "<certificate/>".to_owned()),
        part(
            "Doc_0/Tags/CustomTags.xml",
            format!(
                r#"<ofd:CustomTags {NS}><ofd:CustomTag TypeID="cert"><ofd:FileLoc>tag.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>"#
            ),
        ),
        part(
            "Doc_0/Tags/tag.xml",
            format!(
                r#"<t:cert xmlns:t="urn:test" {NS}><t:YHMC><ofd:ObjectRef PageRef="1">23</ofd:ObjectRef></t:YHMC></t:cert>"#
            ),
        ),
    ]
}

/// A container of `parts`, XML deflated.
pub fn pack(parts: &[Part]) -> Vec<u8> {
    let entries: Vec<Entry> = parts
        .iter()
        .map(|(name, bytes)| match name.ends_with(".xml") {
            true => Entry::deflated(name, bytes, 6),
            false => Entry::stored(name, bytes),
        })
        .collect();
    write(&entries).unwrap()
}

/// The sample document without a font.
pub fn sample() -> Vec<u8> {
    pack(&parts(OBJECTS, b"no font"))
}

/// The sample parts with one part's text changed.
pub fn sample_with(name: &str, from: &str, to: &str) -> Vec<u8> {
    let mut parts = parts(OBJECTS, b"no font");
    let part = parts.iter_mut().find(|(n, _)| n == name).expect("part exists");
    let text = String::from_utf8(part.1.clone()).unwrap();
    assert!(text.contains(from), "{name} does not contain {from}");
    part.1 = text.replace(from, to).into_bytes();
    pack(&parts)
}
