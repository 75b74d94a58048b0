//! The networked engine: a few threads, each with a connection, run the same closures in `BEGIN … COMMIT`. A write that
//! collides with another (a serialisation failure, a deadlock, two inserts of one unique value) is rolled back and run
//! again, when it sees what the other did; hence the closures are `Fn`.
//!
//! Transactions are READ COMMITTED: the verbs that must exclude each other take the row that they quarrel about
//! (`FOR UPDATE`), which costs nothing to all others, where SERIALIZABLE would make every pair of upserts collide.

mod search;
mod session;
mod single;
mod watch;

use super::Schema;
use super::{Unasked, guarded, threads::Threads};
use crate::error::{Error, Result};
use crate::priority::yield_to_others;
use crate::store::memory::Touched;
use crate::store::{Around, Tx};
use postgres::{Client, NoTls};
use session::PostgresSession;
use single::Single;
use std::time::{Duration, Instant};

/// Connections for reads and for writes: kept apart, so that waiting commits do not delay reads.
const READERS: usize = 8;
/// Writers for each processor, within bounds: where the server is at hand more of them only wait for each other (on two
/// cores 8 write as much as 16, and reads are through in half the time), and where it is far away they wait for the network.
const WRITERS: usize = 4;
const LEAST_WRITERS: usize = 8;
const MOST_WRITERS: usize = 16;
/// Reading goes before writing where the server shares our processors: the fewer statements of writers are under way at once,
/// the sooner one of a reader has its turn.
const WRITERS_NICENESS: i32 = 10;
/// Calls that may wait for a connection; more are refused at once.
const WAITING: usize = 4096;
/// How often a write that collides is tried before it is given up.
const TRIES: u32 = 12;
/// How long the server's plans are kept. Those that it made while a table was nearly empty read all of an environment where
/// one row is wanted, since every index looks alike then, and it keeps them until it happens to analyse the table (a fresh
/// database filled over the API: 700 new users a second; with plans made anew, three times that).
const REPLAN: Duration = Duration::from_secs(5);
/// A migration may go through all that there is, which takes its time.
const MIGRATE: &str = "BEGIN; SET LOCAL statement_timeout = 0";
/// Serialises migrations of several starting nodes; any number will do that no other application takes.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7164650121)";

/// A handle on a PostgreSQL database.
#[derive(Clone)]
pub(in crate::store) struct Postgres {
    inner: std::sync::Arc<Inner>,
}

struct Inner {
    config: postgres::Config,
    readers: Threads<Connection>,
    writers: Threads<Connection>,
    own: watch::Own,
    /// Dropped with the last handle, which ends the watching thread.
    _watching: std::sync::mpsc::SyncSender<()>,
}

/// A connection that is made at its first use and made again when it broke.
struct Connection {
    config: postgres::Config,
    open: Option<Open>,
}

struct Open {
    client: Client,
    prepared: session::Prepared,
    planned: Instant,
}

impl Open {
    fn new(config: &postgres::Config) -> Result<Open> {
        Ok(Open { client: connect(config)?, prepared: session::Prepared::default(), planned: now() })
    }

    /// Has the server plan anew now and then what it prepared for this connection.
    fn replan(&mut self) -> Result<()> {
        if self.planned.elapsed() >= REPLAN {
            self.client.batch_execute("DISCARD PLANS").map_err(|e| unavailable(&e))?;
            self.planned = now();
        }
        Ok(())
    }
}

#[allow(clippy::disallowed_methods, reason = "how old a plan is is the machine's time, not the directory's")]
fn now() -> Instant {
    Instant::now()
}

impl Postgres {
    pub(in crate::store) fn open(url: &str, around: &Around) -> Result<Postgres> {
        let mut config: postgres::Config =
            url.parse().map_err(|_| Error::Unavailable("the PostgreSQL address cannot be understood".to_owned()))?;
        config.connect_timeout(Duration::from_secs(5)).application_name("rolebook");
        // Nothing of ours waits on another for long: a stuck peer must not hold a thread for ever.
        config.options("-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s");
        // Where the shared clock stands, so that a node which has just started knows the revisions of others.
        let at = off_runtime(|| {
            let row = connect(&config)?.query_one(session::clock!(), &[]).map_err(|e| unavailable(&e))?;
            Ok(row.get::<_, i64>(0))
        })?;
        around.memory.revision(at);
        let (readers, writers) = (
            pool("rolebook-pg-read", READERS, 0, &config),
            pool("rolebook-pg-write", writers(), WRITERS_NICENESS, &config),
        );
        let own = watch::Own::default();
        let watching = watch::start(config.clone(), around.clone(), own.clone())?;
        let inner = Inner { config, readers, writers, own, _watching: watching };
        Ok(Postgres { inner: std::sync::Arc::new(inner) })
    }

    pub(in crate::store) fn migrate<T: Send>(
        &self,
        job: impl FnOnce(&mut dyn Schema) -> Result<T> + Send,
    ) -> Result<T> {
        off_runtime(|| {
            let mut client = connect(&self.inner.config)?;
            let mut prepared = session::Prepared::default();
            let mut session = PostgresSession::begin(&mut client, &mut prepared, MIGRATE)?;
            session.batch(MIGRATION_LOCK)?;
            let outcome = job(&mut session);
            session.end(outcome)
        })
    }

    /// Most find all that they need remembered, and need neither a thread nor a connection; most of the others ask one thing.
    pub(in crate::store) async fn read<T, F>(&self, around: &Around, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.read_with(around, true, job).await
    }

    /// What asks several things in any case.
    pub(in crate::store) async fn report<T, F>(&self, around: &Around, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.read_with(around, false, job).await
    }

    async fn read_with<T, F>(&self, around: &Around, perhaps_single: bool, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let mut nothing = Unasked::default();
        let outcome = guarded(&mut nothing, around, None, &job);
        if !nothing.asked {
            return outcome;
        }
        let around = around.clone();
        self.inner
            .readers
            .run(move |connection| {
                connection.with(|open| {
                    if perhaps_single {
                        let mut single = Single::new(PostgresSession::alone(&mut open.client, &mut open.prepared));
                        let outcome = guarded(&mut single, &around, None, &job);
                        if !single.too_little {
                            return outcome;
                        }
                    }
                    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                    let mut session = PostgresSession::begin(&mut open.client, &mut open.prepared, begin)?;
                    let outcome = guarded(&mut session, &around, None, &job);
                    session.end(outcome)
                })
            })
            .await
    }

    pub(in crate::store) async fn write<T, F>(&self, around: &Around, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (own, around) = (self.inner.own.clone(), around.clone());
        self.inner
            .writers
            .run(move |connection| {
                for attempt in 1..=TRIES {
                    let mut collided = false;
                    let outcome = connection.with(|open| {
                        let mut session = PostgresSession::begin(&mut open.client, &mut open.prepared, "BEGIN")?;
                        let mut touched = Touched::default();
                        let outcome = guarded(&mut session, &around, Some(&mut touched), &job);
                        let (outcome, ended) = session.end_noting(outcome);
                        collided = ended.collided;
                        ended.transaction.inspect(|transaction| own.ended(*transaction));
                        around.memory.revision(ended.at.unwrap_or(0));
                        around.memory.publish(&touched);
                        outcome
                    });
                    if !collided {
                        return outcome;
                    }
                    // Perhaps over something that is remembered and no longer so.
                    around.memory.forget();
                    // A little longer each time, and differently on each thread, so that two do not meet again.
                    let spread = u32::from(std::process::id() as u8 ^ attempt as u8) % 4;
                    std::thread::sleep(Duration::from_millis(u64::from(attempt * (1 + spread))));
                }
                Err(Error::Unavailable("the same rows are being changed by too many others".to_owned()))
            })
            .await
    }
}

impl Connection {
    /// Runs `job` over an open connection; a broken one is dropped, and the next call opens another.
    fn with<T>(&mut self, job: impl FnOnce(&mut Open) -> Result<T>) -> Result<T> {
        let mut open = match self.open.take().filter(|open| !open.client.is_closed()) {
            Some(open) => open,
            None => Open::new(&self.config)?,
        };
        let outcome = open.replan().and_then(|()| job(&mut open));
        if !open.client.is_closed() {
            self.open = Some(open);
        }
        outcome
    }
}

fn connect(config: &postgres::Config) -> Result<Client> {
    config.connect(NoTls).map_err(|e| unavailable(&e))
}

/// Runs on a thread of its own: this driver blocks, and refuses to do so on a thread that serves others.
fn off_runtime<T: Send>(job: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| scope.spawn(job).join())
        .unwrap_or_else(|_| Err(Error::Internal("a connecting thread panicked".to_owned())))
}

fn writers() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (processors * WRITERS).clamp(LEAST_WRITERS, MOST_WRITERS)
}

fn pool(name: &str, count: usize, niceness: i32, config: &postgres::Config) -> Threads<Connection> {
    let config = config.clone();
    Threads::new(name, count, WAITING, move || {
        yield_to_others(niceness);
        Connection { config: config.clone(), open: None }
    })
}

/// One line for the operator; the server's own message, which never holds the password.
fn unavailable(error: &postgres::Error) -> Error {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    Error::Unavailable(format!("PostgreSQL cannot be reached: {error}{cause}"))
}
