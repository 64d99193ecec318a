//! Receipts against trust data; nothing here needs a private key.

use gm::x509::Certificate;
use proof::receipt::{CheckedReceipt, PREFIX, ReceiptTrust};
use seal::TrustStore;

/// Is a receipt genuine, at a time (Unix seconds)? Node keys are those of the trust data's `nodes`, old ones too.
pub fn check_receipt(trust: &TrustStore, text: &str, now: i64) -> CheckedReceipt {
    let nodes: Vec<Certificate> = trust.nodes.iter().map(|node| node.certificate.clone()).collect();
    let trust = ReceiptTrust { nodes: &nodes, chains: &trust.chains, crls: &trust.crls };
    proof::receipt::check_receipt(text, &trust, now)
}

/// The receipts in a text: one a line; other lines are passed over.
pub fn receipt_texts(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| line.starts_with(PREFIX)).map(str::to_owned).collect()
}
