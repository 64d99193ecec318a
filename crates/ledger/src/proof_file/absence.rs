//! A certificate that no act had touched by the time of a checkpoint.

use serde::{Deserialize, Serialize};

use crate::{Checkpoint, Cosigned, LedgerError, MapAnswer, MapProof, NamedKey, SignedCheckpoint, map_key};

/// Version of the form.
const VERSION: u8 = 1;

/// What an absence file holds; nothing in it is believed before [`check_absence`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceFile {
    /// The certificate's key.
    pub object: String,
    /// What [`crate::prove_latest`] gave for it under the checkpoint's map root.
    pub map: MapProof,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

/// What an absence file proves: no act on the object is among the entries of the checkpoint. Reads may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeverEntered {
    /// The certificate's key.
    pub object: String,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Witnesses whose signatures hold.
    pub witnesses: Vec<Cosigned>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled {
    luzheng_ledger_absence: u8,
    object: String,
    map: MapProof,
    checkpoint: String,
}

impl AbsenceFile {
    /// The file: one JSON object on one line, with a line feed.
    ///
    /// # Errors
    /// As for [`SignedCheckpoint::to_text`].
    pub fn to_text(&self) -> Result<String, LedgerError> {
        let spelled = Spelled {
            luzheng_ledger_absence: VERSION,
            object: self.object.clone(),
            map: self.map.clone(),
            checkpoint: self.checkpoint.to_text()?,
        };
        // Text and numbers: serde_json has no way to fail on them.
        Ok(serde_json::to_string(&spelled).unwrap_or_default() + "\n")
    }

    /// Reads [`AbsenceFile::to_text`] and nothing else; believes nothing.
    ///
    /// # Errors
    /// [`LedgerError::ProofFile`] or [`LedgerError::Checkpoint`] with the rule that was broken.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let wrong = |rule| LedgerError::ProofFile { rule };
        let Spelled { luzheng_ledger_absence, object, map, checkpoint } =
            serde_json::from_str(text).map_err(|_| wrong("应为所定字段的 JSON"))?;
        if luzheng_ledger_absence != VERSION {
            return Err(wrong("格式的版本本程序不识别，请更新程序"));
        }
        let file = Self { object, map, checkpoint: SignedCheckpoint::parse(&checkpoint)? };
        if file.to_text()? == text { Ok(file) } else { Err(wrong("不是规定写法")) }
    }
}

/// Checks an absence file with nothing but public keys.
///
/// # Errors
/// Whatever does not hold, by name: the file's form, a signature, the map; also when the map shows an entry.
pub fn check_absence(text: &str, keys: &[NamedKey]) -> Result<NeverEntered, LedgerError> {
    let AbsenceFile { object, map, checkpoint: signed } = AbsenceFile::parse(text)?;
    let witnesses = signed.verify(keys)?.witnesses;
    let checkpoint = signed.checkpoint().clone();
    match map.verify(&checkpoint.map_root, &map_key(&object)) {
        Some(MapAnswer::Absent) => Ok(NeverEntered { object, checkpoint, witnesses }),
        _ => Err(LedgerError::Proof { item: "无条目证明" }),
    }
}

impl NeverEntered {
    /// What is proven, for people, one Chinese sentence a line.
    ///
    /// # Errors
    /// As for [`Checkpoint::text`].
    pub fn lines(&self) -> Result<Vec<String>, LedgerError> {
        let Self { object, checkpoint, witnesses } = self;
        let (origin, size, time) = (&checkpoint.origin, checkpoint.size, checkpoint.time_text()?);
        let mut lines = vec![
            format!(
                "截至 {time} 的检查点（{size} 条），审计日志“{origin}”中没有证照“{object}”的任何变动条目。"
            ),
            "检查点的签名成立。".to_owned(),
        ];
        lines.extend(witnesses.iter().map(|witness| format!("见证方“{}”的签名成立。", witness.name)));
        Ok(lines)
    }
}
