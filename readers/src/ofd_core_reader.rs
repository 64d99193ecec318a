//! ofd-core 0.3.0 (crates.io, MIT): structure, SM3 of the protected files, text, drawing.
//!
//! It does not check the SM2 value, the certificates, the seal, nor that dataHash is the digest of
//! Signature.xml; and its structural check does not notice an entry that nothing refers to.

use std::io::Cursor;

use anyhow::{Context, Result, bail};
use image::RgbImage;
use ofd_core::{OfdPackage, OfdReader, PageBlock, PageObject, RenderOptions, SigVerdict, check_reader};

use crate::picture::{self, DPI};

/// What it found in one file.
pub struct Reading {
    /// Structure in order and every signature's digests right.
    pub conforms: bool,
    /// What it complains about: structure, then the protected files that do not match.
    pub problems: Vec<String>,
    /// The verdict on each signature.
    pub verdicts: Vec<SigVerdict>,
    /// Protected files it digested.
    pub digests: usize,
}

fn open(bytes: &[u8]) -> Result<OfdReader<Cursor<&[u8]>>> {
    let package = OfdPackage::new(Cursor::new(bytes)).context("ofd-core cannot open it")?;
    OfdReader::new(package).context("ofd-core cannot read OFD.xml")
}

/// Runs its structural check and its digests.
///
/// # Errors
/// It cannot open the file at all.
pub fn check(bytes: &[u8]) -> Result<Reading> {
    let report = check_reader(&mut open(bytes)?);
    let mut problems = report.problems.clone();
    let mut digests = 0;
    for signature in &report.signatures {
        digests += signature.references.len();
        problems.extend(signature.failures().map(|file| format!("{} {:?}", file.file_ref, file.status)));
    }
    let verdicts = report.signatures.iter().map(|signature| signature.verdict()).collect();
    Ok(Reading { conforms: report.conforms(), problems, verdicts, digests })
}

/// The text objects of each page, template first, in the order of the file.
///
/// # Errors
/// It cannot load a page or a template.
pub fn text(bytes: &[u8]) -> Result<Vec<Vec<String>>> {
    let mut reader = open(bytes)?;
    let body = reader.ofd().doc_bodies.first().context("no DocBody")?.clone();
    let document = reader.load_document(&body)?;
    let mut pages = Vec::new();
    for page in document.pages() {
        let page = reader.load_page(&document, page)?;
        let mut runs = Vec::new();
        for wanted in &page.templates {
            let id = wanted.template_id.as_id();
            let template = document.template_pages().iter().find(|template| template.id == id);
            let template = template.context("a page names a template that is not declared")?;
            collect(&reader.load_template(&document, template)?, &mut runs);
        }
        collect(&page, &mut runs);
        pages.push(runs);
    }
    Ok(pages)
}

fn collect(page: &PageObject, runs: &mut Vec<String>) {
    for layer in page.content.iter().flat_map(|content| &content.layers) {
        layer.objects.iter().for_each(|block| collect_block(block, runs));
    }
}

fn collect_block(block: &PageBlock, runs: &mut Vec<String>) {
    match block {
        PageBlock::Text(text) => runs.extend(text.text_codes.iter().filter_map(|code| code.text.clone())),
        PageBlock::Block(group) => group.objects.iter().for_each(|inner| collect_block(inner, runs)),
        PageBlock::Path(_) | PageBlock::Image(_) | PageBlock::Composite(_) => {}
    }
}

/// Draws one page, counted from 0.
///
/// # Errors
/// It cannot draw it.
pub fn draw(bytes: &[u8], page: usize) -> Result<RgbImage> {
    let mut reader = open(bytes)?;
    let body = reader.ofd().doc_bodies.first().context("no DocBody")?.clone();
    let document = reader.load_document(&body)?;
    let drawn = reader.render_page_to_image(&document, page, &RenderOptions::with_dpi(DPI))?;
    picture::from_rgba(drawn.width(), drawn.height(), drawn.into_raw())
}

/// The verdict that a genuine file must get: conforms, one signature, all its digests right.
///
/// # Errors
/// Anything else.
pub fn must_be_valid(reading: &Reading) -> Result<()> {
    if !reading.conforms || reading.verdicts != [SigVerdict::Valid] || reading.digests == 0 {
        bail!("conforms {}, {:?}: {}", reading.conforms, reading.verdicts, reading.problems.join("; "));
    }
    Ok(())
}
