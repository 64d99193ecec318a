//! `POST /api/v1/audit/checkpoints`: a province's checkpoint, signed by the ministry when it continues the one before.
//!
//! | error | status |
//! |---|---|
//! | the log was rolled back or forked | 409 `AUDIT_NOT_CONTINUED` |
//! | this node witnesses nothing, or the caller's log certificate is not enrolled | 409 `REFUSED` |
//! | the caller is no node | 403 `AUTH_RIGHT` |

use std::sync::Arc;

use link::problem::Problem;
use node::NodeError;
use node::audit::{CHECKPOINTS, WitnessRequest};

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: CHECKPOINTS,
    access: Access::Signed("audit.witness"),
    body_limit: 64 * 1024,
    always: false,
    doc: Doc {
        summary: "见证审计检查点（省级节点发往部级节点）",
        description: "检查点须由该省已登记的日志证书签名，并以一致性证明表明是上次所见证检查点的延续；部级节点加签后返回。\
                      所带证明不从上次见证处开始时，只返回 size，请由此重新出具证明。日志被回退或分叉的，拒绝见证，双方均告警。",
        params: &[],
        request: Some("WitnessRequest"),
        responses: &[
            Response {
                status: 200,
                what: "加签后的检查点，或上次见证的条数",
                schema: Some("WitnessAnswer"),
                media: "application/json",
            },
            Response {
                status: 409,
                what: "日志已回退或分叉（AUDIT_NOT_CONTINUED），或没有登记日志证书",
                schema: None,
                media: "application/problem+json",
            },
        ],
        examples: &[Example {
            title: "接口客户端没有见证权限",
            target: CHECKPOINTS,
            body: r#"{"note":"","old":0,"proof":[]}"#,
            signed: true,
            status: 403,
        }],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let request: WitnessRequest = crate::json::read(&call.body).map_err(|error| error.problem())?;
    let peer = call.signed.as_ref().map(|signed| signed.speaker.id.clone()).unwrap_or_default();
    let Some(watch) = app.watch().map(Arc::clone) else {
        let refused = NodeError::Refused {
            what: "本节点不见证检查点".into(),
            fix: "请向部级节点请求见证".into(),
        };
        return Err(crate::problems::of(&refused));
    };
    let answer = app.work(move |_| watch.sign(&peer, &request, call.now)).await?;
    Ok(Reply::json(&answer))
}
