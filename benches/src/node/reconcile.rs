//! One difference among many certificates, found over HTTP: a province's node asks a ministry's.

use std::path::Path;
use std::time::Duration;

use link::http::{Client, Sources, Timeouts};
use link::sign::{Person, Signer};
use node::NodeError;
use node::audit::Actor;
use node::reconcile::{Depth, HttpPeer, Leaf, touch_all};
use serde_json::{Map, Value};

use super::registry::{BYTES, NUMBERS, Registry};
use super::running::{ID, Running, micros, run_node};
use super::{bulk, load, put};
use crate::clock::{Watch, now};
use crate::world::Scratch;

/// Runs, each with a difference of its own; the median counts.
const ROUNDS: usize = 5;

/// Loads `count` certificates at the province and their digests at the ministry, then finds one difference a run. Both trees are kept up by the
/// same statements as every act uses; the run brings its last change into the sums itself.
pub fn run(disk: &Path, count: usize, figures: &mut Map<String, Value>) -> Result<(), String> {
    crate::issue::enough_space(disk, count as u64 * BYTES)?;
    let scratch = [Scratch::new(disk, "reconcile-province")?, Scratch::new(disk, "reconcile-ministry")?];
    let [province, ministry] = scratch
        .each_ref()
        .map(|folder| bulk::node(&folder.0, &format!("sqlite:{}", folder.0.join("rows.db").display())));
    let (province, ministry) = (province?, run_node(ministry?)?);
    let watch = Watch::start();
    let registry = Registry::of(count);
    registry.fill(&province.province, NUMBERS)?;
    registry.fill_tree(&ministry.opened.province.store, ID)?;
    eprintln!("digests of {count} on both sides: {:.1} s", watch.wall());
    let client = client(&ministry)?;
    let mut times = Vec::new();
    let mut messages = 0;
    for round in 0..ROUNDS {
        // A certificate that the ministry believes to be in another state.
        let odd = Leaf { base: "吊销".into(), ..registry.leaf(count / (round + 2)) };
        tell(&ministry, odd)?;
        let watch = Watch::start();
        let mut peer = HttpPeer { client: &client, person: Person::default() };
        let operator = Actor { client: "bench".into(), operator: Some("bench".into()), ..Actor::default() };
        let run = province.province.reconcile_run("ministry", &mut peer, Depth::Sums, &operator, micros());
        times.push(watch.wall() * 1000.0);
        let summary = run.map_err(|error| error.to_string())?.summary;
        if (summary.different, summary.missing, summary.extra) != (1, 0, 0) {
            return Err(format!("one difference was made, another one found: {summary:?}"));
        }
        messages = messages.max(summary.comparison.messages);
        tell(&ministry, registry.leaf(count / (round + 2)))?;
    }
    put(figures, "reconcile_ms", load::median(times));
    put(figures, "reconcile_messages", messages as f64);
    put(figures, "reconcile_certificates", count as f64);
    Ok(())
}

/// The ministry's side receives an act: its leaf, in one transaction.
fn tell(ministry: &Running, leaf: Leaf) -> Result<(), String> {
    let done: Result<(), NodeError> = ministry
        .opened
        .province
        .store
        .write(move |session| touch_all(session, ID, std::slice::from_ref(&leaf)));
    done.map_err(|error| error.to_string())
}

fn client(ministry: &Running) -> Result<Client, String> {
    let signer = Signer::hmac(ID, ministry.client_key.clone()).map_err(|error| error.to_string())?;
    let counter = std::sync::atomic::AtomicU64::new(micros() as u64);
    let random = move || {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        u128::from(number).to_be_bytes()
    };
    let sources = Sources { now: Box::new(now), random: Box::new(random) };
    let timeouts = Timeouts { read: Duration::from_secs(60), ..Timeouts::default() };
    Client::new(&format!("http://{}", ministry.web.address), signer, timeouts, sources, None)
        .map_err(|error| error.to_string())
}
