//! `keys init`: demo keys. A real province imports its approved seal; this program mints no real organ's seal.

use std::path::Path;

use catalogue::Catalogue;
use codes::Uscc;
use face::{Fonts, StampText, round_stamp};
use gm::RngSource;
use gm::pkcs8::{Protection, encrypt_pem};
use gm::sm2::SecretKey;
use gm::x509::{Certificate, CertificateProfile, CrlProfile, KeyUsage, Name, NameAttribute};
use seal::{Scope, SealDraft, SealPicture, SesSeal};

use super::{KeyFolder, KeyIndex, SealEntry};
use crate::{NodeError, files};

const YEAR: i64 = 365 * 86_400;
/// The national name of the seal (L5.4).
const SEAL_NAME: &str = "道路运输电子证照专用章";

/// What `keys init` needs.
pub struct InitRequest<'a> {
    /// New folder.
    pub dir: &'a Path,
    /// Authority's name.
    pub authority: &'a str,
    /// Authority's USCC.
    pub uscc: &'a str,
    /// Protects the private keys.
    pub passphrase: &'a str,
    /// Now, Unix seconds.
    pub now: i64,
    /// Existing root (folder of another authority and its passphrase): the new keys come under it.
    pub under: Option<(&'a KeyFolder, &'a str)>,
}

/// Makes a demo root, seal maker, signer, code key and a round seal.
///
/// # Errors
/// A folder that holds keys already, a USCC that is none, a weak passphrase, a disk that fails.
pub fn init(
    request: &InitRequest<'_>,
    catalogue: &Catalogue,
    fonts: &Fonts,
    rng: &mut dyn RngSource,
) -> Result<KeyFolder, NodeError> {
    check(request)?;
    let uscc =
        Uscc::parse(request.uscc).map_err(|error| NodeError::refused(error.to_string(), "请核对 --uscc"))?;
    let root = root_of(request, rng)?;
    let (maker_key, maker) = leaf(request, &root, "演示制章人", rng)?;
    let (signer_key, signer) = leaf(request, &root, &format!("{}（演示签章）", request.authority), rng)?;
    let (code_key, code) = leaf(request, &root, &format!("{}（演示赋码）", request.authority), rng)?;
    let seal = make_seal(request, &maker_key, &maker, &signer, fonts)?;
    let scope = scope_of(&uscc, catalogue);
    let index = KeyIndex {
        authority: request.authority.to_owned(),
        uscc: request.uscc.to_owned(),
        demo: true,
        created_at: rfc3339(request.now),
        code_key: "code".into(),
        seals: vec![SealEntry {
            name: SEAL_NAME.into(),
            id: seal.id.clone(),
            file: "seals/seal.esl".into(),
            signer: "signer".into(),
            scope: scope.clone(),
        }],
    };
    let folder = KeyFolder { path: request.dir.to_owned(), index };
    let crl = CrlProfile {
        issuer: root.certificate.subject().clone(),
        this_update: request.now - 60,
        // Demo data has nobody who would renew it daily.
        next_update: request.now + 10 * YEAR,
        number: 1,
        entries: Vec::new(),
    };
    let crl = match &request.under {
        Some((other, _)) => files::read(&other.trust().join("crls/root.crl"))?,
        None => crl.sign(&*root.signer()?)?.as_der().to_vec(),
    };
    let trust = TrustIndex { version: 1, scope: &scope, seal_id: &seal.id, now: request.now };
    let write = |name: &str, bytes: &[u8]| place(request.dir, name, bytes, 0o644);
    let secret = |label: &str, key: &SecretKey, rng: &mut dyn RngSource| {
        let pem = encrypt_pem(key, request.passphrase, Protection::default(), rng)?;
        place(request.dir, &format!("private/{label}.pem"), pem.as_bytes(), 0o600)
    };
    if let Some(key) = &root.key {
        secret("root", key, rng)?;
    }
    secret("maker", &maker_key, rng)?;
    secret("signer", &signer_key, rng)?;
    secret("code", &code_key, rng)?;
    let identity = |name: &str, rng: &mut dyn RngSource| {
        leaf(request, &root, &format!("{}（演示{name}）", request.authority), rng)
    };
    for (label, name) in [(super::node::NODE, "节点"), (super::node::LOG, "审计日志")] {
        let (key, certificate) = identity(name, rng)?;
        secret(label, &key, rng)?;
        write(&format!("nodes/{label}.cer"), certificate.as_der())?;
        if label == super::node::NODE {
            write("trust/nodes/node.cer", certificate.as_der())?;
        }
    }
    secret(super::node::DATA, &SecretKey::generate(rng), rng)?;
    write("seals/seal.esl", &seal.der)?;
    write("trust/roots/root.cer", root.certificate.as_der())?;
    write("trust/makers/maker.cer", maker.as_der())?;
    write("trust/signers/signer.cer", signer.as_der())?;
    write("trust/codes/code.cer", code.as_der())?;
    write("trust/crls/root.crl", &crl)?;
    write("trust/trust.toml", trust.text().as_bytes())?;
    // The index comes last: a folder without it is no key folder, so an interrupted init can be run again.
    let text = toml::to_string_pretty(&folder.index)
        .map_err(|error| NodeError::refused(format!("索引无法写出：{error}"), "请报告此问题"))?;
    write("keys.toml", text.as_bytes())?;
    files::sync(request.dir)?;
    Ok(folder)
}

fn check(request: &InitRequest<'_>) -> Result<(), NodeError> {
    if request.dir.join("keys.toml").exists() {
        let what = format!("“{}”已有密钥，不会覆盖", request.dir.display());
        return Err(NodeError::refused(what, "请换一个目录，或先把旧密钥移走并妥善保管"));
    }
    if request.passphrase.chars().count() < 8 {
        return Err(NodeError::refused("口令不足 8 个字符", "请换用更长的口令"));
    }
    if request.authority.trim().is_empty() || request.authority.chars().count() > 40 {
        return Err(NodeError::refused("机关名称为空或超过 40 个字", "请核对 --authority"));
    }
    Ok(())
}

/// The root that signs: of our own, or another folder's.
pub(super) struct Root {
    pub(super) certificate: Certificate,
    pub(super) key: Option<SecretKey>,
    pub(super) borrowed: Option<SecretKey>,
}

impl Root {
    fn signer(&self) -> Result<Box<dyn gm::SigningKey>, NodeError> {
        let key = self.key.as_ref().or(self.borrowed.as_ref());
        let key = key.ok_or_else(|| NodeError::refused("没有根密钥", "请核对密钥目录"))?;
        let mut keys = gm::SoftwareKeys::new();
        keys.insert("root", SecretKey::from_bytes(&key.to_bytes())?);
        Ok(gm::KeyProvider::signing_key(&keys, "root")?)
    }
}

fn root_of(request: &InitRequest<'_>, rng: &mut dyn RngSource) -> Result<Root, NodeError> {
    if let Some((folder, passphrase)) = &request.under {
        let certificate = folder.certificate("roots", "root")?;
        return Ok(Root { certificate, key: None, borrowed: Some(folder.secret("root", passphrase)?) });
    }
    let key = SecretKey::generate(rng);
    let name = name("演示根（仅供演示，非真实机构）", "演示")?;
    let profile = CertificateProfile {
        subject: name.clone(),
        issuer: name,
        serial: serial(rng),
        not_before: request.now - 86_400,
        not_after: request.now + 20 * YEAR,
        public_key: key.public_key().clone(),
        is_ca: true,
        // Some readers count the leaf against a path length; the root signs only leaves all the same.
        path_len: None,
        key_usage: KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN,
        extra: Vec::new(),
    };
    let mut keys = gm::SoftwareKeys::new();
    keys.insert("root", SecretKey::from_bytes(&key.to_bytes())?);
    let certificate = profile.sign(&*gm::KeyProvider::signing_key(&keys, "root")?)?;
    Ok(Root { certificate, key: Some(key), borrowed: None })
}

pub(super) fn leaf(
    request: &InitRequest<'_>,
    root: &Root,
    common_name: &str,
    rng: &mut dyn RngSource,
) -> Result<(SecretKey, Certificate), NodeError> {
    let key = SecretKey::generate(rng);
    let profile = CertificateProfile {
        subject: name(common_name, request.authority)?,
        issuer: root.certificate.subject().clone(),
        serial: serial(rng),
        not_before: request.now - 86_400,
        not_after: request.now + 10 * YEAR,
        public_key: key.public_key().clone(),
        is_ca: false,
        path_len: None,
        key_usage: KeyUsage::DIGITAL_SIGNATURE | KeyUsage::NON_REPUDIATION,
        extra: Vec::new(),
    };
    let certificate = profile.sign(&*root.signer()?)?;
    Ok((key, certificate))
}

fn name(common_name: &str, organisation: &str) -> Result<Name, NodeError> {
    use NameAttribute::{CommonName, Country, Organization};
    Ok(Name::new(&[(Country, "CN"), (Organization, organisation), (CommonName, common_name)])?)
}

fn serial(rng: &mut dyn RngSource) -> Vec<u8> {
    let mut serial = [0u8; 12];
    rng.fill(&mut serial);
    // Positive and without a leading zero.
    serial[0] = serial[0] & 0x3F | 0x40;
    serial.to_vec()
}

fn make_seal(
    request: &InitRequest<'_>,
    maker_key: &SecretKey,
    maker: &Certificate,
    signer: &Certificate,
    fonts: &Fonts,
) -> Result<SesSeal, NodeError> {
    let text = StampText { authority: request.authority, name: SEAL_NAME, mark: "演示" };
    let data = round_stamp(&text, fonts)?;
    let picture = SealPicture { format: "PNG".into(), data, width: face::STAMP_MM, height: face::STAMP_MM };
    let digits: String = signer.public_key().key_id()[..4].iter().map(|byte| format!("{byte:02X}")).collect();
    let id = format!("{}{digits}", request.uscc);
    let draft = SealDraft {
        id: &id,
        vendor: "luzheng-demo",
        name: &format!("{SEAL_NAME}（演示）"),
        signers: &[signer.as_der().to_vec()],
        created: request.now - 3_600,
        valid_from: request.now - 86_400,
        valid_to: request.now + 10 * YEAR,
        picture: &picture,
    };
    let mut keys = gm::SoftwareKeys::new();
    keys.insert("maker", SecretKey::from_bytes(&maker_key.to_bytes())?);
    Ok(SesSeal::make(&draft, maker, &*gm::KeyProvider::signing_key(&keys, "maker")?)?)
}

/// A provincial seal speaks for all authorities of its province that the directory lists, and for itself.
fn scope_of(uscc: &Uscc, catalogue: &Catalogue) -> Scope {
    let province = &uscc.as_str()[2..4];
    let listed = catalogue.authorities.iter().filter(|one| one.area.as_str().starts_with(province));
    let mut issuers: Vec<String> = listed.map(|one| one.uscc.as_str().to_owned()).collect();
    if !issuers.iter().any(|one| one == uscc.as_str()) {
        issuers.insert(0, uscc.as_str().to_owned());
    }
    Scope {
        issuers,
        areas: vec![province.to_owned()],
        kinds: vec!["*".into()],
        valid_from: "2019-01-01".into(),
        valid_to: None,
    }
}

struct TrustIndex<'a> {
    version: u64,
    scope: &'a Scope,
    seal_id: &'a str,
    now: i64,
}

impl TrustIndex<'_> {
    fn text(&self) -> String {
        let list =
            |items: &[String]| items.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", ");
        let areas = list(&self.scope.areas);
        // The code key signs for the same certificates as the seal.
        let scope = format!(
            "issuers = [{}]\nareas = [{areas}]\nkinds = [{}]\nvalid_from = \"{}\"\n",
            list(&self.scope.issuers),
            list(&self.scope.kinds),
            self.scope.valid_from,
        );
        format!(
            "# 信任清单：根证书、制章人、签章人和赋码密钥及其适用范围、节点、撤销列表。格式见 docs/trust-format.md\n\
             version = {}\nissued_at = \"{}\"\nnote = \"演示\"\nroots = [\"roots/root.cer\"]\n\
             makers = [\"makers/maker.cer\"]\ncrls = [\"crls/root.crl\"]\n\n\
             [[code_keys]]\ncertificate = \"codes/code.cer\"\n\n[code_keys.scope]\n{scope}\n\
             [[nodes]]\ncertificate = \"nodes/node.cer\"\nareas = [{areas}]\n\n\
             [[signers]]\ncertificate = \"signers/signer.cer\"\nseals = [\"{}\"]\n\n\
             [signers.scope]\n{scope}",
            self.version,
            rfc3339(self.now),
            self.seal_id,
        )
    }
}

pub(super) fn place(dir: &Path, name: &str, bytes: &[u8], mode: u32) -> Result<(), NodeError> {
    let path = dir.join(name);
    if let Some(parent) = path.parent() {
        files::create_dir(parent)?;
    }
    files::place_with_mode(&path, bytes, mode)
}

/// RFC 3339 with +08:00.
pub(crate) fn rfc3339(unix: i64) -> String {
    let time = jiff::Timestamp::from_second(unix).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let local = jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(time);
    format!("{}+08:00", local.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The day in Asia/Shanghai.
pub(crate) fn day(unix: i64) -> jiff::civil::Date {
    let time = jiff::Timestamp::from_second(unix).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(time).date()
}
