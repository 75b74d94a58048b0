//! Answers to calls that may be repeated, in the database.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;

statements! {
    FIND = "SELECT body, sealed, created_at FROM answers WHERE key = $1";
    /// An old answer makes way first. A young one was found before, unless another node just gives it: then the two collide
    /// here, and the one that is later runs again and finds it.
    CLEAR = "DELETE FROM answers WHERE key = $1 AND created_at <= $2";
    PUT = "INSERT INTO answers (key, body, sealed, created_at) VALUES ($1, $2, $3, $4)";
    FORGET = "DELETE FROM answers WHERE key IN (SELECT key FROM answers WHERE created_at < $1 LIMIT $2)";
}

/// An answer that was given.
pub struct Given {
    /// The digest of the body that it answers.
    pub body: Vec<u8>,
    /// The answer, sealed.
    pub sealed: Vec<u8>,
    /// When it was given.
    pub created_at: Time,
}

impl FromRow for Given {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Given { body: get(row, 0)?, sealed: get(row, 1)?, created_at: get(row, 2)? })
    }
}

/// The answer that was given under this key.
pub fn find(tx: &mut Tx<'_>, key: &[u8; 32]) -> Result<Option<Given>> {
    tx.find(&FIND, params![key])
}

/// Keeps an answer, in the place of one that was given up to this time.
pub fn put(tx: &mut Tx<'_>, key: &[u8; 32], body: &[u8; 32], sealed: &[u8], old: Time) -> Result<()> {
    let now = tx.now();
    tx.run(Mark::Nothing, &CLEAR, params![key, old])?;
    tx.run(Mark::Nothing, &PUT, params![key, body, sealed, now]).map(drop)
}

/// Forgets up to `most` answers that were given before this time.
pub fn forget(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<u64> {
    tx.run(Mark::Nothing, &FORGET, params![before, most])
}
