//! A node that answers over loopback: checks with their audit rows, events at a steady rate, collection behind them.

use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gm::SigningKey;
use node::audit::Actor;
use node::client::{NewClient, Right};
use node::collect::{Delivery, DeliveryReceipt, Outcome, Transport, TransportError};
use node::{Data, Opened};
use sample::{SampleOptions, generate};
use serde_json::{Map, Value};
use web::{App, Limits, NodeKey, Setup};

use super::{bulk, load};
use crate::clock::Watch;
use crate::world::Scratch;

const CONNECTIONS: usize = 32;
/// Events a second of the steady load.
const RATE: usize = 50;

/// A running node; it stops when dropped.
struct Running {
    opened: Opened,
    address: String,
    signer: link::sign::Signer,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn micros() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    time.tv_sec * 1_000_000 + time.tv_nsec / 1000
}

fn run_node(opened: Opened) -> Result<Running, String> {
    let text = |error: node::NodeError| error.to_string();
    let rights = ["lifecycle", "verify"].map(|act| format!("{act}@*/*").parse::<Right>().map_err(text));
    let new = NewClient {
        name: "bench".into(),
        source: "bench".into(),
        rights: rights.into_iter().collect::<Result<_, _>>()?,
        ..NewClient::default()
    };
    let operator = Actor { client: "bench".into(), operator: Some("bench".into()), ..Actor::default() };
    let issued = opened.province.client_add(new, &operator, micros()).map_err(text)?;
    let signer = load::signer(&issued.id, &issued.secret)?;
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
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?.to_string();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let thread = std::thread::spawn(move || {
        let _ = web::run(app, listener, 2, async move {
            let _ = stopped.await;
        });
    });
    Ok(Running { opened, address, signer, stop: Some(stop), thread: Some(thread) })
}

/// Checks by identifier over registries of two sizes, the sequencer at work beside them.
pub fn verify(disk: &Path, large: usize, figures: &mut Map<String, Value>) -> Result<(), String> {
    let mut p99 = Vec::new();
    for (count, is_large) in [(1_000, false), (large, true)] {
        let scratch = Scratch::new(disk, "verify")?;
        let url = format!("sqlite:{}", scratch.0.join("rows.db").display());
        let opened = bulk::node(&scratch.0, &url)?;
        eprintln!("registry of {count}");
        let identifiers = load::registry(&opened.province, count)?;
        drop(opened);
        let watch = Watch::start();
        let node = run_node(bulk::node(&scratch.0, &url)?)?;
        let start = watch.wall();
        let stop = Arc::new(AtomicBool::new(false));
        let sequencer = {
            let (province, stop) = (Arc::clone(&node.opened.province), Arc::clone(&stop));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let _ = province.sequence(micros());
                    std::thread::sleep(Duration::from_millis(200));
                }
            })
        };
        let rounds = if is_large { 60_000 } else { 30_000 };
        let requests: Vec<Vec<u8>> = (0..rounds)
            .map(|number: usize| {
                let identifier = &identifiers[number.wrapping_mul(7919) % identifiers.len()];
                load::request(
                    &node.signer,
                    "GET",
                    &format!("/api/v1/verify/{identifier}"),
                    b"",
                    number as u64,
                )
            })
            .collect::<Result<_, _>>()?;
        load::flood(&node.address, CONNECTIONS, &requests[..2_000])?;
        let run = load::flood(&node.address, CONNECTIONS, &requests[2_000..])?;
        stop.store(true, Ordering::Relaxed);
        let _ = sequencer.join();
        p99.push(run.p99_ms);
        if is_large {
            super::put(figures, "verify_per_second", run.per_second);
            super::put(figures, "verify_p99_ms", run.p99_ms);
            super::put(figures, "start_ms", start * 1000.0);
            super::put(figures, "registry_rows", count as f64);
        }
    }
    super::put(figures, "verify_ratio_large_to_1k", p99[1] / p99[0]);
    Ok(())
}

/// An in-memory destination that notes when each certificate's act arrived.
struct Arrivals(Mutex<Vec<(String, i64)>>);

impl Transport for Arrivals {
    fn send(&self, deliveries: &[Delivery]) -> Result<Vec<DeliveryReceipt>, TransportError> {
        if let Ok(mut all) = self.0.lock() {
            all.extend(deliveries.iter().map(|one| (one.certificate.clone(), micros())));
        }
        Ok(deliveries.iter().map(|one| DeliveryReceipt::new(one, Outcome::Applied)).collect())
    }

    fn peer(&self) -> link::http::Peer {
        link::http::Peer::Ministry
    }
}

/// 初领 events at a steady rate over HTTP, fsync included, with collection running behind.
pub fn events(disk: &Path, seconds: usize, figures: &mut Map<String, Value>) -> Result<(), String> {
    let scratch = Scratch::new(disk, "events")?;
    let url = format!("sqlite:{}", scratch.0.join("rows.db").display());
    let node = run_node(bulk::node(&scratch.0, &url)?)?;
    let data = Data::load(None).map_err(|error| error.to_string())?;
    let count = RATE * seconds;
    let options = SampleOptions { count, seed: 31, wrong_per_mille: 0, ..SampleOptions::default() };
    let sample = generate(options, &data.catalogue).map_err(|error| error.to_string())?;
    let photos = bulk::photos(&sample, count.min(900));
    let requests: Vec<Vec<u8>> = (0..count)
        .filter_map(|number| bulk::event(&sample, &photos, number))
        .enumerate()
        .map(|(number, event)| {
            let body = serde_json::to_vec(&event.message).map_err(|error| error.to_string())?;
            load::request(&node.signer, "POST", "/api/v1/lifecycle/events", &body, number as u64)
        })
        .collect::<Result<_, _>>()?;
    let stop = Arc::new(AtomicBool::new(false));
    let arrivals = Arc::new(Arrivals(Mutex::new(Vec::new())));
    let collector = {
        let (province, stop, arrivals) =
            (Arc::clone(&node.opened.province), Arc::clone(&stop), Arc::clone(&arrivals));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let sent = province.collect_once("ministry", &*arrivals, "bench", micros());
                if sent.is_ok_and(|sent| sent.leased == 0) {
                    std::thread::sleep(Duration::from_millis(100));
                }
                let _ = province.sequence(micros());
            }
        })
    };
    eprintln!("{count} events at {RATE} a second");
    let watch = Watch::start();
    let sent: Mutex<Vec<(f64, String, i64)>> = Mutex::new(Vec::new());
    let failed: Mutex<Option<String>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for lane in 0..4 {
            let (node, requests, watch, sent, failed) = (&node, &requests, &watch, &sent, &failed);
            scope.spawn(move || {
                let Ok(mut stream) = load::connect(&node.address) else { return };
                for (number, request) in requests.iter().enumerate().skip(lane).step_by(4) {
                    // Open loop: the time of each request is given, whatever the one before took.
                    let due = number as f64 / RATE as f64;
                    let wait = due - watch.wall();
                    if wait > 0.0 {
                        std::thread::sleep(Duration::from_secs_f64(wait));
                    }
                    let answer = load::exchange(&mut stream, request);
                    let took = watch.wall() - due;
                    match answer {
                        Ok((200, body)) => {
                            let value: Value = serde_json::from_slice(&body).unwrap_or_default();
                            let one = value["results"].get(0).unwrap_or(&value);
                            let key = one["certificate"].as_str().unwrap_or_default().to_owned();
                            if let Ok(mut sent) = sent.lock() {
                                sent.push((took, key, micros()));
                            }
                        }
                        other => {
                            if let Ok(mut failed) = failed.lock() {
                                *failed = Some(format!("{other:?}"));
                            }
                            return;
                        }
                    }
                }
            });
        }
    });
    if let Some(what) = failed.into_inner().ok().flatten() {
        return Err(what);
    }
    std::thread::sleep(Duration::from_secs(3));
    stop.store(true, Ordering::Relaxed);
    let _ = collector.join();
    let sent = sent.into_inner().unwrap_or_default();
    let arrived = arrivals.0.lock().map(|all| all.clone()).unwrap_or_default();
    let arrived: std::collections::HashMap<String, i64> = arrived.into_iter().collect();
    let mut lags: Vec<f64> = sent
        .iter()
        .filter_map(|(_, key, at)| Some((arrived.get(key)? - at).max(0) as f64 / 1000.0))
        .collect();
    if lags.len() != sent.len() {
        return Err(format!("{} of {} events reached the destination", lags.len(), sent.len()));
    }
    let mut times: Vec<f64> = sent.iter().map(|(took, _, _)| took * 1000.0).collect();
    super::put(figures, "event_p99_ms", load::percentile(&mut times, 0.99));
    super::put(figures, "event_median_ms", load::percentile(&mut times, 0.5));
    super::put(figures, "collect_p99_ms", load::percentile(&mut lags, 0.99));
    super::put(figures, "events", sent.len() as f64);
    Ok(())
}
