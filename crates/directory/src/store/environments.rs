//! Environments in the database. Statements here are the only ones that look across environments, with those of accounts,
//! bearers and links; everything else names one environment first.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::past;
use super::statement::statements;
use crate::environments::{Environment, OwnEnvironment, Policy};
use crate::error::Result;
use crate::id::{EnvironmentId, GroupId, MenuId, PermissionId, UserId};
use crate::second_factors::Demand;
use crate::text::{EnvironmentKey, Name, Organisation};
use std::time::Duration;
use uuid::Uuid;

/// The columns of an environment in the order that [`Environment`]'s `FromRow` reads.
macro_rules! columns {
    () => {
        "e.id, e.uuid, e.key, e.name, e.organisation, e.password_minimum, e.session_idle, e.session_lifetime, \
         e.second_factor, e.audit_retention, \
         COALESCE(e.past_since, (SELECT applied_at FROM schema_versions WHERE version = 9))"
    };
}

/// How many columns that is.
const COLUMNS: usize = 11;

statements! {
    FIND = concat!("SELECT ", columns!(), " FROM environments e WHERE e.id = $1");
    /// Taken by changes that must not pass each other by, such as two administrators demoting each other.
    HOLD = "SELECT id FROM environments WHERE id = $1 FOR UPDATE";
    FIND_BY_KEY = concat!("SELECT ", columns!(), " FROM environments e WHERE e.key = $1");
    FIND_BY_UUID = concat!("SELECT ", columns!(), " FROM environments e WHERE e.uuid = $1");
    LIST = concat!("SELECT ", columns!(), " FROM environments e WHERE e.id > $1 ORDER BY e.id LIMIT $2");
    ANY = "SELECT id FROM environments LIMIT 1";
    OF_ACCOUNT = concat!("SELECT ", columns!(), ", u.pending FROM users u JOIN environments e ON e.id = u.environment_id \
                  WHERE u.account_id = $1 AND (u.active OR u.pending) ORDER BY u.created_at, e.id LIMIT 1000");
    PASSWORD_DEMANDS = "SELECT e.id, e.password_minimum, u.administrator, u.mfa, e.second_factor FROM users u \
                        JOIN environments e ON e.id = u.environment_id \
                        WHERE u.account_id = $1 AND (u.active OR u.pending) LIMIT 1000";
    IN_ORGANISATION = "SELECT u.environment_id FROM users u JOIN environments e ON e.id = u.environment_id \
                       WHERE u.account_id = $1 AND e.organisation = $2 AND NOT u.pending LIMIT 1";
    INSERT = "INSERT INTO environments (uuid, key, name, organisation, last_permission, created_at, updated_at, past_since) \
              VALUES ($1, $2, $3, $4, $5, $6, $6, $6) RETURNING id";
    UPDATE = "UPDATE environments SET key = $2, name = $3, organisation = $4, updated_at = $5, \
              password_minimum = $6, session_idle = $7, session_lifetime = $8, second_factor = $9, audit_retention = $10 WHERE id = $1";
    NEXT_GROUP = "UPDATE environments SET last_group = last_group + 1 WHERE id = $1 RETURNING last_group";
    NEXT_MENU = "UPDATE environments SET last_menu = last_menu + 1 WHERE id = $1 RETURNING last_menu";
    NEXT_PERMISSION = "UPDATE environments SET last_permission = last_permission + 1 WHERE id = $1 RETURNING last_permission";
    DELETE = "DELETE FROM environments WHERE id = $1";
    DELETE_DELIVERIES = "DELETE FROM deliveries WHERE environment_id = $1";
    DELETE_WEBHOOKS = "DELETE FROM webhooks WHERE environment_id = $1";
    DELETE_OUTBOX = "DELETE FROM outbox WHERE environment_id = $1";
    DELETE_LINKS = "DELETE FROM links WHERE environment_id = $1";
    DELETE_SESSION_BEARERS = "DELETE FROM bearers WHERE session_id IN (SELECT id FROM sessions WHERE environment_id = $1)";
    DELETE_SESSIONS = "DELETE FROM sessions WHERE environment_id = $1";
    DELETE_TOKEN_BEARERS = "DELETE FROM bearers WHERE token_id IN (SELECT id FROM api_tokens WHERE environment_id = $1)";
    DELETE_TOKEN_PERMISSIONS = "DELETE FROM api_token_permissions WHERE environment_id = $1";
    DELETE_TOKENS = "DELETE FROM api_tokens WHERE environment_id = $1";
    DELETE_USER_MENUS = "DELETE FROM user_menus WHERE environment_id = $1";
    DELETE_USER_GROUPS = "DELETE FROM user_groups WHERE environment_id = $1";
    DELETE_USERS = "DELETE FROM users WHERE environment_id = $1";
    DELETE_GROUP_MENUS = "DELETE FROM group_menus WHERE environment_id = $1";
    DELETE_GROUP_CONTAINS = "DELETE FROM group_contains WHERE environment_id = $1";
    DELETE_GROUP_PERMISSIONS = "DELETE FROM group_permissions WHERE environment_id = $1";
    DELETE_GROUPS = "DELETE FROM groups WHERE environment_id = $1";
    DELETE_MENU_ITEMS = "DELETE FROM menu_items WHERE environment_id = $1";
    DELETE_MENUS = "DELETE FROM menus WHERE environment_id = $1";
    DELETE_PERMISSIONS = "DELETE FROM permissions WHERE environment_id = $1";
    /// The accounts that belong to this environment and to no other, and would belong nowhere without it.
    LONELY = "SELECT u.account_id FROM users u JOIN accounts a ON a.id = u.account_id \
              WHERE u.environment_id = $1 AND NOT a.operator AND NOT EXISTS \
              (SELECT 1 FROM users o WHERE o.account_id = u.account_id AND o.environment_id <> $1)";
}

impl FromRow for Environment {
    fn from_row(row: &dyn Row) -> Result<Self> {
        read(row, 0)
    }
}

impl FromRow for OwnEnvironment {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(OwnEnvironment { environment: read(row, 0)?, pending: get(row, COLUMNS)? })
    }
}

/// Reads an environment whose columns begin at `first`.
pub(super) fn read(row: &dyn Row, first: usize) -> Result<Environment> {
    Ok(Environment {
        id: get(row, first)?,
        uuid: get(row, first + 1)?,
        key: EnvironmentKey::from_stored(get(row, first + 2)?),
        name: Name::from_stored(get(row, first + 3)?),
        organisation: get::<Option<String>>(row, first + 4)?.map(Organisation::from_stored),
        policy: Policy {
            password_minimum: length(get(row, first + 5)?),
            session_idle: span(get(row, first + 6)?),
            session_lifetime: span(get(row, first + 7)?),
            second_factor: Demand::from_stored(get::<Option<String>>(row, first + 8)?.as_deref()),
            audit_retention: span(get(row, first + 9)?),
        },
        past_since: get(row, first + 10)?,
    })
}

/// What decides over how long an account's password must be, in one of its environments.
pub struct PasswordDemand {
    /// Where.
    pub environment: EnvironmentId,
    /// What the environment asks.
    pub minimum: Option<u16>,
    /// The account administers it.
    pub administrator: bool,
    /// A second factor is demanded of it there, whichever groups it is in.
    pub second_factor: bool,
}

impl FromRow for PasswordDemand {
    fn from_row(row: &dyn Row) -> Result<Self> {
        let administrator = get(row, 2)?;
        let demand = Demand::from_stored(get::<Option<String>>(row, 4)?.as_deref());
        Ok(PasswordDemand {
            environment: get(row, 0)?,
            minimum: length(get(row, 1)?),
            administrator,
            second_factor: get(row, 3)? || demand.covers(administrator),
        })
    }
}

fn length(stored: Option<i64>) -> Option<u16> {
    stored.and_then(|length| u16::try_from(length).ok())
}

/// Kept in seconds.
fn span(seconds: Option<i64>) -> Option<Duration> {
    seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
}

fn seconds(span: Option<Duration>) -> Option<i64> {
    span.and_then(|span| i64::try_from(span.as_secs()).ok())
}

/// The environment with this id.
pub fn find(tx: &mut Tx<'_>, id: EnvironmentId) -> Result<Option<Environment>> {
    tx.find(&FIND, params![id])
}

/// The environment with this key.
pub fn find_by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<Environment>> {
    tx.find(&FIND_BY_KEY, params![key])
}

/// The environment with this UUID.
pub fn find_by_uuid(tx: &mut Tx<'_>, uuid: Uuid) -> Result<Option<Environment>> {
    tx.find(&FIND_BY_UUID, params![uuid])
}

/// Takes the environment until the end of the transaction: one such change at a time.
pub fn hold(tx: &mut Tx<'_>, id: EnvironmentId) -> Result<()> {
    tx.hold(&HOLD, params![id])
}

/// Up to `limit` environments after this one, oldest first.
pub fn list(tx: &mut Tx<'_>, after: EnvironmentId, limit: i64) -> Result<Vec<Environment>> {
    tx.list(&LIST, params![after, limit])
}

/// Whether there is none yet.
pub fn none(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.find::<(EnvironmentId,)>(&ANY, &[])?.is_none())
}

/// Where an account is an active or pending user, oldest first.
pub fn of_account(tx: &mut Tx<'_>, account: UserId) -> Result<Vec<OwnEnvironment>> {
    tx.list(&OF_ACCOUNT, params![account])
}

/// What each of an account's environments asks of its password.
pub fn password_demands(tx: &mut Tx<'_>, account: UserId) -> Result<Vec<PasswordDemand>> {
    tx.list(&PASSWORD_DEMANDS, params![account])
}

/// Whether the account is an accepted user of some environment of this organisation.
pub fn in_organisation(tx: &mut Tx<'_>, account: UserId, organisation: &Organisation) -> Result<bool> {
    Ok(tx.find::<(EnvironmentId,)>(&IN_ORGANISATION, params![account, organisation.as_str()])?.is_some())
}

/// Writes a new environment; permissions count up from `last_permission`.
pub fn insert(
    tx: &mut Tx<'_>,
    uuid: Uuid,
    key: &EnvironmentKey,
    name: &Name,
    organisation: Option<&Organisation>,
    last_permission: PermissionId,
) -> Result<EnvironmentId> {
    let now = tx.now();
    let row: (EnvironmentId,) = tx.get(
        &INSERT,
        params![uuid, key.as_str(), name.as_str(), organisation.map(Organisation::as_str), last_permission, now],
    )?;
    Ok(row.0)
}

/// Writes an environment as it is now.
pub fn update(tx: &mut Tx<'_>, environment: &Environment) -> Result<()> {
    past::environment(tx, environment.id)?;
    let now = tx.now();
    tx.run(
        Mark::Environment(environment.id),
        &UPDATE,
        params![
            environment.id,
            environment.key.as_str(),
            environment.name.as_str(),
            environment.organisation.as_ref().map(Organisation::as_str),
            now,
            environment.policy.password_minimum.map(i64::from),
            seconds(environment.policy.session_idle),
            seconds(environment.policy.session_lifetime),
            environment.policy.second_factor.as_str(),
            seconds(environment.policy.audit_retention),
        ],
    )
    .map(drop)
}

/// The next group's id.
pub fn next_group(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<GroupId> {
    Ok(tx.get::<(GroupId,)>(&NEXT_GROUP, params![environment])?.0)
}

/// The next menu's id.
pub fn next_menu(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<MenuId> {
    Ok(tx.get::<(MenuId,)>(&NEXT_MENU, params![environment])?.0)
}

/// The next permission's id.
pub fn next_permission(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<PermissionId> {
    Ok(tx.get::<(PermissionId,)>(&NEXT_PERMISSION, params![environment])?.0)
}

/// The accounts that would belong nowhere without this environment; operators stay.
pub fn lonely_accounts(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<UserId>> {
    Ok(tx.list::<(UserId,)>(&LONELY, params![environment])?.into_iter().map(|row| row.0).collect())
}

/// Removes an environment and all that stands in it; its audit events stay.
pub fn delete(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<()> {
    let in_order = [
        &DELETE_DELIVERIES,
        &DELETE_WEBHOOKS,
        &DELETE_OUTBOX,
        &DELETE_LINKS,
        &DELETE_SESSION_BEARERS,
        &DELETE_SESSIONS,
        &DELETE_TOKEN_BEARERS,
        &DELETE_TOKEN_PERMISSIONS,
        &DELETE_TOKENS,
        &DELETE_USER_MENUS,
        &DELETE_USER_GROUPS,
        &DELETE_USERS,
        &DELETE_GROUP_MENUS,
        &DELETE_GROUP_CONTAINS,
        &DELETE_GROUP_PERMISSIONS,
        &DELETE_GROUPS,
        &DELETE_MENU_ITEMS,
        &DELETE_MENUS,
        &DELETE_PERMISSIONS,
        &DELETE,
    ];
    for statement in in_order {
        tx.run(Mark::Everything, statement, params![environment])?;
    }
    past::forget_all(tx, environment)
}
