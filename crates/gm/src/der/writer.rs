//! Writing DER.

use super::{Oid, Reader, Tag, strings, time};
use crate::GmError;

/// Builds DER from the outside in; nested values are written by closures.
///
/// A value that its type cannot hold is remembered and reported once, by [`Writer::finish`], so that the closures
/// need no error handling.
///
/// ```
/// use gm::der::Writer;
/// let mut writer = Writer::new();
/// writer.sequence(|w| {
///     w.integer_u64(4);
///     w.utf8("路证");
/// });
/// assert_eq!(writer.finish().unwrap(), b"\x30\x0b\x02\x01\x04\x0c\x06\xe8\xb7\xaf\xe8\xaf\x81");
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    fault: Option<GmError>,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// All bytes written.
    ///
    /// # Errors
    /// [`GmError::Encode`] for the first value that could not be written.
    pub fn finish(self) -> Result<Vec<u8>, GmError> {
        self.fault.map_or(Ok(self.out), Err)
    }

    /// Bytes that are complete DER already, such as a certificate.
    pub fn raw(&mut self, der: &[u8]) {
        self.out.extend_from_slice(der);
    }

    /// A TLV with any tag and the content given.
    pub fn tlv(&mut self, tag: Tag, content: &[u8]) {
        self.out.push(tag.0);
        if content.len() < 0x80 {
            self.out.push(content.len() as u8);
        } else {
            let octets = content.len().to_be_bytes();
            let minimal = &octets[octets.iter().take_while(|&&octet| octet == 0).count()..];
            self.out.push(0x80 | minimal.len() as u8);
            self.out.extend_from_slice(minimal);
        }
        self.out.extend_from_slice(content);
    }

    /// A constructed TLV whose content the closure writes.
    pub fn constructed(&mut self, tag: Tag, write: impl FnOnce(&mut Writer)) {
        let inner = self.inner(write);
        self.tlv(tag, &inner);
    }

    /// SEQUENCE or SEQUENCE OF.
    pub fn sequence(&mut self, write: impl FnOnce(&mut Writer)) {
        self.constructed(Tag::SEQUENCE, write);
    }

    /// SET or SET OF: members are sorted by their encoding, as DER demands (X.690 §10.3, §11.6).
    pub fn set(&mut self, write: impl FnOnce(&mut Writer)) {
        let inner = self.inner(write);
        let mut reader = Reader::new(&inner);
        let mut members = Vec::new();
        while let Ok(member) = reader.raw_tlv() {
            members.push(member);
        }
        if !reader.is_empty() {
            return self.refuse("SET", "成员不是完整的 DER");
        }
        members.sort_unstable();
        self.tlv(Tag::SET, &members.concat());
    }

    /// Explicit `[number]`.
    pub fn explicit(&mut self, number: u8, write: impl FnOnce(&mut Writer)) {
        self.constructed(Tag::context(number), write);
    }

    /// `[number] IMPLICIT` over a primitive type, given its content octets.
    pub fn implicit(&mut self, number: u8, content: &[u8]) {
        self.tlv(Tag::context_primitive(number), content);
    }

    /// `[number] IMPLICIT` over a SEQUENCE or SET, whose members the closure writes.
    pub fn implicit_constructed(&mut self, number: u8, write: impl FnOnce(&mut Writer)) {
        self.constructed(Tag::context(number), write);
    }

    /// BOOLEAN.
    pub fn boolean(&mut self, value: bool) {
        self.tlv(Tag::BOOLEAN, &[if value { 0xFF } else { 0x00 }]);
    }

    /// NULL.
    pub fn null(&mut self) {
        self.tlv(Tag::NULL, &[]);
    }

    /// INTEGER from a number.
    pub fn integer_u64(&mut self, value: u64) {
        self.integer_unsigned(&value.to_be_bytes());
    }

    /// INTEGER from an unsigned big-endian magnitude of any length; leading zeros are dropped, an empty one is zero.
    pub fn integer_unsigned(&mut self, magnitude: &[u8]) {
        let mut content = vec![0];
        content.extend(magnitude.iter().skip_while(|&&byte| byte == 0));
        // The leading zero stays only where it keeps the sign positive, or is the value itself.
        let keep_zero = content.get(1).is_none_or(|first| first & 0x80 != 0);
        self.tlv(Tag::INTEGER, if keep_zero { &content } else { &content[1..] });
    }

    /// ENUMERATED from 0 to 127.
    pub fn enumerated(&mut self, value: u8) {
        if value > 0x7F {
            return self.refuse("ENUMERATED", "取值应在 0 到 127 之间");
        }
        self.tlv(Tag::ENUMERATED, &[value]);
    }

    /// OBJECT IDENTIFIER.
    pub fn oid(&mut self, oid: &Oid) {
        self.tlv(Tag::OID, oid.content());
    }

    /// OCTET STRING.
    pub fn octet_string(&mut self, bytes: &[u8]) {
        self.tlv(Tag::OCTET_STRING, bytes);
    }

    /// BIT STRING of whole bytes.
    pub fn bit_string(&mut self, bytes: &[u8]) {
        self.bit_string_with_unused(bytes, 0);
    }

    /// BIT STRING whose last `unused` bits (0 to 7) do not belong to it; those must be zero.
    pub fn bit_string_with_unused(&mut self, bytes: &[u8], unused: u8) {
        let content = [&[unused], bytes].concat();
        let mut check = Writer::new();
        check.tlv(Tag::BIT_STRING, &content);
        if Reader::new(&check.out).bit_string_with_unused().is_err() {
            return self.refuse("BIT STRING", "未用位数应为 0 到 7，且未用位应为零");
        }
        self.out.append(&mut check.out);
    }

    /// BIT STRING of named bits, where bit 0 is the lowest bit of `flags`; trailing zero bits are dropped
    /// (X.690 §11.2.2).
    pub fn named_bits(&mut self, flags: u16) {
        // In a BIT STRING bit 0 comes first, so the order is turned round.
        let [first, second] = flags.reverse_bits().to_be_bytes();
        match (first, second) {
            (0, 0) => self.bit_string(&[]),
            (_, 0) => self.bit_string_with_unused(&[first], first.trailing_zeros() as u8),
            _ => self.bit_string_with_unused(&[first, second], second.trailing_zeros() as u8),
        }
    }

    /// UTF8String.
    pub fn utf8(&mut self, text: &str) {
        self.tlv(Tag::UTF8_STRING, text.as_bytes());
    }

    /// IA5String: 7-bit characters only.
    pub fn ia5(&mut self, text: &str) {
        if !text.is_ascii() {
            return self.refuse("IA5String", "只能含 7 位字符");
        }
        self.tlv(Tag::IA5_STRING, text.as_bytes());
    }

    /// PrintableString.
    pub fn printable(&mut self, text: &str) {
        if !text.bytes().all(strings::is_printable) {
            return self.refuse("PrintableString", "只能含字母、数字、空格和 '()+,-./:=?");
        }
        self.tlv(Tag::PRINTABLE_STRING, text.as_bytes());
    }

    /// GeneralizedTime from Unix seconds, years 0 to 9999.
    pub fn generalized_time(&mut self, unix: i64) {
        match time::generalized(unix) {
            Some(text) => self.tlv(Tag::GENERALIZED_TIME, text.as_bytes()),
            None => self.refuse("GeneralizedTime", "年份应在 0 到 9999 之间"),
        }
    }

    /// UTCTime from Unix seconds, years 1950 to 2049.
    pub fn utc_time(&mut self, unix: i64) {
        match time::utc(unix) {
            Some(text) => self.tlv(Tag::UTC_TIME, text.as_bytes()),
            None => self.refuse("UTCTime", "年份应在 1950 到 2049 之间"),
        }
    }

    /// Time of X.509 from Unix seconds: UTCTime from 1950 to 2049, GeneralizedTime otherwise (RFC 5280 §4.1.2.5).
    pub fn time(&mut self, unix: i64) {
        match time::utc(unix) {
            Some(text) => self.tlv(Tag::UTC_TIME, text.as_bytes()),
            None => self.generalized_time(unix),
        }
    }

    fn inner(&mut self, write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut inner = Writer::new();
        write(&mut inner);
        self.fault = self.fault.take().or(inner.fault);
        inner.out
    }

    fn refuse(&mut self, kind: &'static str, rule: &'static str) {
        self.fault.get_or_insert(GmError::Encode { kind, rule });
    }
}
