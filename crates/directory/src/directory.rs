//! The handle that everyone holds: the store, the effects and the hashing threads. Runs verbs for whoever calls, once it
//! has believed them, in the same transaction. Knows no rule itself.

use crate::actor::{self, Actor, Caller, Origin};
use crate::effects::Effects;
use crate::environments::{self, EnvironmentName};
use crate::error::{Error, Noun, Result};
use crate::hashing::Hasher;
use crate::id::UserId;
use crate::mail;
use crate::repeats::Running;
use crate::roles;
use crate::sealed;
use crate::secret::TokenSecret;
use crate::sessions::{self, Lifetimes, Tokens};
use crate::store::{self, Haste, Revision, Store, Tx};
use std::sync::Arc;

/// A directory of people. Cloning it is cheap.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    hasher: Hasher,
    lifetimes: Lifetimes,
    running: Running,
    migrations_run: usize,
}

/// What must still be so for a change to be made: a caller who saw the thing as it was.
pub type When<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;

/// Refuses a change of what is no longer as the caller saw it.
pub(crate) fn still<T>(when: Option<&When<T>>, thing: &T) -> Result<()> {
    match when {
        Some(when) if !when(thing) => Err(Error::Changed),
        _ => Ok(()),
    }
}

/// The name of the fact by which a database knows its keys.
const KEYS: &str = "keys";

impl Directory {
    /// Opens a directory: migrates its schema, and makes sure that the keys are those that it was filled with. Blocks:
    /// for start-up and commands.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with one sentence for the operator.
    pub fn open(url: &str, effects: Effects, hasher: Hasher, lifetimes: Lifetimes) -> Result<Directory> {
        let store = Store::open(url, effects)?;
        let migrations_run = store.migrate()?;
        Ok(Directory {
            inner: Arc::new(Inner { store, hasher, lifetimes, running: Running::default(), migrations_run }),
        })
    }

    /// Opens a directory whose schema is this binary's already, and leaves it as it is: for commands beside a server that
    /// may be older or newer. Blocks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with one sentence for the operator.
    pub fn open_present(url: &str, effects: Effects, hasher: Hasher, lifetimes: Lifetimes) -> Result<Directory> {
        let store = Store::open(url, effects)?;
        store.need_current_schema()?;
        Ok(Directory {
            inner: Arc::new(Inner { store, hasher, lifetimes, running: Running::default(), migrations_run: 0 }),
        })
    }

    /// Leaves the database tidy at a server's end: what is embedded is then one file. Nothing depends on it. Blocks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when others are in the way; the next end then does it.
    pub fn close(&self) -> Result<()> {
        self.store().close()
    }

    /// How many migrations ran when it was opened.
    pub fn migrations_run(&self) -> usize {
        self.inner.migrations_run
    }

    /// Whether the database was filled with some keys already; a fresh one was not.
    ///
    /// # Errors
    /// The store's.
    pub async fn knows_keys(&self) -> Result<bool> {
        self.store().read(|tx| Ok(store::meta::find(tx, KEYS)?.is_some())).await
    }

    /// Makes sure that the keys are those that the database was filled with, the newest among them; a fresh one adopts them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when they are others, or too few.
    pub async fn adopt_keys(&self) -> Result<()> {
        self.store()
            .write(|tx| {
                let keys = &tx.effects().keys;
                let fingerprint = keys.fingerprint();
                match store::meta::find(tx, KEYS)? {
                    Some(known) if known == fingerprint => match sealed::last_key(tx)? {
                        Some(key) if !keys.ring().holds(key) => Err(Error::Unavailable(format!(
                            "the keys file lacks the key {key}, which this database is sealed with: find the newer file"
                        ))),
                        _ => Ok(()),
                    },
                    Some(_) => Err(Error::Unavailable(
                        "the keys file is not the one that this database was filled with: find that one".to_owned(),
                    )),
                    None => store::meta::insert(tx, KEYS, &fingerprint),
                }
            })
            .await
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn running(&self) -> &Running {
        &self.inner.running
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.inner.hasher
    }

    pub(crate) fn lifetimes(&self) -> &Lifetimes {
        &self.inner.lifetimes
    }

    /// How long what a login gives is good.
    pub fn session_lifetimes(&self) -> Lifetimes {
        self.inner.lifetimes
    }

    /// The effects that verbs have, such as the keys that seal cursors.
    pub fn effects(&self) -> &Effects {
        self.inner.store.effects()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub async fn ping(&self) -> Result<()> {
        self.store().read(|tx| store::meta::schema_version(tx).map(drop)).await
    }

    /// Who calls, before it is known where.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]
    pub async fn identify(&self, caller: Caller) -> Result<UserId> {
        self.store().read(move |tx| actor::identify(tx, &caller)).await
    }

    /// Runs a short read for a caller.
    ///
    /// # Errors
    /// [`Actor::authenticate`]'s, and the verb's.
    pub async fn read<T, F>(&self, caller: Caller, verb: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        self.store().read(move |tx| Actor::authenticate(tx, &caller).and_then(|actor| verb(tx, &actor))).await
    }

    /// The revision of everything that was answered until now. It comes with every answer to a change, and may come back as
    /// the least that a check is to see.
    pub fn revision(&self) -> Revision {
        self.store().revision()
    }

    /// Runs a short read for a caller that sees all that was answered with this revision; beside it, what it sees at least.
    ///
    /// # Errors
    /// As [`Directory::read`]; [`Error::Unavailable`] for a revision that is not reached yet.
    pub async fn read_since<T, F>(&self, revision: Option<Revision>, caller: Caller, verb: F) -> Result<(T, Revision)>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        let job = move |tx: &mut Tx<'_>| Actor::authenticate(tx, &caller).and_then(|actor| verb(tx, &actor));
        self.store().read_since(revision, job).await
    }

    /// The same for a long read, beside the threads that serve.
    ///
    /// # Errors
    /// As [`Directory::read_since`].
    pub async fn report_since<T, F>(&self, revision: Option<Revision>, caller: Caller, verb: F) -> Result<(T, Revision)>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        let job = move |tx: &mut Tx<'_>| Actor::authenticate(tx, &caller).and_then(|actor| verb(tx, &actor));
        self.store().report_since(revision, job).await
    }

    /// Runs a long read for a caller, beside the threads that serve.
    ///
    /// # Errors
    /// As [`Directory::read`].
    pub async fn report<T, F>(&self, caller: Caller, verb: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        self.store().report(move |tx| Actor::authenticate(tx, &caller).and_then(|actor| verb(tx, &actor))).await
    }

    /// Runs a write for a caller: believed, allowed, checked, written and accounted for in one transaction.
    ///
    /// # Errors
    /// As [`Directory::read`].
    pub async fn write<T, F>(&self, caller: Caller, verb: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        self.write_with(Haste::Now, caller, verb).await
    }

    /// The same, with as much haste.
    pub(crate) async fn write_with<T, F>(&self, haste: Haste, caller: Caller, verb: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        let asks = caller.clone();
        // Whoever is refused never takes a place among the writes; and what is remembered by reading is not looked up
        // while others wait to write.
        self.store()
            .read(move |tx| {
                let actor = Actor::authenticate(tx, &asks)?;
                roles::of(tx, actor.environment().id).map(drop)
            })
            .await?;
        let job = move |tx: &mut Tx<'_>| Actor::authenticate(tx, &caller).and_then(|actor| verb(tx, &actor));
        self.store().write_with(haste, job).await
    }

    /// How much haste a write has that comes after a hash: while others wait for theirs, none.
    pub(crate) fn haste_after_hash(&self) -> Haste {
        if self.hasher().is_crowded() { Haste::Shared } else { Haste::Now }
    }

    /// Runs a verb for the command line, in the environment of this name.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown environment, and the verb's.
    pub async fn command<T, F>(&self, environment: EnvironmentName, verb: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        self.store()
            .write(move |tx| {
                let environment = environments::resolve(tx, &environment)?.ok_or(Error::NotFound(Noun::Environment))?;
                verb(tx, &Actor::command(environment, false))
            })
            .await
    }

    /// Runs a verb for the command line, on the system as a whole.
    ///
    /// # Errors
    /// The verb's; [`Error::NotFound`] in a database without any environment.
    pub async fn system_command<T, F>(&self, verb: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        self.store()
            .write(move |tx| {
                let first = store::environments::list(tx, crate::id::EnvironmentId(0), 1)?.into_iter().next();
                verb(tx, &Actor::command(first.ok_or(Error::NotFound(Noun::Environment))?, true))
            })
            .await
    }

    /// Whether nothing was ever made here.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_empty(&self) -> Result<bool> {
        self.store().read(store::environments::none).await
    }

    /// A new pair of tokens for a refresh token, which is good once.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; shown twice, it ends its session.
    pub async fn refresh(&self, secret: TokenSecret, origin: Origin) -> Result<Tokens> {
        let lifetimes = self.inner.lifetimes;
        self.store().write(move |tx| sessions::refresh(tx, &secret, &lifetimes, &origin)).await?
    }

    /// Ends what the caller calls through: its session, or its API token. Also where the session is good for nothing else.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]
    pub async fn sign_out(&self, caller: Caller) -> Result<()> {
        self.store()
            .write(move |tx| {
                let actor = actor::leaving(tx, &caller)?;
                sessions::sign_out(tx, &actor)
            })
            .await
    }

    /// Up to `limit` mails that wait, after this one, opened: for the operator's command line.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with other keys than those that sealed them.
    pub async fn outbox(&self, after: i64, limit: i64) -> Result<Vec<mail::Waiting>> {
        self.store().read(move |tx| mail::list(tx, after, limit)).await
    }
}
