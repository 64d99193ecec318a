//! Public keys and the digest that ties a message to one.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::{DEFAULT_ID, engine};
use crate::GmError;
use crate::sm3::{Sm3, sm3};

/// Length of an uncompressed point in bytes.
pub const PUBLIC_KEY_LEN: usize = 65;

/// a, b, xG and yG of the curve, in this order, as ZA takes them in (GB/T 32918.5-2017).
const CURVE: [u8; 128] = *b"\
    \xFF\xFF\xFF\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFC\
    \x28\xE9\xFA\x9E\x9D\x9F\x5E\x34\x4D\x5A\x9E\x4B\xCF\x65\x09\xA7\xF3\x97\x89\xF5\x15\xAB\x8F\x92\xDD\xBC\xBD\x41\x4D\x94\x0E\x93\
    \x32\xC4\xAE\x2C\x1F\x19\x81\x19\x5F\x99\x04\x46\x6A\x39\xC9\x94\x8F\xE3\x0B\xBF\xF2\x66\x0B\xE1\x71\x5A\x45\x89\x33\x4C\x74\xC7\
    \xBC\x37\x36\xA2\xF4\xF6\x77\x9C\x59\xBD\xCE\xE3\x6B\x69\x21\x53\xD0\xA9\x87\x7C\xC6\x2A\x47\x40\x02\xDF\x32\xE5\x21\x39\xF0\xA0";

/// An SM2 public key: always a point on the curve, never the point at infinity.
#[derive(Clone)]
pub struct PublicKey {
    bytes: [u8; PUBLIC_KEY_LEN],
    point: engine::Point,
}

impl PublicKey {
    /// Parses `04 ‖ x ‖ y` (SEC 1 §2.3.4), 65 bytes.
    ///
    /// # Errors
    /// [`GmError::PublicKey`] for another length or form, or a point off the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, GmError> {
        let bytes: [u8; PUBLIC_KEY_LEN] = bytes.try_into().map_err(|_| GmError::PublicKey)?;
        // SEC 1 knows other forms of the same length with other first bytes; only 04 is ours.
        if bytes[0] != 0x04 {
            return Err(GmError::PublicKey);
        }
        let point = engine::point(&bytes).ok_or(GmError::PublicKey)?;
        Ok(Self { bytes, point })
    }

    /// Parses `02 ‖ x` (y even) or `03 ‖ x` (y odd), the compressed form of SEC 1 §2.3.4, for places where bytes are dear.
    ///
    /// # Errors
    /// [`GmError::PublicKey`] for another form, or an x that no point has.
    pub fn from_compressed(bytes: &[u8; 33]) -> Result<Self, GmError> {
        engine::point_of_x(bytes).map(Self::from_point).ok_or(GmError::PublicKey)
    }

    /// The 33 bytes of [`PublicKey::from_compressed`].
    pub fn to_compressed(&self) -> [u8; 33] {
        let mut out = [0; 33];
        out[0] = 0x02 | self.bytes[PUBLIC_KEY_LEN - 1] & 1;
        out[1..].copy_from_slice(&self.bytes[1..33]);
        out
    }

    pub(super) fn from_point(point: engine::Point) -> Self {
        Self { bytes: engine::point_bytes(&point), point }
    }

    /// The 65 bytes `04 ‖ x ‖ y`.
    pub fn as_bytes(&self) -> &[u8; PUBLIC_KEY_LEN] {
        &self.bytes
    }

    /// Short name of the key: the first 8 bytes of SM3 of the 65 bytes.
    pub fn key_id(&self) -> [u8; 8] {
        let mut id = [0; 8];
        id.copy_from_slice(&sm3(&self.bytes)[..8]);
        id
    }

    pub(super) fn point(&self) -> &engine::Point {
        &self.point
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey(")?;
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, ")")
    }
}

/// ZA, the digest of the default id, the curve and the key (GB/T 32918.2-2016 §5.5).
pub fn za(public_key: &PublicKey) -> [u8; 32] {
    let bits = (DEFAULT_ID.len() * 8) as u16;
    Sm3::new()
        .chain(&bits.to_be_bytes())
        .chain(DEFAULT_ID)
        .chain(&CURVE)
        .chain(&public_key.bytes[1..])
        .finish()
}

/// `e = SM3(ZA ‖ M)`, the digest that is signed.
pub fn digest(public_key: &PublicKey, message: &[u8]) -> [u8; 32] {
    Sm3::new().chain(&za(public_key)).chain(message).finish()
}
