#![no_main]
//! The content of our 2D code.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = proof::SignedCode::decode(text);
    let _ = proof::SignedCode::decode(&format!("{}{text}", proof::PREFIX));
});
