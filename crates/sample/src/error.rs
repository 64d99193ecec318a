use std::io;

/// Why no sample can be made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// Too few or too many records.
    #[error("样例条数 {0} 超出范围；请填 1 至 4000000")]
    Count(usize),
    /// The catalogue lacks a kind.
    #[error("目录中没有当日有效的证照类型“{0}”；请核对目录数据和日期")]
    KindMissing(&'static str),
    /// Nobody in the demonstration province may issue a kind.
    #[error("发证机关名录中没有演示省（99）或试验省（98）可颁发“{0}”的机关；请保留内置名录中的演示机关")]
    AuthorityMissing(String),
    /// The areas of the demonstration province are not there.
    #[error("行政区划表中没有演示省（99）或试验省（98）的区县；请保留内置的演示区划")]
    AreasMissing,
    /// Records could not be put into the format.
    #[error(transparent)]
    Write(#[from] records::WriteError),
    /// The sink failed.
    #[error("写出样例时出错：{0}；请检查磁盘空间和权限")]
    Io(#[from] io::Error),
}
