//! What survives a crash (rows, disk, clock), and a process on top of it that does not.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use node::keys::SigningKeys;
use node::lifecycle::BusinessEvent;
use node::{Data, Engine, NodeError, Province};
use objects::disk::Simulated;
use objects::{EmbeddedStore, ObjectKeys, Place};
use store::{PersonalKey, PersonalKeys, Store, StoreError};

use super::faults::Faults;
use crate::support::{self, NOW, SECOND, Scratch};

/// What is dear to make and the same in every life: handed from process to process.
pub struct Parts {
    data: Data,
    engine: Arc<Engine>,
    keys: SigningKeys,
    verifier: seal::Verifier,
    pub trust: seal::TrustStore,
}

impl Parts {
    pub fn new() -> Self {
        let folder = Scratch::new();
        let url = format!("sqlite:{}", folder.0.join("rows.db").display());
        let province = support::open(&folder.0, &url);
        Self::of(province)
    }

    /// Takes a process apart. Its rows are closed and its files let go when this returns.
    pub fn of(mut province: Arc<Province>) -> Self {
        loop {
            match Arc::try_unwrap(province) {
                Ok(Province { data, engine, keys, verifier, .. }) => {
                    let trust = verifier.trust().clone();
                    return Self { data, engine, keys, verifier, trust };
                }
                // A writer has told its result and is about to drop its job.
                Err(again) => province = again,
            }
            std::thread::yield_now();
        }
    }
}

/// Invented records of all nine kinds, made once.
pub fn records() -> &'static [BusinessEvent] {
    static RECORDS: OnceLock<Vec<BusinessEvent>> = OnceLock::new();
    RECORDS.get_or_init(|| support::first_issues(36))
}

/// Random bytes of ids: different, not secret.
pub fn chance() -> node::Chance {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Box::new(|out| {
        let count = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        out.iter_mut().zip(count).for_each(|(byte, value)| *byte = value);
    })
}

/// One node's rows, files and time.
pub struct Machine {
    pub folder: Scratch,
    pub disk: Simulated,
    pub clock: Arc<AtomicI64>,
    pub faults: Faults,
}

/// Keys of the file store.
pub fn object_keys() -> ObjectKeys {
    ObjectKeys::new((1, &[3; 16]), &[]).expect("one key")
}

/// Keys of personal values.
pub fn personal_keys() -> PersonalKeys {
    PersonalKeys::new(PersonalKey::new("k1", &[1; 32]), Vec::new(), &[2; 32])
}

impl Machine {
    pub fn new(faults: Faults) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        Self { folder: Scratch::new(), disk: Simulated::new(), clock, faults }
    }

    /// The next moment.
    pub fn now(&self) -> i64 {
        self.clock.fetch_add(SECOND, Ordering::Relaxed) + SECOND
    }

    pub fn rows(&self) -> Store {
        let url = format!("sqlite:{}", self.folder.0.join("rows.db").display());
        let options = store::Options { readers: 1, ..store::Options::default() };
        Store::open(&url, &options).expect("the rows")
    }

    /// Lets every insert into a table pass without a row, as a program that forgets it would.
    pub fn skip_inserts(&self, table: &str) {
        let sql = format!("CREATE TRIGGER skipped BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END");
        let made: Result<u64, StoreError> = self.rows().write(move |session| session.execute(&sql, &[]));
        made.expect("a trigger");
    }

    /// The file store as `node::open` opens it: never shorter than the rows say.
    pub fn files(&self, rows: &Store) -> Result<EmbeddedStore, NodeError> {
        let end: Option<String> = rows.read(|session| -> Result<_, StoreError> {
            session.row("SELECT value FROM setting WHERE name = 'files.end'", &[], |row| row.get(0))
        })?;
        let acknowledged = end.map(|place| place.parse::<Place>()).transpose()?;
        // Small packs, so that every history begins new ones.
        let options = objects::Options { rotate_at: 600_000, acknowledged };
        Ok(EmbeddedStore::open(Arc::new(self.disk.clone()), object_keys(), options)?)
    }

    /// Starts a process; it may fail for a fault of the disk.
    #[expect(clippy::result_large_err, reason = "the parts are handed on, whatever happens")]
    pub fn start(&self, parts: Parts) -> Result<Arc<Province>, (Parts, NodeError)> {
        let store = self.rows();
        let objects = match self.files(&store) {
            Ok(files) => Arc::new(files),
            Err(error) => return Err((parts, error)),
        };
        let Parts { data, engine, keys, verifier, .. } = parts;
        let province = Arc::new(Province {
            id: "demo-99".into(),
            area: "99".into(),
            rules: ::lifecycle::Rules::builtin().expect("the rules"),
            personal: personal_keys(),
            lanes: vec!["ministry".into()],
            turns: node::job::Turns::default(),
            // One thread a process: the tests beside this one have the others.
            threads: 1,
            chance: chance(),
            shelf: node::pack::Shelf::new(verifier.trust()).expect("a shelf"),
            sign_in: node::operator::SignInPolicy::default(),
            stages: Some(self.faults.stages(self.disk.clone(), Arc::clone(&self.clock))),
            data,
            engine,
            keys,
            verifier,
            store,
            objects,
        });
        self.faults.belong_to(&province);
        Ok(province)
    }
}
