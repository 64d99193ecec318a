//! Why rule data cannot be used.

/// Every message names the file and the fix.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// The TOML text does not parse, or a field is unknown, missing or of another type.
    #[error(
        "证照状态规则“{file}”无法读取（{place}）：{cause}；请按 data/lifecycle/common.toml 开头的说明改正"
    )]
    Syntax {
        /// Slug of the file, or its position among the overlays.
        file: String,
        /// The line.
        place: String,
        /// What the parser said.
        cause: String,
    },
    /// The text parses but says something impossible.
    #[error("证照状态规则“{file}”中的“{item}”有误：{what}；{fix}")]
    Content {
        /// Slug of the file.
        file: String,
        /// The item.
        item: String,
        /// What is wrong.
        what: String,
        /// How to mend it.
        fix: String,
    },
}
