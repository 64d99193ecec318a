//! Trust data (`trust/`): roots, seal makers, signers with scope, revocation lists, version and time (`domain.md`, "Who may speak").

use gm::x509::{Certificate, ChainStore, Crl};
use jiff::civil::Date;
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

/// What a signer and its seals may speak for. Empty lists allow nothing; `*` allows all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// USCCs of issuing authorities.
    pub issuers: Vec<String>,
    /// Beginnings of area codes.
    pub areas: Vec<String>,
    /// Type codes of kinds.
    pub kinds: Vec<String>,
    /// First day (ISO).
    pub valid_from: String,
    /// Last day (ISO), if the right ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
}

impl Scope {
    /// What of a certificate lies outside, in Chinese; `None` when all is inside.
    pub fn refuses(&self, issuer: &str, area: &str, kind: &str, on: Date) -> Option<String> {
        let within = |list: &[String], value: &str| list.iter().any(|one| one == "*" || one == value);
        let area_within =
            self.areas.iter().any(|one| one == "*" || (!one.is_empty() && area.starts_with(one.as_str())));
        if !within(&self.issuers, issuer) {
            return Some(format!("发证机关“{issuer}”不在印章的适用范围内"));
        }
        if !area_within {
            return Some(format!("行政区划“{area}”不在印章的适用范围内"));
        }
        if !within(&self.kinds, kind) {
            return Some(format!("证照类型“{kind}”不在印章的适用范围内"));
        }
        // A date that does not parse allows nothing.
        let began = self.valid_from.parse::<Date>().is_ok_and(|from| from <= on);
        let ended = self.valid_to.as_deref().is_some_and(|to| to.parse::<Date>().map_or(true, |to| to < on));
        (!began || ended).then(|| format!("签章日期 {on} 不在授权期限内"))
    }

    fn names_issuer(&self, issuer: &str) -> bool {
        self.issuers.iter().any(|one| one == issuer)
    }
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
    /// Certificates of code keys.
    pub code_keys: Vec<Certificate>,
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
    pub code_keys: Vec<String>,
    #[serde(default)]
    pub crls: Vec<String>,
    #[serde(default)]
    pub signers: Vec<SignerEntry>,
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
        let chains = ChainStore { roots: all(&index.roots)?, intermediates: all(&index.intermediates)? };
        Ok(Self {
            version: index.version,
            chains,
            makers: all(&index.makers)?,
            signers: index.signers.iter().map(signer).collect::<Result<_, TrustError>>()?,
            code_keys: all(&index.code_keys)?,
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
        self.signers.iter().any(|signer| signer.scope.names_issuer(issuer))
    }
}
