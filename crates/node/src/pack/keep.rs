//! Kept packs: our own for those who ask, other provinces' as knowledge; deltas between our own.

use gm::SigningKey;
use proof::{Pack, PackFile, Trust};
use store::rows::pack::{self, PackRow};

use crate::audit::{Act, Actor, append};
use crate::issue::journal::hex;
use crate::{NodeError, Province};

/// A file to give out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackBytes {
    /// Number that the holder has after it.
    pub number: i64,
    /// SM3 of the file, hex.
    pub sm3: String,
    /// The file.
    pub file: Vec<u8>,
}

pub(super) fn row_of(pack: &Pack, file: &[u8], now: i64) -> Result<PackRow, NodeError> {
    Ok(PackRow {
        province: pack.province.clone(),
        number: pack.number.into(),
        made_at: pack.made_at,
        count: pack.count().into(),
        digest: pack.digest()?,
        sm3: hex(&gm::sm3::sm3(file)),
        bytes: file.len() as i64,
        recorded_at: now,
    })
}

/// Reads a whole pack, or a delta over the pack that it names among `held`.
///
/// # Errors
/// As [`Pack::read`]; no base for a delta.
pub fn read_pack(file: &[u8], held: &[Pack], trust: &Trust) -> Result<Pack, NodeError> {
    let parsed = PackFile::parse(file)?;
    let Some(base) = parsed.head.base.clone() else { return Ok(Pack::read(file, trust)?) };
    let province = &parsed.head.province;
    let known = held.iter().find(|pack| pack.province == *province && pack.number == base.number);
    let Some(known) = known else {
        let what = format!("增量包以“{province}”第 {} 号包为基准，这里没有", base.number);
        return Err(NodeError::refused(what, "请同时给出基准包，或下载完整数据包"));
    };
    Ok(known.advance(file, trust)?)
}

impl Province {
    /// The newest pack of a province, if there is one.
    ///
    /// # Errors
    /// A database that cannot be read; so for all that follow.
    pub fn pack_current(&self, province: &str) -> Result<Option<PackBytes>, NodeError> {
        self.store.read(|session| -> Result<_, NodeError> {
            let Some(row) = pack::newest(session, province)? else { return Ok(None) };
            let text = pack::file(session, province, row.number)?;
            let file = text.map(|text| gm::base64::decode(&text)).transpose()?;
            Ok(file.map(|file| PackBytes { number: row.number, sm3: row.sm3, file }))
        })
    }

    /// All kept packs.
    pub fn pack_list(&self) -> Result<Vec<PackRow>, NodeError> {
        Ok(self.store.read(pack::all)?)
    }

    /// A kept pack, read.
    pub fn pack_open(&self, province: &str, number: i64) -> Result<Option<Pack>, NodeError> {
        let text = self.store.read(|session| pack::file(session, province, number))?;
        let Some(text) = text else { return Ok(None) };
        let knowledge = self.shelf.knowledge();
        Ok(Some(Pack::read(&gm::base64::decode(&text)?, knowledge.trust())?))
    }

    /// The delta from one of our own kept packs to the newest one; `None` when that one is not kept, or is the newest.
    ///
    /// # Errors
    /// A key that is not the one of the newest pack.
    pub fn pack_delta(&self, from: i64, key: &dyn SigningKey) -> Result<Option<PackBytes>, NodeError> {
        let area = self.area.as_str();
        let Some(newest) = self.store.read(|session| pack::newest(session, area))? else { return Ok(None) };
        let number = newest.number;
        if from >= number {
            return Ok(None);
        }
        let made = self.store.read(|session| pack::delta(session, area, number, from))?;
        if let Some((sm3, text)) = made {
            return Ok(Some(PackBytes { number, sm3, file: gm::base64::decode(&text)? }));
        }
        let (Some(base), Some(pack)) = (self.pack_open(area, from)?, self.pack_open(area, number)?) else {
            return Ok(None);
        };
        if pack.signer.public_key() != key.public_key() {
            return Err(NodeError::refused(
                "当前数据包不是由本节点现用密钥签发的，不能据以制作增量",
                "请先重新制作数据包",
            ));
        }
        let file = pack.encode_delta(&base, key)?;
        let (sm3, text) = (hex(&gm::sm3::sm3(&file)), gm::base64::encode(&file));
        let kept = sm3.clone();
        self.store.write(move |session| -> Result<(), NodeError> {
            Ok(pack::put_delta(session, &pack.province, (number, from), &kept, &text)?)
        })?;
        Ok(Some(PackBytes { number, sm3, file }))
    }

    /// Takes in another province's pack, whole or a delta over the one that is held; verified before it is kept.
    /// An older one than is held changes nothing.
    ///
    /// # Errors
    /// Our own province's, a signer that the trust data does not name, a damaged file.
    pub fn pack_import(&self, file: &[u8], actor: &Actor, now: i64) -> Result<PackRow, NodeError> {
        let head = PackFile::parse(file)?.head;
        if head.province == self.area {
            return Err(NodeError::refused("这是本省自己的数据包", "本省数据包由本节点制作，无需导入"));
        }
        let held = self.pack_held(&head.province)?;
        let knowledge = self.shelf.knowledge();
        let pack = read_pack(file, held.as_slice(), knowledge.trust())?;
        let row = row_of(&pack, file, now)?;
        if held.iter().any(|held| held.number >= pack.number) {
            return Ok(row);
        }
        let act = Act {
            act: "pack.import".into(),
            at: now,
            actor: actor.clone(),
            object: None,
            changes: false,
            area: Some(row.province.clone()),
            outcome: format!("第 {} 号，{} 个序号", row.number, row.count),
            detail: [("sm3".to_owned(), row.sm3.clone())].into(),
        };
        let (kept, text, id) = (row.clone(), gm::base64::encode(file), self.new_id(now));
        self.store.write(move |session| -> Result<(), NodeError> {
            match &head.base {
                // Nobody but its province can sign the whole: the delta is kept beside its base.
                Some(base) => {
                    let way = (kept.number, i64::from(base.number));
                    pack::put_delta(session, &kept.province, way, &kept.sm3, &text)?;
                }
                None => {
                    pack::insert(session, &kept, &text)?;
                    pack::drop_up_to(session, &kept.province, kept.number - 1, kept.number)?;
                }
            }
            append(session, id.clone(), std::slice::from_ref(&act))?;
            Ok(())
        })?;
        self.shelf.admit(pack)?;
        Ok(row)
    }

    /// What is held of another province: the kept pack with the deltas that were kept behind it.
    fn pack_held(&self, province: &str) -> Result<Vec<Pack>, NodeError> {
        let newest = self.store.read(|session| pack::newest(session, province))?;
        let Some(mut held) = newest.map(|row| self.pack_open(province, row.number)).transpose()?.flatten()
        else {
            return Ok(Vec::new());
        };
        let knowledge = self.shelf.knowledge();
        while let Some((_, text)) =
            self.store.read(|session| pack::delta_after(session, province, held.number.into()))?
        {
            held = held.advance(&gm::base64::decode(&text)?, knowledge.trust())?;
        }
        Ok(vec![held])
    }

    /// Brings the shelf up to what is kept of other provinces: at the start, and when another process has taken a pack in.
    ///
    /// # Errors
    /// A database that cannot be read, a kept pack that its trust data does not believe any more.
    pub fn pack_refresh(&self) -> Result<(), NodeError> {
        for row in self.pack_list()?.into_iter().filter(|row| row.province != self.area) {
            let known = self.shelf.knowledge().pack(&row.province).map_or(0, |pack| i64::from(pack.number));
            let province = row.province.as_str();
            let next =
                self.store.read(|session| pack::delta_after(session, province, known.max(row.number)))?;
            if known < row.number || next.is_some() {
                for pack in self.pack_held(province)? {
                    self.shelf.admit(pack)?;
                }
            }
        }
        Ok(())
    }
}
