//! Webhooks: addresses of programs that are told what happens in an environment. Whoever manages them hands out all that the
//! environment's users and groups are, so it must be allowed to see those. Knows nothing of how anything is delivered.

mod delivery;
mod log;
mod url;

pub use delivery::{Health, Job, Outcome, Settled, TIRED, Window};
pub(crate) use log::forget_old;
pub use log::{Delivery, deliveries, ping, redeliver};
pub use url::WebhookUrl;

use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::error::{Conflict, Error, Field, Noun, Refusal, Result};
use crate::events::EventTypes;
use crate::id::{EnvironmentId, WebhookId};
use crate::permissions::BuiltIn;
use crate::secret::WebhookSecret;
use crate::store::{self, Tx};
use std::time::Duration;

/// The most that an environment may have: each event is told to all of them.
pub const MOST: usize = 20;
/// The most types of events that one names.
pub const MOST_TYPES: usize = 50;
/// How long the secret before the present one signs too.
pub const OLD_SECRET: Duration = Duration::from_secs(24 * 3600);

/// What secrets are sealed for.
pub(crate) const PURPOSE: &str = "webhook";

/// Somebody who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Not a secret.
    pub id: WebhookId,
    /// What happens where.
    pub environment: EnvironmentId,
    /// Where it listens.
    pub url: WebhookUrl,
    /// What it is told.
    pub event_types: Vec<EventTypes>,
    /// Until when the secret before the present one signs too.
    pub previous_until: Option<Time>,
    /// It is told. What happens while it is not, is told later.
    pub enabled: bool,
    /// Since when it is off because for days nothing but failures came of it.
    pub paused_at: Option<Time>,
    /// Since when nothing but failures has come of it.
    pub failing_since: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A webhook to make.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Where it listens.
    pub url: WebhookUrl,
    /// What it is told.
    pub event_types: Vec<EventTypes>,
    /// It is told from now on.
    pub enabled: bool,
}

/// What to change of one; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct WebhookChanges {
    /// Where it listens.
    pub url: Option<WebhookUrl>,
    /// What it is told.
    pub event_types: Option<Vec<EventTypes>>,
    /// Whether it is told.
    pub enabled: Option<bool>,
}

/// All of the environment's, oldest first.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_webhook`.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Webhook>> {
    actor.need(BuiltIn::ManageWebhook)?;
    store::webhooks::list(tx, actor.environment().id, MOST as i64)
}

/// One of them.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_webhook`; [`Error::NotFound`].
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: WebhookId) -> Result<Webhook> {
    actor.need(BuiltIn::ManageWebhook)?;
    store::webhooks::find(tx, actor.environment().id, id)?.ok_or(Error::NotFound(Noun::Webhook))
}

/// Makes one, which is told what happens from now on, and shows its secret this once.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_webhook`, `view_user` and `view_group`; [`Error::Invalid`]; [`Error::Conflict`] when
/// there are as many as there may be.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: &NewWebhook) -> Result<(Webhook, WebhookSecret)> {
    need_to_tell(actor)?;
    let event_types = kept(&new.event_types)?;
    let environment = actor.environment().id;
    store::environments::hold(tx, environment)?;
    if store::webhooks::list(tx, environment, MOST as i64)?.len() >= MOST {
        return Err(Error::Conflict(Conflict::Full(Noun::Webhook)));
    }
    let now = tx.now();
    let id = WebhookId(tx.effects().randomness.uuid_v7(now)?);
    let webhook = Webhook {
        id,
        environment,
        url: new.url.clone(),
        event_types,
        previous_until: None,
        enabled: new.enabled,
        paused_at: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
    };
    let (secret, sealed) = new_secret(tx, id)?;
    let from = store::events::head(tx, environment)?;
    store::webhooks::insert(tx, &webhook, &sealed, from)?;
    audit::record(tx, actor, "webhook.created", &id, differences(None, Some(&webhook)))?;
    Ok((webhook, secret))
}

/// Changes one. Switched on, it is told what happened since it was off.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`].
pub fn update(tx: &mut Tx<'_>, actor: &Actor, id: WebhookId, changes: &WebhookChanges) -> Result<Webhook> {
    let before = get(tx, actor, id)?;
    let mut after = before.clone();
    if let Some(url) = &changes.url {
        after.url = url.clone();
    }
    if let Some(types) = &changes.event_types {
        after.event_types = kept(types)?;
    }
    after.enabled = changes.enabled.unwrap_or(before.enabled);
    let told = differences(Some(&before), Some(&after));
    if told.is_empty() {
        return Ok(before);
    }
    // Switching one off tells nobody anything.
    if after.enabled {
        need_to_tell(actor)?;
    }
    after.updated_at = tx.now();
    store::webhooks::update(tx, &after)?;
    if after.enabled && !before.enabled {
        (after.paused_at, after.failing_since) = (None, None);
        store::webhooks::forgive(tx, after.environment, id)?;
    }
    audit::record(tx, actor, "webhook.updated", &id, told)?;
    Ok(after)
}

/// Removes one, with all that it was yet to be told.
///
/// # Errors
/// As [`get`].
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: WebhookId) -> Result<()> {
    let webhook = get(tx, actor, id)?;
    store::deliveries::delete_all(tx, webhook.environment, id)?;
    store::webhooks::delete(tx, webhook.environment, id)?;
    audit::record(tx, actor, "webhook.deleted", &id, differences(Some(&webhook), None))
}

/// Gives one another secret, and shows it this once. The present one signs too for a day.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`].
pub fn rotate(tx: &mut Tx<'_>, actor: &Actor, id: WebhookId) -> Result<(Webhook, WebhookSecret)> {
    let before = get(tx, actor, id)?;
    // Whoever knows the secret can speak for us.
    need_to_tell(actor)?;
    let now = tx.now();
    let after = Webhook { previous_until: Some(now.plus(OLD_SECRET)), updated_at: now, ..before };
    let (secret, sealed) = new_secret(tx, id)?;
    store::webhooks::rotate(tx, &after, &sealed)?;
    let mut changes = Changes::default();
    changes.secret("secret");
    audit::record(tx, actor, "webhook.rotated", &id, changes)?;
    Ok((after, secret))
}

/// Refuses who would have others told what it may not see itself.
fn need_to_tell(actor: &Actor) -> Result<()> {
    actor.need(BuiltIn::ManageWebhook)?;
    actor.need(BuiltIn::ViewUser)?;
    actor.need(BuiltIn::ViewGroup)
}

/// Types as they are kept: in order, each once.
fn kept(types: &[EventTypes]) -> Result<Vec<EventTypes>> {
    let mut kept = types.to_vec();
    kept.sort();
    kept.dedup();
    match kept.len() {
        1..=MOST_TYPES => Ok(kept),
        _ => Err(Error::invalid(Field::EventTypes, Refusal::EventTypes { most: MOST_TYPES })),
    }
}

fn new_secret(tx: &mut Tx<'_>, id: WebhookId) -> Result<(WebhookSecret, Vec<u8>)> {
    let effects = tx.effects();
    let secret = WebhookSecret::new(effects.randomness.bytes()?);
    let sealed = effects.keys.seal(PURPOSE, id.0.as_bytes(), secret.as_bytes(), &effects.randomness)?;
    Ok((secret, sealed))
}

fn differences(before: Option<&Webhook>, after: Option<&Webhook>) -> Changes {
    let mut changes = Changes::default();
    let url = |webhook: &Webhook| webhook.url.as_str().to_owned();
    changes.text("url", before.map(url).as_deref(), after.map(url).as_deref());
    let types = |webhook: Option<&Webhook>| -> Vec<String> {
        let types = webhook.map(|webhook| webhook.event_types.as_slice()).unwrap_or_default();
        types.iter().map(|types| types.as_str().to_owned()).collect()
    };
    changes.list("event_types", &types(before), &types(after));
    changes.flag("enabled", before.map(|webhook| webhook.enabled), after.map(|webhook| webhook.enabled));
    changes
}
