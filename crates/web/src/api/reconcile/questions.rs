//! `POST /api/v1/reconcile/questions`: sums and leaves of what this node holds of the asking province.

use link::problem::Problem;
use node::reconcile::{Question, TARGET, answer};

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: TARGET,
    access: Access::Signed("reconcile.read"),
    body_limit: 1024 * 1024,
    always: false,
    doc: Doc {
        summary: "对账：询问摘要和明细",
        description: "部级节点按发问的省级节点答复其名下持有证照的摘要树；哪一棵树由请求的签名决定。",
        params: &[],
        request: Some("ReconcileQuestion"),
        responses: &[Response {
            status: 200,
            what: "摘要或明细，与所问的位置同序",
            schema: Some("ReconcileReply"),
            media: "application/json",
        }],
        examples: &[Example {
            title: "接口客户端没有对账权限",
            target: TARGET,
            body: r#"{"ask":"children","paths":[]}"#,
            signed: true,
            status: 403,
        }],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let question: Question = crate::json::read(&call.body).map_err(|error| error.problem())?;
    // A province may compare itself only: the tree bears the name of whoever has signed.
    let tree = call.signed.as_ref().map(|signed| signed.speaker.id.clone()).unwrap_or_default();
    let reply = app.work(move |app| answer(&app.province.store, &tree, &question)).await?;
    Ok(Reply::json(&reply))
}
