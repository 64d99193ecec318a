//! `POST /api/v1/verify/holder`: a check by the holder's document number or USCC; not in the URL, which is logged on the way.

use link::problem::Problem;
use node::verify::Question;
use serde::Deserialize;

use super::{ACT, ANSWERED, SIGHT, answer};
use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/verify/holder",
    access: Access::Signed(ACT),
    body_limit: 4096,
    always: false,
    doc: Doc {
        summary: "按持证主体代码核验",
        description: "身份证件号码或统一社会信用代码，放在请求体里，不进网址和日志。须写明用途。",
        params: &SIGHT,
        request: Some("VerifyHolder"),
        responses: &[ANSWERED],
        examples: &[
            Example {
                title: "没有登记的号码",
                target: "/api/v1/verify/holder",
                body: r#"{"number":"990101199001010000"}"#,
                signed: true,
                status: 200,
            },
            Example {
                title: "缺少字段",
                target: "/api/v1/verify/holder",
                body: "{}",
                signed: true,
                status: 400,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

/// Whose certificates.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holder {
    number: String,
}

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let Holder { number } = crate::json::read(&call.body).map_err(|error| error.problem())?;
    answer(app, &call, Question::Holder(number)).await
}
