//! Object identifiers of the national algorithms (GB/T 33560) and of the X.509 and PKCS structures around them.

use crate::der::Oid;

/// SM4 block cipher.
pub const SM4: Oid = Oid::new(&[1, 2, 156, 10197, 1, 104]);
/// SM4 in ECB mode.
pub const SM4_ECB: Oid = Oid::new(&[1, 2, 156, 10197, 1, 104, 1]);
/// SM4 in CBC mode.
pub const SM4_CBC: Oid = Oid::new(&[1, 2, 156, 10197, 1, 104, 2]);
/// SM2 elliptic curve.
pub const SM2_CURVE: Oid = Oid::new(&[1, 2, 156, 10197, 1, 301]);
/// SM2 digital signature.
pub const SM2_SIGN: Oid = Oid::new(&[1, 2, 156, 10197, 1, 301, 1]);
/// SM2 key exchange.
pub const SM2_EXCHANGE: Oid = Oid::new(&[1, 2, 156, 10197, 1, 301, 2]);
/// SM2 public key encryption.
pub const SM2_ENCRYPT: Oid = Oid::new(&[1, 2, 156, 10197, 1, 301, 3]);
/// SM3 digest.
pub const SM3: Oid = Oid::new(&[1, 2, 156, 10197, 1, 401]);
/// HMAC with SM3.
pub const HMAC_SM3: Oid = Oid::new(&[1, 2, 156, 10197, 1, 401, 2]);
/// SM2 signature over an SM3 digest; written without parameters.
pub const SM2_WITH_SM3: Oid = Oid::new(&[1, 2, 156, 10197, 1, 501]);
/// CMS content type data of GB/T 35275.
pub const CMS_DATA: Oid = Oid::new(&[1, 2, 156, 10197, 6, 1, 4, 2, 1]);
/// CMS content type signedData of GB/T 35275.
pub const CMS_SIGNED_DATA: Oid = Oid::new(&[1, 2, 156, 10197, 6, 1, 4, 2, 2]);
/// CMS content type envelopedData of GB/T 35275.
pub const CMS_ENVELOPED_DATA: Oid = Oid::new(&[1, 2, 156, 10197, 6, 1, 4, 2, 3]);

/// id-ecPublicKey (RFC 5480).
pub const EC_PUBLIC_KEY: Oid = Oid::new(&[1, 2, 840, 10045, 2, 1]);
/// PBES2 (RFC 8018).
pub const PBES2: Oid = Oid::new(&[1, 2, 840, 113549, 1, 5, 13]);
/// PBKDF2 (RFC 8018).
pub const PBKDF2: Oid = Oid::new(&[1, 2, 840, 113549, 1, 5, 12]);
/// HMAC with SHA-256 (RFC 8018).
pub const HMAC_SHA256: Oid = Oid::new(&[1, 2, 840, 113549, 2, 9]);

/// commonName.
pub const COMMON_NAME: Oid = Oid::new(&[2, 5, 4, 3]);
/// serialNumber of a subject.
pub const SERIAL_NUMBER: Oid = Oid::new(&[2, 5, 4, 5]);
/// countryName.
pub const COUNTRY: Oid = Oid::new(&[2, 5, 4, 6]);
/// localityName.
pub const LOCALITY: Oid = Oid::new(&[2, 5, 4, 7]);
/// stateOrProvinceName.
pub const PROVINCE: Oid = Oid::new(&[2, 5, 4, 8]);
/// organizationName.
pub const ORGANIZATION: Oid = Oid::new(&[2, 5, 4, 10]);
/// organizationalUnitName.
pub const UNIT: Oid = Oid::new(&[2, 5, 4, 11]);

/// subjectKeyIdentifier.
pub const SUBJECT_KEY_ID: Oid = Oid::new(&[2, 5, 29, 14]);
/// keyUsage.
pub const KEY_USAGE: Oid = Oid::new(&[2, 5, 29, 15]);
/// basicConstraints.
pub const BASIC_CONSTRAINTS: Oid = Oid::new(&[2, 5, 29, 19]);
/// cRLNumber.
pub const CRL_NUMBER: Oid = Oid::new(&[2, 5, 29, 20]);
/// reasonCode of a CRL entry.
pub const CRL_REASON: Oid = Oid::new(&[2, 5, 29, 21]);
/// invalidityDate of a CRL entry.
pub const INVALIDITY_DATE: Oid = Oid::new(&[2, 5, 29, 24]);
/// authorityKeyIdentifier.
pub const AUTHORITY_KEY_ID: Oid = Oid::new(&[2, 5, 29, 35]);
/// extKeyUsage.
pub const EXTENDED_KEY_USAGE: Oid = Oid::new(&[2, 5, 29, 37]);
