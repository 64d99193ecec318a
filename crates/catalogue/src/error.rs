/// Why catalogue data cannot be used. Every message names the file and the fix.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The TOML text does not parse, or a field is unknown, missing or of another type.
    #[error("目录数据文件“{file}”无法读取：{cause}；请按 data/README.md 的格式改正")]
    Syntax {
        /// File name.
        file: String,
        /// What the parser said.
        cause: String,
    },
    /// The text parses but says something impossible.
    #[error("目录数据文件“{file}”中的“{item}”有误：{what}；{fix}")]
    Content {
        /// File name.
        file: String,
        /// The item.
        item: String,
        /// What is wrong.
        what: String,
        /// How to mend it.
        fix: String,
    },
}

impl CatalogueError {
    /// The parser's English says which field; the line and the usual slips are said in Chinese.
    pub(crate) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map(|before| before.matches('\n').count() + 1);
        let place = line.map_or_else(String::new, |line| format!("第 {line} 行"));
        Self::Syntax { file: file.into(), cause: format!("{place}{}", in_chinese(error.message())) }
    }

    pub(crate) fn content(file: &str, item: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Content { file: file.into(), item: item.into(), what: what.into(), fix: fix.into() }
    }
}

fn in_chinese(message: &str) -> String {
    let field = |rest: &str| rest.split('`').nth(1).unwrap_or_default().to_owned();
    if let Some(rest) = message.strip_prefix("unknown field") {
        let known: Vec<&str> = rest.split('`').skip(3).step_by(2).collect();
        return format!("没有名为“{}”的字段，可用的有 {}", field(rest), known.join("、"));
    }
    if let Some(rest) = message.strip_prefix("unknown variant") {
        let known: Vec<&str> = rest.split('`').skip(3).step_by(2).collect();
        return format!("不认识“{}”，可用的有 {}", field(rest), known.join("、"));
    }
    if let Some(rest) = message.strip_prefix("missing field") {
        return format!("缺少字段“{}”", field(rest));
    }
    if message.starts_with("duplicate key") {
        return "同一字段写了两次".to_owned();
    }
    if message.starts_with("invalid type") {
        return format!("值的类型不对（{message}）");
    }
    format!("不是合规的 TOML（{message}）")
}
