//! The sessions of an account, one by one: its owner sees and ends all of them, an environment's those that act there.
//! Ending is immediate everywhere.

use super::Session;
use crate::actor::{Actor, power_in};
use crate::audit::{self, Changes};
use crate::credentials::need_to_cover_credentials;
use crate::error::{Error, Noun, Result};
use crate::id::{SessionId, UserId};
use crate::permissions::BuiltIn;
use crate::store::users::Whole;
use crate::store::{self, Tx};

/// Up to 1,000 sessions, the one last used first: the actor's own, or with `view_user` those of a user that act in the
/// environment. Its own in other environments are shown in a session alone: an API token that one tenant holds must not
/// tell of them.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] for a user who is not there.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, of: Option<UserId>) -> Result<Vec<Session>> {
    let here = actor.environment().id;
    match (of.filter(|user| !actor.is(*user)), actor.user()) {
        (Some(user), _) => {
            actor.need(BuiltIn::ViewUser)?;
            store::users::find_membership(tx, here, user)?.ok_or(Error::NotFound(Noun::User))?;
            store::sessions::here(tx, here, user)
        }
        (None, Some(own)) if actor.session().is_some() => store::sessions::of_account(tx, own),
        (None, Some(own)) => store::sessions::here(tx, here, own),
        (None, None) => Ok(Vec::new()),
    }
}

/// Ends one: the actor's own, or with `change_user` one that acts in the environment, of somebody with no more power.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub fn end(tx: &mut Tx<'_>, actor: &Actor, id: SessionId) -> Result<()> {
    let missing = || Error::NotFound(Noun::Session);
    let session = store::sessions::find(tx, id)?.ok_or_else(missing)?;
    let here = session.environment == actor.environment().id;
    // An API token that one tenant holds reaches none of its owner's sessions elsewhere.
    let own_everywhere = actor.is(session.account) && actor.session().is_some();
    if !(here || own_everywhere) {
        return Err(missing());
    }
    need_to_end(tx, actor, session.account).map_err(|error| match error {
        // Whoever may not see users learns nothing of sessions.
        Error::NotFound(_) => missing(),
        other => other,
    })?;
    store::tokens::end_session(tx, session.account, id)?;
    note(tx, actor, session.account, Some(id))
}

/// Ends all of the actor's own but the one that it acts through; says how many.
///
/// # Errors
/// [`Error::Forbidden`] for all but sessions.
pub fn end_others(tx: &mut Tx<'_>, actor: &Actor) -> Result<u64> {
    actor.need_session()?;
    let Some(own) = actor.user() else { return Ok(0) };
    let ended = store::tokens::end_sessions_of_account(tx, own, actor.session())?;
    if ended > 0 {
        note(tx, actor, own, None)?;
    }
    Ok(ended)
}

/// Ends all of a user's that act in the environment, with `change_user`; says how many.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for somebody with more power.
pub fn end_all(tx: &mut Tx<'_>, actor: &Actor, user: UserId) -> Result<u64> {
    need_to_end(tx, actor, user)?;
    let ended = store::tokens::end_sessions_here(tx, actor.environment().id, user)?;
    if ended > 0 {
        note(tx, actor, user, None)?;
    }
    Ok(ended)
}

fn need_to_end(tx: &mut Tx<'_>, actor: &Actor, user: UserId) -> Result<()> {
    if actor.is(user) {
        return Ok(());
    }
    actor.need(BuiltIn::ChangeUser)?;
    let here = actor.environment().id;
    let Whole { account, membership, .. } = store::users::find(tx, here, user)?.ok_or(Error::NotFound(Noun::User))?;
    let mut power = power_in(tx, here, user, &membership)?;
    power.operator = account.operator;
    need_to_cover_credentials(actor, &power)
}

fn note(tx: &mut Tx<'_>, actor: &Actor, user: UserId, session: Option<SessionId>) -> Result<()> {
    let mut changes = Changes::default();
    let which = session.map_or_else(|| "all".to_owned(), |id| id.to_string());
    changes.text("session", Some(&which), None);
    audit::record(tx, actor, "session.ended", &user, changes)
}
