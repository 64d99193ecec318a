//! Mutated copies of a genuine file. Each changes one thing, and everything else stays byte for byte.

use anyhow::{Context, Result};

use crate::der::SesSignature;
use crate::issued::Issued;
use crate::openssl_reader::{Openssl, Stranger, flipped};

/// What was done to the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// The first character of the first text object of the page became another.
    PageText,
    /// One bit of Seal.esl flipped.
    SealFile,
    /// One bit of the SM2 signature value flipped.
    SignatureValue,
    /// The genuine seal, signed again by a stranger under a self-signed certificate.
    Stranger,
}

/// All of them, in the order of the agreement page.
pub const ALL: [Forgery; 4] =
    [Forgery::PageText, Forgery::SealFile, Forgery::SignatureValue, Forgery::Stranger];

impl Forgery {
    /// What the agreement page calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PageText => "text of the page changed",
            Self::SealFile => "one bit of Seal.esl flipped",
            Self::SignatureValue => "one bit of the signature value flipped",
            Self::Stranger => "genuine seal, signed by a stranger's self-signed certificate",
        }
    }

    /// Builds it from a genuine file.
    ///
    /// # Errors
    /// The file lacks the part to change.
    pub fn of(self, file: &Issued, openssl: &Openssl, stranger: &Stranger) -> Result<Vec<u8>> {
        let parts = SesSignature::parse(file.signed_value()?)?;
        let (name, content) = match self {
            Self::PageText => {
                let page = &file.pages.first().context("the file has no page")?.content_loc;
                (page, with_first_character(file.container.xml(page)?, '伪')?.into_bytes())
            }
            Self::SealFile => (&file.seal_loc, flipped(file.container.entry(&file.seal_loc)?)?),
            Self::SignatureValue => {
                let signature = flipped(parts.signature)?;
                (&file.signed_value_loc, parts.signed_by(parts.signer, &signature))
            }
            Self::Stranger => {
                let signature = openssl.sign(stranger, parts.to_sign)?;
                (&file.signed_value_loc, parts.signed_by(&stranger.certificate, &signature))
            }
        };
        file.container.with(name, content)?.pack()
    }
}

/// The page with another character at the head of its first text.
fn with_first_character(xml: &str, other: char) -> Result<String> {
    let object = xml.find("<ofd:TextCode").context("the page has no text")?;
    let start = object + xml[object..].find('>').context("an open tag")? + 1;
    let first = xml[start..].chars().next().context("an empty text")?;
    Ok(format!("{}{other}{}", &xml[..start], &xml[start + first.len_utf8()..]))
}

/// A copy whose page has lost its first text object, for readers that draw.
///
/// # Errors
/// The page has no text object.
pub fn without_first_text(file: &Issued, page: usize) -> Result<Vec<u8>> {
    const END: &str = "</ofd:TextObject>";
    let name = &file.pages.get(page).context("no such page")?.content_loc;
    let xml = file.container.xml(name)?;
    let start = xml.find("<ofd:TextObject").context("the page has no text object")?;
    let end = start + xml[start..].find(END).context("an unclosed text object")? + END.len();
    file.container.with(name, format!("{}{}", &xml[..start], &xml[end..]).into_bytes())?.pack()
}
