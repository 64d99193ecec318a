//! Base64 and PEM.

use gm::{base64, pem};
use proptest::prelude::*;

proptest! {
    #[test]
    fn base64_round_trips(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(base64::decode(&base64::encode(&bytes)).unwrap(), bytes);
    }

    #[test]
    fn accepted_base64_has_one_spelling(text in "[A-Za-z0-9+/]{0,10}={0,3}") {
        if let Ok(bytes) = base64::decode(&text) {
            prop_assert_eq!(base64::encode(&bytes), text);
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,80}") {
        let _ = base64::decode(&text);
        let _ = pem::decode_all("X", &text);
    }

    #[test]
    fn pem_round_trips(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(pem::decode("TEST", &pem::encode("TEST", &bytes)).unwrap(), bytes);
    }
}

/// RFC 4648 §10.
#[test]
fn rfc_4648_vectors() {
    let wanted = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
    for (len, text) in wanted.into_iter().enumerate() {
        assert_eq!(base64::encode(&b"foobar"[..len]), text);
        assert_eq!(base64::decode(text).unwrap(), &b"foobar"[..len]);
    }
}

#[test]
fn loose_base64_is_refused() {
    for bad in ["Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm9v\n", "Zm 9", "Zm-_", "路"] {
        assert!(base64::decode(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn pem_bundles_keep_their_order() {
    let text = format!("{}\n{}", pem::encode("X", b"first"), pem::encode("X", b"second"));
    assert_eq!(pem::decode_all("X", &text).unwrap(), [b"first".to_vec(), b"second".to_vec()]);
    assert!(pem::decode("X", &text).is_err());
}

#[test]
fn windows_line_ends_are_read() {
    let text = pem::encode("X", &[7; 100]).replace('\n', "\r\n");
    assert_eq!(pem::decode("X", &text).unwrap(), [7; 100]);
}

#[test]
fn loose_pem_is_refused() {
    let good = pem::encode("X", &[7; 100]);
    for bad in [
        String::new(),
        good.replace("BEGIN X", "BEGIN Y"),
        good.replace("END X", "END Y"),
        good.replace("-----END X-----\n", ""),
        good.replacen("Bw", "Bw\n", 1),
        format!("note\n{good}"),
    ] {
        assert!(pem::decode("X", &bad).is_err(), "{bad}");
    }
}
