//! The receiver's side: what a request claims, and whether it is so.

use gm::sm2::Signature;
use gm::sm3::sm3;

use super::canonical::Parts;
use super::key::SignatureValue;
use super::person::FIELDS;
use super::{
    AUTHORIZATION, AuthError, CONTENT_SM3, Person, Scheme, VerifyingKey, WINDOW_SECONDS, hex, params,
};

/// A well-formed request whose signature has not been checked. Borrows from the request.
#[derive(Clone, Debug)]
pub struct Claim<'a> {
    parts: Parts<'a>,
    time: i64,
    body_sm3: [u8; 32],
    signature: SignatureValue,
}

/// Who sent a request: signature, time and body are checked. The nonce is not; that is [`super::NonceWindow::admit`]'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Scheme of the key.
    pub scheme: Scheme,
    /// Id of the key.
    pub key: String,
    /// The person behind the client, as the client states it.
    pub person: Person,
    /// Time of the request, unix seconds.
    pub time: i64,
    /// The nonce.
    pub nonce: String,
    /// SM3 of the covered string: what a receipt refers to.
    pub digest: [u8; 32],
}

impl<'a> Claim<'a> {
    /// Reads a request. `path` and `query` (without `?`, `""` for none) are those of the request line, as sent;
    /// `headers` are all headers of the request, in any order and case.
    ///
    /// # Errors
    /// [`AuthError::Missing`] and [`AuthError::Format`]; a header of ours that stands there twice is refused.
    pub fn parse(
        method: &'a str,
        path: &'a str,
        query: &'a str,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, AuthError> {
        let headers = Headers::pick(headers)?;
        let authorization = headers.authorization.ok_or(AuthError::Missing { header: AUTHORIZATION })?;
        let body = headers.content_sm3.ok_or(AuthError::Missing { header: CONTENT_SM3 })?;
        let body_sm3 =
            hex::decode(body).ok_or(AuthError::format(CONTENT_SM3, "应为 SM3 摘要的 64 位小写十六进制"))?;
        let (scheme, text) = split_scheme(authorization)?;
        let names = ["key", "time", "nonce", "signature", "to"];
        let [key, time, nonce, signature, to] = params::parse(AUTHORIZATION, text, names)?;
        let need = |value: Option<&'a str>, rule| value.ok_or(AuthError::format(AUTHORIZATION, rule));
        let time = need(time, "缺少 time")?;
        let parts = Parts {
            scheme,
            method,
            path,
            query,
            body,
            time,
            nonce: params::nonce(need(nonce, "缺少 nonce")?)?,
            key: params::id("key", need(key, "缺少 key")?)?,
            to: to.map(|to| params::id("to", to)).transpose()?.unwrap_or_default(),
            person: headers.person.map(Option::unwrap_or_default),
        };
        parts.check()?;
        let signature = read_signature(scheme, need(signature, "缺少 signature")?)?;
        Ok(Self { parts, time: params::time("time", time)?, body_sm3, signature })
    }

    /// Id of the key that the receiver must look up.
    pub fn key(&self) -> &'a str {
        self.parts.key
    }

    /// Scheme that the request names.
    pub fn scheme(&self) -> Scheme {
        self.parts.scheme
    }

    /// Checks everything but the nonce. `body_sm3` is SM3 of the body received, `receiver` the node id of this node,
    /// `now` unix seconds, `key` what the look-up of [`Claim::key`] gave: `None` if unknown or withdrawn.
    ///
    /// # Errors
    /// The first of [`AuthError::Clock`], `Key`, `Receiver`, `Signature`, `Format` (person) and `Body` that applies.
    pub fn verify(
        &self,
        body_sm3: &[u8; 32],
        receiver: &str,
        now: i64,
        key: Option<&VerifyingKey>,
    ) -> Result<Caller, AuthError> {
        // `time` has at most 12 digits; only an absurd `now` could overflow.
        let offset = self.time.saturating_sub(now);
        if offset.saturating_abs() > WINDOW_SECONDS {
            return Err(AuthError::Clock { offset });
        }
        let key = self.usable(key)?;
        self.check_receiver(receiver)?;
        let canonical = self.parts.canonical();
        if !key.fits(canonical.as_bytes(), &self.signature) {
            return Err(AuthError::Signature);
        }
        let person = Person::decode(&self.parts.person)?;
        if self.body_sm3 != *body_sm3 {
            return Err(AuthError::Body);
        }
        Ok(Caller {
            scheme: self.parts.scheme,
            key: self.parts.key.to_owned(),
            person,
            time: self.time,
            nonce: self.parts.nonce.to_owned(),
            digest: sm3(canonical.as_bytes()),
        })
    }

    fn usable<'k>(&self, key: Option<&'k VerifyingKey>) -> Result<&'k VerifyingKey, AuthError> {
        let refuse = |rule| AuthError::Key { key: self.parts.key.to_owned(), rule };
        let key = key.ok_or_else(|| refuse("未登记或已停用"))?;
        // Else a node's public key, known to all, could be used as a secret.
        if key.scheme() == self.parts.scheme {
            Ok(key)
        } else {
            Err(refuse("密钥类型与签名方式不符"))
        }
    }

    /// A secret is shared with one node only, so HMAC requests need not name it; SM2 requests must.
    fn check_receiver(&self, receiver: &str) -> Result<(), AuthError> {
        let unnamed = self.parts.to.is_empty() && self.parts.scheme == Scheme::HmacSm3;
        if unnamed || self.parts.to == receiver {
            return Ok(());
        }
        Err(AuthError::Receiver { found: self.parts.to.to_owned() })
    }
}

/// The headers that a signature needs or covers.
#[derive(Default)]
struct Headers<'a> {
    authorization: Option<&'a str>,
    content_sm3: Option<&'a str>,
    person: [Option<&'a str>; 5],
}

impl<'a> Headers<'a> {
    fn pick(all: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Self, AuthError> {
        let mut picked = Self::default();
        for (name, value) in all {
            let Some((place, header)) = picked.place(name) else { continue };
            let text = std::str::from_utf8(value).ok().filter(|text| text.is_ascii());
            let text = text.ok_or(AuthError::format(header, "应为 ASCII 字符"))?;
            // Two values, of which only one is signed, could be read differently further in.
            if place.replace(text).is_some() {
                return Err(AuthError::format(header, "同一请求头出现两次"));
            }
        }
        Ok(picked)
    }

    fn place(&mut self, name: &str) -> Option<(&mut Option<&'a str>, &'static str)> {
        if name.eq_ignore_ascii_case(AUTHORIZATION) {
            return Some((&mut self.authorization, AUTHORIZATION));
        }
        if name.eq_ignore_ascii_case(CONTENT_SM3) {
            return Some((&mut self.content_sm3, CONTENT_SM3));
        }
        let index = FIELDS.iter().position(|field| name.eq_ignore_ascii_case(field.header))?;
        Some((&mut self.person[index], FIELDS[index].header))
    }
}

fn split_scheme(authorization: &str) -> Result<(Scheme, &str), AuthError> {
    let unknown = AuthError::format(AUTHORIZATION, "应以 LZ-HMAC-SM3 或 LZ-SM2 开头");
    let (name, rest) = authorization.split_once(' ').ok_or(unknown.clone())?;
    let scheme = [Scheme::HmacSm3, Scheme::Sm2].into_iter().find(|scheme| scheme.name() == name);
    Ok((scheme.ok_or(unknown)?, rest))
}

fn read_signature(scheme: Scheme, text: &str) -> Result<SignatureValue, AuthError> {
    Ok(match scheme {
        Scheme::HmacSm3 => SignatureValue::Mac(params::signature(text)?),
        Scheme::Sm2 => {
            // A number out of range cannot be anyone's signature.
            let value = Signature::from_bytes(&params::signature(text)?).map_err(|_| AuthError::Signature)?;
            SignatureValue::Sm2(value)
        }
    })
}
