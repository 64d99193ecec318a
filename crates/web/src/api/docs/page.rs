//! `GET /docs`: the interface for people, one page made from the OpenAPI document; no script at all.

use std::sync::LazyLock;

use crate::{Access, Doc, Endpoint, Example, Method, Reply, Response, page};

const MEDIA: &str = "text/html; charset=utf-8";

/// Nothing but our own style sheet may be loaded.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static PAGE: LazyLock<String> = LazyLock::new(|| page::render(super::openapi::DOCUMENT));

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/docs",
    access: Access::Open,
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "接口文档",
        description: "由 OpenAPI 文档生成的网页，不含脚本，不引用外部资源。",
        params: &[],
        request: None,
        responses: &[Response { status: 200, what: "网页", schema: None, media: MEDIA }],
        examples: &[Example { title: "打开", target: "/docs", body: "", signed: false, status: 200 }],
    },
    handler: |_, _| {
        Box::pin(async { Ok(Reply::bytes(MEDIA, PAGE.as_str()).header("Content-Security-Policy", POLICY)) })
    },
};
