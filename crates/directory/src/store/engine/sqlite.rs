//! The embedded engine. Reads run on the calling thread over a connection of that thread's own; writes queue to one
//! writer thread that commits them in groups (`sqlite/writer.rs`); long reads go to a few threads kept for them.
//!
//! Settings that look like details and are not (measured): `ENABLE_QPSG`, because the bundled library has STAT4 and
//! would otherwise, after `ANALYZE`, compile every cached statement anew at each run (67,000 reads/s become 13,000);
//! `synchronous=FULL`, because in WAL mode only that syncs each commit.

mod search;
mod session;
mod writer;

use super::Schema;
use super::{guarded, threads::Threads};
use crate::error::{Error, Result};
use crate::store::{Around, Haste, Tx};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use session::{Snapshot, SqliteSession};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use writer::Writer;

/// Threads for long reads: lists, exports, reports.
const REPORT_THREADS: usize = 2;
/// Long reads that may wait for such a thread; more are refused.
const REPORTS_WAITING: usize = 256;
/// How long a connection waits for another process's lock, such as a command's beside a running server.
const BUSY: Duration = Duration::from_secs(5);
/// How often, and how long each time, others are waited for at the end, before the log is left to the next one.
const FAREWELLS: u32 = 10;
const FAREWELL: Duration = Duration::from_millis(100);

/// A handle on an SQLite database.
#[derive(Clone)]
pub(in crate::store) struct Sqlite {
    inner: Arc<Inner>,
}

struct Inner {
    /// Tells this store's reading connections from those of another store on the same thread (tests open many).
    id: u64,
    path: PathBuf,
    writer: Writer,
    reports: Threads<Result<Connection>>,
}

thread_local! {
    /// This thread's reading connections, by store.
    static READERS: RefCell<Vec<(u64, Connection)>> = const { RefCell::new(Vec::new()) };
}

impl Sqlite {
    pub(in crate::store) fn open(path: &Path, around: &Around) -> Result<Sqlite> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let writer = Writer::start(path, around.clone())?;
        let own = path.to_owned();
        let reports = Threads::new("rolebook-report", REPORT_THREADS, REPORTS_WAITING, move || open_reader(&own));
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Sqlite { inner: Arc::new(Inner { id, path: path.to_owned(), writer, reports }) })
    }

    pub(in crate::store) fn migrate<T>(&self, job: impl FnOnce(&mut dyn Schema) -> Result<T>) -> Result<T> {
        let connection = open_writer(&self.inner.path)?;
        connection.execute_batch("BEGIN IMMEDIATE").map_err(|e| unavailable(&self.inner.path, &e))?;
        let outcome =
            job(&mut SqliteSession(&connection)).and_then(|done| search::catch_up(&connection).map(|()| done));
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        connection.execute_batch(end).map_err(|e| unavailable(&self.inner.path, &e))?;
        outcome
    }

    pub(in crate::store) fn read<T>(&self, around: &Around, job: &dyn Fn(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        READERS.with_borrow_mut(|readers| {
            let place = match readers.iter().position(|(id, _)| *id == self.inner.id) {
                Some(place) => place,
                None => {
                    readers.push((self.inner.id, open_reader(&self.inner.path)?));
                    readers.len() - 1
                }
            };
            in_snapshot(&readers[place].1, around, job)
        })
    }

    pub(in crate::store) async fn report<T, F>(&self, around: &Around, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let around = around.clone();
        self.inner
            .reports
            .run(move |connection| match connection {
                Ok(connection) => in_snapshot(connection, &around, &job),
                Err(e) => Err(Error::Unavailable(e.to_string())),
            })
            .await
    }

    pub(in crate::store) async fn write<T, F>(&self, haste: Haste, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.inner.writer.write(haste, job).await
    }

    /// Folds the log back into the database, so that its file alone holds everything.
    pub(in crate::store) fn close(&self) -> Result<()> {
        // Over a connection of its own: the writer may be at its last group.
        let connection = open_writer(&self.inner.path)?;
        for _ in 0..FAREWELLS {
            if session::checkpoint(&connection, "TRUNCATE", FAREWELL)? {
                return Ok(());
            }
            // SQLite waits for readers and writers, but not for whoever folds back already.
            std::thread::sleep(FAREWELL / 5);
        }
        Err(Error::Unavailable("somebody else still reads or writes the database".to_owned()))
    }
}

/// Runs a job against one snapshot. `BEGIN` and `COMMIT` take no lock that a writer would wait for.
fn in_snapshot<T>(connection: &Connection, around: &Around, job: &dyn Fn(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let mut snapshot = Snapshot { session: SqliteSession(connection), begun: false };
    let outcome = guarded(&mut snapshot, around, None, job);
    if snapshot.begun {
        session::control(connection, "COMMIT")?;
    }
    outcome
}

fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| unavailable(path, &e))?;
    configure(&connection, "PRAGMA query_only = ON; PRAGMA cache_size = -4096;").map_err(|e| unavailable(path, &e))?;
    Ok(connection)
}

fn open_writer(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| unavailable(path, &e))?;
    configure(
        &connection,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -12288; PRAGMA temp_store = MEMORY;",
    )
    .map_err(|e| unavailable(path, &e))?;
    Ok(connection)
}

fn configure(connection: &Connection, pragmas: &str) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(512);
    rusqlite::vtab::array::load_module(connection)?;
    connection.execute_batch(pragmas)
}

/// One line for the operator, with the file's name in it.
fn unavailable(path: &Path, error: &rusqlite::Error) -> Error {
    Error::Unavailable(format!("cannot use the database {}: {error}", path.display()))
}
