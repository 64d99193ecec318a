//! Time and size of a per-certificate subset. Run optimised, with a font file and its face name:
//!
//! `cargo run --release -p font --example subset_speed -- FILE FACE [OUT.ttf]`

use std::time::Duration;

use font::{FontError, FontFile, GlyphCache};

/// Forty distinct characters, as a holder's data would have them.
const TEXT: &str = "玥喆堃璟翀垚鋆珺淼犇张三丰道路运输经营许可有限公司0123456789省市县号第";
const ROUNDS: u32 = 20_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, face, rest @ ..] = arguments.as_slice() else {
        return Err("usage: subset_speed FILE FACE [OUT.ttf]".into());
    };
    let data: std::sync::Arc<[u8]> = std::fs::read(file)?.into();
    let chars: Vec<char> = TEXT.chars().collect();

    let (opened, font) = timed(|| FontFile::parse(data.clone(), face));
    let cache = GlyphCache::new(font?);
    let (cold, first) = timed(|| cache.subset(&chars, "AAAAAA+Speed"));
    let subset = first?;
    let empty = cache.subset(&[], "AAAAAA+Speed")?;
    let (warm, result) = timed(|| {
        (0..ROUNDS).try_for_each(|_| {
            std::hint::black_box(cache.subset(std::hint::black_box(&chars), "AAAAAA+Speed")?);
            Ok::<(), FontError>(())
        })
    });
    result?;

    let glyphs = subset.chars.len();
    println!("open       {opened:?}");
    println!("cold       {:?} a glyph", cold / glyphs as u32);
    println!("warm       {:?} a subset of {glyphs} glyphs", warm / ROUNDS);
    println!(
        "size       {} bytes, {} a glyph",
        subset.bytes.len(),
        (subset.bytes.len() - empty.bytes.len()) / glyphs
    );
    if let Some(out) = rest.first() {
        std::fs::write(out, &subset.bytes)?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "measuring time is what this program is for")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = std::time::Instant::now();
    let result = work();
    (start.elapsed(), result)
}
