//! Who holds a permission, or held it at a time, and through what. Knows nothing of how an API spells it.

use crate::actor::Actor;
use crate::checks::{self, Path};
use crate::clock::Time;
use crate::error::{Error, Noun, Result};
use crate::history;
use crate::id::{PermissionId, UserId};
use crate::page::{Cursor, CursorValue, Direction, Page};
use crate::store::Tx;
use crate::store::past::holders::{self, Sought};
use crate::users::{self, User};

/// Those who may hold it and do not (they are inactive, or their membership has ended) are passed by until so many pages'
/// worth were looked at; then the page stays short, and the next goes on.
const LOOKS: i64 = 10;

/// Somebody who holds a permission.
#[derive(Debug)]
pub struct Holder {
    /// Who, as of then.
    pub user: User,
    /// In which ways; a hundred at most.
    pub paths: Vec<Path>,
}

/// One page of those who can do something now, or could at a time, in order of when they came to be here.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user`, and for the past without `view_audit`; [`Error::NotFound`] for a permission that
/// is not there, or was not; [`Error::Invalid`] for a time of which nothing is known.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    permission: PermissionId,
    at: Option<Time>,
    (after, limit): (Option<&Cursor>, i64),
) -> Result<Page<Holder>> {
    history::need_to_see_all(actor, at)?;
    if let Some(at) = at {
        history::need_known(tx, actor, at)?;
    }
    let scene = checks::Scene::of(tx, actor.environment().id, at)?;
    if scene.roles.codename(permission).is_none() {
        return Err(Error::NotFound(Noun::Permission));
    }
    let groups = scene.roles.conferring_id(permission);
    let mut sought = Sought {
        environment: actor.environment().id,
        groups: &groups,
        at: scene.now,
        after: after.and_then(|cursor| Some((cursor.value.time()?, cursor.id))),
        most: limit + 1,
    };
    let mut rows: Vec<Holder> = Vec::new();
    for _ in 0..LOOKS {
        let met = holders::list(tx, &sought)?;
        for (user, _) in &met {
            if let Some(holder) = holder(tx, &scene, *user, permission)? {
                if rows.len() as i64 == limit {
                    let next = rows.last().map(|last| cursor(last.user.membership.created_at, last.user.account.id));
                    return Ok(Page { rows, next, previous: None });
                }
                rows.push(holder);
            }
        }
        sought.after = met.last().map(|(user, age)| (*age, *user));
        if (met.len() as i64) < sought.most {
            return Ok(Page { rows, next: None, previous: None });
        }
    }
    let next = sought.after.map(|(age, user)| cursor(age, user));
    Ok(Page { rows, next, previous: None })
}

fn cursor(age: Time, id: UserId) -> Cursor {
    Cursor { direction: Direction::Forward, value: CursorValue::Time(age), id }
}

/// The user, if it holds the permission.
fn holder(tx: &mut Tx<'_>, scene: &checks::Scene, user: UserId, permission: PermissionId) -> Result<Option<Holder>> {
    let Some(whole) = scene.user(tx, user)? else { return Ok(None) };
    let paths = scene.ways(tx, user, &whole, permission)?;
    Ok((!paths.is_empty()).then(|| Holder { user: users::of_roles(&scene.roles, scene.now, whole), paths }))
}
