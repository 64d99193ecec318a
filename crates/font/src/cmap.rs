//! The `cmap` table: format 4 for the basic plane, format 12 as well when a character lies beyond it.

/// More runs would overflow format 4's 16-bit length; then format 12 alone carries the map.
const FORMAT_4_RUNS: usize = 8000;

/// Writes the table for sorted `chars`; character number `i` maps to glyph `i + 1`.
pub(crate) fn write(chars: &[char], out: &mut Vec<u8>) {
    // Format 4 ends with a segment at U+FFFF, so that code point itself needs format 12.
    let basic = chars.partition_point(|&ch| ch < '\u{FFFF}');
    let mut short = runs(&chars[..basic]);
    let fits = short.len() <= FORMAT_4_RUNS;
    if !fits {
        short.clear();
    }
    let all = if basic < chars.len() || !fits { runs(chars) } else { Vec::new() };
    // (platform, encoding): Unicode and Windows, each for format 4, then each for format 12.
    let encodings: &[(u16, u16)] =
        if all.is_empty() { &[(0, 3), (3, 1)] } else { &[(0, 3), (0, 4), (3, 1), (3, 10)] };
    let format_4 = 4 + 8 * encodings.len() as u32;
    let format_12 = format_4 + 16 + 8 * (short.len() as u32 + 1);
    put(out, &[0, encodings.len() as u16]);
    for &(platform, encoding) in encodings {
        put(out, &[platform, encoding]);
        let full = matches!((platform, encoding), (0, 4) | (3, 10));
        out.extend_from_slice(&(if full { format_12 } else { format_4 }).to_be_bytes());
    }
    write_format_4(&short, out);
    if !all.is_empty() {
        write_format_12(&all, out);
    }
}

/// Consecutive characters, whose glyphs are consecutive too.
struct Run {
    first: u32,
    last: u32,
    glyph: u32,
}

fn runs(chars: &[char]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::with_capacity(chars.len());
    for (code, glyph) in chars.iter().map(|&ch| u32::from(ch)).zip(1..) {
        match runs.last_mut() {
            Some(run) if run.last + 1 == code => run.last = code,
            _ => runs.push(Run { first: code, last: code, glyph }),
        }
    }
    runs
}

/// At most FORMAT_4_RUNS runs, and all codes are below U+FFFF, so the narrowing casts keep their values.
fn write_format_4(runs: &[Run], out: &mut Vec<u8>) {
    let segments = runs.len() as u16 + 1;
    let selector = segments.ilog2() as u16;
    let range = 2 << selector;
    put(out, &[4, 16 + 8 * segments, 0, segments * 2, range, selector, segments * 2 - range]);
    runs.iter().for_each(|run| put(out, &[run.last as u16]));
    put(out, &[0xFFFF, 0]);
    runs.iter().for_each(|run| put(out, &[run.first as u16]));
    put(out, &[0xFFFF]);
    // Deltas are modulo 65536; the closing segment's delta of 1 maps U+FFFF to glyph 0.
    runs.iter().for_each(|run| put(out, &[run.glyph.wrapping_sub(run.first) as u16]));
    put(out, &[1]);
    // No glyph array: every range offset is 0.
    out.resize(out.len() + 2 * usize::from(segments), 0);
}

fn write_format_12(runs: &[Run], out: &mut Vec<u8>) {
    put(out, &[12, 0]);
    for number in [16 + 12 * runs.len() as u32, 0, runs.len() as u32] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    for number in runs.iter().flat_map(|run| [run.first, run.last, run.glyph]) {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

fn put(out: &mut Vec<u8>, numbers: &[u16]) {
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}
