//! Cases with the answers of the Rust crates, as JSON for the scripts.

use codes::{CertificateId, Validity};
use gm::sm2::{PublicKey, SecretKey, Signature};
use gm::x509::{Certificate, Crl};
use jiff::civil::{Date, date};
use proof::{Code, CodeType, Columns, Held, Pack, PackState, SignedCode};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::world;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All cases.
pub fn all() -> Value {
    let mut chance = Chance(0x5eed_2026_1122);
    json!({
        "signatures": signatures(&mut chance),
        "codes": code_cases(&mut chance),
        "identifiers": identifiers(&mut chance),
        "certificates": certificates(&mut chance),
        "packs": packs(&mut chance),
        "symbols": symbols(&mut chance),
        "receipts": crate::receipts::cases(&mut chance),
        "receipts_at": world::at("2026-11-22T10:00:00+08:00"),
        "trust": world::trust("all"),
    })
}

/// Signatures, half of them wrong in every way that one can be.
fn signatures(chance: &mut Chance) -> Vec<Value> {
    const ORDER: &str = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
    let keys: Vec<SecretKey> =
        (0..20).map(|_| SecretKey::from_bytes(&chance.bytes(32).try_into().unwrap()).unwrap()).collect();
    let mut out = Vec::new();
    for n in 0..3000 {
        let key = chance.of(&keys);
        let length = chance.below(200);
        let message = chance.bytes(length);
        let mut signature = key.sign(&message).unwrap().to_bytes().to_vec();
        let mut public = key.public_key();
        let mut shown = message.clone();
        match n % 8 {
            0 => signature[chance.below(64)] ^= 1 << chance.below(8),
            1 => shown.push(0),
            2 => public = chance.of(&keys).public_key(),
            3 if n % 16 == 3 => {
                signature[..32].copy_from_slice(
                    &(0..32)
                        .map(|i| u8::from_str_radix(&ORDER[2 * i..2 * i + 2], 16).unwrap())
                        .collect::<Vec<_>>(),
                );
            }
            3 => signature[32..].fill([0, 0xFF][chance.below(2)]),
            _ => {}
        }
        let holds = holds(public, &shown, &signature);
        out.push(json!([hex(public.as_bytes()), hex(&shown), hex(&signature), holds]));
    }
    out
}

fn holds(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let raw: &[u8; 64] = signature.try_into().unwrap();
    Signature::from_bytes(raw).is_ok_and(|signature| gm::sm2::verify(key, message, &signature))
}

const TYPES: [&str; 3] = ["11100000000019713D072", "11100000000019713D013", "11990000MB0000000J901"];
const ISSUERS: [&str; 3] = [world::ISSUER_99, world::CITY_99, world::ISSUER_98];

fn day(chance: &mut Chance) -> Date {
    date(2000, 1, 1).checked_add(jiff::Span::new().days(chance.below(65535) as i64)).unwrap()
}

fn identifier(chance: &mut Chance) -> CertificateId {
    let alphabet: &[u8] =
        if chance.below(2) == 0 { b"0123456789" } else { b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" };
    let length = 1 + chance.below(32);
    let serial: String = (0..length).map(|_| char::from(*chance.of(alphabet))).collect();
    CertificateId::new(
        chance.of(&TYPES).parse().unwrap(),
        chance.of(&ISSUERS).parse().unwrap(),
        serial.parse().unwrap(),
        1 + chance.below(999) as u16,
    )
    .unwrap()
}

fn code(chance: &mut Chance, key_id: [u8; 8]) -> Code {
    let code_type = match chance.below(3) {
        0 => CodeType::Face,
        1 => CodeType::Present {
            slot: chance.next() as u32,
            life: 1 + chance.below(65535) as u16,
            grant: [0, chance.next() as u16][chance.below(2)],
        },
        _ => CodeType::Printed { sheet: 1 + chance.below(65535) as u16 },
    };
    Code {
        code_type,
        key_id,
        identifier: identifier(chance),
        status_index: chance.next() as u32,
        issued: day(chance),
        valid_from: day(chance),
        valid_to: if chance.below(4) == 0 { Validity::LongTerm } else { Validity::Until(day(chance)) },
    }
}

/// Texts of codes, and what reading them gives: the fields, or the sentence of the refusal.
fn code_cases(chance: &mut Chance) -> Vec<Value> {
    let key = world::key("99赋码");
    let mut out = Vec::new();
    for _ in 0..400 {
        let text = code(chance, key.public_key().key_id()).sign(&*key).unwrap();
        out.push(read(&text));
        for _ in 0..6 {
            let slipped = String::from_utf8_lossy(&chance.slip(text.as_bytes())).into_owned();
            out.push(read(&slipped));
            out.push(read(&with_slipped_bytes(chance, &text)));
        }
    }
    for text in [
        "",
        "LZ:",
        " LZ:00 ",
        "https://example.cn/",
        "LZ:中文",
        "\u{3000}LZ:\u{85}",
        "\u{feff}LZ:00",
        "lz:00",
    ] {
        out.push(read(text));
    }
    out
}

/// The slip within the bytes, written as Base45 again: what a forger would make.
fn with_slipped_bytes(chance: &mut Chance, text: &str) -> String {
    format!("LZ:{}", to_base45(&chance.slip(&base45(&text[3..]))))
}

/// Bytes as Base45.
pub fn to_base45(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = ALPHABET.chars().collect();
    let mut out = String::new();
    for pair in bytes.chunks(2) {
        let (mut value, count) = match *pair {
            [high, low] => (usize::from(high) * 256 + usize::from(low), 3),
            [single] => (usize::from(single), 2),
            _ => (0, 0),
        };
        for _ in 0..count {
            out.push(alphabet[value % 45]);
            value /= 45;
        }
    }
    out
}

const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// What a text in Base45 says.
pub fn base45(text: &str) -> Vec<u8> {
    let digits: Vec<usize> = text.chars().map(|ch| ALPHABET.find(ch).unwrap()).collect();
    digits
        .chunks(3)
        .flat_map(|group| match *group {
            [a, b, c] => vec![((a + 45 * b + 2025 * c) >> 8) as u8, (a + 45 * b + 2025 * c) as u8],
            [a, b] => vec![(a + 45 * b) as u8],
            _ => Vec::new(),
        })
        .collect()
}

fn read(text: &str) -> Value {
    match SignedCode::decode(text) {
        Err(error) => json!({ "text": text, "error": error.to_string() }),
        Ok(signed) => {
            let code = &signed.code;
            let (kind, slot, life, sheet) = match code.code_type {
                CodeType::Face => ("face", None, None, None),
                CodeType::Present { slot, life, .. } => ("present", Some(slot), Some(life), None),
                CodeType::Printed { sheet } => ("printed", None, None, Some(sheet)),
            };
            json!({ "text": text, "type": kind, "slot": slot, "life": life, "sheet": sheet, "keyId": hex(&code.key_id),
                "identifier": code.identifier.to_string(), "statusIndex": code.status_index, "issued": code.issued.to_string(),
                "validFrom": code.valid_from.to_string(), "validTo": code.valid_to.to_string() })
        }
    }
}

/// Identifiers, and whether they keep every rule.
fn identifiers(chance: &mut Chance) -> Vec<Value> {
    let one = |text: String| json!([text.clone(), CertificateId::parse(&text).is_ok()]);
    let mut out = Vec::new();
    for _ in 0..500 {
        let text = identifier(chance).to_string();
        out.push(one(String::from_utf8_lossy(&chance.slip(text.as_bytes())).into_owned()));
        out.push(one(text));
    }
    out
}

/// Certificates and lists with slips: taken or refused?
fn certificates(chance: &mut Chance) -> Value {
    let ders: Vec<Vec<u8>> =
        [world::ROOT, "99赋码", "路人赋码"].map(|label| world::certificate(label).as_der().to_vec()).into();
    let crl = gm::base64::decode(&world::trust("all").crls[0]).unwrap();
    let mut certificates: Vec<Value> = ders.iter().map(|der| json!([hex(der), true])).collect();
    let mut lists = vec![json!([hex(&crl), true])];
    for n in 0..2400 {
        let slipped = chance.slip(&ders[n % 3]);
        certificates.push(json!([hex(&slipped), Certificate::from_der(&slipped).is_ok()]));
        let slipped = chance.slip(&crl);
        lists.push(json!([hex(&slipped), Crl::from_der(&slipped).is_ok()]));
    }
    json!({ "certificates": certificates, "lists": lists })
}

fn states() -> Vec<PackState> {
    let state = |code: u16, base: &str, holds: Vec<Held>| PackState {
        code,
        base: base.into(),
        holds,
        lost: code % 2 == 1,
    };
    let held = |name: &str, forbids| vec![Held { name: name.into(), forbids }];
    vec![
        state(0, "", Vec::new()),
        state(4096, "正常", Vec::new()),
        state(4097, "正常", held("暂扣", true)),
        state(4100, "正常", held("停运", false)),
        state(12288, "注销", Vec::new()),
    ]
}

fn columns(chance: &mut Chance, count: usize) -> Columns {
    let mut out = Columns::default();
    for index in 0..count {
        let state = if chance.below(10) > 0 { 1 } else { chance.below(5) as u8 };
        let version = if chance.below(8) > 0 { 1 } else { chance.below(1024) as u16 };
        out.states.push(state);
        out.versions.push(if state == 0 { 0 } else { version });
        if chance.below(50) == 0 {
            out.sheets.push((index as u32, 2 + chance.below(65534) as u16));
        }
    }
    out
}

fn pack(number: u32, columns: Columns) -> Pack {
    Pack {
        province: "99".into(),
        name: "演示省\"\\\u{7f}道路运输管理机构".into(),
        number,
        made_at: world::at("2026-11-22T06:00:00+08:00") + i64::from(number),
        max_age: 259_200,
        signer: world::certificate("99节点"),
        states: states(),
        trust: world::trust("all"),
        kinds: Vec::new(),
        overrides: Vec::new(),
        columns,
    }
}

/// Packs with a later one and the delta between them; and files with a slip that their signer signed.
fn packs(chance: &mut Chance) -> Value {
    let key = world::key("99节点");
    let trust = world::open("all");
    let mut good = Vec::new();
    let mut slipped = Vec::new();
    for n in 0..25 {
        let count = chance.below(if n < 20 { 400 } else { 20_000 });
        let first = pack(2 * n + 1, columns(chance, count));
        let mut later = first.columns.clone();
        for _ in 0..count / 20 {
            let at = chance.below(count);
            let state = chance.below(5) as u8;
            later.states[at] = state;
            later.versions[at] = if state == 0 { 0 } else { chance.below(1024) as u16 };
        }
        let more = chance.below(100);
        let new = columns(chance, more);
        later.states.extend(new.states);
        later.versions.extend(new.versions);
        later.sheets = columns(chance, later.states.len()).sheets;
        let second = pack(2 * n + 2, later);
        let (whole, delta) = (first.encode(&*key).unwrap(), second.encode_delta(&first, &*key).unwrap());
        good.push(json!({ "whole": hex(&whole), "delta": hex(&delta), "first": first.digest().unwrap(),
            "second": second.digest().unwrap(), "states": hex(&second.columns.states),
            "versions": second.columns.versions, "sheets": second.columns.sheets }));
        if n < 20 {
            for _ in 0..6 {
                slipped.push(refusal(chance, &whole, &*key, |bytes| Pack::read(bytes, &trust).err()));
                slipped.push(refusal(chance, &whole, &*key, |bytes| Pack::read(bytes, &trust).err()));
            }
        }
    }
    json!({ "good": good, "slipped": slipped })
}

fn refusal(
    chance: &mut Chance,
    file: &[u8],
    key: &dyn gm::SigningKey,
    read: impl Fn(&[u8]) -> Option<proof::PackError>,
) -> Value {
    let mut bytes = chance.slip(&file[..file.len() - 64]);
    bytes.extend(gm::sign_message(key, &bytes).unwrap().to_bytes());
    json!([hex(&bytes), read(&bytes).map(|error| error.to_string())])
}

/// Symbols of our own crate: QR and Grid Matrix, modules as text of 0 and 1.
fn symbols(chance: &mut Chance) -> Vec<Value> {
    const PIECES: [&str; 12] = [
        "道路运输证",
        "喆",
        "1.2.156.3005.2.",
        "LZ:",
        "abc def",
        "ABC",
        "2026-11-22",
        "！",
        "€",
        "12345",
        "\r\n",
        "𠮷",
    ];
    let mut out = Vec::new();
    for n in 0..160 {
        let count = 1 + chance.below(24);
        let text: String = (0..count).map(|_| *chance.of(&PIECES)).collect();
        let symbol = if n % 2 == 0 {
            matrix::qr::encode(
                &text,
                *chance.of(&[matrix::qr::QrLevel::L, matrix::qr::QrLevel::M, matrix::qr::QrLevel::H]),
            )
        } else {
            matrix::gridmatrix::encode(&text, matrix::gridmatrix::GmOptions::default())
        };
        let symbol = symbol.unwrap();
        let modules: String = symbol.modules().iter().map(|dark| if *dark { '1' } else { '0' }).collect();
        out.push(json!({ "grid": n % 2 == 1, "text": text, "size": symbol.width(), "modules": modules }));
    }
    out
}

/// A pack of three million certificates over ten states, 95 % of them normal.
pub fn large_pack() -> Vec<u8> {
    let mut chance = Chance(3);
    let mut pack = pack(1, Columns::default());
    let state =
        |place: u16| PackState { code: 4096 + 2 * place, base: "正常".into(), ..PackState::default() };
    pack.states = (0..10).map(state).collect();
    for _ in 0..3_000_000 {
        let (draw, version) = (chance.below(1000), chance.below(100));
        pack.columns.states.push(if draw < 950 { 0 } else { 1 + (draw % 9) as u8 });
        pack.columns.versions.push(match version {
            0..88 => 1,
            88..97 => 2,
            other => other as u16 - 94,
        });
    }
    pack.encode(&*world::key("99节点")).unwrap()
}
