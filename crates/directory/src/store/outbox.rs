//! Mails that wait, in the database: sealed, so that a copy of the database holds no working link.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};

/// What is read of a mail.
macro_rules! columns {
    () => {
        "id, account_id, sealed, attempts, created_at, next_try_at, trouble"
    };
}

statements! {
    INSERT = "INSERT INTO outbox (environment_id, account_id, sealed, created_at, next_try_at) VALUES ($1, $2, $3, $4, $4)";
    /// The commands of the operator read it, whole and page by page.
    LIST = concat!("SELECT ", columns!(), " FROM outbox WHERE id > $1 ORDER BY id LIMIT $2");
    /// Of two nodes that take the same rows the later one waits for the other, looks again, and finds them moved.
    CLAIM = concat!("UPDATE outbox SET next_try_at = $2, attempts = attempts + 1 WHERE id IN \
                     (SELECT id FROM outbox WHERE next_try_at <= $1 ORDER BY next_try_at, id LIMIT $3) \
                     AND next_try_at <= $1 RETURNING ", columns!());
    NEXT = "SELECT next_try_at FROM outbox WHERE next_try_at IS NOT NULL ORDER BY next_try_at, id LIMIT 1";
    /// Whoever claimed it since has counted up.
    POSTPONE = "UPDATE outbox SET next_try_at = $3, trouble = $4 WHERE id = $1 AND attempts = $2";
    REMOVE = "DELETE FROM outbox WHERE id = $1";
    OF_ACCOUNT = "DELETE FROM outbox WHERE account_id = $1";
    /// Ids count up as time does, so that no other index is needed.
    FORGET = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $2) AND created_at < $1";
}

/// A mail as it waits.
pub struct Waiting {
    /// Counts up.
    pub id: i64,
    /// To whom.
    pub account: UserId,
    /// The mail, sealed with the server's keys.
    pub sealed: Vec<u8>,
    /// How often sending was tried, a try that is under way included.
    pub attempts: i64,
    /// Since when it waits.
    pub created_at: Time,
    /// When it is next tried; `None`: it was given up.
    pub next_try_at: Option<Time>,
    /// Why the last try failed, or empty.
    pub trouble: String,
}

impl FromRow for Waiting {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Waiting {
            id: get(row, 0)?,
            account: get(row, 1)?,
            sealed: get(row, 2)?,
            attempts: get(row, 3)?,
            created_at: get(row, 4)?,
            next_try_at: get(row, 5)?,
            trouble: get(row, 6)?,
        })
    }
}

/// Puts a mail to an account's owner into the outbox, to be sent at once.
pub fn insert(tx: &mut Tx<'_>, environment: Option<EnvironmentId>, account: UserId, sealed: &[u8]) -> Result<()> {
    let now = tx.now();
    tx.run(Mark::Nothing, &INSERT, params![environment, account, sealed, now])?;
    tx.posts_mail();
    Ok(())
}

/// Up to `limit` mails after this one, oldest first.
pub fn list(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Waiting>> {
    tx.list(&LIST, params![after, limit])
}

/// Takes up to `most` mails whose time has come; nobody else takes them before `until`.
pub fn claim(tx: &mut Tx<'_>, until: Time, most: i64) -> Result<Vec<Waiting>> {
    let now = tx.now();
    tx.list(&CLAIM, params![now, until, most])
}

/// When the next mail's time comes.
pub fn next(tx: &mut Tx<'_>) -> Result<Option<Time>> {
    Ok(tx.find::<(Time,)>(&NEXT, params![])?.map(|(at,)| at))
}

/// Notes why a try failed, and when the next one is; `None`: never. Only the try that is the mail's last may say so.
pub fn postpone(tx: &mut Tx<'_>, id: i64, attempts: i64, until: Option<Time>, trouble: &str) -> Result<()> {
    tx.run(Mark::Nothing, &POSTPONE, params![id, attempts, until, trouble]).map(drop)
}

/// Takes a mail out.
pub fn remove(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    tx.run(Mark::Nothing, &REMOVE, params![id]).map(drop)
}

/// Drops what waits for an account that goes.
pub fn drop_of_account(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    tx.run(Mark::Nothing, &OF_ACCOUNT, params![account]).map(drop)
}

/// Forgets mails from before this time, among the `most` oldest.
pub fn forget(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<u64> {
    tx.run(Mark::Nothing, &FORGET, params![before, most])
}
