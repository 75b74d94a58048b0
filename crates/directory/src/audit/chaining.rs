//! Makes the chains longer, beside everything else. An event is written in its change's transaction and chained in one of its
//! own soon after: changes of one environment would otherwise wait for each other at the end of its chain, where two of them
//! can be made at a time. Until then it is there, and nothing proves so.

use super::erase;
use super::event::{Hash, Link};
use super::salts;
use crate::directory::Directory;
use crate::error::Result;
use crate::store::Tx;
use crate::store::audit::chain::{self, Chained, Head, SYSTEM};
use std::collections::BTreeMap;
use std::time::Duration;

/// Events that one transaction chains at most: some milliseconds, between which others write.
const MOST: i64 = 250;
/// So many events make a checkpoint due,
const CHECKPOINT_EVENTS: i64 = 1000;
/// and so much time after the first of them.
const CHECKPOINT_AFTER: Duration = Duration::from_secs(10 * 60);

impl Directory {
    /// Chains some of the events that wait, or erases what is to be erased of chained ones; says whether there may be more. Safe on several nodes at once: one of them does
    /// it, the others wait for that one.
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

/// Chains up to `most` of the events that wait; how many it were.
fn extend(tx: &mut Tx<'_>, most: i64) -> Result<i64> {
    let mut heads: BTreeMap<i64, Head> = BTreeMap::new();
    let mut chained = 0;
    for waiting in chain::waiting(tx, most)? {
        let of = waiting.environment.map_or(SYSTEM, |environment| environment.0);
        let head = match heads.get_mut(&of) {
            Some(head) => head,
            None => {
                let head = chain::head(tx, of)?;
                heads.entry(of).or_insert(head)
            }
        };
        let (event, salts) = waiting.salted(|| salts(tx))?;
        let previous = head.hash.unwrap_or(Hash::NONE);
        let link = Link { environment: head.environment, sequence: head.sequence + 1, previous };
        let hash = event.hash(&link);
        chain::put(tx, waiting.id, &Chained { chain: of, sequence: link.sequence, hash, salts: &salts })?;
        (head.sequence, head.hash) = (link.sequence, Some(hash));
        chained += 1;
    }
    let now = tx.now();
    for (of, mut head) in heads {
        let due = if head.sequence - head.checkpointed < CHECKPOINT_EVENTS { now.plus(CHECKPOINT_AFTER) } else { now };
        head.due_at = Some(head.due_at.map_or(due, |present| present.min(due)));
        chain::put_head(tx, of, &head)?;
    }
    Ok(chained)
}
