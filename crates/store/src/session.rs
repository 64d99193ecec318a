//! One connection, whichever engine it leads to.

use std::collections::HashMap;

use crate::rows::overview::Tally;
use crate::{Row, StoreError, Value};

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// PostgreSQL 15 or newer.
    Postgres,
}

pub(crate) enum Kind {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Client>),
}

pub(crate) struct Client {
    pub client: postgres::Client,
    statements: HashMap<String, postgres::Statement>,
}

/// A connection with the statements that it has prepared. SQL is written once for both engines: `$1` placeholders, TEXT, BIGINT and BOOLEAN
/// columns, casts on every aggregate (`stack.md` §3.3).
pub struct Session {
    pub(crate) kind: Kind,
    /// A statement of this job failed in a way that trying again may mend.
    pub(crate) transient: bool,
    /// Changes of counters that the jobs of this transaction have noted.
    pub(crate) tallies: Vec<Tally>,
}

impl Session {
    pub(crate) fn sqlite(connection: rusqlite::Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(256);
        Self { kind: Kind::Sqlite(connection), transient: false, tallies: Vec::new() }
    }

    pub(crate) fn postgres(client: postgres::Client) -> Self {
        Self {
            kind: Kind::Postgres(Box::new(Client { client, statements: HashMap::new() })),
            transient: false,
            tallies: Vec::new(),
        }
    }

    /// Notes a change of a counter of the overview. The jobs that share a commit share one statement a counter, just before it
    /// (`docs/pages.md`, "Counters").
    pub fn tally(&mut self, tally: Tally) {
        self.tallies.push(tally);
    }

    /// Which engine it leads to; for the few statements that differ.
    pub fn engine(&self) -> Engine {
        match self.kind {
            Kind::Sqlite(_) => Engine::Sqlite,
            Kind::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement; the number of rows changed.
    ///
    /// # Errors
    /// [`StoreError::Statement`].
    pub fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let done = match &mut self.kind {
            Kind::Sqlite(connection) => sqlite_execute(connection, sql, params),
            Kind::Postgres(client) => client.execute(sql, params),
        };
        self.noted(done)
    }

    /// All rows of a query, each through `read`.
    ///
    /// # Errors
    /// [`StoreError::Statement`], and whatever `read` says.
    pub fn rows<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut out = Vec::new();
        let done = match &mut self.kind {
            Kind::Sqlite(connection) => sqlite_rows(connection, sql, params, &mut |row| {
                out.push(read(row)?);
                Ok(())
            }),
            Kind::Postgres(client) => client.rows(sql, params, &mut |row| {
                out.push(read(row)?);
                Ok(())
            }),
        };
        self.noted(done)?;
        Ok(out)
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// As [`Session::rows`].
    pub fn row<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.rows(sql, params, read)?.into_iter().next())
    }

    /// The first row, locked until the end of the transaction where the engine has several writers.
    ///
    /// # Errors
    /// As [`Session::rows`].
    pub fn row_for_update<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match self.engine() {
            Engine::Sqlite => self.row(sql, params, read),
            Engine::Postgres => self.row(&format!("{sql} FOR UPDATE"), params, read),
        }
    }

    /// Inserts many rows of `width` values each: `INSERT INTO t (…) VALUES` + rows + `tail` (`ON CONFLICT …`).
    ///
    /// # Errors
    /// [`StoreError::Statement`].
    ///
    /// # Panics
    /// Never: `width` 0 inserts nothing.
    pub fn insert(
        &mut self,
        head: &str,
        width: usize,
        tail: &str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        if width == 0 || values.is_empty() {
            return Ok(0);
        }
        let mut inserted = 0;
        let mut rest = values;
        while !rest.is_empty() {
            let rows = chunk(self.engine(), rest.len() / width);
            let (now, later) = rest.split_at((rows.max(1) * width).min(rest.len()));
            let sql = format!("{head} VALUES {} {tail}", places(now.len() / width, width));
            inserted += self.execute(&sql, now)?;
            rest = later;
        }
        Ok(inserted)
    }

    /// Has the server gone away?
    pub(crate) fn is_closed(&self) -> bool {
        matches!(&self.kind, Kind::Postgres(client) if client.client.is_closed())
    }

    fn noted<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        self.transient |= done.as_ref().is_err_and(StoreError::is_transient);
        done
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let done = match &mut self.kind {
            Kind::Sqlite(connection) => connection.execute_batch(sql).map_err(Into::into),
            Kind::Postgres(client) => client.client.batch_execute(sql).map_err(Into::into),
        };
        self.noted(done)
    }
}

/// How many rows go into one statement. A round trip is dear on PostgreSQL, and a few sizes keep the prepared statements few;
/// SQLite is fastest with one row a statement (`stack.md` §3.2).
fn chunk(engine: Engine, rows: usize) -> usize {
    match engine {
        Engine::Sqlite => 1,
        Engine::Postgres => [256, 64, 16, 4].into_iter().find(|size| *size <= rows).unwrap_or(1),
    }
}

fn places(rows: usize, width: usize) -> String {
    let row = |index: usize| {
        let places: Vec<String> = (1..=width).map(|column| format!("${}", index * width + column)).collect();
        format!("({})", places.join(","))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

type Each<'a> = &'a mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>;

fn bind<'s>(
    connection: &'s rusqlite::Connection,
    sql: &str,
    params: &[Value<'_>],
) -> Result<rusqlite::CachedStatement<'s>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    // SQLite numbers `$7` by its first appearance; PostgreSQL by what it says. We mean the latter.
    for place in 1..=statement.parameter_count() {
        let number = statement.parameter_name(place).and_then(|name| name[1..].parse::<usize>().ok());
        let value = number.and_then(|number| params.get(number.wrapping_sub(1))).ok_or_else(|| {
            StoreError::Statement {
                cause: format!("参数 {place} 没有值：{sql}"),
                duplicate: false,
                transient: false,
            }
        })?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(statement)
}

fn sqlite_execute(
    connection: &rusqlite::Connection,
    sql: &str,
    params: &[Value<'_>],
) -> Result<u64, StoreError> {
    Ok(bind(connection, sql, params)?.raw_execute()? as u64)
}

fn sqlite_rows(
    connection: &rusqlite::Connection,
    sql: &str,
    params: &[Value<'_>],
    each: Each<'_>,
) -> Result<(), StoreError> {
    let mut statement = bind(connection, sql, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        each(&Row::Sqlite(row))?;
    }
    Ok(())
}

impl Client {
    fn prepare(&mut self, sql: &str) -> Result<postgres::Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn postgres::types::ToSql + Sync)> =
            params.iter().map(|value| value as _).collect();
        Ok(self.client.execute(&statement, &params)?)
    }

    fn rows(&mut self, sql: &str, params: &[Value<'_>], each: Each<'_>) -> Result<(), StoreError> {
        use postgres::fallible_iterator::FallibleIterator;
        let statement = self.prepare(sql)?;
        let mut rows = self.client.query_raw(&statement, params)?;
        while let Some(row) = rows.next()? {
            each(&Row::Postgres(&row))?;
        }
        Ok(())
    }
}
