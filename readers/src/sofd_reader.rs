//! sofd 0.7.1 (crates.io, Apache-2.0): text, drawing, SM2 over TBS_Sign, chain to a root.
//!
//! With a GB/T 38540 envelope it checks neither the digests of the protected files nor dataHash,
//! nor that the signer is in the seal's certList, nor the seal maker's signature, nor CRLs; and it
//! reads no signing time in the notation `yyyyMMddHHmmssZ`, so the validity window goes unchecked.

use anyhow::{Context, Result, bail};
use image::RgbImage;
use sofd::{Document, RenderOptions, VerifyStatus};
use sofd_crypto::TrustAnchors;
use sofd_display::DrawOp;
use sofd_sign::TrustPolicy;

use crate::picture::{self, DPI};

fn open(bytes: &[u8]) -> Result<Document> {
    Document::open_bytes(bytes).context("sofd cannot open it")
}

/// Its answer for each signature when only `root` (DER) is trusted.
///
/// # Errors
/// It cannot open the file or read a signature.
pub fn verify(bytes: &[u8], root: &[u8]) -> Result<Vec<VerifyStatus>> {
    let mut document = open(bytes)?;
    let anchors = TrustAnchors::from_der([root.to_vec()]).context("sofd cannot read the root")?;
    let policy = TrustPolicy::Issuer { anchors: &anchors, intermediates: &[] };
    let signatures = document.signatures()?;
    let package = document.package();
    let verdicts = signatures.iter().map(|entry| {
        let signature = sofd_sign::read_signature(package, &entry.base_loc)?;
        sofd_sign::verify_signature_under(package, &signature, &policy)
    });
    Ok(verdicts.collect::<Result<_, _>>()?)
}

/// Fails unless there is exactly one signature and sofd's answer is `wanted`.
///
/// # Errors
/// Any other answer.
pub fn must_be(verdicts: &[VerifyStatus], wanted: VerifyStatus) -> Result<()> {
    if verdicts != [wanted] {
        bail!("it answers {verdicts:?}, {wanted:?} expected");
    }
    Ok(())
}

/// The text runs of each page.
///
/// # Errors
/// It cannot open the file.
pub fn text(bytes: &[u8]) -> Result<Vec<Vec<String>>> {
    let document = open(bytes)?;
    let pages = &document.display_list().pages;
    let runs = pages.iter().map(|page| {
        let texts = page.ops.iter().filter_map(|op| match op {
            DrawOp::Text(run) => run.text.clone(),
            _ => None,
        });
        texts.collect()
    });
    Ok(runs.collect())
}

/// Draws one page, counted from 0.
///
/// # Errors
/// It cannot draw it, or says itself that a glyph, a font or a picture is missing.
pub fn draw(bytes: &[u8], page: usize) -> Result<RgbImage> {
    let options = RenderOptions { dpi: DPI, ..RenderOptions::default() };
    let drawn = open(bytes)?.render_page(page, &options)?;
    if !drawn.is_complete() {
        bail!(
            "its drawing lacks {} glyphs, {} pictures, fonts {:?}",
            drawn.missing_glyphs,
            drawn.skipped_image_ops,
            drawn.missing_fonts
        );
    }
    picture::from_rgba(drawn.width, drawn.height, drawn.rgba_bytes())
}
