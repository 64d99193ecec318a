//! `/holder/uses`: who has checked my certificates, with the receipts; and 纸质证件被要求 (L6.5).

use askama::Template;
use link::problem::Problem;
use node::verify::CheckOfMe;

use super::{one, subject};
use crate::pages::frame::Frame;
use crate::pages::visit::{go, html};
use crate::pages::{Access, FORM, Page, Visit};
use crate::{App, Reply};

/// The page.
pub static PAGE: Page =
    Page::get("/holder/uses", Access::Act("share.own"), |app, visit| Box::pin(show(app, visit)));

/// The report that paper was demanded.
pub static REPORT: Page =
    Page::post("/holder/uses/{id}/paper", Access::Act("share.own"), FORM, |app, visit| {
        Box::pin(report(app, visit))
    });

/// Certificates that are looked at together; a fleet chooses one.
const TOGETHER: usize = 20;
/// Checks of one certificate that are shown.
const MOST: u32 = 50;

struct Use {
    certificate: String,
    name: String,
    at: String,
    unit: String,
    staff_no: String,
    verdict: String,
    tone: &'static str,
    outcome: String,
    offline: bool,
    reported: bool,
    receipt: String,
    svg: String,
}

#[derive(Template)]
#[template(path = "holder/uses.html")]
struct Uses {
    frame: Frame,
    uses: Vec<Use>,
    choice: Vec<(String, String)>,
    fleet: bool,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let (subject, now) = (subject(&visit)?, visit.now);
    let wanted = visit.query.get("certificate").to_owned();
    let (own, found) = app
        .work(move |app| {
            let own = app.province.my_certificates(&subject, now)?.own;
            let fits = own.iter().filter(|one| wanted.is_empty() || one.id == wanted).take(TOGETHER);
            let mut found = Vec::new();
            for one in fits {
                let checks = app.province.checks_of(&one.id, i64::MAX, MOST)?;
                let name = match &one.plate {
                    Some(plate) => format!("{}（{plate}）", one.kind_name),
                    None => one.kind_name.clone(),
                };
                found.extend(checks.into_iter().map(|check| (one.id.clone(), name.clone(), check)));
            }
            Ok((own, found))
        })
        .await?;
    let mut uses: Vec<Use> = found.into_iter().map(line).collect::<Result<_, _>>()?;
    uses.sort_by(|a, b| b.at.cmp(&a.at));
    let fleet = own.len() > TOGETHER;
    let label = |one: node::deliver::HeldCertificate| {
        let text = format!("{} {}", one.kind_name, one.plate.or(one.certificate_no).unwrap_or_default());
        (one.id, text)
    };
    let choice = if fleet { own.into_iter().map(label).collect() } else { Vec::new() };
    html(&Uses { frame: visit.frame("谁查过我的证"), uses, choice, fleet })
}

fn line((certificate, name, check): (String, String, CheckOfMe)) -> Result<Use, Problem> {
    Ok(Use {
        certificate,
        name,
        at: check.checked_at.replace('T', " ").chars().take(16).collect(),
        unit: check.unit,
        staff_no: check.staff_no,
        tone: match check.verdict.as_str() {
            "有效" => "ok",
            "无效" => "bad",
            _ => "ask",
        },
        verdict: check.verdict,
        outcome: check.outcome,
        offline: check.offline,
        reported: check.paper_demanded,
        receipt: check.receipt,
        svg: crate::symbol::svg(&check.text)?,
    })
}

async fn report(app: App, visit: Visit) -> Result<Reply, Problem> {
    // Only whoever holds it may complain in its name.
    let held = one(&app, &visit).await?;
    let (actor, now) = (subject(&visit)?.actor(), visit.now);
    let receipt = visit.form.need("receipt", "核验回执")?.to_owned();
    let note = visit.form.get("note").to_owned();
    app.work(move |app| app.province.paper_demanded(&held.id, &receipt, Some(&note), &actor, now)).await?;
    Ok(go("/holder/uses?done=reported"))
}
