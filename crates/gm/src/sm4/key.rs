//! The prepared key of the fast ways: round keys and powers of the hash key, made without secret table look-ups.

use zeroize::Zeroizing;

use super::BLOCK_LEN;
use super::gcm::{Kernel, NONCE_LEN};
use super::simd::Vectors;

/// Blocks that are hashed with one reduction.
pub(super) const POWERS: usize = 64;

/// H⁶⁴ … H¹ as the kernels multiply by them; three more entries, so that whole vectors may be loaded from any place.
pub(super) type Powers = [[u8; BLOCK_LEN]; POWERS + 3];

/// The thirty-two round keys.
pub(super) type RoundKeys = [u32; 32];

/// A key prepared for one kind of vectors; wiped when dropped.
pub(super) struct Fast<V> {
    vectors: V,
    round_keys: Zeroizing<RoundKeys>,
    powers: Zeroizing<Powers>,
}

impl<V: Vectors> Fast<V> {
    /// Filled where it stays, so that no copy is left behind on the stack.
    pub(super) fn new(vectors: V, key: &[u8; BLOCK_LEN]) -> Box<Self> {
        let (round_keys, powers) = (Zeroizing::new([0; 32]), Zeroizing::new([[0; BLOCK_LEN]; POWERS + 3]));
        let mut fast = Box::new(Self { vectors, round_keys, powers });
        expand(key, &mut fast.round_keys);
        // H is the encrypted zero block; each further power is the hash of the one before under H alone.
        let mut power = Zeroizing::new([0; BLOCK_LEN]);
        vectors.add_stream(&fast.round_keys, &[0; 3], 0, &mut *power);
        fast.powers[POWERS - 1] = factor(&power);
        for i in (0..POWERS - 1).rev() {
            let block = power.clone();
            power.fill(0);
            vectors.hash(&fast.powers, &mut power, std::slice::from_ref(&*block));
            fast.powers[i] = factor(&power);
        }
        fast
    }
}

impl<V: Vectors> Kernel for Fast<V> {
    fn add_stream(&self, nonce: &[u8; NONCE_LEN], counter: u32, data: &mut [u8]) {
        let words = nonce.as_chunks().0;
        let nonce = std::array::from_fn(|i| u32::from_be_bytes(words[i]));
        self.vectors.add_stream(&self.round_keys, &nonce, counter, data);
    }

    fn hash(&self, state: &mut [u8; BLOCK_LEN], blocks: &[[u8; BLOCK_LEN]]) {
        self.vectors.hash(&self.powers, state, blocks);
    }
}

/// A power of H as a factor of POLYVAL, the mirror image of GHASH that multiplies without shifting afterwards:
/// the bytes turned round, times x (RFC 8452, appendix A).
fn factor(power: &[u8; BLOCK_LEN]) -> [u8; BLOCK_LEN] {
    let mirrored = u128::from_be_bytes(*power);
    let carry = (mirrored >> 127).wrapping_neg();
    (mirrored << 1 ^ carry & (0xC2 << 120 | 1)).to_le_bytes()
}

/// The key schedule (GB/T 32907-2016 §7.3).
fn expand(key: &[u8; BLOCK_LEN], round_keys: &mut RoundKeys) {
    const FK: [u32; 4] = [0xA3B1_BAC6, 0x56AA_3350, 0x677D_9197, 0xB270_22DC];
    let words = key.as_chunks().0;
    let mut k = Zeroizing::new([0u32; 4]);
    for i in 0..4 {
        k[i] = u32::from_be_bytes(words[i]) ^ FK[i];
    }
    for i in 0..32 {
        // CK: byte j of word i is (4i + j) · 7 mod 256.
        let constant = u32::from_be_bytes(std::array::from_fn(|j| ((4 * i + j) * 7) as u8));
        let mixed = k[(i + 1) % 4] ^ k[(i + 2) % 4] ^ k[(i + 3) % 4] ^ constant;
        let b = u32::from_be_bytes(mixed.to_be_bytes().map(substitute));
        k[i % 4] ^= b ^ b.rotate_left(13) ^ b.rotate_left(23);
        round_keys[i] = k[i % 4];
    }
}

/// One byte through the S-box. All entries are read whatever the byte, so that the cache learns nothing of the key.
fn substitute(byte: u8) -> u8 {
    SBOX.iter().enumerate().fold(0, |found, (i, &entry)| {
        let hit = ((i as u32 ^ u32::from(byte)).wrapping_sub(1) >> 8) as u8;
        found | entry & hit
    })
}

/// The S-box from its algebra: an affine map, the inverse in GF(2⁸) modulo x⁸+x⁷+x⁶+x⁵+x⁴+x²+1, the map again.
const SBOX: [u8; 256] = {
    let mut table = [0; 256];
    let mut x = 0;
    while x < 256 {
        table[x] = affine(invert(affine(x as u8)));
        x += 1;
    }
    table
};

/// Row i of the circulant matrix is 0xA7 turned left by i.
const fn affine(x: u8) -> u8 {
    let (mut y, mut i) = (0xD3, 0);
    while i < 8 {
        y ^= (((0xA7u8.rotate_left(i) & x).count_ones() & 1) as u8) << i;
        i += 1;
    }
    y
}

/// x²⁵⁴ by 253 multiplications; it happens while compiling.
const fn invert(x: u8) -> u8 {
    let (mut power, mut n) = (x, 1);
    while n < 254 {
        let (mut product, mut a, mut b) = (0, power as u16, x);
        while b != 0 {
            if b & 1 == 1 {
                product ^= a as u8;
            }
            a = if a & 0x80 == 0 { a << 1 } else { (a << 1) ^ 0x1F5 };
            b >>= 1;
        }
        power = product;
        n += 1;
    }
    power
}
