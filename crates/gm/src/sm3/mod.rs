//! SM3 digest (GB/T 32905-2016) and HMAC-SM3 (GB/T 15852.2).

mod block;
mod hmac;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod many;
#[cfg(target_arch = "x86_64")]
mod simd;
mod stream;

#[cfg(test)]
mod tests;

pub(crate) use hmac::HmacKey;
pub use hmac::{hmac_sm3, pbkdf2_sm3};
pub use many::sm3_many;
pub use stream::Sm3;

/// Length of a digest in bytes.
pub const DIGEST_LEN: usize = 32;

/// SM3 of one slice.
pub fn sm3(data: &[u8]) -> [u8; DIGEST_LEN] {
    Sm3::new().chain(data).finish()
}
