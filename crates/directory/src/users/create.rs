//! Making users, through whichever API: an unknown address makes an account, a known one makes a pending user. Both APIs'
//! differences are in what they ask for, not in what happens.

use super::plan;
use super::update::{self, Prepared};
use super::{Membership, User, UserChanges, assemble};
use crate::accounts::Account;
use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::credentials;
use crate::disclosures;
use crate::email::Email;
use crate::error::{Conflict, Error, Field, FieldError, Noun, Problem, Refusal, Result};
use crate::groups::{self, Given, Holding};
use crate::id::{GroupId, MenuId, UserId};
use crate::invitations;
use crate::links::Purpose;
use crate::permissions::BuiltIn;
use crate::secret::PasswordHash;
use crate::store::users::Whole;
use crate::store::{self, Tx};
use crate::text::{Phone, ShortName};
use crate::username::Username;

/// A user to make.
#[derive(Clone)]
pub struct NewUser {
    /// By which the account is known, or will be.
    pub email: Email,
    /// Everything else.
    pub fields: UserChanges,
}

/// What an upsert did.
#[derive(Debug)]
pub struct Added {
    /// The user as it is now.
    pub user: User,
    /// It came to be in this environment.
    pub created: bool,
}

/// What becomes of an account that nobody knew and that comes without a password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WithoutPassword {
    /// Its owner is invited to choose one.
    Invited,
    /// It is not made: the password is missing.
    Refused,
}

/// What a new user is to have, looked up and allowed.
struct Judged {
    membership: Membership,
    groups: Vec<Holding>,
    menus: Vec<MenuId>,
}

/// Says beforehand what [`create`] would refuse, so that no password is hashed for nothing.
pub(crate) fn judge_create(tx: &mut Tx<'_>, actor: &Actor, new: &NewUser) -> Result<()> {
    actor.need(BuiltIn::AddUser)?;
    judge(tx, actor, new).map(drop)
}

fn judge(tx: &mut Tx<'_>, actor: &Actor, new: &NewUser) -> Result<Judged> {
    let environment = actor.environment().id;
    let mut errors = Vec::new();
    let fields = &new.fields;
    let groups =
        groups::resolve_wishes(tx, environment, fields.groups.as_deref().unwrap_or_default(), &[], &mut errors)?;
    let menus = plan::wanted_menus(tx, environment, &fields.menus, &[], &mut errors)?;
    let membership = membership(tx, fields);
    if let Some(username) = fields.username.as_ref().filter(|username| username.is_email()) {
        plan::judge_username(username, Some(&new.email), &mut errors);
    }
    if let Some(password) = &fields.password {
        let minimum = credentials::minimum_length(tx, None, Some((environment, &membership)))?;
        let account = Account::new(UserId(uuid::Uuid::nil()), Some(new.email.clone()), fields.username.clone());
        credentials::judge_password(password, minimum, &account, Some(&membership), &mut errors);
    }
    if fields.current_password.is_some() {
        errors.push(FieldError { field: Field::CurrentPassword, problem: Refusal::PasswordNotYours.into() });
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if membership.administrator {
        actor.need_administrator()?;
    }
    let given: Vec<GroupId> = groups.iter().map(|holding| holding.group).collect();
    groups::need_to_hold(tx, actor, &given)?;
    if let Some(external_id) = &membership.external_id
        && store::users::by_external_id(tx, environment, external_id)?.is_some()
    {
        return Err(Error::taken(Field::ExternalId));
    }
    Ok(Judged { membership, groups, menus })
}

/// A user's columns, with the defaults of what is not given.
fn membership(tx: &Tx<'_>, fields: &UserChanges) -> Membership {
    let empty = || ShortName::from_stored(String::new());
    let first_name = fields.first_name.clone().unwrap_or_else(empty);
    let last_name = fields.last_name.clone().unwrap_or_else(empty);
    Membership {
        name: fields.name.clone().unwrap_or_else(|| full_name(&first_name, &last_name)),
        first_name,
        last_name,
        phone: fields.phone.clone().unwrap_or_else(|| Phone::from_stored(String::new())),
        language: fields.language.clone().flatten(),
        locale: fields.locale.clone().flatten(),
        administrator: fields.administrator.unwrap_or(false),
        active: fields.active.unwrap_or(true),
        pending: false,
        mfa: fields.mfa.unwrap_or(false),
        external_id: fields.external_id.clone().flatten(),
        created_at: tx.now(),
        updated_at: tx.now(),
    }
}

/// What people read of somebody who gave only the parts.
pub(super) fn full_name(first: &ShortName, last: &ShortName) -> ShortName {
    let both = format!("{} {}", first.as_str(), last.as_str());
    ShortName::parse(both.trim()).unwrap_or_else(|_| first.clone())
}

/// Makes a user. The outer error has changed nothing; the inner one is a refusal that is counted, because it told the
/// caller that the address is known.
///
/// # Errors
/// [`Error::Forbidden`] without `add_user` or what the groups confer; [`Error::Invalid`]; [`Error::Taken`] for a user who
/// is here already; [`Conflict::AccountExists`]; [`Error::TooMany`].
pub(crate) fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &NewUser,
    hash: Option<&PasswordHash>,
    without: WithoutPassword,
) -> Result<Result<User>> {
    actor.need(BuiltIn::AddUser)?;
    let judged = judge(tx, actor, new)?;
    let known = store::accounts::find_by_email(tx, &new.email)?;
    if let Some(account) = &known
        && store::users::find_membership(tx, actor.environment().id, account.id)?.is_some()
    {
        return Err(Error::taken(Field::Email));
    }
    add(tx, actor, new, known, judged, hash, without)
}

/// Makes a user of an account that is none here, or of an address that nobody knows.
fn add(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &NewUser,
    known: Option<Account>,
    judged: Judged,
    hash: Option<&PasswordHash>,
    without: WithoutPassword,
) -> Result<Result<User>> {
    if !actor.is_operator() {
        disclosures::need_room(tx, actor)?;
    }
    match known {
        Some(account) => add_known(tx, actor, new, account, judged, hash.is_some()),
        // Only once all else is well: beside other errors this one would tell for free that the address is unknown.
        None if hash.is_none() && without == WithoutPassword::Refused => {
            Err(Error::invalid(Field::Password, Problem::Required))
        }
        None => add_unknown(tx, actor, new, hash, judged),
    }
}

/// Makes a user, or changes the one who is here already. `required` names what a new one must have and was not given.
///
/// # Errors
/// As [`create`] and `update`; administrators only.
pub(crate) fn upsert(tx: &mut Tx<'_>, actor: &Actor, new: &NewUser, required: &[Field]) -> Result<Result<Added>> {
    actor.need_administrator()?;
    let known = store::accounts::find_by_email(tx, &new.email)?;
    if let Some(account) = &known {
        match update::update(tx, actor, account.id, &new.fields, &Prepared::None, None) {
            // Known, and not here.
            Err(Error::NotFound(Noun::User)) => {}
            updated => return Ok(updated?.map(|user| Added { user, created: false })),
        }
    }
    let missing = |field: &Field| FieldError { field: *field, problem: Problem::Required };
    let mut errors: Vec<FieldError> = required.iter().map(missing).collect();
    if !errors.is_empty() {
        if let Err(Error::Invalid(more)) = judge(tx, actor, new) {
            errors.extend(more);
        }
        return Err(Error::Invalid(errors));
    }
    let judged = judge(tx, actor, new)?;
    let added = add(tx, actor, new, known, judged, None, WithoutPassword::Invited)?;
    Ok(added.map(|user| Added { user, created: true }))
}

/// An account that exists elsewhere becomes a user here: pending until its owner accepts, unless whoever adds it is
/// trusted to speak for it. Nothing of the account changes.
fn add_known(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &NewUser,
    account: Account,
    judged: Judged,
    with_password: bool,
) -> Result<Result<User>> {
    let account = store::accounts::lock(tx, account.id)?.unwrap_or(account);
    let environment = actor.environment().clone();
    let related = match &environment.organisation {
        Some(organisation) => store::environments::in_organisation(tx, account.id, organisation)?,
        None => false,
    };
    let trusted = actor.is_operator() || related;
    if !trusted {
        disclosures::count(tx, actor)?;
    }
    let fields = &new.fields;
    let touches_account = with_password
        || fields.username.as_ref().is_some_and(|username| Some(username) != account.username.as_ref())
        || fields.reset_password == Some(true)
        || fields.reset_second_factor == Some(true);
    if touches_account {
        disclosures::record(tx, actor, new.email.as_typed())?;
        return Ok(Err(Error::Conflict(Conflict::AccountExists)));
    }
    let Judged { mut membership, groups, menus } = judged;
    membership.pending = !trusted;
    insert(tx, actor, &account, &membership, &groups, &menus)?;
    audit::record(tx, actor, "user.added", &account.id, created(&account, &membership, &groups, &menus))?;
    if !trusted {
        invitations::send(tx, &environment, &account, &membership, Purpose::Join)?;
    }
    assemble(tx, environment.id, Whole { account, membership, groups, menus }).map(Ok)
}

/// Nobody knows this address: an account and a user come to be.
fn add_unknown(
    tx: &mut Tx<'_>,
    actor: &Actor,
    new: &NewUser,
    hash: Option<&PasswordHash>,
    judged: Judged,
) -> Result<Result<User>> {
    let environment = actor.environment().clone();
    let Judged { membership, groups, menus } = judged;
    let username = match &new.fields.username {
        Some(username) => username.clone(),
        None => Username::from_stored(new.email.as_typed().to_owned()),
    };
    // One with @ is an account's own address, and this address is nobody's.
    if !username.is_email() && store::accounts::find_by_username(tx, &username)?.is_some() {
        if !actor.is_operator() {
            disclosures::count(tx, actor)?;
            disclosures::record(tx, actor, new.email.as_typed())?;
        }
        return Ok(Err(Error::taken(Field::Username)));
    }
    let id = UserId(tx.effects().randomness.uuid_v7(tx.now())?);
    let mut account = Account::new(id, Some(new.email.clone()), Some(username));
    account.password_hash = hash.cloned();
    account.reset_password = new.fields.reset_password.unwrap_or(false);
    account.reset_second_factor = new.fields.reset_second_factor.unwrap_or(false);
    account.default_environment = Some(environment.id);
    store::accounts::insert(tx, &account)?;
    insert(tx, actor, &account, &membership, &groups, &menus)?;
    audit::record(tx, actor, "user.created", &id, created(&account, &membership, &groups, &menus))?;
    if account.password_hash.is_none() {
        invitations::send(tx, &environment, &account, &membership, Purpose::Invite)?;
    }
    assemble(tx, environment.id, Whole { account, membership, groups, menus }).map(Ok)
}

fn insert(
    tx: &mut Tx<'_>,
    actor: &Actor,
    account: &Account,
    membership: &Membership,
    groups: &[Holding],
    menus: &[MenuId],
) -> Result<()> {
    let (environment, id) = (actor.environment().id, account.id);
    store::users::insert(tx, environment, account, membership, actor.user())?;
    for group in groups {
        store::groups::give_user(tx, environment, id, *group, Given::by(tx, actor))?;
    }
    store::menus::give(tx, environment, id, menus)
}

fn created(account: &Account, membership: &Membership, groups: &[Holding], menus: &[MenuId]) -> Changes {
    let mut changes = plan::difference(None, Some(membership));
    changes.text("email", None, account.email.as_ref().map(Email::as_typed));
    changes.list("groups", &[], groups);
    changes.list("menus", &[], menus);
    if account.password_hash.is_some() && !membership.pending {
        changes.secret("password");
    }
    changes
}
