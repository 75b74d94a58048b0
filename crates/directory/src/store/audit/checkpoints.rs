//! Checkpoints of the chains in the database: those that are due, and those that stand nowhere else yet.

use crate::audit::{Checkpoint, PublicKey};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::columns::{FromRow, Row, get, params};
use crate::store::memory::Mark;
use crate::store::statement::statements;

/// What is read of a checkpoint.
macro_rules! columns {
    () => {
        "SELECT c.chain, h.environment, c.sequence, c.hash, c.at, c.key, c.signature \
         FROM audit_checkpoints c JOIN audit_heads h ON h.chain = c.chain"
    };
}

statements! {
    ANY_DUE = "SELECT chain FROM audit_heads WHERE due_at <= $1 LIMIT 1";
    DUE = "SELECT chain FROM audit_heads WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    PUT = "INSERT INTO audit_checkpoints (chain, sequence, hash, at, key, signature) VALUES ($1, $2, $3, $4, $5, $6)";
    SETTLE = "UPDATE audit_heads SET checkpointed = $2, due_at = NULL WHERE chain = $1";
    UNSHIPPED = concat!(columns!(), " WHERE NOT c.shipped ORDER BY c.chain, c.sequence LIMIT $1");
    SHIPPED = "UPDATE audit_checkpoints SET shipped = TRUE WHERE chain = $1 AND sequence = $2";
    FROM = concat!(columns!(), " WHERE c.chain = $1 AND c.sequence >= $2 ORDER BY c.sequence LIMIT $3");
    UP_TO = concat!(columns!(), " WHERE c.chain = $1 AND c.sequence <= $2 ORDER BY c.sequence DESC LIMIT 1");
}

/// A checkpoint and the number of its chain.
pub struct Kept {
    /// Which chain.
    pub chain: i64,
    /// What was signed.
    pub checkpoint: Checkpoint,
}

impl FromRow for Kept {
    fn from_row(row: &dyn Row) -> Result<Self> {
        let checkpoint = Checkpoint {
            environment: get(row, 1)?,
            sequence: get(row, 2)?,
            hash: get(row, 3)?,
            at: get(row, 4)?,
            // Of another length only if somebody altered it: then nobody signed it.
            key: PublicKey(get::<Vec<u8>>(row, 5)?.try_into().unwrap_or_default()),
            signature: get::<Vec<u8>>(row, 6)?.try_into().unwrap_or([0; 64]),
        };
        Ok(Kept { chain: get(row, 0)?, checkpoint })
    }
}

/// Whether a chain's checkpoint is due.
pub fn any_due(tx: &mut Tx<'_>) -> Result<bool> {
    let now = tx.now();
    Ok(tx.find::<(i64,)>(&ANY_DUE, params![now])?.is_some())
}

/// Up to `most` chains whose checkpoint is due.
pub fn due(tx: &mut Tx<'_>, most: i64) -> Result<Vec<i64>> {
    let now = tx.now();
    Ok(tx.list::<(i64,)>(&DUE, params![now, most])?.into_iter().map(|(chain,)| chain).collect())
}

/// Keeps a checkpoint.
pub fn put(tx: &mut Tx<'_>, chain: i64, checkpoint: &Checkpoint) -> Result<()> {
    let Checkpoint { sequence, hash, at, key, signature, .. } = checkpoint;
    tx.run(Mark::Nothing, &PUT, params![chain, sequence, hash, at, key.0, signature]).map(drop)
}

/// Notes that the chain is signed as far as this event.
pub fn settle(tx: &mut Tx<'_>, chain: i64, sequence: i64) -> Result<()> {
    tx.run(Mark::Nothing, &SETTLE, params![chain, sequence]).map(drop)
}

/// Up to `most` that stand nowhere else yet.
pub fn unshipped(tx: &mut Tx<'_>, most: i64) -> Result<Vec<Kept>> {
    tx.list(&UNSHIPPED, params![most])
}

/// Notes that one stands elsewhere too.
pub fn ship(tx: &mut Tx<'_>, kept: &Kept) -> Result<()> {
    match tx.run(Mark::Nothing, &SHIPPED, params![kept.chain, kept.checkpoint.sequence])? {
        1 => Ok(()),
        _ => Err(Error::Internal("a checkpoint was shipped that is not there".to_owned())),
    }
}

/// Up to `most` of a chain, from this event on.
pub fn from(tx: &mut Tx<'_>, chain: i64, sequence: i64, most: i64) -> Result<Vec<Kept>> {
    tx.list(&FROM, params![chain, sequence, most])
}

/// The last of a chain that covers no later event than this.
pub fn up_to(tx: &mut Tx<'_>, chain: i64, sequence: i64) -> Result<Option<Kept>> {
    tx.find(&UP_TO, params![chain, sequence])
}
