//! `name=value, name=value`: the parameters behind a scheme. No quotes, every name once, unknown names refused.

use super::canonical::all;
use super::{AuthError, hex};

/// Longest header taken in.
const LONGEST: usize = 1024;

/// Splits parameters and puts each value in the place of its name.
pub(super) fn parse<'a, const N: usize>(
    header: &'static str,
    text: &'a str,
    names: [&str; N],
) -> Result<[Option<&'a str>; N], AuthError> {
    if text.len() > LONGEST {
        return Err(AuthError::format(header, "超过 1024 字节"));
    }
    let mut values = [None; N];
    for part in text.split(',') {
        let (name, value) = part
            .trim_matches(' ')
            .split_once('=')
            .ok_or(AuthError::format(header, "每项应为“名称=值”，以逗号分隔"))?;
        let place = names.iter().position(|known| *known == name);
        let place = place.ok_or(AuthError::format(header, "含未知的参数"))?;
        if values[place].replace(value).is_some() {
            return Err(AuthError::format(header, "同一参数出现两次"));
        }
    }
    Ok(values)
}

/// Key ids and node ids: 1 to 64 of letters, digits and `. _ : -`.
pub(super) fn id<'a>(item: &'static str, value: &'a str) -> Result<&'a str, AuthError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
    if (1..=64).contains(&value.len()) && all(value, allowed) {
        Ok(value)
    } else {
        Err(AuthError::format(item, "应为 1 到 64 个字母、数字或“. _ : -”"))
    }
}

/// Unix seconds: 1 to 12 digits without leading zeros.
pub(super) fn time(item: &'static str, value: &str) -> Result<i64, AuthError> {
    let plain = (1..=12).contains(&value.len()) && all(value, |b| b.is_ascii_digit());
    let canonical = plain && (value == "0" || !value.starts_with('0'));
    let wrong = AuthError::format(item, "应为 Unix 秒数，十进制，不带前导零");
    if canonical { value.parse().map_err(|_| wrong) } else { Err(wrong) }
}

/// Base64url without padding of 16 to 48 bytes: 22 to 64 characters.
pub(super) fn nonce(value: &str) -> Result<&str, AuthError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if (22..=64).contains(&value.len()) && all(value, allowed) {
        Ok(value)
    } else {
        Err(AuthError::format("nonce", "应为 16 字节以上随机数的 base64url 编码（22 到 64 个字符，无填充）"))
    }
}

/// A signature value of N bytes in hex.
pub(super) fn signature<const N: usize>(value: &str) -> Result<[u8; N], AuthError> {
    hex::decode(value)
        .ok_or(AuthError::format("signature", "应为小写十六进制，HMAC-SM3 为 64 位，SM2 为 128 位"))
}
