//! The tables: one folder of migrations for both engines, each run once, in order, and never changed afterwards.

use std::borrow::Cow;

use gm::sm3::sm3;

use crate::{Session, StoreError, params};

/// One migration of `migrations/`.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number, from 1, without gaps.
    pub version: i64,
    /// Its file name.
    pub name: &'static str,
    /// Its SQL.
    pub sql: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        &[$(Migration { version: $version, name: $name, sql: include_str!(concat!("../../../migrations/", $name)) }),*]
    };
}

/// All migrations that this program knows, in order.
pub fn migrations() -> &'static [Migration] {
    migrations![1 "0001_node.sql"]
}

/// Any number that no other program takes: two nodes that start together must not both migrate.
const LOCK: i64 = 0x6c7a_6d69_6772;

pub(crate) fn run(session: &mut Session, now: i64) -> Result<(), StoreError> {
    session.batch(
        "CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
         sm3 TEXT NOT NULL, applied_at BIGINT NOT NULL)",
    )?;
    session.batch(
        match session.engine() {
            crate::Engine::Sqlite => "BEGIN IMMEDIATE".to_owned(),
            crate::Engine::Postgres => format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})"),
        }
        .as_str(),
    )?;
    let done = apply(session, now);
    session.batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

fn apply(session: &mut Session, now: i64) -> Result<(), StoreError> {
    let known = migrations();
    let past = session.rows("SELECT version, sm3 FROM schema_migration ORDER BY version", &[], |row| {
        Ok((row.get::<i64>(0)?, row.get::<String>(1)?))
    })?;
    for (version, digest) in &past {
        let Some(migration) = known.iter().find(|one| one.version == *version) else {
            return Err(StoreError::Schema(format!(
                "数据库已升级到第 {version} 版，程序只认识到第 {} 版",
                known.len()
            )));
        };
        if *digest != digest_of(migration) {
            return Err(StoreError::Schema(format!("迁移脚本 {} 与数据库记载的不同", migration.name)));
        }
    }
    for migration in known.iter().filter(|one| past.iter().all(|(version, _)| *version != one.version)) {
        session.batch(&text_for(session.engine(), migration.sql))?;
        session.execute(
            "INSERT INTO schema_migration (version, name, sm3, applied_at) VALUES ($1, $2, $3, $4)",
            params![migration.version, migration.name, digest_of(migration), now],
        )?;
    }
    Ok(())
}

/// The text as an engine takes it. Both hold 64-bit numbers in either type, but only `INTEGER` is SQLite's own row key: a numbered table
/// is one tree then, not a tree and an index over it.
fn text_for(engine: crate::Engine, sql: &str) -> Cow<'_, str> {
    match engine {
        crate::Engine::Sqlite => {
            sql.replace(" BIGINT NOT NULL PRIMARY KEY", " INTEGER NOT NULL PRIMARY KEY").into()
        }
        crate::Engine::Postgres => sql.into(),
    }
}

fn digest_of(migration: &Migration) -> String {
    sm3(migration.sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
