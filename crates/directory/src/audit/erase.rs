//! Erasing a person from the audit trail: what changed of it, and where it came from. That something happened, when, to which
//! id and by which, stays, and so does every hash. What it did to others stays too: leaving is no way to hide that.

use super::{Changes, record_in_system};
use crate::actor::Actor;
use crate::error::Result;
use crate::id::UserId;
use crate::store::Tx;
use crate::store::audit::erase;
use crate::store::past;

/// Has what is a person's taken out of the past, and an account's events erased: the changes of those about it, and the addresses of those by it, or by nobody who was
/// signed in. It is done soon after, once they are chained, some at a time.
///
/// # Errors
/// The store's.
pub(crate) fn erase(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    past::erase(tx, account)?;
    erase::begin(tx, account)
}

/// The same for an operator, whatever there is of the account, and accounted for.
///
/// # Errors
/// [`crate::Error::Forbidden`] for all but operators.
pub fn erase_account(tx: &mut Tx<'_>, actor: &Actor, account: UserId) -> Result<()> {
    actor.need_operator()?;
    record_in_system(tx, actor, "audit.erased", &account, Changes::default())?;
    erase(tx, account)
}

/// Whether somebody is still to be erased.
pub(super) fn any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(erase::first(tx)?.is_some())
}

/// Erases up to `most` events about somebody, and as many by it; whether there may be more.
pub(super) fn some(tx: &mut Tx<'_>, most: i64) -> Result<bool> {
    let Some(account) = erase::first(tx)? else { return Ok(false) };
    let (about, by) = (erase::about(tx, account, most)?, erase::by(tx, account, most)?);
    for found in &about {
        erase::changes(tx, found.id, found.event.changes_digest())?;
        if found.event.actor.is_none() {
            erase::address(tx, found.id, found.event.address_digest())?;
        }
    }
    for found in &by {
        erase::address(tx, found.id, found.event.address_digest())?;
    }
    if about.is_empty() && by.is_empty() {
        erase::end(tx, account)?;
    }
    Ok(true)
}
