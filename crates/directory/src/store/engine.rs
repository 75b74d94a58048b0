//! The engines, side by side. Everything above speaks to [`Engine`] alone; what differs between the two ends here.

mod postgres;
mod sqlite;
mod threads;

use super::columns::{Param, Row};
use super::memory::{LONGEST, Touched};
use super::search::{Found, Seek};
use super::statement::Statement;
use super::{Around, Haste, Session, Tx};
use crate::error::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One of the two engines.
#[derive(Clone)]
pub(super) enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// What the migration runner asks: a session that nobody else migrates beside, and the engine's way to spell a schema.
pub(super) trait Schema: Session {
    fn batch(&mut self, sql: &str) -> Result<()>;
}

impl Engine {
    pub(super) fn open(url: &str, around: &Around) -> Result<Engine> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Engine::Sqlite(sqlite::Sqlite::open(std::path::Path::new(path), around)?));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Engine::Postgres(postgres::Postgres::open(url, around)?));
        }
        Err(Error::Unavailable("the database must be sqlite:PATH or postgres://USER@HOST/NAME".to_owned()))
    }

    /// Runs `job` in one transaction that holds the engine's lock on the schema.
    pub(super) fn migrate<T: Send>(&self, job: impl FnOnce(&mut dyn Schema) -> Result<T> + Send) -> Result<T> {
        match self {
            Engine::Sqlite(sqlite) => sqlite.migrate(job),
            Engine::Postgres(postgres) => postgres.migrate(job),
        }
    }

    pub(super) async fn read<T, F>(&self, around: &Around, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        match self {
            Engine::Sqlite(sqlite) => sqlite.read(around, &job),
            Engine::Postgres(postgres) => postgres.read(around, job).await,
        }
    }

    pub(super) async fn report<T, F>(&self, around: &Around, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        match self {
            Engine::Sqlite(sqlite) => sqlite.report(around, job).await,
            Engine::Postgres(postgres) => postgres.report(around, job).await,
        }
    }

    pub(super) async fn write<T, F>(&self, around: &Around, haste: Haste, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        match self {
            Engine::Sqlite(sqlite) => sqlite.write(haste, job).await,
            Engine::Postgres(postgres) => postgres.write(around, job).await,
        }
    }

    /// The revision of all that was answered until now.
    pub(super) fn revision(&self, around: &Around) -> i64 {
        match self {
            // One process writes: its clock will do.
            Engine::Sqlite(_) => around.memory.revision(around.effects.clock.now().as_micros()),
            Engine::Postgres(_) => around.memory.revision(0),
        }
    }

    /// The revision that a read sees at least, with all that is remembered.
    pub(super) fn seen_revision(&self, around: &Around) -> i64 {
        match self {
            Engine::Sqlite(_) => self.revision(around),
            // What other nodes wrote may be unseen for so long.
            Engine::Postgres(_) => self.revision(around).saturating_sub(LONGEST.as_micros() as i64).max(0),
        }
    }

    /// What is left to do once nobody asks any more.
    pub(super) fn close(&self) -> Result<()> {
        match self {
            Engine::Sqlite(sqlite) => sqlite.close(),
            Engine::Postgres(_) => Ok(()),
        }
    }
}

/// Runs a job so that a defect in it is an error of that one call, not the end of the thread that serves them all.
fn guarded<T>(
    session: &mut dyn Session,
    around: &Around,
    touched: Option<&mut Touched>,
    job: &dyn Fn(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    catch_unwind(AssertUnwindSafe(|| job(&mut Tx::new(session, around, touched))))
        .unwrap_or_else(|_| Err(Error::Internal("a job panicked in its transaction".to_owned())))
}

/// A session without a database, for a job that may find all that it needs remembered.
#[derive(Default)]
struct Unasked {
    /// It did not: its outcome is worth nothing.
    asked: bool,
}

impl Unasked {
    fn refuse<T>(&mut self) -> Result<T> {
        self.asked = true;
        Err(Error::Unavailable("there is no database here".to_owned()))
    }
}

impl Session for Unasked {
    fn rows(&mut self, _: &Statement, _: &[Param<'_>], _: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()> {
        self.refuse()
    }

    fn run(&mut self, _: &Statement, _: &[Param<'_>]) -> Result<u64> {
        self.refuse()
    }

    fn prepare(&mut self, _: &Statement) -> Result<()> {
        self.refuse()
    }

    fn seek(&mut self, _: &Seek<'_>) -> Result<Found> {
        self.refuse()
    }

    fn seeks_by_age(&self) -> bool {
        false
    }
}

/// The store's threads are gone: the process is stopping.
fn stopped() -> Error {
    Error::Unavailable("the store has stopped".to_owned())
}
