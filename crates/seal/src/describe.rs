//! Signature.xml and Signatures.xml (GB/T 33190 clause 18): written, and read back for verification.

use std::collections::HashSet;
use std::fmt::Write as _;

use gm::base64;
use ofd::xml::{Element, push_escaped};

/// OID of SM3 as `CheckMethod`; the word `SM3` is accepted on reading only.
pub(crate) const SM3_OID: &str = "1.2.156.10197.1.401";
/// OID of SM2 with SM3 as `SignatureMethod`.
pub(crate) const SM2_SM3_OID: &str = "1.2.156.10197.1.501";

const NS: &str = "http://www.ofdspec.org/2016";
/// Most signatures that one file may list.
pub(crate) const MOST_SIGNATURES: usize = 16;
/// Most files that one signature may list: a package has no more entries (`ofd::Limits`).
const MOST_REFERENCES: usize = 2_000;
/// Most stamps of one signature; a seal across the page edges has one a page.
const MOST_STAMPS: usize = 1_000;

/// Where a seal stands, as Signature.xml says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub page_ref: String,
    pub boundary: String,
}

/// A parsed Signature.xml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    pub method: String,
    pub check_method: String,
    pub signed_at: String,
    pub references: Vec<(String, Vec<u8>)>,
    pub stamps: Vec<Stamp>,
    pub seal_path: Option<String>,
    pub signed_value: String,
}

/// One entry of Signatures.xml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub kind: String,
    pub path: String,
}

pub(crate) struct Draft<'a> {
    pub sign_dir: &'a str,
    pub signed_at: &'a str,
    pub page_id: u64,
    pub boundary: &'a str,
}

/// Writes Signature.xml. `references` gives path and digest of each protected file.
pub(crate) fn write<'a>(
    draft: &Draft<'_>,
    references: impl Iterator<Item = (&'a str, &'a [u8; 32])>,
) -> String {
    let mut xml = String::with_capacity(6 * 1024);
    let _ = write!(
        xml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:Signature xmlns:ofd=\"{NS}\"><ofd:SignedInfo>\
         <ofd:Provider ProviderName=\"luzheng\" Version=\"{}\" Company=\"luzheng\"/>\
         <ofd:SignatureMethod>{SM2_SM3_OID}</ofd:SignatureMethod>\
         <ofd:SignatureDateTime>{}</ofd:SignatureDateTime><ofd:References CheckMethod=\"{SM3_OID}\">",
        env!("CARGO_PKG_VERSION"),
        draft.signed_at,
    );
    for (path, digest) in references {
        xml.push_str("<ofd:Reference FileRef=\"/");
        push_escaped(&mut xml, path);
        xml.push_str("\"><ofd:CheckValue>");
        xml.push_str(&base64::encode(digest));
        xml.push_str("</ofd:CheckValue></ofd:Reference>");
    }
    let _ = write!(
        xml,
        "</ofd:References><ofd:StampAnnot ID=\"1\" PageRef=\"{}\" Boundary=\"{}\"/>\
         <ofd:Seal><ofd:BaseLoc>/{dir}/Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>\
         <ofd:SignedValue>/{dir}/SignedValue.dat</ofd:SignedValue></ofd:Signature>",
        draft.page_id,
        draft.boundary,
        dir = draft.sign_dir,
    );
    xml
}

/// Writes Signatures.xml with one seal.
pub(crate) fn write_list(sign_dir: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ofd:Signatures xmlns:ofd=\"{NS}\"><ofd:MaxSignId>1</ofd:MaxSignId>\
         <ofd:Signature ID=\"s001\" Type=\"Seal\" BaseLoc=\"/{sign_dir}/Signature.xml\"/></ofd:Signatures>"
    )
}

/// Reads Signatures.xml at `path`.
pub(crate) fn read_list(root: &Element, path: &str) -> Result<Vec<Listed>, String> {
    if !root.is("Signatures") {
        return Err(format!("根元素是“{}”", root.name));
    }
    // This list is under no signature. What stands in it besides signatures is read by nobody here, but may be elsewhere.
    if let Some(other) = root.children.iter().find(|child| !child.is("Signature") && !child.is("MaxSignId")) {
        return Err(format!("签章清单内有不认识的“{}”", other.name));
    }
    let mut listed: Vec<Listed> = Vec::new();
    for element in root.children("Signature") {
        let location = element.attr("BaseLoc").ok_or("签章条目缺少 BaseLoc")?;
        let file = ofd::path::resolve(path, location).map_err(|error| error.to_string())?;
        if listed.iter().any(|one| one.path == file) {
            return Err(format!("“{file}”被列出两次"));
        }
        if listed.len() == MOST_SIGNATURES {
            return Err(format!("列出的签章超过 {MOST_SIGNATURES} 个"));
        }
        listed.push(Listed { kind: element.attr("Type").unwrap_or("Seal").to_owned(), path: file });
    }
    Ok(listed)
}

/// Reads Signature.xml at `path`.
pub(crate) fn read(root: &Element, path: &str) -> Result<Description, String> {
    if !root.is("Signature") {
        return Err(format!("根元素是“{}”", root.name));
    }
    let info = only(root, "SignedInfo")?;
    let list = only(info, "References")?;
    let resolve =
        |location: &str| ofd::path::resolve(path, location.trim()).map_err(|error| error.to_string());
    let mut references: Vec<(String, Vec<u8>)> = Vec::new();
    let mut seen = HashSet::new();
    for reference in list.children("Reference") {
        let file = resolve(reference.attr("FileRef").ok_or("引用缺少 FileRef")?)?;
        let value = only(reference, "CheckValue")?.text().trim();
        let digest = base64::decode(value).map_err(|_| format!("“{file}”的摘要不是 Base64"))?;
        if !seen.insert(file.clone()) {
            return Err(format!("“{file}”被引用两次"));
        }
        if references.len() == MOST_REFERENCES {
            return Err(format!("引用的文件超过 {MOST_REFERENCES} 个"));
        }
        references.push((file, digest));
    }
    let stamps = info.children("StampAnnot").map(|stamp| Stamp {
        page_ref: stamp.attr("PageRef").unwrap_or_default().to_owned(),
        boundary: stamp.attr("Boundary").unwrap_or_default().to_owned(),
    });
    let stamps: Vec<Stamp> = stamps.take(MOST_STAMPS + 1).collect();
    if stamps.len() > MOST_STAMPS {
        return Err(format!("印章外观超过 {MOST_STAMPS} 处"));
    }
    let seal = info.child("Seal").and_then(|seal| seal.child_text("BaseLoc"));
    Ok(Description {
        method: info.child_text("SignatureMethod").unwrap_or_default().trim().to_owned(),
        signed_at: info.child_text("SignatureDateTime").unwrap_or_default().to_owned(),
        check_method: list.attr("CheckMethod").unwrap_or_default().trim().to_owned(),
        references,
        stamps,
        seal_path: seal.map(resolve).transpose()?,
        signed_value: resolve(only(root, "SignedValue")?.text())?,
    })
}

fn only<'e>(parent: &'e Element, name: &str) -> Result<&'e Element, String> {
    let mut found = parent.children(name);
    match (found.next(), found.next()) {
        (Some(element), None) => Ok(element),
        (None, _) => Err(format!("缺少 {name}")),
        (Some(_), Some(_)) => Err(format!("{name} 不止一个")),
    }
}
