//! Environments: the tenants. Made, renamed and removed by operators alone. Knows nothing of how a request names one.

use crate::accounts;
use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::error::{Conflict, Error, Field, FieldError, Noun, Problem, Refusal, Result};
use crate::id::{EnvironmentId, UserId};
use crate::permissions;
use crate::second_factors::Demand;
use crate::store::{self, Tx};
use crate::text::{EnvironmentKey, Name, Organisation};
use std::time::Duration;
use uuid::Uuid;

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Inside this database.
    pub id: EnvironmentId,
    /// For programs; never changes.
    pub uuid: Uuid,
    /// For people and addresses; unique.
    pub key: EnvironmentKey,
    /// What people read.
    pub name: Name,
    /// Environments of one organisation trust each other's users.
    pub organisation: Option<Organisation>,
    /// What it asks of those who sign in.
    pub policy: Policy,
    /// From when on its past is known.
    pub past_since: Time,
}

/// What an environment asks of passwords and sessions, beyond what the server does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Code points in a password.
    pub password_minimum: Option<u16>,
    /// How long a session may go unused here. Kept to the minute.
    pub session_idle: Option<Duration>,
    /// How long after its sign-in a session is good here.
    pub session_lifetime: Option<Duration>,
    /// Of whom a second factor is demanded.
    pub second_factor: Demand,
    /// For how long its audit events are kept; `None`: for ever.
    pub audit_retention: Option<Duration>,
}

impl Policy {
    /// The least and the most that a password's minimum may be.
    pub const PASSWORD: std::ops::RangeInclusive<u16> = 8..=64;
    /// The least and the most that a lifetime may be, in seconds: five minutes, ten years.
    pub const SECONDS: std::ops::RangeInclusive<u64> = 300..=315_360_000;
    /// The least and the most for which audit events are kept, in seconds: a day, a hundred years.
    pub const RETENTION: std::ops::RangeInclusive<u64> = 86_400..=3_153_600_000;

    /// When a session ends here that began and was last used then.
    pub(crate) fn end_of(&self, begun: Time, used: Time) -> Option<Time> {
        let ends = [self.session_lifetime.map(|span| begun.plus(span)), self.session_idle.map(|span| used.plus(span))];
        ends.into_iter().flatten().min()
    }
}

/// A change of a policy; `Some(None)`: as the server has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyChanges {
    /// Code points in a password.
    pub password_minimum: Option<Option<u16>>,
    /// How long a session may go unused.
    pub session_idle: Option<Option<Duration>>,
    /// How long a session is good.
    pub session_lifetime: Option<Option<Duration>>,
    /// Of whom a second factor is demanded.
    pub second_factor: Option<Demand>,
    /// For how long audit events are kept; `Some(None)`: for ever.
    pub audit_retention: Option<Option<Duration>>,
}

impl PolicyChanges {
    /// A policy with this changed.
    pub fn applied(&self, before: Policy) -> Policy {
        Policy {
            password_minimum: self.password_minimum.unwrap_or(before.password_minimum),
            session_idle: self.session_idle.unwrap_or(before.session_idle),
            session_lifetime: self.session_lifetime.unwrap_or(before.session_lifetime),
            second_factor: self.second_factor.unwrap_or(before.second_factor),
            audit_retention: self.audit_retention.unwrap_or(before.audit_retention),
        }
    }
}

/// An environment of an account's own.
#[derive(Clone, Debug)]
pub struct OwnEnvironment {
    /// Which.
    pub environment: Environment,
    /// Its owner has not accepted it yet.
    pub pending: bool,
}

/// An environment as a call names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EnvironmentName {
    /// By its key.
    Key(String),
    /// By its UUID.
    Uuid(Uuid),
}

impl EnvironmentName {
    /// Reads a key or a UUID. Anything else is a key that nobody has: it is refused where an unknown one is.
    pub fn parse(text: &str) -> EnvironmentName {
        match text.len() {
            36 => Uuid::try_parse(text).map_or_else(|_| EnvironmentName::Key(text.to_owned()), EnvironmentName::Uuid),
            _ => EnvironmentName::Key(text.to_owned()),
        }
    }

    /// Whether this names that environment.
    pub fn names(&self, environment: &Environment) -> bool {
        match self {
            EnvironmentName::Key(key) => environment.key.as_str() == key,
            EnvironmentName::Uuid(uuid) => environment.uuid == *uuid,
        }
    }
}

/// The environment of this name.
pub(crate) fn resolve(tx: &mut Tx<'_>, name: &EnvironmentName) -> Result<Option<Environment>> {
    match name {
        // A NUL cannot stand in a text of every engine, and no key has one.
        EnvironmentName::Key(key) if key.contains('\0') => Ok(None),
        EnvironmentName::Key(key) => store::environments::find_by_key(tx, key),
        EnvironmentName::Uuid(uuid) => store::environments::find_by_uuid(tx, *uuid),
    }
}

/// Up to 1,000 environments after this one, oldest first.
///
/// # Errors
/// [`Error::Forbidden`] for all but operators.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, after: Option<EnvironmentId>) -> Result<Vec<Environment>> {
    actor.need_operator()?;
    store::environments::list(tx, after.unwrap_or(EnvironmentId(0)), 1000)
}

/// One environment.
///
/// # Errors
/// [`Error::Forbidden`] for all but operators; [`Error::NotFound`].
pub fn get(tx: &mut Tx<'_>, actor: &Actor, name: &EnvironmentName) -> Result<Environment> {
    actor.need_operator()?;
    resolve(tx, name)?.ok_or(Error::NotFound(Noun::Environment))
}

/// An environment to make.
#[derive(Clone, Debug)]
pub struct NewEnvironment {
    /// Unique in the system.
    pub key: EnvironmentKey,
    /// What people read; the key unless given.
    pub name: Option<Name>,
    /// Whose it is.
    pub organisation: Option<Organisation>,
    /// What it asks of those who sign in.
    pub policy: Policy,
}

/// Makes an environment, with Rolebook's own permissions in it.
///
/// # Errors
/// [`Error::Forbidden`] for all but operators; [`Error::Taken`].
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: &NewEnvironment) -> Result<Environment> {
    actor.need_operator()?;
    let environment = insert(tx, new)?;
    audit::record_in_system(tx, actor, "environment.created", &environment.uuid, created(&environment))?;
    Ok(environment)
}

/// Writes a new environment without asking who does: for [`create`], and for the very first one.
pub(crate) fn insert(tx: &mut Tx<'_>, new: &NewEnvironment) -> Result<Environment> {
    if store::environments::find_by_key(tx, new.key.as_str())?.is_some() {
        return Err(Error::taken(Field::Key));
    }
    let uuid = tx.effects().randomness.uuid_v7(tx.now())?;
    let name = new.name.clone().unwrap_or_else(|| Name::from_stored(new.key.as_str().to_owned()));
    let organisation = new.organisation.clone();
    let id = store::environments::insert(tx, uuid, &new.key, &name, organisation.as_ref(), permissions::RESERVED)?;
    permissions::declare_built_in(tx, id)?;
    let environment =
        Environment { id, uuid, key: new.key.clone(), name, organisation, policy: new.policy, past_since: tx.now() };
    if new.policy != Policy::default() {
        store::environments::update(tx, &environment)?;
    }
    Ok(environment)
}

pub(crate) fn created(environment: &Environment) -> Changes {
    let mut changes = Changes::default();
    changes.text("key", None, Some(environment.key.as_str()));
    changes.text("name", None, Some(environment.name.as_str()));
    changes.text("organisation", None, environment.organisation.as_ref().map(Organisation::as_str));
    note_policy(&mut changes, Policy::default(), environment.policy);
    changes
}

fn note_policy(changes: &mut Changes, before: Policy, after: Policy) {
    let mut note = |name, before: Option<u64>, after: Option<u64>| {
        let text = |number: Option<u64>| number.map(|number| number.to_string());
        changes.text(name, text(before).as_deref(), text(after).as_deref());
    };
    note("password_minimum", before.password_minimum.map(u64::from), after.password_minimum.map(u64::from));
    let seconds = |span: Option<Duration>| span.map(|span| span.as_secs());
    note("session_idle", seconds(before.session_idle), seconds(after.session_idle));
    note("session_lifetime", seconds(before.session_lifetime), seconds(after.session_lifetime));
    note("audit_retention", seconds(before.audit_retention), seconds(after.audit_retention));
    changes.text("second_factor", before.second_factor.as_str(), after.second_factor.as_str());
}

/// What to change of an environment.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentChanges {
    /// Unique in the system.
    pub key: Option<EnvironmentKey>,
    /// What people read.
    pub name: Option<Name>,
    /// Whose it is; `Some(None)`: nobody's in particular.
    pub organisation: Option<Option<Organisation>>,
    /// What it asks of those who sign in.
    pub policy: PolicyChanges,
}

/// Changes an environment.
///
/// # Errors
/// [`Error::Forbidden`] for all but operators; [`Error::NotFound`]; [`Error::Taken`].
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    name: &EnvironmentName,
    change: &EnvironmentChanges,
) -> Result<Environment> {
    let found = get(tx, actor, name)?;
    store::environments::hold(tx, found.id)?;
    let before = store::environments::find(tx, found.id)?.ok_or(Error::NotFound(Noun::Environment))?;
    let mut after = before.clone();
    after.key = change.key.clone().unwrap_or(after.key);
    after.name = change.name.clone().unwrap_or(after.name);
    after.organisation = change.organisation.clone().unwrap_or(after.organisation);
    after.policy = change.policy.applied(before.policy);
    if after == before {
        return Ok(before);
    }
    if after.key != before.key && store::environments::find_by_key(tx, after.key.as_str())?.is_some() {
        return Err(Error::taken(Field::Key));
    }
    store::environments::update(tx, &after)?;
    let mut changes = Changes::default();
    changes.text("key", Some(before.key.as_str()), Some(after.key.as_str()));
    changes.text("name", Some(before.name.as_str()), Some(after.name.as_str()));
    let (was, is) = (before.organisation.as_ref(), after.organisation.as_ref());
    changes.text("organisation", was.map(Organisation::as_str), is.map(Organisation::as_str));
    note_policy(&mut changes, before.policy, after.policy);
    audit::record_in_system(tx, actor, "environment.updated", &after.uuid, changes)?;
    Ok(after)
}

/// Removes an environment with everything in it, and the accounts that belong nowhere else. `confirm` must be its key.
///
/// # Errors
/// [`Error::Forbidden`] for all but operators; [`Error::NotFound`]; [`Error::Invalid`] when `confirm` is another text.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, name: &EnvironmentName, confirm: Option<&str>) -> Result<()> {
    let environment = get(tx, actor, name)?;
    if confirm != Some(environment.key.as_str()) {
        let problem = confirm.map_or(Problem::Required, |_| Refusal::Unconfirmed.into());
        return Err(Error::Invalid(vec![FieldError { field: Field::Confirm, problem }]));
    }
    store::environments::hold(tx, environment.id)?;
    let lonely: Vec<UserId> = store::environments::lonely_accounts(tx, environment.id)?;
    store::environments::delete(tx, environment.id)?;
    for account in lonely {
        accounts::drop_if_homeless(tx, account)?;
    }
    let mut changes = Changes::default();
    changes.text("key", Some(environment.key.as_str()), None);
    changes.text("name", Some(environment.name.as_str()), None);
    audit::record_in_system(tx, actor, "environment.deleted", &environment.uuid, changes)
}

/// Where the actor's own account belongs, or is asked to. In a session alone: an API token that one tenant holds must not
/// tell of its owner's others.
///
/// # Errors
/// [`Error::Forbidden`] for all but sessions.
pub fn own(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<OwnEnvironment>> {
    actor.need_session()?;
    match actor.user() {
        Some(user) => store::environments::of_account(tx, user),
        None => Ok(Vec::new()),
    }
}

/// Refuses what would leave the environment without an administrator who can sign in. Holds the environment, or two
/// administrators could demote each other at the same moment.
pub(crate) fn keeps_administrator(tx: &mut Tx<'_>, environment: EnvironmentId, without: UserId) -> Result<()> {
    store::environments::hold(tx, environment)?;
    if store::users::other_administrator(tx, environment, without)? {
        return Ok(());
    }
    Err(Error::Conflict(Conflict::LastAdministrator))
}
