//! `/supervisor/outages`: what was down and when, what that held back, and how much of its deadline is left.

pub mod list;
pub mod one;

use node::outage::OutageClock;
use store::rows::outage::Record;

/// Which way was down.
fn leg(record: &Record) -> &'static str {
    if record.leg == "in" { "业务系统报送" } else { "归集去向" }
}

/// Who noticed it.
fn kind(record: &Record) -> &'static str {
    match record.kind.as_str() {
        "planned" => "计划停机",
        "manual" => "人工登记",
        _ => "自动发现",
    }
}

/// Tone and word of its state.
fn state(clock: &OutageClock, now: i64) -> (&'static str, &'static str) {
    match clock.shown.record.state.as_str() {
        "open" if clock.shown.record.started_at > now => ("info", "已预告"),
        "open" => ("bad", "中断中"),
        "ended" if clock.late.is_some() => ("bad", "补报超期"),
        "ended" => ("ask", "补报中"),
        _ => ("ok", "已办结"),
    }
}
