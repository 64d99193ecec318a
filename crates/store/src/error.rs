//! What can go wrong between us and the database.

/// An error of the store. Its text is for people; `kind` questions are methods.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The address names no engine that we know.
    #[error("数据库地址“{0}”不能识别；请写 sqlite:路径 或 postgres://用户@主机/库名")]
    Address(String),
    /// The database could not be opened.
    #[error("数据库打不开：{cause}；请核对地址、权限和磁盘，或运行 luzheng doctor")]
    Open {
        /// What the engine said.
        cause: String,
    },
    /// The engine refused or failed a statement.
    #[error("数据库操作失败：{cause}；数据未改动，请稍后重试，或运行 luzheng doctor")]
    Statement {
        /// What the engine said.
        cause: String,
        /// A unique or primary key is already taken.
        duplicate: bool,
        /// Another transaction was in the way: the same again may succeed.
        transient: bool,
    },
    /// A column holds something else than the program expects.
    #[error("数据库第 {column} 列的内容不合规：{cause}；请运行 luzheng doctor")]
    Column {
        /// Its place in the row, from 0.
        column: usize,
        /// What is wrong.
        cause: String,
    },
    /// The transaction was not committed.
    #[error("数据库未能提交：{cause}；数据未改动，请稍后重试")]
    Commit {
        /// What the engine said.
        cause: String,
    },
    /// The database is newer or other than this program.
    #[error("数据库结构与程序不符：{0}；请使用与数据库相配的程序版本，或从备份恢复")]
    Schema(String),
    /// The store is closing.
    #[error("数据库正在关闭；请稍后重试")]
    Closed,
    /// A job of ours panicked; it was rolled back.
    #[error("内部错误：{0}；数据未改动，请报告此问题")]
    Panicked(String),
    /// A stored personal value cannot be opened.
    #[error("加密存储的个人信息不能解开：{0}；请核对数据密钥")]
    Personal(String),
}

impl StoreError {
    /// Was a unique key already taken?
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Statement { duplicate: true, .. })
    }

    /// May the same succeed when tried again?
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Statement { transient: true, .. })
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{ConstraintViolation, DatabaseBusy, DatabaseLocked};
        let code = error.sqlite_error();
        // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID
        let duplicate = code.is_some_and(|code| {
            code.code == ConstraintViolation && matches!(code.extended_code, 1555 | 2067 | 2579)
        });
        let transient = code.is_some_and(|code| matches!(code.code, DatabaseBusy | DatabaseLocked));
        Self::Statement { cause: error.to_string(), duplicate, transient }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        let code = error.code().cloned();
        let transient = code.as_ref().is_some_and(|code| {
            [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED].contains(&code)
        });
        let cause = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
        Self::Statement { cause, duplicate: code == Some(SqlState::UNIQUE_VIOLATION), transient }
    }
}
