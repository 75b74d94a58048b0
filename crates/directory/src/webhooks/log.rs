//! Deliveries as those see them who manage webhooks: what became of each for a while, a ping to try a webhook out, and once more
//! what was delivered before. Knows nothing of when something is tried.

use super::get;
use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::error::{Error, Noun, Result};
use crate::events;
use crate::id::WebhookId;
use crate::store::{self, Tx};
use std::time::Duration;

/// How long what is over is kept.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Something that a webhook is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Counts up within the webhook.
    pub number: i64,
    /// The event's; `None`: a ping.
    pub sequence: Option<i64>,
    /// What happened.
    pub event_type: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on its tries count as old.
    pub(crate) since: Time,
    /// How often it was tried, since it was made or redelivered.
    pub attempts: i64,
    /// When it is next tried; `None`: it is over.
    pub next_try_at: Option<Time>,
    /// When it was last tried.
    pub tried_at: Option<Time>,
    /// What the receiver answered last, if it did.
    pub status: Option<i64>,
    /// Why the last try failed, or empty.
    pub trouble: String,
    /// When it was over.
    pub done_at: Option<Time>,
}

impl Delivery {
    pub(super) fn new(number: i64, sequence: Option<i64>, event_type: &str, now: Time) -> Delivery {
        Delivery {
            number,
            sequence,
            event_type: event_type.to_owned(),
            created_at: now,
            since: now,
            attempts: 0,
            next_try_at: Some(now),
            tried_at: None,
            status: None,
            trouble: String::new(),
            done_at: None,
        }
    }
}

/// Up to `most` deliveries of a webhook before this number, newest first.
///
/// # Errors
/// As [`get`].
pub fn deliveries(tx: &mut Tx<'_>, actor: &Actor, id: WebhookId, before: i64, most: i64) -> Result<Vec<Delivery>> {
    let webhook = get(tx, actor, id)?;
    store::deliveries::list(tx, webhook.environment, id, before, most)
}

/// Tells a webhook nothing, to see whether it hears. One that waits already is the one.
///
/// # Errors
/// As [`get`].
pub fn ping(tx: &mut Tx<'_>, actor: &Actor, id: WebhookId) -> Result<Delivery> {
    let webhook = get(tx, actor, id)?;
    if let Some(waiting) = store::deliveries::waiting_ping(tx, webhook.environment, id)? {
        return Ok(waiting);
    }
    let now = tx.now();
    let number = store::webhooks::one_more(tx, webhook.environment, id)?;
    let ping = Delivery::new(number, None, events::PING, now);
    store::deliveries::insert(tx, webhook.environment, id, &ping)?;
    audit::record(tx, actor, "webhook.pinged", &id, Changes::default())?;
    Ok(ping)
}

/// Delivers once more, at once and with as much patience as what is new.
///
/// # Errors
/// As [`get`], also for a delivery that is not known any more.
pub fn redeliver(tx: &mut Tx<'_>, actor: &Actor, id: WebhookId, number: i64) -> Result<Delivery> {
    let webhook = get(tx, actor, id)?;
    let before =
        store::deliveries::find(tx, webhook.environment, id, number)?.ok_or(Error::NotFound(Noun::Delivery))?;
    if before.next_try_at.is_none() {
        store::webhooks::one_again(tx, webhook.environment, id)?;
    }
    store::deliveries::again(tx, webhook.environment, id, number)?;
    let mut changes = Changes::default();
    changes.text("delivery", None, Some(&number.to_string()));
    audit::record(tx, actor, "webhook.redelivered", &id, changes)?;
    let now = tx.now();
    Ok(Delivery { next_try_at: Some(now), since: now, attempts: 0, done_at: None, ..before })
}

/// Forgets what has been over for long, and secrets that sign no more; how much.
pub(crate) fn forget_old(tx: &mut Tx<'_>, most: i64) -> Result<u64> {
    let now = tx.now();
    let secrets = store::webhooks::forget_previous(tx, now, most)?;
    Ok(secrets.max(store::deliveries::forget(tx, now.minus(KEPT), most)?))
}
