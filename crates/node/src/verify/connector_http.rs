//! The HTTP way to another system: our signed request, JSON both ways.

use link::http::{Client, HttpError};

use super::connector::{Connector, ConnectorError, ForeignAnswer, ForeignCode};
use super::neighbours::person;
use crate::audit::Actor;

/// Posts the code to a path there, signed with the node's key (`docs/signing.md`).
pub struct HttpConnector {
    client: Client,
    path: String,
}

impl HttpConnector {
    /// Over a client of that system, which knows how long to wait and whether its answers must bear receipts.
    pub fn new(client: Client, path: String) -> Self {
        Self { client, path }
    }
}

impl Connector for HttpConnector {
    fn ask(&self, code: &ForeignCode, actor: &Actor) -> Result<ForeignAnswer, ConnectorError> {
        let refused = |text: &str| ConnectorError::Refused(text.to_owned());
        let body = serde_json::to_vec(code).map_err(|_| refused("问题写不成文本，请报告此问题"))?;
        let person = person(actor);
        let post = || self.client.post(&self.path, &person, "application/json", &body);
        let told = match post() {
            // A kept connection that the other side had closed; asking twice does no harm.
            Err(HttpError::Broken { .. }) => post(),
            told => told,
        };
        let answer = told.map_err(|error| match error {
            HttpError::Connect { .. } | HttpError::Broken { .. } => {
                ConnectorError::Away("联系不上".to_owned())
            }
            HttpError::Timeout { .. } => ConnectorError::Away("没有在时限内应答".to_owned()),
            HttpError::Refused { problem, .. } if problem.status < 500 => {
                ConnectorError::Refused(format!("拒绝查询（{}）", problem.title))
            }
            HttpError::Refused { problem, .. } => {
                ConnectorError::Away(format!("系统故障（{}）", problem.status))
            }
            HttpError::Unexplained { status, .. } if status >= 500 => {
                ConnectorError::Away(format!("系统故障（{status}）"))
            }
            HttpError::Unexplained { status, .. } => ConnectorError::Refused(format!("拒绝查询（{status}）")),
            _ => refused("没有给出可信的应答"),
        })?;
        serde_json::from_slice(&answer.body).map_err(|_| refused("应答不能读取"))
    }
}
