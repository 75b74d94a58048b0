//! When a mail is tried, how often, and when it is given up. Knows nothing of what carries mails.

use super::Waiting;
use crate::clock::Time;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::randomness::Randomness;
use crate::store::{self, Tx};
use std::time::Duration;

/// How long a mail is somebody's once taken. Longer than any try may last, so that no two nodes send the same; after it,
/// the node that took it has died.
const HOLD: Duration = Duration::from_secs(5 * 60);
/// The first try after a failure; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);
/// How often a mail is tried: ten times within nine hours, and every six hours until three days are over. Counted in
/// tries, because a mail may have waited long before there was any way to send it.
const TRIES: i64 = 21;
/// News older than this helps nobody: it waited for a way to be sent that came too late.
const NEWS: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a mail is kept at most, given up or not: no link in it is good any more.
const KEPT: Duration = Duration::from_secs(31 * 24 * 3600);
/// How often taking looks again when all that it took was not worth sending.
const LOOKS: usize = 100;

/// How a try ended. The texts are for the operator: they hold no address, no link and no answer of a server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A server has taken it.
    Sent,
    /// It did not work, and may later.
    Failed(String),
    /// It will never work.
    Refused(String),
}

impl Directory {
    /// Takes up to `most` mails whose time has come: for five minutes they are the caller's alone. What is no longer worth
    /// sending is dropped: a link that was voided or has ended, news that is a week old.
    ///
    /// # Errors
    /// The store's.
    pub async fn claim_mails(&self, most: usize) -> Result<Vec<Waiting>> {
        self.store().write(move |tx| claim(tx, most)).await
    }

    /// Notes how a try ended: what was sent is forgotten, what failed is tried later, what was refused stays to be seen.
    ///
    /// # Errors
    /// The store's; the mail is then tried again.
    pub async fn settle_mail(&self, id: i64, attempts: i64, fate: Fate) -> Result<()> {
        self.store()
            .write(move |tx| match &fate {
                Fate::Sent => store::outbox::remove(tx, id),
                Fate::Failed(trouble) => {
                    let wait = wait_after(attempts, &tx.effects().randomness)?;
                    let until = wait.map(|wait| tx.now().plus(wait));
                    store::outbox::postpone(tx, id, attempts, until, trouble)
                }
                Fate::Refused(trouble) => store::outbox::postpone(tx, id, attempts, None, trouble),
            })
            .await
    }

    /// When the next mail's time comes, by the directory's clock.
    ///
    /// # Errors
    /// The store's.
    pub async fn next_mail_at(&self) -> Result<Option<Time>> {
        self.store().read(store::outbox::next).await
    }

    /// Waits until a mail was written to the outbox through this handle or a clone of it. Another process's mails are not
    /// heard of.
    pub async fn mail_posted(&self) {
        self.store().mail_posted().await;
    }
}

fn claim(tx: &mut Tx<'_>, most: usize) -> Result<Vec<Waiting>> {
    let until = tx.now().plus(HOLD);
    let mut claimed = Vec::new();
    for _ in 0..LOOKS {
        let rows = store::outbox::claim(tx, until, i64::try_from(most - claimed.len()).unwrap_or(i64::MAX))?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let (id, attempts) = (row.id, row.attempts);
            match Waiting::open(tx, row) {
                Ok(waiting) if is_wanted(tx, &waiting)? => claimed.push(waiting),
                Ok(_) => {
                    store::outbox::remove(tx, id)?;
                    tracing::info!(mail = id, "a mail that nobody needs any more was dropped");
                }
                // Another node, or this one once it has taken up the newer keys file, can read it.
                Err(Error::Unavailable(reason)) => {
                    let wait = wait_after(attempts, &tx.effects().randomness)?;
                    let until = wait.map(|wait| tx.now().plus(wait));
                    store::outbox::postpone(
                        tx,
                        id,
                        attempts,
                        until,
                        "the keys file lacks the key that it is sealed with",
                    )?;
                    tracing::error!(mail = id, reason, "a mail in the outbox cannot be read yet");
                }
                // One that cannot be read must not stand in the way of the others.
                Err(error) => {
                    store::outbox::postpone(tx, id, attempts, None, "it cannot be read")?;
                    tracing::error!(mail = id, %error, "a mail in the outbox cannot be read");
                }
            }
        }
        if claimed.len() >= most {
            break;
        }
    }
    claimed.sort_by_key(|waiting| waiting.id);
    Ok(claimed)
}

/// Whether it still says something: its link works, or its news is fresh.
fn is_wanted(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<bool> {
    let now = tx.now();
    match waiting.mail.subject.token() {
        Some(token) => Ok(store::links::find(tx, &token.hash())?.is_some_and(|link| link.expires_at > now)),
        None => Ok(now.since(waiting.created_at) < NEWS),
    }
}

/// How long to wait after so many tries; `None`: it was the last one. A quarter of the wait is chance, so that what failed
/// together does not come back together.
fn wait_after(attempts: i64, randomness: &Randomness) -> Result<Option<Duration>> {
    if attempts >= TRIES {
        return Ok(None);
    }
    let doubled = u32::try_from(attempts.max(1) - 1).unwrap_or(0).min(16);
    let whole = FIRST_WAIT.saturating_mul(1 << doubled).min(LONGEST_WAIT);
    let chance = u32::from(randomness.bytes::<1>()?[0]);
    Ok(Some(whole - whole * chance / (4 * 256)))
}

/// Forgets mails that are so old that nothing in them is good; how many.
pub(crate) fn forget_old(tx: &mut Tx<'_>, most: i64) -> Result<u64> {
    let before = tx.now().minus(KEPT);
    store::outbox::forget(tx, before, most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn waits_double_from_a_minute_to_six_hours_and_end_after_three_days() {
        let randomness = Randomness::seeded(1);
        let waits: Vec<Duration> =
            (1..).map_while(|attempts| wait_after(attempts, &randomness).unwrap()).take(100).collect();
        assert_eq!(waits.len(), 20);
        for (n, wait) in waits.iter().enumerate() {
            let whole = FIRST_WAIT.saturating_mul(1 << n.min(16)).min(LONGEST_WAIT);
            assert!(*wait <= whole && *wait > whole * 3 / 4, "{n}: {wait:?}");
        }
        let days = waits.iter().sum::<Duration>().as_secs_f64() / 86400.0;
        assert!((2.4..3.2).contains(&days), "{days}");
        assert_ne!(wait_after(9, &randomness).unwrap(), wait_after(9, &randomness).unwrap());
    }
}
