//! The files under test, one for each template, and what luzheng itself shows of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use image::RgbImage;
use roxmltree::{Document, Node};

use crate::command;
use crate::container::Container;
use crate::picture::{self, BoxMm};

/// How to get the program under test.
pub const GET_LUZHENG: &str = "build it with `cargo build --release -p luzheng` and name it with --luzheng";

/// One sealed file, the first of its template.
pub struct Issued {
    /// Kind folder, with ` (副本)` for the duplicate of a licence.
    pub template: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its entries.
    pub container: Container,
    /// Its pages.
    pub pages: Vec<Page>,
    /// What `luzheng show --text` prints, all pages.
    pub text: String,
    /// Name and value of each line of `luzheng show --metadata`.
    pub metadata: BTreeMap<String, String>,
    /// Entry of Signature.xml.
    pub signature_loc: String,
    /// Entry of SignedValue.dat.
    pub signed_value_loc: String,
    /// Entry of Seal.esl.
    pub seal_loc: String,
}

/// One page of it.
pub struct Page {
    /// Entry of its Content.xml.
    pub content_loc: String,
    /// What `luzheng show --png` draws.
    pub picture: RgbImage,
    /// The seal and the 2D code: other keys give other pictures there, and the seal is drawn by us alone.
    pub masks: Vec<BoxMm>,
}

/// Finds the first file of every template below `folder`, by kind and then by file name, which
/// begins with authority and serial: the same sample gives the same choice.
///
/// # Errors
/// A folder cannot be read, or holds no file.
pub fn one_of_each(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = Vec::new();
    collect(folder, &mut found)?;
    found.sort();
    let mut first = BTreeMap::new();
    for path in found {
        let inner = path.strip_prefix(folder)?;
        let kind = inner.iter().next().context("no kind folder")?.to_string_lossy().into_owned();
        let copy = path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("-副本"));
        let template = if copy { format!("{kind} (副本)") } else { kind };
        first.entry(template).or_insert(path);
    }
    if first.is_empty() {
        bail!("{} holds no .ofd file; run `luzheng issue --out` into it first", folder.display());
    }
    Ok(first)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "ofd") {
            found.push(path);
        }
    }
    Ok(())
}

impl Issued {
    /// Unpacks a file and asks luzheng for its text, metadata and pictures; `work` takes the pictures.
    ///
    /// # Errors
    /// luzheng cannot be run or refuses, or the file lacks a part that every sealed file has.
    pub fn load(template: &str, path: &Path, luzheng: &Path, work: &Path) -> Result<Self> {
        let container = Container::open(&std::fs::read(path)?)?;
        let signatures = loc_of(container.xml("OFD.xml")?, "Signatures")?;
        let signature_loc = attribute_of(container.xml(&signatures)?, "Signature", "BaseLoc")?;
        let signature = container.xml(&signature_loc)?;
        let metadata = show(luzheng, path, &["--metadata"])?;
        let metadata = metadata.lines().filter_map(|line| line.split_once('\t'));
        Ok(Self {
            template: template.to_owned(),
            path: path.to_owned(),
            pages: pages(path, &container, signature, luzheng, work)?,
            text: show(luzheng, path, &["--text"])?,
            metadata: metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            signed_value_loc: loc_of(signature, "SignedValue")?,
            seal_loc: loc_of(signature, "BaseLoc")?,
            signature_loc,
            container,
        })
    }

    /// The signature value file.
    ///
    /// # Errors
    /// The entry is missing.
    pub fn signed_value(&self) -> Result<&[u8]> {
        self.container.entry(&self.signed_value_loc)
    }
}

/// luzheng's own verdict on a file, the `verdict` of `luzheng verify --json`.
///
/// # Errors
/// luzheng cannot be run or prints no verdict.
pub fn luzheng_verdict(luzheng: &Path, keys: &Path, file: &Path) -> Result<String> {
    let args = ["verify", "--json", "--trust", command::arg(keys)?, command::arg(file)?];
    let output = command::run(luzheng, &args, GET_LUZHENG)?;
    let line: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("luzheng verify said: {}", command::said(&output)))?;
    line["verdict"].as_str().map(str::to_owned).context("no verdict in its line")
}

fn show(luzheng: &Path, path: &Path, what: &[&str]) -> Result<String> {
    let args = [&["show"][..], what, &[command::arg(path)?]].concat();
    Ok(String::from_utf8(command::succeed(luzheng, &args, GET_LUZHENG)?)?)
}

fn pages(path: &Path, file: &Container, signature: &str, luzheng: &Path, work: &Path) -> Result<Vec<Page>> {
    let document = file.xml("Doc_0/Document.xml")?;
    let codes = code_images(file)?;
    let mut pages = Vec::new();
    for (index, (id, content_loc)) in page_locs(document)?.into_iter().enumerate() {
        let content = file.xml(&content_loc)?;
        let mut masks = boxes(signature, "StampAnnot", |stamp| stamp.attribute("PageRef") == Some(&id))?;
        masks.extend(boxes(content, "ImageObject", |image| {
            image.attribute("ResourceID").is_some_and(|resource| codes.iter().any(|code| code == resource))
        })?);
        let number = (index + 1).to_string();
        let png = work.join(format!("page-{number}.png"));
        let dpi = picture::DPI.to_string();
        show(luzheng, path, &["--png", "--dpi", &dpi, "--page", &number, "-o", command::arg(&png)?])?;
        pages.push(Page { content_loc, picture: picture::decode(&std::fs::read(&png)?)?, masks });
    }
    if !pages.iter().any(|page| page.masks.len() >= 2) {
        bail!("no page has both a seal and a 2D code to mask");
    }
    Ok(pages)
}

fn page_locs(document: &str) -> Result<Vec<(String, String)>> {
    let document = Document::parse(document)?;
    let pages = document.descendants().filter(|node| node.has_tag_name((NAMESPACE, "Page")));
    let locs = pages.filter_map(|page| {
        let loc = format!("Doc_0/{}", page.attribute("BaseLoc")?);
        Some((page.attribute("ID")?.to_owned(), loc))
    });
    Ok(locs.collect())
}

/// Resource IDs of the 2D code pictures: the media files of the document whose name begins with `code`.
fn code_images(file: &Container) -> Result<Vec<String>> {
    let resources = Document::parse(file.xml("Doc_0/DocumentRes.xml")?)?;
    let media = resources.descendants().filter(|node| node.has_tag_name((NAMESPACE, "MultiMedia")));
    let codes = media.filter(|media| {
        let mut names = media.descendants().filter_map(|node| node.text());
        names.any(|name| name.trim().starts_with("code"))
    });
    Ok(codes.filter_map(|media| media.attribute("ID").map(str::to_owned)).collect())
}

/// Namespace of GB/T 33190.
pub const NAMESPACE: &str = "http://www.ofdspec.org/2016";

fn boxes(xml: &str, element: &str, wanted: impl Fn(&Node) -> bool) -> Result<Vec<BoxMm>> {
    let document = Document::parse(xml)?;
    let nodes = document.descendants().filter(|node| node.has_tag_name((NAMESPACE, element)) && wanted(node));
    nodes.map(|node| box_mm(node.attribute("Boundary").context("an element without Boundary")?)).collect()
}

fn box_mm(text: &str) -> Result<BoxMm> {
    let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    numbers.try_into().map_err(|_| anyhow::anyhow!("“{text}” is not a box of four numbers"))
}

fn loc_of(xml: &str, element: &str) -> Result<String> {
    let document = Document::parse(xml)?;
    let node = document.descendants().find(|node| node.has_tag_name((NAMESPACE, element)));
    let text = node.and_then(|node| node.text()).with_context(|| format!("no {element} in the XML"))?;
    Ok(text.trim().to_owned())
}

fn attribute_of(xml: &str, element: &str, attribute: &str) -> Result<String> {
    let document = Document::parse(xml)?;
    let node = document.descendants().find(|node| node.has_tag_name((NAMESPACE, element)));
    let value = node.and_then(|node| node.attribute(attribute));
    Ok(value.with_context(|| format!("no {attribute} on {element}"))?.to_owned())
}
