//! `POST /api/v1/lifecycle/events`: business events in, one answer each.
//!
//! | error | status |
//! |---|---|
//! | body is no JSON object or array, or a single event cannot be read | 400 `JSON_FORMAT` |
//! | none, or more than 1,000 events | 400 `EVENTS_COUNT` |
//! | a single event of another source, area or kind than the client may send | 403 `AUTH_SOURCE`, `AUTH_RIGHT` |
//! | a single event under a known id with other content | 409 |
//! | too many events wait | 503 `BUSY` |
//!
//! In an array, whatever is wrong with one event is said in its own result, and the others go on.

use lifecycle::Message;
use link::problem::Problem;
use node::client::{Right, lack, unlimited};
use node::lifecycle::{Answer, BusinessEvent, Origin, Outcome, Submitted};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::json::{self, Misread};
use crate::{Access, App, Call, Doc, Endpoint, Example, Method, Reply, Response, problems};

/// The right that it needs.
const ACT: &str = "lifecycle.submit";
/// Events of one request at most.
const MOST: usize = 1_000;

/// The endpoint.
pub static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/lifecycle/events",
    access: Access::Signed(ACT),
    // A thousand events with photos.
    body_limit: 64 * 1024 * 1024,
    always: false,
    doc: Doc {
        summary: "报送业务事件",
        description: "请求体为一个业务事件，或至多 1,000 个业务事件的数组。逐项返回结果，次序与请求一致；返回 applied、refused、conflict、\
                      work 的结果已存盘。同一来源的同一事件编号重复报送，内容相同的返回原结果，内容不同的为冲突。source 可省略，省略时为该客户端登记的来源。\
                      之后发生的事（证照签发、归集、被部级退回）见“读取结果反馈”。",
        params: &[],
        request: Some("EventsRequest"),
        responses: &[
            Response {
                status: 200,
                what: "逐项结果",
                schema: Some("EventsAnswer"),
                media: "application/json",
            },
            Response {
                status: 409,
                what: "单个事件：事件编号已用过，内容不同",
                schema: None,
                media: "application/problem+json",
            },
        ],
        examples: &[
            Example {
                title: "初领一件证照",
                target: "/api/v1/lifecycle/events",
                body: include_str!("../../../examples/first-issue.json"),
                signed: true,
                status: 200,
            },
            Example {
                title: "一批两件：停业一件，另一件缺少必填项",
                target: "/api/v1/lifecycle/events",
                body: include_str!("../../../examples/two-events.json"),
                signed: true,
                status: 200,
            },
            Example {
                title: "同一事件编号，内容不同",
                target: "/api/v1/lifecycle/events",
                body: r#"{"event_id":"E-2026-0001","event":"停业","subject_ref":"S-0001","occurred_at":"2026-06-01T08:50:00+08:00"}"#,
                signed: true,
                status: 409,
            },
            Example {
                title: "字段名写错",
                target: "/api/v1/lifecycle/events",
                body: r#"{"event_id":"E-2026-0003","event":"停业","subject":"S-0001"}"#,
                signed: true,
                status: 400,
            },
            Example {
                title: "没有签名",
                target: "/api/v1/lifecycle/events",
                body: "{}",
                signed: false,
                status: 401,
            },
        ],
    },
    handler: |app, call| Box::pin(handle(app, call)),
};

/// The answers, in the order of the events.
#[derive(Serialize)]
struct Results {
    results: Vec<Answer>,
}

async fn handle(app: App, call: Call) -> Result<Reply, Problem> {
    let (single, read) = read_events(&call.body)?;
    let owner = source_of(&call).to_owned();
    let rights = call.signed.as_ref().map(|signed| signed.speaker.rights.clone()).unwrap_or_default();
    let who = call.actor();
    let checked = app.work(move |app| Ok(check_all(app, read, &owner, &rights))).await?;
    if let (true, [Err(refused)]) = (single, checked.as_slice()) {
        return Err(refused.problem(&who.client));
    }
    let events = checked.iter().filter_map(|one| one.as_ref().ok());
    let submitted =
        events.map(|message| Submitted { message: message.clone(), actor: who.clone() }).collect();
    let accepted = app.accept(submitted).await.map_err(|_| problems::busy("等待处理的业务事件过多"))?;
    if let (true, [answer]) = (single, accepted.as_slice())
        && answer.result == Outcome::Conflict
    {
        return Err(conflict(answer));
    }
    let mut accepted = accepted.into_iter();
    let results = checked.into_iter().filter_map(|one| match one {
        Ok(_) => accepted.next(),
        Err(refused) => Some(refused.answer()),
    });
    Ok(Reply::json(&Results { results: results.collect() }))
}

/// An event that does not reach the intake.
struct Unread {
    source: String,
    event_id: String,
    status: u16,
    why: Message,
    place: String,
}

impl Unread {
    fn problem(&self, who: &str) -> Problem {
        let title = if self.status == 403 { "没有权限" } else { "请求体不合规" };
        let item = if self.status == 403 { who } else { &self.place };
        Problem::new(self.status, &self.why.code, title).item(item).detail(&self.why.what).fix(&self.why.fix)
    }

    fn answer(self) -> Answer {
        let Self { source, event_id, why, .. } = self;
        Answer { source, event_id, result: Outcome::Unfit, why: Some(why), ..Answer::default() }
    }
}

type Read = Result<BusinessEvent, Unread>;

/// One event, or a list of them; true for one.
fn read_events(body: &[u8]) -> Result<(bool, Vec<Read>), Problem> {
    let is_list = body.trim_ascii_start().first() == Some(&b'[');
    let raw: Vec<&RawValue> = if is_list {
        serde_json::from_slice(body).map_err(|error| json::misread(&error, ".").problem())?
    } else {
        vec![serde_json::from_slice(body).map_err(|error| json::misread(&error, ".").problem())?]
    };
    if raw.is_empty() || raw.len() > MOST {
        return Err(Problem::new(400, "EVENTS_COUNT", "业务事件数量不合规")
            .item(raw.len().to_string())
            .detail(format!("一次应报送 1 到 {MOST} 个业务事件"))
            .fix("请分批报送"));
    }
    Ok((!is_list, raw.into_iter().map(|one| read_event(one.get())).collect()))
}

fn read_event(text: &str) -> Read {
    json::read(text.as_bytes()).map_err(|Misread { place, what }| {
        // The id, if it can be found, lets the sender tell which one it was.
        let loose: Option<serde_json::Value> = serde_json::from_str(text).ok();
        let found = |name: &str| loose.as_ref()?.get(name)?.as_str().map(str::to_owned);
        Unread {
            source: found("source").unwrap_or_default(),
            event_id: found("event_id").unwrap_or_default(),
            status: 400,
            why: Message {
                code: "JSON_FORMAT".into(),
                what: format!("{place}：{what}"),
                fix: Misread::FIX.into(),
            },
            place,
        }
    })
}

fn source_of(call: &Call) -> &str {
    call.signed.as_ref().and_then(|signed| signed.speaker.source.as_deref()).unwrap_or_default()
}

fn check_all(app: &App, events: Vec<Read>, owner: &str, rights: &[Right]) -> Vec<Read> {
    events.into_iter().map(|event| check(app, event?, owner, rights)).collect()
}

/// An event must be of the client's own source, and within the areas and kinds of its rights.
fn check(app: &App, mut event: BusinessEvent, owner: &str, rights: &[Right]) -> Read {
    if event.source.is_empty() {
        owner.clone_into(&mut event.source);
    }
    let refuse = |event: &BusinessEvent, code: &str, what: String, fix: &str| Unread {
        source: event.source.clone(),
        event_id: event.event_id.clone(),
        status: 403,
        why: Message { code: code.into(), what, fix: fix.into() },
        place: String::new(),
    };
    if event.source != owner || owner.is_empty() {
        let what = format!("来源“{}”不是该客户端登记的来源“{owner}”", event.source);
        return Err(refuse(&event, "AUTH_SOURCE", what, "请用该来源自己的客户端报送，或省略 source"));
    }
    if unlimited(rights, ACT) {
        return Ok(event);
    }
    for (area, kind) in objects(app, &event) {
        if let Some(lack) = lack(rights, ACT, area.as_deref(), kind.as_deref()) {
            return Err(refuse(&event, "AUTH_RIGHT", lack.to_string(), "请管理员核对该客户端的权限"));
        }
    }
    Ok(event)
}

/// Area and kind of everything that an event is about: the certificate on record, and the new face.
fn objects(app: &App, event: &BusinessEvent) -> Vec<(Option<String>, Option<String>)> {
    let today = lifecycle::day_of(app.now()).date();
    let slug =
        |name: &str| app.province.data.catalogue.kind(name.trim(), today).map(|kind| kind.slug.clone());
    let mut found = Vec::new();
    if let Some(record) = &event.record {
        // A kind that nobody knows is refused by the lint, and by a right that names kinds.
        let kind = slug(&record.kind).unwrap_or_else(|| record.kind.clone());
        found.push((Some(record.area.clone()), Some(kind)));
    }
    let known = event.identifier.as_deref().map(Origin::Key);
    let subject = event.subject_ref.as_deref().map(|subject| Origin::Subject(&event.source, subject));
    for origin in known.into_iter().chain(subject) {
        if let Ok(Some(one)) = app.province.locate(origin) {
            found.push((Some(one.area), Some(one.kind)));
        }
    }
    if found.is_empty() {
        // Named by number alone: the kind is what can be asked about.
        found.push((None, event.kind.as_deref().and_then(slug)));
    }
    found
}

fn conflict(answer: &Answer) -> Problem {
    let why = answer.why.clone();
    let code = why.as_ref().map_or("CONFLICT", |why| &why.code);
    let problem = Problem::new(409, code, "事件编号已用过").item(&answer.event_id);
    match &why {
        Some(why) => problem.detail(&why.what).fix(&why.fix),
        None => problem,
    }
}
