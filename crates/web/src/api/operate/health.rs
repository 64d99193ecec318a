//! `GET /api/v1/health`: is the node alive, is it ready? For whoever watches it; without a signature, also during maintenance.
//!
//! | error | status |
//! |---|---|
//! | the database did not answer when last asked, or a maintenance window is open | 503, with the same body |

use link::problem::Problem;
use serde::Serialize;

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/health",
    access: Access::Open,
    body_limit: 0,
    always: true,
    doc: Doc {
        summary: "健康检查",
        description: "live 为真表示进程在运行；ready 为真表示数据库可用且不在维护窗口。无须签名，维护期间也回答。",
        params: &[],
        request: None,
        responses: &[
            Response { status: 200, what: "可以受理", schema: Some("Health"), media: "application/json" },
            Response {
                status: 503, what: "暂时不能受理", schema: Some("Health"), media: "application/json"
            },
        ],
        examples: &[Example {
            title: "健康检查",
            target: "/api/v1/health",
            body: "",
            signed: false,
            status: 200,
        }],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

#[derive(Serialize)]
struct Health {
    live: bool,
    ready: bool,
    node: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    maintenance_until: Option<String>,
}

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let (_, reachable) = app.speakers.current(&app, call.now).await;
    let window = app.maintenance();
    let ready = reachable && window.is_none();
    let health = Health {
        live: true,
        ready,
        node: app.province.id.clone(),
        maintenance_until: window.map(|window| crate::api::local_time(window.until)),
    };
    Ok(Reply::json(&health).status(if ready { 200 } else { 503 }))
}
