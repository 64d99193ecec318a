//! Devices of officers: a key made in the browser, certified by the node for the life of its pack (`docs/receipt-format.md`).

use std::sync::Arc;

use gm::SigningKey;
use gm::sm2::{PublicKey, Signature};
use proof::receipt::{DeviceCertificate, enrolment};
use store::rows::verify::{self as rows, DeviceRow};

use crate::audit::{Act, Actor, append};
use crate::issue::journal::hex;
use crate::{NodeError, Province};

pub(super) const ACTIVE: &str = "active";
const DISABLED: &str = "disabled";
/// A device whose clock is a little behind ours may sign at once, microseconds.
const CLOCK_SLACK: i64 = 300 * 1_000_000;
/// A device key lives no longer than this without being certified again, microseconds: a pack does not either.
const LONGEST: i64 = 31 * 86_400 * 1_000_000;

/// A device that asks to be certified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDevice {
    /// `04 ‖ x ‖ y`.
    pub key: Vec<u8>,
    /// r ‖ s over [`proof::receipt::enrolment`]: it has the key.
    pub proof: Vec<u8>,
    /// Until when, microseconds UTC: the end of its pack's life.
    pub valid_to: i64,
}

/// A certified device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Key id, hex.
    pub id: String,
    /// Message ‖ signature: part 02 of a receipt's text.
    pub certificate: Vec<u8>,
    /// Number of the last receipt that the node has of this key; 0 for none.
    pub last_sequence: i64,
    /// Its digest, hex.
    pub last_digest: Option<String>,
}

/// A device as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceEntry {
    /// Key id, hex.
    pub id: String,
    /// 执法证号 or staff number.
    pub staff_no: String,
    /// Unit.
    pub unit: String,
    /// Life of the key, microseconds UTC.
    pub valid: (i64, i64),
    /// May its receipts be taken?
    pub active: bool,
    /// When it was disabled.
    pub disabled_at: Option<i64>,
}

impl Province {
    /// Certifies the key of the officer's device, or the same key again for a new pack; its chain of receipts goes on. The officer is the actor.
    ///
    /// # Errors
    /// An actor without staff number or unit, a key that is none, a proof that does not hold, a key of somebody else or a disabled
    /// one, a life that has ended or is longer than a pack's.
    pub fn device_enrol(
        self: &Arc<Self>,
        new: &NewDevice,
        key: &Arc<dyn SigningKey>,
        actor: &Actor,
        now: i64,
    ) -> Result<Enrolled, NodeError> {
        let (staff_no, unit) = officer(actor)?;
        let device = proven(new, &staff_no)?;
        if new.valid_to <= now || new.valid_to > now + LONGEST {
            return Err(NodeError::refused("设备证明的有效期不合规", "请以山区包的有效期为准，最长 31 天"));
        }
        let id = hex(&device.key_id());
        let (province, key, actor, valid_to) =
            (Arc::clone(self), Arc::clone(key), actor.clone(), new.valid_to);
        self.store.write(move |session| {
            let known = rows::lock_device(session, &id)?;
            if let Some(known) = &known {
                check_known(known, &staff_no)?;
            }
            let valid_from = now - CLOCK_SLACK;
            let certificate = DeviceCertificate {
                issuer: key.public_key().key_id(),
                key: device.clone(),
                valid: (valid_from.div_euclid(1_000_000), valid_to.div_euclid(1_000_000)),
                node: province.id.clone(),
                unit: DeviceCertificate::short_unit(&province.id, &staff_no, &unit),
                staff_no: staff_no.clone(),
            };
            let certificate = certificate.sign(&*key).map_err(unmade)?;
            let row = DeviceRow {
                id: id.clone(),
                public_key: gm::base64::encode(device.as_bytes()),
                staff_no: staff_no.clone(),
                unit: unit.clone(),
                certificate: gm::base64::encode(certificate.as_bytes()),
                // Its life as a whole: receipts of its first pack may still come.
                valid_from: known.as_ref().map_or(valid_from, |known| known.valid_from),
                valid_to,
                state: ACTIVE.into(),
                disabled_at: None,
                created_at: known.as_ref().map_or(now, |known| known.created_at),
                updated_at: now,
            };
            rows::put_device(session, &row)?;
            let last = rows::last_of_device(session, &id)?;
            let act = act(
                "verify.device_enrol",
                &actor,
                now,
                &[("device", &id), ("valid_to", &valid_to.to_string())],
            );
            append(session, province.new_id(now), &[act])?;
            Ok(Enrolled {
                id: id.clone(),
                certificate: certificate.as_bytes().to_vec(),
                last_sequence: last.as_ref().map_or(0, |(sequence, _)| *sequence),
                last_digest: last.map(|(_, digest)| digest),
            })
        })
    }

    /// Disables a lost or stolen device: receipts of later checks are refused, earlier ones are still taken.
    ///
    /// # Errors
    /// No such device, no operator named, no reason.
    pub fn device_disable(
        self: &Arc<Self>,
        id: &str,
        why: &str,
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        if actor.operator.is_none() && actor.staff_no.is_none() {
            return Err(NodeError::refused("没有写明经办人", "请写明经办人姓名、账号或执法证号"));
        }
        if why.trim().is_empty() {
            return Err(NodeError::refused("没有写明停用设备的原因", "请写明，如遗失、被盗、人员调离"));
        }
        let act = act("verify.device_disable", actor, now, &[("device", id), ("why", why)]);
        let (province, id) = (Arc::clone(self), id.to_owned());
        self.store.write(move |session| {
            let Some(mut row) = rows::lock_device(session, &id)? else {
                return Err(NodeError::refused(
                    format!("没有编号为“{id}”的核验设备"),
                    "请在设备清单中核对编号",
                ));
            };
            if row.state == DISABLED {
                return Ok(());
            }
            row.state = DISABLED.into();
            row.disabled_at = Some(now);
            row.updated_at = now;
            rows::put_device(session, &row)?;
            Ok(append(session, province.new_id(now), std::slice::from_ref(&act))?)
        })
    }

    /// Devices after a key id, of one officer or of all, at most `most`.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn device_list(
        &self,
        staff_no: Option<&str>,
        after: &str,
        most: u32,
    ) -> Result<Vec<DeviceEntry>, NodeError> {
        let rows = self.store.read(|session| rows::devices(session, staff_no, after, most.clamp(1, 500)))?;
        let entry = |row: DeviceRow| DeviceEntry {
            active: row.state == ACTIVE,
            valid: (row.valid_from, row.valid_to),
            id: row.id,
            staff_no: row.staff_no,
            unit: row.unit,
            disabled_at: row.disabled_at,
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}

fn proven(new: &NewDevice, staff_no: &str) -> Result<PublicKey, NodeError> {
    let key = PublicKey::from_bytes(&new.key)
        .map_err(|_| NodeError::refused("设备公钥不是 SM2 公钥", "请重新安装山区包"))?;
    let proof: Option<Signature> =
        new.proof.as_slice().try_into().ok().and_then(|raw: &[u8; 64]| Signature::from_bytes(raw).ok());
    let holds = proof.is_some_and(|proof| gm::sm2::verify(&key, &enrolment(&key, staff_no), &proof));
    if holds {
        return Ok(key);
    }
    Err(NodeError::refused(
        "设备没有证明持有该密钥",
        "请用该设备重新登录并安装山区包；签名内容见 docs/receipt-format.md",
    ))
}

fn check_known(known: &DeviceRow, staff_no: &str) -> Result<(), NodeError> {
    if known.staff_no != staff_no {
        return Err(NodeError::refused(
            "该设备密钥已登记在其他执法人员名下",
            "请在设备上清除旧密钥后重新安装山区包",
        ));
    }
    if known.state != ACTIVE {
        return Err(NodeError::refused("该设备密钥已停用", "请在设备上清除旧密钥后重新安装山区包"));
    }
    Ok(())
}

/// The officer behind a check: without one there is no receipt.
pub(super) fn officer(actor: &Actor) -> Result<(String, String), NodeError> {
    let given = |value: &Option<String>| value.clone().filter(|text| !text.trim().is_empty());
    match (given(&actor.staff_no), given(&actor.unit)) {
        (Some(staff_no), Some(unit)) => Ok((staff_no, unit)),
        _ => Err(NodeError::refused(
            "没有写明执法证号或所在单位，不能出具核验回执",
            "请以执法账号登录，或在请求头写明 LZ-Staff-No 和 LZ-Unit",
        )),
    }
}

/// A receipt or certificate that could not be made: a field that does not fit.
pub(super) fn unmade(error: proof::receipt::ReceiptError) -> NodeError {
    let text = error.to_string();
    let (what, fix) = text.rsplit_once('；').unwrap_or((&text, "请报告此问题"));
    NodeError::refused(what, fix)
}

/// An act of this capability.
pub(super) fn act(name: &str, actor: &Actor, now: i64, detail: &[(&str, &str)]) -> Act {
    Act {
        act: name.to_owned(),
        at: now,
        actor: actor.clone(),
        outcome: "done".to_owned(),
        detail: detail.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Act::default()
    }
}
