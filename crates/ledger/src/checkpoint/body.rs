//! The text that is signed.

use gm::SigningKey;
use gm::sm3::sm3;
use jiff::Timestamp;
use jiff::tz::Offset;

use super::SignedCheckpoint;
use crate::{Hash, LedgerError, verify_consistency};

/// One state of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log, also the name of its signature: not empty, without white space and `+`.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
    /// When it was made, microseconds since 1970-01-01 UTC.
    pub at: i64,
    /// SM3 of the text of the checkpoint before; `None` in the first one.
    pub previous: Option<Hash>,
    /// Root of the map of latest entries.
    pub map_root: Hash,
}

/// Extension lines: what the three values are called.
const TIME: &str = "time ";
const PREVIOUS: &str = "previous ";
const MAP: &str = "map ";
/// `previous` of the first checkpoint.
const NONE: &str = "none";

/// The one spelling of times: +08:00, six decimals.
const TIME_FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.6f%:z";

fn wrong(rule: &'static str) -> LedgerError {
    LedgerError::Checkpoint { rule }
}

/// A name can stand in a signature line.
pub(super) fn check_name(name: &str) -> Result<(), LedgerError> {
    if name.is_empty() || name.contains(|ch: char| ch == '+' || ch.is_whitespace() || ch.is_control()) {
        return Err(wrong("名称不得为空，也不得含空白、控制字符或加号"));
    }
    Ok(())
}

fn time_text(at: i64) -> Result<String, LedgerError> {
    let rule = "时间超出可表示的范围";
    let time = Timestamp::from_microsecond(at).map_err(|_| wrong(rule))?;
    let zoned = time.to_zoned(Offset::constant(8).to_time_zone());
    jiff::fmt::strtime::format(TIME_FORMAT, &zoned).map_err(|_| wrong(rule))
}

impl Checkpoint {
    /// The text: six lines, each with its line feed.
    ///
    /// # Errors
    /// [`LedgerError::Checkpoint`] for an impossible origin or time.
    pub fn text(&self) -> Result<String, LedgerError> {
        check_name(&self.origin)?;
        let base64 = |hash: &Hash| gm::base64::encode(hash);
        let previous = self.previous.as_ref().map_or_else(|| NONE.to_owned(), base64);
        Ok(format!(
            "{}\n{}\n{}\n{TIME}{}\n{PREVIOUS}{previous}\n{MAP}{}\n",
            self.origin,
            self.size,
            base64(&self.root),
            time_text(self.at)?,
            base64(&self.map_root),
        ))
    }

    /// Reads [`Checkpoint::text`] and nothing else.
    ///
    /// # Errors
    /// [`LedgerError::Checkpoint`] with the rule that was broken.
    pub fn parse_text(text: &str) -> Result<Self, LedgerError> {
        let mut lines = text.split_terminator('\n');
        let mut next = || lines.next().ok_or_else(|| wrong("正文应有六行"));
        let origin = next()?.to_owned();
        let size = next()?.parse().map_err(|_| wrong("第二行应为条目数"))?;
        let root = hash(next()?, "第三行应为树根的 base64")?;
        let time = next()?.strip_prefix(TIME).and_then(|text| text.parse::<Timestamp>().ok());
        let at = time.ok_or_else(|| wrong("第四行应为 time 和时间"))?.as_microsecond();
        let previous =
            match next()?.strip_prefix(PREVIOUS).ok_or_else(|| wrong("第五行应以 previous 开头"))? {
                NONE => None,
                text => Some(hash(text, "第五行应为上一检查点的摘要或 none")?),
            };
        let map = next()?.strip_prefix(MAP).ok_or_else(|| wrong("第六行应以 map 开头"))?;
        let map_root = hash(map, "第六行应为最新条目映射根的 base64")?;
        let checkpoint = Self { origin, size, root, at, previous, map_root };
        // One state has one spelling: signs before numbers, other time zones or more lines are not ours.
        if checkpoint.text()? != text {
            return Err(wrong("正文不是规定写法"));
        }
        Ok(checkpoint)
    }

    /// When it was made, in the spelling of the text: `2026-11-22T14:00:00.000000+08:00`.
    ///
    /// # Errors
    /// [`LedgerError::Checkpoint`] for a time out of range.
    pub fn time_text(&self) -> Result<String, LedgerError> {
        time_text(self.at)
    }

    /// SM3 of the text: what the next checkpoint names as its previous one. Signatures do not enter it, so witnesses may
    /// still add theirs.
    ///
    /// # Errors
    /// As for [`Checkpoint::text`].
    pub fn digest(&self) -> Result<Hash, LedgerError> {
        Ok(sm3(self.text()?.as_bytes()))
    }

    /// Signs it with the log's key.
    ///
    /// # Errors
    /// An impossible origin or time; the key fails.
    pub fn sign(&self, key: &dyn SigningKey) -> Result<SignedCheckpoint, LedgerError> {
        SignedCheckpoint::new(self.clone(), key)
    }

    /// What a witness must know before it signs: that this checkpoint continues the last one it signed.
    ///
    /// # Errors
    /// [`LedgerError::NotContinued`] for another origin, a smaller size, an earlier time, or a proof (of
    /// [`crate::consistency_proof`]) that does not hold.
    pub fn check_continues(&self, old: &Checkpoint, proof: &[Hash]) -> Result<(), LedgerError> {
        let rule = if self.origin != old.origin {
            "日志名称不同"
        } else if self.size < old.size {
            "条目数变少，日志已回退"
        } else if self.at < old.at {
            "时间倒退"
        } else if !verify_consistency(old.size, &old.root, self.size, &self.root, proof) {
            "一致性证明不成立，日志已分叉"
        } else {
            return Ok(());
        };
        Err(LedgerError::NotContinued { old: old.size, new: self.size, rule })
    }
}

fn hash(text: &str, rule: &'static str) -> Result<Hash, LedgerError> {
    gm::base64::decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| wrong(rule))
}
