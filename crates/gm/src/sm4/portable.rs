//! GCM by the reference crates, for processors without the instructions of the fast ways.

use ::sm4::Sm4;
use ::sm4::cipher::{Block, BlockCipherEncrypt, KeyInit};
use ghash::universal_hash::UniversalHash;
use ghash::{Block as HashBlock, GHash};
use zeroize::Zeroize;

use super::BLOCK_LEN;
use super::gcm::{Kernel, NONCE_LEN};

/// A prepared key; both crates wipe their part when dropped.
pub(super) struct Portable {
    cipher: Sm4,
    hash: GHash,
}

impl Portable {
    pub(super) fn new(key: &[u8; BLOCK_LEN]) -> Self {
        let cipher = Sm4::new(&(*key).into());
        // The hash key is the encrypted zero block (SP 800-38D §7.1).
        let mut zero: Block<Sm4> = [0; BLOCK_LEN].into();
        cipher.encrypt_block(&mut zero);
        let hash = GHash::new(&zero);
        zero.zeroize();
        Self { cipher, hash }
    }
}

impl Kernel for Portable {
    fn add_stream(&self, nonce: &[u8; NONCE_LEN], counter: u32, data: &mut [u8]) {
        for (i, chunk) in data.chunks_mut(BLOCK_LEN).enumerate() {
            let mut block = [0; BLOCK_LEN];
            block[..NONCE_LEN].copy_from_slice(nonce);
            block[NONCE_LEN..].copy_from_slice(&counter.wrapping_add(i as u32).to_be_bytes());
            let mut block: Block<Sm4> = block.into();
            self.cipher.encrypt_block(&mut block);
            chunk.iter_mut().zip(&block).for_each(|(byte, stream)| *byte ^= stream);
        }
    }

    fn hash(&self, state: &mut [u8; BLOCK_LEN], blocks: &[[u8; BLOCK_LEN]]) {
        let Some((first, rest)) = blocks.split_first() else { return };
        let mut hash = self.hash.clone();
        let first: [u8; BLOCK_LEN] = std::array::from_fn(|i| first[i] ^ state[i]);
        hash.update(&[HashBlock::from(first)]);
        hash.update(HashBlock::cast_slice_from_core(rest));
        *state = hash.finalize().into();
    }
}
