//! The second factor of whoever has an SM2 certificate: a challenge that only its key can sign (GB/T 32918.2, id 1234567812345678).

use gm::sm2::{self, Signature};
use gm::x509::Certificate;

use crate::NodeError;
use crate::issue::journal::hex;
use crate::session::Live;
use crate::{Province, operator::OperatorEntry};

/// Beginning of every challenge: a key that signs it cannot be made to sign anything else with it.
const HEAD: &str = "luzheng-sign-in";

impl Province {
    /// What is to be signed for this session now. It is another one after each use, and in each session.
    pub fn operator_challenge(&self, live: &Live) -> String {
        let mac = self.personal.mac("operator.challenge", &format!("{}/{}", live.id, live.fresh_at));
        let account = live.subject.strip_prefix("operator:").unwrap_or_default();
        format!("{HEAD}:{}:{account}:{}", self.id, hex(&mac[..16]))
    }
}

/// Is it a signature (Base64 of its DER form) over the challenge by the key of the certificate (Base64), while that is valid?
pub(super) fn is_signed(certificate: &str, challenge: &str, signature: &str, now: i64) -> bool {
    let check = || {
        let certificate = Certificate::from_der(&gm::base64::decode(certificate).ok()?).ok()?;
        let text: String = signature.split_whitespace().collect();
        let signature = Signature::from_der(&gm::base64::decode(&text).ok()?).ok()?;
        let valid = (certificate.not_before()..=certificate.not_after()).contains(&(now / 1_000_000));
        Some(valid && sm2::verify(certificate.public_key(), challenge.as_bytes(), &signature))
    };
    check().unwrap_or(false)
}

/// `operator sign-challenge`: signs a challenge with an encrypted PKCS#8 key (PEM); gives the Base64 text for the page.
///
/// # Errors
/// A text that is no challenge of ours, a key that does not open.
pub fn sign_challenge(key_pem: &str, passphrase: &str, challenge: &str) -> Result<String, NodeError> {
    let challenge = challenge.trim();
    let parts: Vec<&str> = challenge.split(':').collect();
    let is_ours = parts.len() == 4 && parts[0] == HEAD && parts[3].len() == 32;
    if !is_ours {
        return Err(NodeError::refused(
            "这不是登录页面给出的挑战码",
            format!("请从登录页面完整复制，以 {HEAD}: 开头"),
        ));
    }
    let key = gm::pkcs8::decrypt_pem(key_pem, passphrase)?;
    Ok(gm::base64::encode(&key.sign(challenge.as_bytes())?.to_der()))
}

impl OperatorEntry {
    /// Subject and last day of its certificate, for people.
    pub fn certificate_text(&self) -> Option<String> {
        let der = gm::base64::decode(self.certificate.as_deref()?).ok()?;
        let certificate = Certificate::from_der(&der).ok()?;
        let day = ::lifecycle::day_of(certificate.not_after() * 1_000_000);
        Some(format!("{}，有效期至 {}", certificate.subject().short_text(), day.date()))
    }
}
