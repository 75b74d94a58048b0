//! What groups, memberships and time come to, worked out as naively as can be: plain maps and recursion, nothing remembered.

use directory::clock::Time;
use directory::id::{GroupId, UserId};
use directory::permissions::BuiltIn;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked about: some of the directory's own, some of an application's.
pub(super) const ASKED: [&str; 5] = ["view_user", "view_group", "approve", "pay", "ship"];
/// Those that the environment declares.
pub(super) const DECLARED: [&str; 3] = ["approve", "pay", "ship"];
/// The most groups on a way up.
const DEEPEST: usize = 16;

pub(super) type Permissions = BTreeSet<&'static str>;

/// A group: what it confers by itself and what it contains, each since when.
#[derive(Clone, Default)]
pub(super) struct Group {
    pub(super) permissions: BTreeMap<&'static str, Time>,
    pub(super) contains: BTreeMap<GroupId, Time>,
}

#[derive(Clone, Copy)]
pub(super) struct Held {
    pub(super) ends: Option<Time>,
    pub(super) since: Time,
}

#[derive(Clone, Default)]
pub(super) struct User {
    pub(super) operator: bool,
    pub(super) administrator: bool,
    pub(super) active: bool,
    pub(super) pending: bool,
    /// Those too that have ended, until they are swept up.
    pub(super) held: BTreeMap<GroupId, Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Cycle,
    TooDeep,
}

#[derive(Clone)]
pub(super) struct Model {
    pub(super) now: Time,
    pub(super) groups: BTreeMap<GroupId, Group>,
    pub(super) users: BTreeMap<UserId, User>,
}

impl Model {
    /// The groups that a group is directly within.
    pub(super) fn around(&self, id: GroupId) -> impl Iterator<Item = GroupId> {
        self.groups.iter().filter(move |(_, group)| group.contains.contains_key(&id)).map(|(outer, _)| *outer)
    }

    pub(super) fn confers(&self, id: GroupId) -> Permissions {
        let own = self.groups[&id].permissions.keys().copied();
        own.chain(self.around(id).flat_map(|outer| self.confers(outer))).collect()
    }

    pub(super) fn counts(&self, held: Held) -> bool {
        held.ends.is_none_or(|end| self.now < end)
    }

    /// The groups that a user is in itself, as far as that has not ended.
    pub(super) fn counting(&self, user: UserId) -> Vec<GroupId> {
        self.users[&user].held.iter().filter(|(_, held)| self.counts(**held)).map(|(id, _)| *id).collect()
    }

    pub(super) fn may(&self, user: UserId) -> Permissions {
        match &self.users[&user] {
            User { operator: true, .. } => all(),
            User { active, pending, .. } if !active || *pending => Permissions::new(),
            User { administrator: true, .. } => all(),
            _ => self.counting(user).into_iter().flat_map(|id| self.confers(id)).collect(),
        }
    }

    /// What must not be.
    pub(super) fn fault(&self) -> Option<Fault> {
        if self.groups.keys().any(|id| self.above(*id).contains(id)) {
            return Some(Fault::Cycle);
        }
        self.groups.keys().any(|id| self.height(*id) > DEEPEST).then_some(Fault::TooDeep)
    }

    /// The groups that a group is within, at whatever remove.
    fn above(&self, id: GroupId) -> BTreeSet<GroupId> {
        let mut above: BTreeSet<GroupId> = self.around(id).collect();
        loop {
            let more: BTreeSet<GroupId> = above.iter().flat_map(|id| self.around(*id)).collect();
            if more.is_subset(&above) {
                return above;
            }
            above.extend(more);
        }
    }

    fn height(&self, id: GroupId) -> usize {
        1 + self.around(id).map(|outer| self.height(outer)).max().unwrap_or(0)
    }

    // What changes.

    pub(super) fn delete_group(&mut self, id: GroupId) {
        self.groups.remove(&id);
        self.groups.values_mut().for_each(|group| group.contains.retain(|inner, _| *inner != id));
        self.users.values_mut().for_each(|user| user.held.retain(|held, _| *held != id));
    }

    pub(super) fn set_permissions(&mut self, id: GroupId, permissions: &Permissions) {
        let now = self.now;
        let group = self.groups.get_mut(&id).unwrap();
        let before = group.clone();
        group.permissions.retain(|permission, _| permissions.contains(permission));
        group
            .permissions
            .extend(permissions.iter().filter(|p| !before.permissions.contains_key(*p)).map(|p| (*p, now)));
    }

    pub(super) fn set_contained(&mut self, id: GroupId, contains: &BTreeSet<GroupId>) {
        let now = self.now;
        let group = self.groups.get_mut(&id).unwrap();
        let before = group.clone();
        group.contains.retain(|inner, _| contains.contains(inner));
        group
            .contains
            .extend(contains.iter().filter(|inner| !before.contains.contains_key(inner)).map(|inner| (*inner, now)));
    }

    /// Replaces a user's groups: each with its end, or with the one that it has.
    pub(super) fn set_groups(&mut self, user: UserId, wanted: &BTreeMap<GroupId, Option<Option<Time>>>) {
        let now = self.now;
        let counting = self.counting(user);
        let held = &mut self.users.get_mut(&user).unwrap().held;
        held.retain(|id, _| wanted.contains_key(id) || !counting.contains(id));
        for (id, wish) in wanted {
            let before = held.get(id).copied().filter(|_| counting.contains(id));
            let ends = wish.unwrap_or(before.and_then(|held| held.ends));
            if before.is_none_or(|held| held.ends != ends) {
                held.insert(*id, Held { ends, since: now });
            }
        }
    }

    /// Forgets what has ended; how much that was.
    pub(super) fn sweep(&mut self) -> usize {
        let now = self.now;
        let counted = |model: &Model| model.users.values().map(|user| user.held.len()).sum::<usize>();
        let before = counted(self);
        self.users.values_mut().for_each(|user| user.held.retain(|_, held| held.ends.is_none_or(|end| now < end)));
        before - counted(self)
    }

    /// When the next membership ends.
    pub(super) fn next_end(&self) -> Option<Time> {
        let held = self.users.values().flat_map(|user| user.held.values());
        held.filter_map(|held| held.ends).filter(|end| *end > self.now).min()
    }
}

/// All that there is.
pub(super) fn all() -> Permissions {
    BuiltIn::ALL.iter().map(|known| known.codename()).chain(DECLARED).collect()
}
