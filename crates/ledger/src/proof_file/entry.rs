//! One entry, its way to the root, and the signed root.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::hash::{from_base64, to_base64};
use crate::{
    Cosigned, Entry, Hash, LedgerError, Link, MapAnswer, MapProof, NamedKey, Nodes, SignedCheckpoint,
    inclusion_proof, leaf_hash, map_key, verify_inclusion,
};

/// Version of the form.
const VERSION: u8 = 1;

/// What a proof file holds; nothing in it is believed before [`check_proof`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// Number of the entry, from 0.
    pub number: u64,
    /// The entry's canonical bytes, as text.
    pub entry: String,
    /// From the leaf upwards.
    pub inclusion: Vec<Hash>,
    /// A checkpoint that covers the entry.
    pub checkpoint: SignedCheckpoint,
    /// What the checkpoint's map says about the entry's object, when asked for.
    pub map: Option<MapProof>,
}

/// What a proof file proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Number of the entry.
    pub number: u64,
    /// The entry.
    pub entry: Entry,
    /// The checkpoint that covers it.
    pub checkpoint: crate::Checkpoint,
    /// Witnesses whose signatures hold.
    pub witnesses: Vec<Cosigned>,
    /// The object's latest entry as of the checkpoint, if the file has a map proof.
    pub latest: Option<MapAnswer>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled<'f> {
    luzheng_ledger_proof: u8,
    n: u64,
    #[serde(borrow)]
    entry: &'f RawValue,
    inclusion: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    map: Option<MapProof>,
    checkpoint: String,
}

/// Makes the proof of entry `number` under a checkpoint; `map` is what [`crate::prove_latest`] gave for the entry's
/// object under the checkpoint's map root.
///
/// # Errors
/// The entry is not canonical or not covered by the checkpoint; a missing node; those of the store.
pub fn prove<N: Nodes + ?Sized>(
    nodes: &N,
    number: u64,
    entry: &[u8],
    checkpoint: &SignedCheckpoint,
    map: Option<MapProof>,
) -> Result<ProofFile, N::Error> {
    Entry::parse(entry)?;
    let text = std::str::from_utf8(entry)
        .map_err(|_| LedgerError::Entry { rule: "应为 UTF-8 文本".to_owned() })?;
    let inclusion = inclusion_proof(nodes, number, checkpoint.checkpoint().size)?;
    Ok(ProofFile { number, entry: text.to_owned(), inclusion, checkpoint: checkpoint.clone(), map })
}

impl ProofFile {
    /// The file: one JSON object on one line, with a line feed.
    ///
    /// # Errors
    /// [`LedgerError::ProofFile`] if the entry is not JSON; as for [`SignedCheckpoint::to_text`].
    pub fn to_text(&self) -> Result<String, LedgerError> {
        let wrong = |_| LedgerError::ProofFile { rule: "条目应为 JSON" };
        let spelled = Spelled {
            luzheng_ledger_proof: VERSION,
            n: self.number,
            entry: serde_json::from_str(&self.entry).map_err(wrong)?,
            inclusion: to_base64(&self.inclusion),
            map: self.map.clone(),
            checkpoint: self.checkpoint.to_text()?,
        };
        let mut text = serde_json::to_string(&spelled).map_err(wrong)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads [`ProofFile::to_text`] and nothing else; believes nothing.
    ///
    /// # Errors
    /// [`LedgerError::ProofFile`] or [`LedgerError::Checkpoint`] with the rule that was broken.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let wrong = |rule| LedgerError::ProofFile { rule };
        let spelled: Spelled<'_> = serde_json::from_str(text).map_err(|_| wrong("应为所定字段的 JSON"))?;
        if spelled.luzheng_ledger_proof != VERSION {
            return Err(wrong("格式的版本本程序不识别，请更新程序"));
        }
        let hash = |text: &String| from_base64(text, "包含证明中的摘要应为 32 字节的 base64");
        let file = Self {
            number: spelled.n,
            entry: spelled.entry.get().to_owned(),
            inclusion: spelled.inclusion.iter().map(hash).collect::<Result<_, _>>()?,
            checkpoint: SignedCheckpoint::parse(&spelled.checkpoint)?,
            map: spelled.map,
        };
        if file.to_text()? == text { Ok(file) } else { Err(wrong("不是规定写法")) }
    }
}

/// Checks a proof file with nothing but public keys.
///
/// # Errors
/// Whatever does not hold, by name: the file's form, the entry's form, a signature, the inclusion, the map.
pub fn check_proof(text: &str, keys: &[NamedKey]) -> Result<Proven, LedgerError> {
    let ProofFile { number, entry: bytes, inclusion, checkpoint: signed, map } = ProofFile::parse(text)?;
    let witnesses = signed.verify(keys)?.witnesses;
    let checkpoint = signed.checkpoint().clone();
    let leaf = leaf_hash(bytes.as_bytes());
    if !verify_inclusion(&leaf, number, checkpoint.size, &inclusion, &checkpoint.root) {
        return Err(LedgerError::Proof { item: "包含证明" });
    }
    let entry = Entry::parse(bytes.as_bytes())?;
    let latest = map.map(|map| latest(&entry, number, &leaf, &map, &checkpoint.map_root)).transpose()?;
    Ok(Proven { number, entry, checkpoint, witnesses, latest })
}

/// What the map says about the entry's object; it must not contradict the entry.
fn latest(
    entry: &Entry,
    number: u64,
    leaf: &Hash,
    map: &MapProof,
    root: &Hash,
) -> Result<MapAnswer, LedgerError> {
    let wrong = LedgerError::Proof { item: "最新条目映射证明" };
    let Some(object) = &entry.object else { return Err(wrong) };
    let answer = map.verify(root, &map_key(&object.key)).ok_or_else(|| wrong.clone())?;
    let fits = match answer {
        _ if object.link == Link::Apart => true,
        // A chained entry is itself the latest one, or a later one is.
        MapAnswer::Present(latest) if latest.number == number => latest.leaf == *leaf,
        MapAnswer::Present(latest) => latest.number > number,
        MapAnswer::Absent => false,
    };
    if fits { Ok(answer) } else { Err(wrong) }
}

impl Proven {
    /// What is proven, for people, one Chinese sentence a line.
    ///
    /// # Errors
    /// As for [`crate::Checkpoint::text`].
    pub fn lines(&self) -> Result<Vec<String>, LedgerError> {
        let Self { number, entry, checkpoint, .. } = self;
        let (origin, size, time) = (&checkpoint.origin, checkpoint.size, checkpoint.time_text()?);
        let mut lines = vec![
            format!("第 {number} 条（{}）在审计日志“{origin}”中，未被改动。", entry.act),
            format!("依据 {time} 的检查点（{size} 条），签名成立。"),
        ];
        lines.extend(self.witnesses.iter().map(|witness| format!("见证方“{}”的签名成立。", witness.name)));
        lines.extend(self.latest.map(|answer| match answer {
            MapAnswer::Present(latest) if latest.number == *number => {
                "截至该检查点，这是该证照的最新一条。".to_owned()
            }
            MapAnswer::Present(latest) => {
                format!("截至该检查点，该证照的最新一条是第 {} 条。", latest.number)
            }
            // A check stands under the identifier that was shown, acts under the certificate's key.
            MapAnswer::Absent => "该条目是查询或核验，不是证照的变动。".to_owned(),
        }));
        Ok(lines)
    }
}
