//! Portraits: flat drawings of nobody, in the size of a two-inch ID photo.

use crate::canvas::{Canvas, Rgb};
use crate::random::Random;

/// Pixels: 25 × 35 mm at 300 dpi.
const SIZE: (u32, u32) = (295, 413);

const BACKGROUNDS: [Rgb; 4] = [Rgb(236, 241, 246), Rgb(104, 160, 214), Rgb(120, 174, 222), Rgb(196, 74, 74)];
const SKINS: [Rgb; 5] =
    [Rgb(244, 212, 184), Rgb(236, 196, 160), Rgb(222, 178, 140), Rgb(204, 156, 118), Rgb(240, 204, 172)];
const HAIRS: [Rgb; 4] = [Rgb(38, 32, 32), Rgb(58, 46, 40), Rgb(84, 62, 48), Rgb(128, 124, 122)];
const CLOTHES: [Rgb; 7] = [
    Rgb(44, 62, 96),
    Rgb(70, 76, 84),
    Rgb(34, 92, 84),
    Rgb(122, 52, 56),
    Rgb(92, 108, 62),
    Rgb(66, 102, 150),
    Rgb(150, 118, 74),
];

/// Measures of a face, in pixels.
struct Head {
    x: f32,
    y: f32,
    across: f32,
    down: f32,
    skin: Rgb,
    hair: Rgb,
    style: usize,
    female: bool,
}

/// A JPEG portrait. `looks` decides the person, `picture` the grain of this picture.
pub(crate) fn draw(looks: &mut Random, picture: &mut Random, female: bool) -> Vec<u8> {
    let background = looks.pick(&BACKGROUNDS).near(looks);
    let mut canvas = Canvas::new(SIZE.0, SIZE.1, background.times(1.04), background.times(0.9));
    let head = Head {
        x: 147.5 + looks.span(-3.0, 3.0),
        y: 178.0 + looks.span(-6.0, 6.0),
        across: looks.span(60.0, 69.0),
        down: looks.span(80.0, 90.0),
        skin: looks.pick(&SKINS).near(looks),
        hair: looks.pick(&HAIRS).near(looks),
        style: looks.below(3),
        female,
    };
    back_hair(&mut canvas, &head);
    shoulders(&mut canvas, &head, looks);
    canvas.oval(head.skin.times(0.93), head.x - head.across, head.y + 8.0, 10.0, 17.0);
    canvas.oval(head.skin.times(0.93), head.x + head.across, head.y + 8.0, 10.0, 17.0);
    canvas.shape(head.skin, |path| {
        let (left, right, top, chin) =
            (head.x - head.across, head.x + head.across, head.y - head.down, head.y + head.down);
        path.move_to(head.x, top);
        path.cubic_to(right, top, right + 3.0, head.y - 20.0, right, head.y + 10.0);
        path.cubic_to(right - 4.0, head.y + 56.0, head.x + 30.0, chin, head.x, chin);
        path.cubic_to(head.x - 30.0, chin, left + 4.0, head.y + 56.0, left, head.y + 10.0);
        path.cubic_to(left - 3.0, head.y - 20.0, left, top, head.x, top);
    });
    features(&mut canvas, &head, looks);
    front_hair(&mut canvas, &head);
    canvas.jpeg(picture, 3)
}

/// Hair behind the head: what a long style shows beside the neck.
fn back_hair(canvas: &mut Canvas, head: &Head) {
    if !head.female {
        return;
    }
    let (wide, low) = [(20.0, 150.0), (14.0, 96.0), (10.0, 30.0)][head.style];
    let (left, right, top) =
        (head.x - head.across - wide, head.x + head.across + wide, head.y - head.down - 16.0);
    canvas.shape(head.hair, |path| {
        path.move_to(head.x, top);
        path.cubic_to(right, top, right, head.y, right - 4.0, head.y + low);
        path.quad_to(head.x, head.y + low + 16.0, left + 4.0, head.y + low);
        path.cubic_to(left, head.y, left, top, head.x, top);
    });
    if head.style == 2 {
        canvas.oval(head.hair.times(0.9), head.x, top + 2.0, 27.0, 22.0);
    }
}

fn shoulders(canvas: &mut Canvas, head: &Head, looks: &mut Random) {
    let cloth = looks.pick(&CLOTHES).near(looks);
    let base = head.y + head.down;
    let (width, bottom) = (SIZE.0 as f32, SIZE.1 as f32);
    let slope = base + looks.span(46.0, 58.0);
    canvas.shape(cloth, |path| {
        path.move_to(0.0, bottom);
        path.cubic_to(4.0, slope + 20.0, 40.0, slope, head.x - 40.0, base + 24.0);
        path.line_to(head.x + 40.0, base + 24.0);
        path.cubic_to(width - 40.0, slope, width - 4.0, slope + 20.0, width, bottom);
    });
    let neck = head.skin.times(0.9);
    canvas.rect(neck, head.x - 27.0, base - 34.0, 54.0, 62.0);
    canvas.oval(neck, head.x, base + 27.0, 30.0, 19.0);
    match looks.below(3) {
        0 => suit(canvas, head, looks, cloth),
        1 => jacket(canvas, head, cloth),
        // Round neck.
        _ => canvas.line(cloth.times(0.75), 5.0, |path| {
            path.move_to(head.x - 35.0, base + 26.0);
            path.quad_to(head.x, base + 66.0, head.x + 35.0, base + 26.0);
        }),
    }
}

/// Shirt and tie between two lapels.
fn suit(canvas: &mut Canvas, head: &Head, looks: &mut Random, cloth: Rgb) {
    let base = head.y + head.down;
    let open = base + looks.span(78.0, 104.0);
    let (shirt, neck) = (Rgb(242, 243, 245).near(looks), head.skin.times(0.9));
    canvas
        .polygon(shirt, &[(head.x - 34.0, base + 22.0), (head.x + 34.0, base + 22.0), (head.x, open + 44.0)]);
    canvas
        .polygon(neck, &[(head.x - 23.0, base + 18.0), (head.x + 23.0, base + 18.0), (head.x, base + 50.0)]);
    let tie = looks.pick(&CLOTHES).near(looks);
    let (top, low) = (base + 46.0, open + 40.0);
    canvas.polygon(
        tie,
        &[(head.x - 8.0, top), (head.x + 8.0, top), (head.x + 12.0, low), (head.x - 12.0, low)],
    );
    for side in [-1.0, 1.0] {
        let x = |by: f32| head.x + side * by;
        canvas.polygon(
            cloth.times(0.84),
            &[(x(36.0), base + 18.0), (x(62.0), base + 52.0), (x(44.0), base + 60.0), (x(2.0), open + 48.0)],
        );
    }
}

/// Work jacket with a collar and a zip.
fn jacket(canvas: &mut Canvas, head: &Head, cloth: Rgb) {
    let base = head.y + head.down;
    for side in [-1.0, 1.0] {
        let x = |by: f32| head.x + side * by;
        canvas.polygon(
            cloth.times(1.22),
            &[(x(33.0), base + 14.0), (x(50.0), base + 40.0), (x(12.0), base + 68.0), (x(0.0), base + 50.0)],
        );
    }
    canvas.line(cloth.times(0.7), 2.4, |path| {
        path.move_to(head.x, base + 54.0);
        path.line_to(head.x, SIZE.1 as f32);
    });
}

fn features(canvas: &mut Canvas, head: &Head, looks: &mut Random) {
    let (gap, eye) = (looks.span(25.0, 30.0), head.y - 2.0 + looks.span(-3.0, 3.0));
    let ink = Rgb(46, 36, 34);
    let glasses = looks.percent(22);
    for side in [-1.0, 1.0] {
        let x = head.x + side * gap;
        canvas.oval(Rgb(250, 250, 248), x, eye, 10.5, 5.8);
        canvas.oval(ink, x, eye, 5.2, 5.4);
        canvas.oval(Rgb(250, 250, 248), x + 1.8, eye - 1.8, 1.5, 1.5);
        canvas.line(ink, 2.2, |path| {
            path.move_to(x - 11.0, eye - 2.0);
            path.quad_to(x, eye - 9.5, x + 11.0, eye - 2.0);
        });
        let (brow, thick) = if head.female { (18.0, 2.6) } else { (18.0, 4.4) };
        canvas.line(head.hair.times(0.9), thick, |path| {
            path.move_to(x - 13.0, eye - brow + 2.0);
            path.quad_to(x, eye - brow - 4.0, x + 13.0, eye - brow + 2.0);
        });
        if glasses {
            canvas.line(Rgb(60, 62, 70), 2.6, |path| {
                ring(path, x, eye, 19.0, 15.0);
            });
        }
    }
    if glasses {
        canvas.line(Rgb(60, 62, 70), 2.6, |path| {
            path.move_to(head.x - gap + 19.0, eye);
            path.line_to(head.x + gap - 19.0, eye);
        });
    }
    let nose = head.y + 30.0;
    canvas.line(head.skin.times(0.8), 3.0, |path| {
        path.move_to(head.x + 1.0, eye + 8.0);
        path.quad_to(head.x + 10.0, nose, head.x - 6.0, nose + 2.0);
    });
    let (mouth, smile) = (head.y + looks.span(50.0, 54.0), looks.span(2.0, 8.0));
    let lips = if head.female { Rgb(196, 92, 92) } else { head.skin.times(0.68) };
    canvas.line(lips, if head.female { 5.0 } else { 3.6 }, |path| {
        path.move_to(head.x - 18.0, mouth);
        path.quad_to(head.x, mouth + smile, head.x + 18.0, mouth);
    });
}

/// The hair line, by style; the third style of men is nearly bald.
fn front_hair(canvas: &mut Canvas, head: &Head) {
    let (left, right, top) =
        (head.x - head.across - 4.0, head.x + head.across + 4.0, head.y - head.down - 14.0);
    let line = head.y - head.down * 0.52;
    canvas.shape(head.hair, |path| {
        path.move_to(left, head.y - 6.0);
        path.cubic_to(left - 8.0, top + 20.0, head.x - 40.0, top, head.x, top);
        path.cubic_to(head.x + 40.0, top, right + 8.0, top + 20.0, right, head.y - 6.0);
        match (head.female, head.style) {
            // Parted at the side.
            (false, 0) | (true, 1) => {
                path.quad_to(right - 6.0, line, head.x + 20.0, line - 8.0);
                path.quad_to(head.x - 8.0, line - 22.0, head.x - 26.0, line - 24.0);
                path.quad_to(left + 8.0, line + 4.0, left, head.y - 6.0);
            }
            // Straight fringe.
            (false, 1) | (true, 0) => {
                path.cubic_to(right - 8.0, line + 6.0, head.x + 30.0, line + 2.0, head.x, line + 2.0);
                path.cubic_to(head.x - 30.0, line + 2.0, left + 8.0, line + 6.0, left, head.y - 6.0);
            }
            // Combed back, high forehead.
            _ => {
                path.cubic_to(right - 4.0, line - 10.0, head.x + 34.0, line - 26.0, head.x, line - 26.0);
                path.cubic_to(head.x - 34.0, line - 26.0, left + 4.0, line - 10.0, left, head.y - 6.0);
            }
        }
    });
}

/// An ellipse as part of a line: four curves whose control points stand at 0.5523 of the radii.
fn ring(path: &mut tiny_skia::PathBuilder, x: f32, y: f32, across: f32, down: f32) {
    let (far, high) = (across * 0.5523, down * 0.5523);
    path.move_to(x + across, y);
    path.cubic_to(x + across, y + high, x + far, y + down, x, y + down);
    path.cubic_to(x - far, y + down, x - across, y + high, x - across, y);
    path.cubic_to(x - across, y - high, x - far, y - down, x, y - down);
    path.cubic_to(x + far, y - down, x + across, y - high, x + across, y);
}
