//! How many acts a second the sequencer keeps up with. Run alone, in release:
//! `cargo test --release -p node --test audit speed -- --ignored --nocapture --test-threads 1`.
#![allow(clippy::disallowed_methods)] // A measurement asks the clock.

use std::time::Instant;

use node::audit::Act;

use crate::log::{Rows, act, postgres, sqlite};
use crate::support::NOW;

const ACTS: u64 = 200_000;

/// Reads with an event now and then, as a node has them.
fn usual(number: u64) -> Act {
    let mut act = act(number);
    act.changes = number.is_multiple_of(50);
    act.object = Some(format!("0197{:028x}", number.wrapping_mul(0x9E37_79B9) % 100_000));
    act.actor.unit = Some("演示省交通运输厅".into());
    act.actor.purpose = Some("路面执法检查".into());
    act
}

fn measure(name: &str, rows: &Rows, acts_a_row: u64) {
    // A thousand rows a commit: what is measured begins after it.
    for first in (0..ACTS / acts_a_row).step_by(1000) {
        let last = (first + 1000).min(ACTS / acts_a_row);
        let done: Result<(), store::StoreError> = rows.store.write(move |session| {
            (first..last).try_for_each(|row| {
                let acts: Vec<Act> = (row * acts_a_row..(row + 1) * acts_a_row).map(usual).collect();
                node::audit::append(session, format!("{row:032x}"), &acts)
            })
        });
        done.expect("appends");
    }
    let start = Instant::now();
    let mut leaves = 0;
    loop {
        let done = rows.sequence();
        leaves += done.leaves;
        if !done.more {
            break;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{name}: {leaves} leaves, {acts_a_row} acts a row, {:.0} acts/s", leaves as f64 / seconds);
    let start = Instant::now();
    rows.checkpoint(NOW);
    println!("{name}: checkpoint over {leaves} in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    assert!(rows.verify(None).is_sound());
    println!("{name}: verify {:.0} entries/s", leaves as f64 / start.elapsed().as_secs_f64());
}

#[test]
#[ignore = "a measurement"]
fn speed() {
    // Many checks share a row (the recorder's group commit); a lone act has one of its own.
    measure("sqlite", &sqlite(), 100);
    measure("postgres", &postgres(), 100);
    measure("sqlite", &sqlite(), 1);
    measure("postgres", &postgres(), 1);
}
