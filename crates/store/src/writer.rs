//! The store: writers that commit in groups, readers beside them.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::queue::Queue;
use crate::rows::overview;
use crate::session::Session;
use crate::{Engine, StoreError, migrate};

/// Jobs that share one commit at most.
const GROUP: usize = 512;
/// How often a job that stood in another's way is run again.
const ATTEMPTS: usize = 5;

/// How the store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections that only read.
    pub readers: usize,
    /// Connections that write; SQLite has one whatever stands here.
    pub writers: usize,
    /// Microseconds UTC; stands beside each migration that is run.
    pub now: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 4, writers: 2, now: 0 }
    }
}

/// Where the rows are. Cheap to clone; the last one to go stops the writers after what they have accepted.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Engine,
    queue: Arc<Queue<Box<dyn Job>>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
    readers: Readers,
}

impl Store {
    /// Opens `sqlite:PATH` or `postgres://…` and brings its tables up to date.
    ///
    /// # Errors
    /// An address that cannot be read, a database that cannot be opened or is newer than this program.
    pub fn open(url: &str, options: &Options) -> Result<Self, StoreError> {
        let target = Target::parse(url)?;
        let target = Arc::new(target);
        let mut first = target.connect(false)?;
        migrate::run(&mut first, options.now)?;
        let engine = first.engine();
        let more = if engine == Engine::Postgres { options.writers.saturating_sub(1) } else { 0 };
        let mut sessions = vec![first];
        for _ in 0..more {
            sessions.push(target.connect(false)?);
        }
        let queue = Arc::new(Queue::new());
        let writers = sessions.into_iter().map(|session| {
            let (queue, target) = (Arc::clone(&queue), Arc::clone(&target));
            std::thread::spawn(move || write_loop(session, &target, &queue))
        });
        let inner = Inner {
            engine,
            writers: Mutex::new(writers.collect()),
            queue,
            readers: Readers::new(target, options.readers.max(1)),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Which engine it stands on.
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// Runs a job in a transaction and waits until it is durable. The job may be run again when another transaction
    /// stood in its way, so it must not do anything but use its session.
    ///
    /// # Errors
    /// What the job says, or why it could not be committed. Nothing of it is stored then.
    pub fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut Session) -> Result<T, E> + Send + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.write_then(job, move |done| {
            let _ = sender.send(done);
        });
        receiver.recv().unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// As [`Store::write`], but tells `done` from the writer's thread instead of waiting.
    pub fn write_then<T, E, F, D>(&self, job: F, done: D)
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut Session) -> Result<T, E> + Send + 'static,
        D: FnOnce(Result<T, E>) + Send + 'static,
    {
        let job = Box::new(Typed { run: job, result: None, done: Some(done) });
        if let Err(job) = self.0.queue.push(job) {
            job.finish(Err(StoreError::Closed));
        }
    }

    /// Runs a query on a connection that only reads. It sees everything that was durable when it began.
    ///
    /// # Errors
    /// What the query says; a connection that could not be opened.
    pub fn read<T, E: From<StoreError>>(
        &self,
        query: impl FnOnce(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        self.0.readers.with(query)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
        let writers = std::mem::take(self.writers.get_mut().unwrap_or_else(PoisonError::into_inner));
        let own = std::thread::current().id();
        // The last handle may fall in a writer's own thread, which cannot wait for itself.
        for writer in writers.into_iter().filter(|writer| writer.thread().id() != own) {
            let _ = writer.join();
        }
    }
}

trait Job: Send {
    /// Runs once; true when its rows are to stay.
    fn run(&mut self, session: &mut Session) -> bool;
    /// Tells whoever waits: the job's own result if the group was committed, else why it was not.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Typed<T, E, F, D> {
    run: F,
    result: Option<Result<T, E>>,
    done: Option<D>,
}

impl<T, E, F, D> Job for Typed<T, E, F, D>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnMut(&mut Session) -> Result<T, E> + Send,
    D: FnOnce(Result<T, E>) + Send,
{
    fn run(&mut self, session: &mut Session) -> bool {
        let result = catch_unwind(AssertUnwindSafe(|| (self.run)(session)))
            .unwrap_or_else(|cause| Err(StoreError::Panicked(panic_text(cause.as_ref())).into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn finish(mut self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (committed, self.result.take()) {
            // What the job itself refused stays its own answer: nothing of it was to be stored.
            (_, Some(Err(error))) => Err(error),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(StoreError::Closed.into()),
        };
        if let Some(done) = self.done.take() {
            // Whoever waits must not bring the writer down.
            let _ = catch_unwind(AssertUnwindSafe(|| done(result)));
        }
    }
}

fn panic_text(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| cause.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn write_loop(mut session: Session, target: &Target, queue: &Queue<Box<dyn Job>>) {
    while let Some(mut jobs) = queue.take(GROUP) {
        let committed = alive(&mut session, target).and_then(|()| group(&mut session, &mut jobs));
        for job in jobs {
            job.finish(committed.clone());
        }
    }
}

/// Connects again after the server was away; until it is back, every job is told so at once.
fn alive(session: &mut Session, target: &Target) -> Result<(), StoreError> {
    if session.is_closed() {
        *session = target.connect(false)?;
    }
    Ok(())
}

/// One transaction for all jobs; a job that fails is taken back alone.
fn group(session: &mut Session, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    session.batch(match session.engine() {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN",
    })?;
    let mut kept = false;
    session.tallies.clear();
    for job in jobs.iter_mut() {
        match alone(session, job.as_mut()) {
            Ok(keep) => kept |= keep,
            Err(error) => {
                let _ = session.batch("ROLLBACK");
                return Err(error);
            }
        }
    }
    // The last rows that are locked before the commit, and always in one order: two writers cannot stand in each other's way for good.
    if let Err(error) = overview::settle(session) {
        let _ = session.batch("ROLLBACK");
        return Err(error);
    }
    let end = if kept { "COMMIT" } else { "ROLLBACK" };
    session.batch(end).map_err(|error| {
        let _ = session.batch("ROLLBACK");
        StoreError::Commit { cause: error.to_string() }
    })
}

fn alone(session: &mut Session, job: &mut dyn Job) -> Result<bool, StoreError> {
    let counted = session.tallies.len();
    for _ in 0..ATTEMPTS {
        session.batch("SAVEPOINT job")?;
        session.transient = false;
        if job.run(session) {
            session.batch("RELEASE SAVEPOINT job")?;
            return Ok(true);
        }
        session.tallies.truncate(counted);
        session.batch("ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job")?;
        if !session.transient {
            break;
        }
    }
    Ok(false)
}

/// Where the connections lead.
enum Target {
    Sqlite(String),
    Postgres(Box<postgres::Config>),
}

impl Target {
    fn parse(url: &str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(path.to_owned()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let mut config: postgres::Config = url
                .parse()
                .map_err(|error: postgres::Error| StoreError::Open { cause: error.to_string() })?;
            config.connect_timeout(Duration::from_secs(5)).application_name("luzheng");
            return Ok(Self::Postgres(Box::new(config)));
        }
        Err(StoreError::Address(url.to_owned()))
    }

    fn connect(&self, only_reads: bool) -> Result<Session, StoreError> {
        let open = |error: StoreError| StoreError::Open { cause: error.to_string() };
        let mut session = match self {
            Self::Sqlite(path) => {
                if let Some(parent) = Path::new(path).parent().filter(|parent| !parent.as_os_str().is_empty())
                {
                    std::fs::create_dir_all(parent)
                        .map_err(|error| StoreError::Open { cause: error.to_string() })?;
                }
                let connection = rusqlite::Connection::open(path).map_err(|error| open(error.into()))?;
                // Plans do not depend on the values of parameters. Else SQLite, built with STAT4, compiles a statement anew
                // each time that it is bound: a tenth of all CPU of a node that answers checks.
                connection
                    .set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
                    .map_err(|error| open(error.into()))?;
                Session::sqlite(connection)
            }
            Self::Postgres(config) => {
                let client = config.connect(postgres::NoTls);
                Session::postgres(client.map_err(|error| open(error.into()))?)
            }
        };
        session.batch(settings(session.engine(), only_reads)).map_err(open)?;
        Ok(session)
    }
}

/// Certificates are legal records: a commit is on the disk before it is answered, on either engine, whatever the server's default.
fn settings(engine: Engine, only_reads: bool) -> &'static str {
    match (engine, only_reads) {
        (Engine::Sqlite, false) => {
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000; PRAGMA foreign_keys=ON; \
             PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;"
        }
        (Engine::Sqlite, true) => {
            "PRAGMA busy_timeout=10000; PRAGMA query_only=ON; PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;"
        }
        (Engine::Postgres, false) => "SET synchronous_commit = on; SET timezone = 'UTC'",
        (Engine::Postgres, true) => "SET default_transaction_read_only = on; SET timezone = 'UTC'",
    }
}

/// A few connections that only read, lent out one at a time.
struct Readers {
    target: Arc<Target>,
    most: usize,
    made: AtomicUsize,
    free: Mutex<Vec<Session>>,
    back: Condvar,
}

impl Readers {
    fn new(target: Arc<Target>, most: usize) -> Self {
        Self { target, most, made: AtomicUsize::new(0), free: Mutex::new(Vec::new()), back: Condvar::new() }
    }

    fn with<T, E: From<StoreError>>(&self, query: impl FnOnce(&mut Session) -> Result<T, E>) -> Result<T, E> {
        let mut session = self.lend()?;
        let done = catch_unwind(AssertUnwindSafe(|| query(&mut session)));
        // A connection whose server went away must not come back into the pool.
        let usable = !session.is_closed() && done.is_ok();
        self.give_back(usable.then_some(session));
        done.unwrap_or_else(|cause| std::panic::resume_unwind(cause))
    }

    fn lend(&self) -> Result<Session, StoreError> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(session) = free.pop() {
                return Ok(session);
            }
            if self.made.load(Ordering::Relaxed) < self.most {
                self.made.fetch_add(1, Ordering::Relaxed);
                drop(free);
                return self.target.connect(true).inspect_err(|_| {
                    self.give_back(None);
                });
            }
            free = self.back.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, session: Option<Session>) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        match session {
            Some(session) => free.push(session),
            None => {
                self.made.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.back.notify_one();
    }
}
