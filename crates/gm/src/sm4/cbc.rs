//! CBC with PKCS#7 padding, as PBES2 private keys need it.
//!
//! CBC has no integrity of its own: use it only where the plaintext is checked afterwards, as a private key is.

use ::sm4::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use super::BLOCK_LEN;
use crate::GmError;

type Cipher = ::sm4::Sm4;

/// Encrypts with CBC and PKCS#7 padding; the output is 1 to 16 bytes longer than the input.
pub fn cbc_encrypt(key: &[u8; BLOCK_LEN], iv: &[u8; BLOCK_LEN], plain: &[u8]) -> Vec<u8> {
    let cipher = Cipher::new(&(*key).into());
    let padding = BLOCK_LEN - plain.len() % BLOCK_LEN;
    let mut out = Vec::with_capacity(plain.len() + padding);
    let mut chain = *iv;
    let (whole, rest) = plain.as_chunks::<BLOCK_LEN>();
    // PKCS#7: the padding bytes hold their own count, and a full block is added to a full last block.
    let mut last = [padding as u8; BLOCK_LEN];
    last[..rest.len()].copy_from_slice(rest);
    for chunk in whole.iter().chain([&last]) {
        let mut block: Block<Cipher> = xor(chunk, &chain).into();
        cipher.encrypt_block(&mut block);
        chain = block.into();
        out.extend_from_slice(&chain);
    }
    out
}

/// Decrypts CBC with PKCS#7 padding.
///
/// # Errors
/// [`GmError::Decrypt`] for every cause alike: wrong length, wrong key, wrong padding.
pub fn cbc_decrypt(
    key: &[u8; BLOCK_LEN],
    iv: &[u8; BLOCK_LEN],
    cipher_text: &[u8],
) -> Result<Vec<u8>, GmError> {
    let (blocks, rest) = cipher_text.as_chunks::<BLOCK_LEN>();
    if !rest.is_empty() || blocks.is_empty() {
        return Err(GmError::Decrypt);
    }
    let cipher = Cipher::new(&(*key).into());
    let mut out = Vec::with_capacity(cipher_text.len());
    let mut chain = iv;
    for chunk in blocks {
        let mut block: Block<Cipher> = (*chunk).into();
        cipher.decrypt_block(&mut block);
        out.extend_from_slice(&xor(&block.into(), chain));
        chain = chunk;
    }
    let padding = out.last().map_or(0, |&b| usize::from(b));
    let valid = (1..=BLOCK_LEN).contains(&padding)
        && out.iter().rev().take(padding).all(|&b| usize::from(b) == padding);
    if !valid {
        return Err(GmError::Decrypt);
    }
    out.truncate(out.len() - padding);
    Ok(out)
}

fn xor(a: &[u8; BLOCK_LEN], b: &[u8; BLOCK_LEN]) -> [u8; BLOCK_LEN] {
    std::array::from_fn(|i| a[i] ^ b[i])
}
