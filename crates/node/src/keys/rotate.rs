//! Rotation of the code key with overlap: a new key is told first, used later, and the old one stays known, so that no code that
//! is out there turns bad.

use std::path::Path;

use gm::RngSource;
use gm::pkcs8::{Protection, encrypt_pem};
use gm::x509::{Certificate, ChainStore, KeyUsage, verify_chain};
use toml::Value;
use zeroize::Zeroizing;

use super::change::{certificate, edit_trust, push, write_index};
use super::init::{InitRequest, Root, leaf, place};
use super::{KeyFolder, labels};
use crate::{NodeError, files};

/// Where a new code key comes from.
pub enum CodeKeySource<'a> {
    /// Made here, under the demo root of this folder.
    Demo(&'a mut dyn RngSource),
    /// Issued by the province's authority: certificate (DER or PEM) and key (PKCS#8 PEM under the folder's passphrase).
    Issued {
        /// Certificate.
        certificate: &'a Path,
        /// Private key.
        key: &'a Path,
    },
}

/// Adds a code key and tells the trust data of it, with the scope of the one in use; nothing is signed with it before
/// [`use_code_key`]. Gives its label (`code-2`). `now` is Unix seconds.
///
/// # Errors
/// No root key here, a certificate that does not reach a root of this folder, a key that is not the certificate's.
pub fn add_code_key(
    folder: &KeyFolder,
    source: CodeKeySource<'_>,
    passphrase: &str,
    now: i64,
) -> Result<String, NodeError> {
    // Issuing opens all keys with one passphrase: a key under another one would stop it.
    folder
        .secret(&folder.index.code_key, passphrase)
        .map_err(|_| NodeError::refused("口令打不开密钥目录里的私钥", "请给出该密钥目录的口令"))?;
    let (pem, certificate) = match source {
        CodeKeySource::Demo(rng) => demo(folder, passphrase, now, rng)?,
        CodeKeySource::Issued { certificate, key } => issued(folder, (certificate, key), passphrase, now)?,
    };
    let taken = labels(&folder.trust().join("codes"))?;
    let known = taken.iter().any(|label| {
        folder.certificate("codes", label).is_ok_and(|one| one.public_key() == certificate.public_key())
    });
    if known {
        return Err(NodeError::refused("这把赋码密钥已在密钥目录中", "请给出新的密钥和证书"));
    }
    // A number that was used is never used again: a revoked key keeps its place.
    let number = (2..).find(|number| !taken.contains(&format!("code-{number}"))).unwrap_or(2);
    let label = format!("code-{number}");
    let file = format!("codes/{label}.cer");
    place(&folder.path, &format!("private/{label}.pem"), pem.as_bytes(), 0o600)?;
    place(&folder.path, &format!("trust/{file}"), certificate.as_der(), 0o644)?;
    let current = format!("codes/{}.cer", folder.index.code_key);
    edit_trust(folder, now, |trust| {
        let entry = trust.get("code_keys").and_then(Value::as_array).and_then(|keys| {
            keys.iter().find(|key| key.get("certificate").and_then(Value::as_str) == Some(current.as_str()))
        });
        let mut entry = entry.cloned().ok_or_else(|| {
            NodeError::refused(format!("信任清单没有“{current}”"), "请从备份恢复 trust.toml")
        })?;
        if let Value::Table(table) = &mut entry {
            table.insert("certificate".into(), Value::String(file.clone()));
        }
        push(trust, "code_keys", entry);
        Ok(())
    })?;
    Ok(label)
}

/// From now on codes are signed with the key of this label; a node takes it up at its next start.
///
/// # Errors
/// An unknown label, a wrong passphrase, a certificate that is not valid now.
pub fn use_code_key(
    folder: &mut KeyFolder,
    label: &str,
    passphrase: &str,
    now: i64,
) -> Result<(), NodeError> {
    if !labels(&folder.trust().join("codes"))?.iter().any(|one| one == label) {
        let what = format!("没有标签为“{label}”的赋码密钥");
        return Err(NodeError::refused(what, "请用 luzheng keys show 查看，或先用 keys add-code 新增"));
    }
    let certificate = folder.certificate("codes", label)?;
    if folder.secret(label, passphrase)?.public_key() != certificate.public_key() {
        return Err(NodeError::Seal(seal::SealError::KeyMismatch));
    }
    if !(certificate.not_before()..=certificate.not_after()).contains(&now) {
        let what = format!("赋码密钥“{label}”的证书现在不在有效期内");
        return Err(NodeError::refused(what, "请换用有效的密钥"));
    }
    folder.index.code_key = label.to_owned();
    write_index(folder)
}

fn demo(
    folder: &KeyFolder,
    passphrase: &str,
    now: i64,
    rng: &mut dyn RngSource,
) -> Result<(Zeroizing<String>, Certificate), NodeError> {
    if !folder.private("root").is_file() {
        let what = format!("密钥目录“{}”没有根密钥，不能签发赋码证书", folder.path.display());
        return Err(NodeError::refused(what, "请向签发机构申请，再用 --certificate 和 --key 导入"));
    }
    let index = &folder.index;
    let request = InitRequest {
        dir: &folder.path,
        authority: &index.authority,
        uscc: &index.uscc,
        passphrase,
        now,
        under: None,
    };
    let root = Root {
        certificate: folder.certificate("roots", "root")?,
        key: Some(folder.secret("root", passphrase)?),
        borrowed: None,
    };
    let (key, certificate) = leaf(&request, &root, &format!("{}（演示赋码）", index.authority), rng)?;
    let pem = encrypt_pem(&key, passphrase, Protection::default(), rng)?;
    Ok((Zeroizing::new(pem.to_string()), certificate))
}

fn issued(
    folder: &KeyFolder,
    (path, key): (&Path, &Path),
    passphrase: &str,
    now: i64,
) -> Result<(Zeroizing<String>, Certificate), NodeError> {
    let certificate = certificate(path)?;
    let roots = labels(&folder.trust().join("roots"))?;
    let roots = roots.iter().map(|label| folder.certificate("roots", label)).collect::<Result<_, _>>()?;
    let store = ChainStore { roots, intermediates: Vec::new() };
    verify_chain(&certificate, &store, now, KeyUsage::DIGITAL_SIGNATURE)
        .map_err(|error| NodeError::refused(error.to_string(), "赋码证书应由本目录的根签发"))?;
    let pem = Zeroizing::new(files::read_text(key)?);
    let secret = gm::pkcs8::decrypt_pem(&pem, passphrase).map_err(|_| {
        let what = format!("口令打不开要导入的私钥“{}”", key.display());
        NodeError::refused(what, "请先把它改用密钥目录的口令加密，再导入")
    })?;
    if secret.public_key() != certificate.public_key() {
        return Err(NodeError::Seal(seal::SealError::KeyMismatch));
    }
    Ok((pem, certificate))
}
