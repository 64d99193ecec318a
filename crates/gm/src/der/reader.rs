//! Reading strict DER.

use super::{Oid, Tag, strings, time};
use crate::GmError;

/// Deepest nesting a [`Reader`] follows; certificates and seals need fewer than 16 levels.
pub const MAX_DEPTH: u8 = 32;

/// A BIT STRING: its bytes and how many bits of the last byte do not belong to it (0 to 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BitString<'a> {
    /// All bytes; unused bits are zero.
    pub bytes: &'a [u8],
    /// Unused low bits of the last byte.
    pub unused: u8,
}

/// A cursor over a series of TLVs in one slice. Every method either consumes exactly one TLV or fails and
/// leaves the cursor where it was. Nothing panics, whatever the bytes.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
    /// Offset of `bytes` in the outermost slice, for messages.
    base: usize,
    depth: u8,
}

/// One TLV cut from the input.
struct Element<'a> {
    tag: Tag,
    whole: &'a [u8],
    content: &'a [u8],
    end: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, pos: 0, base: 0, depth: 0 }
    }

    /// True when every byte is consumed.
    pub fn is_empty(&self) -> bool {
        self.pos == self.bytes.len()
    }

    /// Position in the outermost slice, in bytes.
    pub fn offset(&self) -> usize {
        self.base + self.pos
    }

    /// Tag of the next TLV, or `None` at the end. Says nothing about the rest of the TLV.
    pub fn peek_tag(&self) -> Option<Tag> {
        self.bytes.get(self.pos).map(|&byte| Tag(byte))
    }

    /// An error at the current position, for rules that the caller checks.
    pub fn fault(&self, rule: &'static str) -> GmError {
        GmError::Der { offset: self.offset(), rule }
    }

    /// Demands that no bytes follow.
    ///
    /// # Errors
    /// [`GmError::Der`] if some do.
    pub fn finish(self) -> Result<(), GmError> {
        if self.is_empty() { Ok(()) } else { Err(self.fault("末尾有多余数据")) }
    }

    /// The next TLV exactly as received, header included. Its content is not looked into.
    ///
    /// # Errors
    /// [`GmError::Der`] if the header is not DER or the input ends early. The same holds for all methods below,
    /// which also demand their own tag and a content that is valid for it.
    pub fn raw_tlv(&mut self) -> Result<&'a [u8], GmError> {
        self.element().map(|element| self.consume(element).whole)
    }

    /// The next TLV of any kind: tag and content.
    pub fn any(&mut self) -> Result<(Tag, &'a [u8]), GmError> {
        let element = self.element()?;
        let element = self.consume(element);
        Ok((element.tag, element.content))
    }

    /// Content of the next TLV, which must bear `tag`.
    pub fn content(&mut self, tag: Tag) -> Result<&'a [u8], GmError> {
        self.typed(tag, "内容不符", Some)
    }

    /// A reader over the content of the next TLV, which must bear the constructed `tag`.
    /// Call [`Reader::finish`] on it when done.
    pub fn nested(&mut self, tag: Tag) -> Result<Reader<'a>, GmError> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault("嵌套层数超过 32"));
        }
        let content = self.content(tag)?;
        // `content` ends where the cursor now stands.
        Ok(Reader { bytes: content, pos: 0, base: self.offset() - content.len(), depth: self.depth + 1 })
    }

    /// Reads a constructed TLV with `read` and demands that it takes every byte.
    pub fn nested_with<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, GmError>,
    ) -> Result<T, GmError> {
        let before = self.pos;
        let result = self.nested(tag).and_then(|mut inner| {
            let value = read(&mut inner)?;
            inner.finish().map(|()| value)
        });
        if result.is_err() {
            self.pos = before;
        }
        result
    }

    /// A reader over a SEQUENCE.
    pub fn sequence(&mut self) -> Result<Reader<'a>, GmError> {
        self.nested(Tag::SEQUENCE)
    }

    /// A reader over a SET. The order of its members is not checked.
    pub fn set(&mut self) -> Result<Reader<'a>, GmError> {
        self.nested(Tag::SET)
    }

    /// Every member of a SEQUENCE OF, each read by `read`.
    pub fn sequence_of<T>(
        &mut self,
        mut read: impl FnMut(&mut Reader<'a>) -> Result<T, GmError>,
    ) -> Result<Vec<T>, GmError> {
        self.nested_with(Tag::SEQUENCE, |inner| {
            let mut members = Vec::new();
            while !inner.is_empty() {
                members.push(read(inner)?);
            }
            Ok(members)
        })
    }

    /// True if the next TLV is of `tag`.
    pub fn is_next(&self, tag: Tag) -> bool {
        self.peek_tag() == Some(tag)
    }

    /// A reader over explicit `[number]`.
    pub fn explicit(&mut self, number: u8) -> Result<Reader<'a>, GmError> {
        self.nested(Tag::context(number))
    }

    /// A reader over `[number]`, constructed, if it comes next: an explicit tag, or an implicit SEQUENCE or SET.
    pub fn optional_explicit(&mut self, number: u8) -> Result<Option<Reader<'a>>, GmError> {
        if self.is_next(Tag::context(number)) { self.explicit(number).map(Some) } else { Ok(None) }
    }

    /// Content of `[number] IMPLICIT` over a primitive type, if it comes next.
    pub fn optional_implicit(&mut self, number: u8) -> Result<Option<&'a [u8]>, GmError> {
        let tag = Tag::context_primitive(number);
        if self.is_next(tag) { self.content(tag).map(Some) } else { Ok(None) }
    }

    /// BOOLEAN, as 00 or FF only (X.690 §11.1).
    pub fn boolean(&mut self) -> Result<bool, GmError> {
        self.typed(Tag::BOOLEAN, "BOOLEAN 应为 00 或 FF", |content| match content {
            [0x00] => Some(false),
            [0xFF] => Some(true),
            _ => None,
        })
    }

    /// NULL.
    pub fn null(&mut self) -> Result<(), GmError> {
        self.typed(Tag::NULL, "NULL 应为空", |content| content.is_empty().then_some(()))
    }

    /// Content octets of an INTEGER: two's complement, minimal, sign included.
    pub fn integer_bytes(&mut self) -> Result<&'a [u8], GmError> {
        self.typed(Tag::INTEGER, "INTEGER 不是最短编码", minimal_integer)
    }

    /// Magnitude of a non-negative INTEGER, big endian without leading zeros; `[0]` for zero.
    pub fn integer_unsigned(&mut self) -> Result<&'a [u8], GmError> {
        self.typed(Tag::INTEGER, "INTEGER 应为最短编码的非负整数", |content| match minimal_integer(
            content,
        )? {
            [0x00, rest @ ..] if !rest.is_empty() => Some(rest),
            [first, ..] if first & 0x80 != 0 => None,
            positive => Some(positive),
        })
    }

    /// Non-negative INTEGER below 2^64.
    pub fn integer_u64(&mut self) -> Result<u64, GmError> {
        let before = self.clone();
        let bytes = self.integer_unsigned()?;
        let mut value = [0u8; 8];
        let Some(place) = value.len().checked_sub(bytes.len()) else {
            *self = before;
            return Err(self.fault("INTEGER 超出 64 位"));
        };
        value[place..].copy_from_slice(bytes);
        Ok(u64::from_be_bytes(value))
    }

    /// ENUMERATED from 0 to 127.
    pub fn enumerated(&mut self) -> Result<u8, GmError> {
        self.typed(Tag::ENUMERATED, "ENUMERATED 应在 0 到 127 之间", |content| match content {
            &[value] if value < 0x80 => Some(value),
            _ => None,
        })
    }

    /// OBJECT IDENTIFIER.
    pub fn oid(&mut self) -> Result<Oid, GmError> {
        self.typed(Tag::OID, "对象标识符编码不对", Oid::from_content)
    }

    /// OCTET STRING.
    pub fn octet_string(&mut self) -> Result<&'a [u8], GmError> {
        self.content(Tag::OCTET_STRING)
    }

    /// BIT STRING of whole bytes.
    pub fn bit_string(&mut self) -> Result<&'a [u8], GmError> {
        self.typed(Tag::BIT_STRING, "BIT STRING 应为整字节", |content| {
            bits(content).filter(|bits| bits.unused == 0).map(|bits| bits.bytes)
        })
    }

    /// BIT STRING of any number of bits; unused bits must be zero (X.690 §11.2.1).
    pub fn bit_string_with_unused(&mut self) -> Result<BitString<'a>, GmError> {
        self.typed(Tag::BIT_STRING, "BIT STRING 的未用位不对", bits)
    }

    /// UTF8String.
    pub fn utf8(&mut self) -> Result<&'a str, GmError> {
        self.typed(Tag::UTF8_STRING, "UTF8String 不是 UTF-8", |content| std::str::from_utf8(content).ok())
    }

    /// IA5String: 7-bit characters.
    pub fn ia5(&mut self) -> Result<&'a str, GmError> {
        self.typed(Tag::IA5_STRING, "IA5String 含 7 位以外的字符", |content| {
            std::str::from_utf8(content).ok().filter(|text| text.is_ascii())
        })
    }

    /// PrintableString.
    pub fn printable(&mut self) -> Result<&'a str, GmError> {
        self.typed(Tag::PRINTABLE_STRING, "PrintableString 含不允许的字符", |content| {
            std::str::from_utf8(content).ok().filter(|text| text.bytes().all(strings::is_printable))
        })
    }

    /// Text of any string type met in names: UTF8String, PrintableString, IA5String, BMPString, or
    /// TeletexString of 7-bit characters.
    pub fn any_text(&mut self) -> Result<String, GmError> {
        match self.peek_tag() {
            Some(Tag::PRINTABLE_STRING) => self.printable().map(str::to_owned),
            Some(Tag::IA5_STRING) => self.ia5().map(str::to_owned),
            Some(Tag::BMP_STRING) => self.typed(Tag::BMP_STRING, "BMPString 编码不对", strings::bmp),
            Some(Tag::TELETEX_STRING) => {
                self.typed(Tag::TELETEX_STRING, "TeletexString 含 7 位以外的字符", |content| {
                    std::str::from_utf8(content).ok().filter(|text| text.is_ascii()).map(str::to_owned)
                })
            }
            _ => self.utf8().map(str::to_owned),
        }
    }

    /// GeneralizedTime `YYYYMMDDHHMMSSZ`, as Unix seconds.
    pub fn generalized_time(&mut self) -> Result<i64, GmError> {
        self.typed(Tag::GENERALIZED_TIME, "GeneralizedTime 应为 YYYYMMDDHHMMSSZ", time::parse_generalized)
    }

    /// UTCTime `YYMMDDHHMMSSZ`, as Unix seconds.
    pub fn utc_time(&mut self) -> Result<i64, GmError> {
        self.typed(Tag::UTC_TIME, "UTCTime 应为 YYMMDDHHMMSSZ", time::parse_utc)
    }

    /// Time of X.509: UTCTime or GeneralizedTime, as Unix seconds.
    pub fn time(&mut self) -> Result<i64, GmError> {
        if self.is_next(Tag::GENERALIZED_TIME) { self.generalized_time() } else { self.utc_time() }
    }

    /// Reads one TLV of `tag` whose content `parse` accepts; the cursor moves only on success.
    fn typed<T>(
        &mut self,
        tag: Tag,
        rule: &'static str,
        parse: impl FnOnce(&'a [u8]) -> Option<T>,
    ) -> Result<T, GmError> {
        let element = self.element()?;
        if element.tag != tag {
            return Err(self.fault("标签与预期的类型不符"));
        }
        let value = parse(element.content).ok_or_else(|| self.fault(rule))?;
        self.consume(element);
        Ok(value)
    }

    fn consume(&mut self, element: Element<'a>) -> Element<'a> {
        self.pos = element.end;
        element
    }

    /// Cuts the next TLV without moving the cursor.
    fn element(&self) -> Result<Element<'a>, GmError> {
        let rest = self.bytes.get(self.pos..).unwrap_or_default();
        let (&tag, after_tag) = rest.split_first().ok_or_else(|| self.fault("数据提前结束"))?;
        if tag & 0x1F == 0x1F {
            return Err(self.fault("标签号超过 30"));
        }
        let (length, after_length) = self.length(after_tag)?;
        let content = after_length.get(..length).ok_or_else(|| self.fault("数据提前结束"))?;
        let total = rest.len() - after_length.len() + length;
        Ok(Element { tag: Tag(tag), whole: &rest[..total], content, end: self.pos + total })
    }

    /// Definite length in its shortest form (X.690 §10.1).
    fn length(&self, bytes: &'a [u8]) -> Result<(usize, &'a [u8]), GmError> {
        let (&first, rest) = bytes.split_first().ok_or_else(|| self.fault("数据提前结束"))?;
        if first < 0x80 {
            return Ok((usize::from(first), rest));
        }
        // 0x80 is the indefinite form; more than four length octets would be over 4 GiB.
        let count = usize::from(first & 0x7F);
        if !(1..=4).contains(&count) {
            return Err(self.fault("长度应为确定形式且小于 4 GiB"));
        }
        let (octets, rest) = rest.split_at_checked(count).ok_or_else(|| self.fault("数据提前结束"))?;
        let length = octets.iter().fold(0u64, |length, &octet| length << 8 | u64::from(octet));
        if length < 0x80 || octets[0] == 0 {
            return Err(self.fault("长度不是最短形式"));
        }
        usize::try_from(length).map(|length| (length, rest)).map_err(|_| self.fault("数据提前结束"))
    }
}

/// The content, if it is a non-empty integer without a superfluous first octet (X.690 §8.3.2).
fn minimal_integer(content: &[u8]) -> Option<&[u8]> {
    match content {
        [] => None,
        [0x00, second, ..] if second & 0x80 == 0 => None,
        [0xFF, second, ..] if second & 0x80 != 0 => None,
        _ => Some(content),
    }
}

fn bits(content: &[u8]) -> Option<BitString<'_>> {
    let (&unused, bytes) = content.split_first()?;
    let stray = match bytes.last() {
        Some(&last) if unused < 8 => last & !(0xFF << unused),
        None if unused == 0 => 0,
        _ => return None,
    };
    (stray == 0).then_some(BitString { bytes, unused })
}
