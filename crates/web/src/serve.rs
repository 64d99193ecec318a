//! The router and the server.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::http::Response;
use axum::routing::{MethodFilter, on};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::api::ENDPOINTS;
use crate::conduct::{conduct, respond};
use crate::crowd::Guest;
use crate::{App, Endpoint, Method, pages, problems};

/// After a connection that could not be taken.
const PAUSE: Duration = Duration::from_millis(50);

/// All endpoints of [`ENDPOINTS`], and problem documents for everything else.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for endpoint in ENDPOINTS.iter().copied() {
        let filter = match endpoint.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
        };
        let handler = move |state, params, request| enter(endpoint, state, params, request);
        router = router.route(endpoint.path, on(filter, handler));
    }
    pages::add(router)
        .fallback(|request: Request| async move { pages::no_route(request.headers(), request.uri().path()) })
        .method_not_allowed_fallback(|request: Request| async move {
            respond(problems::no_method(request.method().as_str()).into())
        })
        .with_state(app)
}

async fn enter(
    endpoint: &'static Endpoint,
    State(app): State<App>,
    params: Result<RawPathParams, axum::extract::rejection::RawPathParamsRejection>,
    request: Request,
) -> Response<Body> {
    // A path that is no UTF-8 once decoded names nothing of ours.
    let Ok(params) = params else { return respond(problems::no_route(request.uri().path()).into()) };
    let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let remote = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    conduct(app, endpoint, remote, params, request).await
}

/// Serves until `shutdown` is done, then lets open requests end (at most [`crate::Limits::drain_seconds`]).
///
/// # Errors
/// A listener that cannot be used.
pub async fn serve(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let drain = Duration::from_secs(app.limits.drain_seconds);
    let router = router(app.clone());
    let (stop, stopped) = watch::channel(false);
    let mut open = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Those that have ended are forgotten.
            Some(_) = open.join_next() => continue,
            () = &mut shutdown => break,
        };
        let Ok((stream, remote)) = accepted else {
            // No more descriptors, or a peer that is gone already: the next one may be luckier.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // A gateway on this machine speaks for everybody; it counts by itself.
        let guest = match remote.ip().is_loopback() {
            true => None,
            false => match app.connections.enter(remote.ip()) {
                Some(guest) => Some(guest),
                None => continue,
            },
        };
        open.spawn(connection(stream, remote, (router.clone(), app.limits.head), guest, stopped.clone()));
    }
    drop(listener);
    let _ = stop.send(true);
    // A connection that does not end must not keep the process from ending.
    let ended = async { while open.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(drain, ended).await;
    Ok(())
}

/// One connection, until it ends or the server stops and its request is answered. A head that does not come in time ends it.
async fn connection(
    stream: tokio::net::TcpStream,
    remote: SocketAddr,
    (router, head): (Router, Duration),
    _guest: Option<Guest<IpAddr>>,
    mut stopped: watch::Receiver<bool>,
) {
    // Answers are small and wait for nothing: do not hold them back for more.
    let _ = stream.set_nodelay(true);
    let inner = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(remote));
        inner.call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    tokio::select! {
        // What a peer breaks off is its own affair.
        _ = served.as_mut() => return,
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    served.as_mut().graceful_shutdown();
    let _ = served.await;
}

/// As [`serve`], on a runtime of its own with `threads` threads; returns when everything has ended.
///
/// # Errors
/// As [`serve`].
pub fn run(
    app: App,
    listener: TcpListener,
    threads: usize,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).enable_all().build()?;
    let counted = app.clone();
    let done = runtime.block_on(serve(app, listener, shutdown));
    runtime.shutdown_timeout(Duration::from_secs(5));
    // Counts only: losing the last minute of them is no reason to call the end a failure.
    let _ = counted.write_calls(counted.now());
    done
}
