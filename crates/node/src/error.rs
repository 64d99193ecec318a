use std::path::{Path, PathBuf};

/// Why a use case could not run. Findings about single records are not errors.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A file or folder cannot be read or written.
    #[error("无法{act}“{}”：{source}；请检查路径、权限和磁盘空间", path.display())]
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
