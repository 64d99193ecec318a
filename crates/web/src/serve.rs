//! The router and the server.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::http::Response;
use axum::routing::{MethodFilter, on};
use axum::serve::ListenerExt;
use tokio::sync::watch;

use crate::api::ENDPOINTS;
use crate::conduct::{conduct, respond};
use crate::{App, Endpoint, Method, pages, problems};

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
    // Answers are small and wait for nothing: do not hold them back for more.
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let drain = Duration::from_secs(app.limits.drain_seconds);
    let (stop, mut stopped) = watch::channel(false);
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        let _ = stop.send(true);
    });
    tokio::select! {
        done = async move { serving.await } => done,
        // A connection that does not end must not keep the process from ending.
        () = async move {
            if stopped.wait_for(|stopped| *stopped).await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(drain).await;
        } => Ok(()),
    }
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
