//! `GET /openapi.json`: the committed document.

use crate::{Access, Doc, Endpoint, Example, Method, Reply, Response};

/// The document as it is committed; a test keeps it equal to the table of routes.
pub(crate) const DOCUMENT: &str = include_str!("../../../../../openapi/luzheng.json");

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/openapi.json",
    access: Access::Open,
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "接口描述（OpenAPI 3.1）",
        description: "即源代码中的 openapi/luzheng.json。",
        params: &[],
        request: None,
        responses: &[Response {
            status: 200, what: "OpenAPI 文档", schema: None, media: "application/json"
        }],
        examples: &[Example {
            title: "读取", target: "/openapi.json", body: "", signed: false, status: 200
        }],
    },
    handler: |_, _| Box::pin(async { Ok(Reply::bytes("application/json", DOCUMENT)) }),
};
