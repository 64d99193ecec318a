//! The way to a destination.

use std::time::Duration;

use link::http::{Origin, Peer};

use super::{Delivery, DeliveryReceipt};

/// A way to one destination. Shared between threads.
pub trait Transport: Send + Sync {
    /// Brings deliveries over. A delivery without a receipt in the answer was taken over and is not answered yet; it is asked
    /// for again later.
    ///
    /// # Errors
    /// [`TransportError`]: nothing is known to have arrived.
    fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError>;

    /// Whose system is at the other end; decides the origin of its refusals.
    fn peer(&self) -> Peer {
        Peer::Ministry
    }
}

/// Why a message brought no receipts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct TransportError {
    /// On whose side.
    pub origin: Origin,
    /// Stable code.
    pub code: String,
    /// What happened and what to do, Chinese.
    pub cause: String,
    /// May the same message succeed later, unchanged?
    pub may_pass: bool,
    /// The pause that the other side asked for.
    pub retry_after: Option<Duration>,
}
