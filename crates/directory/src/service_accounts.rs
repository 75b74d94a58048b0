//! Service accounts: users who are programs. They have a name, groups and API tokens, and nothing to sign in with; they stand by
//! themselves, whoever made them may go. Managed with one permission, and under the rule that nobody hands out what it does
//! not have.

use crate::accounts::Account;
use crate::actor::Actor;
use crate::audit;
use crate::error::{Error, Noun, Result};
use crate::groups::{self, Given, GroupWish};
use crate::id::UserId;
use crate::permissions::BuiltIn;
use crate::store::users::Whole;
use crate::store::{self, Tx};
use crate::text::{Name, ShortName};
use crate::users::{self, Membership, User, UserChanges};

/// The most that an environment may have: each list shows all of them.
pub const MOST: i64 = 1000;

/// A service account to make.
#[derive(Clone)]
pub struct NewService {
    /// What people call it.
    pub name: Name,
    /// What it may do.
    pub groups: Vec<GroupWish>,
}

/// What to change of one; `None` leaves it as it is.
#[derive(Clone, Default)]
pub struct ServiceChanges {
    /// What people call it.
    pub name: Option<Name>,
    /// Replaces its groups.
    pub groups: Option<Vec<GroupWish>>,
    /// Whether its tokens are good.
    pub active: Option<bool>,
}

/// All of the environment's, oldest first.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_token`.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<User>> {
    actor.need(BuiltIn::ManageToken)?;
    let environment = actor.environment().id;
    store::users::services(tx, environment, MOST)?
        .into_iter()
        .map(|whole| users::assemble(tx, environment, whole))
        .collect()
}

/// One of them.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_token`; [`Error::NotFound`], also for a user who is no program.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<User> {
    actor.need(BuiltIn::ManageToken)?;
    let found = store::users::find(tx, actor.environment().id, id)?.filter(|whole| whole.account.service);
    users::assemble(tx, actor.environment().id, found.ok_or(Error::NotFound(Noun::ServiceAccount))?)
}

/// Makes one.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_token` or what its groups confer; [`Error::Invalid`]; [`Error::Conflict`] when there
/// are as many as there may be.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: &NewService) -> Result<User> {
    actor.need(BuiltIn::ManageToken)?;
    let environment = actor.environment().id;
    let mut errors = Vec::new();
    let groups = groups::resolve_wishes(tx, environment, &new.groups, &[], &mut errors)?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let given: Vec<_> = groups.iter().map(|holding| holding.group).collect();
    groups::need_to_hold(tx, actor, &given)?;
    store::environments::hold(tx, environment)?;
    if store::users::services(tx, environment, MOST)?.len() as i64 >= MOST {
        return Err(Error::Conflict(crate::error::Conflict::Full(Noun::ServiceAccount)));
    }
    let now = tx.now();
    let id = UserId(tx.effects().randomness.uuid_v7(now)?);
    let account = Account { service: true, default_environment: Some(environment), ..Account::new(id, None, None) };
    let membership = Membership::named(short(&new.name), now);
    store::accounts::insert(tx, &account)?;
    store::users::insert(tx, environment, &account, &membership, actor.user())?;
    store::users::is_service(tx, environment, id)?;
    for group in &groups {
        store::groups::give_user(tx, environment, id, *group, Given::by(tx, actor))?;
    }
    let mut changes = audit::Changes::default();
    changes.text("name", None, Some(new.name.as_str()));
    changes.list("groups", &[], &groups);
    audit::record(tx, actor, "service_account.created", &id, changes)?;
    users::assemble(tx, environment, Whole { account, membership, groups, menus: Vec::new() })
}

/// Changes one.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_token`, for groups that confer more than the actor has, and for a program that has
/// more than the actor; [`Error::NotFound`]; [`Error::Invalid`].
pub fn update(tx: &mut Tx<'_>, actor: &Actor, id: UserId, changes: &ServiceChanges) -> Result<User> {
    get(tx, actor, id)?;
    let ServiceChanges { name, groups, active } = changes.clone();
    let name = name.as_ref().map(short);
    users::update_service(tx, actor, id, &UserChanges { name, groups, active, ..UserChanges::default() })
}

/// Removes one, with its tokens, at once.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_token` or for a program that has more than the actor; [`Error::NotFound`].
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<()> {
    get(tx, actor, id)?;
    users::leave(tx, actor, id)
}

/// As users have theirs, who may have none.
fn short(name: &Name) -> ShortName {
    ShortName::from_stored(name.as_str().to_owned())
}
