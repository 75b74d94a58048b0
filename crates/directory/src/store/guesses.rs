//! Counters with a window, in the database: failed attempts and other counted rights. They hold across restarts and nodes.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;
use crate::id::EnvironmentId;
use std::time::Duration;

statements! {
    FIND = "SELECT key, count, since, last_at, environment_id, verb FROM guesses WHERE key = $1";
    /// A counter whose window is over begins anew.
    HIT = "INSERT INTO guesses (key, count, since, last_at, environment_id, verb) VALUES ($1, 1, $2, $2, $4, $5) \
           ON CONFLICT (key) DO UPDATE SET \
           count = CASE WHEN guesses.since <= $3 THEN 1 ELSE guesses.count + 1 END, \
           since = CASE WHEN guesses.since <= $3 THEN $2 ELSE guesses.since END, last_at = $2 \
           RETURNING key, count, since, last_at, environment_id, verb";
    CLEAR = "DELETE FROM guesses WHERE key = $1";
    OVER = "SELECT key, count, since, last_at, environment_id, verb FROM guesses WHERE since <= $1 ORDER BY since LIMIT $2";
}

/// A counter.
pub struct Guesses {
    /// A digest of what is counted.
    pub key: Vec<u8>,
    /// How many in the window.
    pub count: i64,
    /// When the window began.
    pub since: Time,
    /// When the latest was.
    pub last_at: Time,
    /// For the summary: where; `None`: the system.
    pub environment: Option<EnvironmentId>,
    /// For the summary: what; `None`: it needs none.
    pub verb: Option<String>,
}

impl FromRow for Guesses {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Guesses {
            key: get(row, 0)?,
            count: get(row, 1)?,
            since: get(row, 2)?,
            last_at: get(row, 3)?,
            environment: get(row, 4)?,
            verb: get(row, 5)?,
        })
    }
}

/// The counter, unless its window is over.
pub fn find(tx: &mut Tx<'_>, key: &[u8; 32], window: Duration) -> Result<Option<Guesses>> {
    let begun = tx.now().minus(window);
    Ok(tx.find::<Guesses>(&FIND, params![key])?.filter(|guesses| guesses.since > begun))
}

/// Counts one more.
pub fn hit(
    tx: &mut Tx<'_>,
    key: &[u8; 32],
    window: Duration,
    environment: Option<EnvironmentId>,
    verb: Option<&str>,
) -> Result<Guesses> {
    let now = tx.now();
    tx.get(&HIT, params![key, now, now.minus(window), environment, verb])
}

/// Forgets the counter.
pub fn clear(tx: &mut Tx<'_>, key: &[u8]) -> Result<()> {
    tx.run(Mark::Nothing, &CLEAR, params![key]).map(drop)
}

/// Counters that began before this time: their windows are over.
pub fn over(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<Vec<Guesses>> {
    tx.list(&OVER, params![before, most])
}
