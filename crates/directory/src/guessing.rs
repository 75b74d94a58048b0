//! Against guessing: failures are counted by whom they are aimed at and by where they come from. The first ones cost
//! nothing; beyond them each waits twice as long as the one before, never longer than the window, so that a stranger can
//! delay an owner and never lock it out. Counters live in the store: restarts and other nodes do not forget them.

use crate::actor::{self, Caller, Origin};
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::error::{Bound, Error, Result};
use crate::id::{EnvironmentId, UserId};
use crate::store::{self, Tx};
use std::time::Duration;

/// Failures aimed at one account that cost nothing.
const FREE_ACCOUNT: i64 = 5;
/// Failures from one network address that cost nothing.
const FREE_ADDRESS: i64 = 100;
/// For how long failures are remembered.
pub(crate) const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Refused sign-ins in one window that get an audit event each; more are told in one, so that no stranger fills the disk:
/// those that are nobody's in particular, and those of each environment, whose own are not lost among another's.
const TOLD: i64 = 1000;
const TOLD_OF_ENVIRONMENT: i64 = 100;
const REFUSED: &str = "sign_in.refused";

/// Whom an attempt is aimed at, and where it comes from, as digests.
pub(crate) struct Guess {
    account: [u8; 32],
    address: [u8; 32],
    known: Option<UserId>,
    origin: Origin,
}

impl Guess {
    /// A known account is one target whichever of its names is used; an unknown name is a target of its own, so that
    /// both are counted alike.
    pub(crate) fn of(tx: &Tx<'_>, known: Option<UserId>, login: &str, origin: &Origin) -> Guess {
        let keys = &tx.effects().keys;
        let target = known.map_or_else(|| crate::text::fold(login), |id| id.to_string());
        Guess {
            account: keys.digest("guesses/account", target.as_bytes()),
            address: keys.digest("guesses/address", origin.address().as_bytes()),
            known,
            origin: origin.clone(),
        }
    }
}

impl Guess {
    /// At the second factor of an account whose password was right.
    pub(crate) fn of_factor(tx: &Tx<'_>, account: UserId, origin: &Origin) -> Guess {
        let target = tx.effects().keys.digest("guesses/factor", account.0.as_bytes());
        Guess { account: target, ..Guess::of(tx, Some(account), "", origin) }
    }
}

/// Guessing at one's own present password, in a session that somebody may have stolen: refused when it must wait.
pub(crate) fn of_caller(tx: &mut Tx<'_>, caller: &Caller) -> Result<Guess> {
    let own = actor::identify(tx, caller)?;
    let guess = Guess::of(tx, Some(own), "", &caller.origin);
    judge(tx, &guess)?;
    Ok(guess)
}

/// Refuses who must still wait.
pub(crate) fn judge(tx: &mut Tx<'_>, guess: &Guess) -> Result<()> {
    for (key, free) in [(&guess.account, FREE_ACCOUNT), (&guess.address, FREE_ADDRESS)] {
        if let Some(guesses) = store::guesses::find(tx, key, WINDOW)? {
            let wait = delay(guesses.count, free).saturating_sub(tx.now().since(guesses.last_at));
            if !wait.is_zero() {
                return Err(Error::TooMany { retry_after: wait, reason: Bound::Guesses });
            }
        }
    }
    Ok(())
}

/// What `count` failures cost: nothing, then 1 s, 2 s, 4 s, … up to the window.
fn delay(count: i64, free: i64) -> Duration {
    match count - free {
        over if over <= 0 => Duration::ZERO,
        over => Duration::from_secs(1 << (over - 1).min(20)).min(WINDOW),
    }
}

/// Counts a failure and tells the audit trail: that of the environment whose failure it certainly is, else the system's.
pub(crate) fn note(tx: &mut Tx<'_>, guess: &Guess, here: Option<EnvironmentId>) -> Result<()> {
    store::guesses::hit(tx, &guess.account, WINDOW, None, None)?;
    store::guesses::hit(tx, &guess.address, WINDOW, None, None)?;
    let of = here.map_or_else(|| b"all".to_vec(), |here| here.0.to_be_bytes().to_vec());
    let counter = tx.effects().keys.digest("guesses/told", &of);
    let told = store::guesses::hit(tx, &counter, WINDOW, here, Some(REFUSED))?;
    if told.count > most_told(here) {
        return Ok(());
    }
    let subject = guess.known.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    audit::record_unsigned(tx, here, &guess.origin, "password", REFUSED, &subject, Changes::default())
}

fn most_told(here: Option<EnvironmentId>) -> i64 {
    if here.is_some() { TOLD_OF_ENVIRONMENT } else { TOLD }
}

/// A success makes up for the failures before it.
pub(crate) fn forget(tx: &mut Tx<'_>, guess: &Guess) -> Result<()> {
    if store::guesses::find(tx, &guess.account, WINDOW)?.is_some() {
        store::guesses::clear(tx, &guess.account)?;
    }
    Ok(())
}

/// For how long it is counted how often somebody does what is bounded by the hour.
const HOUR: Duration = Duration::from_secs(3600);

/// Counts one more of what somebody, or something, may do so often in an hour.
///
/// # Errors
/// [`Error::TooMany`] beyond that.
pub(crate) fn count(tx: &mut Tx<'_>, what: &'static str, of: &str, most: i64, reason: Bound) -> Result<()> {
    let key = tx.effects().keys.digest(what, of.as_bytes());
    let counted = store::guesses::hit(tx, &key, HOUR, None, None)?;
    if counted.count > most {
        return Err(Error::TooMany { retry_after: HOUR.saturating_sub(tx.now().since(counted.since)), reason });
    }
    Ok(())
}

/// Forgets counters whose windows are over, and tells in one event what was not told one by one.
pub(crate) fn close_windows(tx: &mut Tx<'_>, most: i64) -> Result<usize> {
    let before: Time = tx.now().minus(HOUR.max(WINDOW));
    let over = store::guesses::over(tx, before, most)?;
    for guesses in &over {
        let (here, untold) = (guesses.environment, guesses.count - most_told(guesses.environment));
        if let Some(verb) = guesses.verb.as_deref().filter(|_| untold > 0) {
            let mut changes = Changes::default();
            changes.text("more", None, Some(&untold.to_string()));
            audit::record_unsigned(tx, here, &Origin::default(), "system", verb, "many", changes)?;
        }
        store::guesses::clear(tx, &guesses.key)?;
    }
    Ok(over.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failures_are_free_and_then_each_waits_twice_as_long_up_to_the_window() {
        let seconds: Vec<u64> = (1..=19).map(|count| delay(count, FREE_ACCOUNT).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
    }
}
