//! `GET /api/v1/verify/plate`: a check by plate and colour.

use link::problem::Problem;
use node::verify::Question;

use super::{ACT, ANSWERED, SIGHT, answer};
use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Param, Reply};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/verify/plate",
    access: Access::Signed(ACT),
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "按车牌核验",
        description: "返回该车牌和颜色名下的证照；在用的排在前面。",
        params: &[
            Param { name: "plate", what: "车牌号码" },
            Param { name: "colour", what: "车牌颜色代码（JT/T 697.7）" },
            SIGHT[0],
            SIGHT[1],
        ],
        request: None,
        responses: &[ANSWERED],
        examples: &[
            Example {
                title: "没有登记的车牌",
                target: "/api/v1/verify/plate?plate=%E6%BC%94A00000&colour=2",
                body: "",
                signed: true,
                status: 200,
            },
            Example {
                title: "缺少颜色",
                target: "/api/v1/verify/plate?plate=%E6%BC%94A00000",
                body: "",
                signed: true,
                status: 400,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let need = |name: &'static str| {
        call.query(name)?.filter(|text| !text.is_empty()).ok_or_else(|| {
            Problem::new(400, "QUERY_FORMAT", "查询参数不合规")
                .item(name)
                .detail(format!("缺少参数 {name}"))
                .fix("请同时给出车牌号码 plate 和颜色代码 colour")
        })
    };
    let question = Question::Plate(need("plate")?, need("colour")?);
    answer(app, &call, question).await
}
