//! `/officer/pack`: the offline pack on this device, its device key, and the receipts that wait.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use link::problem::Problem;
use node::verify::{LateAnswer, LateOutcome, NewDevice, Uploaded};
use serde::{Deserialize, Serialize};

use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page =
    Page::get("/officer/pack", Access::Act("verify.pack"), |app, visit| Box::pin(page(app, visit)));

async fn page(app: App, visit: Visit) -> Result<Reply, Problem> {
    let staff_no = super::history::staff_no(&visit)?;
    let held = app.work(|app| app.province.pack_list()).await?;
    let own = &app.province.area;
    let others: BTreeSet<String> =
        held.into_iter().map(|row| row.province).filter(|province| province != own).collect();
    let others = others.into_iter().collect::<Vec<_>>().join(" ");
    html(&PackPage { frame: visit.frame("离线包"), parts: super::parts(), staff_no, others })
}

/// Certifies the device's key.
pub static DEVICE: Page = Page::post("/officer/device", Access::Act("verify.pack"), FORM, |app, visit| {
    Box::pin(device(app, visit))
});

/// Takes receipts and outcomes that were made without network.
pub static RECEIPTS: Page =
    Page::post("/officer/receipts", Access::Act("verify.record"), 512 * 1024, |app, visit| {
        Box::pin(receipts(app, visit))
    });

#[derive(Template)]
#[template(path = "officer/pack.html")]
struct PackPage {
    frame: Frame,
    parts: String,
    staff_no: String,
    /// Other provinces whose packs this node holds: first two digits, with blanks between.
    others: String,
}

/// What the device sends: key and proof in Base64, the end of the pack's life in Unix seconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asking {
    key: String,
    proof: String,
    valid_to: i64,
}

async fn device(app: App, visit: Visit) -> Result<Reply, Problem> {
    let asking: Asking = crate::json::read(&visit.body).map_err(|error| error.problem())?;
    let bytes = |text: &str| {
        gm::base64::decode(text).map_err(|_| {
            Problem::new(422, "FORM_KEY", "设备密钥不合规")
                .detail("设备密钥或其证明不是合规的 Base64")
                .fix("请重新安装离线包")
        })
    };
    let new = NewDevice {
        key: bytes(&asking.key)?,
        proof: bytes(&asking.proof)?,
        valid_to: asking.valid_to.saturating_mul(1_000_000),
    };
    let key = app.node_key.as_ref().map(|node| Arc::clone(&node.key)).ok_or_else(problems::internal)?;
    let (actor, now) = (visit.live()?.actor(), visit.now);
    let enrolled = app.work(move |app| app.province.device_enrol(&new, &key, &actor, now)).await?;
    Ok(Reply::json(&serde_json::json!({
        "id": enrolled.id,
        "certificate": gm::base64::encode(&enrolled.certificate),
        "last_sequence": enrolled.last_sequence,
        "last_digest": enrolled.last_digest,
    })))
}

/// Receipts, and the outcomes of stops that were recorded after them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    receipts: Vec<String>,
    #[serde(default)]
    outcomes: Vec<LateOutcome>,
}

/// What became of each, in their order.
#[derive(Serialize)]
struct Taken {
    #[serde(flatten)]
    uploaded: Uploaded,
    outcomes: Vec<LateAnswer>,
}

async fn receipts(app: App, visit: Visit) -> Result<Reply, Problem> {
    let waiting: Waiting = crate::json::read(&visit.body).map_err(|error| error.problem())?;
    let key = app.node_key.as_ref().map(|node| Arc::clone(&node.key)).ok_or_else(problems::internal)?;
    let (actor, now) = (visit.live()?.actor(), visit.now);
    let taken = app.work(move |app| {
        let province = &app.province;
        // Two steps: each may be sent again, so nothing is lost between them.
        let uploaded = match waiting.receipts.as_slice() {
            [] => Uploaded::default(),
            receipts => province.receipt_upload(receipts, &key, &actor, now)?,
        };
        let outcomes = province.outcome_upload(&waiting.outcomes, &actor, now)?;
        Ok(Taken { uploaded, outcomes })
    });
    Ok(Reply::json(&taken.await?))
}
