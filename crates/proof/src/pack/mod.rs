//! Offline packs: one signed file per province with the exact status of every certificate, and deltas between them
//! (`docs/pack-format.md`).

mod coder;
mod columns;
mod file;
mod head;
mod numbers;

use gm::SigningKey;
use gm::sm3::sm3;
use gm::x509::Certificate;

use crate::trust::{Trust, TrustData, TrustError};

pub use columns::Columns;
pub use file::{PackFile, VerifiedFile};
pub(crate) use head::extended;
pub use head::{Base, Head, Override, PackKind, PackState};

/// Most status indexes of a pack.
pub const MOST_COUNT: u32 = 50_000_000;
/// Most distinct states of a pack.
pub const MOST_STATES: usize = 255;

/// Why bytes are not a pack that may be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// Something else.
    #[error("不是离线数据包；请核对文件")]
    NotPack,
    /// A format that this program does not know.
    #[error("离线数据包为第 {0} 版格式，本程序不识别；请更新程序")]
    Version(u8),
    /// Cut short, changed, or written by another rule.
    #[error("离线数据包已损坏（{0}）；请重新下载")]
    Damaged(&'static str),
    /// Who signed may not, or is not known.
    #[error("离线数据包的签发者不可信：{0}；请向本省管理机构索取")]
    Signer(String),
    /// The signature does not hold.
    #[error("离线数据包的签名不成立，内容被改动；请重新下载")]
    Signature,
    /// A delta where a whole pack is wanted, or the other way round.
    #[error("{0}")]
    Kind(&'static str),
    /// The delta is for another pack.
    #[error("增量包以第 {wanted} 号包为基准，而本机的是第 {found} 号；请下载完整数据包")]
    Base {
        /// Number that the delta names.
        wanted: u32,
        /// Number that is held.
        found: u32,
    },
    /// The result is not what the head names.
    #[error("离线数据包的内容与所载摘要不符；请重新下载完整数据包")]
    Digest,
    /// A certificate or list in it does not parse.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// What is to be packed cannot be.
    #[error("无法制作离线数据包：{0}")]
    Make(String),
    /// The key failed.
    #[error("{0}")]
    Key(String),
}

/// The content of a pack: believed, because it was made here or its signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// First two digits of the area codes that it speaks for.
    pub province: String,
    /// Name of the province's authority.
    pub name: String,
    /// 1, 2, 3 … per province.
    pub number: u32,
    /// Status as of this instant, Unix seconds.
    pub made_at: i64,
    /// Seconds after which it is stale.
    pub max_age: u32,
    /// Certificate of whoever signs it.
    pub signer: Certificate,
    /// The distinct states, by code.
    pub states: Vec<PackState>,
    /// Code keys, signers, makers, revocation lists.
    pub trust: TrustData,
    /// Kinds by type code.
    pub kinds: Vec<PackKind>,
    /// Extensions by notice, in the order of precedence.
    pub overrides: Vec<Override>,
    /// Status, version, sheet by status index.
    pub columns: Columns,
}

/// What a pack says of one status index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its status.
    pub state: &'a PackState,
    /// Current version; 0 where there is no certificate.
    pub version: u16,
    /// Newest printed sheet, where one was replaced.
    pub sheet: Option<u16>,
}

impl Pack {
    /// What it says of a status index; `None` beyond its count.
    pub fn entry(&self, index: u32) -> Option<Entry<'_>> {
        let at = usize::try_from(index).ok()?;
        let state = self.states.get(usize::from(*self.columns.states.get(at)?))?;
        let sheets = &self.columns.sheets;
        let sheet = sheets.binary_search_by_key(&index, |(one, _)| *one).ok().map(|place| sheets[place].1);
        Some(Entry { state, version: *self.columns.versions.get(at)?, sheet })
    }

    /// Status indexes covered.
    pub fn count(&self) -> u32 {
        // The builder and the reader hold it below MOST_COUNT.
        u32::try_from(self.columns.states.len()).unwrap_or(u32::MAX)
    }

    /// SM3 of the content, hex.
    ///
    /// # Errors
    /// Never: the parts that are hashed can be written as JSON.
    pub fn digest(&self) -> Result<String, PackError> {
        let parts = (&self.trust, &self.kinds, &self.overrides, &self.states);
        let rules = serde_json::to_vec(&parts).map_err(|_| PackError::Damaged("首部"))?;
        let columns = &self.columns;
        let mut plain =
            Vec::with_capacity(rules.len() + 3 * columns.states.len() + 6 * columns.sheets.len() + 12);
        plain.extend((rules.len() as u32).to_be_bytes());
        plain.extend(rules);
        plain.extend(self.count().to_be_bytes());
        plain.extend(&columns.states);
        plain.extend(columns.versions.iter().flat_map(|version| version.to_be_bytes()));
        plain.extend((columns.sheets.len() as u32).to_be_bytes());
        for (index, sheet) in &columns.sheets {
            plain.extend(index.to_be_bytes());
            plain.extend(sheet.to_be_bytes());
        }
        Ok(sm3(&plain).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The file of the whole pack, signed.
    ///
    /// # Errors
    /// [`PackError::Make`] for columns that do not fit together, the key fails.
    pub fn encode(&self, key: &dyn SigningKey) -> Result<Vec<u8>, PackError> {
        self.check()?;
        let head = self.head(None)?;
        let real = self.real();
        let body = self.columns.encode(columns::Shape { real: &real, usual: head.usual })?;
        file::write(&head, &body, key)
    }

    /// The file that brings a holder of `base` up to this pack, signed.
    ///
    /// # Errors
    /// As [`Pack::encode`]; a base of another province, with a higher number or with more indexes.
    pub fn encode_delta(&self, base: &Self, key: &dyn SigningKey) -> Result<Vec<u8>, PackError> {
        self.check()?;
        let follows =
            base.province == self.province && base.number < self.number && base.count() <= self.count();
        if !follows {
            return Err(PackError::Make(format!(
                "第 {} 号包不能作第 {} 号包的基准",
                base.number, self.number
            )));
        }
        let head = self.head(Some(base))?;
        let real = self.real();
        let shape = columns::Shape { real: &real, usual: head.usual };
        let body = self.columns.encode_delta(&base.columns, &map(&base.states, &self.states), shape)?;
        file::write(&head, &body, key)
    }

    /// Reads a whole pack: signer, signature, content, digest, in this order.
    ///
    /// # Errors
    /// The first thing that is not as it must be; arbitrary bytes never panic.
    pub fn read(bytes: &[u8], trust: &Trust) -> Result<Self, PackError> {
        PackFile::parse(bytes)?.verify(trust)?.open()
    }

    /// Applies a delta.
    ///
    /// # Errors
    /// As [`Pack::read`]; the delta is for another pack.
    pub fn advance(&self, bytes: &[u8], trust: &Trust) -> Result<Self, PackError> {
        PackFile::parse(bytes)?.verify(trust)?.apply(self)
    }

    fn real(&self) -> Vec<bool> {
        self.states.iter().map(|state| !state.base.is_empty()).collect()
    }

    fn head(&self, base: Option<&Self>) -> Result<Head, PackError> {
        let kept = |same: bool| base.is_none() || !same;
        Ok(Head {
            province: self.province.clone(),
            name: self.name.clone(),
            number: self.number,
            made_at: self.made_at,
            max_age: self.max_age,
            count: self.count(),
            digest: self.digest()?,
            base: base
                .map(|base| Ok::<_, PackError>(Base { number: base.number, digest: base.digest()? }))
                .transpose()?,
            signer: gm::base64::encode(self.signer.as_der()),
            states: self.states.clone(),
            usual: self.usual(),
            trust: kept(base.is_some_and(|base| base.trust == self.trust)).then(|| self.trust.clone()),
            kinds: kept(base.is_some_and(|base| base.kinds == self.kinds)).then(|| self.kinds.clone()),
            overrides: kept(base.is_some_and(|base| base.overrides == self.overrides))
                .then(|| self.overrides.clone()),
        })
    }

    /// Place of the most frequent state, the lowest of equals.
    fn usual(&self) -> u8 {
        let mut counts = vec![0u32; MOST_STATES + 1];
        for state in &self.columns.states {
            counts[usize::from(*state)] += 1;
        }
        // `max_by_key` gives the last of equals.
        (0..self.states.len()).rev().max_by_key(|place| counts[*place]).unwrap_or_default() as u8
    }

    /// Do the columns fit the states and each other?
    fn check(&self) -> Result<(), PackError> {
        let columns = &self.columns;
        let states = self.states.len();
        let bad = |what: &str| Err(PackError::Make(what.to_owned()));
        if columns.states.len() != columns.versions.len() || columns.states.len() > MOST_COUNT as usize {
            return bad("状态与版本的个数不符，或超出上限");
        }
        if states > MOST_STATES || self.states.windows(2).any(|two| two[0].code >= two[1].code) {
            return bad("状态种类过多或次序有误");
        }
        let real = self.real();
        for (state, version) in columns.states.iter().zip(&columns.versions) {
            match real.get(usize::from(*state)) {
                Some(true) if *version <= columns::MOST_VERSION => {}
                Some(false) if *version == 0 => {}
                _ => return bad("某序号的状态或版本有误"),
            }
        }
        let ascending = columns.sheets.windows(2).all(|two| two[0].0 < two[1].0);
        let inside = columns.sheets.iter().all(|(index, sheet)| *index < self.count() && *sheet >= 2);
        if ascending && inside { Ok(()) } else { bad("打印序号有误") }
    }
}

/// Places of a base's states among the new ones.
fn map(base: &[PackState], new: &[PackState]) -> Vec<Option<u8>> {
    let place =
        |state: &PackState| new.iter().position(|one| one.code == state.code).map(|place| place as u8);
    base.iter().map(place).collect()
}
