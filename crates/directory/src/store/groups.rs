//! Groups in the database, with the permissions that they confer and the menus that they bring.

pub(super) mod members;

pub use members::{add_user, end, ended, give_user, members, members_of_any, of_user, remove_user, user_since};

use super::Tx;
use super::columns::{Column, FromRow, Param, Row, get, params};
use super::memory::Mark;
use super::past;
use super::statement::{Statement, statements};
use crate::error::Result;
use crate::groups::{Given, Group};
use crate::id::{EnvironmentId, GroupId, MenuId, PermissionId};
use crate::roles::GroupParts;
use crate::text::{Codename, Name, ShortName};
use std::collections::HashMap;

statements! {
    FIND = "SELECT id, name, label, second_factor FROM groups WHERE environment_id = $1 AND id = $2";
    FIND_BY_NAME = "SELECT id, name, label, second_factor FROM groups WHERE environment_id = $1 AND name_folded = $2";
    LIST = "SELECT id, name, label, second_factor FROM groups WHERE environment_id = $1 ORDER BY id";
    SEVERAL = "SELECT id, name, label, second_factor FROM groups WHERE environment_id = $1 AND id = ANY($2) ORDER BY id";
    SEVERAL_PERMISSIONS = "SELECT gp.group_id, p.codename FROM group_permissions gp JOIN permissions p \
                   ON p.environment_id = gp.environment_id AND p.id = gp.permission_id \
                   WHERE gp.environment_id = $1 AND gp.group_id = ANY($2) ORDER BY gp.group_id, p.codename";
    SEVERAL_CONTAINED = "SELECT group_id, contained_id FROM group_contains WHERE environment_id = $1 AND group_id = ANY($2) \
                         ORDER BY group_id, contained_id";
    SEVERAL_MENUS = "SELECT group_id, menu_id FROM group_menus WHERE environment_id = $1 AND group_id = ANY($2) \
                     ORDER BY group_id, place";
    /// Exact names: v1 looks them up so; the folded column serves the index.
    IDS_BY_NAMES = "SELECT id, name FROM groups WHERE environment_id = $1 AND name_folded = ANY($2)";
    IDS_KNOWN = "SELECT id, name FROM groups WHERE environment_id = $1 AND id = ANY($2)";
    FULL = "SELECT id FROM groups WHERE environment_id = $1 LIMIT 1 OFFSET $2";
    INSERT = "INSERT INTO groups (environment_id, id, name, name_folded, label, second_factor, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    UPDATE = "UPDATE groups SET name = $3, name_folded = $4, label = $5, second_factor = $6, updated_at = $7 \
              WHERE environment_id = $1 AND id = $2";
    PERMISSIONS = "SELECT p.id, p.codename FROM group_permissions gp JOIN permissions p \
                   ON p.environment_id = gp.environment_id AND p.id = gp.permission_id \
                   WHERE gp.environment_id = $1 AND gp.group_id = $2 ORDER BY p.codename";
    ALL_PERMISSIONS = "SELECT gp.group_id, p.codename FROM group_permissions gp JOIN permissions p \
                   ON p.environment_id = gp.environment_id AND p.id = gp.permission_id \
                   WHERE gp.environment_id = $1 ORDER BY gp.group_id, p.codename";
    ALL_PERMISSION_IDS = "SELECT group_id, permission_id FROM group_permissions WHERE environment_id = $1 \
                          ORDER BY group_id, permission_id";
    PERMISSION_IDS = "SELECT permission_id FROM group_permissions WHERE environment_id = $1 AND group_id = $2 \
                      ORDER BY permission_id";
    PERMISSION_SINCE = "SELECT since, given_by FROM group_permissions \
                        WHERE environment_id = $1 AND group_id = $2 AND permission_id = $3";
    CLEAR_PERMISSIONS = "DELETE FROM group_permissions WHERE environment_id = $1 AND group_id = $2";
    ADD_PERMISSION = "INSERT INTO group_permissions (environment_id, group_id, permission_id, since, given_by) \
                      VALUES ($1, $2, $3, $4, $5)";
    REMOVE_PERMISSION = "DELETE FROM group_permissions WHERE environment_id = $1 AND group_id = $2 AND permission_id = $3";
    CONTAINED = "SELECT contained_id FROM group_contains WHERE environment_id = $1 AND group_id = $2 ORDER BY contained_id";
    ALL_CONTAINED = "SELECT group_id, contained_id FROM group_contains WHERE environment_id = $1 \
                     ORDER BY group_id, contained_id";
    CONTAINED_SINCE = "SELECT since, given_by FROM group_contains \
                       WHERE environment_id = $1 AND group_id = $2 AND contained_id = $3";
    ADD_CONTAINED = "INSERT INTO group_contains (environment_id, group_id, contained_id, since, given_by) \
                     VALUES ($1, $2, $3, $4, $5)";
    REMOVE_CONTAINED = "DELETE FROM group_contains WHERE environment_id = $1 AND group_id = $2 AND contained_id = $3";
    CLEAR_CONTAINED = "DELETE FROM group_contains WHERE environment_id = $1 AND (group_id = $2 OR contained_id = $2)";
    MENUS = "SELECT menu_id FROM group_menus WHERE environment_id = $1 AND group_id = $2 ORDER BY place";
    ALL_MENUS = "SELECT group_id, menu_id FROM group_menus WHERE environment_id = $1 ORDER BY group_id, place";
    CLEAR_MENUS = "DELETE FROM group_menus WHERE environment_id = $1 AND group_id = $2";
    ADD_MENU = "INSERT INTO group_menus (environment_id, group_id, menu_id, place) VALUES ($1, $2, $3, $4)";
    CLEAR_USERS = "DELETE FROM user_groups WHERE environment_id = $1 AND group_id = $2";
    DELETE = "DELETE FROM groups WHERE environment_id = $1 AND id = $2";
}

/// A group without what hangs on it.
struct Bare {
    id: GroupId,
    name: Name,
    label: ShortName,
    second_factor: bool,
}

/// A group's own columns.
pub struct Own {
    /// What it is called.
    pub name: Name,
    /// What people read.
    pub label: ShortName,
    /// A second factor is demanded of its members.
    pub second_factor: bool,
}

impl FromRow for Bare {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Bare {
            id: get(row, 0)?,
            name: Name::from_stored(get(row, 1)?),
            label: ShortName::from_stored(get(row, 2)?),
            second_factor: get(row, 3)?,
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
    let contains = tx.list::<(GroupId,)>(&CONTAINED, params![environment, bare.id])?;
    Ok(Group {
        id: bare.id,
        name: bare.name,
        label: bare.label,
        second_factor: bare.second_factor,
        permissions: permissions.into_iter().map(|row| Codename::from_stored(row.1)).collect(),
        menus: menus.into_iter().map(|row| row.0).collect(),
        contains: contains.into_iter().map(|row| row.0).collect(),
    })
}

/// All of the environment's, whole, in order of their ids; at most 10,000.
pub fn list(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<Group>> {
    let bare = tx.list(&LIST, params![environment])?;
    let permissions = tx.list(&ALL_PERMISSIONS, params![environment])?;
    let menus = tx.list(&ALL_MENUS, params![environment])?;
    let contained = tx.list(&ALL_CONTAINED, params![environment])?;
    Ok(put_together(bare, permissions, menus, contained))
}

/// Those of these ids that exist, whole, in order of their ids.
pub fn several(tx: &mut Tx<'_>, environment: EnvironmentId, ids: &[GroupId]) -> Result<Vec<Group>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let bare = tx.list(&SEVERAL, params![environment, ids])?;
    let permissions = tx.list(&SEVERAL_PERMISSIONS, params![environment, ids])?;
    let menus = tx.list(&SEVERAL_MENUS, params![environment, ids])?;
    let contained = tx.list(&SEVERAL_CONTAINED, params![environment, ids])?;
    Ok(put_together(bare, permissions, menus, contained))
}

/// Gives each group what hangs on it; all are in order of the groups' ids.
fn put_together(
    bare: Vec<Bare>,
    permissions: Vec<(GroupId, String)>,
    menus: Vec<(GroupId, MenuId)>,
    contained: Vec<(GroupId, GroupId)>,
) -> Vec<Group> {
    let mut permissions = permissions.into_iter().peekable();
    let mut menus = menus.into_iter().peekable();
    let mut contained = contained.into_iter().peekable();
    let mut groups = Vec::with_capacity(bare.len());
    for Bare { id, name, label, second_factor } in bare {
        let (permissions_of, menus_of, contains) = (Vec::new(), Vec::new(), Vec::new());
        let mut group =
            Group { id, name, label, permissions: permissions_of, menus: menus_of, contains, second_factor };
        while let Some((_, inner)) = contained.next_if(|row| row.0 == id) {
            group.contains.push(inner);
        }
        while let Some((_, codename)) = permissions.next_if(|row| row.0 == id) {
            group.permissions.push(Codename::from_stored(codename));
        }
        while let Some((_, menu)) = menus.next_if(|row| row.0 == id) {
            group.menus.push(menu);
        }
        groups.push(group);
    }
    groups
}

/// What all of the environment's are called, in order of their ids; at most 10,000.
pub fn titles(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<(GroupId, Name, ShortName)>> {
    let bare: Vec<Bare> = tx.list(&LIST, params![environment])?;
    Ok(bare.into_iter().map(|bare| (bare.id, bare.name, bare.label)).collect())
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
pub fn insert(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId, own: &Own) -> Result<()> {
    past::roles_change(tx, environment)?;
    write(tx, &INSERT, environment, id, own)
}

fn write(
    tx: &mut Tx<'_>,
    statement: &'static Statement,
    environment: EnvironmentId,
    id: GroupId,
    own: &Own,
) -> Result<()> {
    let (now, Own { name, label, second_factor }) = (tx.now(), own);
    tx.run(
        Mark::Environment(environment),
        statement,
        params![environment, id, name.as_str(), name.folded(), label.as_str(), second_factor, now],
    )
    .map(drop)
}

/// Writes a group's own columns as they are now.
pub fn update(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId, own: &Own) -> Result<()> {
    past::group(tx, environment, id)?;
    write(tx, &UPDATE, environment, id, own)
}

/// Changes what a group confers, from the first to the second.
pub fn change_permissions(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    id: GroupId,
    (before, after): (&[PermissionId], &[PermissionId]),
    given: Given,
) -> Result<()> {
    past::roles_change(tx, environment)?;
    for permission in before.iter().filter(|permission| !after.contains(permission)) {
        past::group_permission(tx, environment, id, *permission)?;
        tx.run(Mark::Environment(environment), &REMOVE_PERMISSION, params![environment, id, permission])?;
    }
    for permission in after.iter().filter(|permission| !before.contains(permission)) {
        let values = params![environment, id, permission, given.since, given.by];
        tx.run(Mark::Environment(environment), &ADD_PERMISSION, values)?;
    }
    Ok(())
}

/// Changes the groups within a group, from the first to the second.
pub fn change_contained(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    id: GroupId,
    (before, after): (&[GroupId], &[GroupId]),
    given: Given,
) -> Result<()> {
    past::roles_change(tx, environment)?;
    for group in before.iter().filter(|group| !after.contains(group)) {
        past::contained(tx, environment, id, *group)?;
        tx.run(Mark::Environment(environment), &REMOVE_CONTAINED, params![environment, id, group])?;
    }
    for group in after.iter().filter(|group| !before.contains(group)) {
        let values = params![environment, id, group, given.since, given.by];
        tx.run(Mark::Environment(environment), &ADD_CONTAINED, values)?;
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

/// What a group confers by itself, in order of the ids.
pub fn permission_ids(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId) -> Result<Vec<PermissionId>> {
    let rows = tx.list::<(PermissionId,)>(&PERMISSION_IDS, params![environment, id])?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Removes a group, from its users too.
pub fn delete(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId) -> Result<()> {
    past::whole_group(tx, environment, id)?;
    for statement in [&CLEAR_USERS, &CLEAR_PERMISSIONS, &CLEAR_MENUS, &CLEAR_CONTAINED, &DELETE] {
        tx.run(Mark::Environment(environment), statement, params![environment, id])?;
    }
    Ok(())
}

/// All of the environment's by their ids alone, in order.
pub(crate) fn parts(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<GroupParts>> {
    let bare: Vec<Bare> = tx.list(&LIST, params![environment])?;
    let mut permissions: Grouped<PermissionId> = grouped(tx, &ALL_PERMISSION_IDS, params![environment])?;
    let mut contained: Grouped<GroupId> = grouped(tx, &ALL_CONTAINED, params![environment])?;
    let mut menus: Grouped<MenuId> = grouped(tx, &ALL_MENUS, params![environment])?;
    let part = |Bare { id, name, second_factor, .. }| GroupParts {
        second_factor,
        id,
        name,
        permissions: permissions.remove(&id).unwrap_or_default(),
        contains: contained.remove(&id).unwrap_or_default(),
        menus: menus.remove(&id).unwrap_or_default(),
    };
    Ok(bare.into_iter().map(part).collect())
}

/// What hangs on each group.
pub(super) type Grouped<T> = HashMap<GroupId, Vec<T>>;

pub(super) fn grouped<T: Column>(tx: &mut Tx<'_>, statement: &Statement, values: &[Param<'_>]) -> Result<Grouped<T>> {
    let mut grouped: Grouped<T> = HashMap::new();
    for (group, thing) in tx.list::<(GroupId, T)>(statement, values)? {
        grouped.entry(group).or_default().push(thing);
    }
    Ok(grouped)
}

/// Since when a group confers a permission by itself, and by whose doing.
pub fn permission_since(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    group: GroupId,
    permission: PermissionId,
) -> Result<Option<Given>> {
    tx.find(&PERMISSION_SINCE, params![environment, group, permission])
}

/// Since when a group contains another, and by whose doing.
pub fn contained_since(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    group: GroupId,
    contained: GroupId,
) -> Result<Option<Given>> {
    tx.find(&CONTAINED_SINCE, params![environment, group, contained])
}

impl FromRow for Given {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Given { since: get(row, 0)?, by: get(row, 1)? })
    }
}
