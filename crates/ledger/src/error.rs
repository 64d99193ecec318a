//! Everything that can go wrong here, in the words a user reads.

use gm::GmError;

/// Error of this crate. The text names the item, the rule and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The store lacks a node of the tree that must be there.
    #[error("审计日志存储缺少第 {level} 层第 {index} 号树节点；请从备份恢复，或由各条目重建审计树。")]
    MissingNode {
        /// Height above the leaves.
        level: u8,
        /// Number within the level.
        index: u64,
    },
    /// The store lacks a page of the map that must be there.
    #[error("审计日志存储缺少最新条目映射的页“{page}”；请由各条目重建映射。")]
    MissingPage {
        /// The page's id in hex.
        page: String,
    },
    /// Stored bytes of a page or frontier are not what this crate wrote.
    #[error("审计日志存储中的{item}已损坏；请由各条目重建。")]
    Damaged {
        /// What is damaged, in Chinese.
        item: &'static str,
    },
    /// A number beyond the tree.
    #[error("审计日志共 {size} 条，没有编号 {index}；请核对编号（从 0 开始）和检查点。")]
    Range {
        /// Number that was asked for.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// Bytes are not the canonical form of an entry.
    #[error("审计条目不合规：{rule}；请使用原始导出文件。")]
    Entry {
        /// The rule that was broken, in Chinese.
        rule: String,
    },
    /// Text is not a checkpoint in its one spelling.
    #[error("审计检查点不合规：{rule}；请使用原始检查点。")]
    Checkpoint {
        /// The rule that was broken, in Chinese.
        rule: &'static str,
    },
    /// A signature by a known key does not hold.
    #[error("检查点上“{name}”的签名不成立：内容被改动，或不是该密钥所签；请向签名单位核实。")]
    BadSignature {
        /// Name of the signer.
        name: String,
    },
    /// No signature by a known key of the log itself.
    #[error("检查点没有“{origin}”的可信签名；请提供该日志的公钥，或向签名单位核实。")]
    NotSigned {
        /// Name of the log.
        origin: String,
    },
    /// A newer checkpoint does not continue an older one.
    #[error("检查点（{new} 条）不是旧检查点（{old} 条）的延续：{rule}；请保留两份检查点并报告主管部门。")]
    NotContinued {
        /// Size of the older one.
        old: u64,
        /// Size of the newer one.
        new: u64,
        /// The rule that was broken, in Chinese.
        rule: &'static str,
    },
    /// A proof does not lead to the root that it should.
    #[error("{item}不成立：算出的树根与检查点不符；该证明不可采信，请重新取得证明。")]
    Proof {
        /// Which proof, in Chinese.
        item: &'static str,
    },
    /// A proof file is not in its one form.
    #[error("证明文件不合规：{rule}；请使用原始证明文件。")]
    ProofFile {
        /// The rule that was broken, in Chinese.
        rule: &'static str,
    },
    /// An export cannot be read on.
    #[error("读取导出文件第 {line} 行失败：{reason}；请检查文件后重试。")]
    Read {
        /// Line, from 1.
        line: u64,
        /// What the reader said.
        reason: String,
    },
    /// The signing key failed.
    #[error("{0}")]
    Key(#[from] GmError),
}
