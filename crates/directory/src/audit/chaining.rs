//! Makes the chains longer. Where one transaction writes at a time, an event is chained as it is written. Where many do, it is
//! written in its change's transaction and chained in another soon after, beside everything else: changes of one environment
//! would wait for each other at the end of its chain. Until then it is there, and nothing proves so.

use super::erase;
use super::event::{Event, Hash, Link};
use super::salts;
use crate::directory::Directory;
use crate::error::Result;
use crate::id::EnvironmentId;
use crate::store::Tx;
use crate::store::audit::chain::{self, Head, Place, SYSTEM};
use std::collections::BTreeMap;
use std::time::Duration;

/// Events that one transaction chains at most: some milliseconds, between which others write.
const MOST: i64 = 250;
/// So many events make a checkpoint due,
const CHECKPOINT_EVENTS: i64 = 1000;
/// and so much time after the first of them.
const CHECKPOINT_AFTER: Duration = Duration::from_secs(10 * 60);

impl Directory {
    /// Chains some of the events that wait, or erases what is to be erased of chained ones; says whether there may be more.
    /// Safe on several nodes at once: one of them does it, the others wait for that one.
    ///
    /// # Errors
    /// The store's.
    pub async fn chain_audit(&self) -> Result<bool> {
        // Mostly there is nothing to do, and then nobody needs to write.
        if !self.store().read(|tx| Ok(chain::any_waiting(tx)? || erase::any(tx)?)).await? {
            return Ok(false);
        }
        self.store()
            .write(|tx| {
                chain::hold(tx)?;
                // What is still to be erased may wait among them: first all are chained.
                Ok(extend(tx, MOST)? == MOST || erase::some(tx, MOST)?)
            })
            .await
    }
}

/// The place of an event that is being written, at the end of its chain: for where one transaction writes at a time.
pub(super) fn place(tx: &mut Tx<'_>, environment: Option<EnvironmentId>, event: &Event) -> Result<Place> {
    let chain = chain_of(environment);
    let mut head = chain::head(tx, chain)?;
    let place = follow(&mut head, chain, event);
    put(tx, chain, head)?;
    Ok(place)
}

/// Chains up to `most` of the events that wait; how many it were.
fn extend(tx: &mut Tx<'_>, most: i64) -> Result<i64> {
    let mut heads: BTreeMap<i64, Head> = BTreeMap::new();
    let mut chained = 0;
    for waiting in chain::waiting(tx, most)? {
        let of = chain_of(waiting.environment);
        let head = match heads.get_mut(&of) {
            Some(head) => head,
            None => {
                let head = chain::head(tx, of)?;
                heads.entry(of).or_insert(head)
            }
        };
        let (event, salts) = waiting.salted(|| salts(tx))?;
        chain::put(tx, waiting.id, &follow(head, of, &event), &salts)?;
        chained += 1;
    }
    for (of, head) in heads {
        put(tx, of, head)?;
    }
    Ok(chained)
}

fn chain_of(environment: Option<EnvironmentId>) -> i64 {
    environment.map_or(SYSTEM, |environment| environment.0)
}

/// Puts an event behind a chain's newest one.
fn follow(head: &mut Head, chain: i64, event: &Event) -> Place {
    let previous = head.hash.unwrap_or(Hash::NONE);
    let link = Link { environment: head.environment, sequence: head.sequence + 1, previous };
    let hash = event.hash(&link);
    (head.sequence, head.hash) = (link.sequence, Some(hash));
    Place { chain, sequence: link.sequence, hash }
}

/// Notes how far a chain has come, and when that is to be signed.
fn put(tx: &mut Tx<'_>, chain: i64, mut head: Head) -> Result<()> {
    let now = tx.now();
    let due = if head.sequence - head.checkpointed < CHECKPOINT_EVENTS { now.plus(CHECKPOINT_AFTER) } else { now };
    head.due_at = Some(head.due_at.map_or(due, |present| present.min(due)));
    chain::put_head(tx, chain, &head)
}
