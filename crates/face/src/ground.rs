//! 底纹: fine interwoven lines as vectors (guilloche), computed from a few numbers of the template.

use std::f32::consts::TAU;

use ofd::notation::push_mm;

use crate::template::{Frame, Ornament, OrnamentKind};

/// OFD path data of an ornament, in mm relative to its frame.
pub(crate) fn path(ornament: &Ornament) -> String {
    let [_, _, width, height] = ornament.frame;
    let mut data = String::with_capacity(16 * 1024);
    match ornament.kind {
        OrnamentKind::Waves => waves(&mut data, width, height, ornament.gap),
        OrnamentKind::Band => band(&mut data, ornament.frame, ornament.gap),
        OrnamentKind::Rosette => rosette(&mut data, width.min(height) / 2.0, width / 2.0, height / 2.0),
    }
    data
}

/// Level waves whose phase drifts from line to line: a net that seems to breathe.
fn waves(data: &mut String, width: f32, height: f32, gap: f32) {
    let period = 33.0;
    // Four curves a wave, and a whole number of them over the width.
    let segments = (width / (period / 4.0)).round().max(1.0) as usize;
    let step = width / segments as f32;
    let lines = (height / gap) as usize;
    for line in 0..=lines {
        let base = line as f32 * gap;
        let drift = line as f32 * 0.31;
        let reach = 2.6 * (1.0 + 0.35 * (line as f32 * 0.47).sin());
        let angle = |x: f32| x * TAU / period + drift;
        let height_at = |x: f32| (base + reach * angle(x).sin()).clamp(0.0, height);
        let slope_at = |x: f32| reach * TAU / period * angle(x).cos();
        start(data, 0.0, height_at(0.0));
        for index in 0..segments {
            let (from, to) = (index as f32 * step, (index as f32 + 1.0) * step);
            let (a, b) =
                (height_at(from) + slope_at(from) * step / 3.0, height_at(to) - slope_at(to) * step / 3.0);
            let third = step / 3.0;
            curve(
                data,
                [from + third, a.clamp(0.0, height), to - third, b.clamp(0.0, height), to, height_at(to)],
            );
        }
    }
}

/// Strands plaited along the inside of the frame.
fn band(data: &mut String, [_, _, width, height]: Frame, depth: f32) {
    let sides = [
        (depth, depth / 2.0, width - 2.0 * depth, true),
        (depth, height - depth / 2.0, width - 2.0 * depth, true),
        (depth / 2.0, depth, height - 2.0 * depth, false),
        (width - depth / 2.0, depth, height - 2.0 * depth, false),
    ];
    for (x, y, length, level) in sides {
        let halves = (length / (depth * 0.75)).round().max(2.0) as usize;
        let half = length / halves as f32;
        // A quadratic bow reaches half of its control point's height.
        for bow in [0.95, 0.5].map(|share| depth * share) {
            let point = |along: f32, across: f32| {
                if level { (x + along, y + across) } else { (x + across, y + along) }
            };
            for turn in [1.0, -1.0] {
                let (sx, sy) = point(0.0, 0.0);
                start(data, sx, sy);
                for index in 0..halves {
                    let side = if index % 2 == 0 { turn } else { -turn };
                    let (cx, cy) = point((index as f32 + 0.5) * half, bow * side);
                    let (ex, ey) = point((index as f32 + 1.0) * half, 0.0);
                    data.push_str(" Q");
                    numbers(data, &[cx, cy, ex, ey]);
                }
            }
        }
    }
}

/// Rings with lobes, turned against each other.
fn rosette(data: &mut String, radius: f32, x: f32, y: f32) {
    let lobes = 12.0;
    // Five curves a lobe follow it to a hundredth of a millimetre.
    let samples = 60;
    for ring in 0..5 {
        let turn = ring as f32 * TAU / 5.0;
        let middle = radius * 0.72;
        let reach = radius * 0.26;
        let at = |angle: f32| {
            let r = middle + reach * (lobes * angle + turn).sin();
            (x + r * angle.cos(), y + r * angle.sin())
        };
        let slope = |angle: f32| {
            let r = middle + reach * (lobes * angle + turn).sin();
            let dr = reach * lobes * (lobes * angle + turn).cos();
            (dr * angle.cos() - r * angle.sin(), dr * angle.sin() + r * angle.cos())
        };
        let step = TAU / samples as f32;
        let (sx, sy) = at(0.0);
        start(data, sx, sy);
        for index in 0..samples {
            let (from, to) = (index as f32 * step, (index as f32 + 1.0) * step);
            let ((ax, ay), (bx, by)) = (at(from), at(to));
            let ((dax, day), (dbx, dby)) = (slope(from), slope(to));
            let third = step / 3.0;
            curve(data, [ax + dax * third, ay + day * third, bx - dbx * third, by - dby * third, bx, by]);
        }
    }
}

fn start(data: &mut String, x: f32, y: f32) {
    data.push_str(if data.is_empty() { "M" } else { " M" });
    numbers(data, &[x, y]);
}

fn curve(data: &mut String, values: [f32; 6]) {
    data.push_str(" B");
    numbers(data, &values);
}

/// Hundredths of a millimetre are finer than the line is wide.
fn numbers(data: &mut String, values: &[f32]) {
    for value in values {
        data.push(' ');
        push_mm(data, (f64::from(*value) * 100.0).round() / 100.0);
    }
}
