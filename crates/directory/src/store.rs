//! What a verb may ask of a database: [`Store`] runs a closure in a transaction, [`Tx`] runs the statements of the
//! files below this one, which hold all the SQL there is. Knows no rule, and no driver: those are in `engine/`.

pub mod accounts;
pub mod answers;
pub mod audit;
mod columns;
pub mod deliveries;
mod engine;
pub mod environments;
pub mod events;
pub mod figures;
pub mod groups;
pub mod guesses;
pub mod links;
pub(crate) mod memory;
pub mod menus;
pub mod meta;
mod migrations;
pub mod outbox;
mod packed;
pub(crate) mod past;
pub mod permissions;
pub mod sealed;
mod search;
pub mod second_factors;
pub mod sessions;
mod statement;
pub mod tokens;
pub mod users;
pub mod webhooks;

use crate::clock::Time;
use crate::effects::Effects;
use crate::error::{Error, Result};
use crate::id::{EnvironmentId, UserId};
use crate::sessions::Seen;
use engine::Engine;
pub use migrations::SCHEMA_VERSION;
pub use statement::every_statement;

use columns::{FromRow, Param};
use memory::{Mark, Memories, Memory, Remembered, Touched};
use search::{Found, Seek};
use statement::Statement;
use std::sync::Arc;
use tokio::sync::Notify;

/// A database, whichever engine runs it. Cloning it is cheap: all clones share one writer and one set of readers.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    around: Around,
}

/// How far an environment has come: microseconds since 1970 by the clock that all nodes share. Says nothing of how much was
/// written, nor of who wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i64);

/// How soon a write is to be durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// As soon as can be.
    Now,
    /// Its caller has waited for a hash, and others still wait for theirs: it may wait some milliseconds for them, where one
    /// sync of the disk then serves several.
    Shared,
}

/// By how much a revision of another node's may be ahead of what this one has heard of the shared clock.
const FUTURE: i64 = 1_000_000;

/// What stands around every transaction.
#[derive(Clone)]
struct Around {
    effects: Effects,
    memory: Arc<Memory>,
    memories: Arc<Memories>,
    /// Nothing that is remembered will do.
    doubting: bool,
    /// Rings when a mail was written to the outbox.
    mail: Arc<Notify>,
}

impl Store {
    /// Opens `sqlite:PATH` or `postgres://…`, creating an SQLite file that is not there. The schema is left as it is:
    /// see [`Store::migrate`].
    ///
    /// # Errors
    /// [`Error::Unavailable`] with one sentence for the operator: a malformed address, a folder that is missing or not
    /// writable, a server that does not answer.
    pub fn open(url: &str, effects: Effects) -> Result<Store> {
        let (memory, memories) = (Arc::new(Memory::new()), Arc::new(Memories::new()));
        let around = Around { effects, memory, memories, doubting: false, mail: Arc::default() };
        Ok(Store { engine: Engine::open(url, &around)?, around })
    }

    /// The time, randomness and keys that its transactions have.
    pub fn effects(&self) -> &Effects {
        &self.around.effects
    }

    /// Brings the schema up to [`SCHEMA_VERSION`]; says how many migrations ran. Safe to run twice, and by two
    /// processes at once. Blocks: for start-up and commands.
    ///
    /// # Errors
    /// [`Error::Unavailable`] for a schema newer than this binary.
    pub fn migrate(&self) -> Result<usize> {
        migrations::run(&self.engine, self.around.effects.clock.now())
    }

    /// Refuses a schema that is not [`SCHEMA_VERSION`], and leaves the database as it is. Blocks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with one sentence for the operator.
    pub fn need_current_schema(&self) -> Result<()> {
        migrations::need_current(&self.engine)
    }

    /// Runs `job` against one consistent snapshot. With the embedded engine this is on the calling thread, so `job`
    /// must be a matter of microseconds; what takes longer goes to [`Store::report`].
    ///
    /// # Errors
    /// What `job` says; [`Error::Unavailable`] when the database cannot be asked.
    pub async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.engine.read(&self.around, job).await
    }

    /// The revision of everything that was written and answered until now. One that comes with a change is never less than
    /// those that came with changes before it, on whichever node.
    pub fn revision(&self) -> Revision {
        Revision(self.engine.revision(&self.around))
    }

    /// Runs `job` as [`Store::read`] does, seeing all that was answered with this revision or an earlier one. Beside it, the
    /// revision that it sees at least.
    ///
    /// # Errors
    /// As [`Store::read`]; [`Error::Unavailable`] for a revision that nothing was answered with yet.
    pub async fn read_since<T, F>(&self, revision: Option<Revision>, job: F) -> Result<(T, Revision)>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (around, seen) = self.since(revision)?;
        Ok((self.engine.read(&around, job).await?, seen))
    }

    /// Like [`Store::read_since`], on one of a few threads kept for long reads.
    ///
    /// # Errors
    /// As [`Store::read_since`] and [`Store::report`].
    pub async fn report_since<T, F>(&self, revision: Option<Revision>, job: F) -> Result<(T, Revision)>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (around, seen) = self.since(revision)?;
        Ok((self.engine.report(&around, job).await?, seen))
    }

    /// What a read that is to see this revision stands in, and the revision that it sees at least.
    fn since(&self, revision: Option<Revision>) -> Result<(Around, Revision)> {
        let seen = self.engine.seen_revision(&self.around);
        let wanted = revision.map_or(seen, |Revision(wanted)| wanted);
        if wanted > self.engine.revision(&self.around).saturating_add(FUTURE) {
            return Err(Error::Unavailable("this revision is not reached yet".to_owned()));
        }
        Ok((Around { doubting: wanted > seen, ..self.around.clone() }, Revision(seen.max(wanted))))
    }

    /// Like [`Store::read`], on one of a few threads kept for long lists and exports.
    ///
    /// # Errors
    /// As [`Store::read`]; [`Error::Unavailable`] also when too many wait already.
    pub async fn report<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.engine.report(&self.around, job).await
    }

    /// Runs `job` in a transaction: an `Err` has changed nothing, an `Ok` is durable when this returns. `job` may run
    /// more than once (a networked engine retries after a collision), so it has no effects besides `Tx`.
    ///
    /// # Errors
    /// What `job` says; [`Error::Unavailable`] when the queue is full or the commit failed.
    pub async fn write<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.write_with(Haste::Now, job).await
    }

    /// The same, with as much haste.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_with<T, F>(&self, haste: Haste, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        // Only once it is durable is there something to look for.
        let job = move |tx: &mut Tx<'_>| job(tx).map(|done| (done, tx.posted));
        let (done, posted) = self.engine.write(&self.around, haste, job).await?;
        if posted {
            self.around.mail.notify_one();
        }
        Ok(done)
    }

    /// Waits until a mail was written to the outbox through this handle or a clone of it.
    pub async fn mail_posted(&self) {
        self.around.mail.notified().await;
    }

    /// Who called, and is not written down yet.
    pub(crate) fn seen(&self) -> &Seen {
        &self.around.memories.seen
    }

    /// Leaves the database tidy once nobody asks any more: nothing depends on it. Blocks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when others are in the way; the next start then does it.
    pub fn close(&self) -> Result<()> {
        self.engine.close()
    }

    /// Asks the engine to compile a statement without running it, for the test that does so with every one of them.
    ///
    /// # Errors
    /// [`Error::Internal`] with what the engine says of it.
    pub async fn prepare(&self, sql: &'static str) -> Result<()> {
        self.read(move |tx| tx.session.prepare(&Statement::new(sql))).await
    }
}

/// One transaction, seen from inside. Its time stands still.
pub struct Tx<'t> {
    session: &'t mut dyn Session,
    around: &'t Around,
    now: Time,
    /// What was published when it began.
    begun: u64,
    /// What it may have changed so far; `None`: it only reads.
    touched: Option<&'t mut Touched>,
    /// A mail was written to the outbox.
    posted: bool,
}

impl<'t> Tx<'t> {
    /// Made before the first statement runs, which is when the engine fixes what the transaction sees.
    fn new(session: &'t mut dyn Session, around: &'t Around, touched: Option<&'t mut Touched>) -> Tx<'t> {
        let (begun, now) = (around.memory.published(), around.effects.clock.now());
        let now = if touched.is_some() { around.memory.moment(now) } else { now };
        Tx { session, around, now, begun, touched, posted: false }
    }

    /// The time of this transaction.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Randomness and keys.
    pub fn effects(&self) -> &'t Effects {
        &self.around.effects
    }

    /// Where calls are noted.
    pub(crate) fn seen(&self) -> &'t Seen {
        &self.around.memories.seen
    }

    /// The first row, if there is one.
    fn find<T: FromRow>(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<Option<T>> {
        let mut found = None;
        self.session.rows(statement, params, &mut |row| {
            if found.is_none() {
                found = Some(T::from_row(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The row that must be there, such as what `RETURNING` gives.
    fn get<T: FromRow>(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<T> {
        self.find(statement, params)?
            .ok_or_else(|| Error::Internal(format!("no row where one must be: {}", statement.text())))
    }

    /// Every row. The statement has a limit, or what it lists has one.
    fn list<T: FromRow>(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.session.rows(statement, params, &mut |row| {
            all.push(T::from_row(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Takes rows until the end of the transaction, where transactions could otherwise pass each other by.
    fn hold(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<()> {
        self.session.hold(statement, params)
    }

    /// How many rows it changed. Every such statement says what may be remembered of what it changes.
    fn run(&mut self, mark: Mark, statement: &Statement, params: &[Param<'_>]) -> Result<u64> {
        if let Some(touched) = &mut self.touched {
            self.around.memory.doubt(mark, touched);
        }
        self.session.run(statement, params)
    }

    /// A mail was written to the outbox: whoever sends it is told once it is durable.
    fn posts_mail(&mut self) {
        self.posted = true;
    }

    /// Whether no other transaction writes until this one has ended, on no node.
    pub fn writes_alone(&self) -> bool {
        self.session.writes_alone()
    }

    /// Whether it only reads. What a change is made from is read anew: another node may be changing the same.
    fn only_reads(&self) -> bool {
        self.touched.is_none()
    }

    /// What is remembered under this key, if it is certainly still true.
    pub(crate) fn recall<K, V>(&self, of: fn(&Memories) -> &Remembered<K, V>, key: &K) -> Option<V>
    where
        K: Eq + std::hash::Hash,
        V: Clone,
    {
        if self.around.doubting {
            return None;
        }
        of(&self.around.memories).get(&self.around.memory, key, self.now, self.touched.as_deref())
    }

    /// Remembers what was read of these things, which are one to three. A transaction that writes remembers nothing: it may yet be undone.
    pub(crate) fn remember<K, V>(&self, of: fn(&Memories) -> &Remembered<K, V>, key: K, value: V, marks: &[Mark])
    where
        K: Eq + std::hash::Hash,
        V: Clone,
    {
        if self.only_reads() {
            of(&self.around.memories).put(&self.around.memory, key, value, marks, self.now, self.begun);
        }
    }
}

/// What an engine gives to [`Tx`] while a transaction is open.
trait Session {
    fn rows(
        &mut self,
        statement: &Statement,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn columns::Row) -> Result<()>,
    ) -> Result<()>;
    fn run(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<u64>;
    fn prepare(&mut self, statement: &Statement) -> Result<()>;

    /// Who may have a text with this term in it, by the engine's own index.
    fn seek(&mut self, seek: &Seek<'_>) -> Result<Found>;

    /// Whether [`Session::seek`] comes upon the oldest or newest first; if not, it gathers all before it gives them.
    fn seeks_by_age(&self) -> bool;

    /// Has the engine's index know a user by these folded texts, of which none holds a line break; nothing, where the index
    /// follows what is written by itself.
    fn learn(&mut self, _environment: EnvironmentId, _user: UserId, _texts: &[&str]) -> Result<()> {
        Ok(())
    }

    /// Whether one transaction writes at a time.
    fn writes_alone(&self) -> bool {
        false
    }

    /// Runs a statement that only takes rows, where more than one transaction can write at a time.
    fn hold(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<()> {
        self.rows(statement, params, &mut |_| Ok(()))
    }
}
