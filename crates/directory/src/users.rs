//! Users: accounts seen in one environment. Knows what a user is and who may look at one; making, changing and removing
//! stand in the files below. Knows nothing of how an API spells one.

mod calls;
mod changes;
mod create;
mod plan;
mod remove;
mod update;

pub use calls::OwnPassword;
pub use changes::{MenusChange, UserChanges};
pub use create::{Added, NewUser};
pub use remove::remove;

pub(crate) use create::{WithoutPassword, create, judge_create, upsert};
pub(crate) use remove::leave;
pub(crate) use update::{
    Prepared, current_password_hash, judge_own, judge_own_password, judge_update, update, update_own, update_service,
    wrong_current_password,
};

use crate::accounts::Account;
use crate::actor::Actor;
use crate::clock::Time;
use crate::environments::Environment;
use crate::error::{Error, Field, Noun, Problem, Result};
use crate::groups::{HeldGroup, Holding};
use crate::history;
use crate::id::{EnvironmentId, UserId};
use crate::locale::Locale;
use crate::menus::{self, HeldMenu, Menu};
use crate::page::{self, Cursor, CursorValue, Direction, OrderBy, Page, UserFilter, UserPage};
use crate::permissions::BuiltIn;
use crate::roles::{self, Roles};
use crate::store::users::{Wanted, Whole};
use crate::store::{self, Tx};
use crate::text::{Codename, ExternalId, Phone, ShortName};
use std::sync::Arc;

/// What an account is in one environment: the columns that are its own there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// What people read; may be empty where an API does not ask for it.
    pub name: ShortName,
    /// Given name, or empty.
    pub first_name: ShortName,
    /// Family name, or empty.
    pub last_name: ShortName,
    /// Free text, or empty.
    pub phone: Phone,
    /// Of the user interface.
    pub language: Option<Locale>,
    /// Of numbers and dates.
    pub locale: Option<Locale>,
    /// May manage the environment.
    pub administrator: bool,
    /// May sign in here.
    pub active: bool,
    /// Added, and not yet accepted by its owner: without access.
    pub pending: bool,
    /// A second factor is demanded.
    pub mfa: bool,
    /// What an outside system knows the user by; unique here.
    pub external_id: Option<ExternalId>,
    /// When it came to be here.
    pub created_at: Time,
    /// When it last changed here.
    pub updated_at: Time,
}

impl Membership {
    /// Of somebody of whom nothing is known but a name.
    pub(crate) fn named(name: ShortName, now: Time) -> Membership {
        let unset = || ShortName::from_stored(String::new());
        Membership {
            name,
            first_name: unset(),
            last_name: unset(),
            phone: Phone::from_stored(String::new()),
            language: None,
            locale: None,
            administrator: false,
            active: true,
            pending: false,
            mfa: false,
            external_id: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// A user, whole.
#[derive(Clone, Debug)]
pub struct User {
    /// Where.
    pub environment: Arc<Environment>,
    /// Whose account.
    pub account: Account,
    /// What it is here.
    pub membership: Membership,
    /// Its own groups, in order of their ids.
    pub groups: Vec<InGroup>,
    /// Its own menus; the first is its default.
    pub menus: Vec<HeldMenu>,
    /// What it may do, in order, each once.
    pub permissions: Arc<[Codename]>,
}

/// A group that a user is in itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InGroup {
    /// Which.
    pub group: Arc<HeldGroup>,
    /// When it ends.
    pub expires_at: Option<Time>,
}

/// One user.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user`, but for oneself; [`Error::NotFound`].
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<User> {
    history::need_to_see(actor, id, None)?;
    view(tx, actor.environment().id, id)
}

/// What those of these accounts are called who are users here; each is named once.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user`.
pub fn names(tx: &mut Tx<'_>, actor: &Actor, ids: &[UserId]) -> Result<Vec<(UserId, String)>> {
    actor.need(BuiltIn::ViewUser)?;
    let found = store::users::find_all(tx, actor.environment().id, ids)?;
    let name = |Whole { account, membership, .. }: Whole| match membership.name.as_str() {
        "" => (account.id, account.login()),
        name => (account.id, name.to_owned()),
    };
    Ok(found.into_iter().map(name).collect())
}

/// One user as it was at a time.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user` and `view_audit`, but for oneself; [`Error::NotFound`] for who was no user here
/// then; [`Error::Invalid`] for a time of which nothing is known.
pub fn get_at(tx: &mut Tx<'_>, actor: &Actor, id: UserId, at: Time) -> Result<User> {
    history::need_to_see(actor, id, Some(at))?;
    history::need_known(tx, actor, at)?;
    let environment = actor.environment().id;
    let then = store::past::users::find(tx, environment, id, at)?.ok_or(Error::NotFound(Noun::User))?;
    Ok(of_roles(&*roles::at(tx, environment, then.roles)?, at, then.user))
}

/// The actor itself, as a user of the environment.
///
/// # Errors
/// [`Error::NotFound`] for an operator who is no user there.
pub fn get_own(tx: &mut Tx<'_>, actor: &Actor) -> Result<User> {
    let own = actor.user().ok_or(Error::NotFound(Noun::User))?;
    view(tx, actor.environment().id, own)
}

/// The language that the actor chose in the environment, if it is a user there.
///
/// # Errors
/// The store's.
pub fn own_language(tx: &mut Tx<'_>, actor: &Actor) -> Result<Option<Locale>> {
    let Some(own) = actor.user() else { return Ok(None) };
    let membership = store::users::find_membership(tx, actor.environment().id, own)?;
    Ok(membership.and_then(|membership| membership.language))
}

/// The menus that the actor is to see: its own and its groups', without items that it may not see.
///
/// # Errors
/// [`Error::NotFound`] for an operator who is no user there.
pub fn own_menus(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Menu>> {
    let user = get_own(tx, actor)?;
    menus_of(tx, &user)
}

/// The menus that a user would see.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user` and `view_menu`; [`Error::NotFound`].
pub fn menus_shown_to(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<(User, Vec<Menu>)> {
    actor.need(BuiltIn::ViewMenu)?;
    actor.need(BuiltIn::ViewUser)?;
    let user = get(tx, actor, id)?;
    let menus = menus_of(tx, &user)?;
    Ok((user, menus))
}

fn menus_of(tx: &mut Tx<'_>, user: &User) -> Result<Vec<Menu>> {
    menus::to_show(tx, user.environment.id, &user.menus, &user.groups, &|codename| {
        user.permissions.binary_search(codename).is_ok()
    })
}

/// One page of the environment's users.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user`; [`Error::Invalid`] for a permission that is not there.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, page: &UserPage) -> Result<Page<User>> {
    actor.need(BuiltIn::ViewUser)?;
    let environment = actor.environment().id;
    if nobody_has(&page.filter) {
        return Ok(Page { rows: Vec::new(), next: None, previous: None });
    }
    let wanted = wanted(tx, environment, &page.filter)?;
    let mut rows = store::users::list(tx, &wanted, page)?;
    let backward = page.cursor.as_ref().is_some_and(|cursor| cursor.direction == Direction::Backward);
    let more = rows.len() as i64 > page.limit;
    if more {
        // The one too many lies at the far end of the way that the page was read.
        rows.remove(if backward { 0 } else { rows.len() - 1 });
    }
    let (goes_on, came_from) = if backward { (page.cursor.is_some(), more) } else { (more, page.cursor.is_some()) };
    let cursor = |row: Option<&Whole>, direction| {
        row.map(|row| Cursor { direction, value: ordering_value(page.order.by, row), id: row.account.id })
    };
    let next = cursor(rows.last().filter(|_| goes_on), Direction::Forward);
    let previous = cursor(rows.first().filter(|_| came_from), Direction::Backward);
    let roles = roles::of(tx, environment)?;
    Ok(Page { rows: rows.into_iter().map(|row| of_roles(&roles, tx.now(), row)).collect(), next, previous })
}

/// How many users pass the filter: exactly, or as far as one more than [`page::COUNTED`].
///
/// # Errors
/// [`Error::Forbidden`] without `view_user`; [`Error::Invalid`] for a permission that is not there.
pub fn count(tx: &mut Tx<'_>, actor: &Actor, filter: &UserFilter, exactly: bool) -> Result<i64> {
    actor.need(BuiltIn::ViewUser)?;
    if nobody_has(filter) {
        return Ok(0);
    }
    let environment = actor.environment().id;
    let wanted = wanted(tx, environment, filter)?;
    store::users::count(tx, &wanted, if exactly { i64::MAX } else { page::COUNTED + 1 })
}

/// A search for what cannot stand in a text: not in one of every engine, and not within a line.
fn nobody_has(filter: &UserFilter) -> bool {
    filter.search.as_ref().is_some_and(|text| text.contains(['\0', '\n']))
}

/// A filter with what it comes to, through nesting too.
fn wanted<'w>(tx: &mut Tx<'_>, environment: EnvironmentId, filter: &'w UserFilter) -> Result<Wanted<'w>> {
    let now = tx.now();
    if filter.permission.is_none() && !filter.nested {
        return Ok(Wanted { environment, filter, groups: filter.groups.clone(), holders: None, now });
    }
    let roles = roles::of(tx, environment)?;
    let groups = if filter.nested { roles.within_any(&filter.groups) } else { filter.groups.clone() };
    let conferring = |permission: &Codename| {
        let unknown = Problem::DoesNotExist(permission.as_str().to_owned());
        roles.conferring(permission).ok_or_else(|| Error::invalid(Field::Permission, unknown))
    };
    let holders = filter.permission.as_ref().map(conferring).transpose()?;
    Ok(Wanted { environment, filter, groups, holders, now })
}

fn ordering_value(by: OrderBy, Whole { account, membership, .. }: &Whole) -> CursorValue {
    match by {
        OrderBy::CreatedAt => CursorValue::Time(membership.created_at),
        OrderBy::UpdatedAt => CursorValue::Time(membership.updated_at),
        OrderBy::Name => CursorValue::Text(membership.name.as_str().to_owned()),
        OrderBy::FirstName => CursorValue::Text(membership.first_name.as_str().to_owned()),
        OrderBy::LastName => CursorValue::Text(membership.last_name.as_str().to_owned()),
        OrderBy::Email => {
            CursorValue::Text(account.email.as_ref().map_or_else(String::new, |email| email.folded().to_owned()))
        }
    }
}

/// A user of an environment, whoever asks.
pub(crate) fn view(tx: &mut Tx<'_>, environment: EnvironmentId, id: UserId) -> Result<User> {
    let whole = store::users::find(tx, environment, id)?.ok_or(Error::NotFound(Noun::User))?;
    assemble(tx, environment, whole)
}

/// A user with what its groups confer.
pub(crate) fn assemble(tx: &mut Tx<'_>, environment: EnvironmentId, whole: Whole) -> Result<User> {
    Ok(of_roles(&*roles::of(tx, environment)?, tx.now(), whole))
}

/// A user with what these roles confer on it at that time.
pub(crate) fn of_roles(roles: &Roles, now: Time, Whole { account, membership, mut groups, menus }: Whole) -> User {
    groups.retain(|holding| holding.counts(now));
    groups.sort_unstable();
    let permissions = match membership.administrator || account.operator {
        true => roles.all(),
        false => roles.spelled(groups.iter().map(|holding| holding.group)),
    };
    let in_group = |holding: &Holding| {
        let group = roles.role(holding.group)?.held.clone();
        Some(InGroup { group, expires_at: holding.expires_at })
    };
    let groups = groups.iter().filter_map(in_group).collect();
    let menus = roles.menus(&menus);
    User { environment: roles.environment().clone(), account, membership, groups, menus, permissions }
}
