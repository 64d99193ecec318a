//! SM4 (GB/T 32907-2016): one block, CBC for private key files, GCM for everything stored.
//!
//! [`Gcm`] runs many blocks side by side where the processor allows it and touches no table by a secret index there.
//! CBC and the portable way use the crate `sm4`, which looks its S-box up in a table.

mod cbc;
mod gcm;
#[cfg(target_arch = "x86_64")]
mod key;
mod portable;
#[cfg(target_arch = "x86_64")]
mod simd;

#[cfg(test)]
mod tests;

use ::sm4::cipher::{Block, BlockCipherEncrypt, KeyInit};

pub use cbc::{cbc_decrypt, cbc_encrypt};
pub use gcm::{Gcm, NONCE_LEN, TAG_LEN};

/// Length of a block, a key and an initial vector of CBC in bytes.
pub const BLOCK_LEN: usize = 16;

/// Encrypts one block (ECB of a single block), the primitive of GB/T 32907.
pub fn encrypt_block(key: &[u8; BLOCK_LEN], block: [u8; BLOCK_LEN]) -> [u8; BLOCK_LEN] {
    let mut block: Block<::sm4::Sm4> = block.into();
    ::sm4::Sm4::new(&(*key).into()).encrypt_block(&mut block);
    block.into()
}
