//! The file around head and body, its signature, and what follows from reading it.

use gm::SigningKey;
use gm::sm2::Signature;

use super::columns::{Columns, Shape};
use super::head::Head;
use super::{Pack, PackError, map};
use crate::trust::{Trust, certificate};

const MAGIC: &[u8; 4] = b"LZPK";
const FORMAT: u8 = 1;
const MOST_HEAD: usize = 4 << 20;
const MOST_BODY: usize = 64 << 20;
const SIGNATURE_LEN: usize = 64;

/// A file that was taken apart; nothing in it is believed before [`PackFile::verify`].
#[derive(Clone, Debug)]
pub struct PackFile<'a> {
    /// Head.
    pub head: Head,
    body: &'a [u8],
    signed: &'a [u8],
    signature: &'a [u8],
}

/// A file whose signer and signature were checked.
#[derive(Clone, Debug)]
pub struct VerifiedFile<'a>(PackFile<'a>);

pub(super) fn write(head: &Head, body: &[u8], key: &dyn SigningKey) -> Result<Vec<u8>, PackError> {
    let json = head.to_json()?;
    if json.len() > MOST_HEAD || body.len() > MOST_BODY {
        return Err(PackError::Make("内容超出格式上限".into()));
    }
    let mut out = Vec::with_capacity(json.len() + body.len() + 80);
    out.extend(MAGIC);
    out.push(FORMAT);
    out.push(u8::from(head.base.is_some()));
    out.extend((json.len() as u32).to_be_bytes());
    out.extend(json);
    out.extend((body.len() as u32).to_be_bytes());
    out.extend(body);
    let signature = gm::sign_message(key, &out).map_err(|error| PackError::Key(error.to_string()))?;
    out.extend(signature.to_bytes());
    Ok(out)
}

/// A length and that many bytes; what comes behind them.
fn part<'a>(bytes: &'a [u8], most: usize, what: &'static str) -> Result<(&'a [u8], &'a [u8]), PackError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(PackError::Damaged(what))?;
    let length = u32::from_be_bytes(*length) as usize;
    if length > most {
        return Err(PackError::Damaged(what));
    }
    rest.split_at_checked(length).ok_or(PackError::Damaged(what))
}

impl<'a> PackFile<'a> {
    /// Takes a file apart.
    ///
    /// # Errors
    /// Another file, another format, a damaged one.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PackError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(PackError::NotPack)?;
        let [format, kind, rest @ ..] = rest else { return Err(PackError::Damaged("长度")) };
        if *format != FORMAT {
            return Err(PackError::Version(*format));
        }
        let (json, rest) = part(rest, MOST_HEAD, "首部长度")?;
        let (body, signature) = part(rest, MOST_BODY, "内容长度")?;
        if signature.len() != SIGNATURE_LEN {
            return Err(PackError::Damaged("长度"));
        }
        let head = Head::from_json(json)?;
        if *kind != u8::from(head.base.is_some()) {
            return Err(PackError::Damaged("种类"));
        }
        Ok(Self { head, body, signed: &bytes[..bytes.len() - SIGNATURE_LEN], signature })
    }

    /// May the signer speak for the province, and does the signature hold?
    ///
    /// # Errors
    /// [`PackError::Signer`], [`PackError::Signature`].
    pub fn verify(self, trust: &Trust) -> Result<VerifiedFile<'a>, PackError> {
        let signer = certificate(&self.head.signer, "离线包签发者")?;
        trust.check_node(&signer, &self.head.province, self.head.made_at).map_err(PackError::Signer)?;
        let raw: &[u8; 64] = self.signature.try_into().map_err(|_| PackError::Signature)?;
        let signature = Signature::from_bytes(raw).map_err(|_| PackError::Signature)?;
        if !gm::sm2::verify(signer.public_key(), self.signed, &signature) {
            return Err(PackError::Signature);
        }
        Ok(VerifiedFile(self))
    }
}

impl VerifiedFile<'_> {
    /// The head, believed.
    pub fn head(&self) -> &Head {
        &self.0.head
    }

    /// The content of a whole pack.
    ///
    /// # Errors
    /// A delta; a body that is damaged or not what the head's digest says.
    pub fn open(self) -> Result<Pack, PackError> {
        let PackFile { head, body, .. } = self.0;
        if head.base.is_some() {
            return Err(PackError::Kind("这是增量包；请先下载完整数据包"));
        }
        let real = real(&head);
        let shape = Shape { real: &real, usual: head.usual };
        let columns = Columns::decode(body, shape, head.count)?;
        if columns.encode(shape)? != body {
            return Err(PackError::Damaged("内容写法"));
        }
        finish(head, columns, None)
    }

    /// The content that a delta makes of its base.
    ///
    /// # Errors
    /// A whole pack; another base; a body that is damaged or leads elsewhere than the head's digest says.
    pub fn apply(self, base: &Pack) -> Result<Pack, PackError> {
        let PackFile { head, body, .. } = self.0;
        let Some(wanted) = &head.base else {
            return Err(PackError::Kind("这是完整数据包，不是增量包"));
        };
        let same = head.province == base.province && wanted.number == base.number;
        if !same || wanted.digest != base.digest()? {
            return Err(PackError::Base { wanted: wanted.number, found: base.number });
        }
        let real = real(&head);
        let shape = Shape { real: &real, usual: head.usual };
        let map = map(&base.states, &head.states);
        let columns = base.columns.apply(body, &map, shape, head.count)?;
        if columns.encode_delta(&base.columns, &map, shape)? != body {
            return Err(PackError::Damaged("内容写法"));
        }
        finish(head, columns, Some(base))
    }
}

fn real(head: &Head) -> Vec<bool> {
    head.states.iter().map(|state| !state.base.is_empty()).collect()
}

fn finish(head: Head, columns: Columns, base: Option<&Pack>) -> Result<Pack, PackError> {
    let kept = |what| PackError::Damaged(what);
    // What a delta repeats although it is as in the base could have been left out: another form of the same content.
    let repeats = base.is_some_and(|base| {
        head.trust.as_ref() == Some(&base.trust)
            || head.kinds.as_ref() == Some(&base.kinds)
            || head.overrides.as_ref() == Some(&base.overrides)
    });
    if repeats {
        return Err(PackError::Damaged("首部写法"));
    }
    let pack = Pack {
        province: head.province,
        name: head.name,
        number: head.number,
        made_at: head.made_at,
        max_age: head.max_age,
        signer: certificate(&head.signer, "离线包签发者")?,
        states: head.states,
        trust: head.trust.or_else(|| base.map(|base| base.trust.clone())).ok_or(kept("信任清单"))?,
        kinds: head.kinds.or_else(|| base.map(|base| base.kinds.clone())).ok_or(kept("证照类型"))?,
        overrides: head
            .overrides
            .or_else(|| base.map(|base| base.overrides.clone()))
            .ok_or(kept("延期规则"))?,
        columns,
    };
    // `usual` is the most frequent one: another choice would be another form.
    if pack.usual() != head.usual || pack.digest()? != head.digest {
        return Err(PackError::Digest);
    }
    Ok(pack)
}
