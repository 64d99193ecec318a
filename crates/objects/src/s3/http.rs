//! HTTP for the S3 client over `ureq`, which the product has already; so no second HTTP stack is built.

use std::time::Duration;

use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use ureq::Agent;
use ureq::http::{Method, Request, Response};

/// The largest answer taken in: a record of an object of 1 GiB, in bytes.
const LARGEST_ANSWER: u64 = (1 << 30) + (1 << 16);

/// Makes clients.
#[derive(Debug)]
pub(super) struct Connector;

/// A client with its kept connections.
#[derive(Debug)]
struct Service(Agent);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let wait = |seconds| Some(Duration::from_secs(seconds));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would need another signature, and a proxy from the environment is nobody's decision.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .max_idle_connections_per_host(super::PARALLEL)
            .timeout_connect(wait(5))
            .timeout_send_body(wait(60))
            .timeout_recv_response(wait(30))
            .timeout_recv_body(wait(60))
            .build();
        Ok(HttpClient::new(Service(config.into())))
    }
}

#[async_trait::async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let agent = self.0.clone();
        // `ureq` blocks, so each call gets a thread of the runtime's pool.
        let call = move || send(&agent, Request::from_parts(parts, body.to_vec()));
        match tokio::task::spawn_blocking(call).await {
            Ok(answer) => answer.map_err(failure),
            Err(error) => Err(HttpError::new(HttpErrorKind::Interrupted, error)),
        }
    }
}

fn send(agent: &Agent, request: Request<Vec<u8>>) -> Result<HttpResponse, ureq::Error> {
    let has_body = matches!(*request.method(), Method::PUT | Method::POST);
    let answer = match has_body {
        true => agent.run(request)?,
        false => agent.run(request.map(|_| ()))?,
    };
    let (parts, mut body) = answer.into_parts();
    let bytes = body.with_config().limit(LARGEST_ANSWER).read_to_vec()?;
    Ok(Response::from_parts(parts, bytes.into()))
}

/// Tells the kinds of errors apart that are worth another try.
fn failure(error: ureq::Error) -> HttpError {
    let kind = match &error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => HttpErrorKind::Connect,
        ureq::Error::Timeout(_) => HttpErrorKind::Timeout,
        ureq::Error::Io(_) => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, error)
}
