//! Signature lines below the text, of the log and of its witnesses (C2SP signed-note and tlog-cosignature).

use gm::SigningKey;
use gm::sm2::{PublicKey, Signature, verify};
use gm::sm3::Sm3;

use super::Checkpoint;
use super::body::check_name;
use crate::LedgerError;

/// What begins every signature line: an em dash and a space.
const LINE: &str = "— ";
/// Kinds of signature as they enter the key hash. C2SP gives FF to algorithms of one's own, followed by their names.
const LOG_KIND: &[u8] = b"\xFFSM2";
const WITNESS_KIND: &[u8] = b"\xFFSM2-cosignature";
/// More lines than any log has witnesses.
const MAX_SIGNATURES: usize = 64;
const KEY_HASH_LEN: usize = 4;
const RAW_LEN: usize = 64;

/// A public key and the name in whose signature lines it counts. Several keys may share a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedKey {
    /// Name of the log (its origin) or of the witness.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

impl NamedKey {
    /// First four bytes of `SM3(name ‖ LF ‖ kind ‖ public key)`: one hash for each use of a key.
    fn hash(&self, kind: &[u8]) -> [u8; KEY_HASH_LEN] {
        let point = self.key.as_bytes();
        let [a, b, c, d, ..] =
            Sm3::new().chain(self.name.as_bytes()).chain(b"\n").chain(kind).chain(point).finish();
        [a, b, c, d]
    }
}

/// A signature line: the name, the key hash and what follows it, not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    key_hash: [u8; KEY_HASH_LEN],
    payload: Vec<u8>,
}

/// A checkpoint with its signatures, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    lines: Vec<Line>,
}

/// A witness's signature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Name of the witness.
    pub name: String,
    /// When it signed, seconds since 1970-01-01 UTC, by its own clock.
    pub at_seconds: u64,
}

/// Who vouches for a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Witnesses whose signatures hold.
    pub witnesses: Vec<Cosigned>,
    /// Names on lines by keys that the caller does not know; they prove nothing and break nothing.
    pub unknown: Vec<String>,
}

impl SignedCheckpoint {
    pub(super) fn new(checkpoint: Checkpoint, key: &dyn SigningKey) -> Result<Self, LedgerError> {
        let signature = gm::sign_message(key, checkpoint.text()?.as_bytes())?;
        let named = NamedKey { name: checkpoint.origin.clone(), key: key.public_key().clone() };
        let key_hash = named.hash(LOG_KIND);
        let line = Line { name: named.name, key_hash, payload: signature.to_bytes().to_vec() };
        Ok(Self { checkpoint, lines: vec![line] })
    }

    /// What was signed. Not to be believed before [`SignedCheckpoint::verify`].
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Adds a witness's signature over the text and the witness's own time. Call [`Checkpoint::check_continues`] and
    /// [`SignedCheckpoint::verify`] first: a witness that signs unseen vouches for nothing.
    ///
    /// # Errors
    /// An impossible name; 64 signatures already; the key fails.
    pub fn cosign(&mut self, name: &str, key: &dyn SigningKey, at_seconds: u64) -> Result<(), LedgerError> {
        check_name(name)?;
        if self.lines.len() >= MAX_SIGNATURES {
            return Err(LedgerError::Checkpoint { rule: "签名不得超过 64 个" });
        }
        let message = cosigned_text(&self.checkpoint.text()?, at_seconds);
        let signature = gm::sign_message(key, message.as_bytes())?;
        let named = NamedKey { name: name.to_owned(), key: key.public_key().clone() };
        let payload = [&at_seconds.to_be_bytes()[..], &signature.to_bytes()].concat();
        self.lines.push(Line { key_hash: named.hash(WITNESS_KIND), name: named.name, payload });
        Ok(())
    }

    /// The whole note: text, empty line, signature lines.
    ///
    /// # Errors
    /// As for [`Checkpoint::text`].
    pub fn to_text(&self) -> Result<String, LedgerError> {
        let mut text = self.checkpoint.text()?;
        text.push('\n');
        for Line { name, key_hash, payload } in &self.lines {
            let base64 = gm::base64::encode(&[&key_hash[..], payload].concat());
            text.push_str(&format!("{LINE}{name} {base64}\n"));
        }
        Ok(text)
    }

    /// Reads [`SignedCheckpoint::to_text`] and nothing else; believes nothing.
    ///
    /// # Errors
    /// [`LedgerError::Checkpoint`] with the rule that was broken.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let wrong = |rule| LedgerError::Checkpoint { rule };
        let (body, signatures) =
            text.split_once("\n\n").ok_or_else(|| wrong("正文与签名之间应有一个空行"))?;
        let checkpoint = Checkpoint::parse_text(&format!("{body}\n"))?;
        let signatures = signatures.strip_suffix('\n').ok_or_else(|| wrong("末行应以换行结束"))?;
        let lines: Vec<Line> =
            signatures.split('\n').take(MAX_SIGNATURES + 1).map(read_line).collect::<Result<_, _>>()?;
        if lines.len() > MAX_SIGNATURES {
            return Err(wrong("签名不得超过 64 个"));
        }
        Ok(Self { checkpoint, lines })
    }

    /// Checks every signature by a known key, of the log (its name is the origin) and of witnesses.
    ///
    /// # Errors
    /// [`LedgerError::BadSignature`] if one by a known key does not hold, [`LedgerError::NotSigned`] if none is the
    /// log's own.
    pub fn verify(&self, keys: &[NamedKey]) -> Result<Verified, LedgerError> {
        let text = self.checkpoint.text()?;
        let mut verified = Verified::default();
        let mut signed = false;
        for line in &self.lines {
            let known =
                |kind| keys.iter().find(|key| key.name == line.name && key.hash(kind) == line.key_hash);
            let bad = || LedgerError::BadSignature { name: line.name.clone() };
            if let Some(named) = known(LOG_KIND).filter(|named| named.name == self.checkpoint.origin) {
                holds(named, &text, &line.payload).ok_or_else(bad)?;
                signed = true;
            } else if let Some(named) = known(WITNESS_KIND) {
                let (time, raw) = line.payload.split_first_chunk::<8>().ok_or_else(bad)?;
                let at_seconds = u64::from_be_bytes(*time);
                holds(named, &cosigned_text(&text, at_seconds), raw).ok_or_else(bad)?;
                verified.witnesses.push(Cosigned { name: line.name.clone(), at_seconds });
            } else {
                verified.unknown.push(line.name.clone());
            }
        }
        if signed {
            Ok(verified)
        } else {
            Err(LedgerError::NotSigned { origin: self.checkpoint.origin.clone() })
        }
    }
}

/// What a witness signs: two lines of its own, then the text.
fn cosigned_text(text: &str, at_seconds: u64) -> String {
    format!("cosignature/v1\ntime {at_seconds}\n{text}")
}

fn holds(named: &NamedKey, message: &str, raw: &[u8]) -> Option<()> {
    let raw: &[u8; RAW_LEN] = raw.try_into().ok()?;
    let signature = Signature::from_bytes(raw).ok()?;
    verify(&named.key, message.as_bytes(), &signature).then_some(())
}

fn read_line(line: &str) -> Result<Line, LedgerError> {
    let wrong = |rule| LedgerError::Checkpoint { rule };
    let rule = "签名行应为“— 名称 base64”";
    let (name, base64) =
        line.strip_prefix(LINE).and_then(|rest| rest.split_once(' ')).ok_or_else(|| wrong(rule))?;
    check_name(name)?;
    let bytes = gm::base64::decode(base64).map_err(|_| wrong(rule))?;
    let (key_hash, payload) = bytes.split_first_chunk::<KEY_HASH_LEN>().ok_or_else(|| wrong(rule))?;
    Ok(Line { name: name.to_owned(), key_hash: *key_hash, payload: payload.to_vec() })
}
