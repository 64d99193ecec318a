//! Style, scripts and pictures of the pages, embedded in the binary, and the reasons of verdicts for the scripts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gm::sm3::sm3;
use link::problem::Problem;

use super::{Access, Page};
use crate::{Reply, problems};

/// An embedded file.
pub struct Asset {
    /// Path below `/assets/`.
    pub path: &'static str,
    /// Media type.
    pub media: &'static str,
    /// Content.
    pub bytes: &'static [u8],
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! assets {
    ($($media:expr => $($path:literal),+;)+) => {
        &[$($(Asset {
            path: $path,
            media: $media,
            bytes: include_bytes!(concat!("../../assets/", $path)),
        }),+),+]
    };
}

/// Every file under `crates/web/assets` that is shipped; a test compares.
pub static ASSETS: &[Asset] = assets! {
    "text/css; charset=utf-8" => "base.css", "parts.css", "print.css";
    "text/css; charset=utf-8" => "admin/admin.css";
    "text/css; charset=utf-8" => "clerk/clerk.css";
    "text/css; charset=utf-8" => "holder/show.css";
    "text/css; charset=utf-8" => "officer/check.css";
    "text/css; charset=utf-8" => "sign_in/account.css", "sign_in/enrol.css";
    "text/css; charset=utf-8" => "supervisor/compare.css", "supervisor/watch.css";
    "image/svg+xml" => "mark.svg";
    "image/svg+xml" => "sign/alarm.svg", "sign/book.svg", "sign/card.svg", "sign/chart.svg", "sign/check.svg", "sign/compare.svg",
        "sign/eye.svg", "sign/find.svg", "sign/grant.svg", "sign/import.svg", "sign/key.svg", "sign/link.svg", "sign/list.svg",
        "sign/menu.svg", "sign/pack.svg", "sign/person.svg", "sign/phone.svg", "sign/print.svg", "sign/scan.svg", "sign/send.svg";
    SCRIPT => "base.js", "qr-draw.js";
    SCRIPT => "holder/sheet.js", "holder/show.js", "holder/slots.js";
    SCRIPT => "officer/able.js", "officer/camera.js", "officer/check.js", "officer/chip.js", "officer/keep.js", "officer/offline.js",
        "officer/outcome.js", "officer/pack.js", "officer/picture.js", "officer/receipt-panel.js", "officer/receipt.js",
        "officer/render.js", "officer/sign.js", "officer/state.js", "officer/upload.js";
    SCRIPT => "verify/base45.js", "verify/blobs.js", "verify/bytes.js", "verify/calendar.js", "verify/code.js", "verify/coder.js",
        "verify/columns.js", "verify/curve.js", "verify/der.js", "verify/error.js", "verify/examine.js", "verify/finder.js",
        "verify/galois.js", "verify/gridmatrix-layout.js", "verify/gridmatrix-read.js", "verify/gridmatrix.js", "verify/homography.js",
        "verify/identifier.js", "verify/image.js", "verify/pack.js", "verify/qr-decode.js", "verify/qr-layout.js",
        "verify/qr-place.js", "verify/qr-segments.js", "verify/qr.js", "verify/reasons.js", "verify/receipt.js", "verify/refine.js",
        "verify/sampling.js", "verify/shape.js", "verify/sm2.js", "verify/sm3.js", "verify/standing.js", "verify/trust.js",
        "verify/verdict.js", "verify/x509.js";
};

/// The versions of all assets in one: a service worker that sees another one fetches them again.
pub(in crate::pages) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let all: Vec<u8> = ASSETS.iter().flat_map(|asset| sm3(asset.bytes)).collect();
    hex(&sm3(&all)[..8])
});

/// `GET /assets/…`.
pub static PAGE: Page =
    Page::get("/assets/{*path}", Access::Open, |_, visit| Box::pin(async move { find(visit.param("path")) }));

fn find(path: &str) -> Result<Reply, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.path == path);
    let asset = asset.ok_or_else(|| problems::no_route(&format!("/assets/{path}")))?;
    // Asked again each time, answered from the embedded bytes: a new binary is a new page at once.
    Ok(Reply::bytes(asset.media, asset.bytes).header("Cache-Control", "no-cache"))
}

/// `GET /reasons.json`: code → weight and text, one file for server, command line and page.
pub static REASONS: Page = Page::get("/reasons.json", Access::Open, |_, _| {
    Box::pin(async {
        let table: BTreeMap<_, _> = model::Reason::table()
            .into_iter()
            .map(|(code, weight, text)| (code, serde_json::json!({ "weight": weight, "text": text })))
            .collect();
        Ok(Reply::json(&table).header("Cache-Control", "no-cache"))
    })
});

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
