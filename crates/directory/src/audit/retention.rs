//! Audit events whose time is over: an environment may say for how long its own are kept. The oldest go, only where a
//! checkpoint covers them, and the hash of the last one stays, so that the rest still verifies from there.

use super::{Changes, record_unsigned};
use crate::actor::Origin;
use crate::error::Result;
use crate::store::Tx;
use crate::store::audit::{chain, retention, told};
use crate::store::past;
use std::time::Duration;

/// Events that one transaction removes at most.
const MOST: i64 = 500;
/// So much more than their time events stay, so that they go, and their going is told, once a day and not each minute.
const LEEWAY: Duration = Duration::from_secs(24 * 3600);

/// Removes some of what is over; whether there may be more.
///
/// # Errors
/// The store's.
pub(crate) fn prune(tx: &mut Tx<'_>) -> Result<bool> {
    let now = tx.now();
    let Some((environment, kept)) = retention::due(tx, now.minus(LEEWAY))? else { return Ok(false) };
    chain::hold(tx)?;
    let (of, over) = (environment.0, now.minus(kept));
    let head = chain::head(tx, of)?;
    let oldest = told::after(tx, of, head.pruned_sequence, MOST)?;
    let gone: Vec<_> =
        oldest.iter().take_while(|told| told.event.at < over && told.sequence <= head.checkpointed).collect();
    let Some(last) = gone.last() else { return Ok(false) };
    retention::remove(tx, of, last.sequence, last.hash)?;
    // What the trail no longer tells, the past does not either.
    past::forget(tx, environment, last.event.at)?;
    let mut changes = Changes::default();
    changes.text("until", None, Some(&last.sequence.to_string()));
    record_unsigned(tx, Some(environment), &Origin::default(), "system", "audit.pruned", "audit", changes)?;
    Ok(true)
}
