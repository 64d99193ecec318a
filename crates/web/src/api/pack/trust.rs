//! `GET /api/v1/pack/trust`: the node's trust data as JSON, for pages that check codes and packs themselves.

use link::problem::Problem;
use node::pack::trust_data;

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/pack/trust",
    access: Access::Open,
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "读取信任清单",
        description: "本节点的信任清单（根证书、赋码密钥及其适用范围、可签数据包的节点、撤销列表），格式见 docs/trust-format.md。均为公开内容；安装时应经可信途径核对。",
        params: &[],
        request: None,
        responses: &[Response {
            status: 200,
            what: "信任清单",
            schema: Some("TrustData"),
            media: "application/json",
        }],
        examples: &[Example {
            title: "读取",
            target: "/api/v1/pack/trust",
            body: "",
            signed: false,
            status: 200,
        }],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, _: Call) -> Result<Reply, Problem> {
    Ok(Reply::json(&trust_data(app.province.verifier.trust())))
}
