//! What a tenant may learn of the system beyond itself: whether an address is known, by adding it. A counted right.

use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::email::Email;
use crate::error::{Error, Result};
use crate::store::{self, Tx};
use std::time::Duration;

/// How many an environment may learn in an hour.
const MOST: i64 = 100;
const WINDOW: Duration = Duration::from_secs(3600);

/// Counts one more.
///
/// # Errors
/// [`Error::TooMany`] when the right is used up.
pub(crate) fn count(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    let environment = actor.environment().id;
    let key = tx.effects().keys.digest("disclosures", environment.to_string().as_bytes());
    let counted = store::guesses::hit(tx, &key, WINDOW, None, None)?;
    if counted.count > MOST {
        return Err(Error::TooMany {
            retry_after: WINDOW.saturating_sub(tx.now().since(counted.since)),
            reason: "An environment may add at most 100 accounts an hour that are known elsewhere.",
        });
    }
    Ok(())
}

/// Notes that the caller was told, where no user came of it.
///
/// # Errors
/// The store's.
pub(crate) fn record(tx: &mut Tx<'_>, actor: &Actor, email: &Email) -> Result<()> {
    let mut changes = Changes::default();
    changes.text("email", None, Some(email.as_typed()));
    audit::record(tx, actor, "account.disclosed", &"account", changes)
}
