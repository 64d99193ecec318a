/// Why a package could not be sealed, or a seal or signature could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The DER is not that of GB/T 38540.
    #[error("{0}")]
    Encoding(#[from] gm::GmError),
    /// A structure of another version.
    #[error("印章数据为第 {0} 版格式，本系统只读写 GB/T 38540 第 4 版")]
    Version(u64),
    /// A structure that parses but breaks the standard.
    #[error("印章数据不合规：{0}")]
    Content(&'static str),
    /// The package cannot be written.
    #[error("{0}")]
    Package(#[from] ofd::ZipError),
    /// The key of the seal is not the key of the signer's certificate.
    #[error("签名密钥与签章人证书不是一对；请检查密钥目录")]
    KeyMismatch,
    /// The timestamp service did not give a token.
    #[error("时间戳服务没有返回时间戳：{0}")]
    Timestamp(String),
}
