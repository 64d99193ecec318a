//! `POST /api/v1/verify/file`: a check of a certificate file: seal, register, status.

use link::problem::Problem;
use node::verify::Question;

use super::{ACT, ANSWERED, SIGHT, answer};
use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/verify/file",
    access: Access::Signed(ACT),
    body_limit: 8 * 1024 * 1024,
    always: false,
    doc: Doc {
        summary: "核验证照文件",
        description: "请求体就是 OFD 文件的全部字节。先验签章，再与登记的原件比对，并核对证照现状。",
        params: &SIGHT,
        request: None,
        responses: &[ANSWERED],
        examples: &[Example {
            title: "不是证照文件",
            target: "/api/v1/verify/file",
            body: "not an OFD file",
            signed: true,
            status: 200,
        }],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let question = Question::File(call.body.to_vec());
    answer(app, &call, question).await
}
