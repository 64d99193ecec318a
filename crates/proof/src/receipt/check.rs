//! Is a receipt genuine? Public keys only: the node certificates of the trust data, their roots and revocation lists.

use gm::x509::{Certificate, ChainStore, Crl, CrlReason, KeyUsage, verify_chain};
use model::{Reason, Verdict};

use super::words::moment;
use super::{Bundle, Receipt, ReceiptError, Signer};

/// Seconds by which two honest clocks may differ.
const CLOCK_SLACK: i64 = 300;

/// Whose receipts are believed. A certificate that is out of date stays in the list: what it signed in its time stays good.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptTrust<'a> {
    /// Certificates of nodes, old ones too.
    pub nodes: &'a [Certificate],
    /// Roots that they must lead to.
    pub chains: &'a ChainStore,
    /// Revocation lists.
    pub crls: &'a [Crl],
}

/// What a check of a receipt found. The verdict is about the receipt; the verdict that it tells of stands in its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedReceipt {
    /// 有效, 有效（有提示）, 无效 or 无法判定.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What was read; to be believed only as far as the verdict goes. `None` where nothing could be read.
    pub bundle: Option<Bundle>,
}

/// Checks a receipt's text at a time (Unix seconds).
pub fn check_receipt(text: &str, trust: &ReceiptTrust<'_>, now: i64) -> CheckedReceipt {
    let bundle = match Bundle::parse(text) {
        Ok(bundle) => bundle,
        Err(error) => {
            let code = if error == ReceiptError::Foreign { "RECEIPT_FOREIGN" } else { "RECEIPT_FORGED" };
            // What a later version looks like is not for us to say.
            let code = if matches!(error, ReceiptError::Version(_)) { "RECEIPT_FOREIGN" } else { code };
            let reasons = vec![Reason::new(code, &error.to_string())];
            return CheckedReceipt { verdict: Verdict::from_reasons(&reasons), reasons, bundle: None };
        }
    };
    let mut check = Check { trust, now, reasons: Vec::new() };
    check.bundle(&bundle);
    let reasons = check.reasons;
    CheckedReceipt { verdict: Verdict::from_reasons(&reasons), reasons, bundle: Some(bundle) }
}

struct Check<'a> {
    trust: &'a ReceiptTrust<'a>,
    now: i64,
    reasons: Vec<Reason>,
}

impl Check<'_> {
    fn say(&mut self, code: &str, detail: &str) {
        self.reasons.push(Reason::new(code, detail));
    }

    fn bundle(&mut self, bundle: &Bundle) {
        let receipt = &bundle.receipt.content;
        match &receipt.signer {
            Signer::Node { .. } => {
                if bundle.device.is_some() || bundle.countersignature.is_some() {
                    self.say("RECEIPT_MISMATCH", "节点签发的回执不应附带设备证明或签收");
                }
                self.node(receipt.key_id, receipt.checked_at, |key| bundle.receipt.verify(key).err());
            }
            Signer::Device { .. } => self.device(bundle, receipt),
        }
        if receipt.checked_at > self.now + CLOCK_SLACK {
            self.say("RECEIPT_FUTURE", &moment(receipt.checked_at));
        }
    }

    fn device(&mut self, bundle: &Bundle, receipt: &Receipt) {
        if bundle.device.is_none() && bundle.countersignature.is_none() {
            self.say("RECEIPT_DEVICE_MISSING", "");
        }
        if let Some(certificate) = &bundle.device {
            let content = &certificate.content;
            if let Err(error) = bundle.receipt.verify(&content.key) {
                self.say("RECEIPT_FORGED", &error.to_string());
            }
            // The node signs a device certificate when its life begins.
            self.node(content.issuer, content.valid.0, |key| certificate.verify(key).err());
            if !(content.valid.0..=content.valid.1).contains(&receipt.checked_at) {
                let life = format!("{}—{}", moment(content.valid.0), moment(content.valid.1));
                self.say("RECEIPT_DEVICE_PERIOD", &life);
            }
        }
        let Some(countersignature) = &bundle.countersignature else {
            return self.say("RECEIPT_NOT_COUNTERSIGNED", "");
        };
        let content = &countersignature.content;
        let digest = bundle.receipt.digest();
        self.node(content.issuer, content.received_at, |key| countersignature.verify(&digest, key).err());
        if content.device != receipt.key_id {
            self.say("RECEIPT_MISMATCH", "签收的不是这台设备的回执");
        }
        if let Some(device) = bundle.device.as_ref().map(|device| &device.content)
            && (&device.node, &device.staff_no) != (&content.node, &content.staff_no)
        {
            self.say("RECEIPT_MISMATCH", "设备证明与签收所载的执法人员不同");
        }
        if content.received_at + CLOCK_SLACK < receipt.checked_at {
            self.say("RECEIPT_CLOCK", &moment(content.received_at));
        }
        let detail = format!("{}，第 {} 号", moment(content.received_at), content.number);
        self.say("RECEIPT_COUNTERSIGNED", &detail);
    }

    /// Is it the signature of a node that is believed, made at `at` while its certificate stood?
    fn node(
        &mut self,
        key_id: [u8; 8],
        at: i64,
        refuse: impl Fn(&gm::sm2::PublicKey) -> Option<ReceiptError>,
    ) {
        let trust = self.trust;
        let Some(certificate) = trust.nodes.iter().find(|one| one.public_key().key_id() == key_id) else {
            let id: String = key_id.iter().map(|byte| format!("{byte:02x}")).collect();
            return self.say("RECEIPT_SIGNER_UNKNOWN", &id);
        };
        if let Some(error) = refuse(certificate.public_key()) {
            return self.say("RECEIPT_FORGED", &error.to_string());
        }
        let path = match verify_chain(certificate, trust.chains, at, KeyUsage::DIGITAL_SIGNATURE) {
            Ok(path) => path,
            Err(error) => return self.say("RECEIPT_SIGNER_INVALID", &error.to_string()),
        };
        let issuer = path.get(1).copied().unwrap_or(certificate);
        self.revocation(certificate, issuer, at);
        let name = certificate
            .subject()
            .common_name()
            .map_or_else(|| certificate.subject().short_text(), str::to_owned);
        if !self.reasons.iter().any(|reason| reason.code == "RECEIPT_HOLDS") {
            self.say("RECEIPT_HOLDS", &name);
        }
    }

    fn revocation(&mut self, certificate: &Certificate, issuer: &Certificate, at: i64) {
        let lists = self.trust.crls.iter().filter(|crl| crl.issuer() == certificate.issuer());
        // A list that the issuer did not sign says nothing.
        let entry =
            lists.filter(|crl| crl.verify(issuer).is_ok()).find_map(|crl| crl.find(certificate.serial()));
        let Some(entry) = entry else { return };
        let when = moment(entry.at);
        match entry.reason {
            // Who holds a leaked key writes any time he likes.
            CrlReason::KeyCompromise | CrlReason::CaCompromise => {
                self.say("RECEIPT_SIGNER_COMPROMISED", &when)
            }
            _ if entry.at <= at => self.say("RECEIPT_SIGNER_REVOKED", &when),
            _ => {}
        }
    }
}
