//! To another node over HTTP: signed requests, signed receipts.

use link::http::{Client, HttpError, Origin, Peer};
use link::sign::Person;

use super::{Delivery, DeliveryReceipt, Transport, TransportError};

/// Where deliveries are posted.
pub const PATH: &str = "/api/v1/collect/deliveries";

/// A destination that is a node of ours.
pub struct HttpTransport {
    client: Client,
    peer: Peer,
}

impl HttpTransport {
    /// Over a client that demands receipts of the node at the other end.
    pub fn new(client: Client, peer: Peer) -> Self {
        Self { client, peer }
    }

    fn failed(&self, error: &HttpError) -> TransportError {
        let code = match error {
            HttpError::Refused { problem, .. } => problem.code.clone().unwrap_or_else(|| "REFUSED".into()),
            HttpError::Receipt { .. } => "RECEIPT".into(),
            HttpError::Timeout { .. } => "TIMEOUT".into(),
            HttpError::Connect { .. } | HttpError::Broken { .. } => "NETWORK".into(),
            HttpError::Unexplained { status, .. } => format!("HTTP_{status}"),
            HttpError::Address { .. } | HttpError::Sign(_) => "OWN".into(),
        };
        TransportError {
            origin: error.origin(self.peer),
            code,
            cause: error.to_string(),
            may_pass: error.may_pass(),
            retry_after: error.retry_after(),
        }
    }
}

impl Transport for HttpTransport {
    fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError> {
        let own = |cause: String| TransportError {
            origin: Origin::Own,
            code: "OWN".into(),
            cause: format!("归集报文不能写成文本：{cause}；请报告此问题"),
            may_pass: false,
            retry_after: None,
        };
        let body = serde_json::to_vec(deliveries).map_err(|error| own(error.to_string()))?;
        let person = Person::default();
        let answer = self
            .client
            .post(PATH, &person, "application/json", &body)
            .map_err(|error| self.failed(&error))?;
        if answer.receipt.is_none() {
            // Without a signature nobody could be held to what was received.
            return Err(TransportError {
                origin: Origin::Own,
                code: "RECEIPT".into(),
                cause: "对方的应答没有要求节点签名的回执；请在配置中登记对方节点证书".into(),
                may_pass: true,
                retry_after: None,
            });
        }
        serde_json::from_slice(&answer.body).map_err(|error| TransportError {
            origin: match self.peer {
                Peer::Ministry => Origin::Ministry,
                Peer::Province => Origin::Province,
            },
            code: "ANSWER".into(),
            cause: format!("对方的应答不能读取：{error}；请核对双方的接口版本"),
            may_pass: true,
            retry_after: None,
        })
    }

    fn peer(&self) -> Peer {
        self.peer
    }
}
