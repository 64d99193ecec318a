//! `/admin/keys`: every key of the node, where it is kept, how long it is good, how often it was used.

use askama::Template;
use jiff::civil::Date;
use link::problem::Problem;
use node::keys::{KeyEntry, KeyFolder, Use, Uses};

use crate::pages::account::minute;
use crate::pages::frame::Frame;
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, problems};

/// The page.
pub static PAGE: Page =
    Page::get("/admin/keys", Access::Act("keys.read"), |app, visit| Box::pin(show(app, visit)));

/// Days before the end at which a certificate is warned about.
const WARN: i64 = 30;

struct Line {
    usage: &'static str,
    label: String,
    subject: String,
    id: String,
    custody: &'static str,
    valid: String,
    tone: &'static str,
    standing: String,
    uses: String,
    seals: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "admin/keys.html")]
struct Keys {
    frame: Frame,
    authority: String,
    demo: bool,
    folder: String,
    lines: Vec<Line>,
    warned: usize,
    counted: Option<String>,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let now = visit.now;
    let folder = app.installation().ok_or_else(problems::internal)?.keys.clone();
    let (index, entries, uses) = app
        .work(move |app| {
            let folder = KeyFolder::open(&folder)?;
            Ok((folder.index.clone(), folder.inventory()?, app.province.keys_uses()?))
        })
        .await?;
    let today = lifecycle::day_of(now).date();
    let name = |uscc: &str| authority(&app, uscc, today);
    let lines: Vec<Line> =
        entries.iter().map(|one| line(one, uses.as_ref(), now.div_euclid(1_000_000), name)).collect();
    html(&Keys {
        frame: visit.frame("密钥与印章"),
        authority: format!("{}（{}）", index.authority, index.uscc),
        demo: index.demo,
        folder: app.installation().map(|one| one.keys.display().to_string()).unwrap_or_default(),
        warned: lines.iter().filter(|line| line.tone == "bad" || line.tone == "ask").count(),
        lines,
        counted: uses.map(|uses| minute(uses.at)),
    })
}

fn authority(app: &App, uscc: &str, on: Date) -> String {
    let known = app.province.data.catalogue.authorities.get(uscc, on);
    known.map_or_else(|| uscc.to_owned(), |one| one.name.clone())
}

fn line(one: &KeyEntry, uses: Option<&Uses>, now: i64, name: impl Fn(&str) -> String) -> Line {
    let day = |second: i64| minute(second * 1_000_000)[..10].to_owned();
    let left = one.days_left(now);
    let (tone, standing) = match (one.revoked, left) {
        (Some(at), _) => ("bad", format!("已于 {} 撤销", day(at))),
        (None, ..0) => ("bad", "已过期".to_owned()),
        (None, _) if one.valid.0 > now => ("ask", "未到启用日".to_owned()),
        (None, 0..=WARN) => ("ask", format!("剩 {left} 天")),
        (None, _) if !one.current => ("", "已换下，旧码仍可核验".to_owned()),
        (None, _) => ("ok", format!("剩 {left} 天")),
    };
    let count = uses.and_then(|uses| uses.of(one));
    let uses = match one.usage {
        Use::Node => "不计数".to_owned(),
        Use::Maker | Use::Root => "—".to_owned(),
        Use::Seal | Use::Code | Use::Log => {
            count.map_or_else(|| "尚未统计".into(), |count| count.to_string())
        }
    };
    Line {
        usage: one.usage.name(),
        label: one.label.clone(),
        subject: one.subject.clone(),
        id: one.id.clone(),
        custody: if one.held { "软件密钥" } else { "仅公钥" },
        valid: format!("{} 至 {}", day(one.valid.0), day(one.valid.1)),
        tone,
        standing,
        uses,
        seals: one
            .seals
            .iter()
            .map(|(seal, issuers)| {
                let issuers: Vec<String> = issuers
                    .iter()
                    .map(|uscc| if uscc == "*" { "全部发证机关".into() } else { name(uscc) })
                    .collect();
                (seal.clone(), issuers.join("、"))
            })
            .collect(),
    }
}
