//! What a check is held against: the same look-up behind a bare handler, and behind one that checks the signature but records nothing.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use axum::serve::ListenerExt;
use gm::sm3::sm3;
use link::sign::{Claim, HmacKey, NonceWindow, RECEIPT, VerifyingKey, mac_receipt};
use node::Province;
use node::audit::Actor;
use node::verify::{Question, Sight};
use tokio::sync::oneshot;

use super::running::{ID, Listening, Running, micros};

/// Threads of the runtime, as the node itself has them.
const THREADS: usize = 2;

/// Look-up and JSON, nothing else: no signature, no nonce, no audit row, no receipt.
pub fn bare(province: &Arc<Province>) -> Result<Listening, String> {
    let handler = |State(province): State<Arc<Province>>, Path(identifier): Path<String>| async move {
        respond(look(&province, identifier, &Actor::default()))
    };
    listen(Router::new().route("/api/v1/verify/{identifier}", get(handler)).with_state(Arc::clone(province)))
}

/// The node's answer but for what has to be durable: signature, nonce in memory, look-up, receipt.
pub fn without_audit(node: &Running) -> Result<Listening, String> {
    let signed = Signed {
        province: Arc::clone(&node.opened.province),
        key: Arc::new(VerifyingKey::Hmac(node.client_key.clone())),
        nonces: Arc::new(Mutex::new(NonceWindow::new(4_000_000, 4_000_000))),
        secret: node.client_key.clone(),
    };
    let handler = |State(signed): State<Signed>, Path(identifier): Path<String>, request: Request| async move {
        respond(signed.answer(identifier, &request))
    };
    listen(Router::new().route("/api/v1/verify/{identifier}", get(handler)).with_state(signed))
}

#[derive(Clone)]
struct Signed {
    province: Arc<Province>,
    key: Arc<VerifyingKey>,
    nonces: Arc<Mutex<NonceWindow>>,
    secret: HmacKey,
}

impl Signed {
    fn answer(&self, identifier: String, request: &Request) -> Option<Answered> {
        let now = micros() / 1_000_000;
        let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let path = request.uri().path();
        let claim = Claim::parse(request.method().as_str(), path, "", headers).ok()?;
        let caller = claim.verify(&sm3(b""), ID, now, Some(&self.key)).ok()?;
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner).admit(&caller, now).ok()?;
        let actor = Actor { client: caller.key.clone(), ..Actor::default() };
        let answered = look(&self.province, identifier, &actor)?;
        let receipt = mac_receipt(&caller.digest, 200, &sm3(&answered.body), now, ID, &self.secret);
        Some(Answered { receipt: Some(receipt), ..answered })
    }
}

struct Answered {
    body: Vec<u8>,
    receipt: Option<String>,
}

fn look(province: &Province, identifier: String, actor: &Actor) -> Option<Answered> {
    let (answers, _) =
        province.verify(&Question::Identifier(identifier), Sight::default(), actor, micros()).ok()?;
    let body = serde_json::to_vec(&BTreeMap::from([("answers", answers)])).ok()?;
    Some(Answered { body, receipt: None })
}

fn respond(answered: Option<Answered>) -> Response<Body> {
    let Some(Answered { body, receipt }) = answered else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return response;
    };
    let mut response = Response::builder().header("content-type", "application/json");
    if let Some(receipt) = receipt {
        response = response.header(RECEIPT, receipt);
    }
    response.body(Body::from(body)).unwrap_or_default()
}

fn listen(router: Router) -> Result<Listening, String> {
    Listening::start(move |listener, stopped| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
        if let Ok(runtime) = runtime {
            runtime.block_on(serve(listener, router, stopped));
        }
    })
}

async fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    if listener.set_nonblocking(true).is_err() {
        return;
    }
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let _ = axum::serve(listener, router)
        .with_graceful_shutdown(async {
            let _ = stopped.await;
        })
        .await;
}
