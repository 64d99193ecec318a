//! `/holder/certificate/{id}`: one certificate: its face, how it stands, what to do next, activation.

use askama::Template;
use link::problem::Problem;
use node::deliver::{HeldCertificate, Urgency};
use node::share::{OwnPast, PastLine};

use super::{one, status_tone, subject, validity};
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::officer::panel::{Allows, allows};
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/holder/certificate/{id}", Access::Act("share.own"), |app, visit| Box::pin(show(app, visit)));

/// 激活.
pub static ACTIVATE: Page =
    Page::post("/holder/certificate/{id}/activate", Access::Act("deliver.activate"), FORM, |app, visit| {
        Box::pin(activate(app, visit))
    });

#[derive(Template)]
#[template(path = "holder/certificate.html")]
struct CertificatePage {
    frame: Frame,
    id: String,
    name: String,
    status: String,
    tone: &'static str,
    facts: Vec<(&'static str, String)>,
    next: Vec<(bool, String)>,
    parts: Vec<String>,
    stages: Vec<(&'static str, Option<String>)>,
    activated: bool,
    showable: bool,
    own: bool,
    vehicle: bool,
    causes: Vec<(String, String)>,
    allows: Vec<Allows>,
    past: Vec<PastLine>,
    files: Vec<(usize, String)>,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let one = one(&app, &visit).await?;
    // A driver with a grant shows it, and learns nothing of its past.
    let own = match &one.grant {
        None => {
            let (subject, now, id) = (subject(&visit)?, visit.now, one.id.clone());
            app.work(move |app| app.province.share_past(&subject, &id, now)).await?
        }
        Some(_) => OwnPast::default(),
    };
    let last = |event: &str| {
        let line = own.past.iter().find(|line| line.event == event)?;
        Some([line.on.as_str(), line.result.as_str()].join("　").trim().to_owned())
    };
    let some = |name, value: Option<String>| value.map(|value| (name, value));
    let facts = [
        some("证照编号", one.certificate_no.clone()),
        some("车牌", one.plate.clone()),
        some("有效期", Some(validity(&one))),
        some("年审有效期至", one.annual_due.clone()),
        some("最近年度审验", last("年度审验")),
        some("最近诚信考核", last("诚信考核")),
        some("发证机关", Some(one.authority.clone())),
        some("证照标识", one.identifier.clone()),
        one.grant.as_ref().map(|grant| ("授权人", format!("{}，至 {}", grant.by, minute(grant.until)))),
    ];
    html(&CertificatePage {
        frame: visit.frame(&one.kind_name),
        tone: status_tone(&one),
        facts: facts.into_iter().flatten().collect(),
        causes: own.causes.iter().map(|cause| (cause.name.clone(), cause.line())).collect(),
        allows: own.allows.into_iter().map(allows).collect(),
        past: own.past,
        files: files(&one),
        stages: stages(&one),
        own: one.grant.is_none(),
        vehicle: one.plate.is_some(),
        next: one.next.into_iter().map(|step| (step.urgency != Urgency::Info, step.text)).collect(),
        parts: one.face.map(|face| face.parts).unwrap_or_default(),
        id: one.id,
        name: one.kind_name,
        status: one.status,
        activated: one.activated,
        showable: one.showable,
    })
}

/// The sealed files that the holder may keep: of what is the holder's own, and activated.
fn files(one: &HeldCertificate) -> Vec<(usize, String)> {
    let parts = one.face.as_ref().filter(|_| one.grant.is_none() && one.activated);
    parts.map_or(Vec::new(), |face| face.parts.iter().cloned().enumerate().collect())
}

/// 制作 → 告知 → 送达 → 激活, with times.
fn stages(one: &HeldCertificate) -> Vec<(&'static str, Option<String>)> {
    let Some(record) = &one.delivery else { return Vec::new() };
    let when = |stage: &Option<node::deliver::Stage>| {
        stage.as_ref().map(|stage| format!("{}　{}", minute(stage.at), channel(&stage.channel)))
    };
    vec![
        ("制作", Some(minute(record.made_at))),
        ("告知", when(&record.told)),
        ("送达", when(&record.received)),
        ("激活", when(&record.activated)),
    ]
}

/// A channel of delivery in Chinese.
pub(in crate::pages) fn channel(code: &str) -> String {
    let name = match code {
        "sms" => "短信",
        "file" => "短信（演示）",
        "web" => "网页",
        "window" => "窗口",
        "mini-program" => "部级小程序",
        "carried" => "沿用前一版本",
        other => other,
    };
    name.to_owned()
}

async fn activate(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (subject, now) = (subject(&visit)?, visit.now);
    let id = visit.param("id").to_owned();
    let wanted = [id.clone()];
    let done = app.work(move |app| app.province.deliver_activate(&subject, &wanted, now)).await?;
    match done.into_iter().next() {
        Some(one) if one.at.is_some() => Ok(go(format!("/holder/certificate/{id}?done=activated"))),
        answer => {
            let why = answer.and_then(|one| one.why).map(|why| (why.what, why.fix));
            let (what, fix) = why.unwrap_or(("没有这件证照".into(), "请回到“我的证照”重新选择".into()));
            Err(Problem::new(409, "NOT_ACTIVATED", "没有激活").detail(what).fix(fix))
        }
    }
}
