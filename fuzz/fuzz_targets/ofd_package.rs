#![no_main]
//! Opening, text and drawing of hostile packages.

use libfuzzer_sys::fuzz_target;
use ofd::draw::{Options, annotations, draw};

fuzz_target!(|data: &[u8]| {
    let bytes = luzheng_fuzz::package(data);
    let limits = ofd::Limits::default();
    let Ok(package) = ofd::Package::open(&bytes, &limits) else { return };
    let _ = ofd::plain_text(&package);
    for page in 0..package.pages.len().min(3) {
        let _ = draw(&package, page, &Options::default()).map(|list| ofd::draw::to_svg(&list));
        let _ = annotations(&package, page, &limits, &Options::default());
    }
});
