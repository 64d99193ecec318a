//! The holder's pages: all my certificates, activate, show, print, let a driver show, see who looked.

pub mod certificate;
pub mod face;
pub mod file;
pub mod grants;
pub mod list;
pub mod sheet;
pub mod show;
pub mod uses;

use link::problem::Problem;
use node::deliver::{HeldCertificate, HolderSubject, Urgency};
use node::session::Visitor;

use super::{Page, Visit, standing};
use crate::{App, problems};

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &list::PAGE,
    &certificate::PAGE,
    &certificate::ACTIVATE,
    &face::PAGE,
    &file::PAGE,
    &show::PAGE,
    &show::CODES,
    &show::WORKER,
    &sheet::PAGE,
    &sheet::SEND,
    &grants::PAGE,
    &grants::SEND,
    &grants::WITHDRAW,
    &uses::PAGE,
    &uses::REPORT,
];

/// The subject that the sign-in established.
pub(super) fn parse(who: &str) -> Result<HolderSubject, Problem> {
    serde_json::from_str(who).map_err(|_| problems::internal())
}

/// The holder who asks.
fn subject(visit: &Visit) -> Result<HolderSubject, Problem> {
    match &visit.live()?.visitor {
        Visitor::Holder(who) => parse(who),
        Visitor::Operator { .. } => Err(problems::internal()),
    }
}

/// One of the holder's certificates.
async fn one(app: &App, visit: &Visit) -> Result<HeldCertificate, Problem> {
    let (subject, now) = (subject(visit)?, visit.now);
    let id = visit.param("id").to_owned();
    let all = app.work(move |app| app.province.my_certificates(&subject, now)).await?;
    let found = all.own.into_iter().chain(all.granted).find(|one| one.id == id);
    found.ok_or_else(|| {
        Problem::new(404, "NOT_MINE", "没有这件证照")
            .detail("您名下没有这件证照，或授权已经收回")
            .fix("请回到“我的证照”重新选择；证照信息有误请联系发证机关")
    })
}

/// Colour of a certificate's card: what can be used, what needs something, what cannot be used.
fn tone(one: &HeldCertificate) -> &'static str {
    match (one.usable, one.next.first().map(|step| step.urgency)) {
        (false, _) => "bad",
        (true, Some(Urgency::Now | Urgency::Soon)) => "ask",
        (true, _) => "ok",
    }
}

/// Colour of its status alone.
fn status_tone(one: &HeldCertificate) -> &'static str {
    standing::tone(one.usable, &one.status)
}

/// `2026-06-01 至 2032-05-31`.
fn validity(one: &HeldCertificate) -> String {
    match (&one.valid_from, &one.valid_to) {
        (Some(from), Some(to)) => format!("{from} 至 {to}"),
        (None, Some(to)) => format!("至 {to}"),
        _ => "未载明".to_owned(),
    }
}
