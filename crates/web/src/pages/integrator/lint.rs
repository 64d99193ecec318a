//! `/integrator/sandbox/lint`: a record looked at as before sealing, its findings beside each item; nothing is stored.

use askama::Template;
use link::problem::Problem;
use model::{Finding, Record, Severity};

use super::TRY;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Method, Reply, json};

/// The form.
pub static PAGE: Page = Page::get("/integrator/sandbox/lint", Access::Act(TRY), |_, visit| {
    Box::pin(async move { html(&empty(&visit)) })
});

/// What it is sent to.
pub static SEND: Page = Page {
    method: Method::Post,
    path: "/integrator/sandbox/lint",
    access: Access::Act(TRY),
    // A record without its photo, percent-encoded.
    body_limit: 256 * 1024,
    handler: |app, visit| Box::pin(lint(app, visit)),
};

/// A record that lacks most of its face.
const SAMPLE: &str = r#"{
  "record_id": "R-1",
  "source": "演示运政",
  "kind": "道路运输经营许可证",
  "authority_uscc": "11990000MB0000000J",
  "area": "990000",
  "decision": { "no": "演示决〔2026〕1号", "date": "2026-06-01" },
  "face": { "CZZT": "演示运输有限公司" }
}"#;

/// An item of the record with what is wrong with it.
struct Line {
    item: String,
    name: String,
    value: String,
    findings: Vec<Finding>,
}

impl Line {
    fn bad(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

#[derive(Template)]
#[template(path = "integrator/lint.html")]
struct Shown {
    frame: Frame,
    record: String,
    wrong: Option<String>,
    lines: Option<Vec<Line>>,
    errors: usize,
    hints: usize,
}

fn empty(visit: &Visit) -> Shown {
    let typed = visit.form.raw("record");
    Shown {
        frame: visit.frame("试校验记录"),
        record: if typed.is_empty() { SAMPLE.to_owned() } else { typed.to_owned() },
        wrong: None,
        lines: None,
        errors: 0,
        hints: 0,
    }
}

async fn lint(app: App, visit: Visit) -> Result<Reply, Problem> {
    let page = empty(&visit);
    let refused = |why: String, status: u16| -> Result<Reply, Problem> {
        Ok(html(&Shown { wrong: Some(why), ..empty(&visit) })?.status(status))
    };
    let record: Record = match json::read(visit.form.raw("record").as_bytes()) {
        Ok(record) => record,
        Err(misread) => return refused(format!("{}：{}", misread.place, misread.what), 422),
    };
    let kind = app.province.data.catalogue.kind(record.kind.trim(), lifecycle::day_of(visit.now).date());
    let slug = kind.map_or_else(|| record.kind.clone(), |kind| kind.slug.clone());
    if !visit.live()?.may_kind(TRY, &record.area, &slug) {
        let why = format!("行政区划“{}”或种类“{}”不在您的范围内", record.area, record.kind);
        return refused(why, 422);
    }
    let (now, face) = (visit.now, record.clone());
    let findings = app.work(move |app| Ok(app.province.lint(record, None, now))).await?;
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let hints = findings.len() - errors;
    html(&Shown { lines: Some(lines(&face, findings)), errors, hints, ..page })
}

/// The items that have findings, in the order of the findings, and then those that are fine.
fn lines(record: &Record, findings: Vec<Finding>) -> Vec<Line> {
    let value = |item: &str| record.face.text(item).unwrap_or_default().to_owned();
    let mut lines: Vec<Line> = Vec::new();
    for finding in findings {
        match lines.iter_mut().find(|line| line.item == finding.item) {
            Some(line) => line.findings.push(finding),
            None => lines.push(Line {
                item: finding.item.clone(),
                name: finding.item_name.clone(),
                value: value(&finding.item),
                findings: vec![finding],
            }),
        }
    }
    for (item, _) in record.face.iter() {
        if lines.iter().all(|line| line.item != *item) {
            let (item, value) = (item.to_string(), value(item));
            lines.push(Line { name: item.clone(), item, value, findings: Vec::new() });
        }
    }
    lines
}
