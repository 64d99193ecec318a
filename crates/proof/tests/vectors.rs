//! The golden vectors of `vectors.toml`, which `docs/code-format.md` quotes: another implementation must give the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use codes::{CertificateId, Validity};
use gm::sm2::SecretKey;
use proof::{Code, CodeType, PREFIX, SignedCode};
use toml::{Table, Value};

const VECTORS: &str = include_str!("vectors.toml");
const BASE45: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// RFC 9285 as the RFC says it, apart from the crate's own decoder.
fn base45(text: &str) -> Vec<u8> {
    let digits: Vec<usize> = text.chars().map(|ch| BASE45.find(ch).unwrap()).collect();
    let value = |group: &[usize]| group.iter().rev().fold(0, |sum, digit| sum * 45 + digit);
    let bytes = |group: &[usize]| value(group).to_be_bytes()[9 - group.len()..].to_vec();
    digits.chunks(3).flat_map(bytes).collect()
}

fn each(check: impl Fn(&Table, &SecretKey)) {
    let file: Table = VECTORS.parse().unwrap();
    let key: [u8; 32] = hex(file["private_key"].as_str().unwrap()).try_into().unwrap();
    let key = SecretKey::from_bytes(&key).unwrap();
    let vectors = file["vector"].as_array().unwrap();
    assert!(vectors.len() >= 4);
    vectors.iter().for_each(|vector| check(vector.as_table().unwrap(), &key));
}

fn code(vector: &Table, key: &SecretKey) -> Code {
    let text = |name: &str| vector[name].as_str().unwrap();
    let number = |name: &str| vector[name].as_integer().unwrap();
    Code {
        code_type: match text("type") {
            "face" => CodeType::Face,
            "present" => CodeType::Present {
                slot: number("slot").try_into().unwrap(),
                life: number("life").try_into().unwrap(),
                grant: vector.get("grant").map_or(0, |_| number("grant").try_into().unwrap()),
            },
            "printed" => CodeType::Printed { sheet: number("sheet").try_into().unwrap() },
            other => panic!("{other}"),
        },
        key_id: key.public_key().key_id(),
        identifier: CertificateId::parse_strict(text("identifier")).unwrap(),
        status_index: number("status_index").try_into().unwrap(),
        issued: text("issued").parse().unwrap(),
        valid_from: text("valid_from").parse().unwrap(),
        valid_to: Validity::parse(text("valid_to")).unwrap(),
    }
}

#[test]
fn signing_gives_the_text_of_the_vector() {
    each(|vector, key| {
        let mut keys = gm::SoftwareKeys::new();
        keys.insert("code", SecretKey::from_bytes(&key.to_bytes()).unwrap());
        let signer = gm::KeyProvider::signing_key(&keys, "code").unwrap();
        assert_eq!(code(vector, key).sign(&*signer).unwrap(), vector["text"].as_str().unwrap());
    });
}

#[test]
fn the_text_of_the_vector_decodes_to_its_content_and_holds() {
    each(|vector, key| {
        let read = SignedCode::decode(vector["text"].as_str().unwrap()).unwrap();
        assert_eq!(read.verify(key.public_key()), Ok(&code(vector, key)));
    });
}

#[test]
fn the_message_before_the_signature_is_the_one_packed_by_hand() {
    each(|vector, _| {
        let bytes = base45(vector["text"].as_str().unwrap().strip_prefix(PREFIX).unwrap());
        assert_eq!(bytes[..bytes.len() - 64], hex(vector["message"].as_str().unwrap()));
    });
}

#[test]
fn the_public_key_and_its_id_are_those_of_the_file() {
    let file: Table = VECTORS.parse().unwrap();
    each(|_, key| {
        let stated = |name: &str| file.get(name).and_then(Value::as_str).map(hex);
        assert_eq!(stated("public_key"), Some(key.public_key().as_bytes().to_vec()));
        assert_eq!(stated("key_id"), Some(key.public_key().key_id().to_vec()));
    });
}
