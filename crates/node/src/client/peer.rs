//! `peer add|list|disable`: other nodes and their certificates.

use gm::x509::{Certificate, ChainStore, KeyUsage, verify_chain};
use serde::{Deserialize, Serialize};
use store::rows::client::{self, PeerRow};

use super::change::taken;
use super::{ACTIVE, DISABLED, Right, act, check_id, check_operator, rights};
use crate::audit::Actor;
use crate::issue::journal::hex;
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

/// What another node is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A province: delivers its certificates, answers for them.
    Province,
    /// The ministry: asks, compares, witnesses.
    Ministry,
}

impl Role {
    /// As it stands in the row.
    pub fn name(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Ministry => "ministry",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Province, Self::Ministry].into_iter().find(|role| role.name() == name)
    }

    /// What a node of this role may do unless told otherwise.
    pub fn usual_rights(self) -> Vec<Right> {
        let acts: &[&str] = match self {
            Self::Province => &["collect.deliver", "reconcile.read", "audit.witness", "verify.read"],
            Self::Ministry => &["verify.read", "reconcile.read", "audit.read", "audit.witness"],
        };
        let all = || vec!["*".to_owned()];
        acts.iter().map(|act| Right { act: (*act).to_owned(), areas: all(), kinds: all() }).collect()
    }
}

/// A node that is to be enrolled.
#[derive(Clone, Debug)]
pub struct NewPeer {
    /// Id of its certificate; the key id of its public key (16 hex digits), which both sides can work out, where absent.
    pub id: Option<String>,
    /// What it is to us.
    pub role: Role,
    /// For people.
    pub name: String,
    /// `http://host:port`, or empty for one that only calls.
    pub address: String,
    /// Its certificate, DER or PEM.
    pub certificate: Vec<u8>,
    /// USCCs of the authorities that it speaks for.
    pub issuers: Vec<String>,
    /// What it may do; the usual rights of its role where absent.
    pub rights: Option<Vec<Right>>,
}

/// A peer as it stands.
#[derive(Clone, Debug)]
pub struct PeerEntry {
    /// Id of its certificate.
    pub id: String,
    /// What it is to us.
    pub role: Role,
    /// For people.
    pub name: String,
    /// Where it listens.
    pub address: String,
    /// Its certificate.
    pub certificate: Certificate,
    /// Certificate of its audit log's key, where it was enrolled: without one there is no witnessing.
    pub log_certificate: Option<Certificate>,
    /// Whom it speaks for.
    pub issuers: Vec<String>,
    /// What it may do.
    pub rights: Vec<Right>,
    /// May it speak?
    pub active: bool,
}

/// Does a node with these `issuers` speak for the issuer of this USCC? How closely the entry fits that says so: the whole USCC
/// closest, then the longest area prefix.
pub fn speaks_for(issuers: &[String], uscc: &str) -> Option<usize> {
    // Characters 3 to 8 of a USCC are the area of registration (GB 32100).
    let area = uscc.get(2..8).unwrap_or_default();
    let covers = |entry: &&String| {
        *entry == uscc || (entry.len() <= 6 && !entry.is_empty() && area.starts_with(entry.as_str()))
    };
    issuers.iter().filter(covers).map(String::len).max()
}

impl Province {
    /// `peer add`: enrols the node certificate of another node. `roots` are the trusted ones (trust data).
    ///
    /// # Errors
    /// A certificate that does not parse, leads to no trusted root or may not sign; a malformed id, an id that is taken.
    pub fn peer_add(
        &self,
        new: NewPeer,
        roots: &ChainStore,
        operator: &Actor,
        now: i64,
    ) -> Result<String, NodeError> {
        check_operator(operator)?;
        let certificate = read_certificate(&new.certificate)?;
        let second = now.div_euclid(1_000_000);
        verify_chain(&certificate, roots, second, KeyUsage::DIGITAL_SIGNATURE)
            .map_err(|error| NodeError::refused(error.to_string(), "节点证书须由受信任的根签发"))?;
        let id = new.id.unwrap_or_else(|| hex(&certificate.public_key().key_id()));
        check_id(&id)?;
        let rights = new.rights.unwrap_or_else(|| new.role.usual_rights());
        rights::check(&rights)?;
        let row = PeerRow {
            id: id.clone(),
            role: new.role.name().to_owned(),
            name: new.name,
            address: new.address,
            certificate: gm::base64::encode(certificate.as_der()),
            log_certificate: None,
            issuers: json(&new.issuers)?,
            rights: json(&rights)?,
            state: ACTIVE.to_owned(),
            created_at: now,
            updated_at: now,
        };
        let digest = hex(&gm::sm3::sm3(certificate.as_der()));
        let detail = [
            ("name", row.name.as_str()),
            ("role", &row.role),
            ("certificate_sm3", &digest),
            ("issuers", &row.issuers),
        ];
        let act = act("peer.add", &id, operator, now, &detail);
        let added = self.change_speaker("节点", act, now, move |session| {
            client::insert_peer(session, &row).map(|()| true)
        });
        added.map_err(|error| taken(error, &id))?;
        Ok(id)
    }

    /// `peer log`: enrols the certificate of another node's audit log: its checkpoints are witnessed here, or ours there.
    ///
    /// # Errors
    /// As [`Province::peer_add`]; no such peer.
    pub fn peer_log(
        &self,
        id: &str,
        certificate: &[u8],
        roots: &ChainStore,
        operator: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        check_operator(operator)?;
        let certificate = read_certificate(certificate)?;
        verify_chain(&certificate, roots, now.div_euclid(1_000_000), KeyUsage::DIGITAL_SIGNATURE)
            .map_err(|error| NodeError::refused(error.to_string(), "日志证书须由受信任的根签发"))?;
        let digest = hex(&gm::sm3::sm3(certificate.as_der()));
        let act = act("peer.log", id, operator, now, &[("certificate_sm3", &digest)]);
        let (id, der) = (id.to_owned(), gm::base64::encode(certificate.as_der()));
        self.change_speaker("节点", act, now, move |session| client::set_peer_log(session, &id, &der, now))
    }

    /// `peer list`.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn peer_list(&self) -> Result<Vec<PeerEntry>, NodeError> {
        self.store.read(client::peers)?.into_iter().map(entry).collect()
    }

    /// `peer disable`.
    ///
    /// # Errors
    /// No such peer, no operator.
    pub fn peer_disable(&self, id: &str, operator: &Actor, now: i64) -> Result<(), NodeError> {
        check_operator(operator)?;
        let act = act("peer.disable", id, operator, now, &[]);
        let id = id.to_owned();
        self.change_speaker("节点", act, now, move |session| {
            client::set_peer_state(session, &id, DISABLED, now)
        })
    }
}

pub(super) fn entry(row: PeerRow) -> Result<PeerEntry, NodeError> {
    let damaged = || NodeError::refused(format!("节点“{}”的登记已损坏", row.id), "请停用后重新登记该节点");
    let read = |text: &String| -> Result<Certificate, NodeError> {
        Ok(Certificate::from_der(&gm::base64::decode(text).map_err(|_| damaged())?)?)
    };
    Ok(PeerEntry {
        log_certificate: row.log_certificate.as_ref().map(read).transpose()?,
        role: Role::parse(&row.role).ok_or_else(damaged)?,
        certificate: read(&row.certificate)?,
        issuers: parse(&row.issuers, "节点发证机关")?,
        rights: parse(&row.rights, "节点权限")?,
        active: row.state == ACTIVE,
        id: row.id,
        name: row.name,
        address: row.address,
    })
}

/// A certificate as people hand it over: DER or PEM.
///
/// # Errors
/// Bytes that are no certificate.
pub fn read_certificate(bytes: &[u8]) -> Result<Certificate, NodeError> {
    let der = match std::str::from_utf8(bytes) {
        Ok(text) if text.trim_start().starts_with("-----BEGIN") => gm::pem::decode("CERTIFICATE", text)?,
        _ => bytes.to_vec(),
    };
    Ok(Certificate::from_der(&der)?)
}
