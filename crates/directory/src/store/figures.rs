//! Figures of an environment in the database: each counts along an index, and no further than it is told to.

use super::Tx;
use super::columns::params;
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;
use crate::id::EnvironmentId;

// Of the few among many in order, though any would do: or an engine may take an index that has all users.
statements! {
    SEEN = "SELECT COUNT(*) FROM (SELECT last_seen_at FROM users WHERE environment_id = $1 AND last_seen_at > 0 \
            AND last_seen_at >= $2 LIMIT $3) found";
    EVENTS = "SELECT COUNT(*) FROM (SELECT at FROM audit_events WHERE chain = $1 AND verb = $2 AND at >= $3 AND at < $4 \
              LIMIT $5) found";
    PENDING = "SELECT COUNT(*) FROM (SELECT account_id FROM users WHERE environment_id = $1 AND pending \
               ORDER BY created_at, account_id LIMIT $2) found";
    /// Of the links that are looked at, how many they are, and how many of them still lead here.
    LINKS = "SELECT COUNT(*), COUNT(CASE WHEN purpose = 'invite' AND expires_at > $2 THEN 1 END) \
             FROM (SELECT purpose, expires_at FROM links WHERE environment_id = $1 LIMIT $3) found";
    COVERED = "SELECT COUNT(*), COUNT(CASE WHEN EXISTS (SELECT 1 FROM second_factors f WHERE f.account_id = found.account_id \
               AND f.confirmed) THEN 1 END) FROM (SELECT account_id, active FROM users WHERE environment_id = $1 \
               AND last_seen_at > 0 ORDER BY last_seen_at DESC LIMIT $2) found WHERE found.active";
    ADMINISTRATORS_COVERED = "SELECT COUNT(*), COUNT(CASE WHEN EXISTS (SELECT 1 FROM second_factors f \
               WHERE f.account_id = found.account_id AND f.confirmed) THEN 1 END) FROM (SELECT account_id, active FROM users \
               WHERE environment_id = $1 AND administrator ORDER BY created_at, account_id LIMIT $2) found WHERE found.active";
}

/// How many users were here since then, as far as `most`.
pub fn seen(tx: &mut Tx<'_>, environment: EnvironmentId, since: Time, most: i64) -> Result<i64> {
    Ok(tx.get::<(i64,)>(&SEEN, params![environment, since, most])?.0)
}

/// How many events of the environment's chain have this verb within that time, as far as `most`.
pub fn events(tx: &mut Tx<'_>, environment: EnvironmentId, verb: &str, from: Time, to: Time, most: i64) -> Result<i64> {
    Ok(tx.get::<(i64,)>(&EVENTS, params![environment, verb, from, to, most])?.0)
}

/// How many users have not accepted yet, as far as `most`.
pub fn pending(tx: &mut Tx<'_>, environment: EnvironmentId, most: i64) -> Result<i64> {
    Ok(tx.get::<(i64,)>(&PENDING, params![environment, most])?.0)
}

/// Of the environment's first `most` links: how many they are, and how many invite somebody new.
pub fn invitations(tx: &mut Tx<'_>, environment: EnvironmentId, most: i64) -> Result<(i64, i64)> {
    let now = tx.now();
    tx.get(&LINKS, params![environment, now, most])
}

/// Of the `most` who were here last and are active: how many they are, and how many have a second factor.
pub fn covered(tx: &mut Tx<'_>, environment: EnvironmentId, most: i64) -> Result<(i64, i64)> {
    tx.get(&COVERED, params![environment, most])
}

/// The same of administrators, whenever they were here.
pub fn administrators_covered(tx: &mut Tx<'_>, environment: EnvironmentId, most: i64) -> Result<(i64, i64)> {
    tx.get(&ADMINISTRATORS_COVERED, params![environment, most])
}
