//! `GET /api/v1/results`: what came after the answers, for the client's own source.
//!
//! | error | status |
//! |---|---|
//! | `since` or `limit` is no number within its bounds | 400 `QUERY_FORMAT` |

use link::problem::Problem;

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Param, Reply, Response};

/// Lines of one answer at most.
const MOST: i64 = 1_000;

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/results",
    access: Access::Signed("lifecycle.results"),
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "读取结果反馈",
        description: "返回该客户端来源的反馈中编号大于 since 的部分，按编号排列。把 next 存下来，作为下次的 since；more 为 true 时可立即再取。\
                      只能看到自己来源的反馈。",
        params: &[
            Param { name: "since", what: "上次取到的 next；首次为 0" },
            Param { name: "limit", what: "至多几条，1 到 1000，默认 100" },
        ],
        request: None,
        responses: &[Response {
            status: 200,
            what: "反馈",
            schema: Some("Results"),
            media: "application/json",
        }],
        examples: &[
            Example {
                title: "从头读取",
                target: "/api/v1/results?since=0&limit=10",
                body: "",
                signed: true,
                status: 200,
            },
            Example {
                title: "编号不是数",
                target: "/api/v1/results?since=yesterday",
                body: "",
                signed: true,
                status: 400,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let since = call.number("since", 0, 0, i64::MAX)?;
    let limit = call.number("limit", 100, 1, MOST)?;
    // A node has no source, and no results.
    let source = call.signed.as_ref().and_then(|signed| signed.speaker.source.clone()).unwrap_or_default();
    // At most 1,000.
    let page = app.work(move |app| app.province.result_page(&source, since, limit as u32)).await?;
    Ok(Reply::json(&page))
}
