//! Telling holders: `Notifier` and its drivers.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use link::http::Client;
use link::sign::Person;
use serde::Serialize;

use crate::{NodeError, cause, files};

/// One message to one phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The message's own id; the same id again is the same message (a receiver may drop it).
    pub id: String,
    /// `issued`, `code`, `contact`.
    pub what: String,
    /// The phone.
    pub phone: String,
    /// The text, Chinese.
    pub text: String,
    /// Handed over at, microseconds UTC.
    pub at: i64,
    /// Worthless after this instant, microseconds UTC (a one-time code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// Why a message did not go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct NotifyError {
    /// What happened, Chinese.
    pub text: String,
    /// May pass: it is tried again. Else the message is given up and shown by `doctor`.
    pub may_pass: bool,
    /// Not before so many seconds, where the other side asks for it.
    pub retry_after: Option<u64>,
}

/// Carries messages to holders.
pub trait Notifier: Send + Sync {
    /// What stands as the channel in the delivery record (`file`, `sms`).
    fn channel(&self) -> &str;

    /// Hands one message over; `Ok` means that the other side has it durably.
    ///
    /// # Errors
    /// [`NotifyError`].
    fn send(&self, notice: &Notice) -> Result<(), NotifyError>;
}

/// Writes messages as lines of JSON into a folder, one file a day: for the demo, and for a gateway that takes files.
pub struct FileNotifier {
    folder: PathBuf,
}

impl FileNotifier {
    /// Into a folder, made where it is missing.
    ///
    /// # Errors
    /// A folder that cannot be made.
    pub fn new(folder: PathBuf) -> Result<Self, NodeError> {
        files::create_dir(&folder)?;
        Ok(Self { folder })
    }
}

impl Notifier for FileNotifier {
    fn channel(&self) -> &str {
        "file"
    }

    fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        let path = self.folder.join(format!("{}.jsonl", crate::keys::day(notice.at.div_euclid(1_000_000))));
        let failed = |error: std::io::Error| NotifyError {
            text: format!("无法写入“{}”：{}；请检查目录权限和磁盘空间", path.display(), cause(&error)),
            may_pass: true,
            retry_after: None,
        };
        let mut line = serde_json::to_vec(notice).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        // One write a line, so that a crash leaves at most one torn line at the end.
        let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
        file.write_all(&line).map_err(failed)?;
        file.sync_data().map_err(failed)
    }
}

/// Posts messages to an SMS gateway, signed (`docs/signing.md`): the body is a [`Notice`] in JSON, 2xx means taken. A gateway drops an
/// id that it has had.
pub struct HttpNotifier {
    client: Client,
    path: String,
}

impl HttpNotifier {
    /// Over a client of the gateway, to a path there (`/notices`).
    pub fn new(client: Client, path: String) -> Self {
        Self { client, path }
    }
}

impl Notifier for HttpNotifier {
    fn channel(&self) -> &str {
        "sms"
    }

    fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        let body = serde_json::to_vec(notice).map_err(|error| NotifyError {
            text: format!("通知不能写成文本：{error}；请报告此问题"),
            may_pass: false,
            retry_after: None,
        })?;
        match self.client.post(&self.path, &Person::default(), "application/json", &body) {
            Ok(_) => Ok(()),
            Err(error) => Err(NotifyError {
                text: error.to_string(),
                may_pass: error.may_pass(),
                retry_after: error.retry_after().map(|pause| pause.as_secs()),
            }),
        }
    }
}
