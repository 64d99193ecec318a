//! Module for module the same as an independent encoder, where one mode is the only shortest way.

use crate::oracle::{forced, zint};
use matrix::MatrixError;
use matrix::gridmatrix::{GmOptions, decode, encode};

/// Compares `text(n)` in every version and level at about a third of the capacity and at the last length that fits.
fn compare(text: impl Fn(usize) -> String, bits_per_unit: f64) {
    let mut compared = 0;
    for version in 1..=13 {
        let least = [4, 2, 2, 1][usize::from(version).min(4) - 1];
        for level in least..=5 {
            let options = GmOptions { version: Some(version), level: Some(level) };
            let most = longest(&text, options, bits_per_unit);
            for length in [most / 3, most] {
                let text = text(length);
                if text.is_empty() {
                    continue;
                }
                let ours = encode(&text, options).expect("fits");
                let theirs = zint(&text, &forced(version, level)).expect("zint encodes what we encode");
                assert_eq!(ours.width(), theirs.width(), "size of version {version}, level {level}: {text}");
                assert!(ours == theirs, "modules of version {version}, level {level} differ for {text}");
                assert_eq!(decode(&theirs).expect("reads").text.as_deref(), Some(&*text));
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 120, "sixty versions and levels at two lengths");
}

/// The greatest length of `text` that `options` can hold.
fn longest(text: impl Fn(usize) -> String, options: GmOptions, bits_per_unit: f64) -> usize {
    let fits = |length: usize| match encode(&text(length), options) {
        Ok(_) => true,
        Err(MatrixError::TooLong { .. }) => false,
        Err(error) => panic!("{error}"),
    };
    // Start beyond the end of the largest symbol of this size and come down.
    let modules = 6 * (2 * usize::from(options.version.expect("forced")) + 1);
    let codewords = modules * modules / 18 * (10 - usize::from(options.level.expect("forced"))) / 10;
    let mut length = ((codewords + 2) as f64 * 7.0 / bits_per_unit) as usize;
    while length > 0 && !fits(length) {
        length -= 1;
    }
    length
}

/// `length` characters that walk through `alphabet` without a period of its own length.
fn walk(alphabet: &str, length: usize) -> String {
    let all: Vec<char> = alphabet.chars().collect();
    (0..length).map(|i| all[(i * 7 + i / all.len() * 3) % all.len()]).collect()
}

#[test]
fn digits() {
    compare(|n| walk("0123456789", n), 10.0 / 3.0);
}

#[test]
fn upper_case() {
    compare(|n| walk("ABCDEFGHIJKLMNOPQRSTUVWXYZ ", n).trim_end().to_owned(), 5.0);
}

#[test]
fn lower_case() {
    compare(|n| walk("abcdefghijklmnopqrstuvwxyz ", n).trim_end().to_owned(), 5.0);
}

#[test]
fn chinese() {
    compare(
        |n| {
            walk(
                "道路运输经营许可证号业户名称地址范围有效期至核发机关客货危险物品驾驶员从业资格，。《》（）一丁齄",
                n,
            )
        },
        13.0,
    );
}

#[test]
fn bytes() {
    compare(|n| walk("!\"#$%&'()*/:;<=>?@[\\]^_`{|}~\u{7f}", n), 8.0);
}

#[test]
fn mixed_letters_and_digits() {
    compare(|n| walk("a1Zq9BxK3mW7c", n), 6.0);
}
