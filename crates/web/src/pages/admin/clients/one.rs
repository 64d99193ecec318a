//! One client: rights, last calls, what can be done with it.

use askama::Template;
use link::problem::Problem;
use node::client::{ACTS, Calls, ClientEntry};

use super::{ACT, act_name, kinds, list_name};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// One client.
pub static ONE: Page =
    Page::get("/admin/clients/{id}", Access::Act(ACT), |app, visit| Box::pin(show(app, visit)));

struct RightLine {
    /// As it stands in the row, for the form that takes it away.
    text: String,
    act: String,
    name: String,
    areas: String,
    kinds: String,
}

struct CallLine {
    path: String,
    outcome: String,
    refused: bool,
    calls: i64,
    last: String,
}

#[derive(Template)]
#[template(path = "admin/client.html")]
struct Shown {
    frame: Frame,
    one: ClientEntry,
    seen: i64,
    created: String,
    rights: Vec<RightLine>,
    calls: Vec<CallLine>,
    pushed: Option<String>,
    acts: &'static [(&'static str, &'static str)],
    kinds: Vec<(String, String)>,
}

/// The client that the path names.
pub(super) fn find(app: &App, id: &str) -> Result<Option<ClientEntry>, node::NodeError> {
    Ok(app.province.client_list()?.into_iter().find(|one| one.id == id))
}

pub(super) fn no_client(id: &str) -> Problem {
    Problem::new(404, "NOT_FOUND", "没有这个对接系统")
        .item(id)
        .detail(format!("没有编号为“{id}”的对接系统"))
        .fix("请回到列表核对编号")
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (id, now) = (visit.param("id").to_owned(), visit.now);
    let name = id.clone();
    let found = app
        .work(move |app| {
            let Some(one) = find(app, &name)? else { return Ok(None) };
            app.write_calls(now)?;
            let calls = app.province.client_calls(&name, 24, now)?;
            Ok(Some((app.province.callback_state(&name)?, calls, one)))
        })
        .await?;
    let (state, calls, one) = found.ok_or_else(|| no_client(&id))?;
    let pushed = one.callback.as_ref().map(|address| match (&state.error, state.last_at) {
        (Some(why), _) => format!("{address}：连续失败 {} 次，{why}", state.attempts),
        (None, Some(at)) => format!("{address}：已送达到第 {} 号（{}）", state.seq, minute(at)),
        (None, None) => format!("{address}：还没有送达过"),
    });
    let slugs = kinds(&app);
    let rights = one.rights.iter().map(|right| {
        let names: Vec<String> = right
            .kinds
            .iter()
            .map(|slug| slugs.iter().find(|(known, _)| known == slug).map_or(slug, |(_, name)| name).clone())
            .collect();
        RightLine {
            text: right.to_string(),
            act: right.act.clone(),
            name: act_name(&right.act),
            areas: list_name(&right.areas, "全部"),
            kinds: list_name(&names, "全部"),
        }
    });
    html(&Shown {
        frame: visit.frame(&one.name),
        seen: one.updated_at,
        created: minute(one.created_at),
        rights: rights.collect(),
        calls: calls.into_iter().map(line).collect(),
        pushed,
        acts: ACTS,
        kinds: slugs,
        one,
    })
}

fn line(one: Calls) -> CallLine {
    CallLine {
        refused: !one.code.is_empty(),
        outcome: if one.code.is_empty() { "已答复".into() } else { one.code },
        path: one.path,
        calls: one.calls,
        last: minute(one.last_at),
    }
}
