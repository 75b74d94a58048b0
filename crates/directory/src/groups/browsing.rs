//! Looking through an environment's groups: some of them by name, what they confer with those that they are within, and how they
//! are nested. Changes nothing.

use super::Group;
use crate::actor::Actor;
use crate::error::{Error, Noun, Result};
use crate::id::GroupId;
use crate::page::{Browse, Browsed};
use crate::permissions::BuiltIn;
use crate::roles;
use crate::store::{self, Tx};
use crate::text::{Codename, Name, ShortName};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Some of the environment's, in order of their names.
///
/// # Errors
/// [`Error::Forbidden`] without `view_group`.
pub fn browse(tx: &mut Tx<'_>, actor: &Actor, part: &Browse) -> Result<Browsed<Group>> {
    actor.need(BuiltIn::ViewGroup)?;
    let environment = actor.environment().id;
    let all = store::groups::titles(tx, environment)?;
    let picked = part.pick(all, |(_, name, label): &(GroupId, Name, ShortName)| [name.as_str(), label.as_str()]);
    let ids: Vec<GroupId> = picked.rows.iter().map(|row| row.0).collect();
    let found = store::groups::several(tx, environment, &ids)?;
    let mut found: HashMap<GroupId, Group> = found.into_iter().map(|group| (group.id, group)).collect();
    let rows = ids.iter().filter_map(|id| found.remove(id)).collect();
    Ok(picked.of(rows))
}

/// What a group confers.
#[derive(Debug, PartialEq, Eq)]
pub struct Confers {
    /// Which.
    pub id: GroupId,
    /// Its name.
    pub name: Name,
    /// By itself, in order.
    pub own: Arc<[Codename]>,
    /// With those that its members are in too, in order.
    pub all: Arc<[Codename]>,
    /// Those, with what each confers by itself; without the group.
    pub above: Vec<Arc<super::HeldGroup>>,
}

/// What these groups confer, as they were named; without those that are not there.
///
/// # Errors
/// [`Error::Forbidden`] without `view_group`.
pub fn confers(tx: &mut Tx<'_>, actor: &Actor, groups: &[GroupId]) -> Result<Vec<Confers>> {
    actor.need(BuiltIn::ViewGroup)?;
    let roles = roles::of(tx, actor.environment().id)?;
    let confers = |role: &roles::Role| Confers {
        id: role.held.id,
        name: role.held.name.clone(),
        own: role.held.permissions.clone(),
        all: roles.spelled(std::iter::once(role.held.id)),
        above: role.beyond().filter_map(|id| roles.role(id)).map(|outer| outer.held.clone()).collect(),
    };
    Ok(groups.iter().filter_map(|id| roles.role(*id)).map(confers).collect())
}

/// A group among those that contain others or are contained.
#[derive(Debug, PartialEq, Eq)]
pub struct Nested {
    /// Which.
    pub id: GroupId,
    /// Its name.
    pub name: Name,
    /// The groups that it is directly within, in order.
    pub within: Vec<GroupId>,
}

/// How groups are nested: all that contain others or are contained, or those on the ways up and down from one; in order of
/// their ids, and whether these are all. More than `most` are not told.
///
/// # Errors
/// [`Error::Forbidden`] without `view_group`; [`Error::NotFound`] for the one.
pub fn nesting(tx: &mut Tx<'_>, actor: &Actor, around: Option<GroupId>, most: usize) -> Result<(Vec<Nested>, bool)> {
    actor.need(BuiltIn::ViewGroup)?;
    let roles = roles::of(tx, actor.environment().id)?;
    let part: BTreeSet<GroupId> = match around {
        Some(id) => {
            let above = roles.role(id).ok_or(Error::NotFound(Noun::Group))?.beyond();
            above.chain(roles.within_any(&[id])).collect()
        }
        None => {
            let contained = roles.roles().filter(|role| !role.directly_within().is_empty());
            contained.flat_map(|role| role.directly_within().iter().copied().chain([role.held.id])).collect()
        }
    };
    let nested = |role: &roles::Role| Nested {
        id: role.held.id,
        name: role.held.name.clone(),
        within: role.directly_within().iter().copied().filter(|outer| part.contains(outer)).collect(),
    };
    let told = part.iter().filter_map(|id| roles.role(*id)).map(nested).take(most).collect();
    Ok((told, part.len() <= most))
}
