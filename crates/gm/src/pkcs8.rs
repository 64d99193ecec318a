//! Private key files: PKCS#8 (RFC 5958) encrypted by PBES2 (RFC 8018) with PBKDF2 and SM4-CBC.

use zeroize::Zeroizing;

use crate::der::{Reader, Tag, Writer};
use crate::sm2::{PUBLIC_KEY_LEN, PublicKey, SecretKey};
use crate::sm4::{BLOCK_LEN, cbc_decrypt, cbc_encrypt};
use crate::{GmError, RngSource, oid, pem};

/// PEM label of an encrypted private key.
pub const PEM_LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// Most iterations that are followed when reading, so that a hostile file cannot hold the machine for hours.
pub const MAX_ITERATIONS: u32 = 10_000_000;

const SALT_LEN: usize = 16;

/// What PBKDF2 hashes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prf {
    /// HMAC-SHA256: opened by every OpenSSL.
    HmacSha256,
    /// HMAC-SM3 (GM/T 0091): all national, but OpenSSL 3.0 does not open it.
    HmacSm3,
}

/// How a private key is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    /// Pseudo-random function of PBKDF2.
    pub prf: Prf,
    /// Iterations of PBKDF2, 1 to [`MAX_ITERATIONS`]; 200 000 take tens of milliseconds on a server.
    pub iterations: u32,
}

impl Default for Protection {
    fn default() -> Self {
        Self { prf: Prf::HmacSha256, iterations: 200_000 }
    }
}

/// Encrypts a private key as a DER EncryptedPrivateKeyInfo; salt and initial vector come from `rng`.
///
/// # Errors
/// [`GmError::Encode`] for a number of iterations out of range.
pub fn encrypt(
    key: &SecretKey,
    passphrase: &str,
    protection: Protection,
    rng: &mut (impl RngSource + ?Sized),
) -> Result<Vec<u8>, GmError> {
    if !(1..=MAX_ITERATIONS).contains(&protection.iterations) {
        return Err(GmError::Encode { kind: "PBKDF2", rule: "迭代次数应在 1 到 10000000 之间" });
    }
    let (mut salt, mut iv) = ([0u8; SALT_LEN], [0u8; BLOCK_LEN]);
    rng.fill(&mut salt);
    rng.fill(&mut iv);
    let file_key = derive(passphrase, &salt, protection);
    let cipher_text = cbc_encrypt(&file_key, &iv, private_key_info(key).as_slice());
    let mut writer = Writer::new();
    writer.sequence(|w| {
        w.sequence(|w| {
            w.oid(&oid::PBES2);
            w.sequence(|w| {
                write_kdf(w, &salt, protection);
                w.sequence(|w| {
                    w.oid(&oid::SM4_CBC);
                    w.octet_string(&iv);
                });
            });
        });
        w.octet_string(&cipher_text);
    });
    writer.finish()
}

/// As [`encrypt`], in PEM armour.
///
/// # Errors
/// As for [`encrypt`].
pub fn encrypt_pem(
    key: &SecretKey,
    passphrase: &str,
    protection: Protection,
    rng: &mut (impl RngSource + ?Sized),
) -> Result<String, GmError> {
    Ok(pem::encode(PEM_LABEL, &encrypt(key, passphrase, protection, rng)?))
}

/// Opens a DER EncryptedPrivateKeyInfo.
///
/// # Errors
/// [`GmError::WrongPassphrase`], [`GmError::UnsupportedProtection`] for other ciphers, [`GmError::Der`] for bytes
/// that are no such structure.
pub fn decrypt(der: &[u8], passphrase: &str) -> Result<SecretKey, GmError> {
    let mut outer = Reader::new(der);
    let (parameters, cipher_text) = outer.nested_with(Tag::SEQUENCE, |info| {
        Ok((info.nested_with(Tag::SEQUENCE, read_parameters)?, info.octet_string()?))
    })?;
    outer.finish()?;
    let file_key = derive(passphrase, parameters.salt, parameters.protection);
    // A wrong key shows as bad padding or, once in some 256 tries, as a plaintext that is no DER. A plaintext that
    // is DER but holds no SM2 key was opened rightly, and keeps its own error.
    let plain = cbc_decrypt(&file_key, &parameters.iv, cipher_text).map(Zeroizing::new);
    plain.and_then(|plain| read_private_key_info(&plain)).map_err(|error| match error {
        GmError::Decrypt | GmError::Der { .. } => GmError::WrongPassphrase,
        other => other,
    })
}

/// Opens a PEM file with one encrypted private key.
///
/// # Errors
/// As for [`decrypt`] and [`pem::decode`].
pub fn decrypt_pem(text: &str, passphrase: &str) -> Result<SecretKey, GmError> {
    decrypt(&pem::decode(PEM_LABEL, text)?, passphrase)
}

struct Parameters<'a> {
    salt: &'a [u8],
    iv: [u8; BLOCK_LEN],
    protection: Protection,
}

/// PBKDF2 with the file's salt; the key has the length of an SM4 key.
fn derive(passphrase: &str, salt: &[u8], protection: Protection) -> Zeroizing<[u8; BLOCK_LEN]> {
    let (password, rounds) = (passphrase.as_bytes(), protection.iterations);
    let mut key = Zeroizing::new([0u8; BLOCK_LEN]);
    match protection.prf {
        Prf::HmacSha256 => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, rounds, key.as_mut_slice()),
        Prf::HmacSm3 => pbkdf2::pbkdf2_hmac::<sm3::Sm3>(password, salt, rounds, key.as_mut_slice()),
    }
    key
}

fn write_kdf(writer: &mut Writer, salt: &[u8], protection: Protection) {
    writer.sequence(|w| {
        w.oid(&oid::PBKDF2);
        w.sequence(|w| {
            w.octet_string(salt);
            w.integer_u64(u64::from(protection.iterations));
            // HMAC identifiers carry an explicit NULL (RFC 8018 appendix B.1.2).
            w.sequence(|w| {
                w.oid(match protection.prf {
                    Prf::HmacSha256 => &oid::HMAC_SHA256,
                    Prf::HmacSm3 => &oid::HMAC_SM3,
                });
                w.null();
            });
        });
    });
}

fn read_parameters<'a>(reader: &mut Reader<'a>) -> Result<Parameters<'a>, GmError> {
    expect(reader, &oid::PBES2, "应为 PBES2")?;
    reader.nested_with(Tag::SEQUENCE, |scheme| {
        let (salt, protection) = scheme.nested_with(Tag::SEQUENCE, |kdf| {
            expect(kdf, &oid::PBKDF2, "应为 PBKDF2")?;
            kdf.nested_with(Tag::SEQUENCE, read_kdf)
        })?;
        let iv = scheme.nested_with(Tag::SEQUENCE, |cipher| {
            expect(cipher, &oid::SM4_CBC, "应为 SM4-CBC")?;
            let iv = cipher.octet_string()?;
            iv.try_into().map_err(|_| cipher.fault("SM4 初始向量应为 16 字节"))
        })?;
        Ok(Parameters { salt, iv, protection })
    })
}

fn read_kdf<'a>(kdf: &mut Reader<'a>) -> Result<(&'a [u8], Protection), GmError> {
    let salt = kdf.octet_string()?;
    let iterations = u32::try_from(kdf.integer_u64()?).ok().filter(|n| (1..=MAX_ITERATIONS).contains(n));
    let iterations = iterations.ok_or_else(|| unsupported("迭代次数应在 1 到 10000000 之间"))?;
    if kdf.is_next(Tag::INTEGER) && kdf.integer_u64()? != BLOCK_LEN as u64 {
        return Err(unsupported("密钥长度应为 16 字节"));
    }
    // Without an identifier the default is HMAC-SHA1, which is not supported.
    if kdf.is_empty() {
        return Err(unsupported("PBKDF2 使用 HMAC-SHA1"));
    }
    let prf = kdf.nested_with(Tag::SEQUENCE, |prf| {
        let found = prf.oid()?;
        if prf.is_next(Tag::NULL) {
            prf.null()?;
        }
        match found {
            oid::HMAC_SHA256 => Ok(Prf::HmacSha256),
            oid::HMAC_SM3 => Ok(Prf::HmacSm3),
            other => Err(unsupported(&format!("PBKDF2 的伪随机函数 {other}"))),
        }
    })?;
    Ok((salt, Protection { prf, iterations }))
}

fn expect(reader: &mut Reader<'_>, wanted: &crate::der::Oid, what: &str) -> Result<(), GmError> {
    let found = reader.oid()?;
    if found == *wanted { Ok(()) } else { Err(unsupported(&format!("{what}，实为 {found}"))) }
}

fn unsupported(what: &str) -> GmError {
    GmError::UnsupportedProtection { what: what.to_owned() }
}

/// PrivateKeyInfo up to the secret number: version 0, id-ecPublicKey with the SM2 curve, ECPrivateKey version 1.
const HEAD: [u8; 36] = *b"\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
    \x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d\x04\x6d\x30\x6b\x02\x01\x01\x04\x20";
/// Between the secret number and the public key: `[1]` BIT STRING.
const MIDDLE: [u8; 5] = *b"\xa1\x44\x03\x42\x00";
const INFO_LEN: usize = HEAD.len() + 32 + MIDDLE.len() + PUBLIC_KEY_LEN;

/// PrivateKeyInfo with ECPrivateKey (RFC 5915). All lengths are fixed, so it is laid out in one cleared array
/// instead of the growing buffers of a [`Writer`], which would leave copies of the secret behind.
fn private_key_info(key: &SecretKey) -> Zeroizing<[u8; INFO_LEN]> {
    let mut out = Zeroizing::new([0u8; INFO_LEN]);
    let secret = key.to_bytes();
    let parts: [&[u8]; 4] = [&HEAD, secret.as_slice(), &MIDDLE, key.public_key().as_bytes()];
    let mut at = 0;
    for part in parts {
        out[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    out
}

fn read_private_key_info(der: &[u8]) -> Result<SecretKey, GmError> {
    let mut outer = Reader::new(der);
    let mut info = outer.sequence()?;
    outer.finish()?;
    if info.integer_u64()? != 0 {
        return Err(GmError::SecretKey);
    }
    info.nested_with(Tag::SEQUENCE, |algorithm| {
        let (kind, curve) = (algorithm.oid()?, algorithm.any()?);
        let is_sm2 = kind == oid::EC_PUBLIC_KEY && curve == (Tag::OID, oid::SM2_CURVE.content());
        if is_sm2 { Ok(()) } else { Err(GmError::SecretKey) }
    })?;
    let mut inner = Reader::new(info.octet_string()?);
    let key = inner.nested_with(Tag::SEQUENCE, read_ec_private_key)?;
    inner.finish()?;
    // Attributes [0] may follow; they say nothing about the key.
    info.optional_explicit(0)?;
    info.finish()?;
    Ok(key)
}

/// ECPrivateKey of RFC 5915; a public key that is given must fit.
fn read_ec_private_key(reader: &mut Reader<'_>) -> Result<SecretKey, GmError> {
    if reader.integer_u64()? != 1 {
        return Err(GmError::SecretKey);
    }
    let secret: &[u8; 32] = reader.octet_string()?.try_into().map_err(|_| GmError::SecretKey)?;
    let key = SecretKey::from_bytes(secret)?;
    if let Some(mut curve) = reader.optional_explicit(0)?
        && curve.oid()? != oid::SM2_CURVE
    {
        return Err(GmError::SecretKey);
    }
    if let Some(mut public_key) = reader.optional_explicit(1)?
        && PublicKey::from_bytes(public_key.bit_string()?)? != *key.public_key()
    {
        return Err(GmError::SecretKey);
    }
    Ok(key)
}
