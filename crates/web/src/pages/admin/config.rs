//! `/admin/config`: the configuration in force with where each value comes from, and the data in force with its digests.

use askama::Template;
use link::problem::Problem;
use node::DataPart;

use super::audit::second;
use crate::pages::frame::Frame;
use crate::pages::table::{Cell, Head, Table};
use crate::pages::visit::html;
use crate::pages::{Access, Page, Visit};
use crate::{App, Reply, Setting, problems};

/// The page.
pub static PAGE: Page =
    Page::get("/admin/config", Access::Act("config.read"), |app, visit| Box::pin(show(app, visit)));

const SETTINGS: &[Head] = &[Head::text("名称"), Head::text("值"), Head::text("出处")];
const PARTS: &[Head] =
    &[Head::text("文件"), Head::text("内容"), Head::text("出处"), Head::number("字节"), Head::text("SM3")];

#[derive(Template)]
#[template(path = "admin/config.html")]
struct Config {
    frame: Frame,
    facts: Vec<(&'static str, String)>,
    settings: String,
    parts: String,
    own: usize,
}

async fn show(app: App, visit: Visit) -> Result<Reply, Problem> {
    let installation = app.installation().ok_or_else(problems::internal)?;
    let minutes = (visit.now - installation.started_at).max(0) / 60_000_000;
    let (days, hours) = (minutes / 1440, minutes % 1440 / 60);
    let ran = match days {
        0 => format!("{hours} 小时 {} 分", minutes % 60),
        _ => format!("{days} 天 {hours} 小时"),
    };
    let file = installation.file.as_ref().map(|path| path.display().to_string());
    let facts = vec![
        ("节点", app.province.id.clone()),
        ("程序版本", installation.program.clone()),
        ("启动时间", format!("{}（已运行 {ran}）", second(installation.started_at))),
        (
            "数据库",
            match app.province.store.engine() {
                store::Engine::Sqlite => "内嵌 SQLite".to_owned(),
                store::Engine::Postgres => "PostgreSQL".to_owned(),
            },
        ),
        ("配置文件", file.unwrap_or_else(|| "没有，全部为缺省值和环境变量".into())),
    ];
    let mut settings = Table::new(&visit, "生效配置", SETTINGS, &[]);
    settings.rows = installation.config.iter().map(setting).collect();
    let data = &app.province.data.parts;
    let mut parts = Table::new(&visit, "数据文件", PARTS, &[]);
    parts.rows = data.iter().map(part).collect();
    html(&Config {
        frame: visit.frame("生效配置"),
        facts,
        settings: settings.html()?,
        parts: parts.html()?,
        own: data.iter().filter(|part| part.own).count(),
    })
}

fn setting(one: &Setting) -> Vec<Cell> {
    vec![
        Cell::Code(one.name.clone()),
        Cell::text(one.value.clone()),
        Cell::Badge(if one.origin == "缺省" { "" } else { "info" }, one.origin.to_owned()),
    ]
}

fn part(one: &DataPart) -> Vec<Cell> {
    vec![
        Cell::Code(one.path.clone()),
        Cell::text(what(&one.path)),
        if one.own { Cell::Badge("info", "本省".into()) } else { Cell::Badge("", "随程序".into()) },
        Cell::Number(one.bytes as i64),
        Cell::Code(one.sm3.clone()),
    ]
}

/// What a file holds.
fn what(path: &str) -> &'static str {
    let names = [
        ("areas/", "行政区划"),
        ("authorities.toml", "发证机关"),
        ("calendar/", "节假日"),
        ("codes/", "代码表"),
        ("deliver.toml", "告知文字"),
        ("duty.toml", "示例岗位"),
        ("fonts.toml", "字体"),
        ("glyphs.toml", "补字"),
        ("kinds/", "证照目录"),
        ("lifecycle/", "业务规则"),
        ("number-rules.toml", "证号规则"),
        ("policy-overrides.toml", "政策延期"),
        ("reasons.toml", "核验原因"),
        ("rights.toml", "角色权限"),
        ("rules.toml", "校验规则"),
        ("seal-policy.toml", "签章策略"),
        ("templates/", "证照模板"),
    ];
    names.iter().find(|(beginning, _)| path.starts_with(beginning)).map_or("其他数据", |(_, name)| name)
}
