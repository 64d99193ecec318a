//! Errors of the file interface and of field maps.

use std::io;
use std::path::PathBuf;

/// Why a folder or a batch could not be worked on. The batch stays where it is and is taken up again.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk or the share fails.
    #[error("{act}“{}”失败：{source}；请检查目录权限、磁盘空间和网络共享", .path.display())]
    Io {
        /// What was tried, in Chinese.
        act: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is larger than the caller takes.
    #[error("文件“{name}”超过 {limit} 字节的上限；请拆成较小的批次，以新的批次名重新投放")]
    TooLarge {
        /// The file.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A batch name that cannot be used.
    #[error("批次名“{name}”不可用：{rule}；请换一个批次名")]
    Name {
        /// The name.
        name: String,
        /// The rule it breaks, in Chinese.
        rule: &'static str,
    },
    /// A line to be dropped holds a line break, or is empty.
    #[error("批次“{batch}”第 {line} 行不能写入：{rule}；每条记录须为一行非空的 JSON")]
    Line {
        /// The batch.
        batch: String,
        /// Line, 1 is the first.
        line: usize,
        /// The rule it breaks, in Chinese.
        rule: &'static str,
    },
    /// Another batch went under this name before.
    #[error("批次名“{name}”已被内容不同的批次用过；批次名不得重复；请换一个批次名")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A receipt that is damaged or does not fit what was sent.
    #[error("批次“{batch}”的回执不可信：{rule}；请接收方重新生成回执")]
    Receipt {
        /// The batch.
        batch: String,
        /// What is wrong, in Chinese.
        rule: String,
    },
    /// The records could not be taken in now; nothing is wrong with the batch.
    #[error("批次“{batch}”第 {line} 行起暂时无法受理：{source}；批次原样保留，下次自动重试")]
    Intake {
        /// The batch.
        batch: String,
        /// First line of the group that failed.
        line: usize,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why a field map or an object to be mapped is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// The file is not TOML of the expected form.
    #[error("字段对照表无法读取：{0}；请按 docs/file-interface.md 修改")]
    File(String),
    /// An entry contradicts another, or could not be turned back.
    #[error("字段对照表的“{field}”不合规：{rule}；请修改对照表")]
    Entry {
        /// Field of ours or theirs.
        field: String,
        /// The rule, in Chinese.
        rule: &'static str,
    },
    /// A field that the map does not know: it would be lost.
    #[error("字段“{field}”不在对照表中，会丢失；请在对照表中加入该字段，或列入 omit")]
    Unknown {
        /// The field, with dots.
        field: String,
    },
    /// A field that must be there is not.
    #[error("缺少字段“{field}”；对照表标明必填；请补全该项")]
    Required {
        /// The field, with dots.
        field: String,
    },
    /// A value without a code.
    #[error("字段“{field}”的值 {value} 没有对应的代码；请改正该值，或在对照表 codes 中补充")]
    Code {
        /// The field, with dots.
        field: String,
        /// The value as JSON.
        value: String,
    },
    /// A constant of theirs has another value.
    #[error("字段“{field}”应为固定值 {expected}，实为 {found}；请核对接口版本")]
    Constant {
        /// The field, with dots.
        field: String,
        /// Value of the map, as JSON.
        expected: String,
        /// Value found, as JSON.
        found: String,
    },
}
