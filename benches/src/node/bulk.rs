//! 初领 events of different records, 256 at a time: lint, intent, code, render, seal, file store, commit, outbox, audit.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use node::audit::Actor;
use node::lifecycle::{BusinessEvent, Outcome, Submitted};
use node::{Data, OpenRequest, Opened, open};
use sample::{Sample, SampleOptions, generate};
use serde_json::{Map, Value};

use super::put;
use crate::clock::{Watch, now};
use crate::world::{PASSPHRASE, Scratch, keys};

/// Records with photos of their own; more events reuse the photos, each with its own names and numbers.
const PHOTOS: usize = 4_500;
/// Events that are handed in together.
const BATCH: usize = 256;

/// Threads that hand batches in.
const SENDERS: usize = 3;

/// Which engine.
enum Rows {
    Sqlite,
    Postgres,
}

struct Bulk {
    per_second: f64,
    gigabytes: f64,
}

/// On both engines.
pub fn both(disk: &Path, count: usize, figures: &mut Map<String, Value>) -> Result<(), String> {
    let sqlite = run(disk, count, &Rows::Sqlite)?;
    put(figures, "bulk_durable_per_second", sqlite.per_second);
    put(figures, "bulk_gb_written", sqlite.gigabytes);
    let postgres = run(disk, count, &Rows::Postgres)?;
    put(figures, "bulk_durable_per_second_postgres", postgres.per_second);
    put(figures, "bulk_records", count as f64);
    Ok(())
}

fn run(disk: &Path, count: usize, rows: &Rows) -> Result<Bulk, String> {
    let scratch = Scratch::new(disk, "bulk")?;
    crate::issue::enough_space(disk, count as u64 * 260_000)?;
    let database = matches!(rows, Rows::Postgres).then(testbed::Database::new);
    let url = match &database {
        Some(database) => database.url(),
        None => format!("sqlite:{}", scratch.0.join("rows.db").display()),
    };
    let opened = node(&scratch.0, &url)?;
    let data = Data::load(None).map_err(|error| error.to_string())?;
    let options = SampleOptions { count, seed: 21, wrong_per_mille: 0, ..SampleOptions::default() };
    let sample = generate(options, &data.catalogue).map_err(|error| error.to_string())?;
    let photos = photos(&sample, count.min(PHOTOS));
    eprintln!("{count} events on {}", url.split(':').next().unwrap_or_default());
    let next = AtomicUsize::new(0);
    let bad = Mutex::new(None);
    let watch = Watch::start();
    // While one batch waits for the disk another one is sealed.
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                loop {
                    let start = next.fetch_add(BATCH, Ordering::Relaxed);
                    if start >= count {
                        break;
                    }
                    let numbers = start..(start + BATCH).min(count);
                    let events: Vec<Submitted> =
                        numbers.filter_map(|number| event(&sample, &photos, number)).collect();
                    let answers = opened.province.accept(events, now() * 1_000_000);
                    let refused = answers.into_iter().find(|answer| answer.result != Outcome::Applied);
                    if let (Some(answer), Ok(mut bad)) = (refused, bad.lock()) {
                        *bad = Some(answer);
                    }
                }
            });
        }
    });
    let wall = watch.wall();
    if let Some(answer) = bad.into_inner().ok().flatten() {
        return Err(format!("{answer:?}"));
    }
    Ok(Bulk { per_second: count as f64 / wall, gigabytes: size(&scratch.0) as f64 / 1e9 })
}

/// A node with demo keys in a folder.
pub fn node(folder: &Path, url: &str) -> Result<Opened, String> {
    let data = Data::load(None).map_err(|error| error.to_string())?;
    let key_dir = folder.join("keys");
    if !key_dir.join("keys.toml").is_file() {
        keys(&key_dir, &data).map_err(|error| error.to_string())?;
    }
    let request = OpenRequest {
        id: "bench-99".into(),
        area: "99".into(),
        store: url.to_owned(),
        readers: 4,
        writers: 2,
        files: Some(folder.join("files")),
        s3: None,
        pack_bytes: 1 << 30,
        keys: key_dir,
        trust: None,
        data: None,
        lanes: vec!["ministry".into()],
        // Demo keys; the pages are opened by every role.
        sign_in: node::operator::SignInPolicy { second_factor: false, ..Default::default() },
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    };
    open(&request, PASSPHRASE, now() * 1_000_000, Box::new(chance())).map_err(|error| error.to_string())
}

/// Row keys of a bench need to differ, not to be secret.
fn chance() -> impl Fn(&mut [u8]) + Send + Sync {
    let counter = std::sync::atomic::AtomicU64::new(u64::from(std::process::id()) << 32);
    move |out: &mut [u8]| {
        let mut state =
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15)
                | 1;
        for byte in out {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }
}

/// Photos in Base64, as they travel.
pub fn photos(sample: &Sample<'_>, count: usize) -> Vec<Arc<String>> {
    let encoded = |number| sample.photo(number).map(|bytes| Arc::new(gm::base64::encode(&bytes)));
    (0..count).map(|number| encoded(number).unwrap_or_default()).collect()
}

/// The 初领 event of a record.
pub fn event(sample: &Sample<'_>, photos: &[Arc<String>], number: usize) -> Option<Submitted> {
    let case = sample.case(number)?;
    let photo = case.record.photo.as_ref().map(|_| {
        // Of the same kind of picture: the kinds stand one after the other in a sample.
        let shared = (0..photos.len()).map(|step| &photos[(number + step) % photos.len()]);
        shared
            .clone()
            .find(|photo| !photo.is_empty())
            .map(|photo| photo.as_str().to_owned())
            .unwrap_or_default()
    });
    let message = BusinessEvent {
        source: "bench".into(),
        event_id: format!("E{number}"),
        event: "初领".into(),
        subject_ref: Some(format!("S{number}")),
        occurred_at: "2026-06-01T08:30:00+08:00".into(),
        effective_on: Some("2026-06-01".into()),
        photo,
        record: Some(case.record),
        ..BusinessEvent::default()
    };
    Some(Submitted { message, actor: Actor { client: "bench".into(), ..Actor::default() } })
}

/// Bytes below a folder.
pub fn size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let of = |path: PathBuf| match path.metadata() {
        Ok(meta) if meta.is_dir() => size(&path),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.flatten().map(|entry| of(entry.path())).sum()
}
