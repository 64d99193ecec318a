//! Trust data as `keys export-trust` writes it, with the places where tests change it.

use std::collections::BTreeMap;

use gm::x509::{CrlProfile, CrlReason, RevokedEntry};
use seal::{TrustStore, Verifier};

use super::DAY;
use super::world::{NOW, Party, START, World};

pub const HOME: &str = "11990000MB0000000J";
pub const AWAY: &str = "11980000MB0000000E";

pub struct Trust {
    pub roots: Vec<Vec<u8>>,
    pub intermediates: Vec<Vec<u8>>,
    pub makers: Vec<Vec<u8>>,
    /// Certificate, seals, issuers, areas, kinds, valid_from, valid_to.
    pub signers: Vec<SignerEntry>,
    pub crls: Vec<Vec<u8>>,
}

pub struct SignerEntry {
    pub der: Vec<u8>,
    pub seals: String,
    pub issuers: String,
    pub areas: String,
    pub kinds: String,
    pub from: String,
    pub to: Option<String>,
}

impl SignerEntry {
    pub fn new(party: &Party, issuer: &str, area: &str) -> Self {
        let one = |text: &str| text.to_owned();
        let (seals, kinds, from) = (one("*"), one("*"), one("2019-01-01"));
        Self {
            der: party.der().to_vec(),
            seals,
            issuers: one(issuer),
            areas: one(area),
            kinds,
            from,
            to: None,
        }
    }
}

impl Trust {
    pub fn new(world: &World) -> Self {
        Self {
            roots: vec![world.root.der().to_vec()],
            intermediates: Vec::new(),
            makers: vec![world.maker.der().to_vec()],
            signers: vec![
                SignerEntry::new(&world.signer, HOME, "99"),
                SignerEntry::new(&world.neighbour, AWAY, "98"),
                SignerEntry::new(&world.service, "*", "*"),
            ],
            crls: vec![crl(world, &[], NOW - DAY)],
        }
    }

    /// Through the same parser as the files of a real trust folder.
    pub fn store(&self) -> TrustStore {
        let (index, files) = self.files();
        TrustStore::parse(&index, |name| files.get(name).cloned()).unwrap()
    }

    pub fn verifier(&self) -> Verifier {
        Verifier::new(self.store())
    }

    pub fn files(&self) -> (String, BTreeMap<String, Vec<u8>>) {
        let mut files = BTreeMap::new();
        let mut add = |folder: &str, all: Vec<&Vec<u8>>| {
            let names: Vec<String> = (0..all.len()).map(|at| format!("{folder}/{at}.cer")).collect();
            names.iter().zip(all).for_each(|(name, der)| drop(files.insert(name.clone(), der.clone())));
            format!("{names:?}")
        };
        let (roots, makers) =
            (add("roots", self.roots.iter().collect()), add("makers", self.makers.iter().collect()));
        let middle = add("middle", self.intermediates.iter().collect());
        let crls = add("crls", self.crls.iter().collect());
        add("signers", self.signers.iter().map(|signer| &signer.der).collect());
        let mut index = format!(
            "version = 7\nissued_at = \"2026-05-31T00:00:00+08:00\"\nroots = {roots}\nintermediates = {middle}\nmakers = {makers}\ncrls = {crls}\n"
        );
        for (at, signer) in self.signers.iter().enumerate() {
            index.push_str(&format!(
                "[[signers]]\ncertificate = \"signers/{at}.cer\"\nseals = [{:?}]\n[signers.scope]\nissuers = [{:?}]\n\
                 areas = [{:?}]\nkinds = [{:?}]\nvalid_from = {:?}\n",
                signer.seals, signer.issuers, signer.areas, signer.kinds, signer.from
            ));
            signer.to.iter().for_each(|to| index.push_str(&format!("valid_to = {to:?}\n")));
        }
        (index, files)
    }
}

/// A list of the trusted root, made at `made`, due a month later.
pub fn crl(world: &World, revoked: &[(&Party, i64, CrlReason)], made: i64) -> Vec<u8> {
    let entries = revoked.iter().map(|(party, at, reason)| RevokedEntry {
        serial: party.certificate.serial().to_vec(),
        at: *at,
        reason: *reason,
    });
    let profile = CrlProfile {
        issuer: world.root.certificate.subject().clone(),
        this_update: made.max(START),
        next_update: made + 30 * DAY,
        number: 1,
        entries: entries.collect(),
    };
    profile.sign(&*world.root.key()).unwrap().as_der().to_vec()
}
