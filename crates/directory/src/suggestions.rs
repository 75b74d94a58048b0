//! What somebody may mean who has typed a part of a name: groups, menus and permissions of the environment, out of what is
//! remembered of its roles, so that asking at each key costs no query. Knows nothing of what becomes of the choice.

use crate::actor::Actor;
use crate::error::Result;
use crate::groups::{GroupRef, HeldGroup};
use crate::id::{GroupId, MenuId};
use crate::menus::HeldMenu;
use crate::permissions::BuiltIn;
use crate::roles;
use crate::store::Tx;
use crate::text::{Codename, fold};
use std::sync::Arc;

/// The most that are suggested at once: more than anybody reads, and little to send.
pub const MOST: usize = 50;

/// Groups whose names hold this, in any case: those that begin so first, then by name.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `view_group`.
pub fn groups(tx: &mut Tx<'_>, actor: &Actor, part: &str) -> Result<Vec<Arc<HeldGroup>>> {
    actor.need(BuiltIn::ViewGroup)?;
    let roles = roles::of(tx, actor.environment().id)?;
    Ok(best(part, roles.roles().map(|role| &role.held), |group| group.name.as_str()))
}

/// The group of exactly this name, if there is one.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `view_group`.
pub fn group(tx: &mut Tx<'_>, actor: &Actor, name: &str) -> Result<Option<GroupId>> {
    actor.need(BuiltIn::ViewGroup)?;
    Ok(roles::of(tx, actor.environment().id)?.group(&GroupRef::Name(name.to_owned())))
}

/// Those of these groups that are there, in this order.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `view_group`.
pub fn groups_of(tx: &mut Tx<'_>, actor: &Actor, ids: &[GroupId]) -> Result<Vec<Arc<HeldGroup>>> {
    actor.need(BuiltIn::ViewGroup)?;
    let roles = roles::of(tx, actor.environment().id)?;
    Ok(ids.iter().filter_map(|id| roles.role(*id)).map(|role| role.held.clone()).collect())
}

/// Menus whose names hold this, in any case: those that begin so first, then by name.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `view_menu`.
pub fn menus(tx: &mut Tx<'_>, actor: &Actor, part: &str) -> Result<Vec<HeldMenu>> {
    actor.need(BuiltIn::ViewMenu)?;
    let roles = roles::of(tx, actor.environment().id)?;
    let all: Vec<HeldMenu> = roles.all_menus().collect();
    Ok(best(part, all.iter(), |menu| menu.name.as_str()))
}

/// Those of these menus that are there, in this order.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `view_menu`.
pub fn menus_of(tx: &mut Tx<'_>, actor: &Actor, ids: &[MenuId]) -> Result<Vec<HeldMenu>> {
    actor.need(BuiltIn::ViewMenu)?;
    Ok(roles::of(tx, actor.environment().id)?.menus(ids))
}

/// Permissions whose codenames hold this: those that begin so first, then in order.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `view_permission`.
pub fn permissions(tx: &mut Tx<'_>, actor: &Actor, part: &str) -> Result<Vec<Codename>> {
    actor.need(BuiltIn::ViewPermission)?;
    let all = roles::of(tx, actor.environment().id)?.all();
    Ok(best(part, all.iter(), Codename::as_str))
}

fn best<'t, T: Clone + 't>(part: &str, all: impl Iterator<Item = &'t T>, name: fn(&T) -> &str) -> Vec<T> {
    let part = fold(part.trim());
    let mut fitting: Vec<(bool, String, &T)> = all
        .filter_map(|thing| {
            let folded = fold(name(thing));
            folded.find(&part).map(|place| (place > 0, folded, thing))
        })
        .collect();
    fitting.sort_unstable_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    fitting.into_iter().take(MOST).map(|(_, _, thing)| thing.clone()).collect()
}
