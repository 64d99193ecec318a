//! Galois/Counter Mode (GB/T 36624-2018, RFC 8998) with nonces of 12 bytes and tags of 16.

use zeroize::Zeroizing;

use super::BLOCK_LEN;
use super::portable::Portable;
#[cfg(target_arch = "x86_64")]
use super::{key::Fast, simd};
use crate::GmError;

/// Length of a nonce in bytes.
pub const NONCE_LEN: usize = 12;
/// Length of an authentication tag in bytes.
pub const TAG_LEN: usize = 16;

/// Most bytes under one nonce: the 32-bit counter must not come round (GB/T 36624-2018, NIST SP 800-38D §5.2.1.1).
const MAX_LEN: u64 = ((1 << 32) - 2) * BLOCK_LEN as u64;

/// The two halves of GCM under one key.
pub(super) trait Kernel: Send + Sync {
    /// Adds the key stream of the counter blocks `nonce ‖ counter`, `nonce ‖ counter + 1`, … to the data.
    fn add_stream(&self, nonce: &[u8; NONCE_LEN], counter: u32, data: &mut [u8]);
    /// GHASH goes on from `state` over whole blocks.
    fn hash(&self, state: &mut [u8; BLOCK_LEN], blocks: &[[u8; BLOCK_LEN]]);
}

/// SM4-GCM under one prepared key: round keys and powers of the hash key are made once and wiped when dropped.
///
/// A nonce must never serve two messages under one key: whoever sees both learns their difference and can forge.
pub struct Gcm(Box<dyn Kernel>);

impl std::fmt::Debug for Gcm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gcm(…)")
    }
}

impl Gcm {
    /// Prepares a key, for the fastest way that this processor has.
    pub fn new(key: &[u8; BLOCK_LEN]) -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(kernel) = simd::Avx512::detect() {
                return Self(Fast::new(kernel, key));
            }
            if let Some(kernel) = simd::AesNi::detect() {
                return Self(Fast::new(kernel, key));
            }
        }
        Self(Box::new(Portable::new(key)))
    }

    #[cfg(test)]
    pub(super) fn with(kernel: Box<dyn Kernel>) -> Self {
        Self(kernel)
    }

    /// Encrypts `data` in place and returns the tag over it and `extra`, which is authenticated but not encrypted.
    ///
    /// # Panics
    /// For data beyond 64 GiB, where the mode is broken.
    pub fn seal(&self, nonce: &[u8; NONCE_LEN], extra: &[u8], data: &mut [u8]) -> [u8; TAG_LEN] {
        assert!(data.len() as u64 <= MAX_LEN, "SM4-GCM: data beyond 64 GiB under one nonce");
        self.0.add_stream(nonce, 2, data);
        self.tag(nonce, extra, data)
    }

    /// Checks the tag and decrypts `data` in place; on an error the data stay encrypted.
    ///
    /// # Errors
    /// [`GmError::Authentication`] if data, `extra`, nonce, tag or key differ from those of [`Gcm::seal`].
    pub fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        extra: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), GmError> {
        if data.len() as u64 > MAX_LEN {
            return Err(GmError::Authentication);
        }
        let wanted = self.tag(nonce, extra, data);
        // All bytes are compared, so that the time tells nothing about the first that differs.
        let difference = wanted.iter().zip(tag).fold(0, |all, (a, b)| all | (a ^ b));
        if std::hint::black_box(difference) != 0 {
            return Err(GmError::Authentication);
        }
        self.0.add_stream(nonce, 2, data);
        Ok(())
    }

    /// GHASH over both texts and their lengths, masked by the key stream of counter 1 (SP 800-38D §7.1).
    fn tag(&self, nonce: &[u8; NONCE_LEN], extra: &[u8], cipher_text: &[u8]) -> [u8; TAG_LEN] {
        let mut state = [0; BLOCK_LEN];
        self.hash_padded(&mut state, extra);
        self.hash_padded(&mut state, cipher_text);
        let bits = |text: &[u8]| (text.len() as u128) * 8;
        self.0.hash(&mut state, &[(bits(extra) << 64 | bits(cipher_text)).to_be_bytes()]);
        self.0.add_stream(nonce, 1, &mut state);
        state
    }

    /// GHASH over a text filled up with zeros to whole blocks.
    fn hash_padded(&self, state: &mut [u8; BLOCK_LEN], text: &[u8]) {
        let (blocks, rest) = text.as_chunks();
        self.0.hash(state, blocks);
        if !rest.is_empty() {
            let mut last = Zeroizing::new([0; BLOCK_LEN]);
            last[..rest.len()].copy_from_slice(rest);
            self.0.hash(state, std::slice::from_ref(&*last));
        }
    }
}
