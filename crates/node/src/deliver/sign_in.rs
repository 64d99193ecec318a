//! Sign-in by name, document number and a one-time code to the phone on record.

use super::{HolderSubject, VerifiedClaims};
use crate::{NodeError, Province};

/// Who wants to sign in, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRequest {
    /// Name of the person or company as on the document.
    pub name: String,
    /// Document number or USCC.
    pub number: String,
    /// Address of the browser, as the web layer sees it; for the rate limit.
    pub address: String,
}

/// What is said to whoever asks for a code: the same whether or not there is such a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInStarted {
    /// A code was sent if name and number are on record with a phone.
    Sent {
        /// Names this attempt; the browser hands it back with the code.
        challenge: String,
        /// The code's end, microseconds UTC.
        expires_at: i64,
    },
    /// Too often; by holder or by address.
    TooMany {
        /// When to try again, microseconds UTC.
        retry_at: i64,
        /// Chinese sentence with the fix.
        text: String,
    },
}

/// What came of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInFinished {
    /// Signed in.
    In(Box<HolderSubject>),
    /// Not the code; so many tries are left.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// Over: too old, used, out of tries, or never sent. A new code is needed.
    Over,
}

impl Province {
    /// Asks for a one-time code. The code's row is durable before it is sent; the answer is the same whether or not the person exists.
    ///
    /// # Errors
    /// Blank name or number; a database that cannot be written.
    pub fn sign_in_start(&self, request: &SignInRequest, now: i64) -> Result<SignInStarted, NodeError> {
        let _ = (request, now);
        Err(pending())
    }

    /// Hands in the code: 6 digits, 5 minutes, 5 tries.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn sign_in_finish(&self, challenge: &str, code: &str, now: i64) -> Result<SignInFinished, NodeError> {
        let _ = (challenge, code, now);
        Err(pending())
    }

    /// Signs in whom a provider vouches for (OpenID Connect). The person need not hold a certificate.
    ///
    /// # Errors
    /// Claims without name or number; a database that cannot be written.
    pub fn sign_in_by(
        &self,
        provider: &str,
        claims: &VerifiedClaims,
        now: i64,
    ) -> Result<HolderSubject, NodeError> {
        let _ = (provider, claims, now);
        Err(pending())
    }
}

pub(super) fn pending() -> NodeError {
    NodeError::refused("尚未接通", "请稍候")
}
