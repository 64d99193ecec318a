//! Nonces that follow from the key and the digest (RFC 6979 §3.2 with HMAC-SM3).

use zeroize::Zeroizing;

use super::scalar::Scalar;
use crate::sm3::HmacKey;

/// The nonces for one key and digest, one after the other.
pub(super) struct Nonces {
    key: HmacKey,
    value: Zeroizing<[u8; 32]>,
    /// True once `value` has been handed out.
    used: bool,
}

impl Nonces {
    /// Steps a to g, for a private key and a digest already reduced modulo n.
    pub(super) fn new(d: &[u8; 32], e: &Scalar) -> Self {
        let e = e.to_bytes();
        let mut nonces = Self { key: HmacKey::new(&[0; 32]), value: Zeroizing::new([1; 32]), used: false };
        nonces.stir([&[0x00], d, &e]);
        nonces.stir([&[0x01], d, &e]);
        // The first value of step h.
        nonces.renew();
        nonces
    }

    /// Step h: the next number in 1..n-1. Numbers out of range come once in 2³² times.
    pub(super) fn next(&mut self) -> Zeroizing<Scalar> {
        loop {
            if self.used {
                self.stir([&[0x00], &[], &[]]);
                self.renew();
            }
            self.used = true;
            // Tells how many values were refused, and nothing about the one that is taken.
            if let Some(k) = Scalar::from_bytes(&self.value).filter(|k| !k.is_zero()) {
                return Zeroizing::new(k);
            }
        }
    }

    /// `K = HMAC_K(V ‖ parts)`, then `V = HMAC_K(V)`.
    fn stir(&mut self, parts: [&[u8]; 3]) {
        let [tag, d, e] = parts;
        let key = Zeroizing::new(self.key.mac(&[self.value.as_slice(), tag, d, e]));
        self.key = HmacKey::new(key.as_slice());
        self.renew();
    }

    /// `V = HMAC_K(V)`.
    fn renew(&mut self) {
        *self.value = self.key.mac(&[self.value.as_slice()]);
    }
}
