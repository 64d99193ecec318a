//! The timestamp token (GB/T 20520, the shape of RFC 3161) in a seal signature.

use gm::GmError;
use gm::der::Reader;

use super::Reasons;
use crate::ses::SesSignature;

/// A token over other bytes proves tampering; one over ours is not yet evidence, since no timestamp authority is in the trust data.
pub(crate) fn check(signature: &SesSignature, reasons: &mut Reasons) {
    let Some(token) = &signature.timestamp else { return };
    let expected = gm::sm3::sm3(&signature.signature);
    match imprint(token) {
        Ok(imprint) if imprint == expected => reasons.add("TIMESTAMP_UNVERIFIED", ""),
        Ok(_) => reasons.add("TIMESTAMP_MISMATCH", "摘要与签名值不符"),
        Err(error) => reasons.add("TIMESTAMP_MISMATCH", &error.to_string()),
    }
}

/// The hashed message of TSTInfo inside ContentInfo → SignedData → EncapsulatedContentInfo.
fn imprint(token: &[u8]) -> Result<Vec<u8>, GmError> {
    let mut outer = Reader::new(token);
    let mut content_info = outer.sequence()?;
    outer.finish()?;
    content_info.oid()?;
    let mut explicit = content_info.explicit(0)?;
    let mut signed_data = explicit.sequence()?;
    signed_data.integer_u64()?;
    signed_data.raw_tlv()?;
    let mut encapsulated = signed_data.sequence()?;
    encapsulated.oid()?;
    let mut content = encapsulated.explicit(0)?;
    let info = content.octet_string()?;
    let mut reader = Reader::new(info);
    let mut tst = reader.sequence()?;
    tst.integer_u64()?;
    tst.oid()?;
    let mut imprint = tst.sequence()?;
    imprint.raw_tlv()?;
    Ok(imprint.octet_string()?.to_vec())
}
