//! Audit events in the database: written, never changed.

use super::Tx;
use super::columns::params;
use super::memory::Mark;
use super::statement::statements;
use crate::error::Result;
use crate::groups::Given;
use crate::id::{EnvironmentId, UserId};
use uuid::Uuid;

statements! {
    INSERT = "INSERT INTO audit_events (environment_id, at, actor, credential, credential_id, request, address, verb, subject, changes) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// The latest event that made somebody an administrator, or made an administrator.
    ADMINISTRATOR_SINCE = "SELECT at, actor FROM audit_events WHERE environment_id = $1 AND subject = $2 \
                           AND (changes LIKE '%\"administrator\":[false,true]%' OR changes LIKE '%\"administrator\":[null,true]%') \
                           ORDER BY id DESC LIMIT 1";
    /// For tests and commands; the questions of auditors have indexes and pages of their own.
    LATEST = "SELECT verb, subject, changes FROM audit_events WHERE environment_id = $1 ORDER BY id DESC LIMIT $2";
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
}

/// Writes an event.
pub fn insert(tx: &mut Tx<'_>, event: &NewEvent<'_>) -> Result<()> {
    let now = tx.now();
    let NewEvent { environment, actor, credential, credential_id, request, address, verb, subject, changes } = event;
    tx.run(
        Mark::Nothing,
        &INSERT,
        params![environment, now, actor, credential, credential_id, request, address, verb, subject, changes],
    )
    .map(drop)
}

/// Since when a user is an administrator, and by whose doing, as far as it is written.
pub fn administrator_since(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<Given> {
    let found = tx.find(&ADMINISTRATOR_SINCE, params![environment, user.to_string()])?;
    Ok(found.unwrap_or(Given { since: None, by: None }))
}

/// The latest events of an environment, newest first: verb, subject, changes.
pub fn latest(tx: &mut Tx<'_>, environment: EnvironmentId, limit: i64) -> Result<Vec<(String, String, String)>> {
    tx.list(&LATEST, params![environment, limit])
}
