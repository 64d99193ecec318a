//! `POST /api/v1/collect/deliveries`: certificates of a province, taken in by the ministry's node.
//!
//! | error | status |
//! |---|---|
//! | this node receives nothing | 409 `REFUSED` |
//! | the caller is no node | 403 `AUTH_RIGHT` |

use link::problem::Problem;
use node::NodeError;
use node::collect::{Delivery, Sender};

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: node::collect::PATH,
    access: Access::Signed("collect.deliver"),
    body_limit: 64 * 1024 * 1024,
    always: false,
    doc: Doc {
        summary: "归集证照（省级节点发往部级节点）",
        description: "每件给出一份回执；同一件重复送达只生效一次。新文件须附全部字节，逐个验签、比对摘要后才回执“applied”。\
                      须由已登记的节点以 SM2 签名。",
        params: &[],
        request: Some("Deliveries"),
        responses: &[Response {
            status: 200,
            what: "每件一份回执，与请求同序",
            schema: Some("DeliveryReceipts"),
            media: "application/json",
        }],
        examples: &[Example {
            title: "接口客户端没有归集权限",
            target: node::collect::PATH,
            body: "[]",
            signed: true,
            status: 403,
        }],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let deliveries: Vec<Delivery> = crate::json::read(&call.body).map_err(|error| error.problem())?;
    let from = call.signed.as_ref().map(|signed| Sender {
        province: signed.speaker.id.clone(),
        issuers: signed.speaker.issuers.clone(),
    });
    let receipts = app
        .work(move |app| {
            let (Some(receiver), Some(from)) = (&app.receiver, from) else {
                return Err(NodeError::Refused {
                    what: "本节点不接收归集".into(),
                    fix: "请核对归集通道的地址；接收方应以部级角色运行".into(),
                });
            };
            receiver.receive(&from, &deliveries, call.now)
        })
        .await?;
    Ok(Reply::json(&receipts))
}
