//! A request that has passed the guard, and its answer.

use std::sync::Arc;

use axum::body::Bytes;
use link::problem::{MEDIA_TYPE, Problem};
use link::sign::Caller;
use node::audit::Actor;
use node::client::{Lack, Speaker, lack};
use serde::Serialize;

/// A request that its endpoint may believe.
pub struct Call {
    /// When it came, microseconds UTC.
    pub now: i64,
    /// Values of the path's parameters.
    pub params: Vec<(String, String)>,
    /// Query as sent, without `?`.
    pub query: String,
    /// Body; never longer than the endpoint's limit.
    pub body: Bytes,
    /// Who signed it; `None` on endpoints that need no signature.
    pub signed: Option<Signed>,
}

/// Who signed a request.
pub struct Signed {
    /// Key, nonce and person, checked.
    pub caller: Caller,
    /// What is known of the key.
    pub speaker: Arc<Speaker>,
}

impl Call {
    /// A parameter of the path.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// A parameter of the query, percent-decoded.
    ///
    /// # Errors
    /// 400 for one that stands there twice or is no UTF-8 once decoded.
    pub fn query(&self, name: &'static str) -> Result<Option<String>, Problem> {
        let wrong = |what: &str| {
            Problem::new(400, "QUERY_FORMAT", "查询参数不合规")
                .item(name)
                .detail(what)
                .fix("请按接口文档（/docs）修改查询参数")
        };
        let mut found = None;
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if key != name {
                continue;
            }
            let value = decode(value).ok_or_else(|| wrong("不是合规的百分号编码"))?;
            if found.replace(value).is_some() {
                return Err(wrong("同一参数出现两次"));
            }
        }
        Ok(found)
    }

    /// A whole number of the query within bounds.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn number(&self, name: &'static str, usual: i64, least: i64, most: i64) -> Result<i64, Problem> {
        let Some(text) = self.query(name)? else { return Ok(usual) };
        text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
            Problem::new(400, "QUERY_FORMAT", "查询参数不合规")
                .item(name)
                .detail(format!("“{text}”不是 {least} 到 {most} 的整数"))
                .fix("请改为范围内的整数，或去掉该参数")
        })
    }

    /// Who acts, for the audit log.
    pub fn actor(&self) -> Actor {
        let Some(Signed { caller, .. }) = &self.signed else { return Actor::default() };
        let person = caller.person.clone();
        Actor {
            client: caller.key.clone(),
            operator: person.operator,
            unit: person.unit,
            staff_no: person.staff_no,
            purpose: person.purpose,
            case_no: person.case_no,
        }
    }

    /// What the caller lacks for an act on an object of this area and kind.
    pub fn lack(&self, act: &str, area: Option<&str>, kind: Option<&str>) -> Option<Lack> {
        match &self.signed {
            Some(signed) => lack(&signed.speaker.rights, act, area, kind),
            None => Some(Lack::Act(act.to_owned())),
        }
    }
}

/// Percent-decoding; `+` is a blank, as forms send it.
pub(crate) fn decode(text: &str) -> Option<String> {
    let nibble = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => nibble(bytes.next()?)? << 4 | nibble(bytes.next()?)?,
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its media type.
    pub media: &'static str,
    /// Its body.
    pub body: Bytes,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// 200 with bytes.
    pub fn bytes(media: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status: 200, media, body: body.into(), headers: Vec::new() }
    }

    /// 200 with JSON.
    pub fn json<T: Serialize>(value: &T) -> Self {
        // Plain structures of ours always have a JSON form.
        Self::bytes("application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    /// Another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A refusal goes out as its problem document; 503 with a `Retry-After`.
impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        let reply = Self::bytes(MEDIA_TYPE, problem.to_json()).status(problem.status);
        // Nonces are forgotten by the generation; anything else that is busy is so for a moment.
        let seconds = if problem.code.as_deref() == Some("AUTH_FULL") { 120 } else { 2 };
        if problem.status == 503 { reply.header("Retry-After", seconds.to_string()) } else { reply }
    }
}
