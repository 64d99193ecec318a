//! `POST /api/v1/deliver/activations`: certificates that were activated elsewhere (the ministry's mini-program).
//!
//! | error | status |
//! |---|---|
//! | body is not of the schema | 400 `JSON_FORMAT` |
//! | none, or more than 1,000 items | 400 `ITEMS_COUNT` |
//!
//! What is wrong with one item, a missing right for its area or kind included, is said in its own answer, and the others go on.

use link::problem::Problem;
use node::deliver::{ActivationAnswer, ActivationItem, ActivationResult};
use serde::{Deserialize, Serialize};

use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response};

/// The right that it needs.
const ACT: &str = "deliver.activate";
/// Items of one request at most.
const MOST: usize = 1_000;

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/deliver/activations",
    access: Access::Signed(ACT),
    body_limit: 1024 * 1024,
    always: false,
    doc: Doc {
        summary: "报送别处完成的激活",
        description: "部小程序等渠道完成的激活，至多 1,000 项，逐项答复。答复 applied、already 的已存盘。同一编号重复报送，内容相同的返回原答复，\
                      内容不同的为 conflict。一件证照以先到的激活为准。",
        params: &[],
        request: Some("Activations"),
        responses: &[Response {
            status: 200,
            what: "逐项答复，次序与请求一致",
            schema: Some("ActivationAnswers"),
            media: "application/json",
        }],
        examples: &[
            Example {
                title: "没有登记的证照",
                target: "/api/v1/deliver/activations",
                body: r#"{"items":[{"id":"A-1","identifier":"1.2.156.3005.2","activated_at":"2026-06-01T08:50:00+08:00","channel":"mini-program"}]}"#,
                signed: true,
                status: 200,
            },
            Example {
                title: "一项也没有",
                target: "/api/v1/deliver/activations",
                body: r#"{"items":[]}"#,
                signed: true,
                status: 400,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

/// The request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Activations {
    items: Vec<ActivationItem>,
}

/// The answer.
#[derive(Serialize)]
struct Answers {
    answers: Vec<ActivationAnswer>,
}

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let Activations { items } = crate::json::read(&call.body).map_err(|error| error.problem())?;
    if items.is_empty() || items.len() > MOST {
        return Err(Problem::new(400, "ITEMS_COUNT", "激活数量不合规")
            .item(items.len().to_string())
            .detail(format!("一次应报送 1 到 {MOST} 项"))
            .fix("请分批报送"));
    }
    let answers = app
        .work(move |app| {
            let source = source_of(&call);
            let mut lacking = Vec::with_capacity(items.len());
            let mut allowed = Vec::with_capacity(items.len());
            for item in items {
                let lack = match app.province.deliver_feed_about(&item)? {
                    Some(about) => call.lack(ACT, Some(&about.area), Some(&about.kind)),
                    None => None,
                };
                lacking.push(lack.map(|lack| refused(&item, lack.to_string())));
                if lacking.last().is_some_and(Option::is_none) {
                    allowed.push(item);
                }
            }
            let taken = app.province.deliver_feed(&source, &allowed, &call.actor(), call.now)?;
            let mut taken = taken.into_iter();
            Ok(lacking.into_iter().filter_map(|refused| refused.or_else(|| taken.next())).collect())
        })
        .await?;
    Ok(Reply::json(&Answers { answers }))
}

/// An API client speaks for its source, a node for itself.
fn source_of(call: &Call) -> String {
    let speaker = call.signed.as_ref().map(|signed| &signed.speaker);
    speaker.map(|one| one.source.clone().unwrap_or_else(|| one.id.clone())).unwrap_or_default()
}

fn refused(item: &ActivationItem, what: String) -> ActivationAnswer {
    ActivationAnswer {
        id: item.id.clone(),
        result: ActivationResult::Refused,
        repeated: false,
        activated_at: None,
        why: Some(lifecycle::Message {
            code: "AUTH_RIGHT".into(),
            what,
            fix: "请管理员核对该客户端的权限".into(),
        }),
    }
}
