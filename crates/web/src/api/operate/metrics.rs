//! `GET /metrics`: counters in the Prometheus text format; from this machine without a signature, else with the right.

use std::fmt::Write as _;

use link::problem::Problem;

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response};

const MEDIA: &str = "text/plain; version=0.0.4";

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/metrics",
    access: Access::Local("operate.metrics"),
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "运行指标",
        description: "Prometheus 文本格式。本机直接访问无须签名；经网关或从其他机器访问须有 operate.metrics 权限。",
        params: &[],
        request: None,
        responses: &[Response { status: 200, what: "指标", schema: None, media: MEDIA }],
        examples: &[Example {
            title: "本机读取", target: "/metrics", body: "", signed: false, status: 200
        }],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, _call: Call) -> Result<Reply, Problem> {
    let mut text = app.metrics.text();
    let gauges = [
        ("luzheng_intake_waiting_events", app.waiting_events()),
        ("luzheng_nonces_remembered", app.nonces.len()),
        ("luzheng_maintenance", usize::from(app.maintenance().is_some())),
    ];
    for (name, value) in gauges {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# TYPE {name} gauge\n{name} {value}");
    }
    // Others may ask the database.
    let more = app.work(|app| Ok(app.more_metrics.iter().map(|more| more()).collect::<String>())).await?;
    text.push_str(&more);
    Ok(Reply::bytes(MEDIA, text))
}
