use std::io;

/// Why a record file, or a line of it, could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file as a whole: nothing more can be read from it.
    #[error("记录文件无法读取：{what}；{fix}")]
    File {
        /// What is wrong.
        what: String,
        /// How to mend it.
        fix: String,
    },
    /// One line or row; the others are read.
    #[error("第 {line} 行{}：{what}；{fix}", in_column(.column))]
    Line {
        /// Line or row, 1 is the first.
        line: usize,
        /// Header of the column, where one cell is to blame.
        column: Option<String>,
        /// What is wrong.
        what: String,
        /// How to mend it.
        fix: String,
    },
    /// The reader failed; nothing more can be read.
    #[error("读取记录文件时出错：{0}；请检查文件是否还在、磁盘是否正常")]
    Io(#[from] io::Error),
}

impl ReadError {
    pub(crate) fn file(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::File { what: what.into(), fix: fix.into() }
    }

    pub(crate) fn line(line: usize, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Line { line, column: None, what: what.into(), fix: fix.into() }
    }

    /// Do further lines follow after this error?
    pub fn is_line(&self) -> bool {
        matches!(self, Self::Line { .. })
    }
}

fn in_column(column: &Option<String>) -> String {
    column.as_ref().map_or_else(String::new, |header| format!("“{header}”列"))
}

/// Why records or findings could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The writer failed.
    #[error("写入文件时出错：{0}；请检查磁盘空间和权限")]
    Io(#[from] io::Error),
    /// The workbook cannot hold it (more than 1,048,576 rows, a cell over 32,767 characters).
    #[error("无法写成 Excel 文件：{0}；请改用 CSV 或 JSON 行格式")]
    Sheet(#[from] rust_xlsxwriter::XlsxError),
    /// A value that a table has no cell for.
    #[error("记录“{record_id}”的“{item}”无法写成表格：{what}；请改用 JSON 行格式，或先改正记录")]
    NoCell {
        /// The record.
        record_id: String,
        /// Short name of the item.
        item: String,
        /// Why not.
        what: String,
    },
}
