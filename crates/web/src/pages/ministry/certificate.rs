//! `/ministry/certificate`: a certificate from anywhere: what was collected, and what its issuer says now.

use std::sync::Arc;

use askama::Template;
use link::problem::Problem;
use node::verify::{Question, Sight};

use super::{elsewhere, kind_name};
use crate::api::verify::wider;
use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::officer::panel::Panel;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The page; with `?identifier=` its answer.
pub static PAGE: Page =
    Page::get("/ministry/certificate", Access::Act("ministry.read"), |app, visit| Box::pin(show(app, visit)));

struct Held {
    province: String,
    facts: Vec<(&'static str, String)>,
    age: String,
    receipt: String,
}

#[derive(Template)]
#[template(path = "ministry/certificate.html")]
struct Shown {
    frame: Frame,
    identifier: String,
    wrong: bool,
    asked: bool,
    held: Vec<Held>,
    panels: Vec<String>,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    if let Some(said) = elsewhere(&app, &visit) {
        return said;
    }
    let identifier = visit.query.get("identifier").to_owned();
    let is_one = codes::CertificateId::parse(&identifier).is_ok();
    let (held, panels) = match is_one {
        true => (held(&app, &visit, &identifier).await?, asked(&app, &visit, &identifier).await?),
        false => (Vec::new(), Vec::new()),
    };
    html(&Shown {
        frame: visit.frame("查证照"),
        wrong: !identifier.is_empty() && !is_one,
        asked: is_one,
        identifier,
        held,
        panels,
    })
}

/// What was collected: no face, so nothing personal.
async fn held(app: &App, visit: &Visit, identifier: &str) -> Result<Vec<Held>, Problem> {
    let (own, now) = (identifier.to_owned(), visit.now);
    let (found, names) =
        app.work(move |app| Ok((app.province.province_held(&own)?, app.province.peer_list()?))).await?;
    let name = |id: &str| {
        names.iter().find(|peer| peer.id == id).map_or_else(|| id.to_owned(), |peer| peer.name.clone())
    };
    let one = |one: store::rows::holding::Holding| Held {
        province: name(&one.province),
        age: node::verify::age(now - one.received_at),
        receipt: super::receipts::address(&one.province, &one.certificate_id, one.state_seq),
        facts: vec![
            ("证照类型", kind_name(app, &one.kind)),
            ("状态", one.base),
            ("版本", format!("{:03}（变更序号 {}）", one.version, one.state_seq)),
            ("有效期至", one.last_day.unwrap_or_else(|| "长期".into())),
            ("发证机关", one.issuer),
            ("归集时间", minute(one.received_at)),
        ],
    };
    Ok(found.into_iter().map(one).collect())
}

/// What the issuer says now, or the last that is known: a check like any other, and on record like any other.
async fn asked(app: &App, visit: &Visit, identifier: &str) -> Result<Vec<String>, Problem> {
    let (actor, now) = (visit.live()?.actor(), visit.now);
    let question = Arc::new(Question::Identifier(identifier.to_owned()));
    let (own, sight) = (Arc::clone(&question), Sight::default());
    let found = app.work(move |app| app.province.verify(&own, sight, &actor, now)).await?;
    let (answers, act) = wider(app, &question, (sight, None), found, now).await?;
    app.record(act).await?;
    let panel = |answer| Panel::of(answer, None).render().map_err(|_| problems::internal());
    answers.into_iter().map(panel).collect()
}
