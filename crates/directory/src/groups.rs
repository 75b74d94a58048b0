//! Groups: what one API calls a role and another a member group. A group confers permissions and brings menus. Whoever
//! touches one needs all that it confers. Knows nothing of how an API spells one.

mod browsing;
mod granting;
mod naming;

pub use browsing::{Confers, Nested, browse, confers, nesting};
pub use granting::{Grant, grant};
pub use naming::{GroupRef, GroupWish};
pub(crate) use naming::{resolve_contained, resolve_refs, resolve_wishes};

use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::directory::{When, still};
use crate::error::{Conflict, Error, Field, FieldError, Noun, Problem, Result};
use crate::id::{GroupId, MenuId, PermissionId, UserId};
use crate::menus::{self, MenuRef};
use crate::permissions::BuiltIn;
use crate::roles;
use crate::store::groups::Own;
use crate::store::{self, Tx};
use crate::text::{Codename, Name, ShortName};
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
    /// The groups whose members are its members too, in order.
    pub contains: Vec<GroupId>,
    /// A second factor is demanded of its members.
    pub second_factor: bool,
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

/// A user's own place in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// Which.
    pub group: GroupId,
    /// When it ends; from then on it no longer counts.
    pub expires_at: Option<Time>,
}

impl Holding {
    /// Whether it counts at this time.
    pub fn counts(self, now: Time) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl std::fmt::Display for Holding {
    /// As the audit trail has it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.expires_at {
            Some(end) => write!(f, "{} until {}", self.group, jiff::Timestamp::from(end)),
            None => write!(f, "{}", self.group),
        }
    }
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
    /// Replaces the groups whose members are its members too.
    pub contains: Option<Vec<GroupRef>>,
    /// Whether a second factor is demanded of its members.
    pub second_factor: Option<bool>,
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
    let given = Given::by(tx, actor);
    let label = change.label.clone().unwrap_or_else(|| ShortName::from_stored(String::new()));
    let second_factor = change.second_factor.unwrap_or(false);
    may_demand(actor, false, second_factor)?;
    store::groups::insert(tx, environment, id, &Own { name: name.clone(), label, second_factor })?;
    store::groups::change_permissions(tx, environment, id, (&[], &wanted.permissions.unwrap_or_default()), given)?;
    store::groups::set_menus(tx, environment, id, &wanted.menus.unwrap_or_default())?;
    nest(tx, actor, id, &[], &wanted.contains.unwrap_or_default())?;
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
    need_to_hold(tx, actor, &[id])?;
    let conferred = store::groups::permission_ids(tx, environment, id)?;
    let wanted = resolve(tx, actor, change)?;
    let name = change.name.clone().unwrap_or_else(|| before.name.clone());
    let label = change.label.clone().unwrap_or_else(|| before.label.clone());
    let second_factor = change.second_factor.unwrap_or(before.second_factor);
    may_demand(actor, before.second_factor, second_factor)?;
    if name != before.name && store::groups::find_by_name(tx, environment, &name)?.is_some_and(|taken| taken != id) {
        return Err(Error::taken(Field::Name));
    }
    if let Some(permissions) = wanted.permissions.as_ref().filter(|permissions| **permissions != conferred) {
        store::groups::change_permissions(tx, environment, id, (&conferred, permissions), Given::by(tx, actor))?;
    }
    if let Some(menus) = wanted.menus.as_ref().filter(|menus| **menus != before.menus) {
        store::groups::set_menus(tx, environment, id, menus)?;
    }
    if let Some(contains) = wanted.contains.as_ref().filter(|contains| **contains != before.contains) {
        nest(tx, actor, id, &before.contains, contains)?;
    }
    let mut after = find(tx, actor, id)?;
    (after.name, after.label, after.second_factor) = (name.clone(), label.clone(), second_factor);
    if after == before {
        return Ok(before);
    }
    store::groups::update(tx, environment, id, &Own { name, label, second_factor })?;
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
    need_to_hold(tx, actor, &[id])?;
    may_demand(actor, before.second_factor, false)?;
    store::groups::delete(tx, environment, id)?;
    audit::record(tx, actor, "group.deleted", &id, difference(Some(&before), None))
}

/// Demanding a second factor of a group's members, and ceasing to, is for administrators: members may have more than whoever
/// changes the group.
fn may_demand(actor: &Actor, before: bool, after: bool) -> Result<()> {
    match before == after {
        true => Ok(()),
        false => actor.need_administrator(),
    }
}

/// What a change asks for, looked up.
struct Wanted {
    permissions: Option<Vec<PermissionId>>,
    menus: Option<Vec<MenuId>>,
    contains: Option<Vec<GroupId>>,
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
    let contains = match &change.contains {
        Some(named) => Some(resolve_contained(tx, environment, named, &mut errors)?),
        None => None,
    };
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    actor.need_to_hold(permissions.as_deref().unwrap_or_default())?;
    Ok(Wanted { permissions, menus, contains })
}

/// Replaces the groups within a group. Their members gain or lose what it confers, so that takes all of it, and all that
/// those groups confer themselves.
fn nest(tx: &mut Tx<'_>, actor: &Actor, id: GroupId, before: &[GroupId], after: &[GroupId]) -> Result<()> {
    let environment = actor.environment().id;
    let gained: Vec<GroupId> = after.iter().copied().filter(|group| !before.contains(group)).collect();
    let lost: Vec<GroupId> = before.iter().copied().filter(|group| !after.contains(group)).collect();
    if gained.is_empty() && lost.is_empty() {
        return Ok(());
    }
    need_to_hold(tx, actor, &[gained.as_slice(), lost.as_slice(), &[id]].concat())?;
    store::groups::change_contained(tx, environment, id, (before, after), Given::by(tx, actor))?;
    let roles = roles::of(tx, environment)?;
    match roles.nesting_fault() {
        Some(conflict) => Err(Error::Conflict(conflict)),
        None => Ok(()),
    }
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
    changes.flag("second_factor", before.map(|g| g.second_factor), after.map(|g| g.second_factor));
    changes.list("contains", before.map_or(&[], |g| &g.contains), after.map_or(&[], |g| &g.contains));
    changes
}

/// Since when, and by whose doing, somebody has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Since when; `None`: from before this was noted.
    pub since: Option<Time>,
    /// By whom; `None`: the command line, or from before this was noted.
    pub by: Option<UserId>,
}

impl Given {
    /// By this actor, now.
    pub(crate) fn by(tx: &Tx<'_>, actor: &Actor) -> Given {
        Given { since: Some(tx.now()), by: actor.user() }
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
    let conferred = roles::of(tx, actor.environment().id)?.conferred(groups.iter().copied());
    actor.need_to_hold(&conferred)
}
