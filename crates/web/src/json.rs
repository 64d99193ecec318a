//! JSON bodies: what is wrong, and where, in Chinese.

use link::problem::Problem;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// What is wrong with a JSON text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misread {
    /// Path of the member (`record.face`), or line and column.
    pub place: String,
    /// In Chinese, without an end to the sentence.
    pub what: String,
}

impl Misread {
    /// As a refusal of the whole request.
    pub fn problem(&self) -> Problem {
        Problem::new(400, "JSON_FORMAT", "请求体不合规")
            .item(self.place.clone())
            .detail(self.what.clone())
            .rule("请求体须为接口文档（/docs）所列结构的 JSON（UTF-8）")
            .fix(Self::FIX)
    }

    /// How to mend it.
    pub const FIX: &'static str = "请按接口文档（/docs）修改后重新发送";
}

/// Reads a JSON text.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Misread> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        misread(error.inner(), &path)
    })?;
    reader.end().map_err(|error| misread(&error, "."))?;
    Ok(value)
}

pub(crate) fn misread(error: &serde_json::Error, path: &str) -> Misread {
    let position = format!("第 {} 行第 {} 列", error.line(), error.column());
    match error.classify() {
        Category::Data => {
            let place = if path == "." { position } else { path.to_owned() };
            Misread { place, what: chinese(&error.to_string()) }
        }
        Category::Eof => Misread { place: position, what: "JSON 没有写完".to_owned() },
        Category::Syntax | Category::Io => {
            Misread { place: position, what: "此处不是合规的 JSON".to_owned() }
        }
    }
}

/// The few sentences that serde has, in Chinese.
fn chinese(text: &str) -> String {
    // "unknown field `x`, expected one of `a`, `b` at line 1 column 2"
    let text = text.rsplit_once(" at line ").map_or(text, |(text, _)| text);
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    if text.starts_with("unknown field") {
        return format!("不认识的字段“{}”", quoted(text));
    }
    if text.starts_with("missing field") {
        return format!("缺少字段“{}”", quoted(text));
    }
    if text.starts_with("duplicate field") {
        return format!("字段“{}”出现两次", quoted(text));
    }
    if text.starts_with("unknown variant") {
        return format!("不认识的取值“{}”", quoted(text));
    }
    let kind = |text: &str| {
        let known = [
            ("string", "文本"),
            ("map", "对象"),
            ("sequence", "数组"),
            ("integer", "整数"),
            ("floating point", "小数"),
            ("boolean", "真假值"),
            ("null", "空值"),
        ];
        known.iter().find(|(word, _)| text.starts_with(word)).map_or("其他类型", |(_, name)| *name)
    };
    match text.split_once("invalid type: ").or_else(|| text.split_once("invalid value: ")) {
        Some((_, rest)) => format!("类型或取值不对：此处不能是{}", kind(rest)),
        None => "内容不符合要求".to_owned(),
    }
}
