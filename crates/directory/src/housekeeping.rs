//! What must be swept up now and then: sessions, links, mails, counters and audit events that ended by themselves. Nothing depends on it being
//! done in time: what has expired is refused whether or not it was swept.

use crate::actor::Origin;
use crate::audit::{self, Changes};
use crate::directory::Directory;
use crate::error::Result;
use crate::guessing;
use crate::mail;
use crate::repeats;
use crate::store::{self, Tx};
use crate::webhooks;
use std::time::Duration;

/// Rows that one sweep takes at most of each kind, so that it never holds up the writer.
const MOST: i64 = 500;

impl Directory {
    /// Sweeps once; says whether there is more to sweep.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep(&self) -> Result<bool> {
        self.store()
            .write(|tx| {
                let now = tx.now();
                let sessions = store::tokens::forget_expired(tx, now, MOST)?;
                let links = store::links::forget_expired(tx, now.minus(Duration::from_secs(3600)), MOST)?;
                let windows = guessing::close_windows(tx, MOST)?;
                let answers = repeats::forget(tx, MOST)?;
                let mails = mail::forget_old(tx, MOST)?;
                let challenges = store::second_factors::forget_answered(tx, now, MOST)?;
                let deliveries = webhooks::forget_old(tx, MOST)?;
                let memberships = end_memberships(tx, MOST)?;
                let events = audit::prune(tx)?;
                Ok(events
                    || memberships as i64 == MOST
                    || deliveries as i64 == MOST
                    || challenges as i64 == MOST
                    || answers as i64 == MOST
                    || sessions as i64 == MOST
                    || links as i64 == MOST
                    || windows as i64 == MOST
                    || mails as i64 == MOST)
            })
            .await
    }
}

/// Takes away memberships that have ended, and notes so: they count no longer since, whether or not this was done.
fn end_memberships(tx: &mut Tx<'_>, most: i64) -> Result<usize> {
    let now = tx.now();
    let ended = store::groups::ended(tx, now, most)?;
    for (environment, user, group) in &ended {
        if !store::groups::end(tx, *environment, *user, *group, now)? {
            continue;
        }
        let mut changes = Changes::default();
        changes.list("groups", &[group], &[]);
        let (nobody, subject) = (Origin::default(), user.to_string());
        audit::record_unsigned(tx, Some(*environment), &nobody, "system", "user.membership_ended", &subject, changes)?;
    }
    Ok(ended.len())
}
