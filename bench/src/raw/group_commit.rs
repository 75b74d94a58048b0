//! Raw group commit: one thread that runs each waiting job in a savepoint and commits once for all of them, with the same
//! settings as the embedded engine, and a thread that folds the log back. On a copy of the database.

use std::path::Path;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use anyhow::Context;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement, ToSql};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::{Job, Sql, Value, text, texts};

/// As the embedded engine has them.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
     PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;";
const WAITING: usize = 4096;
const GROUP: usize = 512;
const GROUP_TIME: Duration = Duration::from_millis(20);
const CHECKPOINT_PAGES: i32 = 1000;

type Waiting = (Job, oneshot::Sender<()>);

/// The queue to the one writing thread.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::SyncSender<Waiting>,
}

/// Copies a database that may be in use, page by page, so that it lies on the disk as the first one does.
pub(crate) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut target = Connection::open(to)?;
    let backup = rusqlite::backup::Backup::new(&source, &mut target)?;
    backup.run_to_completion(10_000, Duration::ZERO, None)?;
    Ok(())
}

/// The id of the environment with this key.
pub(crate) fn environment(path: &Path, key: &str) -> anyhow::Result<i64> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(connection.query_row(&spelled(text("environments::FIND_BY_KEY")?), [key], |row| row.get(0))?)
}

impl Writer {
    /// Starts the thread on this database.
    pub(crate) fn start(path: &Path) -> anyhow::Result<Writer> {
        let (queue, jobs) = mpsc::sync_channel(WAITING);
        let mut connection = open(path)?;
        let wake = start_checkpointer(path)?;
        let pages = Arc::new(AtomicI32::new(0));
        let count = pages.clone();
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            count.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        std::thread::Builder::new().name("raw-writer".to_owned()).spawn(move || {
            if let Err(error) = work(&connection, &jobs, &pages, &wake) {
                eprintln!("raw group commit has ended: {error:#}");
            }
        })?;
        Ok(Writer { queue })
    }

    /// As many callers as this, each with its next job when the last one is durable; jobs a second.
    pub(crate) async fn per_second(
        &self,
        callers: usize,
        time: Duration,
        next: &Arc<AtomicU64>,
        job: Arc<dyn Fn(u64) -> Job + Send + Sync>,
    ) -> anyhow::Result<f64> {
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..callers {
            let (writer, next, job) = (self.clone(), next.clone(), job.clone());
            tasks.spawn(async move {
                let mut done = 0_u64;
                while begun.elapsed() < time {
                    let (answer, answered) = oneshot::channel();
                    let job = job(next.fetch_add(1, Ordering::Relaxed));
                    writer.queue.try_send((job, answer)).context("raw group commit takes no jobs")?;
                    answered.await.context("a raw job was not committed")?;
                    done += 1;
                }
                anyhow::Ok(done)
            });
        }
        let mut done = 0;
        while let Some(own) = tasks.join_next().await {
            done += own??;
        }
        Ok(done as f64 / begun.elapsed().as_secs_f64())
    }
}

fn open(path: &Path) -> anyhow::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}

fn work(
    connection: &Connection,
    jobs: &mpsc::Receiver<Waiting>,
    pages: &AtomicI32,
    wake: &mpsc::SyncSender<()>,
) -> anyhow::Result<()> {
    let prepare = |sql: &str| connection.prepare(sql);
    let (mut begin, mut commit) = (prepare("BEGIN IMMEDIATE")?, prepare("COMMIT")?);
    let (mut savepoint, mut release) = (prepare("SAVEPOINT job")?, prepare("RELEASE job")?);
    let mut statements = texts()?.into_iter().map(|text| prepare(&spelled(text))).collect::<Result<Vec<_>, _>>()?;
    while let Ok(first) = jobs.recv() {
        let started = Instant::now();
        let mut group = Vec::new();
        let mut next = Some(first);
        begin.raw_execute()?;
        while let Some((job, answer)) = next {
            savepoint.raw_execute()?;
            for (sql, values) in &job {
                // One transaction writes at a time, and so holds everything: the embedded engine does not ask either.
                if *sql == Sql::HoldAccount {
                    continue;
                }
                run(&mut statements[*sql as usize], values)?;
            }
            release.raw_execute()?;
            group.push(answer);
            let full = group.len() >= GROUP || started.elapsed() >= GROUP_TIME;
            next = if full { None } else { jobs.try_recv().ok() };
        }
        super::index::keep_up(connection)?;
        commit.raw_execute()?;
        for answer in group {
            // Its caller may have gone with the end of the round.
            let _ = answer.send(());
        }
        if pages.load(Ordering::Relaxed) > CHECKPOINT_PAGES {
            // A wake-up that finds the thread at work already is not needed.
            let _ = wake.try_send(());
        }
    }
    Ok(())
}

fn run(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for (n, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(n + 1, value)?;
    }
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

fn start_checkpointer(path: &Path) -> anyhow::Result<mpsc::SyncSender<()>> {
    let connection = open(path)?;
    let (wake, woken) = mpsc::sync_channel(1);
    std::thread::Builder::new().name("raw-checkpoint".to_owned()).spawn(move || {
        while woken.recv().is_ok() {
            // The next one tries again.
            let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    })?;
    Ok(wake)
}

/// PostgreSQL's spelling to SQLite's, as the embedded engine does it.
fn spelled(sql: &str) -> String {
    sql.replace('$', "?").replace(" FOR UPDATE", "")
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Integer(integer) => ToSqlOutput::Borrowed(ValueRef::Integer(*integer)),
            Value::Boolean(flag) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*flag))),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_spelled_for_sqlite() {
        assert_eq!(
            spelled("SELECT a FROM t WHERE b = $12 AND d > $1 FOR UPDATE"),
            "SELECT a FROM t WHERE b = ?12 AND d > ?1"
        );
    }
}
