//! Pictures of vehicles: flat drawings from the side, a little from the front.

use crate::canvas::{Canvas, Rgb};
use crate::random::Random;
use crate::vehicle::Shape;

const SIZE: (u32, u32) = (480, 320);
/// Where the wheels stand.
const GROUND: f32 = 262.0;

const PAINTS: [Rgb; 8] = [
    Rgb(196, 48, 44),
    Rgb(38, 92, 168),
    Rgb(236, 238, 240),
    Rgb(40, 128, 88),
    Rgb(224, 164, 42),
    Rgb(96, 104, 116),
    Rgb(30, 36, 48),
    Rgb(112, 62, 128),
];
const GLASS: Rgb = Rgb(150, 184, 204);
const RUBBER: Rgb = Rgb(34, 34, 38);
const FRAME: Rgb = Rgb(64, 66, 72);

/// A JPEG picture of a vehicle of a shape.
pub(crate) fn draw(random: &mut Random, shape: Shape) -> Vec<u8> {
    let sky = Rgb(188, 210, 226).near(random);
    let mut canvas = Canvas::new(SIZE.0, SIZE.1, sky, sky.times(1.12));
    scene(&mut canvas, random);
    let paint = random.pick(&PAINTS).near(random);
    match shape {
        Shape::Car => car(&mut canvas, random, paint),
        Shape::Coach => coach(&mut canvas, random, paint),
        Shape::SemiTrailer => {
            container(&mut canvas, paint, 46.0, 96.0, 388.0);
            canvas.rect(FRAME, 40.0, 222.0, 400.0, 12.0);
            canvas.rect(FRAME, 330.0, 230.0, 8.0, 32.0);
            wheels(&mut canvas, &[88.0, 134.0, 180.0], 23.0);
        }
        Shape::Tractor => {
            canvas.rect(FRAME, 112.0, 216.0, 250.0, 14.0);
            canvas.oval(FRAME.times(0.8), 176.0, 214.0, 34.0, 7.0);
            cab(&mut canvas, paint, 256.0);
            wheels(&mut canvas, &[146.0, 200.0, 330.0], 26.0);
        }
        Shape::Box | Shape::Tipper | Shape::Tanker => {
            canvas.rect(FRAME, 52.0, 218.0, 330.0, 12.0);
            let load = random.pick(&PAINTS).near(random);
            match shape {
                Shape::Box => container(&mut canvas, load.times(1.1), 40.0, 92.0, 266.0),
                Shape::Tipper => tipper(&mut canvas, load),
                _ => tanker(&mut canvas, load),
            }
            cab(&mut canvas, paint, 316.0);
            wheels(&mut canvas, &[94.0, 146.0, 386.0], 25.0);
        }
    }
    canvas.jpeg(random, 2)
}

fn scene(canvas: &mut Canvas, random: &mut Random) {
    let horizon = 176.0 + random.span(-14.0, 8.0);
    let far = Rgb(160, 178, 180).near(random);
    let mut x = -20.0;
    while x < SIZE.0 as f32 {
        let (width, height) = (random.span(34.0, 90.0), random.span(16.0, 84.0));
        canvas.rect(far.times(random.span(0.9, 1.08)), x, horizon - height, width, height + 2.0);
        x += width + random.span(0.0, 14.0);
    }
    canvas.rect(Rgb(142, 164, 128).near(random), 0.0, horizon, SIZE.0 as f32, 60.0);
    let road = Rgb(122, 124, 128).near(random);
    canvas.rect(road, 0.0, horizon + 44.0, SIZE.0 as f32, SIZE.1 as f32);
    for step in 0..6 {
        canvas.rect(Rgb(226, 226, 220), step as f32 * 92.0 + random.span(0.0, 8.0), 290.0, 52.0, 5.0);
    }
    canvas.oval(road.times(0.72), 240.0, GROUND + 2.0, 214.0, 9.0);
}

fn wheels(canvas: &mut Canvas, places: &[f32], radius: f32) {
    for x in places {
        let y = GROUND - radius + 2.0;
        canvas.oval(RUBBER, *x, y, radius, radius);
        canvas.oval(Rgb(176, 180, 186), *x, y, radius * 0.56, radius * 0.56);
        canvas.oval(Rgb(112, 116, 122), *x, y, radius * 0.2, radius * 0.2);
    }
}

/// Windows stand in front of `left`; the cab is 108 wide and faces right.
fn cab(canvas: &mut Canvas, paint: Rgb, left: f32) {
    canvas.shape(paint, |path| {
        path.move_to(left, 232.0);
        path.line_to(left, 104.0);
        path.quad_to(left + 4.0, 92.0, left + 20.0, 92.0);
        path.line_to(left + 80.0, 92.0);
        path.quad_to(left + 96.0, 94.0, left + 102.0, 150.0);
        path.line_to(left + 108.0, 232.0);
    });
    canvas.polygon(
        GLASS,
        &[(left + 34.0, 106.0), (left + 66.0, 106.0), (left + 70.0, 152.0), (left + 34.0, 152.0)],
    );
    canvas.polygon(
        GLASS.times(1.12),
        &[(left + 72.0, 106.0), (left + 84.0, 106.0), (left + 95.0, 152.0), (left + 76.0, 152.0)],
    );
    canvas.rect(paint.times(0.78), left + 26.0, 160.0, 2.5, 66.0);
    canvas.rect(paint.times(0.78), left + 70.0, 160.0, 2.5, 66.0);
    canvas.rect(FRAME, left + 54.0, 172.0, 12.0, 4.0);
    canvas.rect(FRAME, left + 78.0, 216.0, 34.0, 18.0);
    canvas.oval(Rgb(250, 240, 190), left + 100.0, 204.0, 6.0, 7.0);
    plate(canvas, left + 86.0, 220.0, Rgb(236, 186, 46));
}

/// A plate without a number: a picture that shows none cannot contradict the record.
fn plate(canvas: &mut Canvas, x: f32, y: f32, colour: Rgb) {
    canvas.rect(colour, x, y, 24.0, 9.0);
}

fn container(canvas: &mut Canvas, paint: Rgb, left: f32, top: f32, width: f32) {
    canvas.rect(paint, left, top, width, 220.0 - top);
    canvas.rect(paint.times(0.8), left, top, width, 6.0);
    canvas.rect(paint.times(0.8), left, 212.0, width, 8.0);
    let mut x = left + 12.0;
    while x < left + width - 8.0 {
        canvas.rect(paint.times(0.88), x, top + 8.0, 3.0, 202.0 - top);
        x += 18.0;
    }
    // The red and white strip that freight vehicles carry on their side.
    for step in 0..(width / 24.0) as usize {
        let colour = if step % 2 == 0 { Rgb(206, 40, 40) } else { Rgb(240, 240, 240) };
        canvas.rect(colour, left + step as f32 * 24.0, 204.0, 22.0, 5.0);
    }
}

fn tipper(canvas: &mut Canvas, paint: Rgb) {
    canvas.polygon(paint, &[(40.0, 216.0), (52.0, 118.0), (300.0, 118.0), (308.0, 216.0)]);
    canvas.polygon(paint.times(0.8), &[(300.0, 118.0), (346.0, 86.0), (350.0, 92.0), (306.0, 130.0)]);
    for step in 0..6 {
        canvas.rect(paint.times(0.78), 70.0 + step as f32 * 40.0, 120.0, 7.0, 94.0);
    }
    canvas.rect(paint.times(0.7), 48.0, 116.0, 254.0, 7.0);
}

fn tanker(canvas: &mut Canvas, paint: Rgb) {
    canvas.oval(paint, 62.0, 158.0, 24.0, 56.0);
    canvas.rect(paint, 62.0, 102.0, 226.0, 112.0);
    canvas.oval(paint.times(0.86), 288.0, 158.0, 22.0, 56.0);
    canvas.rect(Rgb(238, 238, 240), 44.0, 148.0, 262.0, 22.0);
    canvas.rect(paint.times(1.25), 62.0, 112.0, 226.0, 10.0);
    for x in [116.0, 176.0, 236.0] {
        canvas.rect(paint.times(0.74), x, 90.0, 26.0, 13.0);
    }
    // A diamond for the danger label.
    canvas.polygon(Rgb(240, 180, 40), &[(170.0, 176.0), (186.0, 192.0), (170.0, 208.0), (154.0, 192.0)]);
}

fn coach(canvas: &mut Canvas, random: &mut Random, paint: Rgb) {
    canvas.shape(paint, |path| {
        path.move_to(34.0, 242.0);
        path.line_to(34.0, 112.0);
        path.quad_to(36.0, 94.0, 56.0, 94.0);
        path.line_to(404.0, 94.0);
        path.quad_to(436.0, 96.0, 442.0, 160.0);
        path.line_to(448.0, 242.0);
    });
    canvas.polygon(GLASS.times(0.7), &[(46.0, 110.0), (372.0, 110.0), (372.0, 164.0), (46.0, 164.0)]);
    canvas.polygon(GLASS, &[(382.0, 110.0), (412.0, 110.0), (430.0, 170.0), (382.0, 170.0)]);
    for step in 1..6 {
        canvas.rect(paint.times(0.8), 46.0 + step as f32 * 54.0, 110.0, 4.0, 54.0);
    }
    canvas.rect(paint.times(0.75), 384.0, 176.0, 3.0, 60.0);
    let stripe = random.pick(&PAINTS).near(random);
    canvas.shape(stripe, |path| {
        path.move_to(36.0, 206.0);
        path.cubic_to(160.0, 166.0, 260.0, 224.0, 378.0, 182.0);
        path.line_to(378.0, 200.0);
        path.cubic_to(260.0, 240.0, 160.0, 186.0, 36.0, 226.0);
    });
    canvas.oval(Rgb(250, 240, 190), 438.0, 214.0, 6.0, 9.0);
    plate(canvas, 416.0, 230.0, Rgb(236, 186, 46));
    wheels(canvas, &[112.0, 340.0], 27.0);
}

fn car(canvas: &mut Canvas, random: &mut Random, paint: Rgb) {
    let roof = 134.0 + random.span(-4.0, 8.0);
    canvas.shape(paint, |path| {
        path.move_to(66.0, 240.0);
        path.quad_to(58.0, 198.0, 84.0, 190.0);
        path.cubic_to(120.0, 186.0, 136.0, roof, 184.0, roof);
        path.line_to(258.0, roof);
        path.cubic_to(300.0, roof, 324.0, 178.0, 346.0, 186.0);
        path.cubic_to(396.0, 190.0, 420.0, 200.0, 420.0, 240.0);
    });
    canvas.shape(GLASS.times(0.8), |path| {
        path.move_to(138.0, 188.0);
        path.quad_to(160.0, roof + 9.0, 188.0, roof + 9.0);
        path.line_to(214.0, roof + 9.0);
        path.line_to(214.0, 188.0);
    });
    canvas.shape(GLASS, |path| {
        path.move_to(222.0, roof + 9.0);
        path.line_to(256.0, roof + 9.0);
        path.quad_to(292.0, roof + 12.0, 316.0, 188.0);
        path.line_to(222.0, 188.0);
    });
    canvas.line(paint.times(0.72), 2.4, |path| {
        path.move_to(218.0, 190.0);
        path.line_to(218.0, 236.0);
    });
    canvas.rect(paint.times(0.7), 82.0, 208.0, 320.0, 2.4);
    canvas.rect(FRAME, 176.0, 198.0, 14.0, 4.0);
    canvas.rect(FRAME, 262.0, 198.0, 14.0, 4.0);
    canvas.oval(Rgb(250, 240, 196), 404.0, 206.0, 12.0, 6.0);
    canvas.oval(Rgb(200, 50, 44), 72.0, 206.0, 6.0, 8.0);
    canvas.rect(FRAME, 64.0, 238.0, 358.0, 7.0);
    plate(canvas, 394.0, 226.0, Rgb(64, 150, 112));
    wheels(canvas, &[134.0, 348.0], 28.0);
}
