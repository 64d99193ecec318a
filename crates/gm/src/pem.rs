//! PEM armour of RFC 7468, read strictly: exact labels, 64 characters a line, canonical base64.

use crate::{GmError, base64};

const LINE: usize = 64;

/// Wraps DER bytes as a PEM block ending in a line feed. `label` is for example `CERTIFICATE`.
pub fn encode(label: &str, der: &[u8]) -> String {
    let text = base64::encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    // Base64 text is ASCII, so cutting at any byte is safe; `get` keeps it free of panics all the same.
    let mut start = 0;
    while let Some(line) = text.get(start..text.len().min(start + LINE)).filter(|line| !line.is_empty()) {
        out.push_str(line);
        out.push('\n');
        start += LINE;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// Reads the only block of the text, which must bear `label`. Text outside the block may only be white space.
///
/// # Errors
/// [`GmError::Pem`] or [`GmError::Base64`].
pub fn decode(label: &str, text: &str) -> Result<Vec<u8>, GmError> {
    let mut blocks = decode_all(label, text)?;
    match (blocks.pop(), blocks.is_empty()) {
        (Some(block), true) => Ok(block),
        (Some(_), false) => Err(fault(label, "含有多个数据块")),
        (None, _) => Err(fault(label, "没有找到数据块")),
    }
}

/// Reads every block of a bundle, in order; all must bear `label`. An empty text gives an empty list.
///
/// # Errors
/// As for [`decode`].
pub fn decode_all(label: &str, text: &str) -> Result<Vec<Vec<u8>>, GmError> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    let mut last_line_full = true;
    for line in text.lines() {
        match open.as_mut() {
            None if line.trim().is_empty() => {}
            None if line == begin => open = Some(String::new()),
            None => return Err(fault(label, "起始行不对")),
            Some(body) if line == end => {
                blocks.push(base64::decode(body)?);
                open = None;
                last_line_full = true;
            }
            Some(_) if line.len() > LINE || line.is_empty() || !last_line_full => {
                return Err(fault(label, "除末行外每行应为 64 个字符"));
            }
            Some(body) => {
                last_line_full = line.len() == LINE;
                body.push_str(line);
            }
        }
    }
    if open.is_some() {
        return Err(fault(label, "缺少结束行"));
    }
    Ok(blocks)
}

fn fault(label: &str, rule: &'static str) -> GmError {
    GmError::Pem { label: label.to_owned(), rule }
}
