//! The DER toolkit: round trips, BER refused, never a panic.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

use gm::GmError;
use gm::der::{MAX_DEPTH, Oid, Reader, Tag, Writer};
use proptest::prelude::*;

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer);
    writer.finish().unwrap()
}

/// Calls every method of the reader on the same bytes, and goes into whatever can be entered.
fn probe(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    while !reader.is_empty() {
        let r = || reader.clone();
        let _ = (
            r().any(),
            r().boolean(),
            r().null(),
            r().integer_bytes(),
            r().integer_unsigned(),
            r().integer_u64(),
        );
        let _ = (
            r().enumerated(),
            r().octet_string(),
            r().bit_string(),
            r().bit_string_with_unused(),
            r().utf8(),
        );
        let _ =
            (r().ia5(), r().printable(), r().any_text(), r().generalized_time(), r().utc_time(), r().time());
        let _ = (r().set(), r().optional_explicit(0), r().optional_implicit(0), r().finish());
        let _ = r().sequence_of(Reader::raw_tlv);
        if let Ok(oid) = r().oid() {
            let _ = oid.to_string();
        }
        if let Some(tag) = reader.peek_tag()
            && let Ok(inner) = r().content(tag)
            && tag.is_constructed()
        {
            probe(inner);
        }
        if reader.raw_tlv().is_err() {
            break;
        }
    }
}

/// Puts a TLV with a true length around arbitrary content, so that the type checks are reached.
fn dressed() -> impl Strategy<Value = Vec<u8>> {
    let leaf = (any::<u8>(), prop::collection::vec(any::<u8>(), 0..40));
    prop::collection::vec(leaf, 1..4).prop_map(|leaves| {
        written(|w| w.sequence(|w| leaves.iter().for_each(|(tag, content)| w.tlv(Tag(*tag), content))))
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        probe(&bytes);
    }

    #[test]
    fn arbitrary_contents_never_panic(bytes in dressed()) {
        probe(&bytes);
    }

    #[test]
    fn integers_round_trip(value: u64) {
        let der = written(|w| w.integer_u64(value));
        prop_assert_eq!(Reader::new(&der).integer_u64().unwrap(), value);
    }

    #[test]
    fn magnitudes_round_trip(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let der = written(|w| w.integer_unsigned(&bytes));
        let stripped: Vec<u8> = bytes.iter().copied().skip_while(|&b| b == 0).collect();
        let wanted = if stripped.is_empty() { vec![0] } else { stripped };
        prop_assert_eq!(Reader::new(&der).integer_unsigned().unwrap(), wanted);
    }

    #[test]
    fn octet_strings_of_every_length_round_trip(len in prop_oneof![0usize..300, 65_500usize..65_600]) {
        let bytes = vec![0xA5; len];
        let der = written(|w| w.octet_string(&bytes));
        let mut reader = Reader::new(&der);
        prop_assert_eq!(reader.octet_string().unwrap(), bytes);
        prop_assert!(reader.finish().is_ok());
    }

    #[test]
    fn oids_round_trip(arcs in (0u64..3, 0u64..40, prop::collection::vec(any::<u64>(), 0..3))) {
        let text: Vec<String> = [arcs.0, arcs.1].iter().chain(&arcs.2).map(u64::to_string).collect();
        let oid = Oid::parse(&text.join(".")).unwrap();
        let der = written(|w| w.oid(&oid));
        prop_assert_eq!(Reader::new(&der).oid().unwrap().to_string(), text.join("."));
    }

    #[test]
    fn texts_round_trip(text in "\\PC{0,40}") {
        let der = written(|w| w.utf8(&text));
        prop_assert_eq!(Reader::new(&der).utf8().unwrap(), text);
    }

    #[test]
    fn generalized_times_round_trip(unix in -62_167_219_200i64..253_402_300_800) {
        let der = written(|w| w.generalized_time(unix));
        prop_assert_eq!(Reader::new(&der).generalized_time().unwrap(), unix);
    }

    #[test]
    fn utc_times_round_trip(unix in -631_152_000i64..2_524_608_000) {
        let der = written(|w| w.utc_time(unix));
        prop_assert_eq!(Reader::new(&der).utc_time().unwrap(), unix);
    }

    #[test]
    fn named_bits_round_trip(flags: u16) {
        let der = written(|w| w.named_bits(flags));
        let bits = Reader::new(&der).bit_string_with_unused().unwrap();
        let mut bytes = [0u8; 2];
        bytes[..bits.bytes.len()].copy_from_slice(bits.bytes);
        prop_assert_eq!(u16::from_be_bytes(bytes).reverse_bits(), flags);
    }

    #[test]
    fn accepted_tlvs_are_rewritten_to_the_same_bytes(bytes in dressed()) {
        // DER has one spelling: tag and content alone must give the bytes back.
        let (tag, content) = Reader::new(&bytes).any().unwrap();
        prop_assert_eq!(written(|w| w.tlv(tag, content)), bytes);
    }
}

#[test]
fn ber_lengths_are_refused() {
    for bad in [
        &b"\x04\x81\x01\x00"[..],            // long form of a short length
        b"\x30\x80\x00\x00",                 // indefinite
        b"\x04\x85\x00\x00\x00\x00\x01\x00", // five length octets
        b"\x04\x02\x00",                     // content cut short
        b"\x04",                             // no length
        b"\x1F\x81\x01\x00",                 // high tag number
    ] {
        assert!(Reader::new(bad).raw_tlv().is_err(), "{bad:02x?}");
    }
}

#[test]
fn a_leading_zero_in_the_length_is_refused() {
    let content = [0; 0x80];
    assert!(Reader::new(&[b"\x04\x81\x80", content.as_slice()].concat()).octet_string().is_ok());
    assert!(Reader::new(&[b"\x04\x82\x00\x80", content.as_slice()].concat()).octet_string().is_err());
}

#[test]
fn ber_contents_are_refused() {
    assert!(Reader::new(b"\x02\x02\x00\x01").integer_bytes().is_err(), "padded positive");
    assert!(Reader::new(b"\x02\x02\xFF\x80").integer_bytes().is_err(), "padded negative");
    assert!(Reader::new(b"\x02\x00").integer_bytes().is_err(), "empty integer");
    assert!(Reader::new(b"\x02\x01\x80").integer_u64().is_err(), "negative");
    assert!(Reader::new(b"\x02\x09\x01\0\0\0\0\0\0\0\0").integer_u64().is_err(), "65 bits");
    assert!(Reader::new(b"\x01\x01\x01").boolean().is_err(), "BER true");
    assert!(Reader::new(b"\x03\x02\x01\x01").bit_string_with_unused().is_err(), "unused bit set");
    assert!(Reader::new(b"\x03\x02\x01\x02").bit_string().is_err(), "unused bits not asked for");
    assert!(Reader::new(b"\x03\x01\x01").bit_string_with_unused().is_err(), "unused bits of nothing");
    assert!(Reader::new(b"\x03\x02\x08\x00").bit_string_with_unused().is_err(), "eight unused bits");
    assert!(Reader::new(b"\x06\x03\x2A\x80\x01").oid().is_err(), "padded arc");
    assert!(Reader::new(b"\x06\x02\x2A\x81").oid().is_err(), "unfinished arc");
    assert!(Reader::new(b"\x16\x01\xE9").ia5().is_err(), "8 bits");
    assert!(Reader::new(b"\x13\x01@").printable().is_err(), "not printable");
    assert!(Reader::new(b"\x0C\x01\xFF").utf8().is_err(), "not UTF-8");
}

#[test]
fn loose_times_are_refused() {
    for bad in [
        "20250101000000",
        "202501010000Z",
        "20250101000000.0Z",
        "20250101000000+0800",
        "20250230000000Z",
        "20250101240000Z",
        "2025010100000 Z",
    ] {
        let der = written(|w| w.tlv(Tag::GENERALIZED_TIME, bad.as_bytes()));
        assert!(Reader::new(&der).generalized_time().is_err(), "{bad}");
    }
    for bad in ["2501010000Z", "250101000000+0800", "251301000000Z"] {
        let der = written(|w| w.tlv(Tag::UTC_TIME, bad.as_bytes()));
        assert!(Reader::new(&der).utc_time().is_err(), "{bad}");
    }
}

#[test]
fn x509_times_change_their_type_in_2050() {
    assert_eq!(written(|w| w.time(2_524_607_999)), b"\x17\x0d491231235959Z");
    assert_eq!(written(|w| w.time(2_524_608_000)), b"\x18\x0f20500101000000Z");
}

#[test]
fn a_failed_read_leaves_the_cursor_in_place() {
    let der = written(|w| w.integer_unsigned(&[0xFF; 9]));
    let mut reader = Reader::new(&der);
    assert!(reader.boolean().is_err());
    assert!(reader.integer_u64().is_err());
    assert_eq!(reader.offset(), 0);
    assert!(reader.integer_unsigned().is_ok());
}

#[test]
fn errors_name_the_offset_in_the_outermost_slice() {
    let der = b"\x30\x06\x02\x01\x05\x02\x01\x80";
    let mut inner = Reader::new(der).sequence().unwrap();
    inner.integer_u64().unwrap();
    let Err(GmError::Der { offset, .. }) = inner.integer_u64() else { panic!("accepted") };
    assert_eq!(offset, 5);
}

#[test]
fn nesting_ends_at_the_limit() {
    let nest =
        |levels: u8| (0..levels).fold(Vec::new(), |inner, _| written(|w| w.sequence(|w| w.raw(&inner))));
    let depth = |der: &[u8]| {
        let mut reader = Reader::new(der);
        let mut levels = 0;
        while let Ok(inner) = Reader::sequence(&mut reader) {
            reader = inner;
            levels += 1;
        }
        levels
    };
    assert_eq!(depth(&nest(10)), 10);
    assert_eq!(depth(&nest(60)), MAX_DEPTH);
}

#[test]
fn trailing_bytes_are_refused() {
    let mut reader = Reader::new(b"\x05\x00\x05");
    reader.null().unwrap();
    assert!(reader.finish().is_err());
    let short = Reader::new(b"\x30\x04\x05\x00\x05\x00").nested_with(Tag::SEQUENCE, |inner| inner.null());
    assert!(short.is_err());
}

#[test]
fn raw_tlv_gives_the_bytes_received() {
    let der = b"\x30\x03\x02\x01\x05\x05\x00";
    assert_eq!(Reader::new(der).raw_tlv().unwrap(), b"\x30\x03\x02\x01\x05");
}

#[test]
fn optional_context_tags_are_read_when_present() {
    let der = written(|w| {
        w.explicit(0, |w| w.integer_u64(2));
        w.implicit(1, b"id");
        w.implicit_constructed(2, |w| w.null());
    });
    let mut reader = Reader::new(&der);
    assert_eq!(reader.optional_explicit(0).unwrap().unwrap().integer_u64().unwrap(), 2);
    assert!(reader.optional_explicit(0).unwrap().is_none());
    assert_eq!(reader.optional_implicit(1).unwrap(), Some(&b"id"[..]));
    assert!(reader.optional_implicit(1).unwrap().is_none());
    reader.explicit(2).unwrap().null().unwrap();
    reader.finish().unwrap();
}

#[test]
fn set_members_are_sorted() {
    let der = written(|w| {
        w.set(|w| {
            w.integer_u64(9);
            w.integer_u64(2);
            w.boolean(true);
        });
    });
    assert_eq!(der, b"\x31\x09\x01\x01\xFF\x02\x01\x02\x02\x01\x09");
}

#[test]
fn values_outside_their_type_are_reported_once_at_the_end() {
    for write in [
        (|w| w.ia5("证")) as fn(&mut Writer),
        |w| w.printable("a@b"),
        |w| w.utc_time(2_524_608_000),
        |w| w.generalized_time(i64::MAX),
        |w| w.bit_string_with_unused(&[1], 1),
        |w| w.enumerated(200),
        |w| w.set(|w| w.raw(&[0x30, 0x05])),
    ] {
        let mut writer = Writer::new();
        writer.sequence(|w| w.sequence(write));
        assert!(matches!(writer.finish(), Err(GmError::Encode { .. })));
    }
}

#[test]
fn oid_text_is_strict() {
    assert_eq!(Oid::parse("1.2.156.10197.1.301"), Some(gm::oid::SM2_CURVE));
    assert_eq!(gm::oid::SM2_WITH_SM3.content(), b"\x2a\x81\x1c\xcf\x55\x01\x83\x75");
    for bad in ["", "1", "3.1", "1.40", "1..2", "1.02", "1.2.", "+1.2", "1.2.18446744073709551616"] {
        assert_eq!(Oid::parse(bad), None, "{bad}");
    }
    // A UUID arc of 128 bits is read, though it is too long to be written from numbers.
    let uuid = b"\x69\x83\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F";
    assert_eq!(Oid::from_content(uuid).unwrap().to_string(), format!("2.25.{}", u128::MAX));
}
