//! Why a call brought no good answer, and on whose side the cause lies.

use std::time::Duration;

use crate::problem::Problem;
use crate::sign::{AuthError, SignError};

/// Whose system a client speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The ministry's.
    Ministry,
    /// Another system of the province.
    Province,
}

/// Where an error comes from. The numbers 0 to 2 are those of the collection interface as provinces publish it; 3 is
/// ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Origin {
    /// Our own system.
    Own = 0,
    /// The ministry's.
    Ministry = 1,
    /// The province's other systems.
    Province = 2,
    /// The way between.
    Network = 3,
}

impl Origin {
    /// The number.
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// What was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The connection: the request never left.
    Connect,
    /// Sending or the answer: the request may have been acted upon.
    Answer,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address in the configuration cannot be used.
    #[error("对方地址“{url}”不可用：{rule}；请修改配置")]
    Address {
        /// As configured.
        url: String,
        /// The rule it breaks, in Chinese.
        rule: &'static str,
    },
    /// The request could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// No connection. The request never left.
    #[error("无法连接“{url}”：{cause}；请检查网络、对方地址和端口")]
    Connect {
        /// Base address.
        url: String,
        /// What the system says.
        cause: String,
    },
    /// Nothing came in time.
    #[error("“{url}”{}超时；请检查网络和对方系统的负载", match .phase { Phase::Connect => "连接", Phase::Answer => "应答" })]
    Timeout {
        /// Base address.
        url: String,
        /// What was waited for.
        phase: Phase,
    },
    /// The connection broke, or what came is not HTTP. The request may have been acted upon.
    #[error("与“{url}”的通信中断：{cause}；请检查网络和网关；同一事项可安全重发")]
    Broken {
        /// Base address.
        url: String,
        /// What the system says.
        cause: String,
    },
    /// The other side refuses, and says why.
    #[error("对方拒绝：{problem}")]
    Refused {
        /// Its problem document; `status` is that of the answer.
        problem: Box<Problem>,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
        /// Did a valid receipt of the node come with it? Without one a gateway may have spoken.
        proven: bool,
    },
    /// A status other than success without a problem document: as a rule a gateway on the way.
    #[error("“{url}”以状态 {status} 应答而未说明原因；请向对方或网关管理员查询")]
    Unexplained {
        /// Base address.
        url: String,
        /// Status of the answer.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The answer is not proven to be the node's.
    #[error("“{url}”的应答回执不可信：{cause}；请核对对方节点证书，并检查中间网关是否改动内容")]
    Receipt {
        /// Base address.
        url: String,
        /// What is wrong with the receipt.
        cause: AuthError,
    },
}

impl HttpError {
    /// Where the error comes from.
    pub fn origin(&self, peer: Peer) -> Origin {
        let theirs = match peer {
            Peer::Ministry => Origin::Ministry,
            Peer::Province => Origin::Province,
        };
        match self {
            Self::Address { .. } | Self::Sign(_) => Origin::Own,
            Self::Refused { .. } => theirs,
            // What gateways say about the system behind them (RFC 9110 §15.6.3 to §15.6.5).
            Self::Unexplained { status: 502..=504, .. } => Origin::Network,
            Self::Unexplained { .. } => theirs,
            Self::Connect { .. } | Self::Timeout { .. } | Self::Broken { .. } | Self::Receipt { .. } => {
                Origin::Network
            }
        }
    }

    /// May the same item succeed later, unchanged? If not, it belongs among the dead letters. 401 and 403 are about us
    /// (clock, key, rights), not about the item, which can go once they are mended.
    pub fn may_pass(&self) -> bool {
        let later = |status: u16| matches!(status, 401 | 403 | 408 | 425 | 429 | 500..=599);
        match self {
            Self::Address { .. } | Self::Sign(SignError::Request(_)) => false,
            Self::Refused { problem, .. } => later(problem.status),
            Self::Unexplained { status, .. } => later(*status),
            _ => true,
        }
    }

    /// The pause that the other side asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } | Self::Unexplained { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
