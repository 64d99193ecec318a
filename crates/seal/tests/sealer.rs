//! The sealer: what it makes is what the standard and the verifier ask for, and what it refuses to make.

#![allow(clippy::unwrap_used)]

mod support;

use seal::{KeyedSeal, SealDraft, SealError, SealPicture, SesSeal, SesSignature};
use support::world::{END, START};
use support::{SIGNED, World};

fn made(world: &World, signers: &[Vec<u8>]) -> SesSeal {
    let picture = SealPicture { format: "PNG".to_owned(), data: vec![1, 2, 3], width: 40, height: 42 };
    let draft = SealDraft {
        id: "SEAL-99",
        vendor: "luzheng",
        name: "专用章",
        signers,
        created: START,
        valid_from: START,
        valid_to: END,
        picture: &picture,
    };
    SesSeal::make(&draft, &world.maker.certificate, &*world.maker.key()).unwrap()
}

#[test]
fn a_made_seal_reads_back_and_its_maker_vouches_for_it() {
    let world = World::new();
    let seal = made(&world, &[world.signer.der().to_vec()]);
    assert_eq!((seal.id.as_str(), seal.name.as_str(), seal.valid_to), ("SEAL-99", "专用章", END));
    assert_eq!((seal.picture.width, seal.picture.height), (40, 42));
    assert!(seal.maker_signature_holds(&world.maker.certificate));
    assert!(!seal.maker_signature_holds(&world.side_maker.certificate));
}

#[test]
fn a_key_that_is_not_the_signers_is_refused() {
    let world = World::new();
    let seal = made(&world, &[world.signer.der().to_vec()]);
    let result = KeyedSeal::new(seal, world.signer.certificate.clone(), world.employee.key());
    assert!(matches!(result.err(), Some(SealError::KeyMismatch)));
}

#[test]
fn a_signer_that_the_seal_does_not_list_is_refused() {
    let world = World::new();
    let seal = made(&world, &[world.signer.der().to_vec()]);
    let result = KeyedSeal::new(seal, world.employee.certificate.clone(), world.employee.key());
    assert!(matches!(result.err(), Some(SealError::Content(_))));
}

#[test]
fn the_signature_holds_over_the_received_bytes() {
    let world = World::new();
    let files = world.genuine();
    let signature = SesSignature::parse(files.get("Doc_0/Signs/Sign_0/SignedValue.dat")).unwrap();
    assert_eq!(signature.signed_at, SIGNED);
    assert_eq!(signature.data_hash, gm::sm3::sm3(files.get("Doc_0/Signs/Sign_0/Signature.xml")));
    let value = gm::sm2::Signature::from_der(&signature.signature).unwrap();
    assert!(gm::sm2::verify(world.signer.certificate.public_key(), &signature.tbs_der, &value));
}

#[test]
fn equal_requests_give_equal_bytes() {
    let world = World::new();
    assert_eq!(world.genuine().zip(), world.genuine().zip());
}

#[test]
fn the_check_method_is_written_as_an_identifier() {
    let xml = World::new().genuine().text("Doc_0/Signs/Sign_0/Signature.xml");
    assert!(xml.contains("CheckMethod=\"1.2.156.10197.1.401\""), "ofd-core reads nothing else");
}
