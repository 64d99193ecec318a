//! The stored format: the vector of `docs/file-store.md`, and properties of its texts and headers.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

mod support;

use objects::disk::{Disk, Simulated};
use objects::{HEADER_LEN, Header, ObjectStore, Options, Place};
use proptest::prelude::*;
use support::{object, open};

/// The vector of the documentation: key number 7, key 42…42, content `路证`.
#[test]
fn the_golden_vector() {
    let document = include_str!("../../../docs/file-store.md");
    let disk = Simulated::new();
    open(&disk, Options::default()).unwrap().put_all(&[object("路证".as_bytes())]).unwrap();
    let file = disk.open("000001.pack", false).unwrap();
    let mut bytes = vec![0; file.len().unwrap() as usize];
    file.read_at(&mut bytes, 0).unwrap();
    let digits: Vec<_> = bytes
        .chunks(16)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        .collect();
    let wanted = digits.join("\n");
    assert!(document.contains(&wanted), "the document must show\n{wanted}");
}

fn header() -> impl Strategy<Value = Header> {
    (0u32..1 << 30, any::<[u8; 32]>(), any::<u32>(), any::<[u8; 12]>(), any::<[u8; 16]>(), any::<u32>())
        .prop_map(|(len, sm3, key_id, nonce, tag, content_crc)| Header {
            len,
            sm3,
            key_id,
            nonce,
            tag,
            content_crc,
        })
}

proptest! {
    #[test]
    fn headers_come_back_and_a_flipped_bit_is_seen(header in header(), bit in 0..HEADER_LEN * 8) {
        let mut bytes = header.to_bytes();
        prop_assert_eq!(Header::parse(&bytes), Some(header));
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(Header::parse(&bytes), None);
    }

    #[test]
    fn no_bytes_make_a_header_panic(bytes in any::<[u8; 32]>()) {
        let mut header = [0; HEADER_LEN];
        header[..32].copy_from_slice(&bytes);
        prop_assert_eq!(Header::parse(&header), None);
    }

    #[test]
    fn places_come_back(pack: u32, offset: u32, len: u32, sm3: [u8; 32]) {
        for place in [Place::Pack { pack, offset, len }, Place::Remote(sm3)] {
            prop_assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        }
    }

    #[test]
    fn other_texts_are_refused(text in "[ps3:0-9a-fA-F+ ]{0,80}") {
        if let Ok(place) = text.parse::<Place>() {
            prop_assert_eq!(place.to_string(), text);
        }
    }

    #[test]
    fn a_pack_of_any_bytes_opens(bytes in prop::collection::vec(any::<u8>(), 0..400), pack_header: bool) {
        let disk = Simulated::new();
        let file = disk.open("000001.pack", true).unwrap();
        let start = if pack_header { b"LZPACK1\n\0\0\0\0\0\0\0\x01LZOB".to_vec() } else { Vec::new() };
        file.write_at(&[start, bytes].concat(), 0).unwrap();
        let store = open(&disk, Options::default()).unwrap();
        let place = store.put_all(&[object(b"after")]).unwrap()[0];
        prop_assert_eq!(place.to_string(), "p1:16:5");
        prop_assert_eq!(store.get(&place, &object(b"after").sm3).unwrap(), b"after");
    }
}
