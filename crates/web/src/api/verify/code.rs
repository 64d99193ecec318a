//! `POST /api/v1/verify/code`: a check by the text of a scanned 2D code.

use link::problem::Problem;
use node::verify::Question;
use serde::Deserialize;

use super::{ACT, ANSWERED, SIGHT, answer};
use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/verify/code",
    access: Access::Signed(ACT),
    body_limit: 4096,
    always: false,
    doc: Doc {
        summary: "按二维码内容核验",
        description: "先验证二维码的签名，再查登记。不是本系统的二维码答“无法判定”。",
        params: &SIGHT,
        request: Some("VerifyCode"),
        responses: &[ANSWERED],
        examples: &[
            Example {
                title: "不是本系统的二维码",
                target: "/api/v1/verify/code",
                body: r#"{"code":"https://example.invalid/"}"#,
                signed: true,
                status: 200,
            },
            Example {
                title: "缺少字段",
                target: "/api/v1/verify/code",
                body: "{}",
                signed: true,
                status: 400,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

/// What was scanned.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scanned {
    code: String,
}

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let Scanned { code } = crate::json::read(&call.body).map_err(|error| error.problem())?;
    answer(app, &call, Question::Code(code)).await
}
