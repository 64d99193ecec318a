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
    pub(crate) fn content(file: &str, item: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Content { file: file.into(), item: item.into(), what: what.into(), fix: fix.into() }
    }
}
