//! What an environment's groups confer and bring, all of it at once: a user's groups are then looked up, not joined. Remembered
//! while nothing of it changes. Knows nothing of users.

use crate::environments::Environment;
use crate::error::{Error, Noun, Result};
use crate::groups::{GroupRef, HeldGroup};
use crate::id::{EnvironmentId, GroupId, MenuId};
use crate::menus::{HeldMenu, MenuRef};
use crate::store::memory::Mark;
use crate::store::{self, Tx};
use crate::text::{Codename, Name, fold};
use std::collections::HashMap;
use std::sync::Arc;

/// An environment's groups, permissions and menus by id, and by name.
pub(crate) struct Roles {
    environment: Arc<Environment>,
    groups: HashMap<GroupId, Arc<HeldGroup>>,
    groups_by_name: HashMap<String, GroupId>,
    menus: HashMap<MenuId, Name>,
    menus_by_name: HashMap<String, MenuId>,
    all: Arc<[Codename]>,
}

/// The environment's roles as this transaction sees them.
pub(crate) fn of(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Arc<Roles>> {
    if let Some(roles) = remembered(tx, environment) {
        return Ok(roles);
    }
    let roles = Arc::new(load(tx, environment)?);
    tx.remember(|memories| &memories.roles, environment, roles.clone(), &[Mark::Environment(environment)]);
    Ok(roles)
}

/// The same, if they are remembered.
pub(crate) fn remembered(tx: &Tx<'_>, environment: EnvironmentId) -> Option<Arc<Roles>> {
    tx.recall(|memories| &memories.roles, &environment)
}

fn load(tx: &mut Tx<'_>, id: EnvironmentId) -> Result<Roles> {
    let environment = store::environments::find(tx, id)?.ok_or(Error::NotFound(Noun::Environment))?;
    let groups = store::groups::list_held(tx, id)?;
    let menus = store::menus::names(tx, id)?;
    Ok(Roles {
        environment: Arc::new(environment),
        groups_by_name: groups.iter().map(|group| (fold(group.name.as_str()), group.id)).collect(),
        menus_by_name: menus.iter().map(|(id, name)| (name.as_str().to_owned(), *id)).collect(),
        groups: groups.into_iter().map(|group| (group.id, Arc::new(group))).collect(),
        menus: menus.into_iter().collect(),
        all: store::permissions::codenames(tx, id)?.into(),
    })
}

impl Roles {
    /// The environment itself.
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        &self.environment
    }

    /// All of the environment's permissions, in order.
    pub(crate) fn all(&self) -> Arc<[Codename]> {
        self.all.clone()
    }

    /// The group that a call names.
    pub(crate) fn group(&self, named: &GroupRef) -> Option<GroupId> {
        match named {
            GroupRef::Id(id, _) => id.filter(|id| self.groups.contains_key(id)),
            GroupRef::Name(name) => self.groups_by_name.get(&fold(name)).copied(),
        }
    }

    /// The menu that a call names.
    pub(crate) fn menu(&self, named: &MenuRef) -> Option<MenuId> {
        match named {
            MenuRef::Id(id, _) => id.filter(|id| self.menus.contains_key(id)),
            MenuRef::Name(name) => self.menus_by_name.get(name).copied(),
        }
    }

    /// The groups that confer a permission, in order of their ids, if there is such a permission.
    pub(crate) fn conferring(&self, permission: &Codename) -> Option<Vec<GroupId>> {
        self.all.binary_search(permission).ok()?;
        let holds = |group: &&Arc<HeldGroup>| group.permissions.binary_search(permission).is_ok();
        let mut groups: Vec<GroupId> = self.groups.values().filter(holds).map(|group| group.id).collect();
        groups.sort_unstable();
        Some(groups)
    }

    /// These groups, in order of their ids.
    pub(crate) fn groups(&self, ids: &[GroupId]) -> Vec<Arc<HeldGroup>> {
        let mut held: Vec<Arc<HeldGroup>> = ids.iter().filter_map(|id| self.groups.get(id).cloned()).collect();
        held.sort_unstable_by_key(|group| group.id);
        held
    }

    /// These menus, in this order.
    pub(crate) fn menus(&self, ids: &[MenuId]) -> Vec<HeldMenu> {
        ids.iter().filter_map(|id| self.menus.get(id).map(|name| HeldMenu { id: *id, name: name.clone() })).collect()
    }

    /// What these groups confer together, in order, each once.
    pub(crate) fn union(groups: &[Arc<HeldGroup>]) -> Arc<[Codename]> {
        match groups {
            [only] => only.permissions.clone(),
            several => {
                let mut union: Vec<Codename> =
                    several.iter().flat_map(|group| group.permissions.iter().cloned()).collect();
                union.sort_unstable();
                union.dedup();
                union.into()
            }
        }
    }
}
