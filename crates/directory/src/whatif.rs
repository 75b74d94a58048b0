//! What would be: who would gain and who would lose which permissions, if groups and users were changed so. Nothing is written.
//! Knows nothing of whether the caller may then make the changes: it only looks.

use crate::actor::Actor;
use crate::checks;
use crate::clock::Time;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::groups::{self, GroupRef, Holding};
use crate::id::{GroupId, PermissionId, UserId};
use crate::permissions::BuiltIn;
use crate::roles::{self, Parts, Roles};
use crate::store::users::{Access, Whole};
use crate::store::{self, Tx};
use crate::text::{Codename, ShortName};
use std::collections::{BTreeMap, BTreeSet};

/// The most groups, and the most users, that one call supposes changed.
pub const MOST: usize = 1000;
/// The most users that are looked at, and of those the most that are told.
const LOOKED_AT: usize = 20_000;
const TOLD: usize = 1000;
/// Members that are read at once.
const AT_ONCE: i64 = 1000;

/// What is supposed.
#[derive(Clone, Debug, Default)]
pub struct Suppositions {
    /// Of groups.
    pub groups: Vec<SupposedGroup>,
    /// Of users.
    pub users: Vec<SupposedUser>,
}

/// What would be of a group.
#[derive(Clone, Debug)]
pub struct SupposedGroup {
    /// Which.
    pub group: GroupRef,
    /// It would be gone.
    pub deleted: bool,
    /// It would confer these, by their codenames.
    pub permissions: Option<Vec<String>>,
    /// It would contain these.
    pub contains: Option<Vec<GroupRef>>,
}

/// What would be of a user.
#[derive(Clone, Debug)]
pub struct SupposedUser {
    /// Who, and as it was written.
    pub user: (UserId, String),
    /// It would be in these groups.
    pub groups: Option<Vec<GroupRef>>,
    /// It would be active.
    pub active: Option<bool>,
    /// It would manage the environment.
    pub administrator: Option<bool>,
}

/// What would come of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whoever would gain or lose something, in order of their ids.
    pub users: Vec<Difference>,
    /// That is all of them. Else so many are concerned that only some were looked at.
    pub complete: bool,
}

/// What a user would gain and lose, each in order.
#[derive(Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "say all")]
pub struct Difference {
    pub user: UserId,
    pub name: ShortName,
    pub gains: Vec<Codename>,
    pub loses: Vec<Codename>,
}

/// Works out what would come of it.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user` and `view_group`; [`Error::Invalid`] with all that does not exist here;
/// [`Error::Conflict`] for nesting that cannot be.
pub fn suppose(tx: &mut Tx<'_>, actor: &Actor, what: &Suppositions) -> Result<Outcome> {
    suppose_of(tx, actor, what, LOOKED_AT)
}

/// The same where an answer at once is worth more than a whole one: at most so many users are looked at.
///
/// # Errors
/// As [`suppose`].
pub fn suppose_of(tx: &mut Tx<'_>, actor: &Actor, what: &Suppositions, most: usize) -> Result<Outcome> {
    actor.need(BuiltIn::ViewUser)?;
    actor.need(BuiltIn::ViewGroup)?;
    let environment = actor.environment().id;
    let parts = roles::parts(tx, environment)?;
    let before = Roles::new(parts.clone());
    let mut errors = Vec::new();
    let after = Roles::new(changed(tx, actor, &before, parts, &what.groups, &mut errors)?);
    let users = supposed_users(tx, actor, &what.users, &mut errors)?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if let Some(conflict) = after.nesting_fault() {
        return Err(Error::Conflict(conflict));
    }
    let (concerned, complete) =
        concerned(tx, actor, (&before, &after), users.keys().copied().collect(), most.min(LOOKED_AT))?;
    let mut outcome = Outcome { users: Vec::new(), complete };
    let concerned: Vec<UserId> = concerned.into_iter().collect();
    for some in concerned.chunks(AT_ONCE as usize) {
        for whole in store::users::find_all(tx, environment, some)? {
            let supposed = users.get(&whole.account.id);
            let Some(difference) = difference(tx, (&before, &after), &whole, supposed) else { continue };
            if outcome.users.len() == TOLD {
                return Ok(Outcome { complete: false, ..outcome });
            }
            outcome.users.push(difference);
        }
    }
    Ok(outcome)
}

/// The parts as they would be.
fn changed(
    tx: &mut Tx<'_>,
    actor: &Actor,
    roles: &Roles,
    mut parts: Parts,
    supposed: &[SupposedGroup],
    errors: &mut Vec<FieldError>,
) -> Result<Parts> {
    let environment = actor.environment().id;
    let mut gone = BTreeSet::new();
    for change in supposed {
        let found = groups::resolve_refs(tx, environment, std::slice::from_ref(&change.group), errors)?;
        let Some(id) = found.first().copied() else { continue };
        if change.deleted {
            gone.insert(id);
            continue;
        }
        let permissions = change.permissions.as_ref().map(|codenames| permissions(roles, codenames, errors));
        let contains = match &change.contains {
            Some(named) => Some(groups::resolve_contained(tx, environment, named, errors)?),
            None => None,
        };
        if let Some(group) = parts.groups.iter_mut().find(|group| group.id == id) {
            group.permissions = permissions.unwrap_or_else(|| std::mem::take(&mut group.permissions));
            group.contains = contains.unwrap_or_else(|| std::mem::take(&mut group.contains));
        }
    }
    // At last, whatever else was said of them and in whichever order.
    parts.groups.retain(|group| !gone.contains(&group.id));
    parts.groups.iter_mut().for_each(|group| group.contains.retain(|contained| !gone.contains(contained)));
    Ok(parts)
}

fn permissions(roles: &Roles, codenames: &[String], errors: &mut Vec<FieldError>) -> Vec<PermissionId> {
    let mut ids = BTreeSet::new();
    for codename in codenames {
        match roles.permission(codename) {
            Some(id) => drop(ids.insert(id)),
            None => {
                errors.push(FieldError { field: Field::Permissions, problem: Problem::DoesNotExist(codename.clone()) })
            }
        }
    }
    ids.into_iter().collect()
}

/// What would be of a user, looked up.
struct Supposed<'a> {
    change: &'a SupposedUser,
    groups: Option<Vec<GroupId>>,
}

fn supposed_users<'a>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    supposed: &'a [SupposedUser],
    errors: &mut Vec<FieldError>,
) -> Result<BTreeMap<UserId, Supposed<'a>>> {
    let environment = actor.environment().id;
    let mut users = BTreeMap::new();
    for change in supposed {
        let (user, written) = &change.user;
        if store::users::access(tx, environment, *user)?.is_none() {
            errors.push(FieldError { field: Field::User, problem: Problem::DoesNotExist(written.clone()) });
        }
        let groups = match &change.groups {
            Some(named) => Some(groups::resolve_refs(tx, environment, named, errors)?),
            None => None,
        };
        users.insert(*user, Supposed { change, groups });
    }
    Ok(users)
}

/// The members of all groups that would confer something else than now, beside those who are named; and whether that is all.
fn concerned(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (before, after): (&Roles, &Roles),
    mut users: BTreeSet<UserId>,
    most: usize,
) -> Result<(BTreeSet<UserId>, bool)> {
    let changed = |id: GroupId| after.role(id).map(|role| &role.confers) != before.role(id).map(|role| &role.confers);
    let groups: Vec<GroupId> = before.roles().map(|role| role.held.id).filter(|id| changed(*id)).collect();
    let environment = actor.environment().id;
    // One more than is looked at, to know whether that is all.
    let enough = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let ids: Vec<i64> = groups.iter().map(|group| group.0).collect();
    let few = store::groups::members_of_any(tx, environment, &ids, enough)?;
    if (few.len() as i64) < enough {
        users.extend(few);
    } else {
        // Whoever is in several of them stands there several times: group by group, then.
        for group in groups {
            let mut last = (Time::from_micros(0), UserId(uuid::Uuid::nil()));
            while users.len() <= most {
                let members = store::groups::members(tx, environment, group, last, AT_ONCE.min(enough))?;
                let Some(newest) = members.last().copied() else { break };
                last = newest;
                users.extend(members.into_iter().map(|(_, user)| user));
            }
        }
    }
    let complete = users.len() <= most;
    Ok((users.into_iter().take(most).collect(), complete))
}

/// What one user would gain and lose; `None`: nothing.
fn difference(
    tx: &Tx<'_>,
    (before, after): (&Roles, &Roles),
    whole: &Whole,
    supposed: Option<&Supposed<'_>>,
) -> Option<Difference> {
    let now = Access::of(whole);
    let mut then = Access::of(whole);
    if let Some(Supposed { change, groups }) = supposed {
        then.active = change.active.unwrap_or(then.active);
        then.administrator = change.administrator.unwrap_or(then.administrator);
        if let Some(groups) = groups {
            let held = |group: &GroupId| now.groups.iter().find(|holding| holding.group == *group).copied();
            let fresh = |group: &GroupId| Holding { group: *group, expires_at: None };
            let counting = |group: &GroupId| held(group).filter(|holding| holding.counts(tx.now()));
            then.groups = groups.iter().map(|group| counting(group).unwrap_or_else(|| fresh(group))).collect();
        }
    }
    let (was, would) = (checks::effective(tx, before, &now), checks::effective(tx, after, &then));
    let without = |all: &[Codename], others: &[Codename]| -> Vec<Codename> {
        all.iter().filter(|codename| others.binary_search(codename).is_err()).cloned().collect()
    };
    let (gains, loses) = (without(&would, &was), without(&was, &would));
    let name = whole.membership.name.clone();
    (!gains.is_empty() || !loses.is_empty()).then_some(Difference { user: whole.account.id, name, gains, loses })
}
