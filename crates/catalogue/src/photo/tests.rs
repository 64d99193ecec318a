//! The short check against the full decoder, over sound and damaged pictures.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;

use super::{decoded, inspect, jpeg, size_of};

/// A picture with edges and grain, so that all sizes of values occur.
fn pixels(width: usize, height: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let mut grain = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 28) as u8
    };
    let mut pixel = |x: usize, y: usize| {
        let shape = if (x / 9 + y / 13).is_multiple_of(3) { 200 } else { (x * 2 + y) as u8 / 2 };
        [shape.wrapping_add(grain()), shape / 2 + grain(), 255 - shape]
    };
    (0..width * height).flat_map(|i| pixel(i % width, i / width)).collect()
}

#[derive(Clone, Copy, Debug)]
struct Kind {
    sampling: SamplingFactor,
    quality: u8,
    optimized: bool,
    grey: bool,
}

fn encode(
    width: u16,
    height: u16,
    seed: u32,
    kind: Kind,
    finish: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, kind.quality);
    encoder.set_sampling_factor(kind.sampling);
    encoder.set_optimized_huffman_tables(kind.optimized);
    finish(&mut encoder);
    let rgb = pixels(width.into(), height.into(), seed);
    let grey: Vec<u8> = rgb.chunks(3).map(|pixel| pixel[0]).collect();
    let (data, color) = if kind.grey { (grey, ColorType::Luma) } else { (rgb, ColorType::Rgb) };
    encoder.encode(&data, width, height, color).expect("encodes");
    out
}

fn kinds() -> impl Strategy<Value = Kind> {
    use SamplingFactor::{R_4_2_0, R_4_2_2, R_4_4_0, R_4_4_4};
    let sampling = prop::sample::select(vec![R_4_4_4, R_4_2_2, R_4_2_0, R_4_4_0]);
    (sampling, 5..=100u8, any::<bool>(), any::<bool>())
        .prop_map(|(sampling, quality, optimized, grey)| Kind { sampling, quality, optimized, grey })
}

const PLAIN: Kind = Kind { sampling: SamplingFactor::R_4_2_0, quality: 80, optimized: false, grey: false };

fn plain() -> Vec<u8> {
    encode(120, 100, 7, PLAIN, |_| {})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sound_pictures_are_proven_without_the_decoder(
        kind in kinds(), width in 1u16..90, height in 1u16..70, seed in any::<u32>(),
    ) {
        let bytes = encode(width, height, seed, kind, |_| {});
        // This encoder writes optimised colours as three scans, which are the decoder's.
        let plain = kind.grey || !kind.optimized;
        prop_assert_eq!(jpeg::whole(&bytes), plain.then_some((width.into(), height.into())));
        prop_assert_eq!(decoded(&bytes).map(|info| (info.width, info.height)), Some((width.into(), height.into())));
    }
}

/// One way to damage a file.
fn damage() -> impl Strategy<Value = (u8, prop::sample::Index, u8, u8)> {
    (0u8..6, any::<prop::sample::Index>(), any::<u8>(), 1u8..40)
}

fn damaged(mut bytes: Vec<u8>, (way, at, value, count): (u8, prop::sample::Index, u8, u8)) -> Vec<u8> {
    let place = at.index(bytes.len());
    let end = (place + usize::from(count)).min(bytes.len());
    match way {
        0 => bytes[place] ^= value.max(1),
        1 => bytes[place..end].fill(value),
        2 => drop(bytes.drain(place..end)),
        3 => bytes.insert(place, value),
        4 => bytes[place] = 0xFF,
        _ => {
            // Cut off, but with an end marker, as a careless repair leaves it.
            bytes.truncate(place);
            bytes.extend_from_slice(&[0xFF, 0xD9]);
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_decoder_refuses_is_never_proven(
        kind in kinds(), ways in prop::collection::vec(damage(), 1..3), header in any::<bool>(),
    ) {
        let mut bytes = encode(40, 33, 5, kind, |_| {});
        let front = bytes.windows(2).position(|pair| pair == [0xFF, 0xDA]).expect("a scan") + 14;
        // Most bytes are data; half of the cases damage headers.
        let tail = if header { bytes.split_off(front) } else { Vec::new() };
        let mut bytes = ways.into_iter().fold(bytes, |bytes, way| if bytes.is_empty() { bytes } else { damaged(bytes, way) });
        bytes.extend(tail);
        let (short, full) = (jpeg::whole(&bytes), decoded(&bytes).map(|info| (info.width, info.height)));
        prop_assert!(short.is_none() || short == full, "{:?} but the decoder says {:?}", short, full);
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut jpeg = vec![0xFF, 0xD8, 0xFF];
        jpeg.extend(bytes);
        jpeg.extend([0xFF, 0xD9]);
        let _ = jpeg::whole(&jpeg);
    }
}

#[test]
fn a_picture_that_lacks_its_last_blocks_is_not_proven() {
    let whole = plain();
    let mut cut = whole[..whole.len() - 40].to_vec();
    cut.extend_from_slice(&[0xFF, 0xD9]);
    assert_eq!(jpeg::whole(&cut), None);
    assert_eq!(jpeg::whole(&whole), Some((120, 100)));
}

#[test]
fn bytes_after_the_last_block_are_not_proven() {
    let mut long = plain();
    let end = long.len() - 2;
    long.insert(end, 0x3C);
    assert_eq!(jpeg::whole(&long), None);
}

#[test]
fn progressive_pictures_and_restarts_are_left_to_the_decoder() {
    let progressive = encode(120, 100, 7, PLAIN, |encoder| encoder.set_progressive(true));
    let restarts = encode(120, 100, 7, PLAIN, |encoder| encoder.set_restart_interval(4));
    for bytes in [progressive, restarts] {
        assert_eq!(jpeg::whole(&bytes), None);
        assert_eq!(inspect(&bytes).map(|info| (info.width, info.height)), Some((120, 100)));
    }
}

#[test]
fn the_size_comes_from_the_headers() {
    assert_eq!(size_of(&plain()).map(|info| (info.width, info.height)), Some((120, 100)));
}
