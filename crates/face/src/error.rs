/// Why a face cannot be prepared. Messages are for whoever edits a template or runs the program.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// Template or font list does not parse.
    #[error("模板数据“{file}”无法读取：{cause}；请按 docs/templates.md 的格式改正")]
    Syntax {
        /// File name.
        file: String,
        /// Parser's words.
        cause: String,
    },
    /// Template says something impossible.
    #[error("模板“{template}”中的“{item}”有误：{what}")]
    Content {
        /// Template id.
        template: String,
        /// Item or label.
        item: String,
        /// What is wrong.
        what: String,
    },
    /// No template of that name.
    #[error("没有名为“{0}”的模板；请检查目录数据中 part.template 的写法")]
    NoTemplate(String),
    /// A font of a role was not handed in.
    #[error(
        "模板用到的字体“{0}”没有找到；请安装 fonts-noto-cjk 和 fonts-lxgw-wenkai，或在 fonts.toml 中写明路径"
    )]
    NoFont(String),
    /// A font file cannot be used.
    #[error(transparent)]
    Font(#[from] font::FontError),
    /// A package entry cannot be made.
    #[error("无法生成文件内的“{0}”")]
    Entry(String),
}

/// What keeps a record from its place on the face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text does not fit its box at the smallest size.
    Overflow {
        /// Item path.
        item: String,
        /// What is too long.
        text: String,
        /// How many characters fit, about.
        fits: usize,
    },
    /// Characters without a glyph.
    Glyph {
        /// Item path.
        item: String,
        /// The characters.
        missing: Vec<char>,
    },
}
