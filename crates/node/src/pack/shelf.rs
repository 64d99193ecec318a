//! The knowledge by which codes are judged: trust data, and the packs of other provinces.

use std::sync::{Arc, PoisonError, RwLock};

use gm::x509::Certificate;
use proof::{CodeKeyData, Knowledge, NodeData, Pack, SignerData, Trust, TrustData};
use seal::TrustStore;

use crate::NodeError;

/// Trust data and packs, shared; a pack that comes later takes its place at once.
pub struct Shelf(RwLock<Arc<Knowledge>>);

impl Shelf {
    /// Trust data without a pack.
    ///
    /// # Errors
    /// Never for trust data that was read: its parts parse.
    pub fn new(trust: &TrustStore) -> Result<Self, NodeError> {
        Self::of(&trust_data(trust))
    }

    /// The same of trust data as JSON carries it.
    ///
    /// # Errors
    /// An entry that does not parse.
    pub fn of(data: &TrustData) -> Result<Self, NodeError> {
        Ok(Self(RwLock::new(Arc::new(Knowledge::new(open(data)?)))))
    }

    /// What is known now.
    pub fn knowledge(&self) -> Arc<Knowledge> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a pack that was verified under this trust data.
    ///
    /// # Errors
    /// A code key in it that does not parse.
    pub fn admit(&self, pack: Pack) -> Result<(), NodeError> {
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut place).admit(pack).map_err(proof::PackError::from)?;
        Ok(())
    }
}

fn open(data: &TrustData) -> Result<Trust, NodeError> {
    Ok(Trust::open(data).map_err(proof::PackError::from)?)
}

/// Trust data as packs and pages carry it.
pub fn trust_data(trust: &TrustStore) -> TrustData {
    let text = |one: &Certificate| gm::base64::encode(one.as_der());
    let all = |list: &[Certificate]| list.iter().map(text).collect();
    TrustData {
        version: trust.version,
        issued_at: trust.issued_at.clone(),
        roots: all(&trust.chains.roots),
        intermediates: all(&trust.chains.intermediates),
        makers: all(&trust.makers),
        code_keys: trust
            .code_keys
            .iter()
            .map(|one| CodeKeyData { certificate: text(&one.certificate), scope: one.scope.clone() })
            .collect(),
        nodes: trust
            .nodes
            .iter()
            .map(|one| NodeData { certificate: text(&one.certificate), areas: one.areas.clone() })
            .collect(),
        crls: trust.crls.iter().map(|one| gm::base64::encode(one.as_der())).collect(),
        signers: trust
            .signers
            .iter()
            .map(|one| SignerData {
                certificate: text(&one.certificate),
                seals: one.seals.clone(),
                scope: one.scope.clone(),
            })
            .collect(),
    }
}
