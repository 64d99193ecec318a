//! The keys of a node as an administrator sees them: whose, where kept, how long good, how often used. Public parts only.

use gm::x509::{Certificate, Crl};
use serde::{Deserialize, Serialize};
use store::rows::{audit, setting, version};

use super::{KeyFolder, labels};
use crate::issue::journal::hex;
use crate::{NodeError, Province, files};

/// Where the last tally stands.
const TALLY: &str = "keys.uses";
/// Seconds of a day.
const DAY: i64 = 86_400;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The node's requests and receipts.
    Node,
    /// Checkpoints of the audit log.
    Log,
    /// Seals.
    Seal,
    /// 2D codes.
    Code,
    /// Making seals.
    Maker,
    /// Issuing certificates.
    Root,
}

impl Use {
    /// In Chinese.
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "节点",
            Self::Log => "审计日志",
            Self::Seal => "签章",
            Self::Code => "赋码",
            Self::Maker => "制章",
            Self::Root => "根证书",
        }
    }
}

/// A key with its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// What it is for.
    pub usage: Use,
    /// Label in the folder.
    pub label: String,
    /// Subject of its certificate.
    pub subject: String,
    /// Id of its public key, hex.
    pub id: String,
    /// Is the private key here? It lies in a file under the folder's passphrase.
    pub held: bool,
    /// Is it the one that signs now? Code keys rotate.
    pub current: bool,
    /// First and last second, Unix seconds.
    pub valid: (i64, i64),
    /// Since when it is revoked, Unix seconds.
    pub revoked: Option<i64>,
    /// Seals that it signs: name and whom each may speak for.
    pub seals: Vec<(String, Vec<String>)>,
}

impl KeyEntry {
    /// Whole days until the certificate is over; negative when it is.
    pub fn days_left(&self, now: i64) -> i64 {
        (self.valid.1 - now).div_euclid(DAY)
    }
}

/// How often keys were used, as of an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// When it was counted, microseconds UTC.
    pub at: i64,
    /// Versions by id of the seal's key, and by the code key.
    pub keys: Vec<(String, i64)>,
    /// Checkpoints signed.
    pub checkpoints: i64,
}

impl Uses {
    /// Of one key; `None` where it is not counted.
    pub fn of(&self, key: &KeyEntry) -> Option<i64> {
        let count = |id: &str| self.keys.iter().find(|(known, _)| known == id).map_or(0, |(_, count)| *count);
        match key.usage {
            Use::Seal | Use::Code => Some(count(&key.id)),
            Use::Log => Some(self.checkpoints),
            Use::Node | Use::Maker | Use::Root => None,
        }
    }
}

impl KeyFolder {
    /// Every key with a certificate in this folder.
    ///
    /// # Errors
    /// A public part that is missing or damaged.
    pub fn inventory(&self) -> Result<Vec<KeyEntry>, NodeError> {
        let crls = self.crls()?;
        let mut found = Vec::new();
        for label in [super::node::NODE, super::node::LOG] {
            let path = self.path.join("nodes").join(format!("{label}.cer"));
            let usage = if label == super::node::LOG { Use::Log } else { Use::Node };
            found.push(self.entry(usage, label, &Certificate::from_der(&files::read(&path)?)?, &crls));
        }
        for (group, usage) in
            [("signers", Use::Seal), ("codes", Use::Code), ("makers", Use::Maker), ("roots", Use::Root)]
        {
            for label in labels(&self.trust().join(group))? {
                found.push(self.entry(usage, &label, &self.certificate(group, &label)?, &crls));
            }
        }
        Ok(found)
    }

    fn entry(&self, usage: Use, label: &str, certificate: &Certificate, crls: &[Crl]) -> KeyEntry {
        let of_issuer = crls.iter().filter(|crl| crl.issuer() == certificate.issuer());
        let revoked = of_issuer.filter_map(|crl| crl.find(certificate.serial())).map(|one| one.at).min();
        let seals = self.index.seals.iter().filter(|seal| usage == Use::Seal && seal.signer == label);
        KeyEntry {
            usage,
            label: label.to_owned(),
            subject: certificate.subject().short_text(),
            id: hex(&certificate.public_key().key_id()),
            held: self.private(label).is_file(),
            current: usage != Use::Code || self.index.code_key == label,
            valid: (certificate.not_before(), certificate.not_after()),
            revoked,
            seals: seals.map(|seal| (seal.name.clone(), seal.scope.issuers.clone())).collect(),
        }
    }

    fn crls(&self) -> Result<Vec<Crl>, NodeError> {
        let folder = self.trust().join("crls");
        let mut paths = Vec::new();
        if folder.is_dir() {
            files::walk(&folder, &mut paths)?;
        }
        paths.iter().map(|path| Ok(Crl::from_der(&files::read(path)?)?)).collect()
    }
}

impl Province {
    /// Counts how often each key was used and keeps the result: it reads every version once, so it is done now and then.
    ///
    /// # Errors
    /// The rows.
    pub fn keys_tally(&self, now: i64) -> Result<Uses, NodeError> {
        let uses = self.store.read(|session| -> Result<_, NodeError> {
            let mut keys = version::by_key(session)?;
            keys.extend(version::by_code_key(session)?);
            Ok(Uses { at: now, keys, checkpoints: audit::count_checkpoints(session)? })
        })?;
        let text = crate::lifecycle::json(&uses)?;
        self.store.write(move |session| setting::put(session, TALLY, &text))?;
        Ok(uses)
    }

    /// The last tally; `None` before the first.
    ///
    /// # Errors
    /// The rows.
    pub fn keys_uses(&self) -> Result<Option<Uses>, NodeError> {
        let text = self.store.read(|session| setting::get(session, TALLY))?;
        text.map(|text| crate::lifecycle::parse(&text, "密钥使用次数")).transpose()
    }
}
