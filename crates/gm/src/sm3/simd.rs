//! The compression function of SM3 for 8 or 16 streams side by side: lane i of every vector belongs to stream i.
//!
//! The only file of the product with `unsafe` code: a vector instruction may run only where the processor has it, and
//! [`Wide8`] and [`Wide16`], which exist only after asking the processor, are the proof of that.
#![allow(unsafe_code)]

/// Defines a proof type with its check and its kernel.
macro_rules! wide {
    ($(#[$doc:meta])* $name:ident, $lanes:literal, $module:ident, $($feature:tt)+) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) struct $name(());

        impl $name {
            /// The kernel, if this processor has the instructions.
            pub(super) fn detect() -> Option<Self> {
                (true $(&& is_x86_feature_detected!($feature))+).then_some(Self(()))
            }

            /// Takes in one block after the other of every stream, as many as the first has; the others must not
            /// have fewer. `state[w][i]` is word w of stream i.
            pub(super) fn compress(self, state: &mut [[u32; $lanes]; 8], streams: &[&[[u8; 64]]; $lanes]) {
                // SAFETY: a value of this type exists only if `detect` found every instruction set of the kernel.
                unsafe { $module::compress(state, streams) }
            }
        }
    };
}

wide!(
    /// Sixteen streams in the 512-bit registers of AVX-512.
    Wide16, 16, avx512, "avx512f" "avx512bw"
);
wide!(
    /// Eight streams in the 256-bit registers of AVX2.
    Wide8, 8, avx2, "avx2"
);

/// The compression function over the vector operations of the module it stands in (GB/T 32905-2016 §5.3).
macro_rules! compression {
    ($features:literal) => {
        #[target_feature(enable = $features)]
        pub(super) fn compress(state: &mut [[u32; LANES]; 8], streams: &[&[[u8; 64]]; LANES]) {
            let mut s = [zero(); 8];
            for i in 0..8 {
                s[i] = load(&state[i]);
            }
            for block in 0..streams[0].len() {
                let mut w = words(streams, block);
                let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = s;
                for j in 0..64 {
                    if j >= 12 {
                        w[(j + 4) % 16] = expand(&w, j + 4);
                    }
                    let word = w[j % 16];
                    let turned = rol::<12, 20>(a);
                    let ss1 = rol::<7, 25>(add(turned, add(e, all(T[j]))));
                    let early = j < 16;
                    let ff = if early { xor3(a, b, c) } else { majority(a, b, c) };
                    let gg = if early { xor3(e, f, g) } else { choose(e, f, g) };
                    let tt1 = add(add(ff, add(d, xor(word, w[(j + 4) % 16]))), xor(ss1, turned));
                    let tt2 = add(add(gg, add(h, word)), ss1);
                    (d, c, b, a) = (c, rol::<9, 23>(b), a, tt1);
                    (h, g, f) = (g, rol::<19, 13>(f), e);
                    e = xor3(tt2, rol::<9, 23>(tt2), rol::<17, 15>(tt2));
                }
                let mixed = [a, b, c, d, e, f, g, h];
                for i in 0..8 {
                    s[i] = xor(s[i], mixed[i]);
                }
            }
            for i in 0..8 {
                store(&mut state[i], s[i]);
            }
        }

        /// W_j from the sixteen words before it (§5.3.2).
        #[inline]
        #[target_feature(enable = $features)]
        fn expand(w: &[Vector; 16], j: usize) -> Vector {
            let x = xor3(w[j % 16], w[(j + 7) % 16], rol::<15, 17>(w[(j + 13) % 16]));
            let p1 = xor3(x, rol::<15, 17>(x), rol::<23, 9>(x));
            xor3(p1, rol::<7, 25>(w[(j + 3) % 16]), w[(j + 10) % 16])
        }
    };
}

mod avx512 {
    use std::arch::x86_64::*;

    use crate::sm3::block::T;

    const LANES: usize = 16;
    type Vector = __m512i;

    compression!("avx512f,avx512bw");

    /// Words 0 to 15 of one block of every stream, brought from rows into columns.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn words(streams: &[&[[u8; 64]]; LANES], block: usize) -> [Vector; 16] {
        let order = _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
        let mut rows = [zero(); 16];
        for lane in 0..LANES {
            let bytes = &streams[lane][block];
            // SAFETY: a block is exactly as long as the vector, and the instruction needs no alignment.
            let row = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
            rows[lane] = _mm512_shuffle_epi8(row, order);
        }
        // quads[4g + c], part p: word 4p + c of the streams 4g to 4g + 3.
        let mut quads = [zero(); 16];
        for g in (0..16).step_by(4) {
            let low = _mm512_unpacklo_epi32(rows[g], rows[g + 1]);
            let high = _mm512_unpackhi_epi32(rows[g], rows[g + 1]);
            let low_next = _mm512_unpacklo_epi32(rows[g + 2], rows[g + 3]);
            let high_next = _mm512_unpackhi_epi32(rows[g + 2], rows[g + 3]);
            quads[g] = _mm512_unpacklo_epi64(low, low_next);
            quads[g + 1] = _mm512_unpackhi_epi64(low, low_next);
            quads[g + 2] = _mm512_unpacklo_epi64(high, high_next);
            quads[g + 3] = _mm512_unpackhi_epi64(high, high_next);
        }
        let mut words = [zero(); 16];
        for c in 0..4 {
            let front = _mm512_shuffle_i32x4::<0x44>(quads[c], quads[c + 4]);
            let back = _mm512_shuffle_i32x4::<0xEE>(quads[c], quads[c + 4]);
            let front_next = _mm512_shuffle_i32x4::<0x44>(quads[c + 8], quads[c + 12]);
            let back_next = _mm512_shuffle_i32x4::<0xEE>(quads[c + 8], quads[c + 12]);
            words[c] = _mm512_shuffle_i32x4::<0x88>(front, front_next);
            words[c + 4] = _mm512_shuffle_i32x4::<0xDD>(front, front_next);
            words[c + 8] = _mm512_shuffle_i32x4::<0x88>(back, back_next);
            words[c + 12] = _mm512_shuffle_i32x4::<0xDD>(back, back_next);
        }
        words
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn zero() -> Vector {
        _mm512_setzero_si512()
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn all(word: u32) -> Vector {
        _mm512_set1_epi32(word as i32)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn load(words: &[u32; LANES]) -> Vector {
        // SAFETY: the array is exactly as long as the vector, and the instruction needs no alignment.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn store(words: &mut [u32; LANES], vector: Vector) {
        // SAFETY: as for `load`.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn add(a: Vector, b: Vector) -> Vector {
        _mm512_add_epi32(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn xor(a: Vector, b: Vector) -> Vector {
        _mm512_xor_si512(a, b)
    }

    /// Rotation to the left; the second number, its complement, is for processors without such an instruction.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn rol<const LEFT: i32, const RIGHT: i32>(a: Vector) -> Vector {
        _mm512_rol_epi32::<LEFT>(a)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn xor3(a: Vector, b: Vector, c: Vector) -> Vector {
        _mm512_ternarylogic_epi32::<0x96>(a, b, c)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn majority(a: Vector, b: Vector, c: Vector) -> Vector {
        _mm512_ternarylogic_epi32::<0xE8>(a, b, c)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn choose(a: Vector, b: Vector, c: Vector) -> Vector {
        _mm512_ternarylogic_epi32::<0xCA>(a, b, c)
    }
}

mod avx2 {
    use std::arch::x86_64::*;

    use crate::sm3::block::T;

    const LANES: usize = 8;
    type Vector = __m256i;

    compression!("avx2");

    /// Words 0 to 15 of one block of every stream, brought from rows into columns.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn words(streams: &[&[[u8; 64]]; LANES], block: usize) -> [Vector; 16] {
        let mut words = [zero(); 16];
        for half in 0..2 {
            let mut rows = [zero(); LANES];
            for lane in 0..LANES {
                let (halves, _) = streams[lane][block].as_chunks::<32>();
                rows[lane] = row(&halves[half]);
            }
            words[8 * half..8 * half + 8].copy_from_slice(&transpose(&rows));
        }
        words
    }

    /// Eight big-endian words.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn row(bytes: &[u8; 32]) -> Vector {
        let order = _mm256_set_epi32(
            0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203, 0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203,
        );
        // SAFETY: the bytes are exactly as many as in the vector, and the instruction needs no alignment.
        let row = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
        _mm256_shuffle_epi8(row, order)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn transpose(rows: &[Vector; 8]) -> [Vector; 8] {
        // quads[4g + c], part p: word 4p + c of the rows 4g to 4g + 3.
        let mut quads = [zero(); 8];
        for g in [0, 4] {
            let low = _mm256_unpacklo_epi32(rows[g], rows[g + 1]);
            let high = _mm256_unpackhi_epi32(rows[g], rows[g + 1]);
            let low_next = _mm256_unpacklo_epi32(rows[g + 2], rows[g + 3]);
            let high_next = _mm256_unpackhi_epi32(rows[g + 2], rows[g + 3]);
            quads[g] = _mm256_unpacklo_epi64(low, low_next);
            quads[g + 1] = _mm256_unpackhi_epi64(low, low_next);
            quads[g + 2] = _mm256_unpacklo_epi64(high, high_next);
            quads[g + 3] = _mm256_unpackhi_epi64(high, high_next);
        }
        let mut columns = [zero(); 8];
        for c in 0..4 {
            columns[c] = _mm256_permute2x128_si256::<0x20>(quads[c], quads[c + 4]);
            columns[c + 4] = _mm256_permute2x128_si256::<0x31>(quads[c], quads[c + 4]);
        }
        columns
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn zero() -> Vector {
        _mm256_setzero_si256()
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn all(word: u32) -> Vector {
        _mm256_set1_epi32(word as i32)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(words: &[u32; LANES]) -> Vector {
        // SAFETY: the array is exactly as long as the vector, and the instruction needs no alignment.
        unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn store(words: &mut [u32; LANES], vector: Vector) {
        // SAFETY: as for `load`.
        unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), vector) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn add(a: Vector, b: Vector) -> Vector {
        _mm256_add_epi32(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn xor(a: Vector, b: Vector) -> Vector {
        _mm256_xor_si256(a, b)
    }

    /// Rotation to the left, put together from two shifts.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn rol<const LEFT: i32, const RIGHT: i32>(a: Vector) -> Vector {
        _mm256_or_si256(_mm256_slli_epi32::<LEFT>(a), _mm256_srli_epi32::<RIGHT>(a))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn xor3(a: Vector, b: Vector, c: Vector) -> Vector {
        xor(xor(a, b), c)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn majority(a: Vector, b: Vector, c: Vector) -> Vector {
        _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(c, xor(a, b)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn choose(a: Vector, b: Vector, c: Vector) -> Vector {
        xor(_mm256_and_si256(xor(b, c), a), c)
    }
}
