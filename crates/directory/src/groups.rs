//! Groups: what one API calls a role and another a member group. A group confers permissions and brings menus. Whoever
//! touches one needs all that it confers. Knows nothing of how an API spells one.

use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::directory::{When, still};
use crate::error::{Conflict, Error, Field, FieldError, Noun, Problem, Result};
use crate::id::{EnvironmentId, GroupId, MenuId, PermissionId};
use crate::menus::{self, MenuRef};
use crate::permissions::BuiltIn;
use crate::roles;
use crate::store::{self, Tx};
use crate::text::{Codename, Name, ShortName, fold};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Counts up within the environment.
    pub id: GroupId,
    /// Unique in the environment, in any case.
    pub name: Name,
    /// What people read.
    pub label: ShortName,
    /// What it confers, in order.
    pub permissions: Vec<Codename>,
    /// What it brings, in order.
    pub menus: Vec<MenuId>,
}

/// A group as a user holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldGroup {
    /// Which.
    pub id: GroupId,
    /// Its name.
    pub name: Name,
    /// What it confers, in order.
    pub permissions: Arc<[Codename]>,
}

/// The most that an environment holds.
pub const MOST: i64 = 10_000;

/// All of the environment's.
///
/// # Errors
/// [`Error::Forbidden`] without `view_group`.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Group>> {
    actor.need(BuiltIn::ViewGroup)?;
    store::groups::list(tx, actor.environment().id)
}

/// One of them.
///
/// # Errors
/// [`Error::Forbidden`] without `view_group`; [`Error::NotFound`].
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: GroupId) -> Result<Group> {
    actor.need(BuiltIn::ViewGroup)?;
    find(tx, actor, id)
}

fn find(tx: &mut Tx<'_>, actor: &Actor, id: GroupId) -> Result<Group> {
    store::groups::find(tx, actor.environment().id, id)?.ok_or(Error::NotFound(Noun::Group))
}

/// What a group is to be; on creation all that is left out is empty.
#[derive(Clone, Debug, Default)]
pub struct GroupChanges {
    /// Unique in the environment, in any case.
    pub name: Option<Name>,
    /// What people read.
    pub label: Option<ShortName>,
    /// Replaces what it confers: codenames as they were written.
    pub permissions: Option<Vec<String>>,
    /// Replaces the menus that it brings.
    pub menus: Option<Vec<MenuRef>>,
}

/// Makes a group.
///
/// # Errors
/// [`Error::Forbidden`] without `add_group` or without a permission that it is to confer; [`Error::Invalid`] for what does
/// not exist; [`Error::Taken`]; [`Error::Conflict`] when the environment is full.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, name: &Name, change: &GroupChanges) -> Result<Group> {
    actor.need(BuiltIn::AddGroup)?;
    let environment = actor.environment().id;
    store::environments::hold(tx, environment)?;
    let wanted = resolve(tx, actor, change)?;
    if store::groups::find_by_name(tx, environment, name)?.is_some() {
        return Err(Error::taken(Field::Name));
    }
    if store::groups::full(tx, environment, MOST)? {
        return Err(Error::Conflict(Conflict::Full(Noun::Group)));
    }
    let id = store::environments::next_group(tx, environment)?;
    let label = change.label.clone().unwrap_or_else(|| ShortName::from_stored(String::new()));
    store::groups::insert(tx, environment, id, name, &label)?;
    store::groups::set_permissions(tx, environment, id, &wanted.permissions.unwrap_or_default())?;
    store::groups::set_menus(tx, environment, id, &wanted.menus.unwrap_or_default())?;
    let group = find(tx, actor, id)?;
    audit::record(tx, actor, "group.created", &id, difference(None, Some(&group)))?;
    Ok(group)
}

/// Changes a group.
///
/// # Errors
/// As [`create`], with `change_group`; [`Error::Forbidden`] also without a permission that it confers already;
/// [`Error::NotFound`].
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: GroupId,
    change: &GroupChanges,
    when: Option<&When<Group>>,
) -> Result<Group> {
    actor.need(BuiltIn::ChangeGroup)?;
    let environment = actor.environment().id;
    store::environments::hold(tx, environment)?;
    let before = find(tx, actor, id)?;
    still(when, &before)?;
    let conferred = store::groups::permission_ids(tx, environment, &[id])?;
    actor.need_to_hold(&conferred)?;
    let wanted = resolve(tx, actor, change)?;
    let name = change.name.clone().unwrap_or_else(|| before.name.clone());
    let label = change.label.clone().unwrap_or_else(|| before.label.clone());
    if name != before.name && store::groups::find_by_name(tx, environment, &name)?.is_some_and(|taken| taken != id) {
        return Err(Error::taken(Field::Name));
    }
    if let Some(permissions) = wanted.permissions.as_ref().filter(|permissions| **permissions != conferred) {
        store::groups::set_permissions(tx, environment, id, permissions)?;
    }
    if let Some(menus) = wanted.menus.as_ref().filter(|menus| **menus != before.menus) {
        store::groups::set_menus(tx, environment, id, menus)?;
    }
    let mut after = find(tx, actor, id)?;
    (after.name, after.label) = (name, label);
    if after == before {
        return Ok(before);
    }
    store::groups::update(tx, environment, id, &after.name, &after.label)?;
    audit::record(tx, actor, "group.updated", &id, difference(Some(&before), Some(&after)))?;
    Ok(after)
}

/// Deletes a group, from its users too.
///
/// # Errors
/// [`Error::Forbidden`] without `delete_group` or without a permission that it confers; [`Error::NotFound`].
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: GroupId, when: Option<&When<Group>>) -> Result<()> {
    actor.need(BuiltIn::DeleteGroup)?;
    let environment = actor.environment().id;
    store::environments::hold(tx, environment)?;
    let before = find(tx, actor, id)?;
    still(when, &before)?;
    actor.need_to_hold(&store::groups::permission_ids(tx, environment, &[id])?)?;
    store::groups::delete(tx, environment, id)?;
    audit::record(tx, actor, "group.deleted", &id, difference(Some(&before), None))
}

/// What a change asks for, looked up.
struct Wanted {
    permissions: Option<Vec<PermissionId>>,
    menus: Option<Vec<MenuId>>,
}

fn resolve(tx: &mut Tx<'_>, actor: &Actor, change: &GroupChanges) -> Result<Wanted> {
    let environment = actor.environment().id;
    let mut errors = Vec::new();
    let mut permissions = None;
    if let Some(named) = &change.permissions {
        let codenames: Vec<&str> = named.iter().map(String::as_str).filter(|name| !name.contains('\0')).collect();
        let known = store::permissions::by_codenames(tx, environment, &codenames)?;
        for name in named.iter().filter(|name| !known.iter().any(|p| p.codename.as_str() == **name)) {
            errors.push(FieldError { field: Field::Permissions, problem: Problem::DoesNotExist(name.clone()) });
        }
        let mut ids: Vec<PermissionId> = known.into_iter().map(|permission| permission.id).collect();
        ids.sort_unstable();
        permissions = Some(ids);
    }
    let menus = match &change.menus {
        Some(named) => Some(menus::resolve_refs(tx, environment, named, &mut errors)?),
        None => None,
    };
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    actor.need_to_hold(permissions.as_deref().unwrap_or_default())?;
    Ok(Wanted { permissions, menus })
}

fn difference(before: Option<&Group>, after: Option<&Group>) -> Changes {
    let mut changes = Changes::default();
    changes.text("name", before.map(|g| g.name.as_str()), after.map(|g| g.name.as_str()));
    changes.text("label", before.map(|g| g.label.as_str()), after.map(|g| g.label.as_str()));
    let permissions = |group: Option<&Group>| -> Vec<String> {
        group.map_or_else(Vec::new, |g| g.permissions.iter().map(|p| p.as_str().to_owned()).collect())
    };
    changes.list("permissions", &permissions(before), &permissions(after));
    changes.list("menus", before.map_or(&[], |g| &g.menus), after.map_or(&[], |g| &g.menus));
    changes
}

/// A group as a call names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupRef {
    /// By its id, if it can be one, and as it was written.
    Id(Option<GroupId>, String),
    /// By its exact name.
    Name(String),
}

impl GroupRef {
    fn text(&self) -> &str {
        match self {
            GroupRef::Id(_, text) | GroupRef::Name(text) => text,
        }
    }
}

/// Refuses who would give groups that confer what it does not have itself.
///
/// # Errors
/// [`Error::Forbidden`]
pub(crate) fn need_to_hold(tx: &mut Tx<'_>, actor: &Actor, groups: &[GroupId]) -> Result<()> {
    if actor.holds_all() {
        return Ok(());
    }
    actor.need_to_hold(&store::groups::permission_ids(tx, actor.environment().id, groups)?)
}

/// The ids of groups as a call named them, each once, in order; every unknown one is an error of its own.
pub(crate) fn resolve_refs(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    named: &[GroupRef],
    errors: &mut Vec<FieldError>,
) -> Result<Vec<GroupId>> {
    let remembered = roles::remembered(tx, environment);
    if let Some(mut all) =
        remembered.and_then(|roles| named.iter().map(|group| roles.group(group)).collect::<Option<Vec<_>>>())
    {
        all.sort_unstable();
        all.dedup();
        return Ok(all);
    }
    let ids: Vec<GroupId> =
        named.iter().filter_map(|r| if let GroupRef::Id(Some(id), _) = r { Some(*id) } else { None }).collect();
    let folded: Vec<String> =
        named.iter().filter_map(|r| if let GroupRef::Name(name) = r { Some(fold(name)) } else { None }).collect();
    let folded: Vec<&str> = folded.iter().map(String::as_str).filter(|name| !name.contains('\0')).collect();
    let by_id = if ids.is_empty() { Vec::new() } else { store::groups::known(tx, environment, &ids)? };
    let by_name =
        if folded.is_empty() { Vec::new() } else { store::groups::by_folded_names(tx, environment, &folded)? };
    // Looked up, not searched: a body may name a hundred thousand, and with the embedded engine all other writes wait.
    let by_id: HashSet<GroupId> = by_id.into_iter().map(|(id, _)| id).collect();
    let by_name: HashMap<String, GroupId> = by_name.into_iter().map(|(id, name)| (name, id)).collect();
    let mut found = Vec::new();
    for reference in named {
        let id = match reference {
            GroupRef::Id(id, _) => id.filter(|id| by_id.contains(id)),
            GroupRef::Name(name) => by_name.get(name).copied(),
        };
        match id {
            Some(id) => found.push(id),
            None => errors.push(FieldError {
                field: if matches!(reference, GroupRef::Name(_)) { Field::GroupNames } else { Field::Groups },
                problem: Problem::DoesNotExist(reference.text().to_owned()),
            }),
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
