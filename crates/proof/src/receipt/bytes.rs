//! The pieces that all structures of a receipt are made of.

use super::ReceiptError;
use crate::code::Bytes;

/// Most bytes of a node's id, a staff number, a unit.
pub(super) const NODE_MOST: usize = 40;
const STAFF_MOST: usize = 32;
const UNIT_MOST: usize = 90;

/// 2000-01-01T00:00:00Z in Unix seconds: second 0 of all times here.
const EPOCH: i64 = 946_684_800;

/// A time (Unix seconds) as four bytes.
pub(super) fn push_time(out: &mut Vec<u8>, unix: i64, field: &'static str) -> Result<(), ReceiptError> {
    let seconds = u32::try_from(unix - EPOCH).map_err(|_| ReceiptError::Field(field))?;
    out.extend(seconds.to_be_bytes());
    Ok(())
}

pub(super) fn time(bytes: &mut Bytes<'_>, field: &'static str) -> Result<i64, ReceiptError> {
    Ok(EPOCH + i64::from(number(bytes, field)?))
}

/// A number of four bytes.
pub(super) fn number(bytes: &mut Bytes<'_>, field: &'static str) -> Result<u32, ReceiptError> {
    Ok(u32::from_be_bytes(array(bytes, field)?))
}

pub(super) fn array<const N: usize>(
    bytes: &mut Bytes<'_>,
    field: &'static str,
) -> Result<[u8; N], ReceiptError> {
    let mut out = [0; N];
    out.copy_from_slice(bytes.take(N, field)?);
    Ok(out)
}

/// A text: a length byte and UTF-8 without control characters or blanks at its ends.
pub(super) fn push_text(
    out: &mut Vec<u8>,
    text: &str,
    most: usize,
    field: &'static str,
) -> Result<(), ReceiptError> {
    if !fits(text, most) {
        return Err(ReceiptError::Field(field));
    }
    // `most` is below 256.
    out.push(text.len() as u8);
    out.extend(text.as_bytes());
    Ok(())
}

pub(super) fn text(bytes: &mut Bytes<'_>, most: usize, field: &'static str) -> Result<String, ReceiptError> {
    let length = bytes.byte(field)?;
    let text = std::str::from_utf8(bytes.take(usize::from(length), field)?);
    let text = text.ok().filter(|text| fits(text, most)).ok_or(ReceiptError::Field(field))?;
    Ok(text.to_owned())
}

fn fits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
}

/// Who checks: node, 执法证号, unit.
pub(super) fn push_officer(
    out: &mut Vec<u8>,
    node: &str,
    staff_no: &str,
    unit: &str,
) -> Result<(), ReceiptError> {
    push_text(out, node, NODE_MOST, "节点")?;
    push_text(out, staff_no, STAFF_MOST, "执法证号")?;
    push_text(out, unit, UNIT_MOST, "执法单位")
}

pub(super) fn officer(bytes: &mut Bytes<'_>) -> Result<(String, String, String), ReceiptError> {
    Ok((
        text(bytes, NODE_MOST, "节点")?,
        text(bytes, STAFF_MOST, "执法证号")?,
        text(bytes, UNIT_MOST, "执法单位")?,
    ))
}

/// Nothing may follow.
pub(super) fn end(bytes: &Bytes<'_>) -> Result<(), ReceiptError> {
    if bytes.0.is_empty() { Ok(()) } else { Err(ReceiptError::Field("长度")) }
}
