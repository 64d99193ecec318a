//! The string that a request signature covers: one line a part, in a fixed order.

use super::{AuthError, Scheme, hex};

/// Longest path in bytes.
pub(super) const LONGEST_PATH: usize = 2048;
/// Longest query in bytes, without the `?`.
pub(super) const LONGEST_QUERY: usize = 8192;

/// Every part that the signature covers. All are ASCII without line breaks once [`Parts::check`] passed, so no part
/// can reach into its neighbour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) scheme: Scheme,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    /// SM3 of the body in hex.
    pub(super) body: &'a str,
    /// Unix seconds, as sent.
    pub(super) time: &'a str,
    pub(super) nonce: &'a str,
    pub(super) key: &'a str,
    /// Node that the request is for; `""` if it does not say.
    pub(super) to: &'a str,
    /// Person headers, as sent.
    pub(super) person: [&'a str; 5],
}

impl Parts<'_> {
    /// Checks the request line; header values were checked where they were read.
    pub(super) fn check(&self) -> Result<(), AuthError> {
        if self.method.is_empty() || self.method.len() > 16 || !all(self.method, |b| b.is_ascii_uppercase()) {
            return Err(AuthError::format("请求方法", "应为 1 到 16 个大写字母"));
        }
        if !self.path.starts_with('/') || self.path.len() > LONGEST_PATH {
            return Err(AuthError::format("路径", "应以“/”开头，且不超过 2048 字节"));
        }
        if !all(self.path, |b| b.is_ascii_graphic() && b != b'?' && b != b'#') {
            return Err(AuthError::format("路径", "除可见的 ASCII 字符外须作百分号编码"));
        }
        if self.query.len() > LONGEST_QUERY || !all(self.query, |b| b.is_ascii_graphic() && b != b'#') {
            return Err(AuthError::format(
                "查询串",
                "应为不超过 8192 字节的可见 ASCII 字符，其余作百分号编码",
            ));
        }
        Ok(())
    }

    /// The covered string.
    pub(super) fn canonical(&self) -> String {
        let [operator, unit, staff, purpose, case] = self.person;
        let lines = [
            self.scheme.name(),
            self.method,
            self.path,
            self.query,
            self.body,
            self.time,
            self.nonce,
            self.key,
            self.to,
            operator,
            unit,
            staff,
            purpose,
            case,
        ];
        let mut out = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
        for line in lines {
            out.push_str(line);
            out.push('\n');
        }
        out
    }
}

/// The string that a receipt covers.
pub(super) fn receipt(request: &[u8; 32], status: u16, body: &[u8; 32], time: &str, key: &str) -> String {
    let mut out = String::with_capacity(256);
    out.push_str("LZ-RECEIPT\n");
    hex::push(&mut out, request);
    out.push('\n');
    out.push_str(&status.to_string());
    out.push('\n');
    hex::push(&mut out, body);
    for part in ["\n", time, "\n", key, "\n"] {
        out.push_str(part);
    }
    out
}

pub(super) fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}
