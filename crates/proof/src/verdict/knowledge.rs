//! What is known when a code is judged: trust data and packs, and what a register said.

use std::collections::BTreeMap;

use gm::x509::Crl;
use serde::{Deserialize, Serialize};

use crate::Standing;
use crate::pack::Pack;
use crate::trust::{CodeKey, Trust, TrustError};

/// Trust data and packs, prepared for many questions.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    trust: Trust,
    packs: BTreeMap<String, OpenPack>,
}

/// A pack with its code keys and lists, checked under the reader's own roots.
#[derive(Clone, Debug)]
struct OpenPack {
    pack: Pack,
    keys: Vec<CodeKey>,
    crls: Vec<Crl>,
}

impl Knowledge {
    /// Trust data alone.
    pub fn new(trust: Trust) -> Self {
        Self { trust, packs: BTreeMap::new() }
    }

    /// Adds a pack, in the place of an older one of its province; an older one than is held changes nothing.
    ///
    /// # Errors
    /// A code key or list in it that does not parse.
    pub fn admit(&mut self, pack: Pack) -> Result<(), TrustError> {
        if self.pack(&pack.province).is_some_and(|held| held.number > pack.number) {
            return Ok(());
        }
        let (keys, crls) = self.trust.of_pack(&pack.trust)?;
        self.packs.insert(pack.province.clone(), OpenPack { pack, keys, crls });
        Ok(())
    }

    /// Trust data.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The pack of a province (first two digits).
    pub fn pack(&self, province: &str) -> Option<&Pack> {
        self.packs.get(province).map(|open| &open.pack)
    }

    /// All packs.
    pub fn packs(&self) -> impl Iterator<Item = &Pack> {
        self.packs.values().map(|open| &open.pack)
    }

    /// Code keys for an issuer's area: the reader's own, and those of that province's pack.
    pub(super) fn keys<'a>(&'a self, area: &'a str) -> impl Iterator<Item = &'a CodeKey> {
        let of_pack = self.packs.get(province(area)).into_iter().flat_map(|open| &open.keys);
        self.trust.keys().iter().chain(of_pack)
    }

    /// Revocation lists that count for an issuer's area.
    pub(super) fn crls<'a>(&'a self, area: &'a str) -> impl Iterator<Item = &'a Crl> {
        let of_pack = self.packs.get(province(area)).into_iter().flat_map(|open| &open.crls);
        self.trust.crls().iter().chain(of_pack)
    }
}

/// First two digits of an area code.
pub(super) fn province(area: &str) -> &str {
    area.get(..2).unwrap_or_default()
}

/// What was learnt online for this one question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What a register said; `None` offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<Register>,
    /// Another checker has used this shown code within its life.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub used: bool,
}

/// A register's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Who said so: `本省登记（demo-99）`.
    pub source: String,
    /// As of when, Unix seconds.
    pub known_at: i64,
    /// What it said.
    pub said: Said,
}

/// What a register said of an identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Said {
    /// It stands so.
    Found {
        /// Standing of the certificate.
        standing: Standing,
        /// Newest printed sheet, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sheet: Option<u16>,
        /// The grant by which this code is shown was taken back, or is over.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        withdrawn: bool,
    },
    /// The register is the issuer's own, and has no such certificate.
    Missing,
    /// The register is another province's.
    NotOurs,
    /// The issuer's register did not answer; what was last known of it.
    Unreachable {
        /// Last known standing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Standing>,
    },
}
