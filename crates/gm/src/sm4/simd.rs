//! SM4 in counter mode and GHASH, many blocks side by side: word i of every vector belongs to block i.
//!
//! The S-box of SM4 is, up to affine maps, the inverse in the field of AES, so the AES instructions compute it in
//! registers; no memory is read by a secret index. Beside `sm3/simd.rs` the only file with `unsafe` code: a vector
//! instruction may run only where the processor has it, and [`Avx512`] and [`AesNi`], which exist only after asking
//! the processor, are the proof of that.
#![allow(unsafe_code)]

use zeroize::Zeroizing;

use super::BLOCK_LEN;
use super::key::{POWERS, Powers, RoundKeys};

/// What a kind of vectors can do.
pub(super) trait Vectors: Copy + Send + Sync {
    /// Adds the key stream of the blocks `nonce ‖ counter`, `nonce ‖ counter + 1`, … to data of any length.
    fn add_stream(self, keys: &RoundKeys, nonce: &[u32; 3], counter: u32, data: &mut [u8]);
    /// GHASH goes on from `state`; with one block at a time only the last of the powers (H¹) is used.
    fn hash(self, powers: &Powers, state: &mut [u8; BLOCK_LEN], blocks: &[[u8; BLOCK_LEN]]);
}

/// The affine map into the field of AES, as `gf2p8affineqb` takes a matrix, and what is added to it.
const INTO: (u64, u8) = (0x4C28_7DB9_1A22_505D, 0x3E);
/// The affine map back, after the inverse.
const BACK: (u64, u8) = (0xF3AB_34A9_74A6_B589, 0xD3);
/// The affine map back, after the S-box of AES, which adds a map of its own to the inverse.
const BACK_FROM_AES: (u64, u8) = (0x480E_4C47_651D_BAD3, 0x6C);

/// Defines a proof type with its check and its kernel.
macro_rules! vectors {
    ($(#[$doc:meta])* $name:ident, $module:ident, $($feature:tt)+) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) struct $name(());

        impl $name {
            /// The kernel, if this processor has the instructions.
            pub(super) fn detect() -> Option<Self> {
                (true $(&& is_x86_feature_detected!($feature))+).then_some(Self(()))
            }
        }

        impl Vectors for $name {
            fn add_stream(self, keys: &RoundKeys, nonce: &[u32; 3], counter: u32, data: &mut [u8]) {
                // SAFETY: a value of this type exists only if `detect` found every instruction set of the kernel.
                unsafe { $module::add_stream(keys, nonce, counter, data) }
            }

            fn hash(self, powers: &Powers, state: &mut [u8; BLOCK_LEN], blocks: &[[u8; BLOCK_LEN]]) {
                // SAFETY: as above.
                unsafe { $module::hash(powers, state, blocks) }
            }
        }
    };
}

vectors!(
    /// Sixty-four blocks in the 512-bit registers of AVX-512, with GFNI for the S-box.
    Avx512, avx512, "avx512f" "avx512bw" "gfni" "vpclmulqdq" "pclmulqdq" "sse4.1"
);
vectors!(
    /// Eight blocks in 128-bit registers, with AES-NI for the S-box.
    AesNi, aes_ni, "aes" "avx" "pclmulqdq" "ssse3" "sse4.1"
);

/// Counter mode and GHASH over the vector operations of the module it stands in.
macro_rules! kernel {
    ($features:literal) => {
        /// Bytes of one vector, and of all that are worked on together.
        const WIDTH: usize = size_of::<Vector>();
        const STRIDE: usize = GROUPS * 4 * WIDTH;

        #[target_feature(enable = $features)]
        pub(super) fn add_stream(keys: &RoundKeys, nonce: &[u32; 3], mut counter: u32, data: &mut [u8]) {
            let (strides, rest) = data.as_chunks_mut::<STRIDE>();
            for stride in strides {
                add_stride(keys, nonce, counter, stride);
                counter = counter.wrapping_add((STRIDE / BLOCK_LEN) as u32);
            }
            if !rest.is_empty() {
                let mut last = Zeroizing::new([0; STRIDE]);
                last[..rest.len()].copy_from_slice(rest);
                add_stride(keys, nonce, counter, &mut last);
                rest.copy_from_slice(&last[..rest.len()]);
            }
        }

        /// Thirty-two rounds over `GROUPS` times as many blocks as a vector has words (GB/T 32907-2016 §7.1).
        #[target_feature(enable = $features)]
        fn add_stride(keys: &RoundKeys, nonce: &[u32; 3], counter: u32, stride: &mut [u8; STRIDE]) {
            let mut x = [[zero(); 4]; GROUPS];
            for g in 0..GROUPS {
                let first = counter.wrapping_add((g * WIDTH / 4) as u32);
                x[g] = [all(nonce[0]), all(nonce[1]), all(nonce[2]), add(all(first), places())];
            }
            for four in keys.as_chunks::<4>().0 {
                for r in 0..4 {
                    let key = all(four[r]);
                    for g in 0..GROUPS {
                        let mixed = xor3(x[g][(r + 1) % 4], x[g][(r + 2) % 4], x[g][(r + 3) % 4]);
                        x[g][r] = xor(x[g][r], spread(substitute(xor(mixed, key))));
                    }
                }
            }
            let vectors = stride.as_chunks_mut::<WIDTH>().0;
            for g in 0..GROUPS {
                // The last four words in reverse order are the block (§7.1), big-endian.
                let [d, c, b, a] = x[g];
                let blocks = transpose(a, b, c, d);
                for v in 0..4 {
                    let place = &mut vectors[4 * g + v];
                    let sum = xor(load(place), bytes_of_words(blocks[v]));
                    store(place, sum);
                }
            }
        }

        #[target_feature(enable = $features)]
        pub(super) fn hash(powers: &Powers, state: &mut [u8; BLOCK_LEN], blocks: &[[u8; BLOCK_LEN]]) {
            for chunk in blocks.chunks(POWERS) {
                let mut power = POWERS - chunk.len();
                let [mut low, mut middle, mut high] = [zero(); 3];
                let mut before = first(state);
                for some in chunk.chunks(WIDTH / BLOCK_LEN) {
                    // Blocks that are missing at the end are zero, and so are their products.
                    let a = bytes_of_blocks(xor(load_some(some), before));
                    before = zero();
                    let b = load(powers[power..].as_flattened().first_chunk().unwrap_or(&[0; WIDTH]));
                    low = xor(low, multiply::<0x00>(a, b));
                    middle = xor3(middle, multiply::<0x01>(a, b), multiply::<0x10>(a, b));
                    high = xor(high, multiply::<0x11>(a, b));
                    power += WIDTH / BLOCK_LEN;
                }
                let result = reduce(sum(low), sum(middle), sum(high));
                // SAFETY: a block is exactly as long as the vector, and the instruction needs no alignment.
                unsafe { _mm_storeu_si128(state.as_mut_ptr().cast(), result) };
            }
        }

        /// Brings a product of 256 bits back to a block modulo x¹²⁸+x¹²⁷+x¹²⁶+x¹²¹+1 (RFC 8452 §3), two times 64
        /// bits, and turns its bytes to the order of GHASH.
        #[inline]
        #[target_feature(enable = $features)]
        fn reduce(low: __m128i, middle: __m128i, high: __m128i) -> __m128i {
            let polynomial = _mm_set_epi64x(0, 0xC2 << 56);
            let mut low = _mm_xor_si128(low, _mm_slli_si128::<8>(middle));
            let high = _mm_xor_si128(high, _mm_srli_si128::<8>(middle));
            for _ in 0..2 {
                let folded = _mm_clmulepi64_si128::<0x00>(low, polynomial);
                low = _mm_xor_si128(_mm_shuffle_epi32::<0x4E>(low), folded);
            }
            let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F);
            _mm_shuffle_epi8(_mm_xor_si128(low, high), order)
        }
    };
}

/// Functions of one line, each an instruction or two.
macro_rules! operations {
    ($features:literal $($name:ident $(<const $imm:ident>)? ($($arg:ident: $type:ty),*) -> $back:ty { $($body:tt)* })+) => {
        $(
            #[inline]
            #[target_feature(enable = $features)]
            fn $name$(<const $imm: i32>)?($($arg: $type),*) -> $back { $($body)* }
        )+
    };
}

mod avx512 {
    use std::arch::x86_64::*;

    use super::*;

    type Vector = __m512i;
    const GROUPS: usize = 4;

    kernel!("avx512f,avx512bw,gfni,vpclmulqdq,pclmulqdq,sse4.1");

    operations! { "avx512f,avx512bw,gfni,vpclmulqdq,pclmulqdq,sse4.1"
        zero() -> Vector { _mm512_setzero_si512() }
        all(word: u32) -> Vector { _mm512_set1_epi32(word as i32) }
        add(a: Vector, b: Vector) -> Vector { _mm512_add_epi32(a, b) }
        xor(a: Vector, b: Vector) -> Vector { _mm512_xor_si512(a, b) }
        xor3(a: Vector, b: Vector, c: Vector) -> Vector { _mm512_ternarylogic_epi32::<0x96>(a, b, c) }
        multiply<const IMM>(a: Vector, b: Vector) -> Vector { _mm512_clmulepi64_epi128::<IMM>(a, b) }
        // Word 4p + v is to become block p of vector v, which needs no moves across quarters.
        places() -> Vector {
            _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
        }
        bytes_of_words(a: Vector) -> Vector {
            _mm512_shuffle_epi8(a, _mm512_set4_epi32(0x0C0D0E0F, 0x08090A0B, 0x04050607, 0x00010203))
        }
        bytes_of_blocks(a: Vector) -> Vector {
            _mm512_shuffle_epi8(a, _mm512_set4_epi32(0x00010203, 0x04050607, 0x08090A0B, 0x0C0D0E0F))
        }
        substitute(a: Vector) -> Vector {
            let inside = _mm512_gf2p8affine_epi64_epi8::<{ INTO.1 as i32 }>(a, _mm512_set1_epi64(INTO.0 as i64));
            _mm512_gf2p8affineinv_epi64_epi8::<{ BACK.1 as i32 }>(inside, _mm512_set1_epi64(BACK.0 as i64))
        }
        // The linear map L (§6.2).
        spread(b: Vector) -> Vector {
            let some = xor3(b, _mm512_rol_epi32::<2>(b), _mm512_rol_epi32::<10>(b));
            xor3(some, _mm512_rol_epi32::<18>(b), _mm512_rol_epi32::<24>(b))
        }
        transpose(a: Vector, b: Vector, c: Vector, d: Vector) -> [Vector; 4] {
            let (low, low_next) = (_mm512_unpacklo_epi32(a, b), _mm512_unpacklo_epi32(c, d));
            let (high, high_next) = (_mm512_unpackhi_epi32(a, b), _mm512_unpackhi_epi32(c, d));
            [
                _mm512_unpacklo_epi64(low, low_next),
                _mm512_unpackhi_epi64(low, low_next),
                _mm512_unpacklo_epi64(high, high_next),
                _mm512_unpackhi_epi64(high, high_next),
            ]
        }
        load(bytes: &[u8; WIDTH]) -> Vector {
            // SAFETY: the array is exactly as long as the vector, and the instruction needs no alignment.
            unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
        }
        store(bytes: &mut [u8; WIDTH], a: Vector) -> () {
            // SAFETY: as for `load`.
            unsafe { _mm512_storeu_si512(bytes.as_mut_ptr().cast(), a) }
        }
        load_some(blocks: &[[u8; BLOCK_LEN]]) -> Vector {
            let mask = 0xFFu8 >> (8 - 2 * blocks.len().min(4));
            // SAFETY: of the eight 8-byte words only those under the mask are read, two for each block there is.
            unsafe { _mm512_maskz_loadu_epi64(mask, blocks.as_ptr().cast()) }
        }
        first(block: &[u8; BLOCK_LEN]) -> Vector { load_some(std::slice::from_ref(block)) }
        sum(a: Vector) -> __m128i {
            let half = _mm256_xor_si256(_mm512_castsi512_si256(a), _mm512_extracti64x4_epi64::<1>(a));
            _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half))
        }
    }
}

mod aes_ni {
    use std::arch::x86_64::*;

    use super::*;

    type Vector = __m128i;
    const GROUPS: usize = 2;

    kernel!("aes,avx,pclmulqdq,ssse3,sse4.1");

    operations! { "aes,avx,pclmulqdq,ssse3,sse4.1"
        zero() -> Vector { _mm_setzero_si128() }
        all(word: u32) -> Vector { _mm_set1_epi32(word as i32) }
        add(a: Vector, b: Vector) -> Vector { _mm_add_epi32(a, b) }
        xor(a: Vector, b: Vector) -> Vector { _mm_xor_si128(a, b) }
        xor3(a: Vector, b: Vector, c: Vector) -> Vector { xor(xor(a, b), c) }
        multiply<const IMM>(a: Vector, b: Vector) -> Vector { _mm_clmulepi64_si128::<IMM>(a, b) }
        places() -> Vector { _mm_setr_epi32(0, 1, 2, 3) }
        bytes_of_words(a: Vector) -> Vector {
            _mm_shuffle_epi8(a, _mm_set_epi32(0x0C0D0E0F, 0x08090A0B, 0x04050607, 0x00010203))
        }
        bytes_of_blocks(a: Vector) -> Vector {
            _mm_shuffle_epi8(a, _mm_set_epi32(0x00010203, 0x04050607, 0x08090A0B, 0x0C0D0E0F))
        }
        // Between the maps stand the S-box of AES and its shift of rows, whose inverse goes before it.
        substitute(a: Vector) -> Vector {
            let rows = _mm_set_epi32(0x0306_090C, 0x0F02_0508, 0x0B0E_0104, 0x070A_0D00);
            let inside = _mm_shuffle_epi8(map(a, &INTO_LOW, &INTO_HIGH), rows);
            map(_mm_aesenclast_si128(inside, zero()), &BACK_LOW, &BACK_HIGH)
        }
        // An affine map of bytes as the sum of two maps of half bytes; the tables stay in registers.
        map(a: Vector, low: &[u8; 16], high: &[u8; 16]) -> Vector {
            let half = _mm_set1_epi8(15);
            let of_low = _mm_shuffle_epi8(load(low), _mm_and_si128(a, half));
            let of_high = _mm_shuffle_epi8(load(high), _mm_and_si128(_mm_srli_epi16::<4>(a), half));
            xor(of_low, of_high)
        }
        // The linear map L (§6.2); turning by 2, 10 and 18 is turning by 2 after 0, 8 and 16.
        spread(b: Vector) -> Vector {
            let by_8 = _mm_shuffle_epi8(b, _mm_set_epi32(0x0E0D0C0F, 0x0A09080B, 0x06050407, 0x02010003));
            let by_16 = _mm_shuffle_epi8(b, _mm_set_epi32(0x0D0C0F0E, 0x09080B0A, 0x05040706, 0x01000302));
            let by_24 = _mm_shuffle_epi8(b, _mm_set_epi32(0x0C0F0E0D, 0x080B0A09, 0x04070605, 0x00030201));
            let inner = xor3(b, by_8, by_16);
            let turned = _mm_or_si128(_mm_slli_epi32::<2>(inner), _mm_srli_epi32::<30>(inner));
            xor3(b, by_24, turned)
        }
        transpose(a: Vector, b: Vector, c: Vector, d: Vector) -> [Vector; 4] {
            let (low, low_next) = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
            let (high, high_next) = (_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d));
            [
                _mm_unpacklo_epi64(low, low_next),
                _mm_unpackhi_epi64(low, low_next),
                _mm_unpacklo_epi64(high, high_next),
                _mm_unpackhi_epi64(high, high_next),
            ]
        }
        load(bytes: &[u8; WIDTH]) -> Vector {
            // SAFETY: the array is exactly as long as the vector, and the instruction needs no alignment.
            unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
        }
        store(bytes: &mut [u8; WIDTH], a: Vector) -> () {
            // SAFETY: as for `load`.
            unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), a) }
        }
        load_some(blocks: &[[u8; BLOCK_LEN]]) -> Vector { blocks.first().map_or(zero(), |block| load(block)) }
        first(block: &[u8; BLOCK_LEN]) -> Vector { load(block) }
        sum(a: Vector) -> __m128i { a }
    }

    const INTO_LOW: [u8; 16] = half_bytes(INTO, 0);
    const INTO_HIGH: [u8; 16] = half_bytes((INTO.0, 0), 4);
    const BACK_LOW: [u8; 16] = half_bytes(BACK_FROM_AES, 0);
    const BACK_HIGH: [u8; 16] = half_bytes((BACK_FROM_AES.0, 0), 4);

    /// The map of the sixteen half bytes at the bit `shift`. Byte 7 - i of a matrix is the row of bit i.
    const fn half_bytes(map: (u64, u8), shift: u32) -> [u8; 16] {
        let rows = map.0.to_be_bytes();
        let (mut table, mut x) = ([map.1; 16], 0);
        while x < 16 {
            let mut i = 0;
            while i < 8 {
                let bit = (rows[i] & ((x as u8) << shift)).count_ones() & 1;
                table[x] ^= (bit as u8) << i;
                i += 1;
            }
            x += 1;
        }
        table
    }
}
