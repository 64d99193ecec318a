//! Trust data (`trust/`): roots, seal makers, signers with scope, revocation lists, version and time (`domain.md`, "Who may speak").

use gm::x509::{Certificate, ChainStore, Crl};
use jiff::civil::Date;
use model::{Outside, Scope};
use serde::{Deserialize, Serialize};

/// Why trust data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// `trust.toml` does not parse.
    #[error("信任清单 trust.toml 无法读取：{0}；请重新导出信任清单")]
    Index(String),
    /// A file that the index names is not there.
    #[error("信任清单缺少文件“{0}”；请重新导出信任清单")]
    Missing(String),
    /// A file is not what the index says.
    #[error("信任清单中的“{file}”不可用：{cause}")]
    File {
        /// Path below `trust/`.
        file: String,
        /// What is wrong.
        cause: String,
    },
}

/// A signer that is trusted, with its scope and its seals.
#[derive(Clone, Debug, PartialEq)]
pub struct SignerTrust {
    /// Its certificate.
    pub certificate: Certificate,
    /// Ids of the seals that it may use; `*` is any that lists it.
    pub seals: Vec<String>,
    /// What it may speak for.
    pub scope: Scope,
}

/// A key that may sign 2D codes, with what it may sign for.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeKeyTrust {
    /// Its certificate.
    pub certificate: Certificate,
    /// What it may sign for.
    pub scope: Scope,
}

/// A node that may sign offline packs.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeTrust {
    /// Its certificate.
    pub certificate: Certificate,
    /// Beginnings of the area codes that it may speak for.
    pub areas: Vec<String>,
}

/// What of a certificate lies outside a signer's scope, in Chinese; `None` when all is inside.
pub fn refuses(scope: &Scope, issuer: &str, area: &str, kind: &str, on: Date) -> Option<String> {
    Some(match scope.outside(issuer, area, kind, on, on)? {
        Outside::Issuer => format!("发证机关“{issuer}”不在印章的适用范围内"),
        Outside::Area => format!("行政区划“{area}”不在印章的适用范围内"),
        Outside::Kind => format!("证照类型“{kind}”不在印章的适用范围内"),
        Outside::Days => format!("签章日期 {on} 不在授权期限内"),
    })
}

/// All trust data of one version.
#[derive(Clone, Debug)]
pub struct TrustStore {
    /// Version of the list.
    pub version: u64,
    /// Made at, RFC 3339.
    pub issued_at: String,
    /// Roots (intermediates of the list go beside them).
    pub chains: ChainStore,
    /// Seal makers.
    pub makers: Vec<Certificate>,
    /// Signers with scope.
    pub signers: Vec<SignerTrust>,
    /// Code keys with scope.
    pub code_keys: Vec<CodeKeyTrust>,
    /// Nodes whose packs are believed.
    pub nodes: Vec<NodeTrust>,
    /// Revocation lists.
    pub crls: Vec<Crl>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Index {
    pub version: u64,
    pub issued_at: String,
    #[serde(default)]
    pub note: String,
    pub roots: Vec<String>,
    #[serde(default)]
    pub intermediates: Vec<String>,
    pub makers: Vec<String>,
    #[serde(default)]
    pub crls: Vec<String>,
    #[serde(default)]
    pub code_keys: Vec<CodeKeyEntry>,
    #[serde(default)]
    pub nodes: Vec<NodeEntry>,
    #[serde(default)]
    pub signers: Vec<SignerEntry>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeKeyEntry {
    pub certificate: String,
    pub scope: Scope,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeEntry {
    pub certificate: String,
    pub areas: Vec<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignerEntry {
    pub certificate: String,
    pub seals: Vec<String>,
    pub scope: Scope,
}

impl TrustStore {
    /// Trusts nobody: every seal is then unknown.
    pub fn empty() -> Self {
        Self {
            version: 0,
            issued_at: String::new(),
            chains: ChainStore::default(),
            makers: Vec::new(),
            signers: Vec::new(),
            code_keys: Vec::new(),
            nodes: Vec::new(),
            crls: Vec::new(),
        }
    }

    /// Reads trust data: the text of `trust.toml`, and a way to get the files that it names (paths below `trust/`).
    ///
    /// # Errors
    /// The first file that is missing or does not parse.
    pub fn parse(index: &str, read: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Self, TrustError> {
        let index: Index = toml::from_str(index).map_err(|error| TrustError::Index(error.to_string()))?;
        let bytes = |file: &str| read(file).ok_or_else(|| TrustError::Missing(file.to_owned()));
        let bad = |file: &str, cause: String| TrustError::File { file: file.to_owned(), cause };
        let certificate = |file: &String| {
            Certificate::from_der(&bytes(file)?).map_err(|error| bad(file, error.to_string()))
        };
        let all = |files: &[String]| files.iter().map(certificate).collect::<Result<Vec<_>, _>>();
        let crl = |file: &String| Crl::from_der(&bytes(file)?).map_err(|error| bad(file, error.to_string()));
        let signer = |entry: &SignerEntry| {
            Ok(SignerTrust {
                certificate: certificate(&entry.certificate)?,
                seals: entry.seals.clone(),
                scope: entry.scope.clone(),
            })
        };
        let code_key = |entry: &CodeKeyEntry| {
            Ok(CodeKeyTrust { certificate: certificate(&entry.certificate)?, scope: entry.scope.clone() })
        };
        let node = |entry: &NodeEntry| {
            Ok(NodeTrust { certificate: certificate(&entry.certificate)?, areas: entry.areas.clone() })
        };
        let chains = ChainStore { roots: all(&index.roots)?, intermediates: all(&index.intermediates)? };
        Ok(Self {
            version: index.version,
            chains,
            makers: all(&index.makers)?,
            signers: index.signers.iter().map(signer).collect::<Result<_, TrustError>>()?,
            code_keys: index.code_keys.iter().map(code_key).collect::<Result<_, TrustError>>()?,
            nodes: index.nodes.iter().map(node).collect::<Result<_, TrustError>>()?,
            crls: index.crls.iter().map(crl).collect::<Result<_, _>>()?,
            issued_at: index.issued_at,
        })
    }

    /// The trusted entries of a signer's certificate: one for each right that it was given.
    pub fn signer<'t>(&'t self, certificate: &Certificate) -> impl Iterator<Item = &'t SignerTrust> {
        self.signers.iter().filter(move |signer| signer.certificate == *certificate)
    }

    /// Does the list know, by name, who signs for this issuer? Then anybody else is an impostor, not merely unknown.
    pub fn knows_issuer(&self, issuer: &str) -> bool {
        self.signers.iter().any(|signer| signer.scope.issuers.iter().any(|one| one == issuer))
    }
}
