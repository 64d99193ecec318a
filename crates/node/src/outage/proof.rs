//! The proof of completion: a short signed text that says what an outage held back and when it was through.

use std::fmt::Write;

use gm::sm2::{PublicKey, Signature};
use gm::{SigningKey, sign_message};
use jiff::Timestamp;
use jiff::tz::Offset;
use store::rows::outage::{self, Held, Record};

use super::{deadline_text, unknown};
use crate::issue::journal::hex;
use crate::{NodeError, Province};

const TITLE: &str = "luzheng outage proof v1";
/// Begins the last line.
const SIGNATURE: &str = "signature: ";
/// Names of the lines between, in their order.
const NAMES: [&str; 15] = [
    "node",
    "outage",
    "leg",
    "party",
    "kind",
    "started",
    "ended",
    "deadline",
    "completed",
    "held",
    "sent",
    "late",
    "items-sm3",
    "made",
    "key",
];

/// What a proof says, once its signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Lines in their order: name, value.
    pub lines: Vec<(String, String)>,
}

impl Proof {
    /// The value of a line; empty when there is none.
    pub fn value(&self, name: &str) -> &str {
        self.lines.iter().find(|(line, _)| line == name).map_or("", |(_, value)| value)
    }

    /// Do these rows have the digest that was signed? They are what an auditor gets beside the proof.
    pub fn covers(&self, items: &[Held]) -> bool {
        self.value("items-sm3") == items_sm3(items)
    }
}

impl Province {
    /// A signed proof that everything an outage held back is through, and when. `key_id` names the node certificate of `key`,
    /// `now` is microseconds UTC.
    ///
    /// # Errors
    /// An outage that is not completed; a key that fails; a database that cannot be read.
    pub fn outage_prove(
        &self,
        id: &str,
        key: &dyn SigningKey,
        key_id: &str,
        now: i64,
    ) -> Result<String, NodeError> {
        let (record, items) = self.store.read(|session| -> Result<_, NodeError> {
            let record = outage::by_id(session, id)?.ok_or_else(|| unknown(id))?;
            Ok((record, outage::held(session, id)?))
        })?;
        if record.state != "completed" {
            let what = format!(
                "中断 {id} 尚未办结，积压 {} 件",
                items.iter().filter(|one| one.sent_at.is_none()).count()
            );
            return Err(NodeError::refused(what, "请待积压全部送达（业务系统侧的中断须经确认）后再出具证明"));
        }
        let mut text = format!("{TITLE}\n");
        for (name, value) in NAMES.iter().zip(values(&self.id, &record, &items, (key_id, now))) {
            // One line a value: what a person wrote must not look like another line.
            let value: String = value.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).collect();
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{name}: {value}");
        }
        let signature = sign_message(key, text.as_bytes())?;
        let _ = writeln!(text, "{SIGNATURE}{}", gm::base64::encode(&signature.to_bytes()));
        Ok(text)
    }

    /// What an outage held back, by row key: what the digest in its proof covers.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn outage_held(&self, id: &str) -> Result<Vec<Held>, NodeError> {
        Ok(self.store.read(|session| outage::held(session, id))?)
    }
}

fn values(node: &str, record: &Record, items: &[Held], (key_id, now): (&str, i64)) -> [String; 15] {
    let sent = items.iter().filter(|one| one.sent_at.is_some()).count();
    let late = |one: &&Held| one.sent_at.zip(record.deadline_at).is_some_and(|(at, deadline)| at >= deadline);
    [
        node.to_owned(),
        record.id.clone(),
        record.leg.clone(),
        record.party.clone(),
        record.kind.clone(),
        time(Some(record.started_at)),
        time(record.ended_at),
        deadline_text(record),
        time(record.completed_at),
        items.len().to_string(),
        sent.to_string(),
        items.iter().filter(late).count().to_string(),
        items_sm3(items),
        time(Some(now)),
        key_id.to_owned(),
    ]
}

/// SM3 over a line for each item: key, time in microseconds UTC, SM3 of its receipt.
fn items_sm3(items: &[Held]) -> String {
    let mut hash = gm::sm3::Sm3::new();
    for one in items {
        let at = one.sent_at.map(|at| at.to_string()).unwrap_or_default();
        let receipt = one.receipt_sm3.as_deref().unwrap_or_default();
        hash = hash.chain(format!("{}\t{at}\t{receipt}\n", one.item).as_bytes());
    }
    hex(&hash.finish())
}

fn time(at: Option<i64>) -> String {
    let at = at.and_then(|at| Timestamp::from_microsecond(at).ok());
    at.map(|at| at.display_with_offset(Offset::constant(8)).to_string()).unwrap_or_default()
}

/// Checks a proof with the public key of the node that it names, and reads it. Nothing else is needed.
///
/// # Errors
/// A text that is no proof, or one whose signature does not hold.
pub fn check_proof(text: &str, key: &PublicKey) -> Result<Proof, NodeError> {
    let refuse =
        |what: &str| NodeError::refused(format!("补报证明无效：{what}"), "请向出具证明的节点重新索取");
    let (signed, signature) = text.rsplit_once(SIGNATURE).ok_or_else(|| refuse("没有签名"))?;
    let bytes = gm::base64::decode(signature.trim_end_matches('\n')).map_err(|_| refuse("签名不可读"))?;
    let bytes: [u8; 64] = bytes.try_into().map_err(|_| refuse("签名长度不对"))?;
    let signature = Signature::from_bytes(&bytes).map_err(|_| refuse("签名不可读"))?;
    if !gm::sm2::verify(key, signed.as_bytes(), &signature) {
        return Err(refuse("签名与内容或节点证书不符"));
    }
    let mut rows = signed.lines();
    if rows.next() != Some(TITLE) {
        return Err(refuse("不是本系统的补报证明"));
    }
    let split = |row: &str| row.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    let lines: Option<Vec<(String, String)>> = rows.map(split).collect();
    let lines = lines.filter(|lines| lines.iter().map(|(name, _)| name).eq(NAMES.iter()));
    Ok(Proof { lines: lines.ok_or_else(|| refuse("内容不完整"))? })
}
