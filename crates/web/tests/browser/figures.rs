//! Figures of the pages: `cargo test -p web --test browser -- --ignored figures --nocapture` prints one JSON line.

use std::io::Write;
use std::path::Path;

use matrix::Symbol;
use serde_json::json;

use crate::journeys::{check_text, face_code, install_pack};
use crate::site::Site;
use testbed::Browser;

/// A film of one picture: the code in the middle of a grey frame, as Chromium's fake camera reads it.
pub fn film(path: &Path, symbol: &Symbol) {
    let (width, height) = (640, 480);
    let module = (height / (symbol.width() + 8)).min(6);
    let side = (symbol.width() + 8) * module;
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let mut frame = vec![110u8; width * height];
    for y in 0..side {
        for x in 0..side {
            let (column, row) = ((x / module).wrapping_sub(4), (y / module).wrapping_sub(4));
            let inside = column < symbol.width() && row < symbol.width();
            let dark = inside && symbol.get(column, row);
            frame[(top + y) * width + left + x] = if dark { 30 } else { 225 };
        }
    }
    let mut file = std::fs::File::create(path).expect("a file");
    writeln!(file, "YUV4MPEG2 W{width} H{height} F30:1 Ip A1:1 C420jpeg").expect("the head");
    for _ in 0..4 {
        file.write_all(b"FRAME\n").expect("a frame");
        file.write_all(&frame).expect("its light");
        file.write_all(&vec![128; width * height / 2]).expect("its colour");
    }
}

/// The median of several runs.
fn median(mut runs: Vec<f64>) -> f64 {
    runs.sort_by(f64::total_cmp);
    runs[runs.len() / 2]
}

#[test]
#[ignore = "measures"]
fn figures() {
    let site = Site::start(2);
    site.make_large_pack(3_000_000);
    let code = face_code(&site, 0);
    let picture = site.world.folder.0.join("code.y4m");
    film(&picture, &matrix::qr::encode(&code, matrix::qr::QrLevel::M).expect("a code"));
    let capture = format!("--use-file-for-fake-video-capture={}", picture.display());
    let browser =
        Browser::start(&["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", &capture]);
    site.sign_in(&browser, "zhifa001");
    install_pack(&site, &browser);
    let install = browser.wait("return Number(document.documentElement.dataset.millis)");
    let mut camera = Vec::new();
    let mut scan = Vec::new();
    let mut offline = Vec::new();
    for round in 0..5 {
        browser.open(&format!("{}/officer", site.root));
        browser.wait("return document.documentElement.dataset.ready === 'yes'");
        browser.run("window.began = performance.now(); document.getElementById('scan').click()", &[]);
        let at = browser
            .wait("return !!document.querySelector('.verdict') && window.luzheng.times.shown - window.began");
        camera.push(at.as_f64().expect("milliseconds"));
        check_text(&browser, &code);
        scan.push(millis(&browser, 2));
        browser.network(false);
        check_text(&browser, &code);
        offline.push(millis(&browser, 3));
        browser.network(true);
        let _ = round;
    }
    let line = json!({
        "page_install_s": install.as_f64().expect("milliseconds") / 1000.0,
        "page_scan_to_verdict_ms": median(scan),
        "page_scan_to_verdict_offline_ms": median(offline),
        "page_camera_to_verdict_ms": median(camera),
    });
    println!("{line}");
}

fn millis(browser: &Browser, count: u32) -> f64 {
    let script = format!(
        "var a = document.getElementById('answer'); return a.dataset.count === '{count}' && a.dataset.millis"
    );
    browser.wait(&script).as_str().expect("a number").parse().expect("milliseconds")
}
