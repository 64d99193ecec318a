//! A node that runs: it answers, and works in the background. `serve` runs one, `demo` three.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use node::audit::Watch;
use node::keys::NodeKeys;
use node::{Opened, Province};
use tokio::sync::oneshot;
use web::{App, NodeKey, Setup};

use crate::cli::Failure;
use crate::config::{Config, Role};
use crate::{connectors, installation, machine, neighbours, workers};

/// Microseconds UTC; `demo` lives in its own time while it seeds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A node, answering.
pub struct Running {
    /// Where it answers.
    pub address: SocketAddr,
    /// What it stands on.
    pub province: Arc<Province>,
    /// Its own keys.
    pub keys: Arc<NodeKeys>,
    app: App,
    stop: Arc<AtomicBool>,
    halt: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<std::io::Result<()>>>,
    workers: Vec<JoinHandle<()>>,
}

impl Running {
    /// Finishes what a crash left open and answers on a listener. `ended` hears when it answers no longer, whyever.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn start(
        config: &Config,
        opened: Opened,
        listener: TcpListener,
        clock: Clock,
        ended: impl FnOnce() + Send + 'static,
    ) -> Result<Self, Failure> {
        let Opened { province, keys } = opened;
        let keys = Arc::new(keys);
        let recovered = province.recover(i64::MAX, clock())?;
        if recovered.finished > 0 {
            say!("上次中断的 {} 件已续办完成。", recovered.finished);
        }
        for (identifier, why) in &recovered.stuck {
            eprintln!("注意：意向“{identifier}”未能续办：{why}");
        }
        let address = listener.local_addr()?;
        let app = App::new(Setup {
            province: Arc::clone(&province),
            clock: Arc::clone(&clock),
            node_key: Some(NodeKey { id: config.node.id.clone(), key: Arc::clone(&keys.node) }),
            receiver: (config.node.role == Role::Ministry).then(|| receiver(&province, &keys)),
            limits: web::Limits::default(),
            metrics: vec![workers::metrics(config, &province)],
        })?;
        app.set_installation(installation::of(config, &keys, clock()));
        app.set_elsewhere(neighbours::chain(config, &province, &keys));
        app.set_connectors(connectors::of(config, &keys)?);
        if config.node.role == Role::Ministry {
            app.set_watch(Arc::new(Watch { province: Arc::clone(&province), key: Arc::clone(&keys.log) }));
        }
        let (halt, halted) = oneshot::channel();
        let serving = app.clone();
        let server = std::thread::spawn(move || {
            let done = web::run(serving, listener, machine::threads(), async move {
                let _ = halted.await;
            });
            ended();
            done
        });
        let stop = Arc::new(AtomicBool::new(false));
        let (halt, server) = (Some(halt), Some(server));
        Ok(Self { address, province, keys, app, stop, halt, server, workers: Vec::new() })
    }

    /// Starts the background work, on the machine's clock.
    ///
    /// # Errors
    /// A lane whose other end is not enrolled, a folder or field map that cannot be read.
    pub fn work(&mut self, config: &Config) -> Result<(), Failure> {
        self.workers.extend(workers::start(config, &self.province, &self.keys, &self.stop)?);
        self.workers.push(workers::maintenance(&self.province, &self.app, &self.stop));
        Ok(())
    }

    /// Tells everything to end, without waiting.
    pub fn halt(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(halt) = self.halt.take() {
            // Where nobody listens any more the server has ended by itself.
            let _ = halt.send(());
        }
    }

    /// Ends: open requests and the present round of each worker are finished first.
    ///
    /// # Errors
    /// A listener that did not work.
    pub fn stop(mut self) -> Result<(), Failure> {
        self.halt();
        for worker in std::mem::take(&mut self.workers) {
            let _ = worker.join();
        }
        match self.server.take().map(JoinHandle::join) {
            Some(Ok(done)) => Ok(done?),
            Some(Err(_)) => Err("应答线程异常结束；请报告此问题".to_owned().into()),
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    /// A start that failed half-way leaves no thread at work.
    fn drop(&mut self) {
        self.halt();
    }
}

/// What the ministry's node takes deliveries with: the same rows and files that it stands on.
fn receiver(province: &Arc<Province>, keys: &NodeKeys) -> node::collect::Receiver {
    node::collect::Receiver {
        store: province.store.clone(),
        objects: Arc::clone(&province.objects),
        personal: keys.personal(),
        verifier: Some(Arc::new(seal::Verifier::new(province.verifier.trust().clone()))),
        chance: Box::new(machine::random),
    }
}
