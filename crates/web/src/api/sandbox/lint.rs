//! `POST /api/v1/sandbox/lint`: what would be wrong with a record; nothing is stored.
//!
//! | error | status |
//! |---|---|
//! | the body is no record | 400 `JSON_FORMAT` |
//! | the photo is no Base64 | 400 `PHOTO_FORMAT` |
//! | area or kind outside the client's rights | 403 `AUTH_RIGHT` |

use link::problem::Problem;
use model::{Finding, Record, Severity};
use serde::{Deserialize, Serialize};

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response, json, problems};

/// The right that it needs.
const ACT: &str = "sandbox.lint";

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/sandbox/lint",
    access: Access::Signed(ACT),
    body_limit: 4 * 1024 * 1024,
    always: false,
    doc: Doc {
        summary: "试校验照面记录",
        description: "按签发时的全部规则校验一条照面记录和照片，返回每个问题的项目、规则和修改办法；不存盘、不签发。",
        params: &[],
        request: Some("LintRequest"),
        responses: &[Response {
            status: 200,
            what: "校验结果",
            schema: Some("LintAnswer"),
            media: "application/json",
        }],
        examples: &[
            Example {
                title: "一条缺项的记录",
                target: "/api/v1/sandbox/lint",
                body: r#"{"record":{"record_id":"R-1","source":"演示运政","kind":"道路运输经营许可证","authority_uscc":"11990000MB0000000J","area":"990000","decision":{"no":"演示决〔2026〕1号","date":"2026-06-01"},"face":{}}}"#,
                signed: true,
                status: 200,
            },
            Example {
                title: "不是 JSON",
                target: "/api/v1/sandbox/lint",
                body: "record_id=R-1",
                signed: true,
                status: 400,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

/// A record to be looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    record: Record,
    /// Base64.
    #[serde(default)]
    photo: Option<String>,
}

/// What is wrong with it.
#[derive(Serialize)]
struct Outcome {
    /// No errors: it would be issued.
    fit: bool,
    findings: Vec<Finding>,
}

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let Request { record, photo } = json::read(&call.body).map_err(|error| error.problem())?;
    let photo = photo.map(|text| gm::base64::decode(text.trim())).transpose().map_err(|_| bad_photo())?;
    let kind = app.province.data.catalogue.kind(record.kind.trim(), lifecycle::day_of(call.now).date());
    let slug = kind.map_or(record.kind.as_str(), |kind| &kind.slug);
    if let Some(lack) = call.lack(ACT, Some(&record.area), Some(slug)) {
        return Err(problems::right(&lack, &call.actor().client));
    }
    let findings = app.work(move |app| Ok(app.province.lint(record, photo, call.now))).await?;
    let fit = findings.iter().all(|finding| finding.severity != Severity::Error);
    Ok(Reply::json(&Outcome { fit, findings }))
}

fn bad_photo() -> Problem {
    Problem::new(400, "PHOTO_FORMAT", "照片不合规")
        .item("photo")
        .detail("照片不是合规的 Base64")
        .fix("请把照片文件的全部字节按 Base64 编码后放入 photo")
}
