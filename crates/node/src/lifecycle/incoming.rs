//! An event on its way, read and checked as far as that goes without the database.

use std::sync::Arc;

use ::lifecycle::day_of;
use codes::LegalDate;
use model::{Finding, Record, Severity};
use objects::Object;
use store::PersonalKeys;

use super::message::BusinessEvent;
use crate::audit::Actor;
use crate::issue::journal::hex;
use crate::{NodeError, Province};

/// What somebody hands in.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The event.
    pub message: BusinessEvent,
    /// Who hands it in.
    pub actor: Actor,
}

/// Read and digested.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    pub message: BusinessEvent,
    pub actor: Actor,
    pub digest: String,
    /// Row key: that of the waiting row when the event is released from it.
    pub row: String,
    pub released: bool,
    pub event: Result<::lifecycle::Event, Vec<Finding>>,
    /// Slug of the kind, where message or record name one.
    pub kind: Option<String>,
    /// Photo, while it is not in the file store yet.
    pub bytes: Option<Arc<Vec<u8>>>,
    /// Photo in the file store: `SM3@place`.
    pub photo: Option<String>,
    pub now: i64,
    pub today: LegalDate,
}

impl Incoming {
    /// Reads a message: photo out of it, digest over what is left with the photo's SM3 in its place.
    pub fn read(province: &Province, submitted: Submitted, now: i64) -> Self {
        let Submitted { mut message, actor } = submitted;
        let mut findings = Vec::new();
        let bytes = message.photo.take().and_then(|text| match gm::base64::decode(text.trim()) {
            Ok(bytes) => Some(Arc::new(bytes)),
            Err(_) => {
                findings.push(bad_photo(&message));
                None
            }
        });
        if let (Some(record), Some(bytes)) = (&mut message.record, &bytes) {
            // So the photo is part of the record's digest (R3).
            record.photo = Some(format!("sm3:{}", hex(&gm::sm3::sm3(bytes))));
        }
        let mut incoming = Self::again(province, message, actor, province.new_id(now), now);
        incoming.released = false;
        incoming.bytes = bytes;
        if !findings.is_empty() {
            incoming.event = Err(findings);
        }
        incoming
    }

    /// A message that was read before and waited in a row.
    pub fn again(province: &Province, message: BusinessEvent, actor: Actor, row: String, now: i64) -> Self {
        let today = day_of(now);
        let digest = hex(&gm::sm3::sm3(&message.canonical()));
        let named = message.record.as_ref().map(|record| record.kind.as_str()).or(message.kind.as_deref());
        let kind = named.and_then(|name| province.data.catalogue.kind(name.trim(), today.date()));
        let event = message.read(&digest, kind);
        let kind = kind.map(|kind| kind.slug.clone());
        Self {
            message,
            actor,
            digest,
            row,
            released: true,
            event,
            kind,
            bytes: None,
            photo: None,
            now,
            today,
        }
    }

    /// What tells one certificate from another before the database is asked.
    pub fn subject(&self) -> (String, String) {
        let message = &self.message;
        let key = message.subject_ref.clone().unwrap_or_else(|| {
            format!(
                "{}{}",
                message.identifier.as_deref().unwrap_or("#"),
                message.certificate_no.as_deref().unwrap_or_default()
            )
        });
        (message.source.clone(), key)
    }
}

fn bad_photo(message: &BusinessEvent) -> Finding {
    Finding {
        record_id: message.name().to_owned(),
        item: "photo".into(),
        item_name: "照片".into(),
        rule: "EVENT_FORMAT".into(),
        severity: Severity::Error,
        what: "照片不是合规的 Base64".into(),
        fix: "请把照片文件的全部字节按 Base64 编码后放入 photo".into(),
    }
}

/// Puts the photos of a batch into the file store; durable when it returns.
pub(super) fn store_photos(province: &Province, batch: &mut [Incoming]) -> Result<(), NodeError> {
    let wanted: Vec<usize> = (0..batch.len()).filter(|index| batch[*index].bytes.is_some()).collect();
    let bytes: Vec<Arc<Vec<u8>>> = wanted.iter().filter_map(|index| batch[*index].bytes.clone()).collect();
    let contents: Vec<&[u8]> = bytes.iter().map(|bytes| bytes.as_slice()).collect();
    let digests = gm::sm3::sm3_many(&contents);
    let objects: Vec<Object<'_>> =
        digests.iter().zip(&contents).map(|(sm3, bytes)| Object { sm3: *sm3, bytes }).collect();
    if objects.is_empty() {
        return Ok(());
    }
    let places = province.objects.put_all(&objects)?;
    for ((index, sm3), place) in wanted.into_iter().zip(&digests).zip(places) {
        batch[index].photo = Some(format!("{}@{place}", hex(sm3)));
    }
    Ok(())
}

/// Reads a photo that stands in the file store as `SM3@place`.
pub(crate) fn load_photo(province: &Province, photo: &str) -> Result<Vec<u8>, NodeError> {
    let damaged = || NodeError::refused(format!("照片的存放位置“{photo}”不合规"), "请运行 luzheng doctor");
    let (sm3, place) = photo.split_once('@').ok_or_else(damaged)?;
    let sm3 = crate::issue::journal::parse_hex(sm3).ok_or_else(damaged)?;
    let place = place.parse().map_err(|_| damaged())?;
    Ok(province.objects.get(&place, &sm3)?)
}

/// The next face of a certificate whose event brought none: the last record with what the event says.
pub(crate) fn carry(
    mut record: Record,
    message: &BusinessEvent,
    event: &::lifecycle::Event,
    kind: &catalogue::Kind,
) -> Record {
    record.record_id = message.event_id.clone();
    if let Some(decision) = &message.decision {
        record.decision = decision.clone();
    }
    record.face.set("ZZBFRQ", event.effective_on.to_string().as_str());
    if let Some(start) = event.valid_from {
        record.face.set("ZZYXQQSRQ", start.to_string().as_str());
    }
    if let Some(end) = event.valid_to {
        record.face.set("ZZYXQJZRQ", end.to_string().as_str());
    }
    if let (Some(due), Some(_)) = (event.due, kind.item("KZ_NSYXQ")) {
        record.face.set("KZ_NSYXQ", due.to_string().as_str());
    }
    record
}

/// The blind indexes of a record: who holds it, its plate, its number, what must be unique.
pub(crate) fn search_keys(
    personal: &PersonalKeys,
    kind: &catalogue::Kind,
    record: &Record,
) -> Vec<store::rows::search::Key> {
    use store::Blind;
    let face = |short: &str| record.face.text(short);
    let mut keys = Vec::new();
    let mut add = |what: Blind, value: &str| {
        keys.push((personal.blind(what, value), what.name()));
    };
    if let Some(number) = face("CZZTDM") {
        add(Blind::HolderNumber, number);
    }
    if let Some(name) = face("CZZT") {
        add(Blind::HolderName, name);
    }
    if let Some(number) = face("ZZBH") {
        add(Blind::CertificateNumber, number);
        if let Some(digits) = bare_digits(number) {
            add(Blind::NumberDigits, &digits);
        }
    }
    if let Some(plate) = face("KZ_CLHP") {
        add(Blind::Plate, &plate_key(plate, face("KZ_CPYS").unwrap_or_default()));
    }
    for key in catalogue::duplicate_keys(kind, record) {
        add(Blind::Unique, &format!("{}|{}", key.rule, key.value));
    }
    keys
}

/// The digits of a number that has other characters too, where they are enough to find it by.
fn bare_digits(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 6 && digits.len() < number.chars().count()).then_some(digits)
}

/// How a plate and its colour stand in the index.
pub(crate) fn plate_key(plate: &str, colour: &str) -> String {
    format!("{plate}|{colour}")
}
