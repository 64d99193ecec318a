//! The systems to which a serving node hands 2D codes that are not ours.

use std::time::Duration;

use link::http::{Client, ReceiptKey, Sources, Timeouts};
use link::sign::VerifyingKey;
use node::client::read_certificate;
use node::keys::NodeKeys;
use node::verify::{Connectors, HttpConnector};

use crate::cli::Failure;
use crate::config::{Config, Foreign};
use crate::{machine, workers};

/// Those of the configuration.
///
/// # Errors
/// An address that is none, a certificate that cannot be read.
pub fn of(config: &Config, keys: &NodeKeys) -> Result<Connectors, Failure> {
    let mut connectors = Connectors::new(Box::new(machine::micros));
    for one in &config.connectors {
        let way = HttpConnector::new(client(&config.node.id, keys, one)?, one.path.clone());
        let max_age = i64::from(one.max_age_hours) * 3600;
        connectors.add(&one.name, one.prefixes.clone(), max_age, Box::new(way));
    }
    Ok(connectors)
}

fn client(node: &str, keys: &NodeKeys, one: &Foreign) -> Result<Client, Failure> {
    let refused = |why: String| Failure(format!("外部系统“{}”的配置不可用：{why}", one.name));
    let limit = Duration::from_millis(one.timeout_ms);
    let timeouts = Timeouts { connect: limit, read: limit };
    let receipts = match &one.certificate {
        None => None,
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|error| {
                refused(format!("读不到证书“{}”：{}", path.display(), node::cause(&error)))
            })?;
            let certificate = read_certificate(&bytes).map_err(|error| refused(error.to_string()))?;
            let key = VerifyingKey::Sm2(certificate.public_key().clone());
            Some(ReceiptKey { id: one.peer.clone(), key })
        }
    };
    let signer = workers::signer(node, keys, &one.peer).map_err(|error| refused(error.to_string()))?;
    let sources = Sources { now: Box::new(machine::now), random: Box::new(machine::sixteen) };
    Client::new(&one.address, signer, timeouts, sources, receipts).map_err(|error| refused(error.to_string()))
}
