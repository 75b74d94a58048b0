//! One-time links in the database: only the hash of what they carry.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::clock::Time;
use crate::email::Email;
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};
use crate::links::{Link, Purpose};
use crate::secret::TokenHash;

statements! {
    FIND = "SELECT purpose, account_id, environment_id, expires_at, email FROM links WHERE hash = $1";
    INSERT = "INSERT INTO links (hash, purpose, account_id, environment_id, created_at, expires_at, email) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// One of two racing callers finds the row gone.
    USE = "DELETE FROM links WHERE hash = $1";
    VOID = "DELETE FROM links WHERE account_id = $2 AND environment_id = $1";
    VOID_PURPOSE = "DELETE FROM links WHERE account_id = $1 AND purpose = $2";
    VOID_ALL = "DELETE FROM links WHERE account_id = $1";
    FORGET = "DELETE FROM links WHERE hash IN (SELECT hash FROM links WHERE expires_at < $1 LIMIT $2)";
}

impl FromRow for Link {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Link {
            purpose: Purpose::from_stored(&get::<String>(row, 0)?),
            account: get(row, 1)?,
            environment: get(row, 2)?,
            expires_at: get(row, 3)?,
            email: get::<Option<String>>(row, 4)?.map(Email::from_stored),
        })
    }
}

/// The link with this hash.
pub fn find(tx: &mut Tx<'_>, hash: &TokenHash) -> Result<Option<Link>> {
    tx.find(&FIND, params![hash.as_bytes()])
}

/// Writes a new link.
pub fn insert(tx: &mut Tx<'_>, hash: &TokenHash, link: &Link) -> Result<()> {
    let now = tx.now();
    let Link { purpose, account, environment, expires_at, email } = link;
    let email = email.as_ref().map(Email::as_typed);
    tx.run(
        Mark::Nothing,
        &INSERT,
        params![hash.as_bytes(), purpose.as_str(), account, environment, now, expires_at, email],
    )
    .map(drop)
}

/// Uses a link up; false: somebody else just did.
pub fn use_up(tx: &mut Tx<'_>, hash: &TokenHash) -> Result<bool> {
    Ok(tx.run(Mark::Nothing, &USE, params![hash.as_bytes()])? == 1)
}

/// Ends the links of a user in this environment.
pub fn void(tx: &mut Tx<'_>, environment: EnvironmentId, account: UserId) -> Result<()> {
    tx.run(Mark::Nothing, &VOID, params![environment, account]).map(drop)
}

/// Ends the links of an account that are for this.
pub fn void_purpose(tx: &mut Tx<'_>, account: UserId, purpose: Purpose) -> Result<()> {
    tx.run(Mark::Nothing, &VOID_PURPOSE, params![account, purpose.as_str()]).map(drop)
}

/// Ends the links of an account, everywhere.
pub fn void_all(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    tx.run(Mark::Nothing, &VOID_ALL, params![account]).map(drop)
}

/// Forgets up to `most` links that ended by themselves.
pub fn forget_expired(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<u64> {
    tx.run(Mark::Nothing, &FORGET, params![before, most])
}
