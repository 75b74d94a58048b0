//! Audit events in the database: how they are written. What is told by them is never changed; how they are chained stands
//! below.

pub mod chain;
pub mod checkpoints;
pub mod erase;
pub mod retention;
pub mod told;

use super::Tx;
use super::columns::params;
use super::memory::Mark;
use super::statement::statements;
use crate::audit::{Event, Personal, Salt};
use crate::error::Result;
use crate::id::EnvironmentId;
use chain::Place;

statements! {
    INSERT = "INSERT INTO audit_events (environment_id, at, actor, credential, credential_id, request, address, verb, subject, \
              changes, address_salt, changes_salt, chain, sequence, hash) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
}

/// Writes what happened in an environment, or in the system; without a place it waits to be chained.
pub fn insert(tx: &mut Tx<'_>, environment: Option<EnvironmentId>, event: &Event, place: Option<&Place>) -> Result<()> {
    let Event { at, actor, credential, credential_id, request, verb, subject, address, changes } = event;
    let ((address, address_salt), (changes, changes_salt)) = (written(address), written(changes));
    let (chain, sequence, hash) = (place.map(|it| it.chain), place.map(|it| it.sequence), place.map(|it| it.hash));
    tx.run(
        Mark::Nothing,
        &INSERT,
        params![
            environment,
            at,
            actor,
            credential,
            credential_id,
            request,
            address,
            verb,
            subject,
            changes,
            address_salt,
            changes_salt,
            chain,
            sequence,
            hash
        ],
    )
    .map(drop)
}

/// A text and its salt; of what is erased before it is written nothing is left.
fn written(personal: &Personal) -> (&str, Option<&Salt>) {
    match personal {
        Personal::Kept { text, salt } => (text, Some(salt)),
        Personal::Erased(_) => ("", None),
    }
}
