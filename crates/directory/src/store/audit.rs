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
use crate::clock::Time;
use crate::error::Result;
use crate::groups::Given;
use crate::id::{EnvironmentId, UserId};
use uuid::Uuid;

statements! {
    INSERT = "INSERT INTO audit_events (environment_id, at, actor, credential, credential_id, request, address, verb, subject, \
              changes, address_salt, changes_salt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    /// The latest event that made somebody an administrator, or made an administrator: among those that are not chained yet,
    WAITING_ADMINISTRATOR_SINCE = "SELECT at, actor FROM audit_events WHERE chain IS NULL AND environment_id = $1 AND subject = $2 AND at <= $3 \
                           AND (changes LIKE '%\"administrator\":[false,true]%' OR changes LIKE '%\"administrator\":[null,true]%') \
                           ORDER BY id DESC LIMIT 1";
    /// and among those that are.
    ADMINISTRATOR_SINCE = "SELECT at, actor FROM audit_events WHERE chain = $1 AND subject = $2 AND at <= $3 \
                           AND (changes LIKE '%\"administrator\":[false,true]%' OR changes LIKE '%\"administrator\":[null,true]%') \
                           ORDER BY at DESC, sequence DESC LIMIT 1";
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

/// Since when a user is an administrator, and by whose doing, as far as it is written.
pub fn administrator_since(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, at: Time) -> Result<Given> {
    let subject = user.to_string();
    for statement in [&WAITING_ADMINISTRATOR_SINCE, &ADMINISTRATOR_SINCE] {
        if let Some(given) = tx.find(statement, params![environment, subject, at])? {
            return Ok(given);
        }
    }
    Ok(Given { since: None, by: None })
}
