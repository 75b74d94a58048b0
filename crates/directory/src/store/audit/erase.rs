//! What is taken out of chained audit events because it is a person's; the digests that stand for it stay.

use super::chain::{COLUMNS, columns, event};
use crate::audit::{Event, Hash};
use crate::error::Result;
use crate::id::UserId;
use crate::store::Tx;
use crate::store::columns::{FromRow, Row, get, params};
use crate::store::memory::Mark;
use crate::store::statement::statements;

statements! {
    BEGIN = "INSERT INTO audit_erasures (account_id) VALUES ($1) ON CONFLICT (account_id) DO NOTHING";
    FIRST = "SELECT account_id FROM audit_erasures ORDER BY account_id LIMIT 1";
    END = "DELETE FROM audit_erasures WHERE account_id = $1";
    ABOUT = concat!("SELECT ", columns!(), ", id FROM audit_events \
                     WHERE subject = $1 AND chain IS NOT NULL AND changes_digest IS NULL LIMIT $2");
    BY = concat!("SELECT ", columns!(), ", id FROM audit_events \
                  WHERE actor = $1 AND chain IS NOT NULL AND address_digest IS NULL LIMIT $2");
    BLANK_CHANGES = "UPDATE audit_events SET changes = '{}', changes_salt = NULL, changes_digest = $2 WHERE id = $1";
    BLANK_ADDRESS = "UPDATE audit_events SET address = '', address_salt = NULL, address_digest = $2 WHERE id = $1";
}

/// An event that something is to be erased of.
pub struct Erasable {
    /// Which row.
    pub id: i64,
    /// As it stands.
    pub event: Event,
}

impl FromRow for Erasable {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Erasable { event: event(row)?, id: get(row, COLUMNS)? })
    }
}

/// Notes that an account's events are to be erased.
pub fn begin(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    tx.run(Mark::Nothing, &BEGIN, params![account]).map(drop)
}

/// An account whose events are to be erased.
pub fn first(tx: &mut Tx<'_>) -> Result<Option<UserId>> {
    Ok(tx.find::<(UserId,)>(&FIRST, params![])?.map(|(account,)| account))
}

/// Notes that nothing of an account's is left.
pub fn end(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    tx.run(Mark::Nothing, &END, params![account]).map(drop)
}

/// Up to `most` events about an account that still have their changes.
pub fn about(tx: &mut Tx<'_>, account: UserId, most: i64) -> Result<Vec<Erasable>> {
    tx.list(&ABOUT, params![account.to_string(), most])
}

/// Up to `most` events by an account that still have its address.
pub fn by(tx: &mut Tx<'_>, account: UserId, most: i64) -> Result<Vec<Erasable>> {
    tx.list(&BY, params![account, most])
}

/// Takes an event's changes, and leaves this in their place.
pub fn changes(tx: &mut Tx<'_>, id: i64, digest: Hash) -> Result<()> {
    tx.run(Mark::Nothing, &BLANK_CHANGES, params![id, digest]).map(drop)
}

/// Takes an event's address, and leaves this in its place.
pub fn address(tx: &mut Tx<'_>, id: i64, digest: Hash) -> Result<()> {
    tx.run(Mark::Nothing, &BLANK_ADDRESS, params![id, digest]).map(drop)
}
