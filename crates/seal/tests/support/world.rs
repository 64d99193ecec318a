//! Two provinces under one root, and strangers.

use gm::sm2::SecretKey;
use gm::x509::{Certificate, CertificateProfile, KeyUsage, Name, NameAttribute};
use gm::{KeyProvider, SigningKey, SoftwareKeys};

use super::{DAY, Files, Layer, SealSpec, Trust, document};

/// 2026-03-01 08:00 in Asia/Shanghai: when the genuine certificate was sealed.
pub const SIGNED: i64 = 1_772_323_200;
/// 2026-06-01 08:00 in Asia/Shanghai: when it is verified.
pub const NOW: i64 = 1_780_272_000;
/// 2025-01-01.
pub const START: i64 = 1_735_689_600;
/// 2035-01-01.
pub const END: i64 = 2_051_222_400;

/// Somebody with a certificate and its key.
pub struct Party {
    pub certificate: Certificate,
    pub seed: u8,
}

impl Party {
    pub fn key(&self) -> Box<dyn SigningKey> {
        key(self.seed)
    }

    pub fn der(&self) -> &[u8] {
        self.certificate.as_der()
    }
}

pub fn key(seed: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("k", SecretKey::from_bytes(&[seed; 32]).unwrap());
    keys.signing_key("k").unwrap()
}

fn name(common: &str) -> Name {
    Name::new(&[(NameAttribute::Country, "CN"), (NameAttribute::CommonName, common)]).unwrap()
}

pub struct World {
    pub root: Party,
    pub maker: Party,
    /// 演示省.
    pub signer: Party,
    /// 试验省, under the same root and in the trust data with its own scope.
    pub neighbour: Party,
    /// A sharing service, trusted for every issuer.
    pub service: Party,
    /// Certified by the trusted root, but nobody's signer.
    pub employee: Party,
    /// Certified by the trusted root, but not in the list of makers.
    pub side_maker: Party,
    pub stranger_root: Party,
    pub stranger: Party,
    pub stranger_maker: Party,
}

impl World {
    pub fn new() -> Self {
        let root = party("演示根", 1, None, true);
        let stranger_root = party("路人根", 5, None, true);
        let under = |common, seed| party(common, seed, Some(&root), false);
        Self {
            maker: under("演示制章人", 2),
            signer: under("演示省交通运输厅", 3),
            neighbour: under("试验省交通运输厅", 4),
            service: under("证照共享服务", 11),
            employee: under("某职员", 7),
            side_maker: under("另一制章人", 8),
            stranger: party("演示省交通运输厅", 6, Some(&stranger_root), false),
            stranger_maker: party("演示制章人", 9, Some(&stranger_root), false),
            stranger_root,
            root,
        }
    }

    /// A party certified by the trusted root, with changes to its certificate.
    pub fn certified(&self, common: &str, seed: u8, change: impl FnOnce(&mut CertificateProfile)) -> Party {
        let mut profile = profile(common, seed, Some(&self.root), false);
        change(&mut profile);
        Party { certificate: profile.sign(&*self.root.key()).unwrap(), seed }
    }

    /// The seal of 演示省.
    pub fn seal(&self) -> SealSpec<'_> {
        SealSpec::new(&self.maker, &[&self.signer])
    }

    /// The signature layer of 演示省.
    pub fn layer(&self) -> Layer<'_> {
        Layer::new(&self.signer, self.seal().der())
    }

    pub fn trust(&self) -> Trust {
        Trust::new(self)
    }

    /// The genuine certificate, sealed by the product's own code.
    pub fn genuine(&self) -> Files {
        document::sealed(self, &document::parts(&document::metadata()))
    }

    /// A document of other metadata, sealed by `layer`.
    pub fn sealed_by(&self, metadata: &[(&str, String)], layer: &Layer<'_>) -> Files {
        let mut files = document::unsealed(&document::parts(metadata));
        layer.apply(&mut files);
        files
    }
}

fn party(common: &str, seed: u8, issuer: Option<&Party>, is_ca: bool) -> Party {
    let profile = profile(common, seed, issuer, is_ca);
    let signing = issuer.map_or_else(|| key(seed), Party::key);
    Party { certificate: profile.sign(&*signing).unwrap(), seed }
}

fn profile(common: &str, seed: u8, issuer: Option<&Party>, is_ca: bool) -> CertificateProfile {
    let subject = name(common);
    let ca_use = KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN;
    CertificateProfile {
        issuer: issuer.map_or_else(|| subject.clone(), |issuer| issuer.certificate.subject().clone()),
        subject,
        serial: vec![1, seed],
        not_before: START,
        not_after: if is_ca { END + 365 * DAY } else { END },
        public_key: SecretKey::from_bytes(&[seed; 32]).unwrap().public_key().clone(),
        is_ca,
        path_len: None,
        key_usage: if is_ca { ca_use } else { KeyUsage::DIGITAL_SIGNATURE | KeyUsage::NON_REPUDIATION },
        extra: Vec::new(),
    }
}

/// The root's name with another key, as after a change of keys.
pub fn root_again(world: &World, seed: u8) -> Vec<u8> {
    let mut profile = profile("演示根", seed, None, true);
    profile.subject = world.root.certificate.subject().clone();
    profile.sign(&*key(seed)).unwrap().as_der().to_vec()
}

/// A certificate for a key, issued by whom the test likes.
pub fn issued_by(issuer: &Party, common: &str, seed: u8) -> Party {
    Party { certificate: profile(common, seed, Some(issuer), false).sign(&*issuer.key()).unwrap(), seed }
}

/// The bytes of a certificate with a critical extension that this product does not know and refuses to write.
pub fn with_critical_extension(world: &World, seed: u8) -> Vec<u8> {
    let plain =
        gm::x509::Extension { oid: gm::oid::INVALIDITY_DATE, critical: false, value: vec![1, 1, 0xFF] };
    let party = world.certified("演示省交通运输厅", seed, |profile| profile.extra = vec![plain]);
    let mut der = party.der().to_vec();
    let plain = [0x06, 0x03, 0x55, 0x1D, 0x18, 0x04, 0x03, 0x01, 0x01, 0xFF];
    let at = der.windows(plain.len()).position(|window| window == plain).unwrap();
    // OCTET STRING of three bytes becomes BOOLEAN TRUE and an empty OCTET STRING, of the same length.
    der[at + 5..at + 10].copy_from_slice(&[0x01, 0x01, 0xFF, 0x04, 0x00]);
    der
}
