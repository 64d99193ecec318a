//! The client itself.

use std::io::ErrorKind;
use std::time::Duration;

use gm::sm3::sm3;
use ureq::http::{HeaderMap, Request, Response};
use ureq::{Agent, Body, Timeout};

use super::{HttpError, Phase, parse_retry_after};
use crate::problem::Problem;
use crate::sign::{AuthError, Outgoing, Person, RECEIPT, Receipt, SignedRequest, Signer, VerifyingKey};

/// The largest answer taken in, in bytes.
const LARGEST_ANSWER: u64 = 64 * 1024 * 1024;

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For name and connection.
    pub connect: Duration,
    /// For each of: sending, the head of the answer, its body.
    pub read: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), read: Duration::from_secs(30) }
    }
}

/// Where time and randomness come from.
pub struct Sources {
    /// Unix seconds.
    pub now: Box<dyn Fn() -> i64 + Send + Sync>,
    /// Sixteen random bytes of cryptographic quality.
    pub random: Box<dyn Fn() -> [u8; 16] + Send + Sync>,
}

/// Whose receipts are accepted.
#[derive(Debug)]
pub struct ReceiptKey {
    /// Id of the other node's certificate.
    pub id: String,
    /// Its key.
    pub key: VerifyingKey,
}

/// A good answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 200 to 299.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// SM3 of the request's covered string: what the receipt refers to.
    pub request: [u8; 32],
    /// The receipt, checked; `None` only for a client without a [`ReceiptKey`].
    pub receipt: Option<Receipt>,
}

/// Speaks to one node. Keeps connections alive; may be shared between threads.
pub struct Client {
    base: String,
    agent: Agent,
    signer: Signer,
    sources: Sources,
    receipts: Option<ReceiptKey>,
}

impl Client {
    /// A client of the node at `base_url` (`http://host:port`). With `receipts`, every good answer must bear a valid
    /// receipt of that node.
    ///
    /// # Errors
    /// [`HttpError::Address`] for anything but `http://` and an authority: a path before ours would not be what the
    /// other side sees signed.
    pub fn new(
        base_url: &str,
        signer: Signer,
        timeouts: Timeouts,
        sources: Sources,
        receipts: Option<ReceiptKey>,
    ) -> Result<Self, HttpError> {
        let base = check_base(base_url)?;
        let agent = agent(timeouts, "application/json");
        Ok(Self { base, agent, signer, sources, receipts })
    }

    /// `GET`. `target` is path and query as they shall stand in the request line, percent-encoded.
    ///
    /// # Errors
    /// Any [`HttpError`].
    pub fn get(&self, target: &str, person: &Person) -> Result<Answer, HttpError> {
        self.send("GET", target, person, None)
    }

    /// `POST` of a body with its media type.
    ///
    /// # Errors
    /// Any [`HttpError`].
    pub fn post(
        &self,
        target: &str,
        person: &Person,
        media_type: &str,
        body: &[u8],
    ) -> Result<Answer, HttpError> {
        self.send("POST", target, person, Some((media_type, body)))
    }

    fn send(
        &self,
        method: &str,
        target: &str,
        person: &Person,
        content: Option<(&str, &[u8])>,
    ) -> Result<Answer, HttpError> {
        let body = content.map_or(&[][..], |(_, body)| body);
        let signed = self.sign(method, target, person, body)?;
        let mut request = Request::builder().method(method).uri(format!("{}{target}", self.base));
        for (name, value) in &signed.headers {
            request = request.header(*name, value);
        }
        if let Some((media_type, _)) = content {
            request = request.header("Content-Type", media_type);
        }
        let sent = match content {
            Some((_, body)) => request.body(body).map_err(ureq::Error::from).and_then(|r| self.agent.run(r)),
            None => request.body(()).map_err(ureq::Error::from).and_then(|r| self.agent.run(r)),
        };
        let mut response = sent.map_err(|error| self.failure(&error))?;
        let body = response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec();
        let body = body.map_err(|error| self.failure(&error))?;
        self.judge(&signed, &response, body)
    }

    fn sign(
        &self,
        method: &str,
        target: &str,
        person: &Person,
        body: &[u8],
    ) -> Result<SignedRequest, HttpError> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let nonce = gm::base64::encode(&(self.sources.random)()).replace('+', "-").replace('/', "_");
        let time = (self.sources.now)();
        let nonce = nonce.trim_end_matches('=');
        Ok(self.signer.sign(&Outgoing { method, path, query, body, time, nonce, person })?)
    }

    /// Is the answer good, and the node's?
    fn judge(
        &self,
        signed: &SignedRequest,
        response: &Response<Body>,
        body: Vec<u8>,
    ) -> Result<Answer, HttpError> {
        let status = response.status().as_u16();
        let header = |name: &str| text(response.headers(), name);
        let receipt = self.receipt(header(RECEIPT), signed, status, &body);
        if (200..300).contains(&status) {
            let receipt = receipt.map_err(|cause| HttpError::Receipt { url: self.base.clone(), cause })?;
            return Ok(Answer { status, body, request: signed.digest, receipt });
        }
        let retry_after =
            header("Retry-After").and_then(|value| parse_retry_after(value, (self.sources.now)()));
        let documented = header("Content-Type").is_some_and(|media| media.contains("json"));
        match Problem::parse(&body).filter(|_| documented) {
            Some(mut problem) => {
                // The status line is what counts (RFC 9457 §3.1.2).
                problem.status = status;
                let proven = matches!(receipt, Ok(Some(_)));
                Err(HttpError::Refused { problem: Box::new(problem), retry_after, proven })
            }
            None => Err(HttpError::Unexplained { url: self.base.clone(), status, retry_after }),
        }
    }

    fn receipt(
        &self,
        value: Option<&str>,
        signed: &SignedRequest,
        status: u16,
        body: &[u8],
    ) -> Result<Option<Receipt>, AuthError> {
        let Some(expected) = &self.receipts else { return Ok(None) };
        let receipt = Receipt::parse(value.ok_or(AuthError::Missing { header: RECEIPT })?)?;
        if receipt.key != expected.id {
            return Err(AuthError::Key { key: receipt.key, rule: "不是所登记的对方节点证书" });
        }
        receipt.verify(&signed.digest, status, &sm3(body), &expected.key)?;
        Ok(Some(receipt))
    }

    fn failure(&self, error: &ureq::Error) -> HttpError {
        let (url, cause) = (self.base.clone(), error.to_string());
        match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                HttpError::Timeout { url, phase: Phase::Connect }
            }
            ureq::Error::Timeout(_) => HttpError::Timeout { url, phase: Phase::Answer },
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => HttpError::Connect { url, cause },
            ureq::Error::Io(io) if is_connecting(io.kind()) => HttpError::Connect { url, cause },
            ureq::Error::BadUri(_) => HttpError::Address { url, rule: "不是合规的 URI" },
            _ => HttpError::Broken { url, cause },
        }
    }
}

/// Failures that can only happen before a connection stands.
fn is_connecting(kind: ErrorKind) -> bool {
    use ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable};
    matches!(kind, ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn check_base(url: &str) -> Result<String, HttpError> {
    let refuse = |rule| HttpError::Address { url: url.to_owned(), rule };
    if url.starts_with("https://") {
        return Err(refuse("国密 TLS 由网关承担，此处应填本地网关的 http:// 地址"));
    }
    let authority =
        url.strip_prefix("http://").ok_or_else(|| refuse("应以 http:// 开头"))?.trim_end_matches('/');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    if authority.is_empty() || !authority.bytes().all(plain) {
        return Err(refuse("只能含主机名和端口，不含路径、用户名和查询串"));
    }
    Ok(format!("http://{authority}"))
}

/// What sends requests of ours: nothing is followed, nothing is taken from the environment.
pub(super) fn agent(timeouts: Timeouts, accept: &str) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // A redirect would need another signature, and a proxy from the environment is nobody's decision.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent("luzheng")
        .accept(accept)
        .timeout_resolve(Some(timeouts.connect))
        .timeout_connect(Some(timeouts.connect))
        .timeout_send_request(Some(timeouts.read))
        .timeout_send_body(Some(timeouts.read))
        .timeout_recv_response(Some(timeouts.read))
        .timeout_recv_body(Some(timeouts.read))
        .build();
    config.into()
}
