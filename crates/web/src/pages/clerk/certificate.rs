//! `/clerk/certificate/{id}`: one certificate with everything that belongs to it, on the screen and on paper.

use askama::Template;
use link::problem::Problem;
use node::certificate::{CollectLine, Dossier, FileCheck, LinkLine, Step, VersionFacts};
use node::deliver::DeliveryRecord;

use super::{actor, purpose, within};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::holder::certificate::channel;
use crate::pages::table::encode;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page =
    Page::get("/clerk/certificate/{id}", Access::Act("certificate.read"), |app, visit| {
        Box::pin(show(app, visit))
    });

/// A part of a version as a picture.
pub static FACE: Page = Page::get(
    "/clerk/certificate/{id}/face/{version}/{part}",
    Access::Act("certificate.read"),
    |app, visit| Box::pin(face(app, visit)),
);

/// A part of a version as its sealed file.
pub static FILE: Page = Page::get(
    "/clerk/certificate/{id}/file/{version}/{part}",
    Access::Act("certificate.read"),
    |app, visit| Box::pin(file(app, visit)),
);

/// Fine enough for a screen at a window.
const DPI: f32 = 130.0;

/// A step as the page shows it.
struct Past {
    step: Step,
    tone: &'static str,
    dot: &'static str,
    recorded: String,
    occurred: String,
}

struct VersionLine {
    facts: VersionFacts,
    signed: String,
    shown: bool,
}

struct Stages {
    version: i64,
    stages: Vec<(&'static str, Option<String>)>,
}

struct Sent {
    line: CollectLine,
    word: &'static str,
    tone: &'static str,
    when: String,
}

#[derive(Template)]
#[template(path = "clerk/certificate.html")]
struct CertificatePage {
    frame: Frame,
    one: Dossier,
    tone: &'static str,
    purpose: &'static str,
    facts: Vec<(&'static str, String)>,
    past: Vec<Past>,
    versions: Vec<VersionLine>,
    shown: Option<VersionFacts>,
    checks: Option<(i64, Vec<FileCheck>)>,
    delivery: Vec<Stages>,
    sent: Vec<Sent>,
    links: Vec<LinkLine>,
    may_work: bool,
    printed_at: String,
    printed_by: String,
}

fn nothing() -> Problem {
    Problem::new(404, "NOT_FOUND", "没有这件证照")
        .detail("本账号的查询范围内没有这件证照")
        .fix("请核对后重新查询；其他行政区划的证照请联系当地经办；纸质证和 IC 卡证可能尚未入库，查不到不等于证照无效")
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, "certificate.read")?, actor(&visit)?, visit.now);
    let id = visit.param("id").to_owned();
    let check: Option<i64> = visit.query.get("check").parse().ok();
    let (one, checks) = app
        .work(move |app| {
            let one = app.province.certificate_dossier(&id, &within, &actor, now)?;
            let checks = match check.filter(|_| one.is_some()) {
                Some(version) => app.province.certificate_check((&id, version), &within, now)?,
                None => None,
            };
            Ok((one, checks))
        })
        .await?;
    let one = one.ok_or_else(nothing)?;
    let wanted = visit.query.get("version").parse().ok().or(check);
    let shown = one.versions.iter().find(|line| Some(line.version) == wanted).or(one.versions.first());
    let shown = shown.cloned();
    html(&CertificatePage {
        frame: visit.frame(&one.kind_name),
        tone: crate::pages::standing::tone(one.usable, &one.status),
        purpose: purpose(&visit).0,
        facts: facts(&one),
        past: one.steps.iter().cloned().map(past).collect(),
        versions: versions(&one, shown.as_ref()),
        checks: check.zip(checks),
        delivery: one.delivery.iter().map(stages).collect(),
        sent: one.collect.iter().cloned().map(sent).collect(),
        links: one.links.clone(),
        may_work: visit.live()?.may("lifecycle.work", None),
        printed_at: minute(now),
        printed_by: visit.name.clone().unwrap_or_default(),
        shown,
        one,
    })
}

fn facts(one: &Dossier) -> Vec<(&'static str, String)> {
    let paper = || "尚无电子证照（纸质证或 IC 卡证）".to_owned();
    let area = if one.area_name.is_empty() { &one.area } else { &one.area_name };
    let mut facts = vec![
        ("证照标识", one.identifier.clone().unwrap_or_else(paper)),
        ("有效期", one.validity.clone()),
        ("发证机关", one.authority.clone()),
        ("行政区划", area.clone()),
    ];
    facts.extend(one.annual_due.clone().map(|day| ("年审有效期至", day)));
    facts.extend(one.integrity_due.clone().map(|day| ("诚信考核有效期至", day)));
    facts.push(("激活", if one.activated { "已激活" } else { "未激活" }.to_owned()));
    facts.push(("业务系统", format!("{}　{}", one.source.0, one.source.1)));
    facts.push(("入库时间", minute(one.times.0)));
    facts.push(("最近变动", format!("{}（共 {} 次）", minute(one.times.1), one.state_seq)));
    facts.push(("被核验", format!("{} 次", one.checks)));
    facts
}

fn past(step: Step) -> Past {
    let (tone, dot) = match step.status.as_str() {
        "applied" => ("ok", ""),
        "refused" | "unfit" => ("bad", "gone"),
        _ => ("ask", "quiet"),
    };
    Past { tone, dot, recorded: minute(step.recorded_at), occurred: minute(step.occurred_at), step }
}

fn versions(one: &Dossier, shown: Option<&VersionFacts>) -> Vec<VersionLine> {
    let line = |facts: &VersionFacts| VersionLine {
        signed: minute(facts.signed_at),
        shown: shown.is_some_and(|shown| shown.version == facts.version),
        facts: facts.clone(),
    };
    one.versions.iter().map(line).collect()
}

fn stages(record: &DeliveryRecord) -> Stages {
    let when = |stage: &Option<node::deliver::Stage>| {
        stage.as_ref().map(|stage| format!("{}　{}", minute(stage.at), channel(&stage.channel)))
    };
    Stages {
        version: record.version,
        stages: vec![
            ("制作", Some(minute(record.made_at))),
            ("告知", when(&record.told)),
            ("送达", when(&record.received)),
            ("激活", when(&record.activated)),
        ],
    }
}

fn sent(line: CollectLine) -> Sent {
    let (word, tone) = match line.state.as_str() {
        "done" => ("已归集", "ok"),
        "dead" => ("死信", "bad"),
        _ if line.attempts > 0 => ("重试中", "ask"),
        _ => ("待归集", "info"),
    };
    Sent { word, tone, when: minute(line.times.1.unwrap_or(line.times.0)), line }
}

/// Which file the address names.
fn place(visit: &Visit) -> Result<(String, i64, usize), Problem> {
    let number = |name: &str| visit.param(name).parse::<u32>().map_err(|_| problems::no_route(&visit.path));
    Ok((visit.param("id").to_owned(), number("version")?.into(), number("part")? as usize))
}

async fn face(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, "certificate.read")?, actor(&visit)?, visit.now);
    let (id, version, part) = place(&visit)?;
    let picture = app
        .work(move |app| {
            let asked = (id.as_str(), version, part);
            let file = app.province.certificate_file(asked, false, (&within, &actor), now)?;
            file.map(|file| app.faces.picture(&file.bytes, DPI)).transpose()
        })
        .await?;
    let picture = picture.ok_or_else(nothing)?;
    Ok(Reply::bytes("image/png", picture).header("Cache-Control", "no-store"))
}

async fn file(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (within, actor, now) = (within(&visit, "certificate.read")?, actor(&visit)?, visit.now);
    let (id, version, part) = place(&visit)?;
    let file = app
        .work(move |app| {
            let asked = (id.as_str(), version, part);
            app.province.certificate_file(asked, true, (&within, &actor), now)
        })
        .await?
        .ok_or_else(nothing)?;
    let name = encode(&format!("{}-{}.ofd", file.identifier, file.part));
    Ok(Reply::bytes("application/ofd", file.bytes)
        .header("Content-Disposition", format!("attachment; filename*=UTF-8''{name}"))
        .header("Cache-Control", "no-store"))
}
