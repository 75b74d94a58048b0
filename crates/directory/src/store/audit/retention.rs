//! Chained audit events whose time is over, in the database.

use crate::audit::Hash;
use crate::clock::Time;
use crate::error::Result;
use crate::id::EnvironmentId;
use crate::store::Tx;
use crate::store::columns::params;
use crate::store::memory::Mark;
use crate::store::statement::statements;
use std::time::Duration;

statements! {
    /// Environments whose oldest event is over since before a moment, and signed.
    DUE = "SELECT e.id, e.audit_retention FROM environments e JOIN audit_heads h ON h.chain = e.id \
           JOIN audit_events v ON v.chain = e.id AND v.sequence = h.pruned_sequence + 1 \
           WHERE e.audit_retention IS NOT NULL AND h.pruned_sequence < h.checkpointed \
           AND v.at < $1 - e.audit_retention * 1000000 LIMIT 1";
    REMOVE = "DELETE FROM audit_events WHERE chain = $1 AND sequence <= $2";
    REMOVE_CHECKPOINTS = "DELETE FROM audit_checkpoints WHERE chain = $1 AND sequence < $2";
    PUT = "UPDATE audit_heads SET pruned_sequence = $2, pruned_hash = $3 WHERE chain = $1";
}

/// An environment of which events are over since before this moment, and for how long it keeps them.
pub fn due(tx: &mut Tx<'_>, since: Time) -> Result<Option<(EnvironmentId, Duration)>> {
    let found: Option<(EnvironmentId, i64)> = tx.find(&DUE, params![since])?;
    Ok(found.map(|(environment, seconds)| (environment, Duration::from_secs(seconds.unsigned_abs()))))
}

/// Removes a chain's events up to this one, of which the hash is kept: what comes after still verifies from there.
pub fn remove(tx: &mut Tx<'_>, chain: i64, until: i64, hash: Hash) -> Result<()> {
    tx.run(Mark::Nothing, &REMOVE, params![chain, until])?;
    tx.run(Mark::Nothing, &REMOVE_CHECKPOINTS, params![chain, until])?;
    tx.run(Mark::Nothing, &PUT, params![chain, until, hash]).map(drop)
}
