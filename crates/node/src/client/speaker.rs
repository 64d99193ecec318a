//! Everybody who may speak, with opened keys: what the face of the node keeps in memory.

use std::collections::HashMap;
use std::sync::Arc;

use gm::sm2::PreparedKey;
use link::sign::{HmacKey, VerifyingKey};
use store::rows::client::{self, ClientRow};

use super::{ACTIVE, Right, Role};
use crate::issue::journal::parse_hex;
use crate::lifecycle::parse;
use crate::{NodeError, Province};

/// One who may speak.
#[derive(Debug)]
pub struct Speaker {
    /// Key id.
    pub id: String,
    /// The source of an API client; `None` for a node.
    pub source: Option<String>,
    /// The role of a node; `None` for an API client.
    pub role: Option<Role>,
    /// USCCs for which a node speaks.
    pub issuers: Vec<String>,
    /// What it may do.
    pub rights: Vec<Right>,
    /// Its key.
    pub key: VerifyingKey,
    /// First and last second in which the key may be used, Unix seconds.
    pub valid: (i64, i64),
}

/// All speakers as of one version of the tables.
#[derive(Debug, Default)]
pub struct Speakers {
    /// Version of the tables.
    pub version: i64,
    /// By key id.
    pub by_id: HashMap<String, Arc<Speaker>>,
}

impl Province {
    /// Everybody who may speak, if that has changed since `known`. A row that cannot be read is left out, for it must not
    /// silence the others; its caller is told that the key is unknown, and `doctor` names the row.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn speakers(&self, known: Option<i64>) -> Result<Option<Speakers>, NodeError> {
        self.store.read(|session| {
            // Before the rows: a change in between is then seen as one more version.
            let version = client::version(session)?;
            if known == Some(version) {
                return Ok(None);
            }
            let clients = client::clients(session)?;
            let mut by_id = HashMap::new();
            for row in clients.into_iter().filter(|row| row.state == ACTIVE) {
                if let Ok(speaker) = self.client_speaker(&row) {
                    by_id.insert(row.id, Arc::new(speaker));
                }
            }
            let peers = client::peers(session)?.into_iter().filter(|row| row.state == ACTIVE);
            for peer in peers.filter_map(|row| super::peer::entry(row).ok()) {
                by_id.insert(peer.id.clone(), Arc::new(node_speaker(peer)));
            }
            Ok(Some(Speakers { version, by_id }))
        })
    }

    /// Clients and peers whose rows cannot be read, each with why; `doctor` names them, for they cannot speak.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn damaged_speakers(&self) -> Result<Vec<String>, NodeError> {
        let (clients, peers) = self.store.read(|session| -> Result<_, NodeError> {
            Ok((client::clients(session)?, client::peers(session)?))
        })?;
        let of_clients = clients.iter().filter(|row| row.state == ACTIVE).filter_map(|row| {
            let error = self.client_speaker(row).err()?;
            Some(format!("客户端“{}”（{}）：{error}", row.id, row.name))
        });
        let mut damaged: Vec<String> = of_clients.collect();
        damaged.extend(peers.into_iter().filter(|row| row.state == ACTIVE).filter_map(|row| {
            let name = format!("节点“{}”（{}）", row.id, row.name);
            super::peer::entry(row).err().map(|error| format!("{name}：{error}"))
        }));
        Ok(damaged)
    }

    fn client_speaker(&self, row: &ClientRow) -> Result<Speaker, NodeError> {
        let damaged = || NodeError::refused("客户端密钥已损坏", "请用 client rotate 重新生成");
        let secret = self.personal.open(&ClientRow::place(&row.id), &row.secret_sealed)?;
        let secret = zeroize::Zeroizing::new(parse_hex(&secret).ok_or_else(damaged)?);
        Ok(Speaker {
            id: row.id.clone(),
            source: Some(row.source.clone()),
            role: None,
            issuers: Vec::new(),
            rights: parse(&row.rights, "客户端权限")?,
            key: VerifyingKey::Hmac(HmacKey::new(&secret[..]).map_err(|_| damaged())?),
            valid: (i64::MIN, i64::MAX),
        })
    }
}

fn node_speaker(peer: super::PeerEntry) -> Speaker {
    let certificate = &peer.certificate;
    Speaker {
        source: None,
        role: Some(peer.role),
        key: VerifyingKey::PreparedSm2(Box::new(PreparedKey::new(certificate.public_key()))),
        valid: (certificate.not_before(), certificate.not_after()),
        id: peer.id,
        issuers: peer.issuers,
        rights: peer.rights,
    }
}
