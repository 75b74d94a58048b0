//! What a tenant may learn of the system beyond itself: whether an address is known, by adding it. A counted right.

use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::error::{Bound, Error, Result};
use crate::guessing;
use crate::store::{self, Tx};
use std::time::Duration;

/// How many an environment may learn in an hour.
const MOST: i64 = 100;
const WHAT: &str = "disclosures";
const WINDOW: Duration = Duration::from_secs(3600);

/// Counts one more.
///
/// # Errors
/// [`Error::TooMany`] when the right is used up.
pub(crate) fn count(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    guessing::count(tx, WHAT, &actor.environment().id.to_string(), MOST, Bound::Disclosures)
}

/// Refuses to go near what would tell, once the right is used up: also where the address turns out to be unknown, or the
/// difference would tell it all the same.
///
/// # Errors
/// [`Error::TooMany`]
pub(crate) fn need_room(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    match store::guesses::find(tx, &key(tx, actor), WINDOW)? {
        Some(counted) if counted.count >= MOST => Err(used_up(tx, counted.since)),
        _ => Ok(()),
    }
}

fn key(tx: &Tx<'_>, actor: &Actor) -> [u8; 32] {
    tx.effects().keys.digest(WHAT, actor.environment().id.to_string().as_bytes())
}

fn used_up(tx: &Tx<'_>, since: Time) -> Error {
    Error::TooMany { retry_after: WINDOW.saturating_sub(tx.now().since(since)), reason: Bound::Disclosures }
}

/// Notes that the caller was told, where no user came of it.
///
/// # Errors
/// The store's.
pub(crate) fn record(tx: &mut Tx<'_>, actor: &Actor, asked: &str) -> Result<()> {
    let mut changes = Changes::default();
    changes.text("email", None, Some(asked));
    audit::record(tx, actor, "account.disclosed", &"account", changes)
}
