//! What happens to a key folder later: import of an approved seal, revocation, export of trust data.

use std::path::{Path, PathBuf};

use gm::x509::{Certificate, ChainStore, Crl, CrlProfile, CrlReason, KeyUsage, RevokedEntry, verify_chain};
use seal::{Scope, SesSeal};
use toml::Value;

use super::init::{place, rfc3339};
use super::{KeyFolder, SealEntry};
use crate::{NodeError, files};

/// What `keys import` brings: an approved, filed seal, its signer's certificate and, if we hold it, the key.
pub struct ImportRequest<'a> {
    /// Label under which it is kept.
    pub label: &'a str,
    /// Name by which seal policies know it.
    pub name: &'a str,
    /// Seal (SESeal DER).
    pub seal: &'a Path,
    /// Signer's certificate, DER or PEM.
    pub certificate: &'a Path,
    /// Root that signer and maker chain to, when it is not in the folder yet.
    pub root: Option<&'a Path>,
    /// Encrypted private key (PKCS#8 PEM) under the folder's passphrase.
    pub key: Option<&'a Path>,
    /// Folder's passphrase; needed with `key` only.
    pub passphrase: &'a str,
    /// What the seal may speak for.
    pub scope: Scope,
    /// Now, Unix seconds.
    pub now: i64,
}

/// Imports a seal after checking all of it.
///
/// # Errors
/// A seal whose maker's signature does not hold, a signer that it does not list, a chain that does not reach a root,
/// a key that is not the certificate's, a label in use.
pub fn import(folder: &mut KeyFolder, request: &ImportRequest<'_>) -> Result<(), NodeError> {
    check_label(folder, request)?;
    let seal = SesSeal::parse(&files::read(request.seal)?)?;
    let signer = certificate(request.certificate)?;
    let maker = Certificate::from_der(&seal.maker)?;
    if !seal.maker_signature_holds(&maker) {
        return Err(NodeError::refused("印章的制章人签名不成立", "请向制章机构重新索取印章文件"));
    }
    if !seal.signers.contains(&signer) {
        let what = format!("印章的签章人名单没有“{}”", signer.subject().short_text());
        return Err(NodeError::refused(what, "请核对证书与印章是否配套"));
    }
    let roots: Vec<Certificate> = match request.root {
        Some(path) => vec![certificate(path)?],
        None => super::labels(&folder.trust().join("roots"))?
            .iter()
            .map(|label| folder.certificate("roots", label))
            .collect::<Result<_, _>>()?,
    };
    let store = ChainStore { roots, intermediates: Vec::new() };
    for (leaf, at) in [(&signer, request.now), (&maker, seal.created)] {
        verify_chain(leaf, &store, at, KeyUsage::DIGITAL_SIGNATURE)
            .map_err(|error| NodeError::refused(error.to_string(), "请用 --root 一并导入上级根证书"))?;
    }
    let label = request.label;
    if let Some(path) = request.key {
        let pem = zeroize::Zeroizing::new(files::read_text(path)?);
        // Issuing opens all keys with one passphrase: a key under another one would stop it.
        folder
            .secret(&folder.index.code_key, request.passphrase)
            .map_err(|_| NodeError::refused("口令打不开密钥目录里的私钥", "请给出该密钥目录的口令"))?;
        let key = gm::pkcs8::decrypt_pem(&pem, request.passphrase).map_err(|_| {
            let what = format!("口令打不开要导入的私钥“{}”", path.display());
            NodeError::refused(what, "请先把它改用密钥目录的口令加密，再导入")
        })?;
        if key.public_key() != signer.public_key() {
            return Err(NodeError::Seal(seal::SealError::KeyMismatch));
        }
        place(&folder.path, &format!("private/{label}.pem"), pem.as_bytes(), 0o600)?;
    }
    let file = format!("seals/{label}.esl");
    place(&folder.path, &file, &seal.der, 0o644)?;
    place(&folder.path, &format!("trust/signers/{label}.cer"), signer.as_der(), 0o644)?;
    place(&folder.path, &format!("trust/makers/{label}.cer"), maker.as_der(), 0o644)?;
    let mut lists = vec![("makers", format!("makers/{label}.cer"))];
    if let Some(root) = store.roots.first().filter(|_| request.root.is_some()) {
        place(&folder.path, &format!("trust/roots/{label}.cer"), root.as_der(), 0o644)?;
        lists.push(("roots", format!("roots/{label}.cer")));
    }
    edit_trust(folder, request.now, |trust| {
        for (list, file) in lists {
            push(trust, list, Value::String(file));
        }
        push(trust, "signers", signer_entry(label, &seal.id, &request.scope)?);
        Ok(())
    })?;
    folder.index.seals.push(SealEntry {
        name: request.name.to_owned(),
        id: seal.id,
        file,
        signer: label.to_owned(),
        scope: request.scope.clone(),
    });
    write_index(folder)
}

fn check_label(folder: &KeyFolder, request: &ImportRequest<'_>) -> Result<(), NodeError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if request.label.is_empty() || !request.label.bytes().all(plain) {
        return Err(NodeError::refused("标签只能用小写字母、数字和连字符", "请更换 --label"));
    }
    let named =
        folder.index.seals.iter().any(|seal| seal.signer == request.label || seal.name == request.name);
    // `root`, `maker`, `code` stand in no list of seals, and their files must not be overwritten either.
    let label = request.label;
    let groups =
        ["roots", "makers", "signers", "codes", "nodes"].map(|group| format!("trust/{group}/{label}.cer"));
    let kept = [format!("private/{label}.pem"), format!("seals/{label}.esl")];
    if named || groups.iter().chain(&kept).any(|file| folder.path.join(file).exists()) {
        let what = format!("已有标签“{}”或同名印章“{}”", request.label, request.name);
        return Err(NodeError::refused(what, "请更换 --label 或 --name"));
    }
    Ok(())
}

/// DER or PEM.
pub(super) fn certificate(path: &Path) -> Result<Certificate, NodeError> {
    let bytes = files::read(path)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains("-----BEGIN") => {
            Ok(Certificate::from_der(&gm::pem::decode("CERTIFICATE", text)?)?)
        }
        _ => Ok(Certificate::from_der(&bytes)?),
    }
}

fn signer_entry(label: &str, seal_id: &str, scope: &Scope) -> Result<Value, NodeError> {
    let mut entry = toml::Table::new();
    entry.insert("certificate".into(), Value::String(format!("signers/{label}.cer")));
    entry.insert("seals".into(), Value::Array(vec![Value::String(seal_id.to_owned())]));
    let scope =
        Value::try_from(scope).map_err(|error| NodeError::refused(error.to_string(), "请核对适用范围"))?;
    entry.insert("scope".into(), scope);
    Ok(Value::Table(entry))
}

/// Revokes a certificate: writes the revocation list anew, signed by the root.
///
/// # Errors
/// An unknown label, no root key in this folder, a certificate revoked before.
pub fn revoke(
    folder: &KeyFolder,
    label: &str,
    at: i64,
    reason: CrlReason,
    passphrase: &str,
    now: i64,
) -> Result<(), NodeError> {
    let groups = ["signers", "makers", "codes", "nodes"];
    let found = groups.iter().find_map(|group| folder.certificate(group, label).ok());
    let certificate = found.ok_or_else(|| {
        NodeError::refused(
            format!("没有标签为“{label}”的证书"),
            "可用 signer、maker、code、node 或导入时的标签",
        )
    })?;
    let path = folder.trust().join("crls/root.crl");
    let crl = Crl::from_der(&files::read(&path)?)?;
    if crl.find(certificate.serial()).is_some() {
        return Err(NodeError::refused(format!("“{label}”的证书已经撤销"), "无需再次撤销"));
    }
    if certificate.issuer() != crl.issuer() {
        let what = format!("“{label}”的证书不是本目录的根签发的");
        return Err(NodeError::refused(what, "请由签发它的机构撤销"));
    }
    if !folder.private("root").is_file() {
        let what = format!("密钥目录“{}”没有根密钥，不能撤销证书", folder.path.display());
        return Err(NodeError::refused(
            what,
            "请在持有根密钥的目录中撤销；本目录由该根签发的证书须先导入那里",
        ));
    }
    if at > now {
        return Err(NodeError::refused("撤销时间晚于现在", "请核对 --at"));
    }
    let mut keys = gm::SoftwareKeys::new();
    keys.insert("root", folder.secret("root", passphrase)?);
    let mut entries = crl.entries().to_vec();
    entries.push(RevokedEntry { serial: certificate.serial().to_vec(), at, reason });
    let number =
        crl.number().map_or(1, |bytes| bytes.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte)));
    let next_update = crl.next_update().unwrap_or(now).max(now + 86_400);
    let profile = CrlProfile {
        issuer: crl.issuer().clone(),
        this_update: now - 60,
        next_update,
        number: number + 1,
        entries,
    };
    let crl = profile.sign(&*gm::KeyProvider::signing_key(&keys, "root")?)?;
    place(&folder.path, "trust/crls/root.crl", crl.as_der(), 0o644)?;
    edit_trust(folder, now, |_| Ok(()))
}

/// Copies the public trust data to a folder of its own.
///
/// # Errors
/// A target that is not empty; a disk that fails. Gives the files written.
pub fn export_trust(folder: &KeyFolder, target: &Path) -> Result<Vec<PathBuf>, NodeError> {
    if target.is_dir() && std::fs::read_dir(target).map_err(NodeError::io("读取", target))?.next().is_some()
    {
        let what = format!("“{}”不是空目录", target.display());
        return Err(NodeError::refused(what, "请导出到新目录，免得新旧清单混在一起"));
    }
    let source = folder.trust();
    let mut paths = Vec::new();
    files::walk(&source, &mut paths)?;
    let mut written = Vec::new();
    for path in paths {
        let relative = path.strip_prefix(&source).unwrap_or(&path).to_owned();
        place(target, &relative.to_string_lossy(), &files::read(&path)?, 0o644)?;
        written.push(relative);
    }
    files::sync(target)?;
    Ok(written)
}

/// Changes `trust.toml` and raises its version.
pub(super) fn edit_trust(
    folder: &KeyFolder,
    now: i64,
    change: impl FnOnce(&mut toml::Table) -> Result<(), NodeError>,
) -> Result<(), NodeError> {
    let path = folder.trust().join("trust.toml");
    let bad = |what: String| NodeError::refused(what, "请从备份恢复 trust.toml");
    let mut table: toml::Table =
        files::read_text(&path)?.parse().map_err(|error| bad(format!("信任清单无法读取：{error}")))?;
    change(&mut table)?;
    let version = table.get("version").and_then(Value::as_integer).unwrap_or(0) + 1;
    table.insert("version".into(), Value::Integer(version));
    table.insert("issued_at".into(), Value::String(rfc3339(now)));
    let text = toml::to_string_pretty(&table).map_err(|error| bad(error.to_string()))?;
    place(&folder.path, "trust/trust.toml", text.as_bytes(), 0o644)?;
    files::sync(&folder.path)
}

pub(super) fn push(table: &mut toml::Table, list: &str, value: Value) {
    if let Value::Array(items) = table.entry(list).or_insert_with(|| Value::Array(Vec::new())) {
        items.push(value);
    }
}

pub(super) fn write_index(folder: &KeyFolder) -> Result<(), NodeError> {
    let text = toml::to_string_pretty(&folder.index)
        .map_err(|error| NodeError::refused(format!("索引无法写出：{error}"), "请报告此问题"))?;
    place(&folder.path, "keys.toml", text.as_bytes(), 0o644)?;
    files::sync(&folder.path)
}
