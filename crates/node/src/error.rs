use std::path::{Path, PathBuf};

/// Why a use case could not run. Findings about single records are not errors.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A file or folder cannot be read or written.
    #[error("无法{act}“{}”：{}；请检查路径、权限和磁盘空间", path.display(), cause(source))]
    Io {
        /// 读取, 写入 …
        act: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Catalogue data.
    #[error(transparent)]
    Catalogue(#[from] catalogue::CatalogueError),
    /// Templates or fonts.
    #[error(transparent)]
    Face(#[from] face::FaceError),
    /// Cryptography.
    #[error(transparent)]
    Gm(#[from] gm::GmError),
    /// Seals.
    #[error(transparent)]
    Seal(#[from] seal::SealError),
    /// Trust data.
    #[error(transparent)]
    Trust(#[from] seal::TrustError),
    /// OFD.
    #[error(transparent)]
    Ofd(#[from] ofd::OfdError),
    /// Record files.
    #[error("“{}”：{source}", path.display())]
    Records {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: records::ReadError,
    },
    /// Findings cannot be written.
    #[error(transparent)]
    Write(#[from] records::WriteError),
    /// Offline packs.
    #[error(transparent)]
    Pack(#[from] proof::PackError),
    /// Rows.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The file store.
    #[error(transparent)]
    Objects(#[from] objects::ObjectError),
    /// A log that does not continue what its witness signed: rolled back or rewritten.
    #[error("{what}；{fix}")]
    Forked {
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
    },
    /// Something that the operator asked for cannot be.
    #[error("{what}；{fix}")]
    Refused {
        /// What is wrong.
        what: String,
        /// How to mend it.
        fix: String,
    },
}

impl NodeError {
    pub(crate) fn refused(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Refused { what: what.into(), fix: fix.into() }
    }

    pub(crate) fn io(act: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { act, path, source }
    }
}

/// What the system said, in Chinese where it is one of the usual causes.
pub fn cause(error: &std::io::Error) -> String {
    use std::io::ErrorKind::{
        FileTooLarge, InvalidData, IsADirectory, NotADirectory, NotFound, PermissionDenied, QuotaExceeded,
        ReadOnlyFilesystem, StorageFull,
    };
    let text = match error.kind() {
        NotFound => "文件或目录不存在",
        PermissionDenied => "没有权限",
        IsADirectory => "这是目录，不是文件",
        NotADirectory => "路径中有一段不是目录",
        StorageFull => "磁盘已满",
        QuotaExceeded => "磁盘配额已用完",
        FileTooLarge => "文件超过系统允许的大小",
        ReadOnlyFilesystem => "文件系统是只读的",
        InvalidData => "内容不是 UTF-8 文字",
        _ => return error.to_string(),
    };
    text.to_owned()
}
