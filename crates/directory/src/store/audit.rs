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
use crate::audit::Salt;
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};
use uuid::Uuid;

statements! {
    INSERT = "INSERT INTO audit_events (environment_id, at, actor, credential, credential_id, request, address, verb, subject, \
              changes, address_salt, changes_salt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
}

/// An event on its way in.
pub struct NewEvent<'e> {
    /// Where; `None`: the system.
    pub environment: Option<EnvironmentId>,
    /// Who; `None`: nobody who was signed in.
    pub actor: Option<UserId>,
    /// Through what kind of credential.
    pub credential: &'static str,
    /// Which one.
    pub credential_id: Option<Uuid>,
    /// The request's id.
    pub request: &'e str,
    /// The network address.
    pub address: &'e str,
    /// What was done.
    pub verb: &'e str,
    /// To what.
    pub subject: &'e str,
    /// Before and after, as canonical JSON.
    pub changes: &'e str,
    /// What hides the address in the event's hash, and what hides the changes.
    pub salts: &'e [Salt; 2],
}

/// Writes an event.
pub fn insert(tx: &mut Tx<'_>, event: &NewEvent<'_>) -> Result<()> {
    let now = tx.now();
    let NewEvent { environment, actor, credential, credential_id, request, address, verb, subject, changes, salts } =
        event;
    let [address_salt, changes_salt] = salts;
    tx.run(
        Mark::Nothing,
        &INSERT,
        params![
            environment,
            now,
            actor,
            credential,
            credential_id,
            request,
            address,
            verb,
            subject,
            changes,
            address_salt,
            changes_salt
        ],
    )
    .map(drop)
}
