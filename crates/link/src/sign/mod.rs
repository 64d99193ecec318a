//! Signed requests and receipts. The format with vectors is `docs/signing.md`; the decisions are in "Who may speak".
//!
//! API clients sign with HMAC-SM3, nodes with SM2. The signature covers method, path, query, SM3 of the body, time,
//! nonce, key id, receiver and the person behind the client.

mod canonical;
mod claim;
mod error;
pub(crate) mod hex;
mod key;
mod nonce;
mod params;
mod percent;
mod person;
mod receipt;
mod signer;

pub use claim::{Caller, Claim};
pub use error::AuthError;
pub use key::{HmacKey, VerifyingKey};
pub use nonce::{NONCE_SECONDS, NonceWindow, SEEN_LEN, Seen};
pub use person::Person;
pub use receipt::{Receipt, mac_receipt, sign_receipt};
pub use signer::{Outgoing, SignError, SignedRequest, Signer};

/// A request's time may differ from the receiver's by so many seconds either way.
pub const WINDOW_SECONDS: i64 = 300;

/// Header with scheme, key id, time, nonce and signature.
pub const AUTHORIZATION: &str = "Authorization";
/// Header with SM3 of the body in hex; of the empty string if there is no body.
pub const CONTENT_SM3: &str = "LZ-Content-SM3";
/// Header of an answer with its receipt; in a request of an API client, [`WANTS_SM2`] asks for a signed one.
pub const RECEIPT: &str = "LZ-Receipt";

/// Value of the [`RECEIPT`] header in a request whose answer shall be signed by SM2.
pub const WANTS_SM2: &str = "sm2";

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// HMAC-SM3 with a secret shared with one node: API clients.
    HmacSm3,
    /// SM2 with the key of a node certificate: nodes.
    Sm2,
}

impl Scheme {
    /// The name in the `Authorization` header and in the first line of the covered string.
    pub fn name(self) -> &'static str {
        match self {
            Self::HmacSm3 => "LZ-HMAC-SM3",
            Self::Sm2 => "LZ-SM2",
        }
    }
}
