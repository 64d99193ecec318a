//! Offline receipts come in: chained, without loss or doubles, countersigned (issue 5 §5).
//!
//! | what comes | answer |
//! |---|---|
//! | new, signed by a certified device | stored and countersigned |
//! | the same again | the same countersignature |
//! | a number whose predecessors are missing | stored; the missing numbers are named |
//! | another receipt under a number that is taken, or one that does not fit its neighbours | both kept, marked, a work item |
//! | unknown or disabled device, false signature, outside of the key's life | refused, with what to do |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gm::SigningKey;
use proof::receipt::{Bundle, Countersignature, Signer};
use serde::Serialize;
use store::Session;
use store::rows::certificate::{Work, insert_work};
use store::rows::verify::{self as rows, DeviceRow, ReceiptRow};

use super::device::{ACTIVE, act, unmade};
use super::receipt::{next_number, row, store_receipt};
use crate::audit::{Act, Actor, append};
use crate::issue::journal::hex;
use crate::{NodeError, Province};

/// Receipts of one upload at most.
pub const UPLOAD_MOST: usize = 500;
/// Missing stretches that an answer names at most.
const GAPS_MOST: u32 = 100;
/// How far a device's clock may be ahead of ours, microseconds.
const CLOCK_SLACK: i64 = 24 * 3_600 * 1_000_000;

/// What became of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UploadStatus {
    /// It was new.
    Stored,
    /// It was here already.
    Known,
    /// It claims a place that another one has; both are kept.
    Fork,
    /// It was not taken.
    Refused,
}

/// The answer to one receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UploadAnswer {
    /// What became of it.
    pub status: UploadStatus,
    /// Its digest, hex; absent where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Its number among those of this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The receipt with its countersignature, for a QR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why it was refused, or what is wrong with its chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// What is still missing of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceState {
    /// Key id, hex.
    pub device: String,
    /// Highest number that is here.
    pub last: i64,
    /// First and last number of each stretch below it that is not.
    pub missing: Vec<(i64, i64)>,
}

/// The answer to an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Uploaded {
    /// One a receipt, in their order.
    pub answers: Vec<UploadAnswer>,
    /// The devices that they came from.
    pub devices: Vec<DeviceState>,
}

/// A receipt that may be stored.
#[derive(Clone)]
struct Fit {
    bundle: Bundle,
    device: DeviceRow,
    sequence: i64,
}

impl Province {
    /// Takes receipts of devices, in any order and as often as they come. Each is stored whole with its countersignature and audit
    /// row, or not at all; when this returns, everything that is answered with a text is durable.
    ///
    /// # Errors
    /// Too many at once; a key that fails; a database that cannot be written: then nothing is stored, and all may be sent again.
    pub fn receipt_upload(
        self: &Arc<Self>,
        texts: &[String],
        key: &Arc<dyn SigningKey>,
        actor: &Actor,
        now: i64,
    ) -> Result<Uploaded, NodeError> {
        if texts.is_empty() || texts.len() > UPLOAD_MOST {
            return Err(NodeError::refused(
                format!("一次应上传 1 至 {UPLOAD_MOST} 份回执，本次为 {} 份", texts.len()),
                "请分次上传",
            ));
        }
        let devices = self.devices_of(texts)?;
        let fits: Vec<Result<Fit, UploadAnswer>> =
            texts.iter().map(|text| fit(text, &devices, now)).collect();
        let mut names: BTreeSet<String> = BTreeSet::new();
        names.extend(fits.iter().flatten().map(|fit| fit.device.id.clone()));
        let job = Job { province: Arc::clone(self), key: Arc::clone(key), actor: actor.clone(), now };
        self.store.write(move |session| {
            // In the order of their names: two uploads never wait for each other.
            for name in &names {
                rows::lock_device(session, name)?;
            }
            let mut acts = Vec::new();
            let mut answers = Vec::with_capacity(fits.len());
            for fit in &fits {
                answers.push(match fit {
                    Ok(fit) => job.take(session, fit, &mut acts)?,
                    Err(refused) => refused.clone(),
                });
            }
            append(session, job.province.new_id(now), &acts)?;
            let devices = names.iter().map(|name| state(session, name)).collect::<Result<_, NodeError>>()?;
            Ok(Uploaded { answers, devices })
        })
    }

    /// What the node has of a device, and what is missing.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn device_state(&self, device: &str) -> Result<DeviceState, NodeError> {
        self.store.read(|session| state(session, device))
    }

    fn devices_of(&self, texts: &[String]) -> Result<BTreeMap<String, DeviceRow>, NodeError> {
        let named = texts.iter().filter_map(|text| Bundle::parse(text).ok());
        let names: BTreeSet<String> = named.map(|bundle| hex(&bundle.receipt.content.key_id)).collect();
        self.store.read(|session| {
            let mut devices = BTreeMap::new();
            for name in names {
                if let Some(row) = rows::device(session, &name)? {
                    devices.insert(name, row);
                }
            }
            Ok(devices)
        })
    }
}

/// What taking a receipt needs.
struct Job {
    province: Arc<Province>,
    key: Arc<dyn SigningKey>,
    actor: Actor,
    now: i64,
}

impl Job {
    fn take(&self, session: &mut Session, fit: &Fit, acts: &mut Vec<Act>) -> Result<UploadAnswer, NodeError> {
        let digest = fit.bundle.receipt.digest();
        if let Some(known) = rows::receipt(session, &hex(&digest))? {
            return Ok(answer(UploadStatus::Known, &known));
        }
        let number = next_number(session)?;
        let who = (fit.device.staff_no.clone(), fit.device.unit.clone());
        let countersignature = Countersignature {
            issuer: self.key.public_key().key_id(),
            device: fit.bundle.receipt.content.key_id,
            received_at: self.now.div_euclid(1_000_000),
            number: u32::try_from(number)
                .map_err(|_| NodeError::refused("核验回执的编号已用完", "请报告此问题"))?,
            node: self.province.id.clone(),
            staff_no: who.0.clone(),
            unit: who.1.clone(),
        };
        let signed = countersignature.sign(&digest, &*self.key).map_err(unmade)?;
        let mut bundle = fit.bundle.clone();
        bundle.countersignature = Some(signed);
        let broken = clashes(session, fit, &hex(&digest))?;
        let row = ReceiptRow { number, fork: broken.is_some(), ..row(session, &bundle, &who, self.now)? };
        let kept = row.clone();
        store_receipt(session, row, self.now)?;
        let sequence = fit.sequence.to_string();
        let mut act = act(
            "verify.receipt_upload",
            &self.actor,
            self.now,
            &[
                ("device", &fit.device.id),
                ("sequence", &sequence),
                ("receipt", &kept.digest),
                ("number", &number.to_string()),
                ("officer", &who.0),
            ],
        );
        act.object.clone_from(&kept.identifier);
        act.outcome = if broken.is_some() { "fork".into() } else { "stored".into() };
        acts.push(act);
        let Some((code, why)) = broken else { return Ok(answer(UploadStatus::Stored, &kept)) };
        self.alarm(session, code, &why)?;
        let fix = "回执已照收；请说明原因，并在设备上重新安装山区包";
        Ok(UploadAnswer { why: Some(why), fix: Some(fix.into()), ..answer(UploadStatus::Fork, &kept) })
    }

    fn alarm(&self, session: &mut Session, code: &str, why: &str) -> Result<(), NodeError> {
        let work = Work {
            id: self.province.new_id(self.now),
            area: self.province.area.clone(),
            code: code.into(),
            why: format!("{why}；请核查该设备是否被复制，或其数据被改动"),
            opened_at: self.now,
            ..Work::default()
        };
        Ok(insert_work(session, &work)?)
    }
}

/// Does another receipt stand in this place, or does it not fit its neighbours? Then every party to it is marked.
fn clashes(
    session: &mut Session,
    fit: &Fit,
    digest: &str,
) -> Result<Option<(&'static str, String)>, NodeError> {
    let Signer::Device { previous, .. } = &fit.bundle.receipt.content.signer else { return Ok(None) };
    let (at, device) = (fit.sequence, &fit.device);
    let near = rows::chain(session, &device.id, (at - 1, at + 1))?;
    let on = |wanted: i64| near.iter().filter(move |(sequence, _, _)| *sequence == wanted);
    let name = format!("执法人员 {} 的设备 {}", device.staff_no, device.id);
    let twins: Vec<String> = on(at).map(|(_, other, _)| other.clone()).collect();
    if !twins.is_empty() {
        for twin in &twins {
            rows::mark_fork(session, twin)?;
        }
        return Ok(Some(("RECEIPT_FORK", format!("{name}有两份不同的第 {at} 号核验回执"))));
    }
    let previous = hex(previous);
    let broken_before = on(at - 1).count() > 0 && on(at - 1).all(|(_, before, _)| *before != previous);
    let broken_after = on(at + 1).count() > 0 && on(at + 1).all(|(_, _, theirs)| theirs != digest);
    if !broken_before && !broken_after {
        return Ok(None);
    }
    let other = if broken_before { at - 1 } else { at + 1 };
    for (_, neighbour, _) in on(other) {
        rows::mark_fork(session, neighbour)?;
    }
    Ok(Some(("RECEIPT_CHAIN", format!("{name}的第 {at} 号核验回执与第 {other} 号衔接不上"))))
}

fn answer(status: UploadStatus, row: &ReceiptRow) -> UploadAnswer {
    UploadAnswer {
        status,
        digest: Some(row.digest.clone()),
        number: Some(row.number),
        text: Some(Bundle::parse(&row.text).map_or_else(|_| row.text.clone(), |bundle| bundle.qr_text())),
        why: None,
        fix: None,
    }
}

/// What can be said of a receipt without changing anything.
fn fit(text: &str, devices: &BTreeMap<String, DeviceRow>, now: i64) -> Result<Fit, UploadAnswer> {
    let refuse = |digest: Option<String>, what: String, fix: &str| UploadAnswer {
        status: UploadStatus::Refused,
        digest,
        number: None,
        text: None,
        why: Some(what),
        fix: Some(fix.to_owned()),
    };
    let mut bundle = Bundle::parse(text).map_err(|error| {
        let text = error.to_string();
        let (what, fix) = text.rsplit_once('；').unwrap_or((&text, "请重新上传"));
        refuse(None, what.to_owned(), fix)
    })?;
    let content = &bundle.receipt.content;
    let digest = Some(hex(&bundle.receipt.digest()));
    let Signer::Device { sequence, .. } = content.signer else {
        return Err(refuse(digest, "这是节点签发的回执，已在节点留存".into(), "不必上传"));
    };
    let id = hex(&content.key_id);
    let Some(device) = devices.get(&id) else {
        return Err(refuse(digest, format!("设备“{id}”没有在本节点登记"), "请上传到安装山区包时所用的节点"));
    };
    let key =
        gm::base64::decode(&device.public_key).ok().and_then(|raw| gm::sm2::PublicKey::from_bytes(&raw).ok());
    if key.is_none_or(|key| bundle.receipt.verify(&key).is_err()) {
        return Err(refuse(digest, "回执的签名不成立".into(), "回执已损坏或被改动；请保留原件并报告"));
    }
    let at = content.checked_at * 1_000_000;
    if !(device.valid_from - 1_000_000..=device.valid_to).contains(&at) || at > now + CLOCK_SLACK {
        let what = format!("核验时间 {} 不在设备证明的有效期内", crate::keys::rfc3339(content.checked_at));
        return Err(refuse(digest, what, "请校准设备时钟；请保留原件并向所在单位说明"));
    }
    if device.state != ACTIVE && device.disabled_at.is_some_and(|disabled| at > disabled) {
        return Err(refuse(digest, "设备在该次核验之前已经停用".into(), "请交回设备，并向所在单位说明"));
    }
    // What goes along is ours to say: the certificate as we made it, no countersignature of anybody else.
    bundle.device = gm::base64::decode(&device.certificate)
        .ok()
        .and_then(|raw| proof::receipt::SignedDeviceCertificate::read(&raw).ok())
        .filter(|ours| {
            (ours.content.valid.0..=ours.content.valid.1).contains(&bundle.receipt.content.checked_at)
        });
    bundle.countersignature = None;
    Ok(Fit { bundle, device: device.clone(), sequence: i64::from(sequence) })
}

fn state(session: &mut Session, device: &str) -> Result<DeviceState, NodeError> {
    let last = rows::last_of_device(session, device)?.map_or(0, |(sequence, _)| sequence);
    Ok(DeviceState { device: device.to_owned(), last, missing: rows::gaps(session, device, GAPS_MOST)? })
}
