//! Fresh proof: a session may be stolen, so what an account is opened with is changed only soon after its owner showed the
//! password. Knows nothing of what is then changed.

use crate::actor::{Actor, Caller};
use crate::audit::{self, Changes};
use crate::directory::Directory;
use crate::error::{Error, Result, Step};
use crate::hashing::Lane;
use crate::passkeys::{Assertion, Party};
use crate::second_factors::{self, Shown};
use crate::secret::Password;
use crate::sessions::Session;
use crate::store::{self, Tx};
use crate::users;
use std::sync::Arc;
use std::time::Duration;

/// For how long a password that was shown is proof.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// Refuses who would change what its own account is opened with, in a session without fresh proof. API tokens rest on their
/// ceiling.
///
/// # Errors
/// [`Step::Proof`]; [`Step::StepUp`] for a session without the second factor that its account has.
pub(crate) fn need(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    let Some(session) = actor.session() else { return Ok(()) };
    let session = store::sessions::find(tx, session)?.ok_or(Error::Unauthenticated)?;
    let now = tx.now();
    // A clock that went back makes a proof old rather than young.
    if now < session.proven_at || now.since(session.proven_at) >= FRESH {
        return Err(Error::StepRequired(Step::Proof));
    }
    shown(tx, &session)
}

/// Refuses who would change its own password in a session without the second factor that its account has.
///
/// # Errors
/// [`Step::StepUp`]
pub(crate) fn need_factor(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    let Some(session) = actor.session() else { return Ok(()) };
    let session = store::sessions::find(tx, session)?.ok_or(Error::Unauthenticated)?;
    shown(tx, &session)
}

/// Whether a second factor was shown in a session, if its account has one: it may be older than the factor.
fn shown(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    match session.second_factor_at.is_none() && store::second_factors::any(tx, session.account)? {
        true => Err(Error::StepRequired(Step::StepUp)),
        false => Ok(()),
    }
}

/// Believes somebody in a session that is good for more than a step. It may lack the second factor that its environment has come
/// to demand: whoever is to enrol one shows fresh proof first.
fn whole(tx: &mut Tx<'_>, caller: &Caller) -> Result<(Actor, Session)> {
    let (actor, session) = Actor::authenticate_for_factor(tx, caller)?;
    match session.step {
        Some(step) => Err(Error::StepRequired(step)),
        None => Ok((actor, session)),
    }
}

impl Directory {
    /// Shows a passkey once more, in a session: it is as good as the password, and a second factor besides.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for all but sessions; [`Error::FactorRefused`].
    pub async fn prove_by_passkey(&self, caller: Caller, party: Arc<Party>, assertion: Arc<Assertion>) -> Result<()> {
        let shown = Shown::Passkey(party, assertion);
        let asked = caller.clone();
        let judge = move |tx: &mut Tx<'_>| {
            let (actor, _) = whole(tx, &asked)?;
            second_factors::judge(tx, actor.user(), &shown)
        };
        let judged = self.store().read(judge).await?;
        let prove = move |tx: &mut Tx<'_>| {
            let (actor, Session { account: own, id: session, .. }) = whole(tx, &caller)?;
            let account = store::accounts::lock(tx, own)?.ok_or(Error::Unauthenticated)?;
            if second_factors::accept(tx, &account, &judged)?.is_none() {
                return Err(Error::FactorRefused);
            }
            store::sessions::factor_shown(tx, own, session, true)?;
            audit::record(tx, &actor, "session.proven", &own, Changes::default())
        };
        self.store().write(prove).await
    }

    /// Shows the password once more, in a session.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for all but sessions; [`Error::Invalid`] for a wrong password, which counts as a guess;
    /// [`Error::TooMany`].
    pub async fn prove(&self, caller: Caller, password: Password) -> Result<()> {
        let asked = caller.clone();
        let own = move |tx: &mut Tx<'_>| {
            let (actor, session) = whole(tx, &asked)?;
            let current = users::current_password_hash(tx, session.account)?;
            Ok((current, Lane::of_environment(actor.environment().id)))
        };
        let (current, lane) = self.store().read(own).await?;
        self.prove_password(Some(&password), current, &caller, lane).await?;
        let prove = move |tx: &mut Tx<'_>| {
            let (actor, Session { account: own, id: session, .. }) = whole(tx, &caller)?;
            store::sessions::proven(tx, own, session)?;
            audit::record(tx, &actor, "session.proven", &own, Changes::default())
        };
        self.store().write(prove).await
    }
}
