//! `/integrator`: the clients, when each was last heard, what each is refused for.

use std::collections::BTreeMap;

use askama::Template;
use link::problem::Problem;
use node::client::{Calls, ClientEntry};

use super::READ;
use crate::pages::account::minute;
use crate::pages::admin::clients::{act_name, list_name};
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The list.
pub static PAGE: Page = Page::get("/integrator", Access::Act(READ), |app, visit| Box::pin(list(app, visit)));

/// One client.
pub static ONE: Page =
    Page::get("/integrator/client/{id}", Access::Act(READ), |app, visit| Box::pin(one(app, visit)));

const HEADS: &[Head] = &[
    Head::text("编号"),
    Head::text("名称"),
    Head::text("来源"),
    Head::short("最近调用"),
    Head::number("24 小时调用"),
    Head::number("其中被拒"),
    Head::text("状态"),
];

const CALLS: &[Head] =
    &[Head::text("接口"), Head::text("结果"), Head::number("次数"), Head::short("最近一次")];
const RIGHTS: &[Head] =
    &[Head::text("事项"), Head::text("代码"), Head::text("行政区划"), Head::text("证照种类")];

#[derive(Template)]
#[template(path = "integrator/clients.html")]
struct List {
    frame: Frame,
    list: String,
}

#[derive(Template)]
#[template(path = "integrator/client.html")]
struct One {
    frame: Frame,
    facts: Vec<(&'static str, String)>,
    rights: String,
    calls: String,
    refusals: Vec<(String, &'static str)>,
}

/// A client with its calls of the last day.
type Heard = (ClientEntry, Option<i64>, Vec<Calls>);

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (scope, now) = (visit.live()?.reach(READ), visit.now);
    let found = app
        .work(move |app| {
            app.write_calls(now)?;
            let last: BTreeMap<String, i64> = app.province.client_last()?.into_iter().collect();
            let inside = app.province.client_list()?.into_iter().filter(|one| one.lies_within(&scope));
            inside
                .map(|one| {
                    let calls = app.province.client_calls(&one.id, 24, now)?;
                    Ok((last.get(&one.id).copied(), calls, one))
                })
                .map(|found| found.map(|(last, calls, one)| (one, last, calls)))
                .collect::<Result<Vec<Heard>, node::NodeError>>()
        })
        .await?;
    let mut table = Table::new(&visit, "对接系统", HEADS, &[]);
    table.count = Some(found.len() as i64);
    table.empty =
        ("没有您范围内的对接系统", "对接系统由安全管理员登记；权限超出您的行政区划或证照种类的不在此列。");
    table.rows = found.into_iter().map(row).collect();
    html(&List { frame: visit.frame("对接系统"), list: table.html()? })
}

fn row((one, last, calls): Heard) -> Vec<Cell> {
    let all: i64 = calls.iter().map(|call| call.calls).sum();
    let refused: i64 = calls.iter().filter(|call| !call.code.is_empty()).map(|call| call.calls).sum();
    vec![
        Cell::Link(format!("/integrator/client/{}", one.id), one.id.clone()),
        Cell::text(one.name),
        Cell::text(one.source),
        Cell::text(last.map_or_else(|| "近 30 天没有".into(), minute)),
        Cell::Number(all),
        Cell::Number(refused),
        if one.active { Cell::Badge("ok", "在用".into()) } else { Cell::Badge("", "停用".into()) },
    ]
}

async fn one(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (scope, now, id) = (visit.live()?.reach(READ), visit.now, visit.param("id").to_owned());
    let name = id.clone();
    let found = app
        .work(move |app| {
            let one = app.province.client_list()?.into_iter().find(|one| one.id == name);
            let Some(one) = one.filter(|one| one.lies_within(&scope)) else { return Ok(None) };
            app.write_calls(now)?;
            let calls = app.province.client_calls(&name, 24, now)?;
            Ok(Some((app.province.callback_state(&name)?, calls, one)))
        })
        .await?;
    let (state, calls, one) = found.ok_or_else(|| {
        Problem::new(404, "NOT_FOUND", "没有这个对接系统")
            .item(id.clone())
            .detail("没有这个对接系统，或它的权限超出您的行政区划和证照种类")
            .fix("请回到列表核对编号")
    })?;
    let mut rights = Table::new(&visit, "权限", RIGHTS, &[]);
    rights.rows = one
        .rights
        .iter()
        .map(|right| {
            vec![
                Cell::text(act_name(&right.act)),
                Cell::Code(right.act.clone()),
                Cell::text(list_name(&right.areas, "全部")),
                Cell::text(list_name(&right.kinds, "全部")),
            ]
        })
        .collect();
    let mut list = Table::new(&visit, "近 24 小时调用", CALLS, &[]);
    list.empty = ("没有调用", "近 24 小时没有收到这个对接系统的请求；每次调用至多一分钟后显示在这里。");
    let mut refusals: Vec<(String, &'static str)> = Vec::new();
    for call in &calls {
        if !call.code.is_empty() && refusals.iter().all(|(code, _)| *code != call.code) {
            refusals.push((call.code.clone(), advice(&call.code)));
        }
    }
    list.rows = calls
        .into_iter()
        .map(|call| {
            let outcome = match call.code.as_str() {
                "" => Cell::Badge("ok", "已答复".into()),
                _ => Cell::Badge("bad", call.code),
            };
            vec![Cell::Code(call.path), outcome, Cell::Number(call.calls), Cell::text(minute(call.last_at))]
        })
        .collect();
    let pushed = match (&one.callback, &state.error, state.last_at) {
        (None, ..) => "没有登记回调地址，请定时读取结果反馈".to_owned(),
        (Some(url), Some(why), _) => format!("{url}：连续失败 {} 次，{why}", state.attempts),
        (Some(url), None, Some(at)) => format!("{url}：已送达到第 {} 号（{}）", state.seq, minute(at)),
        (Some(url), None, None) => format!("{url}：还没有送达过"),
    };
    html(&One {
        facts: vec![
            ("状态", if one.active { "在用" } else { "停用" }.to_owned()),
            ("编号", one.id.clone()),
            ("来源", one.source.clone()),
            ("结果回调", pushed),
        ],
        frame: visit.frame(&one.name),
        rights: rights.html()?,
        calls: list.html()?,
        refusals,
    })
}

/// What to do about a refusal.
fn advice(code: &str) -> &'static str {
    match code {
        "AUTH_CLOCK" => "对方服务器的时钟与本节点相差超过 300 秒，请对时。",
        "AUTH_SIGNATURE" => "签名不符：请核对密钥，并用沙箱逐行比对待签内容。",
        "AUTH_BODY" => "请求体与所签摘要不符：签名之后不得再改动请求体，网关不得改写。",
        "AUTH_REPLAY" => "随机数用过：每次发送（包括重发）都要换新的随机数。",
        "AUTH_RIGHT" => "没有该事项、行政区划或证照种类的权限，请联系安全管理员。",
        "AUTH_FORMAT" | "AUTH_MISSING" => "签名请求头缺失或写法不合规，请对照沙箱中的示例。",
        "BUSY" | "AUTH_FULL" => "同时的请求过多，请按 Retry-After 重试并降低并发。",
        "JSON_FORMAT" => "请求体不合规，请用沙箱试校验后再发送。",
        "NOT_FOUND" => "没有所查的证照或结果；查不到不等于证照无效。",
        _ => "请按应答中的说明和办法处理。",
    }
}
