//! The guard: who calls, with what right, before anything else is looked at.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use gm::sm3::sm3;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use link::problem::Problem;
use link::sign::{AuthError, CONTENT_SM3, Caller, Claim};
use node::client::lack;

use crate::nonces::Ticket;
use crate::{Access, App, Endpoint, Signed, problems};

/// What the guard lets through: who signed, and when the nonce is durable.
pub(crate) struct Admitted {
    pub signed: Option<(Signed, Ticket)>,
    pub body: Bytes,
}

/// Checks a request. The signature is checked before the body is read: the bytes of strangers are not worth keeping.
pub(crate) async fn admit(
    app: &App,
    endpoint: &Endpoint,
    remote: Option<SocketAddr>,
    parts: &Parts,
    body: Body,
    now: i64,
) -> Result<Admitted, Problem> {
    let needed = match endpoint.access {
        Access::Open => None,
        Access::Local(_) if is_local(remote, parts) => None,
        Access::Local(act) | Access::Signed(act) => Some(act),
    };
    if needed.is_none() {
        return Ok(Admitted { signed: None, body: read(app, endpoint.body_limit, body).await? });
    }
    let signed = authenticate(app, parts, now).await?;
    let body = read(app, endpoint.body_limit, body).await?;
    if !body_fits(parts, &body) {
        return Err(AuthError::Body.problem());
    }
    let ticket = app.nonces.admit(&app.recorder, &signed.caller, now).map_err(|error| error.problem())?;
    Ok(Admitted { signed: Some((signed, ticket)), body })
}

/// Does the speaker have the right of the endpoint at all? Area and kind are the handler's to ask, who knows the object.
pub(crate) fn check_right(endpoint: &Endpoint, signed: &Signed) -> Result<(), Problem> {
    let (Access::Signed(act) | Access::Local(act)) = endpoint.access else { return Ok(()) };
    match lack(&signed.speaker.rights, act, None, None) {
        Some(lack) => Err(problems::right(&lack, &signed.caller.key)),
        None => Ok(()),
    }
}

async fn authenticate(app: &App, parts: &Parts, now: i64) -> Result<Signed, Problem> {
    let (speakers, _) = app.speakers.current(app, now).await;
    let second = now.div_euclid(1_000_000);
    let refuse = |error: AuthError| error.problem();
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let query = parts.uri.query().unwrap_or_default();
    let claim = Claim::parse(parts.method.as_str(), parts.uri.path(), query, headers).map_err(refuse)?;
    let speaker = speakers.by_id.get(claim.key());
    if let Some(speaker) = speaker
        && !(speaker.valid.0..=speaker.valid.1).contains(&second)
    {
        let rule = "节点证书不在有效期内";
        return Err(refuse(AuthError::Key { key: speaker.id.clone(), rule }));
    }
    let digest = claimed_digest(parts).ok_or(AuthError::Missing { header: CONTENT_SM3 }).map_err(refuse)?;
    let caller: Caller = claim
        .verify(&digest, &app.province.id, second, speaker.map(|speaker| &speaker.key))
        .map_err(refuse)?;
    // A key that fits was found above.
    let speaker = speaker.cloned().ok_or_else(problems::internal)?;
    Ok(Signed { caller, speaker })
}

/// The digest that the sender claims; [`Claim::parse`] has checked its form.
fn claimed_digest(parts: &Parts) -> Option<[u8; 32]> {
    let text = parts.headers.get(CONTENT_SM3)?.to_str().ok()?;
    let mut digest = [0; 32];
    for (place, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    (text.len() == 64).then_some(digest)
}

fn body_fits(parts: &Parts, body: &[u8]) -> bool {
    claimed_digest(parts) == Some(sm3(body))
}

/// From this machine, and not passed on by a gateway that stands on it.
fn is_local(remote: Option<SocketAddr>, parts: &Parts) -> bool {
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    remote.is_some_and(|address| address.ip().is_loopback())
        && passed_on.iter().all(|name| !parts.headers.contains_key(*name))
}

/// The whole body, within its time and size. Where none is expected, none is waited for.
pub(crate) async fn read(app: &App, limit: usize, body: Body) -> Result<Bytes, Problem> {
    read_within(Duration::from_secs(app.limits.body_seconds), limit, body).await
}

/// The same, within a time of its own.
pub(crate) async fn read_within(time: Duration, limit: usize, body: Body) -> Result<Bytes, Problem> {
    if limit == 0 {
        let is_empty = axum::body::HttpBody::is_end_stream(&body);
        return if is_empty { Ok(Bytes::new()) } else { Err(problems::too_large(limit)) };
    }
    match tokio::time::timeout(time, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(problems::too_large(limit)),
        Ok(Err(_)) => Err(problems::body_broken(false)),
        Err(_) => Err(problems::body_broken(true)),
    }
}
