//! Walking DER by tag and length only, so that the received bytes of a signed part are never re-encoded.

use anyhow::{Context, Result, bail};

const SEQUENCE: u8 = 0x30;
const OCTET_STRING: u8 = 0x04;
const BIT_STRING: u8 = 0x03;

/// One element: its tag, its content and the whole of it with the header.
pub struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    /// Tag, length and content as received.
    pub whole: &'a [u8],
}

/// The parts of SES_Signature (GB/T 38540-2020) that openssl is asked about.
pub struct SesSignature<'a> {
    /// TBS_Sign as received: what the signer's key signed.
    pub to_sign: &'a [u8],
    /// The signer's certificate.
    pub signer: &'a [u8],
    /// The OID of the signature algorithm, with its header.
    algorithm: &'a [u8],
    /// The signature value, a DER pair (r, s).
    pub signature: &'a [u8],
    /// SES_SealInfo as received: what the seal maker's key signed.
    pub seal_info: &'a [u8],
    /// The seal maker's certificate.
    pub maker: &'a [u8],
    /// The seal maker's signature value.
    pub seal_signature: &'a [u8],
    /// SM3 of Signature.xml as TBS_Sign states it.
    pub data_hash: &'a [u8],
}

impl<'a> SesSignature<'a> {
    /// Takes SignedValue.dat apart.
    ///
    /// # Errors
    /// The bytes are not the nesting of GB/T 38540-2020.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let outer = children(one(bytes)?.of(SEQUENCE)?)?;
        let [to_sign, signer, algorithm, signature, ..] = outer.as_slice() else {
            bail!("SES_Signature has {} members, at least 4 expected", outer.len())
        };
        let tbs = children(to_sign.of(SEQUENCE)?)?;
        let [_version, seal, _time, data_hash, ..] = tbs.as_slice() else {
            bail!("TBS_Sign has {} members, at least 5 expected", tbs.len())
        };
        let seal = children(seal.of(SEQUENCE)?)?;
        let [seal_info, maker, _algorithm, seal_signature] = seal.as_slice() else {
            bail!("SESeal has {} members, 4 expected", seal.len())
        };
        Ok(Self {
            to_sign: to_sign.whole,
            signer: signer.of(OCTET_STRING)?,
            algorithm: algorithm.whole,
            signature: signature.bits()?,
            seal_info: seal_info.whole,
            maker: maker.of(OCTET_STRING)?,
            seal_signature: seal_signature.bits()?,
            data_hash: data_hash.bits()?,
        })
    }

    /// The same signed content under another certificate and signature value.
    pub fn signed_by(&self, certificate: &[u8], signature: &[u8]) -> Vec<u8> {
        let bits = [&[0][..], signature].concat();
        let members =
            [self.to_sign, &encode(OCTET_STRING, certificate), self.algorithm, &encode(BIT_STRING, &bits)];
        encode(SEQUENCE, &members.concat())
    }
}

impl<'a> Element<'a> {
    fn of(&self, tag: u8) -> Result<&'a [u8]> {
        if self.tag != tag {
            bail!("DER tag {:#04x} where {tag:#04x} was expected", self.tag);
        }
        Ok(self.content)
    }

    fn bits(&self) -> Result<&'a [u8]> {
        match self.of(BIT_STRING)? {
            [0, bytes @ ..] => Ok(bytes),
            _ => bail!("a BIT STRING that is not a whole number of bytes"),
        }
    }
}

/// The single element that fills `bytes`.
fn one(bytes: &[u8]) -> Result<Element<'_>> {
    let (element, rest) = next(bytes)?;
    if !rest.is_empty() {
        bail!("{} bytes after the end of the DER value", rest.len());
    }
    Ok(element)
}

fn children(mut bytes: &[u8]) -> Result<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (element, rest) = next(bytes)?;
        found.push(element);
        bytes = rest;
    }
    Ok(found)
}

fn next(bytes: &[u8]) -> Result<(Element<'_>, &[u8])> {
    let (&tag, &first) = bytes.first().zip(bytes.get(1)).context("DER ends inside a header")?;
    // X.690 §8.1.3: below 0x80 the length itself, above it the number of length bytes that follow.
    let (header, length) = match first {
        0..=0x7f => (2, usize::from(first)),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let digits = bytes.get(2..2 + count).context("DER ends inside a length")?;
            (2 + count, digits.iter().fold(0, |sum, &digit| sum << 8 | usize::from(digit)))
        }
        _ => bail!("DER length form {first:#04x}"),
    };
    let content = bytes.get(header..header + length).context("DER ends inside a value")?;
    let (whole, rest) = bytes.split_at(header + length);
    Ok((Element { tag, content, whole }, rest))
}

fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|&&byte| byte == 0).count()..];
    let mut out = vec![tag];
    match content.len() {
        0..=0x7f => out.push(content.len() as u8),
        _ => {
            out.push(0x80 | digits.len() as u8);
            out.extend(digits);
        }
    }
    out.extend(content);
    out
}
