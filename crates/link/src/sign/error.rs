//! Why a request or a receipt is not believed.

use super::WINDOW_SECONDS;
use crate::problem::Problem;

/// Why a request is refused before anything else is looked at. All are answered with 401, except a full nonce
/// window (503).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// A header that must be there is not.
    #[error("请求缺少“{header}”头；每个请求都必须签名（docs/signing.md）；请按签名说明补上该头")]
    Missing {
        /// Name of the header.
        header: &'static str,
    },
    /// A header or a part of the request line is malformed, too long or there twice.
    #[error("“{item}”不合规：{rule}；请按签名说明（docs/signing.md）修改客户端")]
    Format {
        /// Header, parameter or part of the request.
        item: &'static str,
        /// The rule that was broken, in Chinese.
        rule: &'static str,
    },
    /// The sender's clock is off, or the request is old.
    #[error(
        "请求时间与本系统相差 {} 秒（{}），允许 ±{WINDOW_SECONDS} 秒；请校准时钟后重新签名发送",
        .offset.unsigned_abs(),
        if *.offset > 0 { "超前" } else { "落后" }
    )]
    Clock {
        /// Seconds that the request is ahead of us; negative when it is behind.
        offset: i64,
    },
    /// The key is unknown, withdrawn, or of the other kind.
    #[error("密钥“{key}”不可用：{rule}；请核对密钥编号，或请管理员登记、启用该客户端或节点")]
    Key {
        /// The key id as sent.
        key: String,
        /// Why, in Chinese.
        rule: &'static str,
    },
    /// The request was signed for another receiver.
    #[error("请求签给“{found}”，本节点不是该接收方；请核对接收方编号（to）后重新签名")]
    Receiver {
        /// Receiver named in the request; empty if none is.
        found: String,
    },
    /// The signature does not fit.
    #[error("签名验证未通过：内容在途中被改动，或密钥、签名串有误；请对照签名说明中的测试向量检查")]
    Signature,
    /// The body is not the one that was signed.
    #[error("请求体与“LZ-Content-SM3”头不一致；请求体在途中被改动，或摘要算错；请重新计算摘要并签名")]
    Body,
    /// The nonce was seen before.
    #[error("随机数（nonce）已用过；同一请求不能重复发送；请为每次发送生成新的随机数并重新签名")]
    Replay,
    /// No room to remember another nonce: of this key, or at all.
    #[error("暂时无法受理：{rule}，须等旧随机数过期；请降低发送频率，10 分钟后再试")]
    Full {
        /// Whose room is used up, in Chinese.
        rule: &'static str,
    },
}

impl AuthError {
    /// Stable code, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "AUTH_MISSING",
            Self::Format { .. } => "AUTH_FORMAT",
            Self::Clock { .. } => "AUTH_CLOCK",
            Self::Key { .. } => "AUTH_KEY",
            Self::Receiver { .. } => "AUTH_RECEIVER",
            Self::Signature => "AUTH_SIGNATURE",
            Self::Body => "AUTH_BODY",
            Self::Replay => "AUTH_REPLAY",
            Self::Full { .. } => "AUTH_FULL",
        }
    }

    /// Status of the answer.
    pub fn status(&self) -> u16 {
        if matches!(self, Self::Full { .. }) { 503 } else { 401 }
    }

    /// The refusal as a problem document; what happened, rule and fix are the three parts of the text.
    pub fn problem(&self) -> Problem {
        let text = self.to_string();
        let title = if self.status() == 503 { "暂时无法受理" } else { "身份验证未通过" };
        let (what, fix) = text.rsplit_once('；').unwrap_or((&text, ""));
        Problem::new(self.status(), self.code(), title).detail(what).fix(fix)
    }

    pub(super) fn format(item: &'static str, rule: &'static str) -> Self {
        Self::Format { item, rule }
    }
}
