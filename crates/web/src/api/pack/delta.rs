//! `GET /api/v1/pack/delta`: what brings a holder of an earlier pack up to the newest one.

use link::problem::Problem;

use super::{FILE, NONE, file, none};
use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Param, Reply};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/pack/delta",
    access: Access::Open,
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "下载本省离线数据包的增量",
        description: "把第 from 号包更新为最新一号。只保留最近 30 个数据包；from 已是最新或不在其中时答 404，请下载完整数据包。",
        params: &[Param { name: "from", what: "持有的数据包编号" }],
        request: None,
        responses: &[FILE, NONE],
        examples: &[
            Example {
                title: "没有以它为基准的增量",
                target: "/api/v1/pack/delta?from=1",
                body: "",
                signed: false,
                status: 404,
            },
            Example {
                title: "编号不合规",
                target: "/api/v1/pack/delta?from=x",
                body: "",
                signed: false,
                status: 400,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let from = call.number("from", 0, 1, i64::from(u32::MAX))?;
    let made = app.work(move |app| match &app.node_key {
        Some(node) => app.province.pack_delta(from, &*node.key),
        None => Ok(None),
    });
    let none =
        || none("没有以该编号为基准的增量，或持有的已是最新", "请下载完整数据包（/api/v1/pack/current）");
    made.await?.map(file).ok_or_else(none)
}
