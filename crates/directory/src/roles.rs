//! What an environment's groups confer and bring, all of it at once: a user's groups are then looked up, not joined. Remembered
//! while nothing of it changes. Knows nothing of users, nor of who may look.

mod nesting;

use crate::clock::Time;
use crate::environments::Environment;
use crate::error::{Conflict, Error, Noun, Result};
use crate::groups::{GroupRef, HeldGroup};
use crate::id::{EnvironmentId, GroupId, MenuId, PermissionId};
use crate::menus::{HeldMenu, MenuRef};
use crate::permissions;
use crate::store::memory::Mark;
use crate::store::{self, Tx, past};
use crate::text::{Codename, Name, fold};
use nesting::Nesting;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

/// An environment's groups, permissions and menus by id, and by name.
pub(crate) struct Roles {
    environment: Arc<Environment>,
    /// In order of the ids: most environments have few, and a list of those stays nearer to the processor than a map.
    groups: Box<[(GroupId, Role)]>,
    groups_by_name: HashMap<String, GroupId>,
    permissions: Arc<Permissions>,
    menus: HashMap<MenuId, Name>,
    menus_by_name: HashMap<String, MenuId>,
    fault: Option<Conflict>,
    /// A group demands a second factor of its members.
    demanding: bool,
}

/// An environment's permissions. Most environments have Rolebook's own and few besides: lists in order take a fifth of the
/// room of maps, and that many more environments stay near the processor.
#[derive(PartialEq)]
struct Permissions {
    /// In order.
    all: Arc<[Codename]>,
    /// Theirs, one by one.
    ids: Box<[PermissionId]>,
    /// In order of the ids.
    by_id: Box<[(PermissionId, Codename)]>,
}

impl Permissions {
    /// Those of whoever has Rolebook's own alone are one list for all of them.
    fn shared(by_id: Vec<(PermissionId, Codename)>) -> Arc<Permissions> {
        static OWN: LazyLock<Arc<Permissions>> =
            LazyLock::new(|| Arc::new(Permissions::new(permissions::own().to_vec())));
        let permissions = Permissions::new(by_id);
        if permissions == **OWN { OWN.clone() } else { Arc::new(permissions) }
    }

    fn new(mut by_id: Vec<(PermissionId, Codename)>) -> Permissions {
        by_id.sort_unstable();
        let mut by_codename: Vec<&(PermissionId, Codename)> = by_id.iter().collect();
        by_codename.sort_unstable_by_key(|(_, codename)| codename);
        Permissions {
            all: by_codename.iter().map(|(_, codename)| codename.clone()).collect(),
            ids: by_codename.iter().map(|(id, _)| *id).collect(),
            by_id: by_id.into(),
        }
    }

    fn codename(&self, id: PermissionId) -> Option<&Codename> {
        let place = self.by_id.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.by_id.get(place).map(|(_, codename)| codename)
    }

    fn id(&self, codename: &str) -> Option<PermissionId> {
        let place = self.all.binary_search_by(|own| own.as_str().cmp(codename)).ok()?;
        self.ids.get(place).copied()
    }

    fn spell<'i>(&self, ids: impl Iterator<Item = &'i PermissionId>) -> Arc<[Codename]> {
        let mut spelled: Vec<Codename> = ids.filter_map(|id| self.codename(*id).cloned()).collect();
        spelled.sort_unstable();
        spelled.into()
    }
}

/// A group, with what comes of nesting.
pub(crate) struct Role {
    /// As users hold it: with what it confers by itself.
    pub(crate) held: Arc<HeldGroup>,
    /// The groups that it is directly within, in order.
    within: Vec<GroupId>,
    /// The groups that its members are in, itself among them, in order.
    above: Vec<GroupId>,
    /// What it confers with all of those, in order.
    pub(crate) confers: Arc<[PermissionId]>,
    /// The same as it is spelled, in order.
    spelled: Arc<[Codename]>,
    /// The menus that it brings by itself, in order.
    menus: Vec<MenuId>,
    /// It, or a group that its members are in too, demands a second factor of them.
    second_factor: bool,
}

impl Role {
    /// The groups that it is directly within, in order.
    pub(crate) fn directly_within(&self) -> &[GroupId] {
        &self.within
    }

    /// The groups that its members are in besides itself, in order.
    pub(crate) fn beyond(&self) -> impl Iterator<Item = GroupId> {
        self.above.iter().copied().filter(|id| *id != self.held.id)
    }
}

/// What roles are made of, as the store has it or as somebody asks what would be.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) environment: Arc<Environment>,
    /// All of the environment's.
    pub(crate) permissions: Vec<(PermissionId, Codename)>,
    pub(crate) groups: Vec<GroupParts>,
    pub(crate) menus: Vec<(MenuId, Name)>,
}

/// A group by itself.
#[derive(Clone)]
pub(crate) struct GroupParts {
    pub(crate) id: GroupId,
    pub(crate) name: Name,
    pub(crate) permissions: Vec<PermissionId>,
    pub(crate) contains: Vec<GroupId>,
    pub(crate) menus: Vec<MenuId>,
    /// It demands a second factor of its members.
    pub(crate) second_factor: bool,
}

/// The environment's roles as this transaction sees them.
pub(crate) fn of(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Arc<Roles>> {
    if let Some(roles) = remembered(tx, environment) {
        return Ok(roles);
    }
    let roles = Arc::new(Roles::new(parts(tx, environment)?));
    tx.remember(|memories| &memories.roles, environment, roles.clone(), &[Mark::Environment(environment)]);
    Ok(roles)
}

/// The environment's roles as of a time at which they changed: what they conferred, not which menus they brought.
pub(crate) fn at(tx: &mut Tx<'_>, environment: EnvironmentId, changed: Time) -> Result<Arc<Roles>> {
    let key = (environment, changed);
    if let Some(roles) = tx.recall(|memories| &memories.past_roles, &key) {
        return Ok(roles);
    }
    let mut now = store::environments::find(tx, environment)?.ok_or(Error::NotFound(Noun::Environment))?;
    if let Some((key, name)) = past::roles::environment(tx, environment, changed)? {
        (now.key, now.name) = (key, name);
    }
    let parts = Parts {
        environment: Arc::new(now),
        permissions: past::roles::permissions(tx, environment, changed)?,
        groups: past::roles::groups(tx, environment, changed)?,
        menus: past::roles::menus(tx, environment, changed)?,
    };
    let roles = Arc::new(Roles::new(parts));
    // What was stays so; but what another node writes may have begun before.
    tx.remember(|memories| &memories.past_roles, key, roles.clone(), &[Mark::Environment(environment)]);
    Ok(roles)
}

/// The same, if they are remembered.
pub(crate) fn remembered(tx: &Tx<'_>, environment: EnvironmentId) -> Option<Arc<Roles>> {
    tx.recall(|memories| &memories.roles, &environment)
}

/// What they are made of.
pub(crate) fn parts(tx: &mut Tx<'_>, id: EnvironmentId) -> Result<Parts> {
    let environment = store::environments::find(tx, id)?.ok_or(Error::NotFound(Noun::Environment))?;
    let permissions = store::permissions::list(tx, id)?;
    Ok(Parts {
        environment: Arc::new(environment),
        permissions: permissions.into_iter().map(|p| (p.id, permissions::shared(&p))).collect(),
        groups: store::groups::parts(tx, id)?,
        menus: store::menus::names(tx, id)?,
    })
}

impl Roles {
    /// Works out what comes of the parts.
    pub(crate) fn new(parts: Parts) -> Roles {
        let Parts { environment, permissions, groups, menus } = parts;
        let permissions = Permissions::shared(permissions);
        let nesting = Nesting::new(&groups);
        let own: HashMap<GroupId, &[PermissionId]> =
            groups.iter().map(|group| (group.id, group.permissions.as_slice())).collect();
        let demanding: BTreeSet<GroupId> =
            groups.iter().filter(|group| group.second_factor).map(|group| group.id).collect();
        let role = |group: &GroupParts| {
            let above = nesting.above(group.id);
            let second_factor = !demanding.is_empty() && above.iter().any(|id| demanding.contains(id));
            let held = permissions.spell(group.permissions.iter());
            let confers: BTreeSet<PermissionId> =
                above.iter().filter_map(|id| own.get(id)).flat_map(|own| own.iter().copied()).collect();
            let alone = above.len() == 1;
            let spelled = if alone { held.clone() } else { permissions.spell(confers.iter()) };
            let held = Arc::new(HeldGroup { id: group.id, name: group.name.clone(), permissions: held });
            let confers = confers.into_iter().collect();
            let within = nesting.directly(group.id).to_vec();
            let menus = group.menus.clone();
            (group.id, Role { held, within, above, confers, spelled, menus, second_factor })
        };
        let mut roles: Vec<(GroupId, Role)> = groups.iter().map(role).collect();
        roles.sort_unstable_by_key(|(id, _)| *id);
        Roles {
            environment,
            groups: roles.into(),
            groups_by_name: groups.iter().map(|group| (fold(group.name.as_str()), group.id)).collect(),
            menus_by_name: menus.iter().map(|(id, name)| (name.as_str().to_owned(), *id)).collect(),
            menus: menus.into_iter().collect(),
            fault: nesting.fault(&groups),
            demanding: !demanding.is_empty(),
            permissions,
        }
    }

    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> u64 {
        let groups = self.roles().map(|role| 600 + 40 * role.confers.len() + 16 * role.above.len());
        let size = 1000 + 100 * self.permissions.all.len() + 200 * self.menus.len() + groups.sum::<usize>();
        size as u64
    }

    /// The environment itself.
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        &self.environment
    }

    /// All of the environment's permissions, in order.
    pub(crate) fn all(&self) -> Arc<[Codename]> {
        self.permissions.all.clone()
    }

    /// What is wrong with how groups are nested.
    pub(crate) fn nesting_fault(&self) -> Option<Conflict> {
        self.fault.clone()
    }

    /// Whether any group demands a second factor of its members.
    pub(crate) fn any_demands_second_factor(&self) -> bool {
        self.demanding
    }

    /// Whether any of these does, through nesting too.
    pub(crate) fn demand_second_factor(&self, mut groups: impl Iterator<Item = GroupId>) -> bool {
        groups.any(|id| self.role(id).is_some_and(|role| role.second_factor))
    }

    /// A group.
    pub(crate) fn role(&self, id: GroupId) -> Option<&Role> {
        let place = self.groups.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.groups.get(place).map(|(_, role)| role)
    }

    /// These groups and all that they contain, in order.
    pub(crate) fn within_any(&self, outer: &[GroupId]) -> Vec<GroupId> {
        let contained = |role: &&Role| outer.iter().any(|group| role.above.binary_search(group).is_ok());
        let inner = self.roles().filter(contained).map(|role| role.held.id);
        inner.chain(outer.iter().copied()).collect::<BTreeSet<GroupId>>().into_iter().collect()
    }

    /// The groups that a group is directly within, in order.
    pub(crate) fn directly_within(&self, id: GroupId) -> &[GroupId] {
        self.role(id).map_or(&[], |role| &role.within)
    }

    /// All groups, in no order.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &Role> {
        self.groups.iter().map(|(_, role)| role)
    }

    /// The group that a call names.
    pub(crate) fn group(&self, named: &GroupRef) -> Option<GroupId> {
        match named {
            GroupRef::Id(id, _) => id.filter(|id| self.role(*id).is_some()),
            GroupRef::Name(name) => {
                let id = self.groups_by_name.get(&fold(name))?;
                // Looked up in any case, and meant exactly.
                self.role(*id).filter(|role| role.held.name.as_str() == name).map(|role| role.held.id)
            }
        }
    }

    /// The menu that a call names.
    pub(crate) fn menu(&self, named: &MenuRef) -> Option<MenuId> {
        match named {
            MenuRef::Id(id, _) => id.filter(|id| self.menus.contains_key(id)),
            MenuRef::Name(name) => self.menus_by_name.get(name).copied(),
        }
    }

    /// The permission with this codename.
    pub(crate) fn permission(&self, codename: &str) -> Option<PermissionId> {
        self.permissions.id(codename)
    }

    /// What a permission is called.
    pub(crate) fn codename(&self, id: PermissionId) -> Option<&Codename> {
        self.permissions.codename(id)
    }

    /// The groups whose members have a permission, through nesting too, in order of their ids, if there is such a permission.
    pub(crate) fn conferring(&self, permission: &Codename) -> Option<Vec<GroupId>> {
        self.permission(permission.as_str()).map(|permission| self.conferring_id(permission))
    }

    /// The same by the permission's id: nobody, if there is no such permission.
    pub(crate) fn conferring_id(&self, permission: PermissionId) -> Vec<GroupId> {
        let confers = |role: &&Role| role.confers.binary_search(&permission).is_ok();
        self.roles().filter(confers).map(|role| role.held.id).collect()
    }

    /// All menus, in no order.
    pub(crate) fn all_menus(&self) -> impl Iterator<Item = HeldMenu> {
        self.menus.iter().map(|(id, name)| HeldMenu { id: *id, name: name.clone() })
    }

    /// These menus, in this order.
    pub(crate) fn menus(&self, ids: &[MenuId]) -> Vec<HeldMenu> {
        ids.iter().filter_map(|id| self.menus.get(id).map(|name| HeldMenu { id: *id, name: name.clone() })).collect()
    }

    /// The menus that these groups bring, through nesting too: in order of the groups, a menu may come more than once.
    pub(crate) fn menus_of(&self, groups: impl Iterator<Item = GroupId>) -> Vec<MenuId> {
        let above: BTreeSet<GroupId> =
            groups.filter_map(|id| self.role(id)).flat_map(|role| role.above.iter().copied()).collect();
        above.iter().filter_map(|id| self.role(*id)).flat_map(|role| role.menus.iter().copied()).collect()
    }

    /// Whether any of these groups confers it.
    pub(crate) fn confer(&self, mut groups: impl Iterator<Item = GroupId>, permission: PermissionId) -> bool {
        groups.any(|id| self.role(id).is_some_and(|role| role.confers.binary_search(&permission).is_ok()))
    }

    /// What these groups confer together, in order of the ids.
    pub(crate) fn conferred(&self, groups: impl Iterator<Item = GroupId>) -> Vec<PermissionId> {
        let union: BTreeSet<PermissionId> =
            groups.filter_map(|id| self.role(id)).flat_map(|role| role.confers.iter().copied()).collect();
        union.into_iter().collect()
    }

    /// The same as it is spelled, in order.
    pub(crate) fn spelled(&self, groups: impl Iterator<Item = GroupId>) -> Arc<[Codename]> {
        let mut roles = groups.filter_map(|id| self.role(id));
        let Some(first) = roles.next() else { return Arc::default() };
        let rest: Vec<&Role> = roles.collect();
        if rest.is_empty() {
            return first.spelled.clone();
        }
        let mut union: Vec<Codename> =
            std::iter::once(first).chain(rest).flat_map(|role| role.spelled.iter().cloned()).collect();
        union.sort_unstable();
        union.dedup();
        union.into()
    }
}
