//! What groups were and conferred at a time.

use crate::clock::Time;
use crate::error::Result;
use crate::groups::Given;
use crate::id::{EnvironmentId, GroupId, MenuId, PermissionId};
use crate::roles::GroupParts;
use crate::store::Tx;
use crate::store::columns::params;
use crate::store::groups::{Grouped, grouped};
use crate::store::statement::statements;
use crate::text::{Codename, EnvironmentKey, Name};

/// Rows of a table and of its past that held at `$2`.
macro_rules! held {
    ($columns:literal, $table:literal, $since:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM (SELECT ",
            $columns,
            " FROM ",
            $table,
            " WHERE environment_id = $1 AND ",
            $since,
            " <= $2 UNION ALL SELECT ",
            $columns,
            " FROM ",
            $table,
            "_past WHERE environment_id = $1 AND COALESCE(since, 0) <= $2 AND until > $2) h ORDER BY ",
            $order
        )
    };
}

/// The same for one pair of a group and something else.
macro_rules! pair_since {
    ($table:literal, $other:literal) => {
        concat!(
            "SELECT since, given_by FROM (SELECT since, given_by FROM ",
            $table,
            " WHERE environment_id = $1 AND \
             group_id = $2 AND ",
            $other,
            " = $3 AND COALESCE(since, 0) <= $4 UNION ALL SELECT since, given_by FROM ",
            $table,
            "_past WHERE environment_id = $1 AND group_id = $2 AND ",
            $other,
            " = $3 AND COALESCE(since, 0) <= $4 \
             AND until > $4) h LIMIT 1"
        )
    };
}

statements! {
    LAST_CHANGE = "SELECT COALESCE(MAX(at), 0) FROM role_changes WHERE environment_id = $1 AND at <= $2";
    ENVIRONMENT = "SELECT key, name FROM environments_past WHERE environment_id = $1 AND until > $2 ORDER BY until LIMIT 1";
    PERMISSIONS = held!("id, codename", "permissions", "since", "id");
    MENUS = held!("id, name", "menus", "since", "id");
    GROUPS = "SELECT id, name FROM \
              (SELECT id, name FROM groups WHERE environment_id = $1 AND updated_at <= $2 \
               UNION ALL SELECT id, name FROM groups_past \
               WHERE environment_id = $1 AND since <= $2 AND until > $2) h ORDER BY id";
    GROUP_PERMISSIONS = held!("group_id, permission_id", "group_permissions", "COALESCE(since, 0)", "group_id, permission_id");
    GROUP_CONTAINS = held!("group_id, contained_id", "group_contains", "COALESCE(since, 0)", "group_id, contained_id");
    PERMISSION_SINCE = pair_since!("group_permissions", "permission_id");
    CONTAINED_SINCE = pair_since!("group_contains", "contained_id");
}

/// When an environment's groups had last changed by then.
pub(crate) fn last_change(tx: &mut Tx<'_>, environment: EnvironmentId, at: Time) -> Result<Time> {
    tx.get::<(Time,)>(&LAST_CHANGE, params![environment, at]).map(|(last,)| last)
}

/// What an environment was called, if that was something else than now.
pub(crate) fn environment(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    at: Time,
) -> Result<Option<(EnvironmentKey, Name)>> {
    let row: Option<(String, String)> = tx.find(&ENVIRONMENT, params![environment, at])?;
    Ok(row.map(|(key, name)| (EnvironmentKey::from_stored(key), Name::from_stored(name))))
}

/// The permissions that there were.
pub(crate) fn permissions(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    at: Time,
) -> Result<Vec<(PermissionId, Codename)>> {
    let rows: Vec<(PermissionId, String)> = tx.list(&PERMISSIONS, params![environment, at])?;
    Ok(rows.into_iter().map(|(id, codename)| (id, Codename::from_stored(codename))).collect())
}

/// The menus that there were.
pub(crate) fn menus(tx: &mut Tx<'_>, environment: EnvironmentId, at: Time) -> Result<Vec<(MenuId, Name)>> {
    let rows: Vec<(MenuId, String)> = tx.list(&MENUS, params![environment, at])?;
    Ok(rows.into_iter().map(|(id, name)| (id, Name::from_stored(name))).collect())
}

/// The groups that there were, without the menus that they brought, and what they demanded.
pub(crate) fn groups(tx: &mut Tx<'_>, environment: EnvironmentId, at: Time) -> Result<Vec<GroupParts>> {
    let own: Vec<(GroupId, String)> = tx.list(&GROUPS, params![environment, at])?;
    let values = params![environment, at];
    let mut permissions: Grouped<PermissionId> = grouped(tx, &GROUP_PERMISSIONS, values)?;
    let mut contains: Grouped<GroupId> = grouped(tx, &GROUP_CONTAINS, values)?;
    let part = |(id, name)| GroupParts {
        id,
        name: Name::from_stored(name),
        second_factor: false,
        permissions: permissions.remove(&id).unwrap_or_default(),
        contains: contains.remove(&id).unwrap_or_default(),
        menus: Vec::new(),
    };
    Ok(own.into_iter().map(part).collect())
}

/// Since when a group conferred a permission by itself at a time, and by whose doing.
pub(crate) fn permission_since(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    (group, permission): (GroupId, PermissionId),
    at: Time,
) -> Result<Option<Given>> {
    tx.find(&PERMISSION_SINCE, params![environment, group, permission, at])
}

/// Since when a group contained another at a time, and by whose doing.
pub(crate) fn contained_since(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    (group, contained): (GroupId, GroupId),
    at: Time,
) -> Result<Option<Given>> {
    tx.find(&CONTAINED_SINCE, params![environment, group, contained, at])
}
