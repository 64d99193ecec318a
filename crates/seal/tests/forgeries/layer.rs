//! The signature layer: encodings, values, and layers taken from elsewhere.

use gm::der::Writer;

use crate::support::document::{self, metadata, metadata_with};
use crate::support::layer::{LIST, SIGN_0, SIGN_1, token};
use crate::support::{Files, Layer, SealSpec, World};
use crate::{Case, Forgery};

const VALUE: &str = "Doc_0/Signs/Sign_0/SignedValue.dat";
const ESL: &str = "Doc_0/Signs/Sign_0/Seal.esl";
const N: &str = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123";

pub const ROWS: &[Forgery] = &[
    ("signature_value_flipped", |w| {
        changed(w, |files| {
            let mut value = files.get(VALUE).to_vec();
            let last = value.len() - 2;
            value[last] ^= 0x40;
            files.set(VALUE, &value);
        })
    }),
    ("seal_file_flipped", |w| {
        changed(w, |files| {
            let mut seal = files.get(ESL).to_vec();
            let middle = seal.len() / 2;
            seal[middle] ^= 1;
            files.set(ESL, &seal);
        })
    }),
    ("seal_file_of_another_seal", |w| {
        changed(w, |files| {
            files.set(ESL, &SealSpec { id: "SEAL-98", ..SealSpec::new(&w.maker, &[&w.neighbour]) }.der())
        })
    }),
    ("sealed_with_another_seal_file", |w| {
        let seal_file = SealSpec { id: "OTHER", ..w.seal() }.der();
        by(w, Layer { seal_file, ..w.layer() })
    }),
    ("seal_file_removed", |w| changed(w, |files| files.remove(ESL))),
    ("signed_value_removed", |w| changed(w, |files| files.remove(VALUE))),
    ("signature_xml_removed", |w| changed(w, |files| files.remove("Doc_0/Signs/Sign_0/Signature.xml"))),
    ("signed_value_huge", |w| changed(w, |files| files.set(VALUE, &noise(3 << 20)))),
    ("signature_and_value_of_another", |w| {
        let other = other_certificate(w);
        changed(w, |files| {
            ["Signature.xml", "SignedValue.dat"]
                .map(|name| format!("{SIGN_0}/{name}"))
                .iter()
                .for_each(|name| files.take(&other, name));
        })
    }),
    ("whole_layer_of_another", |w| {
        let other = other_certificate(w);
        changed(w, |files| files.take(&other, SIGN_0))
    }),
    ("signed_value_of_another", |w| {
        let other = other_certificate(w);
        changed(w, |files| files.take(&other, VALUE))
    }),
    ("other_property_path", |w| {
        by(w, Layer { property_info: format!("/{SIGN_1}/Signature.xml"), ..w.layer() })
    }),
    ("signing_time_changed", |w| {
        by(w, Layer { tbs: |tbs| swap(tbs, b"20260301000000Z", b"20250301000000Z"), ..w.layer() })
    }),
    ("version_5", |w| by(w, Layer { version: 5, ..w.layer() })),
    ("version_1", |w| by(w, Layer { version: 1, ..w.layer() })),
    ("seal_version_1", |w| by(w, Layer::new(&w.signer, SealSpec { version: 1, ..w.seal() }.der()))),
    ("value_r_is_zero", |w| by(w, Layer { value: |_| pair(&[0], &[1; 32]), ..w.layer() })),
    ("value_s_is_order", |w| by(w, Layer { value: |_| pair(&[1; 32], &hex(N)), ..w.layer() })),
    ("value_r_plus_order", |w| by(w, Layer { value: |_| pair(&[0xFF; 32], &[1; 32]), ..w.layer() })),
    ("value_negative", |w| by(w, Layer { value: |_| vec![0x30, 6, 2, 1, 0x81, 2, 1, 1], ..w.layer() })),
    ("value_ber_padding", |w| {
        by(
            w,
            Layer {
                value: |value| [&[0x30, value[1] + 1, 2, value[3] + 1, 0], &value[4..]].concat(),
                ..w.layer()
            },
        )
    }),
    ("value_ber_long_length", |w| {
        by(w, Layer { value: |value| [&[0x30, 0x81], &value[1..]].concat(), ..w.layer() })
    }),
    ("value_with_tail", |w| by(w, Layer { value: |value| [&value[..], &[0]].concat(), ..w.layer() })),
    ("value_raw_64_bytes", |w| by(w, Layer { value: |_| vec![7; 64], ..w.layer() })),
    ("structure_ber_indefinite", |w| {
        changed(w, |files| files.set(VALUE, &indefinite(files.get(VALUE).to_vec())))
    }),
    ("structure_with_tail", |w| changed(w, |files| files.set(VALUE, &[files.get(VALUE), b"tail"].concat()))),
    ("seal_ber_indefinite", |w| by(w, Layer::new(&w.signer, indefinite(w.seal().der())))),
    ("certificate_ber", |w| by(w, Layer { certificate: indefinite(w.signer.der().to_vec()), ..w.layer() })),
    ("certificate_with_tail", |w| by(w, Layer { certificate: [w.signer.der(), &[0]].concat(), ..w.layer() })),
    ("structure_deep", |w| changed(w, |files| files.set(VALUE, &deep(4_000)))),
    ("method_unknown", |w| by(w, Layer { method: "1.2.840.10045.4.3.2", ..w.layer() })),
    ("digest_unknown", |w| by(w, Layer { check_method: "1.3.14.3.2.26", ..w.layer() })),
    ("stamp_on_no_page", |w| {
        by(
            w,
            Layer {
                stamps: "<ofd:StampAnnot ID=\"1\" PageRef=\"61\" Boundary=\"0 0 9 9\"/>".to_owned(),
                ..w.layer()
            },
        )
    }),
    ("stamps_without_end", |w| {
        by(
            w,
            Layer {
                stamps: "<ofd:StampAnnot ID=\"1\" PageRef=\"60\" Boundary=\"0 0 9 9\"/>".repeat(1_001),
                ..w.layer()
            },
        )
    }),
    ("references_without_end", |w| {
        by(
            w,
            Layer {
                xml: |xml| {
                    let one = |at: usize| {
                        format!(
                            "<ofd:Reference FileRef=\"/n{at}\"><ofd:CheckValue>AAAA</ofd:CheckValue></ofd:Reference>"
                        )
                    };
                    let many: String = (0..2_001).map(one).collect();
                    xml.replace("</ofd:References>", &format!("{many}</ofd:References>"))
                },
                ..w.layer()
            },
        )
    }),
    ("times_in_conflict", |w| by(w, Layer { date_time: "20250301000000Z".to_owned(), ..w.layer() })),
    ("timestamp_over_other_bytes", |w| by(w, Layer { timestamp: Some(|_| token(b"other")), ..w.layer() })),
    ("timestamp_is_no_token", |w| by(w, Layer { timestamp: Some(|_| b"now".to_vec()), ..w.layer() })),
    ("listed_twice", |w| {
        changed(w, |files| {
            let entry = format!("<ofd:Signature ID=\"9\" BaseLoc=\"/Doc_0/../{SIGN_0}/Signature.xml\"/>");
            files.replace(LIST, "</ofd:Signatures>", &format!("{entry}</ofd:Signatures>"));
        })
    }),
    ("listed_without_end", |w| {
        changed(w, |files| {
            let many: String =
                (0..17).map(|at| format!("<ofd:Signature ID=\"{at}\" BaseLoc=\"/s{at}.xml\"/>")).collect();
            files.replace(LIST, "</ofd:Signatures>", &format!("{many}</ofd:Signatures>"));
        })
    }),
    ("listed_in_foreign_namespace", |w| {
        changed(w, |files| {
            let entry = "<x:Signature xmlns:x=\"urn:x\" ID=\"9\" Type=\"Seal\" BaseLoc=\"/evil/Signature.xml\"/></ofd:Signatures>";
            files.replace(LIST, "</ofd:Signatures>", entry);
        })
    }),
    ("list_attribute_twice", |w| {
        changed(w, |files| files.replace(LIST, "BaseLoc=", "BaseLoc=\"/evil.xml\" BaseLoc="))
    }),
    ("list_of_other_root", |w| changed(w, |files| files.set(LIST, b"<Signatures/>"))),
    ("list_removed", |w| changed(w, |files| files.remove(LIST))),
];

fn changed(world: &World, change: impl FnOnce(&mut Files)) -> Case {
    let mut files = world.genuine();
    change(&mut files);
    Case::files(world, &files)
}

fn by(world: &World, layer: Layer<'_>) -> Case {
    Case::files(world, &world.sealed_by(&metadata(), &layer))
}

/// A genuine certificate of somebody else, under the same key and seal.
fn other_certificate(world: &World) -> Files {
    document::sealed(world, &document::parts(&metadata_with("ZZBH", Some("990100000002"))))
}

fn swap(bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).rposition(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

fn pair(r: &[u8], s: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.sequence(|w| {
        w.integer_unsigned(r);
        w.integer_unsigned(s);
    });
    writer.finish().unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The outermost TLV (with a long length) in BER's indefinite form.
fn indefinite(der: Vec<u8>) -> Vec<u8> {
    assert!(der[1] > 0x80, "a long length");
    let header = 2 + usize::from(der[1] & 0x7F);
    [&[der[0], 0x80], &der[header..], &[0, 0]].concat()
}

/// SEQUENCEs in each other, this many.
fn deep(levels: usize) -> Vec<u8> {
    let mut bytes = vec![5, 0];
    for _ in 0..levels {
        let mut writer = Writer::new();
        writer.tlv(gm::der::Tag::SEQUENCE, &bytes);
        bytes = writer.finish().unwrap();
    }
    bytes
}

/// Bytes that deflate cannot shrink below the ratio that the container allows.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(len)
    .collect()
}
