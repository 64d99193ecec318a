//! How strictly people sign in; from the node's configuration.

use serde::{Deserialize, Serialize};

/// How passwords are stored. A sign-in rewrites one that is stored otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scheme {
    /// Memory-hard: the better one.
    #[default]
    #[serde(rename = "argon2id")]
    Argon2id,
    /// Where 密评 asks for approved algorithms only (GB/T 39786).
    #[serde(rename = "pbkdf2-hmac-sm3")]
    Pbkdf2Sm3,
}

/// How strictly people sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInPolicy {
    /// Do roles with two factors have to give the second one? Only a demo goes without.
    pub second_factor: bool,
    /// How passwords are stored.
    pub scheme: Scheme,
    /// Days after which a password is changed; 0: never. 等保三级 8.1.4.1 a) asks for a change at intervals.
    pub password_days: u32,
}

impl Default for SignInPolicy {
    fn default() -> Self {
        Self { second_factor: true, scheme: Scheme::default(), password_days: 90 }
    }
}
