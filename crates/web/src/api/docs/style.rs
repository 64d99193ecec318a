//! `GET /docs.css`: the style sheet of the page; of its own, so that the page needs no inline style.

use crate::{Access, Doc, Endpoint, Example, Method, Reply, Response};

const MEDIA: &str = "text/css; charset=utf-8";

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/docs.css",
    access: Access::Open,
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "接口文档的样式表",
        description: "供 /docs 引用。",
        params: &[],
        request: None,
        responses: &[Response { status: 200, what: "样式表", schema: None, media: MEDIA }],
        examples: &[Example { title: "读取", target: "/docs.css", body: "", signed: false, status: 200 }],
    },
    handler: |_, _| Box::pin(async { Ok(Reply::bytes(MEDIA, include_str!("style.css"))) }),
};
