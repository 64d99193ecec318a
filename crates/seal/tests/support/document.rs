//! A small document with everything that real ones have: template, fonts, photo, tags, attachment, open annotation list.

use codes::{CertificateId, Serial, TypeCode, Uscc};
use gm::sm3::sm3;
use ofd::zip::{Deflater, Entry};
use seal::{KeyedSeal, Protected, SealProvider, SealRequest, SesSeal};

use super::files::Files;
use super::trust::HOME;
use super::world::{SIGNED, World};

pub const TYPE: &str = "11100000000019713D016";
pub const PAGE: &str = "Doc_0/Pages/Page_0/Content.xml";
pub const ANNOTS: &str = "Doc_0/Annots/Annotations.xml";
const NS: &str = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";

pub fn identifier(issuer: &str) -> String {
    let parts = (
        TypeCode::parse(TYPE).unwrap(),
        Uscc::parse(issuer).unwrap(),
        Serial::parse("990100202600000001").unwrap(),
    );
    CertificateId::new(parts.0, parts.1, parts.2, 1).unwrap().to_string()
}

/// CustomDatas of the genuine certificate.
pub fn metadata() -> Vec<(&'static str, String)> {
    metadata_of(HOME)
}

pub fn metadata_of(issuer: &str) -> Vec<(&'static str, String)> {
    [
        ("ZZMC", "道路危险货物运输许可证"),
        ("ZZLXDM", TYPE),
        ("ZZBS", &identifier(issuer)),
        ("ZZBH", "990100000001"),
        ("ZZBFJG", "演示省交通运输厅"),
        ("ZZBFJGDM", issuer),
        ("ZZYXQQSRQ", "2026-03-01"),
        ("ZZYXQJZRQ", "2030-02-28"),
        ("KZ_NSYXQ", "2027-02-28"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

/// The metadata with one item changed, added, or (`None`) left out.
pub fn metadata_with(name: &'static str, value: Option<&str>) -> Vec<(&'static str, String)> {
    let mut all = metadata();
    all.retain(|(known, _)| *known != name);
    all.extend(value.map(|value| (name, value.to_owned())));
    all
}

/// Names and contents of all files but the signature layer; `false` for what stays unprotected.
pub fn parts(metadata: &[(&str, String)]) -> Vec<(String, Vec<u8>, bool)> {
    let datas: String = metadata
        .iter()
        .map(|(name, value)| format!("<ofd:CustomData Name=\"{name}\">{value}</ofd:CustomData>"))
        .collect();
    let files = [
        (
            "OFD.xml",
            format!(
                "<ofd:OFD {NS} Version=\"1.2\" DocType=\"OFD\"><ofd:DocBody><ofd:DocInfo><ofd:DocID>00</ofd:DocID>\
            <ofd:CustomDatas>{datas}</ofd:CustomDatas></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>\
            <ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>"
            ),
        ),
        (
            "Doc_0/Document.xml",
            format!(
                "<ofd:Document {NS}><ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea>\
            <ofd:PhysicalBox>0 0 210 148</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>\
            <ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes><ofd:TemplatePage ID=\"40\" BaseLoc=\"Tpls/Tpl_0/Content.xml\"/>\
            </ofd:CommonData><ofd:Pages><ofd:Page ID=\"60\" BaseLoc=\"Pages/Page_0/Content.xml\"/></ofd:Pages>\
            <ofd:Annotations>Annots/Annotations.xml</ofd:Annotations><ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>\
            <ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>"
            ),
        ),
        (
            "Doc_0/PublicRes.xml",
            format!(
                "<ofd:Res {NS} BaseLoc=\"Res\"><ofd:Fonts><ofd:Font ID=\"10\" FontName=\"楷体\">\
            <ofd:FontFile>words.ttf</ofd:FontFile></ofd:Font></ofd:Fonts></ofd:Res>"
            ),
        ),
        (
            "Doc_0/DocumentRes.xml",
            format!(
                "<ofd:Res {NS} BaseLoc=\"Res\"><ofd:MultiMedias><ofd:MultiMedia ID=\"30\" \
            Type=\"Image\" Format=\"PNG\"><ofd:MediaFile>photo.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"
            ),
        ),
        ("Doc_0/Res/words.ttf", "outlines of the words".to_owned()),
        ("Doc_0/Res/photo.png", "\u{89}PNG photo of the holder".to_owned()),
        (
            "Doc_0/Tpls/Tpl_0/Content.xml",
            format!(
                "<ofd:Page {NS}><ofd:Content><ofd:Layer ID=\"80\">{}</ofd:Layer>\
            </ofd:Content></ofd:Page>",
                text(101, "许可证")
            ),
        ),
        (
            PAGE,
            format!(
                "<ofd:Page {NS}><ofd:Template TemplateID=\"40\"/><ofd:Content><ofd:Layer ID=\"81\">{}\
            <ofd:ImageObject ID=\"5002\" ResourceID=\"30\" Boundary=\"10 10 30 40\" CTM=\"30 0 0 40 0 0\"/></ofd:Layer>\
            </ofd:Content></ofd:Page>",
                text(5001, "张三")
            ),
        ),
        (ANNOTS, format!("<ofd:Annotations {NS}/>")),
        (
            "Doc_0/Tags/CustomTags.xml",
            format!(
                "<ofd:CustomTags {NS}><ofd:CustomTag TypeID=\"t\"><ofd:FileLoc>\
            /Doc_0/Tags/Certificate.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>"
            ),
        ),
        (
            "Doc_0/Tags/Certificate.xml",
            format!(
                "<t xmlns=\"urn:t\" {NS}><CZZT><ofd:ObjectRef PageRef=\"60\">5001\
            </ofd:ObjectRef></CZZT></t>"
            ),
        ),
        (
            "Doc_0/Attachs/Attachments.xml",
            format!(
                "<ofd:Attachments {NS}><ofd:Attachment ID=\"c\" Name=\"c\"><ofd:FileLoc>\
            /Doc_0/Attachs/certificate.xml</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
            ),
        ),
        (
            "Doc_0/Attachs/certificate.xml",
            "<certificate><item name=\"CZZT\">张三</item></certificate>".to_owned(),
        ),
    ];
    files.map(|(name, text)| (name.to_owned(), text.into_bytes(), name != ANNOTS)).to_vec()
}

fn text(id: u32, words: &str) -> String {
    format!(
        "<ofd:TextObject ID=\"{id}\" Font=\"10\" Size=\"5\" Boundary=\"50 20 60 8\"><ofd:TextCode X=\"0\" Y=\"5\">{words}\
         </ofd:TextCode></ofd:TextObject>"
    )
}

pub fn unsealed(parts: &[(String, Vec<u8>, bool)]) -> Files {
    let mut files = Files::default();
    parts.iter().for_each(|(name, bytes, _)| files.set(name, bytes));
    files
}

/// Seals with the product's own sealer.
pub fn sealed(world: &World, parts: &[(String, Vec<u8>, bool)]) -> Files {
    let seal = SesSeal::parse(&world.seal().der()).unwrap();
    let provider = KeyedSeal::new(seal, world.signer.certificate.clone(), world.signer.key()).unwrap();
    let entries: Vec<_> = parts
        .iter()
        .map(|(name, bytes, covered)| (Entry::deflated(name, bytes, 6), sm3(bytes), *covered))
        .collect();
    let protected: Vec<_> =
        entries.iter().map(|(entry, sm3, covered)| Protected { entry, sm3, covered: *covered }).collect();
    let request =
        SealRequest { parts: &protected, page_id: 60, frame: [150.0, 100.0, 40.0, 40.0], signed_at: SIGNED };
    Files::open(&provider.seal(&request, &mut Deflater::new(6)).unwrap().bytes)
}
