//! `GET /api/v1/verify/{identifier}`: a check by 证照标识.

use link::problem::Problem;
use node::verify::Question;

use super::{ACT, ANSWERED, SIGHT, answer};
use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Param, Reply};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/verify/{identifier}",
    access: Access::Signed(ACT),
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "按证照标识核验",
        description: "任一版本的证照标识均可；旧版本会提示现行标识。未查到不等于无证。",
        params: &[Param { name: "identifier", what: "证照标识" }, SIGHT[0], SIGHT[1]],
        request: None,
        responses: &[ANSWERED],
        examples: &[
            Example {
                title: "在册的证照",
                target: "/api/v1/verify/1.2.156.3005.2.11100000000019713D008.11990101MB0000101Y.990101202600000001.001.E",
                body: "",
                signed: true,
                status: 200,
            },
            Example {
                title: "不是证照标识",
                target: "/api/v1/verify/123",
                body: "",
                signed: true,
                status: 200,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let question = Question::Identifier(call.param("identifier").to_owned());
    answer(app, &call, question).await
}
