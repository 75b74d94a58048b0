//! The audit trail as programs are told of it: events that have their place in it already, in order. Written elsewhere, and
//! never changed here.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};

/// What is read of an event.
macro_rules! columns {
    () => {
        "sequence, at, actor, verb, subject, changes"
    };
}

statements! {
    AFTER = concat!("SELECT ", columns!(), " FROM audit_events WHERE chain = $1 AND sequence > $2 ORDER BY sequence LIMIT $3");
    OF = concat!("SELECT ", columns!(), " FROM audit_events WHERE chain = $1 AND sequence = ANY($2)");
    HEAD = "SELECT sequence FROM audit_heads WHERE chain = $1";
}

/// An event as it is written.
pub struct Written {
    /// Its place.
    pub sequence: i64,
    /// When it happened.
    pub at: Time,
    /// Who did it; `None`: nobody who was signed in.
    pub actor: Option<UserId>,
    /// What was done.
    pub verb: String,
    /// To what.
    pub subject: String,
    /// Before and after, as canonical JSON.
    pub changes: String,
}

impl FromRow for Written {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Written {
            sequence: get(row, 0)?,
            at: get(row, 1)?,
            actor: get(row, 2)?,
            verb: get(row, 3)?,
            subject: get(row, 4)?,
            changes: get(row, 5)?,
        })
    }
}

/// Up to `most` events behind this sequence.
pub fn after(tx: &mut Tx<'_>, environment: EnvironmentId, sequence: i64, most: i64) -> Result<Vec<Written>> {
    tx.list(&AFTER, params![environment, sequence, most])
}

/// Those with these sequences, in any order.
pub fn of(tx: &mut Tx<'_>, environment: EnvironmentId, sequences: &[i64]) -> Result<Vec<Written>> {
    tx.list(&OF, params![environment, sequences])
}

/// The sequence of the latest event; 0: there is none.
pub fn head(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<i64> {
    Ok(tx.find::<(i64,)>(&HEAD, params![environment])?.map_or(0, |(sequence,)| sequence))
}
