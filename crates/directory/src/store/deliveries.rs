//! Deliveries in the database: what is on its way to a webhook, and for a while what became of it. What they tell of stands
//! in the audit trail alone.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;
use crate::id::{EnvironmentId, WebhookId};
use crate::webhooks::{Delivery, Outcome};

/// The columns of a delivery in the order that its `FromRow` reads.
macro_rules! columns {
    () => {
        "number, sequence, event_type, created_at, since, attempts, next_try_at, tried_at, status, trouble, done_at"
    };
}

statements! {
    INSERT = "INSERT INTO deliveries (webhook_id, number, environment_id, sequence, event_type, created_at, since, next_try_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $6, $6)";
    /// What was never tried was due when it was made, so that it stands before what failed since.
    DUE = concat!("SELECT ", columns!(), " FROM deliveries WHERE webhook_id = $1 AND next_try_at <= $2 \
                   ORDER BY next_try_at, number LIMIT $3");
    LIST = concat!("SELECT ", columns!(), " FROM deliveries WHERE environment_id = $1 AND webhook_id = $2 AND number < $3 \
                    ORDER BY number DESC LIMIT $4");
    FIND = concat!("SELECT ", columns!(), " FROM deliveries WHERE environment_id = $1 AND webhook_id = $2 AND number = $3");
    PING = concat!("SELECT ", columns!(), " FROM deliveries WHERE environment_id = $1 AND webhook_id = $2 \
                    AND next_try_at IS NOT NULL AND event_type = 'ping' LIMIT 1");
    DELIVERED = "UPDATE deliveries SET attempts = attempts + 1, next_try_at = NULL, tried_at = $3, status = $4, trouble = '', \
                 done_at = $3 WHERE webhook_id = $1 AND number = ANY($2)";
    FAILED = "UPDATE deliveries SET attempts = attempts + 1, next_try_at = $3, tried_at = $4, status = $5, trouble = $6, \
              done_at = $7 WHERE webhook_id = $1 AND number = $2";
    AGAIN = "UPDATE deliveries SET next_try_at = $4, since = $4, done_at = NULL, attempts = 0 \
             WHERE environment_id = $1 AND webhook_id = $2 AND number = $3";
    DELETE_ALL = "DELETE FROM deliveries WHERE environment_id = $1 AND webhook_id = $2";
    /// The oldest that are over, up to this number.
    TRIM = "DELETE FROM deliveries WHERE webhook_id = $1 AND number <= $2 AND done_at IS NOT NULL";
    FORGET = "DELETE FROM deliveries WHERE (webhook_id, number) IN \
              (SELECT webhook_id, number FROM deliveries WHERE done_at < $1 ORDER BY done_at LIMIT $2)";
}

impl FromRow for Delivery {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Delivery {
            number: get(row, 0)?,
            sequence: get(row, 1)?,
            event_type: get(row, 2)?,
            created_at: get(row, 3)?,
            since: get(row, 4)?,
            attempts: get(row, 5)?,
            next_try_at: get(row, 6)?,
            tried_at: get(row, 7)?,
            status: get(row, 8)?,
            trouble: get(row, 9)?,
            done_at: get(row, 10)?,
        })
    }
}

/// Writes a new one, which is due.
pub fn insert(tx: &mut Tx<'_>, environment: EnvironmentId, webhook: WebhookId, delivery: &Delivery) -> Result<()> {
    let Delivery { number, sequence, event_type, created_at, .. } = delivery;
    tx.run(Mark::Nothing, &INSERT, params![webhook, number, environment, sequence, event_type, created_at]).map(drop)
}

/// Up to `most` whose time has come, the one that waits longest first.
pub fn due(tx: &mut Tx<'_>, webhook: WebhookId, most: i64) -> Result<Vec<Delivery>> {
    let now = tx.now();
    tx.list(&DUE, params![webhook, now, most])
}

/// Up to `most` before this number, newest first.
pub fn list(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    webhook: WebhookId,
    before: i64,
    most: i64,
) -> Result<Vec<Delivery>> {
    tx.list(&LIST, params![environment, webhook, before, most])
}

/// One of them.
pub fn find(tx: &mut Tx<'_>, environment: EnvironmentId, webhook: WebhookId, number: i64) -> Result<Option<Delivery>> {
    tx.find(&FIND, params![environment, webhook, number])
}

/// A ping that waits.
pub fn waiting_ping(tx: &mut Tx<'_>, environment: EnvironmentId, webhook: WebhookId) -> Result<Option<Delivery>> {
    tx.find(&PING, params![environment, webhook])
}

/// Notes that these were taken, with this status.
pub fn delivered(tx: &mut Tx<'_>, webhook: WebhookId, numbers: &[i64], status: i64) -> Result<()> {
    let now = tx.now();
    tx.run(Mark::Nothing, &DELIVERED, params![webhook, numbers, now, status]).map(drop)
}

/// Notes that one was not taken, and when it is tried next; `None`: never.
pub fn failed(tx: &mut Tx<'_>, webhook: WebhookId, number: i64, outcome: &Outcome, next: Option<Time>) -> Result<()> {
    let now = tx.now();
    let done = next.is_none().then_some(now);
    let status = outcome.status.map(i64::from);
    tx.run(Mark::Nothing, &FAILED, params![webhook, number, next, now, status, outcome.trouble, done]).map(drop)
}

/// Makes one due, as if it were new.
pub fn again(tx: &mut Tx<'_>, environment: EnvironmentId, webhook: WebhookId, number: i64) -> Result<()> {
    let now = tx.now();
    tx.run(Mark::Nothing, &AGAIN, params![environment, webhook, number, now]).map(drop)
}

/// Removes all of a webhook.
pub fn delete_all(tx: &mut Tx<'_>, environment: EnvironmentId, webhook: WebhookId) -> Result<()> {
    tx.run(Mark::Nothing, &DELETE_ALL, params![environment, webhook]).map(drop)
}

/// Forgets those that are over, up to this number.
pub fn trim(tx: &mut Tx<'_>, webhook: WebhookId, up_to: i64) -> Result<()> {
    tx.run(Mark::Nothing, &TRIM, params![webhook, up_to]).map(drop)
}

/// Forgets up to `most` that were over before this time.
pub fn forget(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<u64> {
    tx.run(Mark::Nothing, &FORGET, params![before, most])
}
