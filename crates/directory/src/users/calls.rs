//! The calls on users that have a slow part, a password to hash or to compare: judged first, then the slow part on a hashing
//! thread, then judged again and written.

use super::{Added, NewUser, Prepared, User, UserChanges, WithoutPassword};
use crate::actor::{Actor, Caller};
use crate::directory::{Directory, When};
use crate::error::{Error, Field, Noun, Result, Step};
use crate::hashing::Lane;
use crate::id::UserId;
use crate::repeats::Repeatable;
use crate::secret::{Password, PasswordHash};
use crate::store::{Haste, Tx};
use std::sync::Arc;

impl Directory {
    /// Makes a user. Who comes without a password, and whom nobody knew, is invited to choose one.
    ///
    /// # Errors
    /// Forbidden without `add_user` or what the groups confer; invalid or taken fields; an account that exists already;
    /// too many.
    pub async fn create_user(&self, caller: Caller, new: NewUser) -> Result<User> {
        let new = Arc::new(new);
        let (hash, haste) = self.hash_new(caller.clone(), new.clone()).await?;
        let create = move |tx: &mut Tx<'_>, actor: &Actor| {
            super::create(tx, actor, &new, hash.as_ref(), WithoutPassword::Invited)
        };
        self.write_with(haste, caller, create).await?
    }

    /// The slow part of making a user, once all that would be refused was said; and with how much haste to make it then.
    async fn hash_new(&self, caller: Caller, new: Arc<NewUser>) -> Result<(Option<PasswordHash>, Haste)> {
        let Some(password) = new.fields.password.clone() else { return Ok((None, Haste::Now)) };
        let judge = move |tx: &mut Tx<'_>, actor: &Actor| {
            super::judge_create(tx, actor, &new)?;
            Ok(Lane::of_environment(actor.environment().id))
        };
        let lane = self.read(caller, judge).await?;
        let hash = self.hasher().hash(lane, &password).await?;
        Ok((Some(hash), self.haste_after_hash()))
    }

    /// Makes a user, for an API that invites nobody: whom nobody knew must come with a password. A call that may be
    /// repeated is answered as at the first time.
    ///
    /// # Errors
    /// As [`Directory::write_once`]; forbidden without `add_user` or what the groups confer; invalid or taken fields; an
    /// account that exists already; too many.
    pub async fn create_user_once(
        &self,
        caller: Caller,
        new: NewUser,
        call: Option<Repeatable>,
        render: impl Fn(&User) -> Vec<u8> + Send + 'static,
    ) -> Result<Vec<u8>> {
        let new = Arc::new(new);
        let (asked, asks) = (new.clone(), caller.clone());
        let prepare = || async move { self.hash_new(asks, asked).await };
        let create = move |hash: Option<PasswordHash>, tx: &mut Tx<'_>, actor: &Actor| {
            super::create(tx, actor, &new, hash.as_ref(), WithoutPassword::Refused)
        };
        self.once(caller, call, prepare, create, render).await
    }

    /// Makes a user, or changes the one of this address; `required` names what a new one must have and was not given.
    ///
    /// # Errors
    /// As [`Directory::create_user`] and [`Directory::update_user`]; administrators only.
    pub async fn upsert_user(&self, caller: Caller, new: NewUser, required: Vec<Field>) -> Result<Added> {
        self.write(caller, move |tx, actor| super::upsert(tx, actor, &new, &required)).await?
    }

    /// Changes a user; oneself without any permission, as far as the fields are one's own.
    ///
    /// # Errors
    /// Forbidden, not found, invalid or taken fields, the last administrator, too many; [`Error::Changed`] when it is not as
    /// `when` wants it.
    pub async fn update_user(
        &self,
        caller: Caller,
        id: UserId,
        fields: UserChanges,
        when: Option<When<User>>,
    ) -> Result<User> {
        let mut prepared = Prepared::None;
        if fields.password.is_some() || fields.current_password.is_some() {
            let (asked, asks) = (fields.clone(), caller.clone());
            let (own, current, lane) = self
                .read(asks, move |tx, actor| {
                    super::judge_update(tx, actor, id, &asked)?;
                    if actor.is(id) {
                        super::judge_own_password(&asked, false)?;
                    }
                    let lane = Lane::of_environment(actor.environment().id);
                    Ok((actor.is(id), super::current_password_hash(tx, id)?, lane))
                })
                .await?;
            prepared = self.prepare(&fields, current, own, &caller, lane).await?;
        }
        self.write(caller, move |tx, actor| super::update(tx, actor, id, &fields, &prepared, when.as_ref())).await?
    }

    /// Changes the caller itself; also in a session that is good for choosing a new password alone.
    ///
    /// # Errors
    /// Invalid fields; the present password is missing or wrong; too many.
    pub async fn update_own_user(&self, caller: Caller, fields: UserChanges, when: Option<When<User>>) -> Result<User> {
        let (asked, asks) = (fields.clone(), caller.clone());
        let (stepping, current, lane) = self
            .store()
            .read(move |tx| {
                let (actor, stepping) = Actor::authenticate_for_step(tx, &asks, Step::PasswordChange)?;
                actor.need_session()?;
                super::judge_own(tx, &actor, &asked, stepping)?;
                let own = actor.user().ok_or(Error::NotFound(Noun::User))?;
                let lane = Lane::of_environment(actor.environment().id);
                Ok((stepping, super::current_password_hash(tx, own)?, lane))
            })
            .await?;
        let prepared = match fields.password.is_some() {
            true => self.prepare(&fields, current, !stepping, &caller, lane).await?,
            false => Prepared::None,
        };
        self.store()
            .write(move |tx| {
                let (actor, stepping) = Actor::authenticate_for_step(tx, &caller, Step::PasswordChange)?;
                super::update_own(tx, &actor, &fields, &prepared, stepping, when.as_ref())
            })
            .await
    }

    /// The slow part of a new password: whether it is the present one, and what it hashes to if not. Whoever changes its
    /// own shows the present one first; guessing that is counted like guessing at the door.
    async fn prepare(
        &self,
        fields: &UserChanges,
        current: Option<PasswordHash>,
        own: bool,
        caller: &Caller,
        lane: Lane,
    ) -> Result<Prepared> {
        let Some(new) = &fields.password else { return Ok(Prepared::None) };
        if own {
            self.prove_password(fields.current_password.as_ref(), current.clone(), caller, lane).await?;
        }
        if let Some(hash) = current
            && !self.hasher().overlooks(new, &hash)
            && self.hasher().verify(lane, new, Some(hash.clone())).await?
        {
            return Ok(Prepared::Same(hash));
        }
        Ok(Prepared::New(self.hasher().hash(lane, new).await?))
    }

    /// Compares what was shown with an account's present password; guessing wrong counts.
    pub(crate) async fn prove_password(
        &self,
        shown: Option<&Password>,
        current: Option<PasswordHash>,
        caller: &Caller,
        lane: Lane,
    ) -> Result<()> {
        let asks = caller.clone();
        let guess = self.store().read(move |tx| crate::guessing::of_caller(tx, &asks)).await?;
        let right = match shown {
            Some(shown) => self.hasher().verify(lane, shown, current).await?,
            None => false,
        };
        if right {
            return Ok(());
        }
        self.store().write(move |tx| crate::guessing::note(tx, &guess, None)).await?;
        Err(super::wrong_current_password())
    }
}
