//! `/supervisor/convert`: paper stock on its way to electronic certificates: waves, progress, what each city must supplement.

pub mod run;
pub mod runs;
pub mod wanting;

use crate::pages::table::encode;

/// Tone and word of a run's state.
fn state(slug: &str) -> (&'static str, &'static str) {
    match slug {
        "planning" => ("info", "正在导入"),
        "planned" => ("ask", "待开始"),
        "running" => ("info", "进行中"),
        "stopped" => ("ask", "已停下"),
        _ => ("ok", "已完成"),
    }
}

fn address(page: &str, name: &str) -> String {
    format!("/supervisor/convert/{page}?name={}", encode(name))
}

/// 7305 → 73.05%.
fn percent(share: i64) -> String {
    format!("{}.{:02}%", share / 100, share % 100)
}
