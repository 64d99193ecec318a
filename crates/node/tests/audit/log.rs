//! A log over bare rows, and what tests do to it.

use std::io::BufReader;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use gm::sm2::SecretKey;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use node::NodeError;
use node::audit::{
    Act, Actor, ExportRange, Log, Look, NamedKey, Report, Sequenced, SignedCheckpoint, VerifyReport, append,
    check_export,
};
use store::{Session, Store, StoreError};

use crate::support::{NOW, Scratch};

pub const ORIGIN: &str = "demo-99";
pub const WITNESS: &str = "ministry";

pub fn key(seed: u8) -> Box<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("test", SecretKey::from_bytes(&[seed; 32]).expect("a key"));
    keys.signing_key("test").expect("is there")
}

pub fn named(name: &str, seed: u8) -> NamedKey {
    NamedKey { name: name.to_owned(), key: key(seed).public_key().clone() }
}

pub fn keys() -> Vec<NamedKey> {
    vec![named(ORIGIN, 1), named(WITNESS, 2)]
}

/// Rows of a node, without the node.
pub struct Rows {
    pub store: Store,
    _folder: Option<Scratch>,
}

pub fn sqlite() -> Rows {
    let folder = Scratch::new();
    let url = format!("sqlite:{}", folder.0.join("rows.db").display());
    Rows { store: open(&url), _folder: Some(folder) }
}

pub fn postgres() -> Rows {
    Rows { store: open(&testbed::Database::new().url()), _folder: None }
}

pub fn on_both(test: impl Fn(&Rows)) {
    test(&sqlite());
    test(&postgres());
}

fn open(url: &str) -> Store {
    Store::open(url, &store::Options::default()).expect("opens")
}

impl Rows {
    pub fn log(&self) -> Log<'_> {
        Log::new(&self.store, ORIGIN)
    }

    /// Commits acts under a row key that grows with `number`.
    pub fn append(&self, number: u64, acts: Vec<Act>) {
        let done: Result<(), StoreError> =
            self.store.write(move |session| append(session, format!("{number:032x}"), &acts));
        done.expect("appends");
    }

    /// `from..until`, one act a row.
    pub fn fill(&self, from: u64, until: u64) {
        for number in from..until {
            self.append(number, vec![act(number)]);
        }
    }

    pub fn sequence(&self) -> Sequenced {
        self.log().sequence("test", NOW).expect("sequences")
    }

    pub fn checkpoint(&self, now: i64) -> SignedCheckpoint {
        self.log().checkpoint(&*key(1), now).expect("signs").expect("is not empty")
    }

    pub fn verify(&self, newer: Option<&SignedCheckpoint>) -> VerifyReport {
        self.log().audit_verify(&keys(), newer).expect("reads")
    }

    /// A look under a row key of its own.
    pub fn look(&self) -> Look<'static> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        static WHO: LazyLock<Actor> =
            LazyLock::new(|| Actor { client: "auditor".into(), ..Actor::default() });
        let id = format!("ff{:030x}", NEXT.fetch_add(1, Ordering::Relaxed));
        Look { actor: &WHO, id, now: NOW }
    }

    /// Takes back what looks have written, for tests that count their own entries.
    pub fn unsee(&self) {
        self.run(&["DELETE FROM audit_pending WHERE id LIKE 'ff%'"]);
    }

    pub fn export(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let range = ExportRange { until: None, every_checkpoint: true };
        self.log().audit_export(range, &mut out, self.look()).expect("exports");
        self.unsee();
        out
    }

    pub fn check_export(&self, newer: Option<&SignedCheckpoint>) -> Report {
        check_export(BufReader::new(&self.export()[..]), &keys(), newer).expect("reads")
    }

    pub fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let found: Result<_, StoreError> =
            self.store.read(|session| session.row(&sql, &[], |row| row.get(0)));
        found.expect("counts").unwrap_or(0)
    }

    /// Somebody with the database's password.
    pub fn run(&self, statements: &[&str]) {
        let statements: Vec<String> = statements.iter().map(|sql| (*sql).to_owned()).collect();
        let done: Result<(), StoreError> = self.store.write(move |session: &mut Session| {
            statements.iter().try_for_each(|sql| session.execute(sql, &[]).map(drop))
        });
        done.expect("runs");
    }

    /// Keeps a copy of the whole log, as a backup does.
    pub fn keep(&self) {
        let sql: Vec<String> = TABLES
            .iter()
            .map(|table| format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
            .collect();
        self.run(&sql.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Puts the copy back.
    pub fn restore(&self) {
        let pair = |table: &&str| {
            [format!("DELETE FROM {table}"), format!("INSERT INTO {table} SELECT * FROM kept_{table}")]
        };
        let sql: Vec<String> = TABLES.iter().flat_map(pair).collect();
        self.run(&sql.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

const TABLES: [&str; 5] = ["audit_leaf", "audit_node", "audit_map", "audit_checkpoint", "audit_tree"];

/// Two of three acts are reads; five certificates.
pub fn act(number: u64) -> Act {
    let actor =
        Actor { client: format!("client-{}", number % 3), operator: Some("op".into()), ..Actor::default() };
    let mut act = Act {
        act: if number.is_multiple_of(3) { "lifecycle.event" } else { "verify.identifier" }.into(),
        at: NOW + i64::try_from(number).expect("small"),
        actor,
        object: Some(format!("certificate-{}", number % 5)),
        changes: number.is_multiple_of(3),
        outcome: "done".into(),
        ..Act::default()
    };
    act.detail.insert("number".into(), number.to_string());
    act
}

/// The numbers of [`act`] in the order of the leaves.
pub fn numbers(rows: &Rows) -> Vec<u64> {
    let read = |row: &store::Row<'_>| row.get::<String>(0);
    let entries: Result<Vec<String>, StoreError> =
        rows.store.read(|session| session.rows("SELECT entry FROM audit_leaf ORDER BY n", &[], read));
    let number = |entry: &String| {
        let entry = ledger::Entry::parse(entry.as_bytes()).expect("canonical");
        entry.detail.get("number").and_then(|number| number.parse().ok())
    };
    entries.expect("reads").iter().filter_map(number).collect()
}

pub fn text(error: &NodeError) -> String {
    error.to_string()
}
