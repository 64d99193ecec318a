//! Codes of reasons, three characters in two bytes.

use model::Reason;

use super::ReceiptError;
use crate::code::Bytes;

/// Characters that all codes of a receipt take together, commas included.
const MOST: usize = 48;
/// Place 0 is the filler of an incomplete last group.
const ALPHABET: &[u8; 39] = b"\0ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_,";
const FIELD: &str = "理由代码";

/// The codes of a verdict's reasons that a receipt has room for: the heaviest first, at least one.
pub(super) fn heaviest(reasons: &[Reason]) -> Vec<String> {
    let mut sorted: Vec<&Reason> = reasons.iter().collect();
    sorted.sort_by_key(|reason| std::cmp::Reverse(reason.weight));
    let mut codes: Vec<String> = Vec::new();
    let mut length = 0;
    for code in sorted.into_iter().map(|reason| &reason.code) {
        if codes.contains(code) {
            continue;
        }
        length += code.len() + usize::from(!codes.is_empty());
        if length > MOST {
            break;
        }
        codes.push(code.clone());
    }
    codes
}

pub(super) fn push(out: &mut Vec<u8>, codes: &[String]) -> Result<(), ReceiptError> {
    let joined = codes.join(",");
    let well = codes.iter().all(|code| !code.is_empty() && !code.contains(','));
    if !well || !(1..=MOST).contains(&joined.len()) {
        return Err(ReceiptError::Field(FIELD));
    }
    let place = |byte: u8| ALPHABET.iter().skip(1).position(|one| *one == byte).map(|place| place as u16 + 1);
    let places: Option<Vec<u16>> = joined.bytes().map(place).collect();
    let places = places.ok_or(ReceiptError::Field(FIELD))?;
    let groups = places.chunks(3);
    // Sixteen groups at most.
    out.push(groups.len() as u8);
    for group in groups {
        let at = |index: usize| group.get(index).copied().unwrap_or_default();
        out.extend((at(0) * 1600 + at(1) * 40 + at(2)).to_be_bytes());
    }
    Ok(())
}

pub(super) fn read(bytes: &mut Bytes<'_>) -> Result<Vec<String>, ReceiptError> {
    let groups = bytes.byte(FIELD)?;
    let mut joined = String::new();
    for _ in 0..groups {
        let value = usize::from(bytes.u16(FIELD)?);
        for place in [value / 1600, value / 40 % 40, value % 40] {
            match ALPHABET.get(place) {
                Some(0) => {}
                Some(byte) => joined.push(char::from(*byte)),
                None => return Err(ReceiptError::Field(FIELD)),
            }
        }
    }
    // A filler elsewhere than at the end, or an empty code, encodes otherwise: the caller compares.
    Ok(joined.split(',').map(str::to_owned).collect())
}
