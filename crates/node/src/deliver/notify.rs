//! Telling holders: `Notifier` and its drivers.

/// One message to one phone.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Notice {
    /// The message's own id; the same id again is the same message (a receiver may drop it).
    pub id: String,
    /// `issued`, `code`, `contact`.
    pub what: String,
    /// The phone.
    pub phone: String,
    /// The text, Chinese.
    pub text: String,
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
