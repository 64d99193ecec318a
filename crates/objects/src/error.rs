//! Everything that can go wrong here, in the words a user reads.

use std::io;

/// Error of this crate. The text names the item, the rule and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// A file operation failed.
    #[error("文件库“{item}”读写失败：{cause}。请检查磁盘与目录权限后重试。")]
    Io {
        /// File or folder.
        item: String,
        /// What the operating system said.
        cause: io::Error,
    },
    /// No room on the disk; what was half written has been cut off again.
    #[error("文件库“{item}”所在磁盘已满：本批文件均未存入，已存文件不受影响。请清理或扩容磁盘后重试。")]
    DiskFull {
        /// The file that could not grow.
        item: String,
    },
    /// Another process has the store open.
    #[error("文件库正被另一进程使用：同一目录同时只能由一个节点写入。请先停止该进程，再启动本节点。")]
    Locked,
    /// The content does not hash to the name.
    #[error("对象 {sm3} 的内容与名称不符：名称应为内容的 SM3。请重新生成该文件。")]
    NotNamed {
        /// The name given.
        sm3: String,
    },
    /// What stands in the place is not the object.
    #[error("对象 {sm3} 在 {place} 处已损坏：{reason}。请用备份或重新制作的原文件修复（repair）。")]
    Damaged {
        /// Name of the object asked for.
        sm3: String,
        /// Where it should be.
        place: String,
        /// What is wrong, in Chinese.
        reason: String,
    },
    /// The store holds nothing there.
    #[error("{place} 处没有对象 {sm3}。请核对登记的存放位置，或从备份恢复文件库。")]
    Missing {
        /// Name of the object asked for.
        sm3: String,
        /// Where it should be.
        place: String,
    },
    /// The keys given do not hold the one an object was encrypted with.
    #[error("文件库缺少编号为 {id} 的密钥，无法解密。请在密钥配置中补上该密钥。")]
    NoKey {
        /// Number of the key.
        id: u32,
    },
    /// A pack ends before the end that the database knows as acknowledged.
    #[error(
        "文件库的卷 {pack} 只到 {found} 字节，而数据库登记的文件存至 {acknowledged} 字节：卷被截短或数据库与文件库不是同一时刻的备份。请从备份恢复该卷，不要继续使用。"
    )]
    Shorter {
        /// Number of the pack.
        pack: u32,
        /// Its length in bytes.
        found: u64,
        /// End of the last acknowledged record in bytes.
        acknowledged: u64,
    },
    /// A pack that must exist is not in the folder.
    #[error("文件库缺少卷 {pack}：卷号应从 1 起连续。请从备份恢复该卷。")]
    NoPack {
        /// Number of the missing pack.
        pack: u32,
    },
    /// A pack of a format that this program does not know.
    #[error("文件库的卷 {pack} 由其他版本的程序写成，本程序只认识格式 LZPACK1。请使用写入该卷的程序版本。")]
    Version {
        /// Number of the pack.
        pack: u32,
    },
    /// A text is not a place.
    #[error("“{text}”不是存放位置：应形如 p3:1048576:108000 或 s3:加 64 位十六进制摘要。请核对登记内容。")]
    Place {
        /// The text given.
        text: String,
    },
    /// More than a pack can address.
    #[error("一个对象或一批对象共 {len} 字节，超过 {limit} 字节的上限。请分批存入。")]
    TooLarge {
        /// Bytes given.
        len: u64,
        /// Most that is possible.
        limit: u64,
    },
    /// An object cannot be written again in the place given.
    #[error("不能在 {place} 处修复：{reason}。请核对存放位置与对象。")]
    Repair {
        /// The place given.
        place: String,
        /// Why, in Chinese.
        reason: &'static str,
    },
    /// The configuration of the store is not usable.
    #[error("文件库配置有误：{rule}。请修改配置。")]
    Configuration {
        /// The rule that was broken, in Chinese.
        rule: String,
    },
    /// The object storage answered with an error, or not at all.
    #[error("对象存储操作失败（{item}）：{cause}。请检查地址、存储桶、访问密钥与网络后重试。")]
    Remote {
        /// What was tried, on what.
        item: String,
        /// What the other side said.
        cause: String,
    },
}

impl ObjectError {
    /// Wraps an error of a file operation; a full disk or quota is told apart.
    pub(crate) fn io(item: &str, cause: io::Error) -> Self {
        let item = item.to_owned();
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { item },
            _ => Self::Io { item, cause },
        }
    }
}
