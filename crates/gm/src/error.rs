//! Everything that can go wrong here, in the words a user reads.

/// Error of this crate. The text names the item, the rule and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GmError {
    /// Bytes are not the strict DER that was expected.
    #[error("DER 编码第 {offset} 字节处不合规：{rule}。请使用原始文件，或请制作方按 DER 重新编码。")]
    Der {
        /// Position in the outermost slice, in bytes from 0.
        offset: usize,
        /// The rule that was broken, in Chinese.
        rule: &'static str,
    },
    /// A value cannot be written as the wanted ASN.1 type.
    #[error("无法写成 ASN.1 {kind}：{rule}。请修改该项取值。")]
    Encode {
        /// The ASN.1 type.
        kind: &'static str,
        /// The rule that was broken, in Chinese.
        rule: &'static str,
    },
    /// Text is not strict base64 (RFC 4648 §4).
    #[error("第 {offset} 个字符处不是合规的 base64：{rule}。请重新复制完整内容。")]
    Base64 {
        /// Position in characters from 0.
        offset: usize,
        /// The rule that was broken, in Chinese.
        rule: &'static str,
    },
    /// Text is not the expected PEM file (RFC 7468).
    #[error("PEM 文件不合规：{rule}，应为“{label}”。请选择正确的文件。")]
    Pem {
        /// Label that was expected, such as `CERTIFICATE`.
        label: String,
        /// The rule that was broken, in Chinese.
        rule: &'static str,
    },
    /// A public key is not a point of the SM2 curve, or is not uncompressed.
    #[error("SM2 公钥无效：应为 65 字节未压缩格式，且是曲线上的非零点（GB/T 32918.1）。请重新导出公钥。")]
    PublicKey,
    /// A private key is outside 1..n-2, or does not fit its public key.
    #[error(
        "SM2 私钥无效：应为 1 到 n-2 之间的 32 字节整数，且与所附公钥一致（GB/T 32918.1）。请重新生成密钥。"
    )]
    SecretKey,
    /// A signature is not a valid r, s pair.
    #[error("SM2 签名值无效：r、s 应在 1 到 n-1 之间并按 DER 编码（GB/T 35276）。请重新签名。")]
    Signature,
    /// A signature does not belong to the data and the key.
    #[error("{subject}的签名验证未通过：内容被改动，或不是由所示的签发者签发。请向签发者核实。")]
    BadSignature {
        /// What was signed.
        subject: String,
    },
    /// The signing device or key failed.
    #[error("密钥“{label}”签名失败：{reason}。请检查密码设备或密钥。")]
    Signing {
        /// Label of the key.
        label: String,
        /// What happened, in Chinese.
        reason: String,
    },
    /// No key with this label.
    #[error("找不到密钥“{label}”。请检查密钥标签，或先导入该密钥。")]
    NoSuchKey {
        /// Label that was asked for.
        label: String,
    },
    /// SM4-CBC input cannot be decrypted. One answer for every cause, so that it tells an attacker nothing.
    #[error("SM4 解密失败：密文、密钥或初始向量不对。请核对后重试。")]
    Decrypt,
    /// SM4-GCM data, their extra data, nonce, tag or key are not those they were sealed with.
    #[error(
        "SM4-GCM 鉴别未通过：密文、附加数据、鉴别标签或密钥不对，内容不可信（GB/T 36624）。请核对密钥，或从副本恢复。"
    )]
    Authentication,
    /// The passphrase does not open the private key.
    #[error("私钥口令不对，或私钥文件已损坏。请核对口令后重试。")]
    WrongPassphrase,
    /// The private key is protected in a way this crate does not read.
    #[error("私钥的加密方式不受支持：{what}。请用 PBES2（PBKDF2 与 SM4-CBC）重新加密私钥。")]
    UnsupportedProtection {
        /// What is not supported, in Chinese.
        what: String,
    },
    /// A certificate or CRL uses an algorithm other than SM2 with SM3.
    #[error("{item}的算法 {oid} 不受支持：应为 SM2 与 SM3（GB/T 20518）。请更换国密证书。")]
    Algorithm {
        /// What carries the algorithm.
        item: &'static str,
        /// The algorithm found.
        oid: String,
    },
    /// A critical extension that this crate does not understand; RFC 5280 §4.2 demands refusal.
    #[error("{item}含无法识别的关键扩展 {oid}，按 RFC 5280 必须拒绝。请向签发机构更换。")]
    CriticalExtension {
        /// `证书` or `吊销列表`.
        item: &'static str,
        /// The extension.
        oid: String,
    },
    /// A certificate, CRL or profile breaks a rule of its format.
    #[error("{item}不合规：{rule}。请向签发机构更换或修改签发参数。")]
    Profile {
        /// What breaks the rule.
        item: &'static str,
        /// The rule, in Chinese.
        rule: &'static str,
    },
    /// The CRL belongs to another issuer than the one it is checked against.
    #[error("吊销列表由“{found}”签发，不是证书签发者“{expected}”的列表。请取用正确的吊销列表。")]
    CrlIssuer {
        /// Issuer named in the list.
        found: String,
        /// Issuer that was wanted.
        expected: String,
    },
    /// The CRL is not in force at the time asked for.
    #[error("“{issuer}”的吊销列表在 {at} 不可用：有效期为 {from} 至 {until}。请下载最新的吊销列表。")]
    CrlStale {
        /// Issuer of the list.
        issuer: String,
        /// Time asked for, UTC.
        at: String,
        /// Start, UTC.
        from: String,
        /// Next update, UTC.
        until: String,
    },
}
