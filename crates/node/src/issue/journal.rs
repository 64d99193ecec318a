//! The journal of an output folder: every intent before its signature, every completion after its files are durable.
//!
//! One JSON object a line, appended and flushed; a torn last line (kill -9, full disk) is cut off at the next start.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::NodeError;

/// File name of the journal.
pub const JOURNAL: &str = "journal.jsonl";

/// What is about to be signed (`domain.md`, "Issuing has stages"). A redo from it gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub record_id: String,
    #[serde(with = "hex32")]
    pub record_sm3: [u8; 32],
    pub kind: String,
    pub kind_version: String,
    pub identifier: String,
    pub status_index: u64,
    pub counter: (String, u64),
    pub signed_at: i64,
    pub templates: Vec<String>,
    pub fonts: String,
    pub key_id: String,
    pub code_key_id: String,
    pub seal: String,
    pub keys: Vec<(String, String)>,
    /// Last day of validity, until which the keys are held; absent for 长期 and in older journals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
    /// Not in the journal yet.
    #[serde(skip)]
    pub fresh: bool,
    /// All its files were stored.
    #[serde(skip)]
    pub done: bool,
    /// Its files, once done.
    #[serde(skip)]
    pub files: Vec<Stored>,
}

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub path: String,
    pub bytes: u64,
    /// SM3 of its Signature.xml, which covers every protected file.
    #[serde(with = "hex32")]
    pub data_hash: [u8; 32],
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
#[allow(clippy::large_enum_variant, reason = "one line at a time is written or read; nothing holds many")]
enum Line<'a> {
    Intent(std::borrow::Cow<'a, Intent>),
    Done { identifier: String, files: Vec<Stored> },
}

/// The journal, locked for this run.
pub(crate) struct Journal {
    file: File,
    path: std::path::PathBuf,
}

impl Journal {
    /// Opens or makes the journal, repairs a torn tail, and reads what happened before, in order.
    ///
    /// # Errors
    /// Another run holds it; a line inside (not the last one) does not parse.
    pub fn open(out: &Path) -> Result<(Self, Vec<Intent>), NodeError> {
        let path = out.join(JOURNAL);
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(NodeError::io("打开", &path))?;
        if file.try_lock().is_err() {
            let what = format!("另一个程序正在向“{}”制发", out.display());
            return Err(NodeError::refused(what, "请等它结束，或改用别的输出目录"));
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(NodeError::io("读取", &path))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64).map_err(NodeError::io("写入", &path))?;
        file.seek(SeekFrom::End(0)).map_err(NodeError::io("读取", &path))?;
        let past = replay(&text[..whole], &path)?;
        if past.is_empty() && holds_certificates(out)? {
            let what = format!("“{}”里有证照文件，日志“{}”却是空的或不见了", out.display(), path.display());
            return Err(NodeError::refused(what, MEND));
        }
        // The journal's own name must survive a power cut before an intent in it counts.
        File::open(out).and_then(|folder| folder.sync_all()).map_err(NodeError::io("写盘", out))?;
        Ok((Self { file, path }, past))
    }

    /// Intents, on the disk when this returns.
    pub fn append_intents(&mut self, intents: &[&Intent]) -> Result<(), NodeError> {
        self.append(intents.iter().map(|intent| Line::Intent(std::borrow::Cow::Borrowed(*intent))))
    }

    /// Completions, on the disk when this returns.
    pub fn append_done<'a>(
        &mut self,
        done: impl Iterator<Item = (&'a Intent, &'a Vec<Stored>)>,
    ) -> Result<(), NodeError> {
        self.append(done.map(|(intent, files)| Line::Done {
            identifier: intent.identifier.clone(),
            files: files.clone(),
        }))
    }

    fn append<'a>(&mut self, lines: impl Iterator<Item = Line<'a>>) -> Result<(), NodeError> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, &line)
                .map_err(|error| NodeError::io("写入", &self.path)(error.into()))?;
            text.push(b'\n');
        }
        if text.is_empty() {
            return Ok(());
        }
        self.file.write_all(&text).map_err(NodeError::io("写入", &self.path))?;
        self.file.sync_data().map_err(NodeError::io("写盘", &self.path))
    }
}

/// Certificates without a journal: their identifiers are not known, and would be minted again.
fn holds_certificates(out: &Path) -> Result<bool, NodeError> {
    let mut paths = Vec::new();
    crate::files::walk(out, &mut paths)?;
    Ok(paths.iter().any(|path| path.extension().is_some_and(|extension| extension == "ofd")))
}

const MEND: &str = "日志记着已用的证照标识，不能删；请从备份恢复，或联系技术支持";

fn replay(text: &[u8], path: &Path) -> Result<Vec<Intent>, NodeError> {
    let mut intents: Vec<Intent> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let parsed: Line<'_> = serde_json::from_slice(line).map_err(|error| {
            let what = format!("日志“{}”第 {} 行损坏：{error}", path.display(), number + 1);
            NodeError::refused(what, MEND)
        })?;
        match parsed {
            Line::Intent(intent) => {
                index.insert(intent.identifier.clone(), intents.len());
                intents.push(intent.into_owned());
            }
            Line::Done { identifier, files } => {
                let Some(at) = index.get(&identifier) else {
                    let what = format!(
                        "日志“{}”第 {} 行说“{identifier}”已完成，却没有它的意向",
                        path.display(),
                        number + 1
                    );
                    return Err(NodeError::refused(what, MEND));
                };
                intents[*at].done = true;
                intents[*at].files = files;
            }
        }
    }
    Ok(intents)
}

mod hex32 {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::hex(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        let digits = (text.len() == 64).then_some(text.as_bytes());
        let pairs = digits.ok_or_else(|| serde::de::Error::custom("应为 64 位十六进制数"))?.chunks(2);
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let pair = std::str::from_utf8(pair).map_err(serde::de::Error::custom)?;
            *byte = u8::from_str_radix(pair, 16).map_err(serde::de::Error::custom)?;
        }
        Ok(bytes)
    }
}

/// 32 bytes from 64 lower- or upper-case digits.
pub(crate) fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}
