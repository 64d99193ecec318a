//! What the handlers share.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use gm::SigningKey;
use link::problem::Problem;
use node::audit::{Act, Recorder, Watch};
use node::collect::Receiver;
use node::lifecycle::{Answer, Submitted};
use node::verify::{Chain, Connectors};
use node::{NodeError, Province};
use store::Engine;
use tokio::sync::Semaphore;

use crate::calls::CallBook;
use crate::crowd::Crowd;
use crate::faces::Faces;
use crate::installation::Installation;
use crate::intake::{Busy, Intake};
use crate::metrics::Metrics;
use crate::nonces::Nonces;
use crate::problems;
use crate::speakers::SpeakerCache;

/// Microseconds UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Text in the Prometheus format that another part of the node adds to `/metrics`.
pub type MoreMetrics = Box<dyn Fn() -> String + Send + Sync>;

/// The key that signs receipts.
pub struct NodeKey {
    /// Id of the node certificate, as the other sides have enrolled it.
    pub id: String,
    /// Its key.
    pub key: Arc<dyn SigningKey>,
}

/// How much at a time.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests that are worked on at once; more are answered with 503.
    pub requests: usize,
    /// Events that wait for the intake; more are answered with 503.
    pub events: usize,
    /// Nonces remembered, in all and of one key.
    pub nonces: (usize, usize),
    /// Seconds that a body may take to arrive.
    pub body_seconds: u64,
    /// The same for forms of pages, which are small.
    pub form_seconds: u64,
    /// How long the head of a request may take to arrive, and a connection may stay without one.
    pub head: Duration,
    /// Of one address at once: connections (but those of a gateway on this machine), and bodies on their way to pages.
    pub each: (usize, usize),
    /// Seconds that open requests have to end once the server is told to stop.
    pub drain_seconds: u64,
    /// Sign the answers to API clients too, not only those to nodes. One SM2 signature an answer.
    pub client_receipts: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 1024,
            events: 20_000,
            // 5,000 a second for ten minutes, 80 bytes each at most.
            nonces: (4_000_000, 3_600_000),
            body_seconds: 30,
            form_seconds: 5,
            head: Duration::from_secs(60),
            // A whole office may stand behind one address.
            each: (512, 32),
            drain_seconds: 20,
            client_receipts: true,
        }
    }
}

/// A planned maintenance window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// Its end, microseconds UTC.
    pub until: i64,
    /// What for, in Chinese.
    pub why: String,
}

/// What an [`App`] is made of.
pub struct Setup {
    /// The node.
    pub province: Arc<Province>,
    /// Its clock.
    pub clock: Clock,
    /// Signs receipts; without one there are none.
    pub node_key: Option<NodeKey>,
    /// Takes deliveries of the provinces; only the ministry's node has one.
    pub receiver: Option<Receiver>,
    /// How much at a time.
    pub limits: Limits,
    /// Added to `/metrics`.
    pub metrics: Vec<MoreMetrics>,
}

/// What the handlers share; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// The inside of an [`App`].
pub struct Shared {
    /// The node.
    pub province: Arc<Province>,
    /// Takes deliveries of the provinces.
    pub receiver: Option<Receiver>,
    /// How much at a time.
    pub limits: Limits,
    /// Counters.
    pub metrics: Metrics,
    pub(crate) node_key: Option<NodeKey>,
    pub(crate) more_metrics: Vec<MoreMetrics>,
    pub(crate) speakers: SpeakerCache,
    pub(crate) nonces: Nonces,
    pub(crate) calls: CallBook,
    pub(crate) places: Semaphore,
    pub(crate) sign_ins: Semaphore,
    pub(crate) connections: Arc<Crowd<IpAddr>>,
    pub(crate) bodies: Arc<Crowd<String>>,
    pub(crate) faces: Faces,
    pub(crate) recorder: Recorder,
    intake: Intake,
    clock: Clock,
    maintenance: RwLock<Option<Maintenance>>,
    elsewhere: OnceLock<Chain>,
    connectors: OnceLock<Arc<Connectors>>,
    watch: OnceLock<Arc<Watch>>,
    installation: OnceLock<Installation>,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    /// Loads who may speak and the nonces of the last minutes, and starts the intake.
    ///
    /// # Errors
    /// A database that cannot be read, more nonces than the limits allow.
    pub fn new(setup: Setup) -> Result<Self, NodeError> {
        let Setup { province, clock, node_key, receiver, limits, metrics } = setup;
        let now = clock();
        let nonces = Nonces::restore(&province, limits.nonces, now)?;
        Ok(Self(Arc::new(Shared {
            speakers: SpeakerCache::load(&province, now)?,
            intake: Intake::start(Arc::clone(&province), Arc::clone(&clock), limits.events),
            recorder: Recorder::new(Arc::clone(&province)),
            calls: CallBook::default(),
            metrics: Metrics::new(crate::api::ENDPOINTS),
            places: Semaphore::new(limits.requests),
            sign_ins: Semaphore::new(4),
            connections: Crowd::new(limits.each.0),
            bodies: Crowd::new(limits.each.1),
            faces: Faces::default(),
            maintenance: RwLock::new(None),
            elsewhere: OnceLock::new(),
            connectors: OnceLock::new(),
            watch: OnceLock::new(),
            installation: OnceLock::new(),
            more_metrics: metrics,
            receiver,
            province,
            limits,
            node_key,
            nonces,
            clock,
        })))
    }

    /// Runs a look-up of a few rows: on the spot where the rows are embedded, for that takes less time than changing the thread would,
    /// else on a thread of its own.
    ///
    /// # Errors
    /// As [`App::work`].
    pub async fn look<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Self) -> Result<T, NodeError> + Send + 'static,
    ) -> Result<T, Problem> {
        match self.province.store.engine() {
            Engine::Sqlite => job(self).map_err(|error| problems::of(&error)),
            Engine::Postgres => self.work(job).await,
        }
    }

    /// Runs something that blocks (rows, files, keys) on a thread of its own.
    ///
    /// # Errors
    /// The problem that the [`NodeError`] makes; 500 when it panicked.
    pub async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Self) -> Result<T, NodeError> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        let done = tokio::task::spawn_blocking(move || job(&app)).await;
        done.map_err(|_| problems::internal())?.map_err(|error| problems::of(&error))
    }
}

impl Shared {
    /// Now, microseconds UTC.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Names those who are asked about certificates that the register does not have; once, before the server runs.
    pub fn set_elsewhere(&self, chain: Chain) {
        // A second call changes nothing: who is asked does not change under a running check.
        let _ = self.elsewhere.set(chain);
    }

    /// Those who are asked, where there are any.
    pub fn elsewhere(&self) -> Option<&Chain> {
        self.elsewhere.get().filter(|chain| !chain.is_empty())
    }

    /// Names the systems to which codes that are not ours are handed; once, before the server runs.
    pub fn set_connectors(&self, connectors: Connectors) {
        // As with `set_elsewhere`.
        let _ = self.connectors.set(Arc::new(connectors));
    }

    /// Those systems, where there are any.
    pub fn connectors(&self) -> Option<&Arc<Connectors>> {
        self.connectors.get().filter(|connectors| !connectors.is_empty())
    }

    /// Makes this node a witness of other nodes' logs; once, before the server runs.
    pub fn set_watch(&self, watch: Arc<Watch>) {
        let _ = self.watch.set(watch);
    }

    /// What signs checkpoints of other nodes; `None` where this node is no witness.
    pub fn watch(&self) -> Option<&Arc<Watch>> {
        self.watch.get()
    }

    /// Says what this installation is made of; once, before the server runs.
    pub fn set_installation(&self, installation: Installation) {
        let _ = self.installation.set(installation);
    }

    /// What administrators are told of this installation; `None` where nobody said.
    pub fn installation(&self) -> Option<&Installation> {
        self.installation.get()
    }

    /// Opens or closes a maintenance window: requests but those for health are answered with 503 until it is closed.
    pub fn set_maintenance(&self, window: Option<Maintenance>) {
        *self.maintenance.write().unwrap_or_else(PoisonError::into_inner) = window;
    }

    /// The window that is open.
    pub fn maintenance(&self) -> Option<Maintenance> {
        self.maintenance.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hands events to the intake and waits for their answers, in their order.
    ///
    /// # Errors
    /// [`Busy`] when too many wait; none of these is taken then.
    pub async fn accept(&self, events: Vec<Submitted>) -> Result<Vec<Answer>, Busy> {
        self.intake.accept(events).await
    }

    /// Appends an act to the audit log and waits until it is durable; many callers share a commit.
    ///
    /// # Errors
    /// 503 when it could not be written: then nothing may be answered.
    pub async fn record(&self, act: Act) -> Result<(), Problem> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.recorder.record(&act, move |done| {
            let _ = sender.send(done);
        });
        match receiver.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(problems::of(&error.into())),
            Err(_) => Err(problems::internal()),
        }
    }

    /// Events that wait for the intake.
    pub fn waiting_events(&self) -> usize {
        self.intake.waiting()
    }
}
