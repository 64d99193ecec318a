//! The sender's side: headers for a request.

use gm::sm3::sm3;
use gm::{GmError, SigningKey, sign_message};

use super::canonical::Parts;
use super::person::FIELDS;
use super::{AUTHORIZATION, AuthError, CONTENT_SM3, HmacKey, Person, Scheme, hex, params};

/// Why a request could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// A part of the request breaks the rules that the receiver would apply.
    #[error(transparent)]
    Request(#[from] AuthError),
    /// The key or its device failed.
    #[error(transparent)]
    Key(#[from] GmError),
}

/// A request about to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Method in capitals.
    pub method: &'a str,
    /// Path as it will stand in the request line, percent-encoded, from `/`.
    pub path: &'a str,
    /// Query as it will stand there, without `?`; `""` for none.
    pub query: &'a str,
    /// The body; empty for none.
    pub body: &'a [u8],
    /// Unix seconds.
    pub time: i64,
    /// 16 to 48 random bytes in base64url without padding; never twice.
    pub nonce: &'a str,
    /// The person behind the call.
    pub person: &'a Person,
}

/// What goes with a signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    /// Headers to add, names and values.
    pub headers: Vec<(&'static str, String)>,
    /// SM3 of the covered string: what the receipt refers to.
    pub digest: [u8; 32],
    /// The covered string, for whoever looks for a difference.
    pub canonical: String,
}

enum Credential {
    Hmac(HmacKey),
    Sm2(Box<dyn SigningKey>),
}

/// Signs requests under one key id.
pub struct Signer {
    key: String,
    to: String,
    credential: Credential,
}

impl Signer {
    /// An API client's signer.
    ///
    /// # Errors
    /// [`AuthError::Format`] for a key id that is not 1 to 64 of letters, digits and `. _ : -`.
    pub fn hmac(key_id: &str, key: HmacKey) -> Result<Self, AuthError> {
        let key_id = params::id("key", key_id)?.to_owned();
        Ok(Self { key: key_id, to: String::new(), credential: Credential::Hmac(key) })
    }

    /// A node's signer. `certificate_id` names its certificate at the other side, `receiver` is the node id of the
    /// other side: without it a receiver could pass the request on to a third node that knows the sender too.
    ///
    /// # Errors
    /// [`AuthError::Format`] for a malformed id.
    pub fn sm2(certificate_id: &str, key: Box<dyn SigningKey>, receiver: &str) -> Result<Self, AuthError> {
        Ok(Self {
            key: params::id("key", certificate_id)?.to_owned(),
            to: params::id("to", receiver)?.to_owned(),
            credential: Credential::Sm2(key),
        })
    }

    /// The key id that goes into requests.
    pub fn key_id(&self) -> &str {
        &self.key
    }

    /// The scheme of the key.
    pub fn scheme(&self) -> Scheme {
        match self.credential {
            Credential::Hmac(_) => Scheme::HmacSm3,
            Credential::Sm2(_) => Scheme::Sm2,
        }
    }

    /// Signs a request.
    ///
    /// # Errors
    /// [`SignError`] if a part is malformed or the key fails.
    pub fn sign(&self, request: &Outgoing<'_>) -> Result<SignedRequest, SignError> {
        let (body, time) = (hex::encode(&sm3(request.body)), request.time.to_string());
        let person = request.person.encode()?;
        params::time("time", &time)?;
        let parts = Parts {
            scheme: self.scheme(),
            method: request.method,
            path: request.path,
            query: request.query,
            body: &body,
            time: &time,
            nonce: params::nonce(request.nonce)?,
            key: &self.key,
            to: &self.to,
            person: person.each_ref().map(String::as_str),
        };
        parts.check()?;
        let canonical = parts.canonical();
        let authorization = self.authorization(&parts, &self.signature(canonical.as_bytes())?);
        let mut headers = vec![(AUTHORIZATION, authorization), (CONTENT_SM3, body.clone())];
        let named = FIELDS.iter().map(|field| field.header).zip(person);
        headers.extend(named.filter(|(_, value)| !value.is_empty()));
        Ok(SignedRequest { headers, digest: sm3(canonical.as_bytes()), canonical })
    }

    /// The signature over the covered string in hex.
    fn signature(&self, message: &[u8]) -> Result<String, GmError> {
        Ok(match &self.credential {
            Credential::Hmac(key) => hex::encode(&key.mac(message)),
            Credential::Sm2(key) => hex::encode(&sign_message(&**key, message)?.to_bytes()),
        })
    }

    fn authorization(&self, parts: &Parts<'_>, signature: &str) -> String {
        let Parts { time, nonce, key, to, .. } = parts;
        let to = if to.is_empty() { String::new() } else { format!("to={to}, ") };
        format!("{} key={key}, {to}time={time}, nonce={nonce}, signature={signature}", parts.scheme.name())
    }
}
