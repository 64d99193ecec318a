//! `POST /api/v1/verify/forward`: another node's question about a certificate of ours, or, at the ministry, of another province.
//!
//! A province asks its ministry, the ministry asks the issuing province, and that one answers from its register alone: whatever
//! comes from a ministry is never handed on, and what comes from a province is never handed back to it. So no question can circle.
//!
//! | error | status |
//! |---|---|
//! | the caller is no node | 403 `AUTH_RIGHT` |
//! | not a question of this form | 400 |

use std::sync::Arc;

use link::problem::Problem;
use node::client::Role;
use node::verify::{FORWARD, Forwarded, Handed};

use super::{ACT, ANSWERED, Answers, permitted, wider};
use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply};

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: FORWARD,
    access: Access::Signed(ACT),
    body_limit: 16 * 1024,
    always: false,
    doc: Doc {
        summary: "转核（节点之间）",
        description: "省级节点把外省证照的核验请求交给部级节点，部级节点转交发证省份的节点，由其按登记作答；照面一律脱敏。\
                      须由已登记的节点以 SM2 签名，经办人、单位和用途随签名的请求头转交，各节点均记入审计日志。\
                      发证省份联系不上时，部级节点按归集所知说明最近状态及其时间，不作有效结论。",
        params: &[],
        request: Some("Forwarded"),
        responses: &[ANSWERED],
        examples: &[Example {
            title: "接口客户端不能转核",
            target: FORWARD,
            body: r#"{"asked":{"identifier":"1.2.156.3005.2"},"began":{"node":"demo-98","client":"c-1"}}"#,
            signed: true,
            status: 403,
        }],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let Some((by, role)) =
        call.signed.as_ref().and_then(|one| Some((one.speaker.id.clone(), one.speaker.role?)))
    else {
        return Err(Problem::new(403, "AUTH_RIGHT", "没有权限")
            .item(call.actor().client)
            .detail("转核只在节点之间进行")
            .rule("外省证照的核验请求由本省节点经部级节点转交")
            .fix("请改用 /api/v1/verify 下的核验接口"));
    };
    let forwarded: Forwarded = crate::json::read(&call.body).map_err(|error| error.problem())?;
    let question = Arc::new(forwarded.question());
    let sight = forwarded.sight();
    let handed = Handed { by, began: forwarded.began.clone() };
    let (actor, now) = (call.actor(), call.now);
    let ask = move |app: &App| app.province.answer_forwarded(&forwarded, &actor, now);
    let found = if sight.as_of.is_some() { app.work(ask).await? } else { app.look(ask).await? };
    let (answers, act) = match role {
        Role::Province => wider(&app, &question, (sight, Some(handed)), found, now).await?,
        Role::Ministry => found,
    };
    let answers =
        answers.into_iter().map(|one| permitted(&call, one, sight)).collect::<Result<Vec<_>, _>>()?;
    app.record(act).await?;
    Ok(Reply::json(&Answers { answers }))
}
