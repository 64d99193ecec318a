//! A whole province over either engine: demo keys, invented records, files in a temporary folder.
#![allow(dead_code, reason = "each test target uses its own part")]

pub mod foreign;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use node::audit::Actor;
use node::keys::{InitRequest, KeyFolder, SigningKeys, init};
use node::lifecycle::{BusinessEvent, Operator, Submitted};
use node::{Data, Engine, Province};
use objects::disk::Folder;
use objects::{EmbeddedStore, ObjectKeys};
use sample::{SampleOptions, generate};
use store::{PersonalKey, PersonalKeys, Store};

/// 2026-06-01T09:00:00+08:00 in microseconds UTC: a day on which the sample's records are valid.
pub const NOW: i64 = 1_780_275_600_000_000;
/// One second.
pub const SECOND: i64 = 1_000_000;
/// One day.
pub const DAY: i64 = 86_400 * SECOND;

pub const PASSPHRASE: &str = "test-passphrase";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder that goes when it is dropped.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Self {
        let name = format!("luzheng-node-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A province and its folder.
pub struct World {
    pub province: Arc<Province>,
    pub folder: Scratch,
    pub url: String,
}

/// Runs a test on both engines.
pub fn on_both(test: impl Fn(&World)) {
    test(&sqlite());
    test(&postgres());
}

/// On the embedded engine.
pub fn sqlite() -> World {
    let folder = Scratch::new();
    let url = format!("sqlite:{}", folder.0.join("rows.db").display());
    world(folder, url)
}

/// On a real PostgreSQL.
pub fn postgres() -> World {
    world(Scratch::new(), testbed::Database::new().url())
}

fn world(folder: Scratch, url: String) -> World {
    let province = open(&folder.0, &url);
    World { province, folder, url }
}

impl World {
    /// Opens the same rows and files again, as a new process would.
    pub fn reopen(self) -> Self {
        let Self { province, folder, url } = self;
        drop(province);
        let province = open(&folder.0, &url);
        Self { province, folder, url }
    }
}

/// Opens (and at first makes) a province in a folder.
pub fn open(folder: &Path, url: &str) -> Arc<Province> {
    let data = Data::load(None).expect("the built-in data");
    let engine = engine();
    let objects = folder.join("objects");
    std::fs::create_dir_all(&objects).expect("a folder for files");
    let disk = Arc::new(Folder::new(&objects).expect("the folder"));
    let keys = ObjectKeys::new((1, &[3; 16]), &[]).expect("one key");
    let store = Store::open(url, &store::Options::default()).expect("the store");
    let keys_of_seal = signing_keys(folder, &data, &engine);
    let end = objects::Options { acknowledged: None, ..objects::Options::default() };
    let counter = AtomicU64::new(u64::from(NEXT.fetch_add(1, Ordering::Relaxed)) << 32);
    Arc::new(Province {
        id: "demo-99".into(),
        area: "99".into(),
        keys: keys_of_seal,
        rules: ::lifecycle::Rules::builtin().expect("the rules"),
        objects: Arc::new(EmbeddedStore::open(disk, keys, end).expect("the file store")),
        personal: PersonalKeys::new(PersonalKey::new("k1", &[1; 32]), Vec::new(), &[2; 32]),
        shelf: node::pack::Shelf::new(&node::load_trust(&folder.join("keys")).expect("trust data"))
            .expect("a shelf"),
        verifier: seal::Verifier::new(node::load_trust(&folder.join("keys")).expect("trust data")),
        lanes: vec!["ministry".into()],
        turns: node::job::Turns::default(),
        threads: 2,
        // A test needs different keys, not secret ones.
        chance: Box::new(move |out| {
            let mut state = counter.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            for byte in out {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (state >> 56) as u8;
            }
        }),
        // Tests of signing in ask for it themselves; all others are about something else.
        sign_in: node::operator::SignInPolicy {
            second_factor: false,
            password_days: 0,
            ..Default::default()
        },
        stages: None,
        data,
        engine,
        store,
    })
}

/// The prepared templates, once a process: they hold 90 MB of fonts.
fn engine() -> Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    let make = || {
        let data = Data::load(None).expect("the built-in data");
        Arc::new(Engine::new(&data, true).expect("the templates"))
    };
    Arc::clone(ENGINE.get_or_init(make))
}

fn signing_keys(folder: &Path, data: &Data, engine: &Engine) -> SigningKeys {
    let path = folder.join("keys");
    if !path.join("keys.toml").is_file() {
        let request = InitRequest {
            dir: &path,
            authority: "演示省交通运输厅",
            uscc: "11990000MB0000000J",
            passphrase: PASSPHRASE,
            now: NOW / SECOND - 86_400,
            under: None,
        };
        let mut state = 7u64;
        let mut rng = |buffer: &mut [u8]| {
            for byte in buffer {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (state >> 56) as u8;
            }
        };
        init(&request, &data.catalogue, &engine.fonts, &mut rng).expect("demo keys");
    }
    KeyFolder::open(&path).and_then(|folder| folder.unlock(PASSPHRASE)).expect("the keys")
}

/// 初领 events for invented records of all nine kinds, with photos.
pub fn first_issues(count: usize) -> Vec<BusinessEvent> {
    let data = Data::load(None).expect("the built-in data");
    let options = SampleOptions { count, seed: 5, wrong_per_mille: 0, ..SampleOptions::default() };
    let sample = generate(options, &data.catalogue).expect("a sample");
    let case = |number: usize| {
        let case = sample.case(number)?;
        let photo = case.record.photo.as_ref().and_then(|_| sample.photo(number));
        Some(BusinessEvent {
            source: "运政".into(),
            event_id: format!("E{number:06}-1"),
            event: "初领".into(),
            subject_ref: Some(format!("S{number:06}")),
            occurred_at: "2026-06-01T08:30:00+08:00".into(),
            effective_on: Some("2026-06-01".into()),
            operator: Operator {
                name: "经办一".into(),
                unit: "演示省交通运输厅".into(),
                staff_no: "D0001".into(),
            },
            photo: photo.map(|bytes| gm::base64::encode(&bytes)),
            record: Some(case.record),
            ..BusinessEvent::default()
        })
    };
    (0..count).filter_map(case).collect()
}

/// A later event of a certificate, without a face.
pub fn later(subject: &str, event_id: &str, event: &str) -> BusinessEvent {
    BusinessEvent {
        source: "运政".into(),
        event_id: event_id.into(),
        event: event.into(),
        subject_ref: Some(subject.into()),
        occurred_at: "2026-06-01T08:45:00+08:00".into(),
        effective_on: Some("2026-06-01".into()),
        decision: Some(model::Decision { no: "演示决〔2026〕1号".into(), date: "2026-06-01".into() }),
        ..BusinessEvent::default()
    }
}

/// As an API client hands it in.
pub fn submitted(message: BusinessEvent) -> Submitted {
    Submitted { message, actor: Actor { client: "运政".into(), ..Actor::default() } }
}
