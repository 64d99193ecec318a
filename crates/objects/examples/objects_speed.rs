//! Speed of the embedded store in the temporary folder of this machine, or in the folder given:
//! `cargo run --release -p objects --example objects_speed [folder]`. It writes about 560 MB and removes them.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // A measurement may stop loudly, and needs a clock.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use gm::sm3::sm3;
use objects::disk::Folder;
use objects::{EmbeddedStore, Object, ObjectKeys, ObjectStore, Options};

const BATCHES: usize = 20;
const OBJECTS: usize = 256;
const LEN: usize = 108_000;

fn main() {
    let parent = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = parent.join(format!("objects-speed-{}", std::process::id()));
    let keys = || ObjectKeys::new((1, &[7; 16]), &[]).unwrap();
    let open =
        |options| EmbeddedStore::open(Arc::new(Folder::new(&folder).unwrap()), keys(), options).unwrap();
    let store = open(Options::default());
    let mut content = vec![0; OBJECTS * LEN];
    let (mut seconds, mut places) = (0.0, Vec::new());
    for batch in 0..BATCHES {
        // Content that is new in every batch.
        content.chunks_mut(8).enumerate().for_each(|(i, bytes)| {
            let word = ((i + batch * content_words()) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            bytes.copy_from_slice(&word.to_le_bytes()[..bytes.len()]);
        });
        let objects: Vec<_> = content.chunks(LEN).map(|bytes| Object { sm3: sm3(bytes), bytes }).collect();
        let start = Instant::now();
        let stored = store.put_all(&objects).unwrap();
        seconds += start.elapsed().as_secs_f64();
        places.extend(stored.into_iter().zip(objects.iter().map(|object| object.sm3)));
    }
    let megabytes = (BATCHES * OBJECTS * LEN) as f64 / 1e6;
    println!(
        "put_all {OBJECTS} × {LEN} B   {:>8.1} MB/s  {:>8.2} batches/s",
        megabytes / seconds,
        BATCHES as f64 / seconds
    );

    let some: Vec<_> = places.iter().step_by(5).collect();
    let start = Instant::now();
    some.iter().for_each(|(place, sm3)| drop(store.get(place, sm3).unwrap()));
    println!(
        "get {LEN} B            {:>8.0} /s    one thread",
        some.len() as f64 / start.elapsed().as_secs_f64()
    );

    let start = Instant::now();
    let found = some.iter().filter(|(place, sm3)| store.find(sm3).unwrap() == Some(*place)).count();
    println!("find                     {:>8.0} /s", found as f64 / start.elapsed().as_secs_f64());

    drop(store);
    let acknowledged = places.iter().map(|(place, _)| *place).max();
    let start = Instant::now();
    drop(open(Options { acknowledged, ..Options::default() }));
    println!("open {} objects        {:>8.1} ms", places.len(), start.elapsed().as_secs_f64() * 1e3);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Words in a batch.
const fn content_words() -> usize {
    OBJECTS * LEN / 8
}
