//! Groups in the database, with the permissions that they confer and the menus that they bring.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::error::Result;
use crate::groups::{Group, HeldGroup};
use crate::id::{EnvironmentId, GroupId, MenuId, PermissionId, UserId};
use crate::text::{Codename, Name, ShortName};
use std::sync::Arc;

statements! {
    FIND = "SELECT id, name, label FROM groups WHERE environment_id = $1 AND id = $2";
    FIND_BY_NAME = "SELECT id, name, label FROM groups WHERE environment_id = $1 AND name_folded = $2";
    LIST = "SELECT id, name, label FROM groups WHERE environment_id = $1 ORDER BY id";
    /// Exact names: v1 looks them up so; the folded column serves the index.
    IDS_BY_NAMES = "SELECT id, name FROM groups WHERE environment_id = $1 AND name_folded = ANY($2)";
    IDS_KNOWN = "SELECT id, name FROM groups WHERE environment_id = $1 AND id = ANY($2)";
    FULL = "SELECT id FROM groups WHERE environment_id = $1 LIMIT 1 OFFSET $2";
    INSERT = "INSERT INTO groups (environment_id, id, name, name_folded, label, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $6)";
    UPDATE = "UPDATE groups SET name = $3, name_folded = $4, label = $5, updated_at = $6 WHERE environment_id = $1 AND id = $2";
    PERMISSIONS = "SELECT p.id, p.codename FROM group_permissions gp JOIN permissions p \
                   ON p.environment_id = gp.environment_id AND p.id = gp.permission_id \
                   WHERE gp.environment_id = $1 AND gp.group_id = $2 ORDER BY p.codename";
    ALL_PERMISSIONS = "SELECT gp.group_id, p.codename FROM group_permissions gp JOIN permissions p \
                   ON p.environment_id = gp.environment_id AND p.id = gp.permission_id \
                   WHERE gp.environment_id = $1 ORDER BY gp.group_id, p.codename";
    PERMISSION_IDS = "SELECT DISTINCT permission_id FROM group_permissions WHERE environment_id = $1 AND group_id = ANY($2) \
                      ORDER BY permission_id";
    CLEAR_PERMISSIONS = "DELETE FROM group_permissions WHERE environment_id = $1 AND group_id = $2";
    ADD_PERMISSION = "INSERT INTO group_permissions (environment_id, group_id, permission_id) VALUES ($1, $2, $3)";
    MENUS = "SELECT menu_id FROM group_menus WHERE environment_id = $1 AND group_id = $2 ORDER BY place";
    ALL_MENUS = "SELECT group_id, menu_id FROM group_menus WHERE environment_id = $1 ORDER BY group_id, place";
    CLEAR_MENUS = "DELETE FROM group_menus WHERE environment_id = $1 AND group_id = $2";
    ADD_MENU = "INSERT INTO group_menus (environment_id, group_id, menu_id, place) VALUES ($1, $2, $3, $4)";
    CLEAR_USERS = "DELETE FROM user_groups WHERE environment_id = $1 AND group_id = $2";
    DELETE = "DELETE FROM groups WHERE environment_id = $1 AND id = $2";
    ADD_USER = "INSERT INTO user_groups (environment_id, account_id, group_id, user_created_at) VALUES ($1, $2, $3, \
                (SELECT created_at FROM users WHERE environment_id = $1 AND account_id = $2))";
    REMOVE_USER = "DELETE FROM user_groups WHERE environment_id = $1 AND account_id = $2 AND group_id = $3";
    REMOVE_USER_FROM_ALL = "DELETE FROM user_groups WHERE environment_id = $1 AND account_id = $2";
}

/// A group without what hangs on it.
struct Bare {
    id: GroupId,
    name: Name,
    label: ShortName,
}

impl FromRow for Bare {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Bare {
            id: get(row, 0)?,
            name: Name::from_stored(get(row, 1)?),
            label: ShortName::from_stored(get(row, 2)?),
        })
    }
}

/// The group with this id, whole.
pub fn find(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId) -> Result<Option<Group>> {
    let bare: Option<Bare> = tx.find(&FIND, params![environment, id])?;
    bare.map(|bare| whole(tx, environment, bare)).transpose()
}

/// The group with this name, in any case.
pub fn find_by_name(tx: &mut Tx<'_>, environment: EnvironmentId, name: &Name) -> Result<Option<GroupId>> {
    let bare: Option<Bare> = tx.find(&FIND_BY_NAME, params![environment, name.folded()])?;
    Ok(bare.map(|bare| bare.id))
}

fn whole(tx: &mut Tx<'_>, environment: EnvironmentId, bare: Bare) -> Result<Group> {
    let permissions = tx.list::<(PermissionId, String)>(&PERMISSIONS, params![environment, bare.id])?;
    let menus = tx.list::<(MenuId,)>(&MENUS, params![environment, bare.id])?;
    Ok(Group {
        id: bare.id,
        name: bare.name,
        label: bare.label,
        permissions: permissions.into_iter().map(|row| Codename::from_stored(row.1)).collect(),
        menus: menus.into_iter().map(|row| row.0).collect(),
    })
}

/// All of the environment's, whole, in order of their ids; at most 10,000.
pub fn list(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<Group>> {
    let bare: Vec<Bare> = tx.list(&LIST, params![environment])?;
    let mut permissions = tx.list::<(GroupId, String)>(&ALL_PERMISSIONS, params![environment])?.into_iter().peekable();
    let mut menus = tx.list::<(GroupId, MenuId)>(&ALL_MENUS, params![environment])?.into_iter().peekable();
    let mut groups = Vec::with_capacity(bare.len());
    for Bare { id, name, label } in bare {
        let mut group = Group { id, name, label, permissions: Vec::new(), menus: Vec::new() };
        while let Some((_, codename)) = permissions.next_if(|row| row.0 == id) {
            group.permissions.push(Codename::from_stored(codename));
        }
        while let Some((_, menu)) = menus.next_if(|row| row.0 == id) {
            group.menus.push(menu);
        }
        groups.push(group);
    }
    Ok(groups)
}

/// Those of these ids that exist, with their names.
pub fn known(tx: &mut Tx<'_>, environment: EnvironmentId, ids: &[GroupId]) -> Result<Vec<(GroupId, String)>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    tx.list(&IDS_KNOWN, params![environment, ids])
}

/// The groups with these folded names, with their exact ones.
pub fn by_folded_names(tx: &mut Tx<'_>, environment: EnvironmentId, folded: &[&str]) -> Result<Vec<(GroupId, String)>> {
    tx.list(&IDS_BY_NAMES, params![environment, folded.to_vec()])
}

/// Whether the environment holds `most` already.
pub fn full(tx: &mut Tx<'_>, environment: EnvironmentId, most: i64) -> Result<bool> {
    Ok(tx.find::<(GroupId,)>(&FULL, params![environment, most - 1])?.is_some())
}

/// Writes a new group without what hangs on it.
pub fn insert(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId, name: &Name, label: &ShortName) -> Result<()> {
    let now = tx.now();
    tx.run(
        Mark::Environment(environment),
        &INSERT,
        params![environment, id, name.as_str(), name.folded(), label.as_str(), now],
    )
    .map(drop)
}

/// Writes a group's own columns as they are now.
pub fn update(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId, name: &Name, label: &ShortName) -> Result<()> {
    let now = tx.now();
    tx.run(
        Mark::Environment(environment),
        &UPDATE,
        params![environment, id, name.as_str(), name.folded(), label.as_str(), now],
    )
    .map(drop)
}

/// Replaces what a group confers.
pub fn set_permissions(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    id: GroupId,
    permissions: &[PermissionId],
) -> Result<()> {
    tx.run(Mark::Environment(environment), &CLEAR_PERMISSIONS, params![environment, id])?;
    for permission in permissions {
        tx.run(Mark::Environment(environment), &ADD_PERMISSION, params![environment, id, permission])?;
    }
    Ok(())
}

/// Replaces the menus that a group brings.
pub fn set_menus(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId, menus: &[MenuId]) -> Result<()> {
    tx.run(Mark::Environment(environment), &CLEAR_MENUS, params![environment, id])?;
    for (place, menu) in (0i64..).zip(menus) {
        tx.run(Mark::Environment(environment), &ADD_MENU, params![environment, id, menu, place])?;
    }
    Ok(())
}

/// What these groups confer together, in order of the ids.
pub fn permission_ids(tx: &mut Tx<'_>, environment: EnvironmentId, groups: &[GroupId]) -> Result<Vec<PermissionId>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = groups.iter().map(|id| id.0).collect();
    let rows = tx.list::<(PermissionId,)>(&PERMISSION_IDS, params![environment, ids])?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Removes a group, from its users too.
pub fn delete(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId) -> Result<()> {
    for statement in [&CLEAR_USERS, &CLEAR_PERMISSIONS, &CLEAR_MENUS, &DELETE] {
        tx.run(Mark::Environment(environment), statement, params![environment, id])?;
    }
    Ok(())
}

/// All of the environment's with what each confers, in order of their ids.
pub fn list_held(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<HeldGroup>> {
    let bare: Vec<Bare> = tx.list(&LIST, params![environment])?;
    let mut permissions = tx.list::<(GroupId, String)>(&ALL_PERMISSIONS, params![environment])?.into_iter().peekable();
    let mut held = Vec::with_capacity(bare.len());
    for Bare { id, name, .. } in bare {
        let own = std::iter::from_fn(|| permissions.next_if(|row| row.0 == id));
        let permissions: Arc<[Codename]> = own.map(|row| Codename::from_stored(row.1)).collect();
        held.push(HeldGroup { id, name, permissions });
    }
    Ok(held)
}

/// Puts a user into a group.
pub fn add_user(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, group: GroupId) -> Result<()> {
    tx.run(Mark::User(environment, user), &ADD_USER, params![environment, user, group]).map(drop)
}

/// Takes a user out of a group.
pub fn remove_user(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, group: GroupId) -> Result<()> {
    tx.run(Mark::User(environment, user), &REMOVE_USER, params![environment, user, group]).map(drop)
}

/// Takes a user out of every group.
pub fn remove_user_from_all(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<()> {
    tx.run(Mark::User(environment, user), &REMOVE_USER_FROM_ALL, params![environment, user]).map(drop)
}
