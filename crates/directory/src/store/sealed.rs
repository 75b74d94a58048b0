//! Whatever lies sealed in the database, wherever that is: listed in [`KINDS`], which is all that another key needs to know to
//! seal it in the place of an older one. What is new and sealed joins here, with two statements. Knows nothing of keys.

use super::Tx;
use super::columns::{Cell, Column, FromRow, Param, Row, ToParam, get, params, wrong};
use super::memory::Mark;
use super::statement::{Statement, statements};
use crate::error::Result;
use crate::{mail, repeats, second_factors, webhooks};

statements! {
    MAILS = "SELECT id, account_id, sealed FROM outbox WHERE id > $1 ORDER BY id LIMIT $2";
    PUT_MAIL = "UPDATE outbox SET sealed = $3 WHERE id = $1 AND sealed = $2";
    ANSWERS = "SELECT key, key, sealed FROM answers WHERE key > $1 ORDER BY key LIMIT $2";
    PUT_ANSWER = "UPDATE answers SET sealed = $3 WHERE key = $1 AND sealed = $2";
    SEEDS = "SELECT id, account_id, sealed FROM second_factors WHERE id > $1 AND kind = 'totp' ORDER BY id LIMIT $2";
    PASSKEYS = "SELECT id, account_id, sealed FROM second_factors WHERE id > $1 AND kind = 'passkey' ORDER BY id LIMIT $2";
    SECRETS = "SELECT id, id, sealed FROM webhooks WHERE id > $1 ORDER BY id LIMIT $2";
    PUT_SECRET = "UPDATE webhooks SET sealed = $3 WHERE id = $1 AND sealed = $2";
    OLD_SECRETS = "SELECT id, id, previous FROM webhooks WHERE id > $1 AND previous IS NOT NULL ORDER BY id LIMIT $2";
    PUT_OLD_SECRET = "UPDATE webhooks SET previous = $3 WHERE id = $1 AND previous = $2";
    PUT_FACTOR = "UPDATE second_factors SET sealed = $3 WHERE id = $1 AND sealed = $2";
}

/// Rows of one table, of which a column is sealed.
pub struct Kind {
    /// What commands call them.
    pub name: &'static str,
    /// What they are sealed for.
    pub purpose: &'static str,
    /// Before the first of them.
    pub before: Place,
    /// Gives the place of a row, what its sealed column is bound to, and that column: in order of their places.
    list: &'static Statement,
    /// Only if it is still what it was.
    put: &'static Statement,
}

/// Everything that is sealed.
pub static KINDS: [Kind; 6] = [
    Kind { name: "mails", purpose: mail::PURPOSE, before: Place::Number(0), list: &MAILS, put: &PUT_MAIL },
    Kind {
        name: "answers",
        purpose: repeats::PURPOSE,
        before: Place::Bytes(Vec::new()),
        list: &ANSWERS,
        put: &PUT_ANSWER,
    },
    Kind {
        name: "seeds",
        purpose: second_factors::totp::PURPOSE,
        before: Place::Bytes(Vec::new()),
        list: &SEEDS,
        put: &PUT_FACTOR,
    },
    Kind {
        name: "passkeys",
        purpose: second_factors::PASSKEY,
        before: Place::Bytes(Vec::new()),
        list: &PASSKEYS,
        put: &PUT_FACTOR,
    },
    Kind {
        name: "webhooks",
        purpose: webhooks::PURPOSE,
        before: Place::Bytes(Vec::new()),
        list: &SECRETS,
        put: &PUT_SECRET,
    },
    Kind {
        name: "old webhook secrets",
        purpose: webhooks::PURPOSE,
        before: Place::Bytes(Vec::new()),
        list: &OLD_SECRETS,
        put: &PUT_OLD_SECRET,
    },
];

/// Where a row stands among those of its kind: its key.
#[derive(Clone)]
pub enum Place {
    /// Rows that are counted.
    Number(i64),
    /// Ids and digests.
    Bytes(Vec<u8>),
}

/// A row as it stands.
pub struct Sealed {
    /// Where.
    pub place: Place,
    /// What it is bound to: whose it is.
    pub associated: Vec<u8>,
    /// What is sealed.
    pub sealed: Vec<u8>,
}

/// Up to `most` rows behind this place.
pub fn list(tx: &mut Tx<'_>, kind: &Kind, after: &Place, most: i64) -> Result<Vec<Sealed>> {
    tx.list(kind.list, params![after, most])
}

/// Puts in the place of what was sealed the same, sealed anew; not if it has changed meanwhile, or is gone. Whoever remembers
/// the old one can still open it.
pub fn put(tx: &mut Tx<'_>, kind: &Kind, old: &Sealed, new: &[u8]) -> Result<bool> {
    Ok(tx.run(Mark::Nothing, kind.put, params![old.place, old.sealed, new])? == 1)
}

impl FromRow for Sealed {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Sealed { place: get(row, 0)?, associated: get(row, 1)?, sealed: get(row, 2)? })
    }
}

impl Column for Place {
    fn read(row: &dyn Row, column: usize) -> Result<Option<Self>> {
        match row.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Integer(number) => Ok(Some(Place::Number(number))),
            Cell::Bytes(bytes) => Ok(Some(Place::Bytes(bytes.to_vec()))),
            Cell::Text(_) => Err(wrong(column, &"no place")),
        }
    }
}

impl ToParam for Place {
    fn param(&self) -> Param<'_> {
        match self {
            Place::Number(number) => number.param(),
            Place::Bytes(bytes) => bytes.param(),
        }
    }
}
