//! Chains of audit events in the database: what waits to be chained, and how far each chain has come.

use crate::audit::{Event, Hash, Personal, Salt};
use crate::clock::Time;
use crate::error::Result;
use crate::id::EnvironmentId;
use crate::store::Tx;
use crate::store::columns::{Column, FromRow, Param, Row, ToParam, get, params};
use crate::store::memory::Mark;
use crate::store::statement::statements;
use uuid::Uuid;

/// The chain of the system; those of environments are numbered as they are.
pub const SYSTEM: i64 = 0;

/// An event's columns in the order that [`event`] reads.
macro_rules! columns {
    () => {
        "at, actor, credential, credential_id, request, verb, subject, address, address_salt, address_digest, changes, \
         changes_salt, changes_digest"
    };
}

pub(super) use columns;

/// How many columns that is.
pub(super) const COLUMNS: usize = 13;

statements! {
    /// Taken by whoever makes a chain longer, or shorter.
    HOLD = "SELECT chain FROM audit_heads WHERE chain = 0 FOR UPDATE";
    ANY_WAITING = "SELECT id FROM audit_events WHERE chain IS NULL ORDER BY id LIMIT 1";
    WAITING = concat!("SELECT ", columns!(), ", id, environment_id FROM audit_events WHERE chain IS NULL ORDER BY id LIMIT $1");
    PUT = "UPDATE audit_events SET chain = $2, sequence = $3, hash = $4, address_salt = $5, changes_salt = $6 WHERE id = $1";
    HEAD = "SELECT environment, sequence, hash, pruned_sequence, pruned_hash, checkpointed, due_at FROM audit_heads WHERE chain = $1";
    UUID = "SELECT uuid FROM environments WHERE id = $1";
    BEGIN = "INSERT INTO audit_heads (chain, environment) VALUES ($1, $2)";
    PUT_HEAD = "UPDATE audit_heads SET sequence = $2, hash = $3, due_at = $4 WHERE chain = $1";
}

/// How far a chain has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose it is; `None`: the system's.
    pub environment: Option<Uuid>,
    /// The newest event; 0: there was none yet.
    pub sequence: i64,
    /// Of the newest event.
    pub hash: Option<Hash>,
    /// The newest of the events that were removed because their time was over; 0: none.
    pub pruned_sequence: i64,
    /// Of that one.
    pub pruned_hash: Option<Hash>,
    /// The newest event that a checkpoint covers.
    pub checkpointed: i64,
    /// When the next checkpoint is due.
    pub due_at: Option<Time>,
}

impl Head {
    /// Of an environment's chain before its first event.
    pub(crate) fn beginning(environment: Uuid) -> Head {
        Head {
            environment: Some(environment),
            sequence: 0,
            hash: None,
            pruned_sequence: 0,
            pruned_hash: None,
            checkpointed: 0,
            due_at: None,
        }
    }
}

/// An event that is not chained yet.
pub struct Waiting {
    /// Counts up, more or less as they were written.
    pub id: i64,
    /// Where; `None`: the system.
    pub environment: Option<EnvironmentId>,
    happened: Stored,
}

/// An event as its row has it: one from before there were chains has no salts yet.
struct Stored {
    event: Event,
    salted: bool,
}

/// Where an event stands once it is chained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which chain.
    pub chain: i64,
    /// Where in it.
    pub sequence: i64,
    /// Of the event at that place.
    pub hash: Hash,
}

impl Waiting {
    /// The event and its salts, which are drawn now for one that was written without any.
    ///
    /// # Errors
    /// What drawing says.
    pub fn salted(&self, draw: impl FnOnce() -> Result<[Salt; 2]>) -> Result<(Event, [Salt; 2])> {
        let mut event = self.happened.event.clone();
        let drawn = if self.happened.salted { None } else { Some(draw()?) };
        let mut salts = [[0; 16]; 2];
        for (at, personal) in [&mut event.address, &mut event.changes].into_iter().enumerate() {
            // Nothing is erased before it is chained; if somebody did, what is left is chained, and nobody waits for it.
            let Personal::Kept { salt, .. } = personal else { continue };
            if let Some(drawn) = drawn {
                *salt = drawn[at];
            }
            salts[at] = *salt;
        }
        Ok((event, salts))
    }
}

/// Reads a chained event.
pub(super) fn event(row: &dyn Row) -> Result<Event> {
    stored(row).map(|stored| stored.event)
}

fn stored(row: &dyn Row) -> Result<Stored> {
    let personal = |column: usize| -> Result<(Personal, bool)> {
        let (salt, digest): (Option<Vec<u8>>, Option<Hash>) = (get(row, column + 1)?, get(row, column + 2)?);
        if let Some(digest) = digest {
            return Ok((Personal::Erased(digest), true));
        }
        let salted = salt.is_some();
        // A salt that is none, because somebody altered it, makes another digest than the event was chained with.
        let salt = salt.and_then(|salt| salt.try_into().ok()).unwrap_or_default();
        Ok((Personal::Kept { text: get(row, column)?, salt }, salted))
    };
    let ((address, _), (changes, salted)) = (personal(7)?, personal(10)?);
    let event = Event {
        at: get(row, 0)?,
        actor: get(row, 1)?,
        credential: get(row, 2)?,
        credential_id: get(row, 3)?,
        request: get(row, 4)?,
        verb: get(row, 5)?,
        subject: get(row, 6)?,
        address,
        changes,
    };
    Ok(Stored { event, salted })
}

impl FromRow for Waiting {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Waiting { happened: stored(row)?, id: get(row, COLUMNS)?, environment: get(row, COLUMNS + 1)? })
    }
}

impl FromRow for Head {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Head {
            environment: get(row, 0)?,
            sequence: get(row, 1)?,
            hash: get(row, 2)?,
            pruned_sequence: get(row, 3)?,
            pruned_hash: get(row, 4)?,
            checkpointed: get(row, 5)?,
            due_at: get(row, 6)?,
        })
    }
}

impl Column for Hash {
    fn read(row: &dyn Row, column: usize) -> Result<Option<Self>> {
        // One of another length is nobody's hash: whoever verifies it finds it altered.
        Ok(Vec::<u8>::read(row, column)?.map(|bytes| bytes.try_into().map_or(Hash::NONE, Hash)))
    }
}

impl ToParam for Hash {
    fn param(&self) -> Param<'_> {
        self.0.param()
    }
}

/// Takes the chains until the end of the transaction.
pub fn hold(tx: &mut Tx<'_>) -> Result<()> {
    tx.hold(&HOLD, params![])
}

/// Whether an event waits to be chained.
pub fn any_waiting(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.find::<(i64,)>(&ANY_WAITING, params![])?.is_some())
}

/// Up to `most` events that wait, in their order.
pub fn waiting(tx: &mut Tx<'_>, most: i64) -> Result<Vec<Waiting>> {
    tx.list(&WAITING, params![most])
}

/// Chains an event that waited, with the salts of its address and its changes.
pub fn put(tx: &mut Tx<'_>, id: i64, place: &Place, [address, changes]: &[Salt; 2]) -> Result<()> {
    let Place { chain, sequence, hash } = place;
    tx.run(Mark::Nothing, &PUT, params![id, chain, sequence, hash, address, changes]).map(drop)
}

/// How far a chain has come.
pub fn find_head(tx: &mut Tx<'_>, chain: i64) -> Result<Option<Head>> {
    tx.find(&HEAD, params![chain])
}

/// How far a chain has come; one that is not there begins.
pub fn head(tx: &mut Tx<'_>, chain: i64) -> Result<Head> {
    if let Some(head) = find_head(tx, chain)? {
        return Ok(head);
    }
    let known: Option<(Uuid,)> = tx.find(&UUID, params![chain])?;
    // An environment that was gone before its first event was chained has a UUID made of its number: one that no other has.
    let uuid = known.map_or_else(|| Uuid::from_u128(chain.unsigned_abs().into()), |(uuid,)| uuid);
    tx.run(Mark::Nothing, &BEGIN, params![chain, uuid])?;
    tx.get(&HEAD, params![chain])
}

/// Notes how far a chain has come.
pub fn put_head(tx: &mut Tx<'_>, chain: i64, head: &Head) -> Result<()> {
    tx.run(Mark::Nothing, &PUT_HEAD, params![chain, head.sequence, head.hash, head.due_at]).map(drop)
}
