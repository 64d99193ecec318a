//! One line of a batch as a business event.

use link::files::{FieldMap, Line, LineResult, Outcome};
use link::problem::Problem;
use serde_json::{Map, Value};

use crate::lifecycle::BusinessEvent;

/// Reads a line; what is wrong with it as its outcome.
pub(super) fn read(
    line: &Line<'_>,
    map: Option<&FieldMap>,
    client: &str,
) -> Result<BusinessEvent, Box<Outcome>> {
    let event = match map {
        None => serde_json::from_str::<BusinessEvent>(line.text).map_err(|error| shape(line.text, &error)),
        Some(map) => mapped(line.text, map),
    };
    let mut event = event.map_err(|problem| refused(None, *problem))?;
    let id = Some(event.event_id.clone()).filter(|id| !id.is_empty());
    if event.source.is_empty() {
        client.clone_into(&mut event.source);
    } else if event.source != client {
        let problem = Problem::new(403, "EVENT_SOURCE", "不能代其他系统提交事件")
            .item("source")
            .detail(format!("本目录的发送方是“{client}”，这一行写的是“{}”", event.source))
            .fix("请去掉 source，或在该系统自己的投放目录提交");
        return Err(refused(id, problem));
    }
    Ok(event)
}

fn mapped(text: &str, map: &FieldMap) -> Result<BusinessEvent, Box<Problem>> {
    let theirs: Map<String, Value> = serde_json::from_str(text).map_err(|error| shape(text, &error))?;
    let ours = map.to_ours(&theirs).map_err(|error| {
        let problem = Problem::new(422, "EVENT_MAP", "字段与对照表不符").detail(error.to_string());
        let rule = format!("字段对照表“{}”", map.name());
        Box::new(problem.rule(rule).fix("请按对照表改正该行，或请管理员修改对照表"))
    })?;
    // A value that was built has no places in a text.
    serde_json::from_value(Value::Object(ours)).map_err(|error| shape("", &error))
}

fn refused(id: Option<String>, problem: Problem) -> Box<Outcome> {
    Box::new(Outcome { result: LineResult::Refused, id, data: Map::new(), problem: Some(problem) })
}

/// The parser speaks English: what it says is told in Chinese, with its place in characters.
fn shape(text: &str, error: &serde_json::Error) -> Box<Problem> {
    let before = text.as_bytes().get(..error.column()).unwrap_or(text.as_bytes());
    let place = match text {
        "" => String::new(),
        _ => format!("（第 {} 个字符附近）", String::from_utf8_lossy(before).chars().count()),
    };
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
    let named = message.split('`').nth(1).unwrap_or_default();
    let what = match error.classify() {
        serde_json::error::Category::Eof => "内容不完整，后面的部分缺失".to_owned(),
        serde_json::error::Category::Data if message.starts_with("unknown field") => {
            format!("没有名为“{named}”的字段")
        }
        serde_json::error::Category::Data if message.starts_with("missing field") => {
            format!("缺少字段“{named}”")
        }
        serde_json::error::Category::Data if message.starts_with("duplicate field") => {
            format!("字段“{named}”写了两遍")
        }
        serde_json::error::Category::Data if message.is_ascii() => "字段的值不是所要的类型".to_owned(),
        serde_json::error::Category::Data => message.to_owned(),
        _ => "不是合规的 JSON".to_owned(),
    };
    let problem = Problem::new(422, "EVENT_FORMAT", "这一行不是业务事件").detail(format!("{what}{place}"));
    let problem = problem.rule("每行一个 JSON 对象，字段见接口文档的业务事件");
    Box::new(problem.fix("请改正该行后，以新的批次名重新投放"))
}
