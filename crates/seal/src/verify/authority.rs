//! Who signed: seal ↔ signer, maker, chains, revocation, seal dates, scope, and the evidence of time.

use gm::x509::{Certificate, ChainError, Crl, CrlReason, KeyUsage, verify_chain};

use super::signature::Context;
use super::{FileFacts, Reasons};
use crate::ses::SesSignature;
use crate::trust::{SignerTrust, refuses};

/// How far the signer's clock may run ahead of ours, in seconds.
const CLOCK_SLACK: i64 = 600;

/// Checks everything that the signature value alone does not prove.
pub(crate) fn check(
    context: &Context<'_, '_>,
    signature: &SesSignature,
    signer: &Certificate,
    facts: &FileFacts,
    reasons: &mut Reasons,
) {
    if !signature.seal.signers.contains(signer) {
        reasons.about("SIGNER_NOT_IN_SEAL", &signer.subject().short_text());
    }
    maker(context, signature, facts, reasons);
    signer_trust(context, signature, signer, facts, reasons);
    seal_dates(signature, reasons);
    let text = beijing(signature.signed_at);
    if signature.signed_at > context.now + CLOCK_SLACK {
        reasons.add("SIGNED_IN_FUTURE", &text);
    } else {
        reasons.add("TIME_CLAIMED", &text);
    }
}

/// The maker's signature over the seal, and whether the maker may make seals.
fn maker(context: &Context<'_, '_>, signature: &SesSignature, facts: &FileFacts, reasons: &mut Reasons) {
    let seal = &signature.seal;
    let maker = match Certificate::from_der(&seal.maker) {
        Ok(maker) => maker,
        Err(error) => return reasons.add("CHAIN_INVALID", &error.to_string()),
    };
    let trusted = context.trust.makers.contains(&maker);
    let known =
        context.seen.is_some_and(|seen| seen.read().is_ok_and(|seen| seen.seals.contains(&seal.der[..])));
    if !known {
        if !seal.maker_signature_holds(&maker) {
            return reasons.add("SEAL_DAMAGED", "");
        }
        // Strangers' seals are not remembered: they could fill the memory.
        if let (true, Some(Ok(mut seen))) = (trusted, context.seen.map(|seen| seen.write())) {
            seen.seals.insert(seal.der.as_slice().into());
        }
    }
    if !trusted {
        let knows = context.trust.knows_issuer(&facts.issuer);
        let code = if knows { "MAKER_NOT_TRUSTED" } else { "MAKER_UNKNOWN" };
        return reasons.about(code, &maker.subject().short_text());
    }
    chain(context, &maker, seal.created, KeyUsage::DIGITAL_SIGNATURE, reasons);
    revocation(context, &maker, seal.created, reasons);
}

fn signer_trust(
    context: &Context<'_, '_>,
    signature: &SesSignature,
    signer: &Certificate,
    facts: &FileFacts,
    reasons: &mut Reasons,
) {
    let entries: Vec<_> = context.trust.signer(signer).collect();
    if entries.is_empty() {
        let code =
            if context.trust.knows_issuer(&facts.issuer) { "SIGNER_NOT_TRUSTED" } else { "SIGNER_UNKNOWN" };
        return reasons.about(code, &signer.subject().short_text());
    }
    chain(context, signer, signature.signed_at, KeyUsage::DIGITAL_SIGNATURE, reasons);
    revocation(context, signer, signature.signed_at, reasons);
    // One entry must give the whole right; the first refusal stands for all.
    let refusals: Vec<_> = entries.iter().map(|entry| refusal(entry, signature, facts)).collect();
    if let (true, Some(Some(what))) = (refusals.iter().all(Option::is_some), refusals.first()) {
        reasons.add("SEAL_NOT_ENTITLED", what);
    }
}

/// Why this entry of the trust data does not allow this seal on this certificate.
fn refusal(entry: &SignerTrust, signature: &SesSignature, facts: &FileFacts) -> Option<String> {
    if !entry.seals.iter().any(|id| id == "*" || *id == signature.seal.id) {
        return Some(format!("签章人未获准使用印章“{}”", signature.seal.id));
    }
    // Without an identifier there is no certificate to be entitled to, and the verdict says so (`NO_IDENTIFIER`).
    if facts.identifier.is_empty() && facts.issuer.is_empty() {
        return None;
    }
    refuses(&entry.scope, &facts.issuer, &facts.area, &facts.type_code, beijing_date(signature.signed_at))
}

/// The chain at the time of signing. Signatures on it are checked once a certificate; dates every time.
fn chain(context: &Context<'_, '_>, leaf: &Certificate, at: i64, usage: KeyUsage, reasons: &mut Reasons) {
    let mut key = leaf.as_der().to_vec();
    key.extend_from_slice(&usage.0.to_be_bytes());
    // A chain that held at one instant of a day holds at every other one of it, but for the edges of validity,
    // which are checked below for the leaf and lie years away for the roots.
    key.extend_from_slice(&at.div_euclid(86_400).to_be_bytes());
    let key = gm::sm3::sm3(&key);
    let known = context.seen.is_some_and(|seen| seen.read().is_ok_and(|seen| seen.chains.contains(&key)));
    if known && leaf.not_before() <= at && at <= leaf.not_after() {
        return;
    }
    match verify_chain(leaf, &context.trust.chains, at, usage) {
        Ok(_) => {
            if let Some(Ok(mut seen)) = context.seen.map(|seen| seen.write()) {
                seen.chains.insert(key);
            }
        }
        Err(error @ (ChainError::Expired { .. } | ChainError::NotYetValid { .. })) => {
            reasons.add("SIGNER_NOT_VALID_AT_SIGNING", &error.to_string());
        }
        Err(error) => reasons.add("CHAIN_INVALID", &error.to_string()),
    }
}

/// `domain.md`: a leaked key makes all its signatures doubtful; any other revocation goes by the claimed time.
fn revocation(context: &Context<'_, '_>, leaf: &Certificate, at: i64, reasons: &mut Reasons) {
    let issuers = || context.trust.chains.roots.iter().chain(&context.trust.chains.intermediates);
    let all = context.trust.crls.iter().enumerate();
    let lists: Vec<_> = all.filter(|(_, crl)| crl.issuer() == leaf.issuer()).collect();
    if lists.is_empty() {
        return reasons.about("CRL_MISSING", &leaf.issuer().short_text());
    }
    let mut newest: Option<&Crl> = None;
    for (place, crl) in lists {
        let known = context.seen.is_some_and(|seen| seen.read().is_ok_and(|seen| seen.crls.contains(&place)));
        // A root that changed its key stands twice under one name: the list is that of either.
        let mut fault = None;
        let verified = known
            || issuers()
                .filter(|one| one.subject() == crl.issuer())
                .any(|issuer| crl.verify(issuer).map_err(|error| fault = Some(error.to_string())).is_ok());
        if !verified {
            reasons.add("CRL_INVALID", &fault.unwrap_or_else(|| crl.issuer().short_text()));
            continue;
        }
        if let (false, Some(Ok(mut seen))) = (known, context.seen.map(|seen| seen.write())) {
            seen.crls.insert(place);
        }
        if newest.is_none_or(|known| known.this_update() < crl.this_update()) {
            newest = Some(crl);
        }
        if let Some(entry) = crl.find(leaf.serial()) {
            let when = beijing(entry.at);
            let leaked = matches!(entry.reason, CrlReason::KeyCompromise | CrlReason::CaCompromise);
            // Who holds a leaked key writes any time he likes: the claimed one proves nothing either way.
            match (leaked, entry.at <= at) {
                (true, _) => reasons.add("SIGNER_COMPROMISED", &when),
                (false, true) => reasons.add("SIGNER_REVOKED", &when),
                (false, false) => reasons.add("SIGNER_REVOKED_LATER", &when),
            }
        }
    }
    if let Some(crl) = newest.filter(|crl| crl.check_fresh(context.now).is_err()) {
        reasons.add("CRL_STALE", &crl.next_update().map_or_else(|| "未载明".to_owned(), beijing));
    }
}

fn seal_dates(signature: &SesSignature, reasons: &mut Reasons) {
    let seal = &signature.seal;
    // Nobody signs with a seal that is not made yet; both clocks may differ a little.
    let begins = seal.valid_from.max(seal.created - CLOCK_SLACK);
    if signature.signed_at < begins || signature.signed_at > seal.valid_to {
        let window = format!("{} 至 {}", beijing(begins), beijing(seal.valid_to));
        reasons.add("SEAL_NOT_VALID_AT_SIGNING", &window);
    }
}

/// `2026-11-22 11:05:00` in Asia/Shanghai.
pub(crate) fn beijing(unix: i64) -> String {
    let time = jiff::Timestamp::from_second(unix).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The day in Asia/Shanghai.
pub(crate) fn beijing_date(unix: i64) -> jiff::civil::Date {
    let time = jiff::Timestamp::from_second(unix).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(time).date()
}
