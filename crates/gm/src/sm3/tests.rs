//! Agreement with the reference crate, which shares no code with this one.

use proptest::prelude::*;
use sm3::Digest as _;

use super::*;

fn reference(data: &[u8]) -> [u8; 32] {
    ::sm3::Sm3::digest(data).into()
}

fn counting(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7 + len) as u8).collect()
}

#[test]
fn every_length_up_to_300_agrees() {
    for len in 0..=300 {
        assert_eq!(sm3(&counting(len)), reference(&counting(len)), "{len}");
    }
}

#[test]
fn a_batch_of_every_length_up_to_300_agrees() {
    let messages: Vec<_> = (0..=300).map(counting).collect();
    let wanted: Vec<_> = messages.iter().map(|message| reference(message)).collect();
    assert_eq!(sm3_many(&messages), wanted);
}

#[test]
fn batches_around_the_number_of_lanes_agree() {
    for count in 0..40 {
        let messages: Vec<_> = (0..count).map(|i| counting(i * 97 % 700)).collect();
        let wanted: Vec<_> = messages.iter().map(|message| reference(message)).collect();
        assert_eq!(sm3_many(&messages), wanted, "{count} messages");
    }
}

/// Messages of many lengths, and their digests by the reference.
#[cfg(target_arch = "x86_64")]
fn batch() -> (Vec<Vec<u8>>, Vec<[u8; 32]>) {
    let messages: Vec<_> = (0..100).map(|i| counting(i * 31)).collect();
    let wanted = messages.iter().map(|message| reference(message)).collect();
    (messages, wanted)
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_kernel_of_eight_lanes_agrees() {
    // Tried by itself, as a processor with sixteen lanes would never choose it.
    let Some(kernel) = simd::Wide8::detect() else { return };
    let (messages, wanted) = batch();
    assert_eq!(lanes::run(&messages, |state, streams| kernel.compress(state, streams)), wanted);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_kernel_of_sixteen_lanes_agrees() {
    let Some(kernel) = simd::Wide16::detect() else { return };
    let (messages, wanted) = batch();
    assert_eq!(lanes::run(&messages, |state, streams| kernel.compress(state, streams)), wanted);
}

proptest! {
    #[test]
    fn pieces_of_any_size_agree(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8)) {
        let mut state = Sm3::new();
        pieces.iter().for_each(|piece| state.update(piece));
        prop_assert_eq!(state.finish(), reference(&pieces.concat()));
    }

    #[test]
    fn batches_of_any_shape_agree(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2000), 0..60)) {
        let wanted: Vec<_> = messages.iter().map(|message| reference(message)).collect();
        prop_assert_eq!(sm3_many(&messages), wanted);
    }

    #[test]
    fn hmac_agrees(key in prop::collection::vec(any::<u8>(), 0..150), data in prop::collection::vec(any::<u8>(), 0..300)) {
        use ::hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<::sm3::Sm3>::new_from_slice(&key).unwrap();
        mac.update(&data);
        let wanted: [u8; 32] = mac.finalize().into_bytes().into();
        prop_assert_eq!(hmac_sm3(&key, &data), wanted);
    }
}

#[test]
fn pbkdf2_is_that_of_another_implementation() {
    for (password, salt, rounds) in [("p", "salt", 1), ("correct horse 7", "0123456789abcdef", 77)] {
        let mut wanted = [0; 32];
        pbkdf2::pbkdf2_hmac::<sm3::Sm3>(password.as_bytes(), salt.as_bytes(), rounds, &mut wanted);
        assert_eq!(*super::pbkdf2_sm3(password.as_bytes(), salt.as_bytes(), rounds), wanted);
    }
}
