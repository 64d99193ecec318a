//! The ministry's pages: provinces side by side, a certificate from anywhere, receipts, witnessed checkpoints.

pub mod certificate;
pub mod checkpoints;
pub mod province;
pub mod provinces;
pub mod receipts;

use askama::Template;
use link::problem::Problem;
use node::collect::ProvinceState;

use super::frame::Frame;
use super::visit::html;
use super::{Page, Visit};
use crate::{App, Reply, problems};

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &provinces::PAGE,
    &province::PAGE,
    &province::ENROL,
    &certificate::PAGE,
    &receipts::PAGE,
    &receipts::EXPORT,
    &receipts::ONE,
    &checkpoints::PAGE,
    &checkpoints::ONE,
    &checkpoints::NOTE,
];

/// A day, microseconds.
const DAY: i64 = 86_400_000_000;
/// A province that has delivered nothing for so long is looked at, microseconds.
const SILENT: i64 = DAY;
/// A comparison older than this is looked at: once a month is the rule.
const COMPARED: i64 = 35 * DAY;
/// A pack older than this is stale for whoever checks offline.
const PACKED: i64 = 3 * DAY;
/// A certificate that ends so soon is renewed now.
const ENDS: i64 = 60 * DAY;
/// A log that was not witnessed for so long is looked at.
const WITNESSED: i64 = DAY;

#[derive(Template)]
#[template(path = "ministry/elsewhere.html")]
struct Elsewhere {
    frame: Frame,
}

/// What a province's node says in the place of these pages.
fn elsewhere(app: &App, visit: &Visit) -> Option<Result<Reply, Problem>> {
    app.receiver.is_none().then(|| html(&Elsewhere { frame: visit.frame("各省情况") }))
}

/// A word with its tone.
type Mark = (&'static str, String);

/// How a province stands, in the order of the table.
struct Standing {
    delivered: Mark,
    compared: Mark,
    pack: Mark,
    certificate: Mark,
    log: Mark,
}

impl Standing {
    fn of(one: &ProvinceState, now: i64) -> Self {
        Self {
            delivered: aged(one.last_at, now, SILENT, "没有归集"),
            compared: compared(one, now),
            pack: pack(one, now),
            certificate: certificate(one, now),
            log: log(one, now),
        }
    }

    /// Why somebody has to look, in words with their tone; empty where nobody has to.
    fn reasons(&self, refused: i64) -> Vec<Mark> {
        let all = [
            ("最近归集", &self.delivered),
            ("部省对账", &self.compared),
            ("离线数据包", &self.pack),
            ("节点证书", &self.certificate),
            ("日志见证", &self.log),
        ];
        let wrong = all.into_iter().filter(|(_, (tone, _))| *tone != "ok");
        let mut reasons: Vec<Mark> =
            wrong.map(|(what, (tone, word))| (*tone, format!("{what}：{word}"))).collect();
        if refused > 0 {
            reasons.push(("bad", format!("未收的报文：{refused} 件")));
        }
        reasons
    }
}

fn aged(at: Option<i64>, now: i64, most: i64, none: &str) -> Mark {
    match at {
        None => ("ask", none.to_owned()),
        Some(at) => {
            let tone = if now - at > most { "ask" } else { "ok" };
            (tone, format!("{}前", node::verify::age(now - at)))
        }
    }
}

fn compared(one: &ProvinceState, now: i64) -> Mark {
    let Some(told) = &one.told else { return ("ask", "没有对账".into()) };
    match told.missing + told.extra + told.different {
        0 if now - told.at > COMPARED => ("ask", format!("一致，{}前", node::verify::age(now - told.at))),
        0 => ("ok", "一致".into()),
        found => ("ask", format!("差异 {found}")),
    }
}

fn pack(one: &ProvinceState, now: i64) -> Mark {
    let Some(pack) = &one.pack else { return ("ask", "没有".into()) };
    let age = now - pack.made_at * 1_000_000;
    let tone = if age > PACKED { "ask" } else { "ok" };
    (tone, format!("第 {} 号，{}前", pack.number, node::verify::age(age)))
}

fn certificate(one: &ProvinceState, now: i64) -> Mark {
    let ends = one.peer.certificate.not_after() * 1_000_000;
    let day = &super::account::minute(ends)[..10];
    match ends - now {
        ..0 => ("bad", format!("{day} 已过期")),
        0..ENDS => ("ask", format!("{day} 到期")),
        _ => ("ok", format!("至 {day}")),
    }
}

fn log(one: &ProvinceState, now: i64) -> Mark {
    if one.alarm.is_some() {
        return ("bad", "不能见证".into());
    }
    if one.peer.log_certificate.is_none() {
        return ("ask", "未登记日志证书".into());
    }
    aged(one.witnessed.map(|(_, at)| at), now, WITNESSED, "没有见证")
}

/// What a refusal is for, in words.
fn cause(code: &str) -> String {
    match code {
        "FOREIGN_ISSUER" => "发证机关未登记".into(),
        "FOREIGN_PROVINCE" => "省份与签名节点不符".into(),
        "FILE_DIGEST" => "文件与报文不一致".into(),
        "FILE_SEAL" => "电子印章核验不通过".into(),
        "FILE_OTHER" => "文件不是所报送的证照".into(),
        "FILE_FORMAT" | "FORMAT" => "报文格式不合规".into(),
        "SEQ_CONFLICT" => "同一计数的内容不同".into(),
        "OUT_OF_ORDER" => "版本退回".into(),
        other => other.to_owned(),
    }
}

/// One of the provinces, or 404.
async fn found(app: &App, id: &str, now: i64) -> Result<ProvinceState, Problem> {
    let all = app.work(move |app| app.province.provinces(now)).await?;
    all.into_iter().find(|one| one.peer.id == id).ok_or_else(|| problems::not_found("省级节点", id))
}

fn kind_name(app: &App, slug: &str) -> String {
    let known = app.province.data.catalogue.kinds().iter().find(|kind| kind.slug == slug);
    known.map_or_else(|| slug.to_owned(), |kind| kind.name.clone())
}
