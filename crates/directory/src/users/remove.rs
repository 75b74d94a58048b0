//! Removing users: they leave this environment; the account stays while it belongs anywhere.

use super::User;
use super::plan::difference;
use super::update::as_seen;
use crate::accounts;
use crate::actor::{Actor, power_in};
use crate::audit;
use crate::directory::When;
use crate::email::Email;
use crate::environments::keeps_administrator;
use crate::error::{Error, Noun, Result};
use crate::id::UserId;
use crate::permissions::BuiltIn;
use crate::store::{self, Tx};

/// Removes a user from the actor's environment.
///
/// # Errors
/// [`Error::Forbidden`] without `delete_user` or for somebody more powerful; [`Error::NotFound`]; [`Error::Conflict`] for
/// the last administrator; [`Error::Changed`] when it is not as `when` wants it.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, id: UserId, when: Option<&When<User>>) -> Result<()> {
    actor.need(BuiltIn::DeleteUser)?;
    as_seen(tx, actor, id, when)?;
    leave(tx, actor, id)
}

/// Removes a user; whoever asks may, but for somebody more powerful.
pub(crate) fn leave(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<()> {
    let environment = actor.environment().id;
    let account = store::accounts::lock(tx, id)?.ok_or(Error::NotFound(Noun::User))?;
    let membership = store::users::find_membership(tx, environment, id)?.ok_or(Error::NotFound(Noun::User))?;
    actor.need_to_cover(&power_in(tx, environment, id, &membership)?)?;
    let administers = membership.administrator && membership.active && !membership.pending;
    if administers && account.password_hash.is_some() {
        keeps_administrator(tx, environment, id)?;
    }
    store::tokens::end_sessions_here(tx, environment, id)?;
    store::tokens::end_tokens_here(tx, environment, id)?;
    store::users::delete(tx, environment, id)?;
    let mut changes = difference(Some(&membership), None);
    changes.text("email", account.email.as_ref().map(Email::as_typed), None);
    audit::record(tx, actor, "user.removed", &id, changes)?;
    accounts::drop_if_homeless(tx, id)
}
