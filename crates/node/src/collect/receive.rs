//! The ministry's side: deliveries in, holdings kept, an honest receipt for each.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::Verdict;
use objects::{Object, ObjectStore};
use serde::{Deserialize, Serialize};
use store::rows::holding::answer::{self, RefusedRow};
use store::rows::holding::{self, Holding, Put};
use store::{PersonalKeys, Store};

use super::answers::{self, Tally};
use super::{DeliveredFile, Delivery, DeliveryReceipt, Outcome};
use crate::NodeError;
use crate::audit::{self, Act, Actor};
use crate::client::speaks_for;
use crate::issue::journal::{hex, parse_hex};
use crate::lifecycle::{json, note_end, parse};
use crate::province::Chance;
use crate::reconcile::{self, Leaf};

/// What the receiving side stands on.
pub struct Receiver {
    /// Rows.
    pub store: Store,
    /// Files of all provinces.
    pub objects: Arc<dyn ObjectStore>,
    /// Keys of personal values.
    pub personal: PersonalKeys,
    /// Checks the seal of each new file; `None` where no trust data was published yet.
    pub verifier: Option<Arc<seal::Verifier>>,
    /// Random bytes for row keys.
    pub chance: Chance,
}

/// An enrolled province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Its node id, as its request signature proves it.
    pub province: String,
    /// USCCs of its issuers, or area prefixes (`99`, `9901`) that cover all issuers registered there.
    pub issuers: Vec<String>,
}

/// A file as the ministry keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldFile {
    /// 0 正本, 1 副本 ….
    pub part: i64,
    /// Name of the part.
    pub name: String,
    /// SM3 of its bytes, hex.
    pub sm3: String,
    /// Their number.
    pub bytes: i64,
    /// Where the file store keeps it.
    pub place: String,
}

/// What a holding keeps encrypted: it has personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldingBody {
    /// Status in words.
    pub status: String,
    /// The whole state.
    pub state: ::lifecycle::State,
    /// The face.
    pub record: Option<model::Record>,
}

/// A delivery that may be stored, or why not.
pub(super) type Checked = Result<Holding, DeliveryReceipt>;

impl Receiver {
    /// Takes deliveries of one province and answers each, in their order. What is answered [`Outcome::Applied`] is durable.
    /// `now` is microseconds UTC.
    ///
    /// # Errors
    /// Rows or files that do not work; nothing is known to be stored then, and the same message may come again.
    pub fn receive(
        &self,
        from: &Sender,
        deliveries: &[Delivery],
        now: i64,
    ) -> Result<Vec<DeliveryReceipt>, NodeError> {
        let held = self.store.read(|session| -> Result<HashMap<String, Holding>, NodeError> {
            let mut held = HashMap::new();
            for one in deliveries {
                if let Some(holding) = holding::by_key(session, &from.province, &one.certificate)? {
                    held.insert(one.certificate.clone(), holding);
                }
            }
            Ok(held)
        })?;
        let mut checked = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            checked.push(self.check(from, delivery, held.get(&delivery.certificate), now)?);
        }
        let applied = self.put(from, deliveries, &checked, now)?;
        let receipts = deliveries.iter().zip(checked).zip(applied);
        Ok(receipts
            .map(|((delivery, checked), applied)| match checked {
                Err(receipt) => receipt,
                Ok(holding) => {
                    // Another message of the same certificate may have come in between: then this one has been overtaken.
                    let outcome = if applied { Outcome::Applied } else { Outcome::Already };
                    accepted(from, delivery, outcome, holding.version)
                }
            })
            .collect())
    }

    /// Everything that can be said about a delivery before rows are written; its new files are stored when it returns.
    fn check(
        &self,
        from: &Sender,
        one: &Delivery,
        held: Option<&Holding>,
        now: i64,
    ) -> Result<Checked, NodeError> {
        if let Some(receipt) = entitled(from, one) {
            return Ok(Err(receipt));
        }
        if let Some(receipt) = held.and_then(|held| overtaken(from, one, held)) {
            return Ok(Err(receipt));
        }
        let known: Vec<HeldFile> = match held.filter(|held| held.identifier == one.identifier) {
            Some(held) => parse(&held.files, "归集文件清单")?,
            None => Vec::new(),
        };
        let mut files = Vec::with_capacity(one.files.len());
        let mut fresh = Vec::new();
        for file in &one.files {
            if let Some(same) = known.iter().find(|known| known.part == file.part && known.sm3 == file.sm3) {
                files.push(same.clone());
                continue;
            }
            if file.content.is_none() {
                let what = format!("证照文件“{}”（{}）是新版本，未随报文送达", file.name, file.sm3);
                let fix = "请连同文件重新报送，系统会自动处理";
                let mut receipt = DeliveryReceipt::because(one, Outcome::NeedFile, "NEED_FILE", what, fix);
                receipt.version = held.map_or(0, |held| held.version);
                return Ok(Err(receipt));
            }
            match self.open(one, file, now) {
                Ok(content) => fresh.push((file, content)),
                Err(receipt) => return Ok(Err(*receipt)),
            }
        }
        files.extend(self.keep(&fresh)?);
        files.sort_by_key(|file| file.part);
        Ok(Ok(self.holding(one, &files, now)?))
    }

    /// Digest and seal of a new file.
    fn open(&self, one: &Delivery, file: &DeliveredFile, now: i64) -> Result<Vec<u8>, Box<DeliveryReceipt>> {
        let refuse = |code: &str, what: String, fix: &str| {
            Box::new(DeliveryReceipt::because(one, Outcome::Refused, code, what, fix))
        };
        let name = &file.name;
        let content = gm::base64::decode(file.content.as_deref().unwrap_or_default());
        let content = content.map_err(|_| {
            refuse("FILE_FORMAT", format!("文件“{name}”不是合规的 Base64"), "请按接口文档编码后重新报送")
        })?;
        if hex(&gm::sm3::sm3(&content)) != file.sm3 {
            let what = format!("文件“{name}”的 SM3 与报文不一致");
            return Err(refuse("FILE_DIGEST", what, "请核对省级文件库中的文件，修复后重新报送"));
        }
        let Some(verifier) = &self.verifier else { return Ok(content) };
        let found = verifier.verify(&content, now.div_euclid(1_000_000));
        if found.verdict == Verdict::Invalid {
            let why = found.reasons.first().map(|reason| reason.text.clone()).unwrap_or_default();
            let what = format!("文件“{name}”的电子印章核验不通过：{why}");
            return Err(refuse("FILE_SEAL", what, "请核对印章与信任清单，必要时重新制发后报送"));
        }
        if one.identifier.as_deref() != Some(found.facts.identifier.as_str()) {
            let what = format!("文件“{name}”是证照“{}”的，不是所报送的证照", found.facts.identifier);
            return Err(refuse("FILE_OTHER", what, "请核对证照标识与文件后重新报送"));
        }
        Ok(content)
    }

    fn keep(&self, fresh: &[(&DeliveredFile, Vec<u8>)]) -> Result<Vec<HeldFile>, NodeError> {
        let objects: Vec<Object<'_>> = fresh
            .iter()
            .filter_map(|(file, bytes)| Some(Object { sm3: parse_hex(&file.sm3)?, bytes }))
            .collect();
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        let places = self.objects.put_all(&objects)?;
        Ok(fresh
            .iter()
            .zip(places)
            .map(|((file, bytes), place)| HeldFile {
                part: file.part,
                name: file.name.clone(),
                sm3: file.sm3.clone(),
                bytes: bytes.len() as i64,
                place: place.to_string(),
            })
            .collect())
    }

    fn holding(&self, one: &Delivery, files: &[HeldFile], now: i64) -> Result<Holding, NodeError> {
        let body =
            HoldingBody { status: one.status.clone(), state: one.state.clone(), record: one.record.clone() };
        let digests: Vec<&str> = files.iter().map(|file| file.sm3.as_str()).collect();
        Ok(Holding {
            province: one.province.clone(),
            certificate_id: one.certificate.clone(),
            kind: one.kind.clone(),
            issuer: one.issuer.clone(),
            area: one.area.clone(),
            month: one.month.clone(),
            state_seq: one.state_seq,
            version: one.version,
            identifier: one.identifier.clone(),
            base: one.base.clone(),
            last_day: one.last_day.clone(),
            file_sm3: digests.join(","),
            body_sealed: self.personal.seal(&Holding::place(&one.province, &one.certificate), &json(&body)?),
            files: json(&files)?,
            received_at: now,
        })
    }

    /// Writes what may be stored, with the audit of every answer; which of them were new.
    fn put(
        &self,
        from: &Sender,
        deliveries: &[Delivery],
        checked: &[Checked],
        now: i64,
    ) -> Result<Vec<bool>, NodeError> {
        let acts: Vec<Act> =
            deliveries.iter().zip(checked).map(|(one, checked)| act(one, checked, now)).collect();
        let holdings: Vec<Option<Holding>> = checked.iter().map(|one| one.as_ref().ok().cloned()).collect();
        let mut places = Vec::new();
        for one in holdings.iter().flatten() {
            places.extend(
                parse::<Vec<HeldFile>>(&one.files, "归集文件清单")?.into_iter().map(|file| file.place),
            );
        }
        let refused = deliveries
            .iter()
            .zip(checked)
            .filter_map(|(one, checked)| answers::refused(from, one, checked, now));
        let refused: Vec<RefusedRow> = refused.collect::<Result<_, _>>()?;
        let mut entropy = [0; 10];
        (self.chance)(&mut entropy);
        let id = store::new_id(now, &entropy);
        let province = from.province.clone();
        self.store.write(move |session| {
            note_end(session, places.iter().map(String::as_str))?;
            let mut applied = Vec::with_capacity(holdings.len());
            let mut told = acts.clone();
            let mut leaves: BTreeMap<&str, Vec<Leaf>> = BTreeMap::new();
            let mut tally = Tally::default();
            for (holding, act) in holdings.iter().zip(&mut told) {
                let put = match holding {
                    Some(holding) => holding::put(session, holding)?,
                    None => Put::Overtaken,
                };
                let is_new = put != Put::Overtaken;
                if let Some(holding) = holding {
                    tally.holding(holding, put);
                }
                if holding.is_some() && !is_new {
                    act.changes = false;
                    act.outcome = "already".into();
                }
                if let Some(one) = holding.as_ref().filter(|one| is_new && one.version > 0) {
                    leaves.entry(&one.province).or_default().push(leaf(one));
                }
                tally.answer(&act.outcome);
                applied.push(is_new);
            }
            // The digest tree that both sides compare grows with the holdings.
            for (province, leaves) in &leaves {
                reconcile::touch_all(session, province, leaves)?;
            }
            refused.iter().try_for_each(|one| answer::refuse(session, one))?;
            // Last and in one order: these rows are shared by all who receive from the same province.
            tally.write(session, &province, now)?;
            audit::append(session, id.clone(), &told)?;
            Ok(applied)
        })
    }

    /// What is held of a certificate, opened. The caller writes the audit row of this read.
    ///
    /// # Errors
    /// A row that cannot be read or decrypted.
    pub fn body(&self, holding: &Holding) -> Result<HoldingBody, NodeError> {
        let place = Holding::place(&holding.province, &holding.certificate_id);
        parse(&self.personal.open(&place, &holding.body_sealed)?, "归集内容")
    }
}

fn leaf(one: &Holding) -> Leaf {
    Leaf {
        certificate: one.certificate_id.clone(),
        month: one.month.clone(),
        area: one.area.clone(),
        state_seq: one.state_seq,
        version: one.version,
        base: one.base.clone(),
        files: one.file_sm3.split(',').map(str::to_owned).collect(),
        changed_at: one.received_at,
    }
}

/// May this province deliver this certificate?
fn entitled(from: &Sender, one: &Delivery) -> Option<DeliveryReceipt> {
    let refuse = |code: &str, what: String, fix: &str| {
        Some(DeliveryReceipt::because(one, Outcome::Refused, code, what, fix))
    };
    if one.province != from.province {
        let what = format!("报文写明的省份“{}”与签名节点“{}”不符", one.province, from.province);
        return refuse("FOREIGN_PROVINCE", what, "请由证照所属省份的节点报送");
    }
    if speaks_for(&from.issuers, &one.issuer).is_none() {
        let what = format!("发证机关“{}”不在该省登记的发证机关范围内", one.issuer);
        return refuse(
            "FOREIGN_ISSUER",
            what,
            "请核对发证机关；确属本省的，请部级在“各省情况”中打开本省，在“登记的发证机关”中登记该机关，然后重发",
        );
    }
    if one.certificate.is_empty() || one.certificate.len() > 64 || one.state_seq < 1 || one.version < 0 {
        return refuse("FORMAT", "证照的键、计数或版本不合规".into(), "请按接口文档重新生成报文");
    }
    if reconcile::Path::cell(&one.month, &one.area).is_err() {
        return refuse("FORMAT", "首次制发月份或区划代码不合规".into(), "请按接口文档重新生成报文");
    }
    if (one.version > 0) != one.identifier.is_some() || (one.version > 0) == one.files.is_empty() {
        return refuse("FORMAT", "版本、证照标识与文件不相配".into(), "请按接口文档重新生成报文");
    }
    None
}

/// The answer to what is not newer than what is held.
fn overtaken(from: &Sender, one: &Delivery, held: &Holding) -> Option<DeliveryReceipt> {
    if one.state_seq > held.state_seq {
        // A version never goes back: one of the two is not this certificate's history.
        return (one.version < held.version).then(|| {
            let what = format!("版本由 {} 退回 {}", held.version, one.version);
            DeliveryReceipt::because(one, Outcome::OutOfOrder, "OUT_OF_ORDER", what, "请对账后按差异处理")
        });
    }
    let digests: Vec<&str> = one.files.iter().map(|file| file.sm3.as_str()).collect();
    let same = one.version == held.version
        && one.identifier == held.identifier
        && one.base == held.base
        && one.last_day == held.last_day
        && digests.join(",") == held.file_sm3;
    if one.state_seq == held.state_seq && !same {
        let what = format!("计数 {} 已收到内容不同的报文", one.state_seq);
        let fix = "请对账并核对两边内容，按数据维护申请处理";
        return Some(DeliveryReceipt::because(one, Outcome::Refused, "SEQ_CONFLICT", what, fix));
    }
    Some(accepted(from, one, Outcome::Already, held.version))
}

fn accepted(from: &Sender, one: &Delivery, outcome: Outcome, version: i64) -> DeliveryReceipt {
    // The same certificate gets the same id however often it comes.
    let digest = gm::sm3::sm3(format!("{}|{}", from.province, one.certificate).as_bytes());
    let foreign_id = Some(format!("B{}", hex(&digest[..10])));
    DeliveryReceipt { version, foreign_id, ..DeliveryReceipt::new(one, outcome) }
}

fn act(one: &Delivery, checked: &Checked, now: i64) -> Act {
    let outcome = match checked {
        Ok(_) => "applied".to_owned(),
        Err(receipt) => answers::slug(receipt.outcome),
    };
    let mut act = Act {
        act: "collect.receive".into(),
        at: now,
        actor: Actor { client: one.province.clone(), ..Actor::default() },
        object: Some(format!("{}/{}", one.province, one.certificate)),
        changes: checked.is_ok(),
        area: Some(one.area.clone()),
        outcome,
        ..Act::default()
    };
    act.detail.insert("state_seq".into(), one.state_seq.to_string());
    if let Err(receipt) = checked
        && !receipt.code.is_empty()
    {
        act.detail.insert("code".into(), receipt.code.clone());
    }
    act
}
