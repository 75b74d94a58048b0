//! What is delivered when, and how often: events in their order, what failed again and again for three days, and a webhook that
//! never hears is left alone for longer and longer. One node at a time delivers for a webhook. Knows nothing of what carries it.

use super::{Delivery, PURPOSE, Webhook};
use crate::actor::Origin;
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::directory::Directory;
use crate::environments::Environment;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::id::WebhookId;
use crate::randomness::Randomness;
use crate::secret::WebhookSecret;
use crate::store::webhooks::Held;
use crate::store::{self, Tx};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// How long a webhook is a node's once taken, unless it says again that it lives.
const LEASE: Duration = Duration::from_secs(15);
/// How many deliveries are on their way for one webhook at most.
const WINDOW: usize = 200;
/// So many events are read at once, and so often, to find those that a webhook is told.
const READ: i64 = 200;
const READS: usize = 10;
/// So many deliveries wait at most; further events stay in the audit trail until they come to be fewer.
const MOST_PENDING: i64 = 10_000;
/// So many deliveries that are over are kept of each webhook, thrown away in heaps of this size.
const KEPT: i64 = 10_000;
const HEAP: i64 = 500;
/// After so many failures in a row, one try at a time must do.
pub const TIRED: i64 = 8;
/// The first wait of a delivery after a failure, and the longest; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(12 * 3600);
/// How long a webhook is left alone that is tired of failures: from the first to the longest.
const LONGEST_REST: Duration = Duration::from_secs(5 * 60);
/// How long it is tried: a delivery, before it is given up, and a webhook, before it is switched off.
const PATIENCE: Duration = Duration::from_secs(3 * 24 * 3600);

/// How a webhook fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Failures in a row.
    pub failures: i64,
    /// Since when.
    pub since: Option<Time>,
    /// Until when it is left alone for that.
    pub rest_until: Time,
}

/// What is to be delivered to a webhook next.
pub struct Window {
    /// To whom.
    pub webhook: Webhook,
    /// What happens where.
    pub environment: Environment,
    /// With what it is signed: the present one first.
    pub secrets: Vec<WebhookSecret>,
    /// In this order, as far as they are about the same.
    pub jobs: Vec<Job>,
    /// Failures in a row so far.
    pub failures: i64,
}

/// One delivery to try.
#[derive(Clone, Debug)]
pub struct Job {
    /// The delivery's.
    pub number: i64,
    /// When it was made.
    pub created_at: Time,
    /// What it tells; `None`: it is a ping.
    pub event: Option<Event>,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the receiver answered, if it did.
    pub status: Option<u16>,
    /// Why it is none that will do, in words that hold nothing of the receiver's; empty: it will.
    pub trouble: String,
}

/// A delivery, how often it was tried before, and how that ended.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Which.
    pub number: i64,
    /// How.
    pub outcome: Outcome,
}

impl Directory {
    /// Takes up to `most` webhooks that have something to tell and are no other node's.
    ///
    /// # Errors
    /// The store's.
    pub async fn take_webhooks(&self, node: Uuid, most: usize) -> Result<Vec<WebhookId>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        // Only a read: whoever idles must not stand among the writers.
        let due = self.store().report(move |tx| store::webhooks::due(tx, MOST_PENDING, most)).await?;
        if due.is_empty() {
            return Ok(due);
        }
        self.store()
            .write(move |tx| {
                let until = tx.now().plus(LEASE);
                let mut taken = Vec::new();
                for id in &due {
                    if store::webhooks::take(tx, *id, node, until)? {
                        taken.push(*id);
                    }
                }
                Ok(taken)
            })
            .await
    }

    /// Says that what a node took stays its own. To be said every few seconds of all that it delivers for.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep_webhooks(&self, node: Uuid, taken: Vec<WebhookId>) -> Result<()> {
        if taken.is_empty() {
            return Ok(());
        }
        self.store()
            .write(move |tx| {
                let until = tx.now().plus(LEASE);
                taken.iter().try_for_each(|id| store::webhooks::keep(tx, *id, node, until))
            })
            .await
    }

    /// What to deliver next to a webhook that was taken; `None`: nothing now, and it is the node's no more. Whatever is given
    /// is written down, and waits until it is settled.
    ///
    /// # Errors
    /// The store's.
    pub async fn next_deliveries(&self, node: Uuid, id: WebhookId) -> Result<Option<Window>> {
        self.store().write(move |tx| next(tx, node, id)).await
    }

    /// Notes how tries ended, what is tried again when, and how the webhook fares.
    ///
    /// # Errors
    /// The store's; what was tried is then tried again.
    pub async fn settle_deliveries(&self, node: Uuid, id: WebhookId, settled: Vec<Settled>) -> Result<()> {
        self.store().write(move |tx| settle(tx, node, id, &settled)).await
    }
}

fn next(tx: &mut Tx<'_>, node: Uuid, id: WebhookId) -> Result<Option<Window>> {
    let Some(held) = store::webhooks::held(tx, id, node)? else { return Ok(None) };
    if !held.webhook.enabled || held.health.rest_until > tx.now() {
        return leave(tx, node, id);
    }
    let secrets = match secrets(tx, &held) {
        Ok(secrets) => secrets,
        // Another node has the key, or this one will once it has taken up the newer keys file.
        Err(Error::Unavailable(reason)) => {
            tracing::error!(webhook = %id, reason, "a webhook's secret cannot be read yet");
            let rest = Health { rest_until: tx.now().plus(LONGEST_REST), ..held.health.clone() };
            store::webhooks::fared(tx, id, held.pending, &rest)?;
            return leave(tx, node, id);
        }
        Err(error) => return Err(error),
    };
    let Some(environment) = store::environments::find(tx, held.webhook.environment)? else {
        return leave(tx, node, id);
    };
    let room = if held.health.failures >= TIRED { 1 } else { WINDOW };
    let (mut jobs, gone) = due(tx, &held, room)?;
    let before = held.cursor;
    let (fresh, cursor) = if jobs.len() + gone < room && held.pending < MOST_PENDING {
        fan_out(tx, &held, room - jobs.len())?
    } else {
        (Vec::new(), before)
    };
    if jobs.is_empty() && fresh.is_empty() && cursor == before && gone == 0 {
        return leave(tx, node, id);
    }
    let made = fresh.len() as i64;
    jobs.extend(fresh);
    jobs.sort_by_key(|job| job.number);
    let last_number = held.last_number + made;
    store::webhooks::come_to(tx, id, cursor, last_number, held.pending + made - gone as i64)?;
    if last_number / HEAP != held.last_number / HEAP {
        store::deliveries::trim(tx, id, last_number - KEPT)?;
    }
    Ok(Some(Window { webhook: held.webhook, environment, secrets, jobs, failures: held.health.failures }))
}

fn leave(tx: &mut Tx<'_>, node: Uuid, id: WebhookId) -> Result<Option<Window>> {
    store::webhooks::leave(tx, id, node)?;
    Ok(None)
}

fn secrets(tx: &Tx<'_>, held: &Held) -> Result<Vec<WebhookSecret>> {
    let until = held.webhook.previous_until.filter(|until| *until > tx.now());
    let all = std::iter::once(&held.sealed).chain(held.previous.as_ref().filter(|_| until.is_some()));
    all.map(|sealed| {
        let opened = tx.effects().keys.open(PURPOSE, held.webhook.id.0.as_bytes(), sealed)?;
        WebhookSecret::from_stored(&opened).ok_or_else(|| Error::Internal("a webhook's secret is none".to_owned()))
    })
    .collect()
}

/// What waits and whose time has come; and how many were given up, because the audit trail has their events no more.
fn due(tx: &mut Tx<'_>, held: &Held, most: usize) -> Result<(Vec<Job>, usize)> {
    let id = held.webhook.id;
    let due = store::deliveries::due(tx, id, most as i64)?;
    let sequences: Vec<i64> = due.iter().filter_map(|delivery| delivery.sequence).collect();
    let mut written: HashMap<i64, Event> = HashMap::new();
    if !sequences.is_empty() {
        let found = store::events::of(tx, held.webhook.environment, &sequences)?;
        written.extend(found.into_iter().filter_map(Event::of).map(|event| (event.sequence, event)));
    }
    let (mut jobs, mut gone) = (Vec::new(), 0);
    for Delivery { number, sequence, created_at, .. } in due {
        let event = sequence.and_then(|sequence| written.remove(&sequence));
        if sequence.is_some() && event.is_none() {
            let trouble = "the audit trail has this event no more".to_owned();
            store::deliveries::failed(tx, id, number, &Outcome { status: None, trouble }, None)?;
            gone += 1;
            continue;
        }
        jobs.push(Job { number, created_at, event });
    }
    Ok((jobs, gone))
}

/// Makes deliveries of up to `most` events behind where the webhook has come to; and where it comes to by that.
fn fan_out(tx: &mut Tx<'_>, held: &Held, most: usize) -> Result<(Vec<Job>, i64)> {
    let Webhook { id, environment, event_types, .. } = &held.webhook;
    let (mut jobs, mut cursor, now) = (Vec::new(), held.cursor, tx.now());
    for _ in 0..READS {
        let page = store::events::after(tx, *environment, cursor, READ)?;
        let whole = page.len() as i64 == READ;
        for written in page {
            cursor = written.sequence;
            let wanted = Event::of(written).filter(|event| event_types.iter().any(|types| types.include(event.name)));
            let Some(event) = wanted else { continue };
            let number = held.last_number + 1 + jobs.len() as i64;
            let delivery = Delivery::new(number, Some(event.sequence), event.name, now);
            store::deliveries::insert(tx, *environment, *id, &delivery)?;
            jobs.push(Job { number, created_at: now, event: Some(event) });
            if jobs.len() >= most {
                return Ok((jobs, cursor));
            }
        }
        if !whole {
            break;
        }
    }
    Ok((jobs, cursor))
}

fn settle(tx: &mut Tx<'_>, node: Uuid, id: WebhookId, settled: &[Settled]) -> Result<()> {
    let Some(held) = store::webhooks::held(tx, id, node)? else { return Ok(()) };
    let now = tx.now();
    let mut taken: HashMap<u16, Vec<i64>> = HashMap::new();
    let (mut failures, mut over) = (0, 0);
    for Settled { number, outcome } in settled {
        match outcome {
            Outcome { status: Some(status), trouble } if trouble.is_empty() => {
                taken.entry(*status).or_default().push(*number);
            }
            outcome => {
                failures += 1;
                // Removed or redelivered meanwhile: then this try does not count.
                let Some(delivery) = store::deliveries::find(tx, held.webhook.environment, id, *number)? else {
                    continue;
                };
                let wait = wait_after(delivery.attempts + 1, &tx.effects().randomness)?;
                let next = Some(now.plus(wait)).filter(|next| next.since(delivery.since) < PATIENCE);
                over += i64::from(next.is_none());
                store::deliveries::failed(tx, id, *number, outcome, next)?;
            }
        }
    }
    for (status, numbers) in &taken {
        over += numbers.len() as i64;
        store::deliveries::delivered(tx, id, numbers, i64::from(*status))?;
    }
    let health = match taken.is_empty() {
        false => Health { failures: 0, since: None, rest_until: now },
        true => {
            let failures = held.health.failures + failures;
            Health { failures, since: held.health.since.or(Some(now)), rest_until: now.plus(rest_after(failures)) }
        }
    };
    store::webhooks::fared(tx, id, (held.pending - over).max(0), &health)?;
    if held.webhook.enabled && health.since.is_some_and(|since| now.since(since) >= PATIENCE) {
        pause(tx, &held.webhook)?;
    }
    Ok(())
}

fn pause(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<()> {
    store::webhooks::pause(tx, webhook.id)?;
    let mut changes = Changes::default();
    changes.flag("enabled", Some(true), Some(false));
    let (nobody, subject) = (Origin::default(), webhook.id.to_string());
    tracing::warn!(webhook = %webhook.id, "for three days nothing but failures came of a webhook: it is paused");
    audit::record_unsigned(tx, Some(webhook.environment), &nobody, "system", "webhook.paused", &subject, changes)
}

/// How long a delivery waits after so many tries. A quarter of it is chance, so that what failed together does not come back
/// together.
fn wait_after(attempts: i64, randomness: &Randomness) -> Result<Duration> {
    let doubled = u32::try_from(attempts.max(1) - 1).unwrap_or(0).min(16);
    let whole = FIRST_WAIT.saturating_mul(1 << doubled).min(LONGEST_WAIT);
    let chance = u32::from(randomness.bytes::<1>()?[0]);
    Ok(whole - whole * chance / (4 * 256))
}

/// How long a webhook is left alone after so many failures in a row.
fn rest_after(failures: i64) -> Duration {
    match u32::try_from(failures - TIRED) {
        Ok(over) => FIRST_WAIT.saturating_mul(1 << over.min(16)).min(LONGEST_REST),
        Err(_) => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_seconds_to_hours_until_three_days_are_over() {
        let randomness = Randomness::seeded(1);
        let (mut passed, mut tries) = (Duration::ZERO, 0);
        while passed < PATIENCE {
            tries += 1;
            let wait = wait_after(tries, &randomness).unwrap();
            let whole = FIRST_WAIT.saturating_mul(1 << (tries - 1).min(16)).min(LONGEST_WAIT);
            assert!(wait <= whole && wait > whole * 3 / 4, "{tries}: {wait:?}");
            passed += wait;
        }
        assert!((15..25).contains(&tries), "{tries}");
    }

    #[test]
    fn only_a_webhook_that_fails_on_and_on_is_left_alone() {
        assert_eq!(rest_after(TIRED - 1), Duration::ZERO);
        assert_eq!(rest_after(TIRED), FIRST_WAIT);
        assert_eq!(rest_after(TIRED + 100), LONGEST_REST);
    }
}
