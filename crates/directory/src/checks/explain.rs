//! Why somebody may do something, or why not: through which groups it comes, since when and by whose doing each step was
//! made, or what is missing. Knows nothing of how an API tells it.

use super::{Scene, Standing, Stands, counting};
use crate::actor::{Actor, Credential};
use crate::clock::Time;
use crate::error::Result;
use crate::groups::{Given, HeldGroup};
use crate::id::{GroupId, PermissionId, UserId};
use crate::permissions::BuiltIn;
use crate::roles::Roles;
use crate::store::users::Access;
use crate::store::{self, Tx, past};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The most ways that are told: by which somebody has a permission, or by which it might. A user may be in 10,000 groups.
const MOST_WAYS: usize = 100;
/// How much is told of the ways.
#[derive(Clone, Copy)]
pub(super) struct Telling {
    /// As many at most.
    pub(super) ways: usize,
    /// Since when each step is as it is, and by whose doing, too.
    pub(super) since: bool,
}

impl Telling {
    /// All that is told.
    pub(super) const WHOLE: Telling = Telling { ways: MOST_WAYS, since: true };
    /// What is remembered.
    pub(super) const SKETCH: Telling = Telling { since: false, ..Telling::WHOLE };
}

/// From before it was noted, or not told.
const UNKNOWN: Given = Given { since: None, by: None };

/// Why, or why not.
#[derive(Debug, PartialEq, Eq)]
pub enum Explanation {
    /// In each of these ways, and perhaps in more than the hundred that are told.
    Because(Vec<Path>),
    /// All of this stands in the way.
    Missing(Vec<Lacking>),
}

/// One way by which a permission comes to a user.
#[derive(Debug, PartialEq, Eq)]
pub enum Path {
    /// It manages the system.
    Operator,
    /// It manages the environment.
    Administrator(Given),
    /// It is in a group that confers it, or within one that does.
    Groups {
        /// The group that the user is in itself, then each that this one is within, up to the one that confers it.
        steps: Vec<Step>,
        /// Since when the last one confers it.
        conferred: Given,
    },
}

/// One group on a way.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub group: Arc<HeldGroup>,
    /// How the user, or the group before, comes to be in it.
    pub within: Within,
    /// Since when.
    pub given: Given,
}

/// How one comes to be in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// The user is a member itself, until then if it ends.
    Member(Option<Time>),
    /// The group before is contained in it.
    Contained,
}

/// What stands in the way.
#[derive(Debug, PartialEq, Eq)]
pub enum Lacking {
    /// The user is inactive.
    Active,
    /// The user has not accepted yet.
    Accepted,
    /// The credential's ceiling lacks it.
    Ceiling,
    /// No group of the user's confers it; these would, as far as the caller may know of groups.
    Group(Vec<Arc<HeldGroup>>),
    /// The caller is no user here.
    User,
}

pub(super) fn explain(
    tx: &mut Tx<'_>,
    actor: &Actor,
    scene: &Scene,
    standing: &Standing<'_>,
    permission: PermissionId,
    telling: Telling,
) -> Result<Explanation> {
    let allowed = standing.may(scene, permission);
    match standing {
        Standing::Nobody => Ok(Explanation::Missing(vec![Lacking::User])),
        Standing::User(user, access) => of_user(tx, actor, scene, (*user, access), permission, telling),
        Standing::Caller(caller, _) if caller.is_operator() => Ok(Explanation::Because(vec![Path::Operator])),
        Standing::Caller(caller, access) => {
            let (Some(access), Some(user)) = (access, caller.user()) else {
                return of_nobody(tx, caller, allowed);
            };
            match of_user(tx, actor, scene, (user, access), permission, telling)? {
                // The account may, and this token of its may not.
                Explanation::Because(_) if !allowed && matches!(caller.credential(), Credential::Token(_)) => {
                    Ok(Explanation::Missing(vec![Lacking::Ceiling]))
                }
                explanation => Ok(explanation),
            }
        }
    }
}

/// Of a caller who is no user here. Whoever is believed all the same manages the system, and its token is good for less.
fn of_nobody(tx: &mut Tx<'_>, caller: &Actor, allowed: bool) -> Result<Explanation> {
    let account = caller.user().map(|user| store::accounts::find(tx, user)).transpose()?.flatten();
    Ok(match account.is_some_and(|account| account.operator) {
        true if allowed => Explanation::Because(vec![Path::Operator]),
        true => Explanation::Missing(vec![Lacking::Ceiling]),
        false => Explanation::Missing(vec![Lacking::User]),
    })
}

fn of_user(
    tx: &mut Tx<'_>,
    actor: &Actor,
    scene: &Scene,
    (user, access): (UserId, &Access),
    permission: PermissionId,
    telling: Telling,
) -> Result<Explanation> {
    let paths = paths(tx, scene, user, access, permission, telling)?;
    if Standing::of_access(access) != Stands::Nothing && !paths.is_empty() {
        return Ok(Explanation::Because(paths));
    }
    let mut missing = Vec::new();
    if !access.active {
        missing.push(Lacking::Active);
    }
    if access.pending {
        missing.push(Lacking::Accepted);
    }
    if paths.is_empty() {
        let would = match actor.power().holds(BuiltIn::ViewGroup.id()) {
            true => conferring(&scene.roles, permission),
            false => Vec::new(),
        };
        missing.push(Lacking::Group(would));
    }
    Ok(Explanation::Missing(missing))
}

/// The groups that confer it, through nesting too, in order of their ids.
fn conferring(roles: &Roles, permission: PermissionId) -> Vec<Arc<HeldGroup>> {
    let mut groups: Vec<Arc<HeldGroup>> = roles
        .roles()
        .filter(|role| role.confers.binary_search(&permission).is_ok())
        .map(|role| role.held.clone())
        .collect();
    groups.sort_unstable_by_key(|group| group.id);
    groups.truncate(MOST_WAYS);
    groups
}

/// Every way by which it would come to the user, were it active and accepted: one for each of its groups that confers it.
pub(super) fn paths(
    tx: &mut Tx<'_>,
    scene: &Scene,
    user: UserId,
    access: &Access,
    permission: PermissionId,
    telling: Telling,
) -> Result<Vec<Path>> {
    let roles = &scene.roles;
    let mut paths = Vec::new();
    if access.operator {
        paths.push(Path::Operator);
    }
    if access.administrator {
        let since = if telling.since { scene.administrator_since(tx, user)? } else { UNKNOWN };
        paths.push(Path::Administrator(since));
    }
    let codename = roles.codename(permission).cloned();
    let confers = |id: GroupId| {
        let held = roles.role(id).map(|role| &role.held.permissions);
        held.zip(codename.as_ref()).is_some_and(|(held, codename)| held.binary_search(codename).is_ok())
    };
    let mut held: Vec<GroupId> = counting(scene.now, access).collect();
    held.sort_unstable();
    for start in held {
        if paths.len() >= telling.ways {
            break;
        }
        // Most of a user's groups do not, and are not gone through.
        if roles.role(start).is_none_or(|role| role.confers.binary_search(&permission).is_err()) {
            continue;
        }
        let Some(way) = shortest(roles, start, &confers) else { continue };
        let ends = access.groups.iter().find(|holding| holding.group == start).and_then(|holding| holding.expires_at);
        let mut steps = Vec::with_capacity(way.len());
        let mut inner = None;
        for id in &way {
            let Some(role) = roles.role(*id) else { continue };
            let (within, given) = match inner.replace(*id) {
                None if telling.since => (Within::Member(ends), scene.in_group_since(tx, user, *id)?),
                Some(inner) if telling.since => (Within::Contained, scene.contained_since(tx, *id, inner)?),
                None => (Within::Member(ends), UNKNOWN),
                Some(_) => (Within::Contained, UNKNOWN),
            };
            steps.push(Step { group: role.held.clone(), within, given });
        }
        let last = way.last().copied().unwrap_or(start);
        let conferred = if telling.since { scene.conferred_since(tx, last, permission)? } else { UNKNOWN };
        paths.push(Path::Groups { steps, conferred });
    }
    Ok(paths)
}

/// Since when, and by whose doing.
impl Scene {
    fn administrator_since(&self, tx: &mut Tx<'_>, user: UserId) -> Result<Given> {
        let given = match self.at {
            None => store::users::administrator_since(tx, self.environment, user)?,
            Some(at) => past::users::administrator_since(tx, self.environment, user, at)?,
        };
        Ok(given.unwrap_or(UNKNOWN))
    }

    fn in_group_since(&self, tx: &mut Tx<'_>, user: UserId, group: GroupId) -> Result<Given> {
        let given = match self.at {
            None => store::groups::user_since(tx, self.environment, user, group)?,
            Some(at) => past::users::in_group_since(tx, self.environment, (user, group), at)?,
        };
        Ok(given.unwrap_or(UNKNOWN))
    }

    fn contained_since(&self, tx: &mut Tx<'_>, group: GroupId, contained: GroupId) -> Result<Given> {
        let given = match self.at {
            None => store::groups::contained_since(tx, self.environment, group, contained)?,
            Some(at) => past::roles::contained_since(tx, self.environment, (group, contained), at)?,
        };
        Ok(given.unwrap_or(UNKNOWN))
    }

    fn conferred_since(&self, tx: &mut Tx<'_>, group: GroupId, permission: PermissionId) -> Result<Given> {
        let given = match self.at {
            None => store::groups::permission_since(tx, self.environment, group, permission)?,
            Some(at) => past::roles::permission_since(tx, self.environment, (group, permission), at)?,
        };
        Ok(given.unwrap_or(UNKNOWN))
    }
}

/// The fewest steps from a group, through those that it is within, to one that confers it by itself.
fn shortest(roles: &Roles, start: GroupId, confers: &dyn Fn(GroupId) -> bool) -> Option<Vec<GroupId>> {
    let mut from: HashMap<GroupId, Option<GroupId>> = HashMap::from([(start, None)]);
    let mut next = VecDeque::from([start]);
    while let Some(id) = next.pop_front() {
        if confers(id) {
            let mut way = vec![id];
            while let Some(Some(inner)) = way.last().and_then(|id| from.get(id)) {
                way.push(*inner);
            }
            way.reverse();
            return Some(way);
        }
        for outer in roles.directly_within(id) {
            if !from.contains_key(outer) {
                from.insert(*outer, Some(id));
                next.push_back(*outer);
            }
        }
    }
    None
}
