#![no_main]
//! Seals and seal signatures by GB/T 38540.

use libfuzzer_sys::fuzz_target;
use luzheng_fuzz::{GENUINE, WORLD, spliced};
use seal::{SesSeal, SesSignature};

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let (signature, seal) = match first % 3 {
        0 => (rest.to_vec(), rest.to_vec()),
        _ => (spliced(GENUINE.get("Doc_0/Signs/Sign_0/SignedValue.dat"), rest), spliced(&WORLD.seal().der(), rest)),
    };
    if let Ok(read) = SesSeal::parse(&seal) {
        assert_eq!(read.der, seal, "a seal keeps the bytes received");
    }
    if let Ok(read) = SesSignature::parse(&signature) {
        assert!(signature.windows(read.tbs_der.len()).any(|window| window == read.tbs_der));
    }
});
