//! The handle that everyone holds: the store, the effects and the hashing threads. Runs verbs for whoever calls, once it
//! has believed them, in the same transaction. Knows no rule itself.

use crate::actor::{self, Actor, Caller};
use crate::effects::Effects;
use crate::environments::{self, EnvironmentName};
use crate::error::{Error, Noun, Result, Step};
use crate::hashing::Hasher;
use crate::id::UserId;
use crate::mail;
use crate::secret::{Password, TokenSecret};
use crate::sessions::{self, Lifetimes, Tokens};
use crate::store::{self, Store, Tx};
use crate::users::{self, Added, NewUser, Prepared, User, UserChanges, WithoutPassword};
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
    migrations_run: usize,
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
        Ok(Directory { inner: Arc::new(Inner { store, hasher, lifetimes, migrations_run }) })
    }

    /// Opens a directory whose schema is this binary's already, and leaves it as it is: for commands beside a server that
    /// may be older or newer. Blocks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with one sentence for the operator.
    pub fn open_present(url: &str, effects: Effects, hasher: Hasher, lifetimes: Lifetimes) -> Result<Directory> {
        let store = Store::open(url, effects)?;
        store.need_current_schema()?;
        Ok(Directory { inner: Arc::new(Inner { store, hasher, lifetimes, migrations_run: 0 }) })
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

    /// Makes sure that the keys are those that the database was filled with; a fresh one adopts them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when they are others.
    pub async fn adopt_keys(&self) -> Result<()> {
        self.store()
            .write(|tx| {
                let fingerprint = tx.effects().keys.fingerprint();
                match store::meta::find(tx, KEYS)? {
                    Some(known) if known == fingerprint => Ok(()),
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
        self.store().write(move |tx| Actor::authenticate(tx, &caller).and_then(|actor| verb(tx, &actor))).await
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

    /// Makes a user. Who comes without a password, and whom nobody knew, is invited to choose one.
    ///
    /// # Errors
    /// Forbidden without `add_user` or what the groups confer; invalid or taken fields; an account that exists already;
    /// too many.
    pub async fn create_user(&self, caller: Caller, new: NewUser) -> Result<User> {
        self.create(caller, new, WithoutPassword::Invited).await
    }

    /// Makes a user, for an API that invites nobody: whom nobody knew must come with a password.
    ///
    /// # Errors
    /// As [`Directory::create_user`].
    pub async fn create_user_with_password(&self, caller: Caller, new: NewUser) -> Result<User> {
        self.create(caller, new, WithoutPassword::Refused).await
    }

    async fn create(&self, caller: Caller, new: NewUser, without: WithoutPassword) -> Result<User> {
        let mut hash = None;
        if let Some(password) = &new.fields.password {
            let (asked, asks) = (new.clone(), caller.clone());
            self.read(asks, move |tx, actor| users::judge_create(tx, actor, &asked)).await?;
            hash = Some(self.hasher().hash(password).await?);
        }
        self.write(caller, move |tx, actor| users::create(tx, actor, &new, hash.as_ref(), without)).await?
    }

    /// Makes a user, or changes the one of this address; see [`users::upsert`] for `required`.
    ///
    /// # Errors
    /// As [`Directory::create_user`] and [`Directory::update_user`]; administrators only.
    pub async fn upsert_user(&self, caller: Caller, new: NewUser, required: Vec<crate::error::Field>) -> Result<Added> {
        self.write(caller, move |tx, actor| users::upsert(tx, actor, &new, &required)).await?
    }

    /// Changes a user; oneself without any permission, as far as the fields are one's own.
    ///
    /// # Errors
    /// Forbidden, not found, invalid or taken fields, the last administrator, too many.
    pub async fn update_user(&self, caller: Caller, id: UserId, fields: UserChanges) -> Result<User> {
        let mut prepared = Prepared::None;
        if fields.password.is_some() || fields.current_password.is_some() {
            let (asked, asks) = (fields.clone(), caller.clone());
            let (own, current) = self
                .read(asks, move |tx, actor| {
                    users::judge_update(tx, actor, id, &asked)?;
                    if actor.is(id) {
                        users::judge_own_password(&asked, false)?;
                    }
                    Ok((actor.is(id), users::current_password_hash(tx, id)?))
                })
                .await?;
            prepared = self.prepare(&fields, current, own, &caller).await?;
        }
        self.write(caller, move |tx, actor| users::update(tx, actor, id, &fields, &prepared)).await?
    }

    /// Changes the caller itself; also in a session that is good for choosing a new password alone.
    ///
    /// # Errors
    /// Invalid fields; the present password is missing or wrong; too many.
    pub async fn update_own_user(&self, caller: Caller, fields: UserChanges) -> Result<User> {
        let (asked, asks) = (fields.clone(), caller.clone());
        let (stepping, current) = self
            .store()
            .read(move |tx| {
                let (actor, stepping) = Actor::authenticate_for_step(tx, &asks, Step::PasswordChange)?;
                if actor.session().is_none() {
                    return Err(Error::forbidden("This needs a session: sign in."));
                }
                users::judge_own(tx, &actor, &asked, stepping)?;
                let own = actor.user().ok_or(Error::NotFound(Noun::User))?;
                Ok((stepping, users::current_password_hash(tx, own)?))
            })
            .await?;
        let prepared = match fields.password.is_some() {
            true => self.prepare(&fields, current, !stepping, &caller).await?,
            false => Prepared::None,
        };
        self.store()
            .write(move |tx| {
                let (actor, stepping) = Actor::authenticate_for_step(tx, &caller, Step::PasswordChange)?;
                users::update_own(tx, &actor, &fields, &prepared, stepping)
            })
            .await
    }

    /// The slow part of a new password: whether it is the present one, and what it hashes to if not. Whoever changes its
    /// own shows the present one first; guessing that is counted like guessing at the door.
    async fn prepare(
        &self,
        fields: &UserChanges,
        current: Option<crate::secret::PasswordHash>,
        own: bool,
        caller: &Caller,
    ) -> Result<Prepared> {
        let Some(new) = &fields.password else { return Ok(Prepared::None) };
        if own {
            self.prove_password(fields.current_password.as_ref(), current.clone(), caller).await?;
        }
        if let Some(hash) = current
            && self.hasher().verify(new, Some(hash.clone())).await?
        {
            return Ok(Prepared::Same(hash));
        }
        Ok(Prepared::New(self.hasher().hash(new).await?))
    }

    async fn prove_password(
        &self,
        shown: Option<&Password>,
        current: Option<crate::secret::PasswordHash>,
        caller: &Caller,
    ) -> Result<()> {
        let asks = caller.clone();
        let guess = self.store().read(move |tx| crate::guessing::of_caller(tx, &asks)).await?;
        let right = match shown {
            Some(shown) => self.hasher().verify(shown, current).await?,
            None => false,
        };
        if right {
            return Ok(());
        }
        self.store().write(move |tx| crate::guessing::note(tx, &guess)).await?;
        Err(users::wrong_current_password())
    }

    /// A new pair of tokens for a refresh token, which is good once.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; shown twice, it ends its session.
    pub async fn refresh(&self, secret: TokenSecret) -> Result<Tokens> {
        let lifetimes = self.inner.lifetimes;
        self.store().write(move |tx| sessions::refresh(tx, &secret, &lifetimes)).await?
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
