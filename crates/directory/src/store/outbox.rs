//! Mails that wait, in the database: sealed, so that a copy of the database holds no working link.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};

statements! {
    INSERT = "INSERT INTO outbox (environment_id, account_id, sealed, created_at) VALUES ($1, $2, $3, $4)";
    /// The commands of the operator read it, whole and page by page.
    LIST = "SELECT id, account_id, sealed, attempts, created_at FROM outbox WHERE id > $1 ORDER BY id LIMIT $2";
    OF_ACCOUNT = "DELETE FROM outbox WHERE account_id = $1";
}

/// A mail as it waits.
pub struct Waiting {
    /// Counts up.
    pub id: i64,
    /// To whom.
    pub account: UserId,
    /// The mail, sealed with the server's keys.
    pub sealed: Vec<u8>,
    /// How often sending was tried.
    pub attempts: i64,
    /// Since when it waits.
    pub created_at: Time,
}

impl FromRow for Waiting {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Waiting {
            id: get(row, 0)?,
            account: get(row, 1)?,
            sealed: get(row, 2)?,
            attempts: get(row, 3)?,
            created_at: get(row, 4)?,
        })
    }
}

/// Puts a mail to an account's owner into the outbox.
pub fn insert(tx: &mut Tx<'_>, environment: Option<EnvironmentId>, account: UserId, sealed: &[u8]) -> Result<()> {
    let now = tx.now();
    tx.run(Mark::Nothing, &INSERT, params![environment, account, sealed, now]).map(drop)
}

/// Up to `limit` mails after this one, oldest first.
pub fn list(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Waiting>> {
    tx.list(&LIST, params![after, limit])
}

/// Drops what waits for an account that goes.
pub fn drop_of_account(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    tx.run(Mark::Nothing, &OF_ACCOUNT, params![account]).map(drop)
}
