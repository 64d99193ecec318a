#![no_main]
//! The whole verifier.

use libfuzzer_sys::fuzz_target;
use luzheng_fuzz::{ANNOTS, Files, GENUINE, LIST, NOW, VERIFIER, package};

fuzz_target!(|data: &[u8]| {
    let bytes = package(data);
    if VERIFIER.verify(&bytes, NOW).verdict.is_valid() {
        let files = Files::open(&bytes);
        for (name, content) in GENUINE.iter().filter(|(name, _)| *name != LIST && *name != ANNOTS) {
            assert!(files.get(name) == content, "{name} was changed and the package passes");
        }
    }
});
