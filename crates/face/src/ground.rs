//! 底纹: a ground of fine interwoven curves, computed, as OFD path data.

use crate::template::Ground;

/// One curve: colour and OFD abbreviated path data in mm relative to the ground's frame.
pub(crate) struct Curve {
    pub second: bool,
    pub data: String,
}

/// The curves of a ground: two families of waves that drift in phase, so that their crossings make a moving net.
pub(crate) fn curves(ground: &Ground) -> Vec<Curve> {
    let [_, _, width, height] = ground.frame;
    let mut curves = Vec::new();
    let gap = 1.9;
    let count = (height / gap) as usize + 1;
    for family in 0..2 {
        for index in 0..=count {
            let base = index as f32 * gap;
            let drift = index as f32 * 0.42 + family as f32 * std::f32::consts::PI;
            curves.push(Curve { second: family == 1, data: wave(width, height, base, drift) });
        }
    }
    curves
}

/// A wave of two frequencies as quadratic segments, kept inside the frame.
fn wave(width: f32, height: f32, base: f32, drift: f32) -> String {
    let at = |x: f32| {
        let swell = (x * 0.55 + drift).sin() * 1.5 + (x * 0.11 - drift * 0.5).sin() * 2.2;
        (base + swell).clamp(0.0, height)
    };
    let step = 1.4;
    let steps = (width / step) as usize;
    let mut data = format!("M 0 {:.2}", at(0.0));
    for index in 0..steps {
        let middle = (index as f32 + 0.5) * step;
        let end = (index as f32 + 1.0) * step;
        // The control point that makes the quadratic pass through the wave at the middle of the segment.
        let control = 2.0 * at(middle) - (at(middle - step / 2.0) + at(end)) / 2.0;
        data.push_str(&format!(" Q {middle:.2} {:.2} {end:.2} {:.2}", control.clamp(0.0, height), at(end)));
    }
    data
}
