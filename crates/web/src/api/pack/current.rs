//! `GET /api/v1/pack/current`: the newest whole pack of a province.

use link::problem::Problem;

use super::{FILE, NONE, file, none};
use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Param, Reply};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/pack/current",
    access: Access::Open,
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "下载最新的离线数据包（山区包）",
        description: "由省级节点签名的文件：赋码密钥及其适用范围、撤销列表、每张证照的确切状态和现行版本。不含姓名、证件号码和车牌。LZ-Pack-Number 为其编号。",
        params: &[Param { name: "province", what: "省级行政区划代码的前两位；缺省为本省" }],
        request: None,
        responses: &[FILE, NONE],
        examples: &[Example {
            title: "没有该省的数据包",
            target: "/api/v1/pack/current?province=98",
            body: "",
            signed: false,
            status: 404,
        }],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let province = call.query("province")?.unwrap_or_else(|| app.province.area.clone());
    let found = app.work(move |app| app.province.pack_current(&province)).await?;
    found.map(file).ok_or_else(|| none("本节点没有该省的离线数据包", "请核对省份代码，或稍后再试"))
}
