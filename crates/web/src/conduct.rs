//! One request from the guard to the receipt.

use std::future::Future;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use gm::sm3::sm3;
use link::problem::Problem;
use link::sign::{RECEIPT, VerifyingKey, WANTS_SM2, mac_receipt, sign_receipt};
use node::audit::Recorder;
use node::client::Speaker;

use crate::guard::{self, Admitted};
use crate::{App, Call, Endpoint, Reply, Signed, problems};

#[cfg(test)]
mod tests;

/// Answers a request to an endpoint; never fails, never panics.
pub(crate) async fn conduct(
    app: App,
    endpoint: &'static Endpoint,
    remote: Option<SocketAddr>,
    params: Vec<(String, String)>,
    request: Request<Body>,
) -> Response<Body> {
    let began = app.now();
    let held = request.headers().get(header::IF_NONE_MATCH).cloned();
    let authorization = request.headers().get(header::AUTHORIZATION).cloned();
    let (mut reply, signed) = match app.places.try_acquire() {
        _ if endpoint.always => answer(&app, endpoint, remote, params, request, began).await,
        Ok(_place) => answer(&app, endpoint, remote, params, request, began).await,
        Err(_) => (problems::busy("同时处理的请求已达上限").into(), None),
    };
    let speaker = signed.as_ref().map(|one| Arc::clone(&one.speaker));
    if let Some(receipted) = signed
        && let Err(problem) = add_receipt(&app, &mut reply, &receipted)
    {
        reply = problem.into();
    }
    let speaker = speaker.as_ref().map(|one| one.id.as_str());
    app.count_call(endpoint, speaker, authorization.as_ref(), &reply, began);
    if let Some(held) = held {
        reply = unchanged(reply, &held);
    }
    app.metrics.count(endpoint, reply.status, app.now() - began);
    respond(reply)
}

/// 304 for whoever holds the file of this `ETag` already.
fn unchanged(reply: Reply, held: &HeaderValue) -> Reply {
    let tag = reply.headers.iter().find(|(name, _)| *name == "ETag").map(|(_, tag)| tag.as_str());
    let same = tag.is_some_and(|tag| {
        held.to_str().is_ok_and(|held| held.split(',').any(|one| one.trim().trim_start_matches("W/") == tag))
    });
    if same && reply.status == 200 {
        Reply { status: 304, body: axum::body::Bytes::new(), ..reply }
    } else {
        reply
    }
}

/// What a receipt refers to, and who gets it.
struct Receipted {
    digest: [u8; 32],
    speaker: Arc<Speaker>,
    /// A MAC will do: a check by an API client that did not ask for more.
    plain: bool,
}

async fn answer(
    app: &App,
    endpoint: &'static Endpoint,
    remote: Option<SocketAddr>,
    params: Vec<(String, String)>,
    request: Request<Body>,
    now: i64,
) -> (Reply, Option<Receipted>) {
    if let Some(window) = app.maintenance().filter(|_| !endpoint.always) {
        let seconds = (window.until - now).max(0) / 1_000_000 + 1;
        let mut reply = Reply::from(problems::maintenance(&window));
        reply.headers = vec![("Retry-After", seconds.to_string())];
        return (reply, None);
    }
    let (parts, body) = request.into_parts();
    let admitted = match guard::admit(app, endpoint, remote, &parts, body, now).await {
        Ok(admitted) => admitted,
        Err(problem) => return (problem.into(), None),
    };
    let Admitted { signed, body } = admitted;
    let (signed, ticket) = signed.unzip();
    let receipted = signed.as_ref().map(|signed: &Signed| Receipted {
        digest: signed.caller.digest,
        speaker: Arc::clone(&signed.speaker),
        plain: endpoint.access.is_a_check()
            && parts.headers.get(RECEIPT).is_none_or(|wish| wish != WANTS_SM2),
    });
    let right = signed.as_ref().map_or(Ok(()), |signed| guard::check_right(endpoint, signed));
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let call = Call { now, params, query, body, signed };
    let done = match right {
        Ok(()) => {
            let handled = caught((endpoint.handler)(app.clone(), call));
            Beside { handled, recorder: ticket.is_some().then_some(&app.recorder) }.await
        }
        Err(problem) => Err(problem),
    };
    let mut reply = done.unwrap_or_else(Reply::from);
    // Only a crash before this point could let the request in again, and it was not answered.
    if ticket.is_some() {
        app.recorder.flush();
    }
    if let Some(ticket) = ticket
        && !ticket.await.unwrap_or(false)
    {
        reply = problems::busy("请求的随机数未能存盘").into();
    }
    (reply, receipted)
}

/// Runs what makes an answer; a panic in it is a problem.
pub(crate) fn caught<F>(making: F) -> impl Future<Output = Result<Reply, Problem>> + Unpin
where
    F: Future<Output = Result<Reply, Problem>> + Unpin,
{
    NoPanic(AssertUnwindSafe(making))
}

/// A future whose panic is a problem.
struct NoPanic<F>(AssertUnwindSafe<F>);

impl<F: Future<Output = Result<Reply, Problem>> + Unpin> Future for NoPanic<F> {
    type Output = Result<Reply, Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let inner = Pin::new(&mut self.0.0);
        catch_unwind(AssertUnwindSafe(|| inner.poll(context)))
            .unwrap_or_else(|_| Poll::Ready(Err(problems::internal())))
    }
}

/// A handler whose request's nonce is written beside it. A check that finds its rows at once hands in its audit row in its first step,
/// and both go in one commit; a handler that waits for something else has its nonce written meanwhile.
struct Beside<'a, F> {
    handled: F,
    /// Until the first step is done.
    recorder: Option<&'a Recorder>,
}

impl<F: Future + Unpin> Future for Beside<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let done = Pin::new(&mut self.handled).poll(context);
        if let Some(recorder) = self.recorder.take() {
            recorder.flush();
        }
        done
    }
}

/// Acts are answered with evidence; so is every answer to a node. A check that an API client makes is answered thousands of times a second,
/// and what its sender needs to know is that nobody altered it: its own secret covers it, unless it asks for a signature.
fn add_receipt(app: &App, reply: &mut Reply, to: &Receipted) -> Result<(), Problem> {
    let Some(node) = &app.node_key else { return Ok(()) };
    let (second, body) = (app.now().div_euclid(1_000_000), sm3(&reply.body));
    let receipt = match &to.speaker.key {
        VerifyingKey::Hmac(_) if !app.limits.client_receipts => return Ok(()),
        VerifyingKey::Hmac(key) if to.plain => {
            Ok(mac_receipt(&to.digest, reply.status, &body, second, &to.speaker.id, key))
        }
        _ => sign_receipt(&to.digest, reply.status, &body, second, &node.id, &*node.key),
    };
    // An answer without its receipt would be taken for a forged one: say so instead.
    reply.headers.push((RECEIPT, receipt.map_err(|_| problems::internal())?));
    Ok(())
}

/// The answer on its way out, with the headers that all have.
pub(crate) fn respond(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(reply.media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in reply.headers {
        // Our own names and ASCII values; anything else is left out rather than let a header be forged.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}
