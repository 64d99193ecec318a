//! Speed of this crate on one core of this machine: `cargo run --release -p ledger --example ledger_speed [leaves]`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // A measurement may stop loudly, and needs a clock.

use std::collections::BTreeMap;
use std::time::Instant;

use gm::KeyProvider;
use ledger::*;

/// Entries as long as real ones, about 300 bytes.
fn entries(count: u64, objects: u64) -> Vec<Vec<u8>> {
    (0..count)
        .map(|number| {
            let key = format!("0198c0de-0000-7000-8000-{:012}", number % objects);
            Entry {
                act: "verify.identifier".to_owned(),
                at: 1_795_327_200_000_000 + number as i64,
                actor: Actor {
                    client: "执法终端".to_owned(),
                    operator: Some("op-17".to_owned()),
                    ..Actor::default()
                },
                purpose: Some("路检路查".to_owned()),
                object: Some(Object { key, link: Link::Apart }),
                area: Some("990100".to_owned()),
                outcome: "valid".to_owned(),
                subject_sm3: Some([7; 32]),
                ..Entry::default()
            }
            .canonical()
        })
        .collect()
}

fn timed<R>(name: &str, count: u64, work: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    println!("{name:<44} {:>12.0} /s {:>10.2} µs each", count as f64 / seconds, seconds * 1e6 / count as f64);
    result
}

fn tree(leaves: u64) {
    let some = timed("canonical bytes of entries", 200_000, || entries(200_000, 50_000));
    println!("bytes an entry: {}", some[0].len());
    let hashes = timed("leaf hashes + append, batches of 1,000", 200_000, || {
        let mut frontier = Frontier::new();
        for batch in some.chunks(1000) {
            frontier.append_many(&leaf_hashes(batch));
        }
        leaf_hashes(&some)
    });
    timed("append one by one, hashed already", 200_000, || {
        let mut frontier = Frontier::new();
        hashes.iter().for_each(|leaf| drop(frontier.append(*leaf)));
    });

    let all: Vec<Hash> = (0..leaves).map(|number| leaf_hash(&number.to_be_bytes())).collect();
    let mut frontier = Frontier::new();
    let nodes: BTreeMap<NodeId, Hash> =
        timed("append of all leaves in one batch", leaves, || frontier.append_many(&all))
            .into_iter()
            .collect();
    let size = leaves - 1;
    let step = 7919;
    timed("inclusion proof", 10_000, || {
        (0..10_000).for_each(|i| drop(inclusion_proof(&nodes, i * step % size, size).unwrap()));
    });
    timed("consistency proof", 10_000, || {
        (1..=10_000).for_each(|i| drop(consistency_proof(&nodes, i * step % size, size).unwrap()));
    });
    let proof = inclusion_proof(&nodes, 5, leaves).unwrap();
    timed("inclusion proof checked", 10_000, || {
        (0..10_000).for_each(|_| assert!(verify_inclusion(&all[5], 5, leaves, &proof, &frontier.root())));
    });
}

fn map(keys: u64) {
    let latest = |number: u64| Latest { number, leaf: leaf_hash(&number.to_be_bytes()) };
    let content: BTreeMap<Hash, Latest> = (0..keys).map(|i| (map_key(&i.to_string()), latest(i))).collect();
    let first = timed("map: all keys in one batch", keys, || {
        update_map(&BTreeMap::new(), &EMPTY_MAP, &content).unwrap()
    });
    let mut root = first.root;
    let mut pages: BTreeMap<PageId, Vec<u8>> = first.pages.into_iter().collect();
    let bytes: usize = pages.values().map(Vec::len).sum();
    println!("map: {} pages, {} MB", pages.len(), bytes / 1_000_000);
    let deepest = pages.keys().map(|id| id.to_bytes()[0]).max();
    println!("map: deepest page at depth {deepest:?}");
    for batch in [1u64, 100, 1000] {
        let mut written = 0;
        timed(&format!("map: updates, {batch} keys at a time"), 20_000, || {
            for round in 0..20_000 / batch {
                let key = |i: u64| map_key(&((round * batch + i) * 7919 % keys).to_string());
                let changes = (0..batch).map(|i| (key(i), latest(round + i))).collect();
                let update = update_map(&pages, &root, &changes).unwrap();
                root = update.root;
                written += update.pages.len();
                pages.extend(update.pages);
            }
        });
        println!("map: pages written a key: {:.2}", written as f64 / 20_000.0);
    }
    timed("map: proof", 10_000, || {
        (0..10_000u64).for_each(|i| drop(prove_latest(&pages, &root, &map_key(&i.to_string())).unwrap()));
    });
}

fn check(count: u64) {
    let mut keys = gm::SoftwareKeys::new();
    keys.insert("k", gm::sm2::SecretKey::from_bytes(&[1; 32]).unwrap());
    let key = keys.signing_key("k").unwrap();
    let entries = entries(count, 50_000);
    let hashes = leaf_hashes(&entries);
    let mut frontier = Frontier::new();
    frontier.append_many(&hashes);
    let (origin, root) = ("演示省路证审计".to_owned(), frontier.root());
    let checkpoint = Checkpoint { origin, size: count, root, at: 0, previous: None, map_root: EMPTY_MAP };
    let header = Header { origin: checkpoint.origin.clone(), size: count, every_checkpoint: true };
    let mut text = header_line(&header) + "\n";
    for ((number, entry), leaf) in (0..).zip(&entries).zip(&hashes) {
        text += &(entry_line(number, entry, leaf).unwrap() + "\n");
    }
    text += &(checkpoint_line(&checkpoint.sign(&*key).unwrap()).unwrap() + "\n" + &end_line(count, 1) + "\n");
    let named = NamedKey { name: checkpoint.origin, key: key.public_key().clone() };
    let report =
        timed("check of an export", count, || check_export(text.as_bytes(), &[named], None).unwrap());
    assert!(report.is_sound(), "{:?}", report.issues);
}

fn main() {
    let leaves = std::env::args().nth(1).map_or(3_000_000, |text| text.parse().unwrap());
    tree(leaves);
    check(200_000);
    map(leaves);
}
