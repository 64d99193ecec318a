//! Trust data as it travels in packs and to pages, and as it is used to judge codes (`docs/trust-format.md`).

use gm::sm2::PreparedKey;
use gm::x509::{Certificate, ChainStore, Crl, KeyUsage, RevokedEntry, verify_chain};
use model::Scope;
use serde::{Deserialize, Serialize};

/// Why trust data cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("信任清单中的{what}不可用：{cause}；请更新信任清单")]
pub struct TrustError {
    /// Which entry.
    pub what: &'static str,
    /// Why.
    pub cause: String,
}

/// Trust data as JSON: certificates and lists are Base64 of DER. Member order is part of the pack format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustData {
    /// Version of the list.
    pub version: u64,
    /// Made at, RFC 3339.
    pub issued_at: String,
    /// Roots; those in a pack are not believed.
    pub roots: Vec<String>,
    /// Certificates between roots and the others.
    pub intermediates: Vec<String>,
    /// Seal makers.
    pub makers: Vec<String>,
    /// Code keys with scope.
    pub code_keys: Vec<CodeKeyData>,
    /// Nodes that sign packs; those in a pack are not believed.
    pub nodes: Vec<NodeData>,
    /// Revocation lists.
    pub crls: Vec<String>,
    /// Signers of seals with scope.
    pub signers: Vec<SignerData>,
}

/// A code key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeKeyData {
    /// Base64 of DER.
    pub certificate: String,
    /// What it may sign for.
    pub scope: Scope,
}

/// A node that may sign packs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeData {
    /// Base64 of DER.
    pub certificate: String,
    /// Beginnings of area codes.
    pub areas: Vec<String>,
}

/// A signer of seals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerData {
    /// Base64 of DER.
    pub certificate: String,
    /// 印章标识 that it may use.
    pub seals: Vec<String>,
    /// What it may seal.
    pub scope: Scope,
}

/// Trust data, parsed and with every chain and list checked once.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    chains: ChainStore,
    keys: Vec<CodeKey>,
    nodes: Vec<(Certificate, Vec<String>)>,
    crls: Vec<Crl>,
    issued_at: String,
}

/// A code key that is ready to check many codes.
#[derive(Clone, Debug)]
pub(crate) struct CodeKey {
    pub certificate: Certificate,
    pub scope: Scope,
    pub key: std::sync::Arc<PreparedKey>,
    /// Why its chain does not hold.
    pub fault: Option<String>,
}

/// Decodes a certificate in Base64.
pub(crate) fn certificate(text: &str, what: &'static str) -> Result<Certificate, TrustError> {
    let bad = |cause: String| TrustError { what, cause };
    let der = gm::base64::decode(text).map_err(|error| bad(error.to_string()))?;
    Certificate::from_der(&der).map_err(|error| bad(error.to_string()))
}

fn certificates(list: &[String], what: &'static str) -> Result<Vec<Certificate>, TrustError> {
    list.iter().map(|one| certificate(one, what)).collect()
}

/// The lists whose signature by one of `issuers` holds; one that nobody signed is left out.
fn lists<'a>(
    data: &TrustData,
    issuers: impl Iterator<Item = &'a Certificate> + Clone,
) -> Result<Vec<Crl>, TrustError> {
    let bad = |cause: String| TrustError { what: "撤销列表", cause };
    let mut out = Vec::new();
    for text in &data.crls {
        let der = gm::base64::decode(text).map_err(|error| bad(error.to_string()))?;
        let crl = Crl::from_der(&der).map_err(|error| bad(error.to_string()))?;
        if issuers.clone().any(|issuer| crl.verify(issuer).is_ok()) {
            out.push(crl);
        }
    }
    Ok(out)
}

impl CodeKey {
    fn open(data: &CodeKeyData, chains: &ChainStore) -> Result<Self, TrustError> {
        let certificate = certificate(&data.certificate, "赋码密钥")?;
        // The chain is the same at every time; days of validity are judged apart, code by code.
        let fault =
            verify_chain(&certificate, chains, certificate.not_before(), KeyUsage::DIGITAL_SIGNATURE).err();
        Ok(Self {
            key: std::sync::Arc::new(PreparedKey::new(certificate.public_key())),
            scope: data.scope.clone(),
            fault: fault.map(|error| error.to_string()),
            certificate,
        })
    }
}

impl Trust {
    /// Parses trust data and checks its chains and lists.
    ///
    /// # Errors
    /// The first entry that does not parse. A chain that does not hold makes its key refuse, not the whole list.
    pub fn open(data: &TrustData) -> Result<Self, TrustError> {
        let chains = ChainStore {
            roots: certificates(&data.roots, "根证书")?,
            intermediates: certificates(&data.intermediates, "中间证书")?,
        };
        let node = |one: &NodeData| Ok((certificate(&one.certificate, "节点证书")?, one.areas.clone()));
        Ok(Self {
            keys: data.code_keys.iter().map(|one| CodeKey::open(one, &chains)).collect::<Result<_, _>>()?,
            nodes: data.nodes.iter().map(node).collect::<Result<_, TrustError>>()?,
            crls: lists(data, chains.roots.iter().chain(&chains.intermediates))?,
            issued_at: data.issued_at.clone(),
            chains,
        })
    }

    /// When this list was made, RFC 3339.
    pub fn issued_at(&self) -> &str {
        &self.issued_at
    }

    /// The code keys and revocation lists that a pack brings, under the roots of this trust data.
    pub(crate) fn of_pack(&self, data: &TrustData) -> Result<(Vec<CodeKey>, Vec<Crl>), TrustError> {
        let keys =
            data.code_keys.iter().map(|one| CodeKey::open(one, &self.chains)).collect::<Result<_, _>>()?;
        Ok((keys, lists(data, self.chains.roots.iter().chain(&self.chains.intermediates))?))
    }

    pub(crate) fn keys(&self) -> &[CodeKey] {
        &self.keys
    }

    pub(crate) fn crls(&self) -> &[Crl] {
        &self.crls
    }

    /// May this certificate sign packs of a province? Its chain at `at` (Unix seconds) is checked, and revocation.
    pub(crate) fn check_node(&self, signer: &Certificate, province: &str, at: i64) -> Result<(), String> {
        let entitled = |areas: &[String]| {
            areas.iter().any(|area| area == "*" || (!area.is_empty() && province.starts_with(area.as_str())))
        };
        if !self.nodes.iter().any(|(node, areas)| node == signer && entitled(areas)) {
            return Err(format!(
                "“{}”不是信任清单所载、可为“{province}”签发离线包的节点",
                signer.subject().short_text()
            ));
        }
        verify_chain(signer, &self.chains, at, KeyUsage::DIGITAL_SIGNATURE)
            .map_err(|error| error.to_string())?;
        let revoked = find(&self.crls, signer).find(|entry| leaked(entry) || entry.at <= at);
        revoked.map_or(Ok(()), |_| Err(format!("“{}”的证书已被撤销", signer.subject().short_text())))
    }
}

/// The entries of revocation lists that name a certificate.
pub(crate) fn find<'a>(
    crls: impl IntoIterator<Item = &'a Crl>,
    leaf: &Certificate,
) -> impl Iterator<Item = &'a RevokedEntry> {
    let of_issuer = crls.into_iter().filter(|crl| crl.issuer() == leaf.issuer());
    of_issuer.filter_map(|crl| crl.find(leaf.serial()))
}

/// Does whoever else holds the key write any time that he likes?
pub(crate) fn leaked(entry: &RevokedEntry) -> bool {
    use gm::x509::CrlReason::{CaCompromise, KeyCompromise};
    matches!(entry.reason, KeyCompromise | CaCompromise)
}
