//! A node that answers over loopback.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use gm::SigningKey;
use link::sign::{HmacKey, Signer};
use node::audit::Actor;
use node::client::{NewClient, Right};
use node::{Opened, Province};
use web::{App, Limits, NodeKey, Setup};

use super::load;

/// Id of the node and of the API client that asks it.
pub const ID: &str = "bench-99";

/// Something that listens; it stops when dropped.
pub struct Listening {
    pub address: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    /// Lets `serve` answer on a socket until it is told to stop.
    pub fn start(
        serve: impl FnOnce(TcpListener, tokio::sync::oneshot::Receiver<()>) + Send + 'static,
    ) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?.to_string();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || serve(listener, stopped));
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A running node.
pub struct Running {
    /// Dropped first: nothing may be answered without its rows.
    pub web: Listening,
    pub opened: Opened,
    pub signer: Signer,
    pub client_key: HmacKey,
}

pub fn micros() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    time.tv_sec * 1_000_000 + time.tv_nsec / 1000
}

/// Serves a node, with an API client that may do everything that is measured.
pub fn run_node(opened: Opened) -> Result<Running, String> {
    let text = |error: node::NodeError| error.to_string();
    let rights =
        ["lifecycle", "verify", "reconcile"].map(|act| format!("{act}@*/*").parse::<Right>().map_err(text));
    let new = NewClient {
        id: Some(ID.into()),
        name: "bench".into(),
        source: "bench".into(),
        rights: rights.into_iter().collect::<Result<_, _>>()?,
        ..NewClient::default()
    };
    let operator = Actor { client: "bench".into(), operator: Some("bench".into()), ..Actor::default() };
    let issued = opened.province.client_add(new, &operator, micros()).map_err(text)?;
    let client_key = load::key(&issued.secret)?;
    let signer = Signer::hmac(&issued.id, client_key.clone()).map_err(|error| error.to_string())?;
    let key: Arc<dyn SigningKey> = Arc::clone(&opened.keys.node);
    let app = App::new(Setup {
        province: Arc::clone(&opened.province),
        clock: Arc::new(micros),
        node_key: Some(NodeKey { id: opened.province.id.clone(), key }),
        receiver: None,
        limits: Limits::default(),
        metrics: Vec::new(),
    })
    .map_err(text)?;
    let web = Listening::start(move |listener, stopped| {
        let _ = web::run(app, listener, 2, async move {
            let _ = stopped.await;
        });
    })?;
    Ok(Running { web, opened, signer, client_key })
}

/// The sequencer of a node at work; it stops when dropped.
pub struct Sequencer {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sequencer {
    pub fn start(province: &Arc<Province>) -> Self {
        let (province, stop) = (Arc::clone(province), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let _ = province.sequence(micros());
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Sequencer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
