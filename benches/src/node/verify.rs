//! Checks by identifier: the rate, beside a bare handler and beside one that records nothing, and how it bears three million rows.

use std::path::Path;

use serde_json::{Map, Value};

use super::bare::{bare, without_audit};
use super::flood::{Run, flood};
use super::load::{exchange, median, request};
use super::registry::{BYTES, NUMBERS, Registry};
use super::running::{Listening, Running, Sequencer, micros, run_node};
use super::{bulk, put};
use crate::clock::Watch;
use crate::world::Scratch;

const CONNECTIONS: usize = 32;
/// Each figure is the median of so many runs; runs that are compared take turns, so that a busy neighbour disturbs all alike.
const ROUNDS: usize = 5;
/// Requests of a run.
const REQUESTS: usize = 10_000;

/// A node with a registry.
struct Registered {
    node: Running,
    identifiers: Vec<String>,
    start: f64,
    gigabytes: f64,
    /// Deleted last.
    _scratch: Scratch,
}

fn registered(disk: &Path, count: usize) -> Result<Registered, String> {
    crate::issue::enough_space(disk, count as u64 * BYTES)?;
    let scratch = Scratch::new(disk, &format!("verify-{count}"))?;
    let url = format!("sqlite:{}", scratch.0.join("rows.db").display());
    let opened = bulk::node(&scratch.0, &url)?;
    let watch = Watch::start();
    let identifiers = Registry::of(count).fill(&opened.province, NUMBERS)?;
    let gigabytes = bulk::size(&scratch.0) as f64 / 1e9;
    eprintln!("registry of {count}: {:.1} s, {gigabytes:.2} GB", watch.wall());
    drop(opened);
    // From opening the rows to the first answer.
    let watch = Watch::start();
    let node = run_node(bulk::node(&scratch.0, &url)?)?;
    let mut stream = super::load::connect(&node.web.address)?;
    let (status, _) = exchange(&mut stream, b"GET /api/v1/health HTTP/1.1\r\nHost: bench\r\n\r\n")?;
    let start = watch.wall();
    if status != 200 {
        return Err(format!("health is answered with {status}"));
    }
    Ok(Registered { node, identifiers, start, gigabytes, _scratch: scratch })
}

impl Registered {
    /// Asks for certificates all over the table, each question signed anew.
    fn ask(&self, to: &Listening, count: usize) -> Result<Run, String> {
        let begin = micros() as u64;
        let requests = (0..count)
            .map(|number| {
                let identifier = &self.identifiers[number.wrapping_mul(7919) % self.identifiers.len()];
                let path = format!("/api/v1/verify/{identifier}");
                request(&self.node.signer, "GET", &path, b"", begin + number as u64)
            })
            .collect::<Result<Vec<_>, _>>()?;
        flood(&to.address, CONNECTIONS, &requests)
    }

    /// The rows of the last run become leaves before the next run begins.
    fn settle(&self) -> Result<(), String> {
        while self.node.opened.province.sequence(micros()).map_err(|error| error.to_string())?.more {}
        Ok(())
    }
}

/// `large` rows against 1,000.
pub fn run(disk: &Path, large: usize, figures: &mut Map<String, Value>) -> Result<(), String> {
    let few = registered(disk, 1_000)?;
    let many = registered(disk, large)?;
    let (bare, silent) = (bare(&many.node.opened.province)?, without_audit(&many.node)?);
    let _sequencers = [&few, &many].map(|one| Sequencer::start(&one.node.opened.province));
    let mut runs: [Vec<Run>; 4] = Default::default();
    for round in 0..=ROUNDS {
        let asked = [(&few, &few.node.web), (&many, &many.node.web), (&many, &silent), (&many, &bare)];
        for ((whom, at), runs) in asked.into_iter().zip(&mut runs) {
            // The first round warms caches and the page cache.
            let run = whom.ask(at, if round == 0 { REQUESTS / 5 } else { REQUESTS })?;
            whom.settle()?;
            if round > 0 {
                runs.push(run);
            }
        }
    }
    let [few_runs, checks, silent, bare] = &runs;
    let of = |runs: &[Run], figure: fn(&Run) -> f64| median(runs.iter().map(figure));
    let rate = of(checks, |run| run.per_second);
    let p99 = of(checks, |run| run.p99_ms);
    let bare_rate = of(bare, |run| run.per_second);
    put(figures, "verify_per_second", rate);
    put(figures, "verify_p99_ms", p99);
    put(figures, "verify_without_audit_per_second", of(silent, |run| run.per_second));
    put(figures, "verify_bare_per_second", bare_rate);
    put(figures, "verify_ratio_to_bare", rate / bare_rate);
    put(figures, "verify_cpu_us", of(checks, |run| run.cpu_us));
    put(figures, "verify_without_audit_cpu_us", of(silent, |run| run.cpu_us));
    put(figures, "verify_bare_cpu_us", of(bare, |run| run.cpu_us));
    put(figures, "verify_load_cpu_us", of(checks, |run| run.load_cpu_us));
    // At small scale the name says that it is not the figure of the table.
    let name = if large == 3_000_000 { "verify_ratio_3m_to_1k" } else { "verify_ratio_small_to_1k" };
    put(figures, name, p99 / of(few_runs, |run| run.p99_ms));
    put(figures, "start_ms", many.start * 1000.0);
    put(figures, "registry_rows", large as f64);
    put(figures, "registry_gb_written", many.gigabytes);
    Ok(())
}
