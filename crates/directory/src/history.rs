//! Asking the past: which times can be asked about, and by whom. What was is kept by the store as it changes; the verbs that
//! answer stand where those about the present do. Knows nothing of how long an environment keeps its past.
//!
//! A change counts from the time of its transaction on, wholly. About the moment that is just passing an answer may miss
//! what is being written.

use crate::actor::Actor;
use crate::clock::Time;
use crate::error::{Error, Field, Refusal, Result};
use crate::id::UserId;
use crate::permissions::BuiltIn;
use crate::store::Tx;

/// Judges a time that somebody asks about.
///
/// # Errors
/// [`Error::Invalid`] for a time that is yet to come, or from before the environment's past is known.
pub(crate) fn need_known(tx: &Tx<'_>, actor: &Actor, at: Time) -> Result<()> {
    let known = actor.environment().past_since;
    if at > tx.now() {
        return Err(Error::invalid(Field::At, Refusal::YetToCome));
    }
    if at < known {
        return Err(Error::invalid(Field::At, Refusal::BeforeThePast { known: known.into() }));
    }
    Ok(())
}

/// Whether the actor may look at a user: at what it was, only auditors may, and each at itself.
///
/// # Errors
/// [`Error::Forbidden`].
pub(crate) fn need_to_see(actor: &Actor, user: UserId, at: Option<Time>) -> Result<()> {
    if actor.is(user) {
        return Ok(());
    }
    need_to_see_all(actor, at)
}

/// The same for every user.
///
/// # Errors
/// [`Error::Forbidden`].
pub(crate) fn need_to_see_all(actor: &Actor, at: Option<Time>) -> Result<()> {
    actor.need(BuiltIn::ViewUser)?;
    match at {
        Some(_) => actor.need(BuiltIn::ViewAudit),
        None => Ok(()),
    }
}
