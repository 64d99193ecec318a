//! The crash proof in one process: random histories by seed over a disk that forgets, each checked from rows and files alone
//! (`docs/crash-proof.md`).

#[path = "simulation/checker.rs"]
mod checker;
#[path = "simulation/faults.rs"]
mod faults;
#[path = "simulation/history.rs"]
mod history;
#[path = "simulation/ministry.rs"]
mod ministry;
#[path = "simulation/random.rs"]
mod random;
mod support;
#[path = "simulation/world.rs"]
mod world;

use std::collections::BTreeMap;

use faults::Faults;
use history::{History, Without};
use objects::disk::Call;
use world::Parts;

/// Histories of the normal run.
const HISTORIES: u64 = 200;
/// Histories of the long run.
const MANY: u64 = 1500;
/// Histories run beside one another.
const LANES: u64 = 2;

/// Runs histories by seed; the first failure with its seed, and the faults met.
fn run(seeds: std::ops::Range<u64>, without: Without) -> (Option<String>, BTreeMap<String, usize>) {
    let faults = Faults::default();
    let work = |lane: u64| {
        let mut parts = Parts::new();
        for seed in seeds.clone().filter(|seed| seed % LANES == lane) {
            // The plan is a history's own; what was met is counted over all.
            let own = Faults::default();
            let history = History::new(seed, without, &parts, &own);
            let result;
            (parts, result) = history.run(parts);
            for (what, times) in own.met() {
                (0..times).for_each(|_| faults.note(what.clone()));
            }
            if let Err(wrong) = result {
                return Some(format!("seed {seed}: {}", wrong.join("\n")));
            }
        }
        None
    };
    let failed = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|lane| scope.spawn(move || work(lane))).collect();
        lanes.into_iter().find_map(|lane| lane.join().expect("a lane"))
    });
    (failed, faults.met())
}

#[test]
fn whatever_was_acknowledged_is_there_after_any_crash() {
    let (failed, met) = run(0..HISTORIES, Without::Nothing);
    for (what, times) in &met {
        println!("{what}: {times}");
    }
    if let Some(wrong) = failed {
        panic!("{wrong}");
    }
    // Otherwise it would have proved nothing.
    for stage in ["photo", "intent", "seal", "store", "commit"] {
        for fault in ["Error", "Crash", "Full", "Delay"] {
            assert!(met.contains_key(&format!("{stage}/{fault}")), "no history met {fault} at {stage}");
        }
    }
}

#[test]
#[ignore = "some minutes: other seeds than the normal run"]
fn and_after_many_more() {
    let (failed, _) = run(HISTORIES..MANY, Without::Nothing);
    assert_eq!(failed, None);
}

/// The checker finds what a program forgets to write: it must say so in these words.
fn found_without(without: Without, words: &str) {
    let (failed, _) = run(0..8, without);
    let wrong = failed.unwrap_or_default();
    assert!(wrong.contains(words), "without {without:?}: {wrong}");
}

#[test]
fn without_the_insert_into_the_outbox_the_proof_fails() {
    found_without(Without::Insert("collect_item"), "is not in the outbox of ministry");
}

#[test]
fn without_the_line_of_the_feed_the_proof_fails() {
    found_without(Without::Insert("result_item"), "is told 0 times in the feed");
}

#[test]
fn without_the_act_in_the_log_the_proof_fails() {
    found_without(Without::Insert("audit_pending"), "is 0 times in the log");
}

#[test]
fn without_the_rows_of_files_the_proof_fails() {
    found_without(Without::Insert("issue_file"), "has the files []");
}

#[test]
fn without_the_noted_end_of_the_files_the_proof_fails() {
    found_without(Without::Insert("setting"), "the noted end is None");
}

#[test]
fn without_a_stored_object_the_proof_fails() {
    found_without(Without::Object, "should be at p1:");
}

#[test]
fn without_the_flush_of_files_the_proof_fails() {
    let (failed, _) = run(0..40, Without::Flush(Call::SyncData));
    assert!(failed.is_some());
}

#[test]
fn without_the_flush_of_names_the_proof_fails() {
    let (failed, _) = run(0..40, Without::Flush(Call::SyncDir));
    assert!(failed.is_some());
}
