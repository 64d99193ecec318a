//! `POST /api/v1/verify/receipts`: offline receipts of officers' devices, to be kept and countersigned.
//!
//! | error | status |
//! |---|---|
//! | none, or more than 500 receipts | 409 `REFUSED` |
//! | a receipt that is damaged, of an unknown device … | 200, `refused` in its own answer |
//! | no node key to countersign with | 409 `REFUSED` |

use std::sync::Arc;

use link::problem::Problem;
use node::NodeError;
use serde::Deserialize;

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/verify/receipts",
    access: Access::Signed("verify.receipts"),
    // A receipt with all its parts is below 2 KiB.
    body_limit: 2 * 1024 * 1024,
    always: false,
    doc: Doc {
        summary: "上传离线核验回执",
        description: "每份回执由执法设备签名并前后相接，先后不限，可重复上传：同一回执只存一份，签收不变。\
                      缺号在 devices 中列明，以后补传；同号的不同回执都保留，并提请核查。格式见 docs/receipt-format.md。",
        params: &[],
        request: Some("ReceiptUpload"),
        responses: &[
            Response {
                status: 200,
                what: "每份回执的处理结果，与请求同序",
                schema: Some("ReceiptUploaded"),
                media: "application/json",
            },
            Response {
                status: 409,
                what: "没有回执或超过 500 份；本节点没有节点密钥",
                schema: None,
                media: "application/problem+json",
            },
        ],
        examples: &[
            Example {
                title: "不是回执的文字",
                target: "/api/v1/verify/receipts",
                body: r#"{"receipts":["LZ:ABC"]}"#,
                signed: true,
                status: 200,
            },
            Example {
                title: "没有回执",
                target: "/api/v1/verify/receipts",
                body: r#"{"receipts":[]}"#,
                signed: true,
                status: 409,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

/// What is uploaded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upload {
    receipts: Vec<String>,
}

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let Upload { receipts } = crate::json::read(&call.body).map_err(|error| error.problem())?;
    let (actor, now) = (call.actor(), call.now);
    let uploaded = app
        .work(move |app| {
            let key = app.node_key.as_ref().map(|node| Arc::clone(&node.key)).ok_or_else(|| {
                NodeError::Refused {
                    what: "本节点没有配置节点密钥，不能签收回执".into(),
                    fix: "请管理员核对节点密钥".into(),
                }
            })?;
            app.province.receipt_upload(&receipts, &key, &actor, now)
        })
        .await?;
    Ok(Reply::json(&uploaded))
}
