//! One-time codes as authenticator apps make them: RFC 6238 over HMAC-SHA-1, six digits, thirty seconds; and their secret in Base32.
//!
//! SHA-1 stands here because every app speaks it; a short-lived HMAC needs no collision resistance. Nothing else uses it.

/// Seconds of a step.
const STEP: i64 = 30;
/// Bytes of a secret: RFC 4226 R6 asks for 160 bits.
pub(super) const SECRET: usize = 20;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of an instant (microseconds UTC).
pub(super) fn step_of(now: i64) -> i64 {
    now.div_euclid(STEP * 1_000_000)
}

/// The code of a secret at an instant (microseconds UTC): six digits.
pub fn code(secret: &[u8], now: i64) -> String {
    code_of(secret, step_of(now))
}

/// The code of a step (RFC 4226 §5.3).
pub(super) fn code_of(secret: &[u8], step: i64) -> String {
    let mac = hmac(secret, &step.to_be_bytes());
    let from = usize::from(mac[19] & 15);
    let word = u32::from_be_bytes([mac[from], mac[from + 1], mac[from + 2], mac[from + 3]]) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// Base32 (RFC 4648) without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    (0..(bytes.len() * 8).div_ceil(5))
        .map(|group| {
            let value = (0..5).fold(0, |value, place| value << 1 | usize::from(bit(group * 5 + place)));
            char::from(ALPHABET[value])
        })
        .collect()
}

/// The bytes of a Base32 text; `None` if it is none.
pub(super) fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for byte in text.bytes() {
        let value = ALPHABET.iter().position(|one| *one == byte.to_ascii_uppercase())?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
        held &= (1 << bits) - 1;
    }
    Some(out)
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 20] {
    // Secrets here are 20 bytes: no key is longer than a block and has to be hashed first.
    let padded = |pad: u8| -> Vec<u8> {
        (0..64).map(|place| key.get(place).copied().unwrap_or_default() ^ pad).collect()
    };
    let inner = sha1(&[padded(0x36), message.to_vec()].concat());
    sha1(&[padded(0x5c), inner.to_vec()].concat())
}

/// SHA-1 (RFC 3174).
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - message.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let end = padded.len() - 8;
    padded[end..].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        compress(&mut state, block);
    }
    let mut out = [0; 20];
    for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    out
}

fn compress(state: &mut [u32; 5], block: &[u8]) {
    let mut words = [0u32; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |all, byte| all << 8 | u32::from(*byte));
    }
    for at in 16..80 {
        words[at] = (words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16]).rotate_left(1);
    }
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for (round, word) in words.into_iter().enumerate() {
        let (mixed, constant) = match round {
            0..20 => (b & c | !b & d, 0x5a82_7999),
            20..40 => (b ^ c ^ d, 0x6ed9_eba1),
            40..60 => (b & c | b & d | c & d, 0x8f1b_bcdc_u32),
            _ => (b ^ c ^ d, 0xca62_c1d6),
        };
        let next = [a.rotate_left(5), mixed, e, constant, word].into_iter().fold(0, u32::wrapping_add);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
    }
    for (all, one) in state.iter_mut().zip([a, b, c, d, e]) {
        *all = all.wrapping_add(one);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RFC: &[u8; SECRET] = b"12345678901234567890";

    #[test]
    fn the_digest_is_that_of_the_standard() {
        let hex = |bytes: [u8; 20]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(sha1(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex(sha1(b"")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(sha1(long)), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of its eight digits.
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(RFC, seconds * 1_000_000), wanted, "{seconds}");
        }
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(from_base32("mzxw6ytboi").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(from_base32("M1"), None);
    }

    proptest! {
        #[test]
        fn base32_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(from_base32(&base32(&bytes)), Some(bytes));
        }
    }
}
