//! Webhooks in the database, with who delivers them at present. Their secrets are sealed, so that a copy of the database can
//! sign nothing.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;
use crate::events::EventTypes;
use crate::id::{EnvironmentId, WebhookId};
use crate::webhooks::{Health, Webhook, WebhookUrl};
use uuid::Uuid;

/// The columns of a webhook in the order that its `FromRow` reads.
macro_rules! columns {
    () => {
        "id, environment_id, url, event_types, previous_until, enabled, paused_at, failing_since, created_at, updated_at"
    };
}

statements! {
    LIST = concat!("SELECT ", columns!(), " FROM webhooks WHERE environment_id = $1 ORDER BY created_at, id LIMIT $2");
    FIND = concat!("SELECT ", columns!(), " FROM webhooks WHERE environment_id = $1 AND id = $2");
    INSERT = "INSERT INTO webhooks (id, environment_id, url, event_types, sealed, enabled, cursor, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
    UPDATE = "UPDATE webhooks SET url = $3, event_types = $4, enabled = $5, updated_at = $6 WHERE environment_id = $1 AND id = $2";
    /// Whoever is switched on again is given another chance at once.
    FORGIVE = "UPDATE webhooks SET paused_at = NULL, failures = 0, failing_since = NULL, rest_until = 0 \
               WHERE environment_id = $1 AND id = $2";
    ROTATE = "UPDATE webhooks SET previous = sealed, previous_until = $4, sealed = $3, updated_at = $5 \
              WHERE environment_id = $1 AND id = $2";
    DELETE = "DELETE FROM webhooks WHERE environment_id = $1 AND id = $2";
    FORGET_PREVIOUS = "UPDATE webhooks SET previous = NULL, previous_until = NULL WHERE id IN \
                       (SELECT id FROM webhooks WHERE previous_until < $1 LIMIT $2)";
    /// What has something to tell, and is nobody's: new events, or deliveries whose time has come.
    DUE = "SELECT w.id FROM webhooks w WHERE w.enabled AND w.leased_until <= $1 AND w.rest_until <= $1 AND \
           (w.pending < $2 AND w.cursor < (SELECT h.sequence FROM audit_heads h WHERE h.chain = w.environment_id) \
            OR EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id AND d.next_try_at <= $1)) \
           ORDER BY w.rest_until, w.id LIMIT $3";
    TAKE = "UPDATE webhooks SET lease = $2, leased_until = $4 WHERE id = $1 AND leased_until <= $3";
    KEEP = "UPDATE webhooks SET leased_until = $3 WHERE id = $1 AND lease = $2";
    LEAVE = "UPDATE webhooks SET lease = NULL, leased_until = 0, rest_until = CASE WHEN rest_until < $3 THEN $3 ELSE rest_until END \
             WHERE id = $1 AND lease = $2";
    HOLD = "SELECT id FROM webhooks WHERE id = $1 AND lease = $2 FOR UPDATE";
    HELD = concat!("SELECT ", columns!(), ", sealed, previous, cursor, last_number, pending, failures, rest_until FROM webhooks \
                    WHERE id = $1 AND lease = $2");
    MOVE = "UPDATE webhooks SET cursor = $2, last_number = $3, pending = $4 WHERE id = $1";
    FARED = "UPDATE webhooks SET pending = $2, failures = $3, failing_since = $4, rest_until = $5 WHERE id = $1";
    PAUSE = "UPDATE webhooks SET enabled = FALSE, paused_at = $2, updated_at = $2 WHERE id = $1";
    /// One more delivery, which is numbered with what this gives.
    ONE_MORE = "UPDATE webhooks SET last_number = last_number + 1, pending = pending + 1, rest_until = 0 \
                WHERE environment_id = $1 AND id = $2 RETURNING last_number";
    ONE_AGAIN = "UPDATE webhooks SET pending = pending + 1, rest_until = 0 WHERE environment_id = $1 AND id = $2";
}

/// How many columns of a webhook there are.
const COLUMNS: usize = 10;

/// A webhook as whoever delivers it needs it.
pub struct Held {
    /// The webhook.
    pub webhook: Webhook,
    /// What signs, sealed.
    pub sealed: Vec<u8>,
    /// What signed before, sealed.
    pub previous: Option<Vec<u8>>,
    /// The sequence of the last event that deliveries were made of.
    pub cursor: i64,
    /// The number of its last delivery.
    pub last_number: i64,
    /// How many of them wait.
    pub pending: i64,
    /// How it fares.
    pub health: Health,
}

impl FromRow for Webhook {
    fn from_row(row: &dyn Row) -> Result<Self> {
        let types: String = get(row, 3)?;
        Ok(Webhook {
            id: get(row, 0)?,
            environment: get(row, 1)?,
            url: WebhookUrl::from_stored(get(row, 2)?),
            event_types: types.split('\n').map(|text| EventTypes::from_stored(text.to_owned())).collect(),
            previous_until: get(row, 4)?,
            enabled: get(row, 5)?,
            paused_at: get(row, 6)?,
            failing_since: get(row, 7)?,
            created_at: get(row, 8)?,
            updated_at: get(row, 9)?,
        })
    }
}

impl FromRow for Held {
    fn from_row(row: &dyn Row) -> Result<Self> {
        let webhook = Webhook::from_row(row)?;
        let since = webhook.failing_since;
        Ok(Held {
            webhook,
            sealed: get(row, COLUMNS)?,
            previous: get(row, COLUMNS + 1)?,
            cursor: get(row, COLUMNS + 2)?,
            last_number: get(row, COLUMNS + 3)?,
            pending: get(row, COLUMNS + 4)?,
            health: Health { failures: get(row, COLUMNS + 5)?, since, rest_until: get(row, COLUMNS + 6)? },
        })
    }
}

fn lines(types: &[EventTypes]) -> String {
    types.iter().map(EventTypes::as_str).collect::<Vec<_>>().join("\n")
}

/// Up to `most` of an environment, oldest first.
pub fn list(tx: &mut Tx<'_>, environment: EnvironmentId, most: i64) -> Result<Vec<Webhook>> {
    tx.list(&LIST, params![environment, most])
}

/// One of an environment.
pub fn find(tx: &mut Tx<'_>, environment: EnvironmentId, id: WebhookId) -> Result<Option<Webhook>> {
    tx.find(&FIND, params![environment, id])
}

/// Writes a new one, which is told of what comes behind this sequence.
pub fn insert(tx: &mut Tx<'_>, webhook: &Webhook, sealed: &[u8], cursor: i64) -> Result<()> {
    let Webhook { id, environment, url, event_types, enabled, created_at, .. } = webhook;
    let (url, types) = (url.as_str(), lines(event_types));
    let params = params![id, environment, url, types, sealed, enabled, cursor, created_at];
    tx.run(Mark::Nothing, &INSERT, params).map(drop)
}

/// Writes what may be changed of one.
pub fn update(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<()> {
    let Webhook { id, environment, url, event_types, enabled, updated_at, .. } = webhook;
    let types = lines(event_types);
    tx.run(Mark::Nothing, &UPDATE, params![environment, id, url.as_str(), types, enabled, updated_at]).map(drop)
}

/// Forgets its failures.
pub fn forgive(tx: &mut Tx<'_>, environment: EnvironmentId, id: WebhookId) -> Result<()> {
    tx.run(Mark::Nothing, &FORGIVE, params![environment, id]).map(drop)
}

/// Gives it another secret; the present one signs too until then.
pub fn rotate(tx: &mut Tx<'_>, webhook: &Webhook, sealed: &[u8]) -> Result<()> {
    let Webhook { id, environment, previous_until, updated_at, .. } = webhook;
    tx.run(Mark::Nothing, &ROTATE, params![environment, id, sealed, previous_until, updated_at]).map(drop)
}

/// Removes one that has no deliveries any more.
pub fn delete(tx: &mut Tx<'_>, environment: EnvironmentId, id: WebhookId) -> Result<()> {
    tx.run(Mark::Nothing, &DELETE, params![environment, id]).map(drop)
}

/// Forgets secrets that sign no more.
pub fn forget_previous(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<u64> {
    tx.run(Mark::Nothing, &FORGET_PREVIOUS, params![before, most])
}

/// Up to `most` that have something to tell and are nobody's; fewer than `pending` of their deliveries wait, or the time of
/// one has come. The one that was left longest ago first.
pub fn due(tx: &mut Tx<'_>, pending: i64, most: i64) -> Result<Vec<WebhookId>> {
    let now = tx.now();
    Ok(tx.list::<(WebhookId,)>(&DUE, params![now, pending, most])?.into_iter().map(|(id,)| id).collect())
}

/// Takes one, unless it is somebody's.
pub fn take(tx: &mut Tx<'_>, id: WebhookId, node: Uuid, until: Time) -> Result<bool> {
    let now = tx.now();
    Ok(tx.run(Mark::Nothing, &TAKE, params![id, node, now, until])? == 1)
}

/// Keeps one that the node has taken, unless it has lost it.
pub fn keep(tx: &mut Tx<'_>, id: WebhookId, node: Uuid, until: Time) -> Result<()> {
    tx.run(Mark::Nothing, &KEEP, params![id, node, until]).map(drop)
}

/// Leaves one to whoever takes it next.
pub fn leave(tx: &mut Tx<'_>, id: WebhookId, node: Uuid) -> Result<()> {
    let now = tx.now();
    tx.run(Mark::Nothing, &LEAVE, params![id, node, now]).map(drop)
}

/// One that the node has taken, held until the end of the transaction; `None`: it has lost it.
pub fn held(tx: &mut Tx<'_>, id: WebhookId, node: Uuid) -> Result<Option<Held>> {
    tx.hold(&HOLD, params![id, node])?;
    tx.find(&HELD, params![id, node])
}

/// Notes how far it has come.
pub fn come_to(tx: &mut Tx<'_>, id: WebhookId, cursor: i64, last_number: i64, pending: i64) -> Result<()> {
    tx.run(Mark::Nothing, &MOVE, params![id, cursor, last_number, pending]).map(drop)
}

/// Notes how it fared.
pub fn fared(tx: &mut Tx<'_>, id: WebhookId, pending: i64, health: &Health) -> Result<()> {
    let Health { failures, since, rest_until } = health;
    tx.run(Mark::Nothing, &FARED, params![id, pending, failures, since, rest_until]).map(drop)
}

/// Switches it off, for nothing came of it.
pub fn pause(tx: &mut Tx<'_>, id: WebhookId) -> Result<()> {
    let now = tx.now();
    tx.run(Mark::Nothing, &PAUSE, params![id, now]).map(drop)
}

/// Counts one more delivery, and gives its number.
pub fn one_more(tx: &mut Tx<'_>, environment: EnvironmentId, id: WebhookId) -> Result<i64> {
    Ok(tx.get::<(i64,)>(&ONE_MORE, params![environment, id])?.0)
}

/// Counts one that waits again.
pub fn one_again(tx: &mut Tx<'_>, environment: EnvironmentId, id: WebhookId) -> Result<()> {
    tx.run(Mark::Nothing, &ONE_AGAIN, params![environment, id]).map(drop)
}
