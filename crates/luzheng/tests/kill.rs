//! kill -9 of the real program, at random moments and under load, on both engines: what it had answered is there afterwards
//! (`docs/crash-proof.md`).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../node/tests/simulation/checker.rs"]
#[allow(dead_code, reason = "the ministry's side is compared in the simulation")]
mod checker;
#[path = "kill/client.rs"]
mod client;
#[path = "../../node/tests/simulation/random.rs"]
mod random;
#[path = "kill/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use client::{Business, Shared, records};
use node::keys::KeyFolder;
use objects::disk::Folder as Files;
use random::Random;
use serde_json::Value;
use server::{Folder, PASSPHRASE, Setup};
use store::Store;

/// Business systems that send at the same time.
const SENDERS: usize = 4;

/// Kills the server so many times while it works, then looks for everything it had answered.
fn survives(name: &str, url: Option<String>, kills: u64, seed: u64) {
    let folder = Folder::new(name);
    let setup = Setup::new(&folder, url.as_deref());
    let credentials = setup.add_client();
    let mut random = Random(seed);
    let mut server = setup.serve();
    let shared = Shared::new(&server.address, credentials);
    let known = Mutex::new(BTreeMap::new());
    let records = records(SENDERS * 6);
    std::thread::scope(|scope| {
        for (number, own) in records.chunks(records.len() / SENDERS).enumerate() {
            let business = Business::new(&shared, own, Random(seed.wrapping_add(number as u64)));
            let known = &known;
            scope.spawn(move || {
                let answers = business.work();
                known.lock().unwrap().extend(answers);
            });
        }
        for _ in 0..kills {
            std::thread::sleep(Duration::from_millis(200 + random.below(900)));
            server.kill();
            server = setup.serve();
            shared.moved(&server.address);
        }
        std::thread::sleep(Duration::from_millis(200));
        shared.finish();
    });
    let known = known.into_inner().unwrap();
    let applied = known.values().filter(|answer| answer["result"] == "applied").count();
    let (answered, cut) = (known.len(), shared.cut());
    println!("{name}: {kills} kills, {answered} events answered, {applied} applied, {cut} requests cut off");
    assert!(applied > SENDERS * 6, "hardly anything happened: {applied}");
    over_http(&shared, &known);
    server.stop();
    in_the_database(&setup, &known);
}

/// Every certificate shows every event that was answered as applied.
fn over_http(shared: &Shared, known: &BTreeMap<(String, String), Value>) {
    let client = shared.client();
    let mut by_certificate: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
    for ((_, event), answer) in known {
        if answer["result"] == "applied" {
            let seq = answer["state_seq"].as_i64().unwrap();
            by_certificate.entry(answer["certificate"].as_str().unwrap()).or_default().push((event, seq));
        }
    }
    for (certificate, events) in by_certificate {
        let view = client::body(
            client.get(&format!("/api/v1/lifecycle/certificates/{certificate}"), &Default::default()),
        );
        let lines = view["events"].as_array().unwrap();
        for (event, seq) in events {
            let shown = lines.iter().any(|line| {
                line["event_id"] == event && line["state_seq"] == seq && line["status"] == "applied"
            });
            assert!(shown, "{certificate} does not show {event}: {view}");
        }
    }
}

fn in_the_database(setup: &Setup, known: &BTreeMap<(String, String), Value>) {
    let keys = KeyFolder::open(&setup.keys()).unwrap().node_keys(PASSPHRASE).unwrap();
    let store = Store::open(&setup.url, &store::Options::default()).unwrap();
    let wrong = checker::check(&checker::Evidence {
        store: &store,
        disk: &Files::new(setup.files()).unwrap(),
        keys: &keys.objects().unwrap(),
        personal: &keys.personal(),
        lanes: &["ministry"],
        known,
        settled: true,
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn on_sqlite_what_was_answered_survives_kill_9() {
    survives("sqlite", None, 3, 41);
}

#[test]
fn on_postgres_what_was_answered_survives_kill_9() {
    survives("postgres", Some(testbed::Database::new().url()), 3, 42);
}

#[test]
#[ignore = "a minute: 16 kills on each engine"]
fn sixteen_kills_on_each_engine() {
    survives("sqlite16", None, 16, 7);
    survives("postgres16", Some(testbed::Database::new().url()), 16, 8);
}
