//! `/holder`: all my certificates, what stands with each, and what to do next.

use askama::Template;
use link::problem::Problem;
use node::deliver::{HeldCertificate, Urgency};

use super::{status_tone, subject, tone, validity};
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/holder", Access::Act("share.own"), |app, visit| Box::pin(show(app, visit)));

/// A certificate as a card.
struct Card {
    id: String,
    tone: &'static str,
    status_tone: &'static str,
    name: String,
    number: String,
    plate: Option<String>,
    status: String,
    validity: String,
    activated: bool,
    showable: bool,
    next: Option<(bool, String)>,
    by: Option<String>,
}

impl Card {
    fn of(one: HeldCertificate) -> Self {
        Self {
            tone: tone(&one),
            status_tone: status_tone(&one),
            validity: validity(&one),
            number: one.certificate_no.unwrap_or_default(),
            next: one.next.into_iter().next().map(|step| (step.urgency != Urgency::Info, step.text)),
            by: one.grant.map(|grant| grant.by),
            id: one.id,
            name: one.kind_name,
            plate: one.plate,
            status: one.status,
            activated: one.activated,
            showable: one.showable,
        }
    }

    fn fits(&self, wanted: &str) -> bool {
        let fold = |text: &str| text.to_uppercase();
        let wanted = fold(wanted);
        let texts = [Some(&self.name), Some(&self.number), self.plate.as_ref()];
        texts.into_iter().flatten().any(|text| fold(text).contains(&wanted))
    }
}

#[derive(Template)]
#[template(path = "holder/list.html")]
struct List {
    frame: Frame,
    wanted: String,
    total: usize,
    inactive: usize,
    own: Vec<Card>,
    granted: Vec<Card>,
    more: bool,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (subject, now) = (subject(&visit)?, visit.now);
    let all = app.work(move |app| app.province.my_certificates(&subject, now)).await?;
    let wanted = visit.query.get("q").to_owned();
    let cards = |list: Vec<HeldCertificate>| -> Vec<Card> { list.into_iter().map(Card::of).collect() };
    let (mut own, granted) = (cards(all.own), cards(all.granted));
    let (total, inactive) = (own.len(), own.iter().filter(|one| !one.activated).count());
    own.retain(|card| card.fits(&wanted));
    html(&List { frame: visit.frame("我的证照"), wanted, total, inactive, own, granted, more: all.more })
}
