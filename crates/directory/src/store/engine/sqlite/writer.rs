//! Group commit: one thread takes every write. It opens a transaction, runs each waiting job in a savepoint of its own,
//! commits once, and only then answers them. One sync of the disk serves them all (measured on 2 cores: 700 writes/s one
//! by one, 32,000/s with 256 callers), and a job that fails takes back its own changes alone.
//!
//! The log file is folded back beside the writer by a checkpointing thread; past [`LOG_CAP`] the writer truncates it
//! itself, or under steady load it would grow without end.

use super::super::{guarded, stopped};
use super::{open_writer, search, session, session::SqliteSession, unavailable};
use crate::clock::Time;
use crate::error::{Error, Result};
use crate::store::memory::Touched;
use crate::store::{Around, Haste, Tx};
use rusqlite::Connection;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Writes that may wait; more are refused at once, so that no caller waits for minutes.
const WAITING: usize = 4096;
/// A group is committed after this many jobs or this long, whichever comes first: the first of it waits for the last.
const GROUP: usize = 512;
const GROUP_TIME: Duration = Duration::from_millis(20);
/// For how long those without haste wait for others: about as long as one hash takes.
const PATIENCE: Duration = Duration::from_millis(20);
/// How often it looks whether another process has written: much more often than what is remembered lasts without.
const LOOK: Duration = Duration::from_millis(250);
/// Pages of log after which the checkpointer is woken (4 MB).
const CHECKPOINT_PAGES: i32 = 1000;
/// Pages of log after which the writer truncates it (128 MB).
const LOG_CAP: i32 = 32_000;
/// How long a checkpoint waits for who is in its way.
const FOLDING: Duration = Duration::from_millis(20);

/// The queue to the writer thread, which ends when the last handle is dropped.
pub(super) struct Writer {
    queue: mpsc::SyncSender<Box<dyn Job>>,
}

/// A write on its way: run once, then answered once the group is durable (or is not).
trait Job: Send {
    fn haste(&self) -> Haste;
    /// Runs in a savepoint; false: take it back.
    fn run(&mut self, session: &mut SqliteSession<'_>, around: &Around, touched: &mut Touched) -> bool;
    fn answer(self: Box<Self>, committed: bool);
}

struct Write<T, F> {
    haste: Haste,
    job: F,
    outcome: Result<T>,
    caller: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: Fn(&mut Tx<'_>) -> Result<T> + Send,
{
    fn haste(&self) -> Haste {
        self.haste
    }

    fn run(&mut self, session: &mut SqliteSession<'_>, around: &Around, touched: &mut Touched) -> bool {
        self.outcome = guarded(session, around, Some(touched), &self.job);
        self.outcome.is_ok()
    }

    fn answer(self: Box<Self>, committed: bool) {
        let outcome = match self.outcome {
            Ok(_) if !committed => Err(Error::Unavailable("the write could not be made durable".to_owned())),
            outcome => outcome,
        };
        self.caller.send(outcome).ok();
    }
}

impl Writer {
    pub(super) fn start(path: &Path, around: Around) -> Result<Writer> {
        let mut connection = open_writer(path)?;
        let (queue, jobs) = mpsc::sync_channel(WAITING);
        let log_pages = Arc::new(AtomicI32::new(0));
        let wake = start_checkpointer(path)?;
        let pages = log_pages.clone();
        connection
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
                pages.store(count, Ordering::Relaxed);
                Ok(())
            }))
            .map_err(|e| unavailable(path, &e))?;
        std::thread::Builder::new()
            .name("rolebook-writer".to_owned())
            .spawn(move || {
                let mut watch = Watch::begin(&connection, &around);
                loop {
                    let first = match jobs.recv_timeout(LOOK) {
                        Ok(first) => first,
                        Err(mpsc::RecvTimeoutError::Timeout) => {
                            watch.look(&connection, &around);
                            tidy(&connection);
                            continue;
                        }
                        Err(mpsc::RecvTimeoutError::Disconnected) => return,
                    };
                    let waiting = gather(first, &jobs);
                    commit_group(&connection, &around, waiting, &jobs);
                    watch.look_now_and_then(&connection, &around);
                    let pages = log_pages.load(Ordering::Relaxed);
                    if pages > LOG_CAP {
                        // Not while a long reader holds the log: then the next group tries again.
                        fold(&connection, "TRUNCATE");
                    } else if pages > CHECKPOINT_PAGES {
                        wake.try_send(()).ok();
                    }
                }
            })
            .map_err(|e| Error::Unavailable(format!("cannot start the writer: {e}")))?;
        Ok(Writer { queue })
    }

    pub(super) async fn write<T, F>(&self, haste: Haste, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (caller, answered) = oneshot::channel();
        let write = Write { haste, job, outcome: Err(stopped()), caller };
        self.queue.try_send(Box::new(write)).map_err(|refused| match refused {
            mpsc::TrySendError::Full(_) => Error::Unavailable("too many writes wait".to_owned()),
            mpsc::TrySendError::Disconnected(_) => stopped(),
        })?;
        answered.await.map_err(|_| stopped())?
    }
}

/// Looks whether another process, such as a command, has written to the file. The writer's own connection does, because to
/// it our own writes are not another's.
struct Watch {
    known: Option<i64>,
    since: Time,
    looked: Instant,
}

#[allow(clippy::disallowed_methods, reason = "how often to look is the machine's time, not the directory's")]
impl Watch {
    fn begin(connection: &Connection, around: &Around) -> Watch {
        let mut watch = Watch { known: None, since: around.effects.clock.now(), looked: Instant::now() };
        watch.look(connection, around);
        watch
    }

    fn look(&mut self, connection: &Connection, around: &Around) {
        // The time first: what is written while we look is not seen.
        let at = around.effects.clock.now();
        self.looked = Instant::now();
        match session::others_writes(connection) {
            Ok(count) => {
                if self.known.replace(count) != Some(count) {
                    around.memory.forget();
                    self.since = at;
                }
                around.memory.alone(self.since, at);
            }
            // What is remembered then lasts no longer than without looking.
            Err(error) => tracing::warn!(%error, "cannot see whether others write; the next look tries again"),
        }
    }

    fn look_now_and_then(&mut self, connection: &Connection, around: &Around) {
        if self.looked.elapsed() >= LOOK {
            self.look(connection, around);
        }
    }
}

/// Waits for others to share a sync with, until one comes that has haste. Nothing is locked meanwhile.
#[allow(
    clippy::disallowed_methods,
    reason = "how long others are waited for is the machine's time, not the directory's"
)]
fn gather(first: Box<dyn Job>, jobs: &mpsc::Receiver<Box<dyn Job>>) -> VecDeque<Box<dyn Job>> {
    let end = Instant::now() + PATIENCE;
    let mut waiting = VecDeque::from([first]);
    while waiting.len() < GROUP && waiting.back().is_some_and(|job| job.haste() == Haste::Shared) {
        match jobs.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(job) => waiting.push_back(job),
            Err(_) => break,
        }
    }
    waiting
}

#[allow(clippy::disallowed_methods, reason = "how long a group may take is the machine's time, not the directory's")]
fn commit_group(
    connection: &Connection,
    around: &Around,
    mut waiting: VecDeque<Box<dyn Job>>,
    jobs: &mpsc::Receiver<Box<dyn Job>>,
) {
    let started = Instant::now();
    let mut group = Vec::new();
    let mut touched = Touched::default();
    let mut next = waiting.pop_front();
    let mut open = session::control(connection, "BEGIN IMMEDIATE");
    while let Some(mut job) = next {
        if open.is_ok() {
            open = in_savepoint(connection, around, &mut touched, job.as_mut());
        }
        group.push(job);
        let full = group.len() >= GROUP || started.elapsed() >= GROUP_TIME;
        let more = || if full || open.is_err() { None } else { jobs.try_recv().ok() };
        next = waiting.pop_front().or_else(more);
    }
    let kept_up = open.and_then(|()| search::keep_up(connection));
    let committed = kept_up.and_then(|()| session::control(connection, "COMMIT"));
    if let Err(error) = &committed {
        tracing::error!(%error, writes = group.len(), "a group of writes was not committed");
        if !connection.is_autocommit() {
            session::control(connection, "ROLLBACK").ok();
        }
    }
    around.memory.publish(&touched);
    for job in group {
        job.answer(committed.is_ok());
    }
}

/// An error here means that the whole group is lost, as when the disk is full: the engine then rolls back by itself.
fn in_savepoint(connection: &Connection, around: &Around, touched: &mut Touched, job: &mut dyn Job) -> Result<()> {
    session::control(connection, "SAVEPOINT job")?;
    if !job.run(&mut SqliteSession(connection), around, touched) {
        session::control(connection, "ROLLBACK TO job")?;
    }
    session::control(connection, "RELEASE job")
}

/// Does what nobody waits for, while nobody writes.
fn tidy(connection: &Connection) {
    let catch_up = || {
        if !search::wait(connection, 0)? {
            return Ok(());
        }
        session::control(connection, "BEGIN IMMEDIATE")?;
        search::catch_up(connection).and_then(|()| session::control(connection, "COMMIT"))
    };
    if let Err(error) = catch_up() {
        tracing::warn!(%error, "the index of texts waits; the next quiet moment tries again");
        if !connection.is_autocommit() {
            session::control(connection, "ROLLBACK").ok();
        }
    }
}

/// Folds the log back as far as it can be: whoever is in the way is not waited for long, since writes wait meanwhile.
fn fold(connection: &Connection, mode: &str) {
    if let Err(error) = session::checkpoint(connection, mode, FOLDING) {
        tracing::warn!(%error, "a checkpoint failed; the next one tries again");
    }
}

/// A thread with a connection of its own that folds the log back into the database when woken.
fn start_checkpointer(path: &Path) -> Result<mpsc::SyncSender<()>> {
    let connection = open_writer(path)?;
    let (wake, woken) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("rolebook-checkpoint".to_owned())
        .spawn(move || {
            while woken.recv().is_ok() {
                fold(&connection, "PASSIVE");
            }
        })
        .map_err(|e| Error::Unavailable(format!("cannot start the checkpointer: {e}")))?;
    Ok(wake)
}
