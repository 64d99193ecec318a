//! The same suite on both engines.

use std::sync::atomic::{AtomicU32, Ordering};

use store::{Engine, Options, Session, Store, StoreError, params};

static NEXT: AtomicU32 = AtomicU32::new(0);

fn folder() -> std::path::PathBuf {
    let name = format!("luzheng-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    std::env::temp_dir().join(name)
}

fn on_both(test: impl Fn(&str)) {
    let folder = folder();
    test(&format!("sqlite:{}", folder.join("rows.db").display()));
    let _ = std::fs::remove_dir_all(folder);
    test(&testbed::Database::new().url());
}

fn open(url: &str) -> Store {
    Store::open(url, &Options::default()).expect("opens")
}

fn put(store: &Store, name: &'static str, value: i64) -> Result<(), StoreError> {
    store.write(move |session| {
        session.execute("INSERT INTO issue_counter (series, last) VALUES ($1, $2)", params![name, value])?;
        Ok(())
    })
}

fn get(store: &Store, name: &str) -> Option<i64> {
    store
        .read(|session| {
            session.row("SELECT last FROM issue_counter WHERE series = $1", params![name], |row| row.get(0))
        })
        .map_err(|error: StoreError| error)
        .expect("reads")
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    on_both(|url| {
        put(&open(url), "a", 7).expect("writes");
        assert_eq!(get(&open(url), "a"), Some(7));
    });
}

#[test]
fn a_refused_job_leaves_nothing_and_its_neighbours_stay() {
    on_both(|url| {
        let store = open(url);
        let failed: Result<(), StoreError> = store.write(|session| {
            session.execute("INSERT INTO issue_counter (series, last) VALUES ('x', 1)", &[])?;
            Err(StoreError::Closed)
        });
        assert!(failed.is_err());
        put(&store, "y", 2).expect("writes");
        assert_eq!((get(&store, "x"), get(&store, "y")), (None, Some(2)));
    });
}

#[test]
fn a_taken_key_is_told_as_such() {
    on_both(|url| {
        let store = open(url);
        put(&store, "a", 1).expect("writes");
        assert!(put(&store, "a", 2).expect_err("taken").is_duplicate());
        assert_eq!(get(&store, "a"), Some(1));
    });
}

#[test]
fn a_panicking_job_is_rolled_back_and_the_writer_goes_on() {
    on_both(|url| {
        let store = open(url);
        let failed: Result<(), StoreError> = store.write(|session| {
            session.execute("INSERT INTO issue_counter (series, last) VALUES ('x', 1)", &[])?;
            panic!("on purpose")
        });
        assert!(matches!(failed, Err(StoreError::Panicked(_))));
        put(&store, "y", 2).expect("writes");
        assert_eq!(get(&store, "x"), None);
    });
}

#[test]
fn concurrent_jobs_share_commits_and_none_is_lost() {
    on_both(|url| {
        let store = open(url);
        put(&store, "sum", 0).expect("writes");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let added: Result<(), StoreError> = store.write(|session| {
                            let last: Option<i64> = session.row_for_update(
                                "SELECT last FROM issue_counter WHERE series = 'sum'",
                                &[],
                                |row| row.get(0),
                            )?;
                            session.execute(
                                "UPDATE issue_counter SET last = $1 WHERE series = 'sum'",
                                params![last.unwrap_or(0) + 1],
                            )?;
                            Ok(())
                        });
                        added.expect("adds");
                    }
                });
            }
        });
        assert_eq!(get(&store, "sum"), Some(400));
    });
}

#[test]
fn many_rows_go_in_together() {
    on_both(|url| {
        let store = open(url);
        let inserted: Result<u64, StoreError> = store.write(|session: &mut Session| {
            let names: Vec<String> = (0..1000).map(|n| format!("n{n}")).collect();
            let values: Vec<store::Value<'_>> =
                names.iter().enumerate().flat_map(|(n, name)| [name.into(), (n as i64).into()]).collect();
            session.insert("INSERT INTO issue_counter (series, last)", 2, "ON CONFLICT DO NOTHING", &values)
        });
        assert_eq!(inserted.expect("inserts"), 1000);
        assert_eq!(get(&store, "n999"), Some(999));
    });
}

#[test]
fn a_reader_cannot_write() {
    on_both(|url| {
        let store = open(url);
        let refused: Result<u64, StoreError> = store
            .read(|session| session.execute("INSERT INTO issue_counter (series, last) VALUES ('x', 1)", &[]));
        assert!(refused.is_err());
        assert_eq!(get(&store, "x"), None);
    });
}

#[test]
fn sqlite_commits_are_flushed_in_full() {
    let folder = folder();
    let store = open(&format!("sqlite:{}", folder.join("rows.db").display()));
    assert_eq!(store.engine(), Engine::Sqlite);
    let modes: Result<(i64, String), StoreError> = store.write(|session| {
        let flush = session.row("PRAGMA synchronous", &[], |row| row.get::<i64>(0))?;
        let journal = session.row("PRAGMA journal_mode", &[], |row| row.get::<String>(0))?;
        Ok((flush.unwrap_or_default(), journal.unwrap_or_default()))
    });
    assert_eq!(modes.expect("reads"), (2, "wal".to_owned()));
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn a_newer_database_is_refused() {
    on_both(|url| {
        let store = open(url);
        let added: Result<u64, StoreError> = store.write(|session| {
            session.execute(
                "INSERT INTO schema_migration (version, name, sm3, applied_at) VALUES (999, 'x', 'x', 0)",
                &[],
            )
        });
        added.expect("writes");
        drop(store);
        assert!(matches!(Store::open(url, &Options::default()), Err(StoreError::Schema(_))));
    });
}

#[test]
fn unknown_addresses_are_named() {
    assert!(matches!(Store::open("mysql://x", &Options::default()), Err(StoreError::Address(_))));
}
