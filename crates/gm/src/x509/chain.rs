//! Checking the path from a certificate to a trusted root (RFC 5280 §6.1, without policies and name constraints,
//! whose critical extensions the parser refuses).

use super::{Certificate, KeyUsage};
use crate::der::utc_text;

/// Most certificates in a path, leaf and root included.
const MAX_PATH: usize = 8;
/// Most signatures checked for one path, so that a crafted set of intermediates costs no more than this.
const MAX_CHECKS: u32 = 64;

/// Why no path to a root holds. Each names the certificate it stopped at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// No issuer certificate was found.
    #[error("证书“{subject}”找不到通向受信任根的签发者“{issuer}”。请导入其上级证书或根证书。")]
    NoPathToRoot {
        /// Certificate where the path ends.
        subject: String,
        /// The issuer looked for.
        issuer: String,
    },
    /// The signature is not that of the issuer found.
    #[error("证书“{subject}”的签名验证未通过：内容被改动，或不是由“{issuer}”签发。请向签发机构核实。")]
    BadSignature {
        /// Certificate with the bad signature.
        subject: String,
        /// The issuer it names.
        issuer: String,
    },
    /// Validity is over.
    #[error("证书“{which}”已于 {} 过期。请换用有效证书。", utc_text(*.not_after))]
    Expired {
        /// The certificate.
        which: String,
        /// Its last second of validity, Unix seconds.
        not_after: i64,
    },
    /// Validity has not begun.
    #[error("证书“{which}”自 {} 起生效，尚未生效。请核对签章时间。", utc_text(*.not_before))]
    NotYetValid {
        /// The certificate.
        which: String,
        /// Its first second of validity, Unix seconds.
        not_before: i64,
    },
    /// An issuer is no CA.
    #[error("证书“{subject}”不是 CA 证书，无权签发下级证书。请向签发机构核实。")]
    NotCa {
        /// The issuer's certificate.
        subject: String,
    },
    /// The key usage does not allow what the key was used for.
    #[error("证书“{subject}”的密钥用途不符：缺少{missing}。请换用用途相符的证书。")]
    KeyUsage {
        /// The certificate.
        subject: String,
        /// The usage wanted, in Chinese.
        missing: String,
    },
    /// More CA certificates follow than the issuer allows.
    #[error("CA 证书“{subject}”只允许其下有 {allowed} 级 CA，实有 {found} 级。请向签发机构核实。")]
    PathLen {
        /// The CA whose limit is broken.
        subject: String,
        /// Its limit.
        allowed: u64,
        /// What was found below it.
        found: u64,
    },
}

/// The certificates to build paths from.
#[derive(Debug, Clone, Default)]
pub struct ChainStore {
    /// Trusted roots. They are trusted because they stand here; their own signatures are not checked.
    pub roots: Vec<Certificate>,
    /// Untrusted certificates that may link a leaf to a root.
    pub intermediates: Vec<Certificate>,
}

/// Finds and checks a path from `leaf` to a root at a time, and returns it, leaf first and root last.
///
/// Every certificate must be in force at `at` (Unix seconds), every issuer a CA with keyCertSign. `required` is what
/// the leaf's own key must be allowed to do; with [`KeyUsage::NONE`] anything goes, otherwise a leaf without the
/// extension is refused (GB/T 20518 demands it). A leaf that is itself among the roots is a path of one.
/// Revocation is not looked at.
///
/// # Errors
/// [`ChainError`] of the path that came farthest.
pub fn verify_chain<'a>(
    leaf: &'a Certificate,
    store: &'a ChainStore,
    at: i64,
    required: KeyUsage,
) -> Result<Vec<&'a Certificate>, ChainError> {
    check_time(leaf, at)?;
    check_usage(leaf, required)?;
    let mut search = Search { store, at, checks: MAX_CHECKS, path: vec![leaf], fault: None };
    if store.roots.contains(leaf) || search.extend(leaf) {
        return Ok(search.path);
    }
    Err(search.fault.map_or_else(|| no_path(leaf), |(_, error)| error))
}

struct Search<'a> {
    store: &'a ChainStore,
    at: i64,
    checks: u32,
    path: Vec<&'a Certificate>,
    /// The fault met farthest from the leaf, with the length of the path there.
    fault: Option<(usize, ChainError)>,
}

impl<'a> Search<'a> {
    /// Lengthens the path from its last certificate up to a root, depth first.
    fn extend(&mut self, last: &'a Certificate) -> bool {
        let store = self.store;
        let roots = store.roots.iter().map(|root| (root, true));
        let intermediates = store.intermediates.iter().map(|issuer| (issuer, false));
        let mut found_issuer = false;
        for (issuer, is_root) in roots.chain(intermediates) {
            if !may_have_issued(issuer, last) || self.path.contains(&issuer) || self.path.len() == MAX_PATH {
                continue;
            }
            found_issuer = true;
            if let Err(error) = self.check_link(issuer, last) {
                self.note(error);
                continue;
            }
            self.path.push(issuer);
            if is_root || self.extend(issuer) {
                return true;
            }
            self.path.pop();
        }
        if !found_issuer {
            self.note(no_path(last));
        }
        false
    }

    /// The rules for one issuer over one certificate; cheap ones first, the signature last.
    fn check_link(&mut self, issuer: &Certificate, below: &Certificate) -> Result<(), ChainError> {
        let subject = issuer.subject().short_text();
        check_time(issuer, self.at)?;
        if !issuer.is_ca() {
            return Err(ChainError::NotCa { subject });
        }
        check_usage(issuer, KeyUsage::KEY_CERT_SIGN)?;
        // Self-issued certificates do not count (RFC 5280 §6.1.4 l), nor does the leaf.
        let found = self.path.iter().skip(1).filter(|cert| cert.subject() != cert.issuer()).count() as u64;
        if let Some(allowed) = issuer.path_len().filter(|&allowed| found > allowed) {
            return Err(ChainError::PathLen { subject, allowed, found });
        }
        let Some(left) = self.checks.checked_sub(1) else { return Err(no_path(below)) };
        self.checks = left;
        if !below.verify_signed_by(issuer.public_key()) {
            let subject = below.subject().short_text();
            return Err(ChainError::BadSignature { subject, issuer: issuer.subject().short_text() });
        }
        Ok(())
    }

    /// Keeps the first fault of those farthest up: nearest to the path the caller meant.
    fn note(&mut self, error: ChainError) {
        let depth = self.path.len();
        if self.fault.as_ref().is_none_or(|(known, _)| depth > *known) {
            self.fault = Some((depth, error));
        }
    }
}

/// True if names and, where both are given, key identifiers fit.
fn may_have_issued(issuer: &Certificate, below: &Certificate) -> bool {
    let same_key = match (below.authority_key_id(), issuer.subject_key_id()) {
        (Some(aki), Some(ski)) => aki == ski,
        _ => true,
    };
    issuer.subject() == below.issuer() && same_key
}

fn check_time(certificate: &Certificate, at: i64) -> Result<(), ChainError> {
    let which = certificate.subject().short_text();
    if at < certificate.not_before() {
        return Err(ChainError::NotYetValid { which, not_before: certificate.not_before() });
    }
    if at > certificate.not_after() {
        return Err(ChainError::Expired { which, not_after: certificate.not_after() });
    }
    Ok(())
}

fn check_usage(certificate: &Certificate, required: KeyUsage) -> Result<(), ChainError> {
    let held = certificate.key_usage().unwrap_or_default();
    if held.contains(required) {
        return Ok(());
    }
    let names = [
        "数字签名",
        "抗抵赖",
        "密钥加密",
        "数据加密",
        "密钥协商",
        "签发证书",
        "签发吊销列表",
        "仅加密",
        "仅解密",
    ];
    let lacking = required.0 & !held.0;
    let missing: Vec<_> = names
        .into_iter()
        .enumerate()
        .filter(|(bit, _)| lacking >> bit & 1 == 1)
        .map(|(_, name)| name)
        .collect();
    Err(ChainError::KeyUsage { subject: certificate.subject().short_text(), missing: missing.join("、") })
}

fn no_path(certificate: &Certificate) -> ChainError {
    ChainError::NoPathToRoot {
        subject: certificate.subject().short_text(),
        issuer: certificate.issuer().short_text(),
    }
}
