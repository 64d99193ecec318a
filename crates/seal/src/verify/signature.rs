//! One signature: references and digests, data hash and path, signature value; then who signed (`authority.rs`).

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};

use gm::x509::Certificate;
use ofd::zip::Packed;
use ofd::{Limits, Package};

use super::seen::{Content, Seen};
use super::{FileFacts, Reasons, authority, timestamp};
use crate::describe::{Description, Listed, SM2_SM3_OID, SM3_OID};
use crate::ses::{SealPicture, SesSignature};
use crate::trust::TrustStore;
use crate::{SealError, describe};

pub(crate) struct Context<'a, 'b> {
    pub package: &'a Package<'b>,
    pub trust: &'a TrustStore,
    pub limits: &'a Limits,
    pub seen: Option<&'a RwLock<Seen>>,
    pub now: i64,
    /// SM3 of files that a signature named: further signatures name them again, and must not cost as much again.
    pub digests: RefCell<HashMap<String, [u8; 32]>>,
}

/// Largest Signature.xml: two thousand references take a fifth of it.
pub(super) const MOST_XML: u64 = 1 << 20;
/// Largest SignedValue.dat or Seal.esl; both are held in memory several times while they are parsed.
const MOST_SEAL: u64 = 1 << 20;
/// Largest file, and most bytes in all, that are digested together.
const AHEAD_FILE: u64 = 256 << 10;
const AHEAD_ALL: u64 = 4 << 20;
/// SignatureDateTime is written in local time by some; more than a day apart is another time, not another zone.
const TIME_SLACK: u64 = 86_400;

impl<'b> Context<'_, 'b> {
    /// A file of the signature layer, of the size that it may have.
    fn layer(&self, path: &str, most: u64) -> Option<Cow<'b, [u8]>> {
        let fits = self.package.archive.len_of(path).is_some_and(|length| length <= most);
        fits.then(|| self.package.read(path).ok()).flatten()
    }

    /// SM2 over the received bytes of TBS_Sign, by the key's table when a trusted signer is met often.
    fn value_holds(&self, signer: &Certificate, signed: &SesSignature, value: &gm::sm2::Signature) -> bool {
        let (key, tbs) = (signer.public_key(), &signed.tbs_der[..]);
        let seen = self.seen.filter(|_| self.trust.signer(signer).next().is_some());
        if let Some((prepared, digest)) = seen.and_then(|seen| seen.read().ok()?.prepared(key, tbs)) {
            let holds = prepared.verify_digest(&digest.unwrap_or_else(|| gm::sm2::digest(key, tbs)), value);
            // TBS_Sign holds the seal behind a few bytes, so this much of it is the same with every use of the seal.
            let front = tbs.get(..signed.seal.der.len());
            if let (true, None, Some(front), Some(Ok(mut seen))) =
                (holds, digest, front, seen.map(RwLock::write))
            {
                seen.learn_front(key, front);
            }
            return holds;
        }
        if let Some(Ok(mut seen)) = seen.map(RwLock::write) {
            seen.meet(key);
        }
        gm::sm2::verify(key, tbs, value)
    }

    /// What the memory knows of a file.
    fn known(&self, packed: &Packed<'_>) -> Option<Content> {
        self.seen?.read().ok()?.content(packed).cloned()
    }

    /// Takes what is known, and digests the smaller ones of the other files together, which is faster; [`Context::digest`]
    /// finds the results.
    fn digest_ahead<'p>(&self, paths: impl Iterator<Item = &'p String>) {
        let mut digests = self.digests.borrow_mut();
        let mut files = Vec::new();
        let mut total = 0;
        for path in paths {
            let Ok(packed) = self.package.archive.packed(path) else { continue };
            if digests.contains_key(path) {
                continue;
            }
            if let Some(sm3) = self.known(&packed).and_then(|content| content.sm3) {
                digests.insert(path.clone(), sm3);
                continue;
            }
            total += u64::from(packed.len);
            // A hostile package must not be held in memory whole.
            if u64::from(packed.len) > AHEAD_FILE || total > AHEAD_ALL {
                continue;
            }
            let Ok(bytes) = self.package.read(path) else { continue };
            files.push((path, bytes));
        }
        let messages: Vec<&[u8]> = files.iter().map(|(_, bytes)| &bytes[..]).collect();
        for ((path, _), digest) in files.iter().zip(gm::sm3::sm3_many(&messages)) {
            digests.insert((*path).clone(), digest);
        }
    }

    /// SM3 of a file's content; `None` when it is not there or its data is damaged.
    fn digest(&self, path: &str) -> Option<[u8; 32]> {
        if let Some(known) = self.digests.borrow().get(path) {
            return Some(*known);
        }
        let digest = gm::sm3::sm3(&self.package.read(path).ok()?);
        self.digests.borrow_mut().insert(path.to_owned(), digest);
        Some(digest)
    }
}

/// What checking one signature gave.
#[derive(Default)]
pub(crate) struct Checked {
    pub is_seal: bool,
    /// Readers may draw something for it: it has a stamp, or what it has could not be read.
    pub draws: bool,
    pub reasons: Reasons,
    /// Files that the signature names; `None` when it could not be read so far.
    pub named: Option<HashSet<String>>,
    /// Those of them whose digests hold.
    pub covered: HashSet<String>,
    /// Files of this signature's own layer.
    pub layer: Vec<String>,
    /// The seal's own file, read for the first time.
    pub seal_file: Option<(String, Arc<[u8]>)>,
    pub signed_at: Option<i64>,
    pub seal_name: String,
    pub signer: String,
    pub picture: Option<(SealPicture, String, String)>,
}

/// Checks the signature that Signatures.xml lists.
pub(crate) fn check(context: &Context<'_, '_>, listed: &Listed, facts: &FileFacts) -> Checked {
    let mut checked =
        Checked { is_seal: listed.kind == "Seal", layer: vec![listed.path.clone()], ..Checked::default() };
    checked.draws = context.package.archive.contains(&listed.path);
    let Some(xml) = context.layer(&listed.path, MOST_XML) else {
        checked.reasons.about("FILE_MISSING", &listed.path);
        return checked;
    };
    let parsed = ofd::xml::parse(&xml, context.limits).map_err(|error| error.to_string());
    let description = match parsed.and_then(|root| describe::read(&root, &listed.path)) {
        Ok(description) => description,
        Err(what) => {
            checked.reasons.add("SIGNATURE_XML", &what);
            return checked;
        }
    };
    checked.draws = !description.stamps.is_empty();
    checked.layer.push(description.signed_value.clone());
    let method_known =
        description.method == SM2_SM3_OID || description.method.eq_ignore_ascii_case("SM2WithSM3");
    let digest_known =
        description.check_method == SM3_OID || description.check_method.eq_ignore_ascii_case("SM3");
    if !method_known || !digest_known {
        let named = if method_known { &description.check_method } else { &description.method };
        checked.reasons.add("METHOD_UNSUPPORTED", named);
        return checked;
    }
    references(context, &description, &mut checked);
    stamps(context, &description, &mut checked);
    match context.layer(&description.signed_value, MOST_SEAL) {
        Some(value) => signed_value(context, &listed.path, &xml, &description, &value, facts, &mut checked),
        None => checked.reasons.about("FILE_MISSING", &description.signed_value),
    }
    checked
}

fn references(context: &Context<'_, '_>, description: &Description, checked: &mut Checked) {
    context.digest_ahead(description.references.iter().map(|(path, _)| path));
    checked.named = Some(description.references.iter().map(|(path, _)| path.clone()).collect());
    for (path, digest) in &description.references {
        match context.digest(path) {
            None => checked.reasons.about("REFERENCE_MISSING", path),
            Some(actual) if actual[..] != digest[..] => checked.reasons.about("DIGEST_MISMATCH", path),
            Some(_) => {
                checked.covered.insert(path.clone());
            }
        }
    }
}

fn stamps(context: &Context<'_, '_>, description: &Description, checked: &mut Checked) {
    for stamp in &description.stamps {
        let page = stamp.page_ref.parse::<u32>().ok().and_then(|id| context.package.page_index(id));
        if page.is_none() {
            checked.reasons.about("STAMP_PAGE", &stamp.page_ref);
        }
    }
}

fn signed_value(
    context: &Context<'_, '_>,
    path: &str,
    xml: &[u8],
    description: &Description,
    value: &[u8],
    facts: &FileFacts,
    checked: &mut Checked,
) {
    let signature = match SesSignature::parse(value) {
        Ok(signature) => signature,
        Err(SealError::Version(version)) => {
            return checked.reasons.add("SES_VERSION_UNSUPPORTED", &version.to_string());
        }
        Err(error) => return checked.reasons.add("SES_ENCODING", &error.to_string()),
    };
    checked.seal_name.clone_from(&signature.seal.name);
    checked.signed_at = Some(signature.signed_at);
    if let Some(stamp) = description.stamps.first() {
        let place = (stamp.page_ref.clone(), stamp.boundary.clone());
        checked.picture = Some((signature.seal.picture.clone(), place.0, place.1));
    }
    if signature.data_hash[..] != gm::sm3::sm3(xml) {
        checked.reasons.add("DATA_HASH", "");
    }
    if signature.property_info.trim_start_matches('/') != path {
        checked.reasons.about("PROPERTY_PATH", &signature.property_info);
    }
    if let Some(claimed) =
        unix(&description.signed_at).filter(|at| at.abs_diff(signature.signed_at) > TIME_SLACK)
    {
        let both = format!("{} 与 {}", authority::beijing(claimed), authority::beijing(signature.signed_at));
        checked.reasons.add("TIME_CONFLICT", &both);
    }
    seal_file(context, description, &signature, checked);
    let signer = match Certificate::from_der(&signature.signer) {
        Ok(signer) => signer,
        Err(error) => return checked.reasons.add("CHAIN_INVALID", &error.to_string()),
    };
    checked.signer = signer.subject().short_text();
    if signature.algorithm != gm::oid::SM2_WITH_SM3 {
        return checked.reasons.add("METHOD_UNSUPPORTED", &signature.algorithm.to_string());
    }
    // The received bytes of TBS_Sign are what was signed; nothing is encoded anew.
    let value = gm::sm2::Signature::from_der(&signature.signature);
    let holds = value.is_ok_and(|value| context.value_holds(&signer, &signature, &value));
    if !holds {
        return checked.reasons.add("SIGNATURE_VALUE", "");
    }
    timestamp::check(&signature, &mut checked.reasons);
    authority::check(context, &signature, &signer, facts, &mut checked.reasons);
}

/// Seal.esl, when it is there, must be the seal that signed.
fn seal_file(
    context: &Context<'_, '_>,
    description: &Description,
    signature: &SesSignature,
    checked: &mut Checked,
) {
    let Some(path) = &description.seal_path else { return };
    checked.layer.push(path.clone());
    let packed = context.package.archive.packed(path).ok();
    let known = packed.and_then(|packed| context.known(&packed)?.bytes);
    if known.is_some_and(|bytes| bytes[..] == signature.seal.der[..]) {
        return;
    }
    match context.layer(path, MOST_SEAL) {
        Some(bytes) if bytes[..] == signature.seal.der[..] => {
            checked.seal_file = Some((path.clone(), bytes[..].into()))
        }
        Some(_) => checked.reasons.about("SEAL_MISMATCH", path),
        None => checked.reasons.about("FILE_MISSING", path),
    }
}

/// SignatureDateTime, with or without separators: its first 14 digits, read as UTC.
fn unix(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    let time = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", &digits).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_timestamp(time).ok()?.as_second())
}
