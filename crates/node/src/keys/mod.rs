//! Key folders: demo keys made here, approved seals imported, revocation, export of trust data.
//!
//! Layout: `keys.toml` (public index), `private/<label>.pem` (PKCS#8 under a passphrase), `seals/<label>.esl`,
//! `trust/` (public trust data, `domain.md`), `nodes/` (certificates of the node and of its audit log).

mod change;
mod init;
mod inventory;
mod neighbour;
mod node;
mod rotate;

use std::path::{Path, PathBuf};

use gm::SoftwareKeys;
use gm::sm2::SecretKey;
use gm::x509::Certificate;
use proof::{CodeProvider, OwnCodes};
use seal::{KeyedSeal, Scope, SesSeal};
use serde::{Deserialize, Serialize};

use crate::{NodeError, files};

pub use change::{ImportRequest, export_trust, import, revoke};
pub use init::{InitRequest, init};
pub(crate) use init::{day, rfc3339};
pub use inventory::{KeyEntry, Use, Uses};
pub use neighbour::import_neighbour;
pub use node::NodeKeys;
pub use rotate::{CodeKeySource, add_code_key, use_code_key};

/// The public index of a key folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyIndex {
    /// Name of the authority.
    pub authority: String,
    /// Its USCC.
    pub uscc: String,
    /// Invented keys: faces carry 演示.
    pub demo: bool,
    /// Made at, RFC 3339.
    pub created_at: String,
    /// Label of the code key.
    pub code_key: String,
    /// Seals.
    pub seals: Vec<SealEntry>,
}

/// A seal in a key folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealEntry {
    /// Name, as seal policies give it.
    pub name: String,
    /// 印章标识.
    pub id: String,
    /// File below the key folder.
    pub file: String,
    /// Label of the signer: `trust/signers/<label>.cer` and `private/<label>.pem`.
    pub signer: String,
    /// What it may seal.
    pub scope: Scope,
}

/// A key folder, opened without any private key.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    path: PathBuf,
    /// Index.
    pub index: KeyIndex,
}

/// Keys opened for issuing.
pub struct SigningKeys {
    /// Seals by name, with the scope of each.
    pub seals: Vec<(SealEntry, KeyedSeal)>,
    /// Who mints the 2D code.
    pub codes: Box<dyn CodeProvider>,
    /// The code key itself: shown and printed codes are ours whoever mints the face's.
    pub code_key: Box<dyn gm::SigningKey>,
    /// Invented keys?
    pub demo: bool,
}

impl KeyFolder {
    /// Opens a folder that `init` made.
    ///
    /// # Errors
    /// No `keys.toml`, or one that does not parse.
    pub fn open(path: &Path) -> Result<Self, NodeError> {
        let file = path.join("keys.toml");
        if !file.is_file() {
            let what = format!("“{}”不是密钥目录", path.display());
            return Err(NodeError::refused(what, "请先运行 luzheng keys init，或用 --keys 指明密钥目录"));
        }
        let index = toml::from_str(&files::read_text(&file)?).map_err(|error| {
            NodeError::refused(format!("密钥目录索引 keys.toml 无法读取：{error}"), "请从备份恢复该文件")
        })?;
        Ok(Self { path: path.to_owned(), index })
    }

    /// Opens the private keys for issuing.
    ///
    /// # Errors
    /// A wrong passphrase, a missing key, a key that is not its certificate's.
    pub fn unlock(&self, passphrase: &str) -> Result<SigningKeys, NodeError> {
        let mut keys = SoftwareKeys::new();
        let mut seals = Vec::new();
        // A seal that was imported without its key serves verification; it must not keep the others from sealing.
        for entry in self.index.seals.iter().filter(|entry| self.private(&entry.signer).is_file()) {
            keys.insert(&entry.signer, self.secret(&entry.signer, passphrase)?);
            let seal = SesSeal::parse(&files::read(&self.path.join(&entry.file))?)?;
            let signer = self.certificate("signers", &entry.signer)?;
            let key = gm::KeyProvider::signing_key(&keys, &entry.signer)?;
            seals.push((entry.clone(), KeyedSeal::new(seal, signer, key)?));
        }
        let code = &self.index.code_key;
        keys.insert(code, self.secret(code, passphrase)?);
        let codes = Box::new(OwnCodes::new(gm::KeyProvider::signing_key(&keys, code)?));
        let code_key = gm::KeyProvider::signing_key(&keys, code)?;
        Ok(SigningKeys { seals, codes, code_key, demo: self.index.demo })
    }

    fn secret(&self, label: &str, passphrase: &str) -> Result<SecretKey, NodeError> {
        let path = self.private(label);
        if !path.is_file() {
            let what = format!("密钥目录“{}”没有“{label}”的私钥", self.path.display());
            return Err(NodeError::refused(what, "请用持有该私钥的密钥目录，或从备份恢复"));
        }
        let text = zeroize::Zeroizing::new(files::read_text(&path)?);
        Ok(gm::pkcs8::decrypt_pem(&text, passphrase)?)
    }

    fn private(&self, label: &str) -> PathBuf {
        self.path.join("private").join(format!("{label}.pem"))
    }

    /// The public trust data of this folder.
    pub fn trust(&self) -> PathBuf {
        self.path.join("trust")
    }

    fn certificate(&self, group: &str, label: &str) -> Result<Certificate, NodeError> {
        let path = self.trust().join(group).join(format!("{label}.cer"));
        Ok(Certificate::from_der(&files::read(&path)?)?)
    }

    /// What `keys show` prints, line by line; never a private key.
    ///
    /// # Errors
    /// A public part that is missing or damaged.
    pub fn describe(&self) -> Result<Vec<String>, NodeError> {
        let index = &self.index;
        let demo = if index.demo { "（演示密钥，不得用于真实证照）" } else { "" };
        let mut lines = vec![
            format!("机关　　{}（{}）{demo}", index.authority, index.uscc),
            format!("建立　　{}", index.created_at),
        ];
        for entry in &index.seals {
            let seal = SesSeal::parse(&files::read(&self.path.join(&entry.file))?)?;
            let can_sign = if self.private(&entry.signer).is_file() { "可签章" } else { "仅核验" };
            lines.push(format!("印章　　{}（{}，{can_sign}）", entry.name, entry.id));
            lines.push(format!("　有效期　{} 至 {}", init::day(seal.valid_from), init::day(seal.valid_to)));
            lines.push(format!("　适用机关　{}", entry.scope.issuers.join("、")));
        }
        for (group, name) in [
            ("roots", "根证书"),
            ("makers", "制章人"),
            ("signers", "签章人"),
            ("codes", "赋码密钥"),
            ("nodes", "节点"),
        ] {
            for label in labels(&self.trust().join(group))? {
                let certificate = self.certificate(group, &label)?;
                let key_id: String =
                    certificate.public_key().key_id().iter().map(|byte| format!("{byte:02x}")).collect();
                lines.push(format!(
                    "{name}　{}　密钥编号 {key_id}　有效期 {} 至 {}",
                    certificate.subject().short_text(),
                    init::day(certificate.not_before()),
                    init::day(certificate.not_after()),
                ));
            }
        }
        Ok(lines)
    }
}

fn labels(folder: &Path) -> Result<Vec<String>, NodeError> {
    let mut paths = Vec::new();
    if folder.is_dir() {
        files::walk(folder, &mut paths)?;
    }
    let stems =
        paths.iter().filter_map(|path| path.file_stem()).map(|stem| stem.to_string_lossy().into_owned());
    Ok(stems.collect())
}

impl SigningKeys {
    /// The seal of that name.
    pub fn seal(&self, name: &str) -> Option<&(SealEntry, KeyedSeal)> {
        self.seals.iter().find(|(entry, _)| entry.name == name)
    }
}

impl KeyFolder {
    /// Makes sure the catalogue knows the folder's own authority: its records may be issued under its own seal.
    ///
    /// # Errors
    /// An index whose USCC is none.
    pub fn introduce(&self, catalogue: &mut catalogue::Catalogue) -> Result<(), NodeError> {
        let uscc = codes::Uscc::parse(&self.index.uscc)
            .map_err(|error| NodeError::refused(error.to_string(), "请从备份恢复 keys.toml"))?;
        let area = uscc.area();
        catalogue.authorities.add(catalogue::Authority {
            uscc,
            name: self.index.authority.clone(),
            area,
            level: String::new(),
            valid_from: jiff::civil::Date::MIN,
            valid_to: None,
        });
        Ok(())
    }
}
