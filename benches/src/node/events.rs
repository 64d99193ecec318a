//! Business events one by one at a steady rate over HTTP, collection behind them.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use node::Data;
use node::collect::{Delivery, DeliveryReceipt, Outcome, Transport, TransportError};
use sample::{SampleOptions, generate};
use serde_json::{Map, Value};

use super::running::{micros, run_node};
use super::{bulk, load};
use crate::clock::Watch;
use crate::world::Scratch;

/// Events a second of the steady load.
const RATE: usize = 50;

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
pub fn run(disk: &Path, seconds: usize, figures: &mut Map<String, Value>) -> Result<(), String> {
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
                let Ok(mut stream) = load::connect(&node.web.address) else { return };
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
