//! The list: who may speak to this node, and when each was last heard.

use std::collections::BTreeMap;

use askama::Template;
use link::problem::Problem;
use node::client::{ClientEntry, PeerEntry, Role};

use super::ACT;
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, Table, encode};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The list.
pub static PAGE: Page =
    Page::get("/admin/clients", Access::Act(ACT), |app, visit| Box::pin(list(app, visit)));

const HEADS: &[Head] = &[
    Head::text("编号"),
    Head::text("名称"),
    Head::text("来源"),
    Head::number("权限"),
    Head::short("最近调用"),
    Head::text("状态"),
    Head::short("变更时间"),
];

const PEERS: &[Head] = &[
    Head::text("编号"),
    Head::text("名称"),
    Head::text("类别"),
    Head::text("证书有效期至"),
    Head::text("日志证书"),
    Head::text("状态"),
];

#[derive(Template)]
#[template(path = "admin/clients.html")]
struct List {
    frame: Frame,
    clients: String,
    peers: String,
}

/// Days before the end at which a certificate is warned about.
const WARN: i64 = 30;

async fn list(app: App, visit: Visit) -> Result<Reply, Problem> {
    let now = visit.now;
    let (clients, last, peers) = app
        .work(move |app| {
            app.write_calls(now)?;
            let last: BTreeMap<String, i64> = app.province.client_last()?.into_iter().collect();
            Ok((app.province.client_list()?, last, app.province.peer_list()?))
        })
        .await?;
    let mut table = Table::new(&visit, "对接系统", HEADS, &[]);
    table.count = Some(clients.len() as i64);
    table.empty = ("还没有登记对接系统", "登记后，业务系统才能报送业务事件、核验证照。");
    table.rows = clients.into_iter().map(|one| row(one, &last)).collect();
    let mut others = Table::new(&visit, "其他节点", PEERS, &[]);
    others.empty = ("还没有登记其他节点", "部级节点和外省节点用 luzheng peer add 登记。");
    others.rows = peers.into_iter().map(|one| peer(&one, now)).collect();
    html(&List { frame: visit.frame("对接密钥"), clients: table.html()?, peers: others.html()? })
}

fn row(one: ClientEntry, last: &BTreeMap<String, i64>) -> Vec<Cell> {
    vec![
        Cell::Link(format!("/admin/clients/{}", encode(&one.id)), one.id.clone()),
        Cell::text(one.name),
        Cell::text(one.source),
        Cell::Number(one.rights.len() as i64),
        Cell::text(last.get(&one.id).map_or_else(|| "近 30 天没有".into(), |at| minute(*at))),
        if one.active { Cell::Badge("ok", "在用".into()) } else { Cell::Badge("", "停用".into()) },
        Cell::text(minute(one.updated_at)),
    ]
}

fn peer(one: &PeerEntry, now: i64) -> Vec<Cell> {
    let until = one.certificate.not_after();
    let left = (until - now.div_euclid(1_000_000)).div_euclid(86_400);
    let day = minute(until * 1_000_000)[..10].to_owned();
    vec![
        Cell::Code(one.id.clone()),
        Cell::text(one.name.clone()),
        Cell::text(match one.role {
            Role::Province => "省级节点",
            Role::Ministry => "部级节点",
        }),
        match left {
            ..0 => Cell::Badge("bad", format!("{day} 已过期")),
            0..=WARN => Cell::Badge("ask", format!("{day}，剩 {left} 天")),
            _ => Cell::text(day),
        },
        Cell::text(if one.log_certificate.is_some() { "已登记" } else { "未登记" }),
        if one.active { Cell::Badge("ok", "在用".into()) } else { Cell::Badge("", "停用".into()) },
    ]
}
