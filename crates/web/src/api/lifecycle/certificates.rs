//! `GET /api/v1/lifecycle/certificates/{id}`: a certificate with its versions and events.
//!
//! | error | status |
//! |---|---|
//! | no certificate under this key or identifier | 404 `NOT_FOUND` |
//! | area or kind outside the caller's rights, personal data without that right | 403 `AUTH_RIGHT` |
//! | personal data without a purpose | 403 `AUTH_PURPOSE` |

use link::problem::Problem;
use node::lifecycle::{CertificateView, Origin};

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Param, Reply, Response, problems};

/// The right that it needs, and the one for personal data.
const ACT: &str = "lifecycle.read";
const PERSONAL: &str = "lifecycle.read_personal";

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/lifecycle/certificates/{id}",
    access: Access::Signed(ACT),
    body_limit: 0,
    always: false,
    doc: Doc {
        summary: "查询证照的状态、版本和业务事件",
        description: "默认不含个人信息。personal=true 时附上业务事件原文（不含照片），须有 lifecycle.read_personal 权限，\
                      并在 LZ-Purpose 请求头写明用途。每次查询都记入审计日志。",
        params: &[
            Param {
                name: "id", what: "证照主键（32 位十六进制），或任一版本的证照标识"
            },
            Param { name: "personal", what: "true 时附上业务事件原文" },
        ],
        request: None,
        responses: &[
            Response { status: 200, what: "证照", schema: Some("Certificate"), media: "application/json" },
            Response {
                status: 404, what: "没有这件证照", schema: None, media: "application/problem+json"
            },
        ],
        examples: &[
            Example {
                title: "按证照标识查询",
                target: "/api/v1/lifecycle/certificates/1.2.156.3005.2.11100000000019713D008.11990101MB0000101Y.990101202600000001.001.E",
                body: "",
                signed: true,
                status: 200,
            },
            Example {
                title: "没有这件证照",
                target: "/api/v1/lifecycle/certificates/00000000000000000000000000000000",
                body: "",
                signed: true,
                status: 404,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let personal = match call.query("personal")?.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(wrong_flag()),
    };
    let id = call.param("id").to_owned();
    let name = id.clone();
    let located = app.work(move |app| app.province.locate(Origin::Key(&name))).await?;
    let located = located.ok_or_else(|| problems::not_found("证照", &id))?;
    let acts = if personal { &[ACT, PERSONAL][..] } else { &[ACT][..] };
    let actor = call.actor();
    for act in acts {
        if let Some(lack) = call.lack(act, Some(&located.area), Some(&located.kind)) {
            return Err(problems::right(&lack, &actor.client));
        }
    }
    if personal && actor.purpose.is_none() {
        return Err(no_purpose());
    }
    let view = app.work(move |app| app.province.certificate_view(&located.id, personal, &actor, call.now));
    let view: CertificateView = view.await?.ok_or_else(|| problems::not_found("证照", &id))?;
    Ok(Reply::json(&view))
}

fn wrong_flag() -> Problem {
    Problem::new(400, "QUERY_FORMAT", "查询参数不合规")
        .item("personal")
        .detail("personal 只能是 true 或 false")
        .fix("请改为 true 或 false，或去掉该参数")
}

fn no_purpose() -> Problem {
    Problem::new(403, "AUTH_PURPOSE", "没有写明用途")
        .item("LZ-Purpose")
        .detail("查看个人信息须写明用途")
        .rule("个人信息的每次查看都要有用途，并记入审计日志")
        .fix("请在 LZ-Purpose 请求头写明用途（UTF-8 的百分号编码），并重新签名")
}
