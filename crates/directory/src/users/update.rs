//! Changing users: first what would change, then whether the actor may, then the writing. Saying again what is already
//! true finds nothing to change, and so needs no permission beyond the call's and writes nothing.

use super::plan::{Change, differences, planned};
use super::{Membership, User, UserChanges, assemble, view};
use crate::actor::{Actor, Power, power_in};
use crate::audit;
use crate::credentials::{need_own_account, need_to_cover_credentials};
use crate::directory::{When, still};
use crate::disclosures;
use crate::environments::keeps_administrator;
use crate::error::{Denial, Error, Field, Noun, Problem, Refusal, Result, Step};
use crate::groups::{self, Given, Holding};
use crate::id::{GroupId, UserId};
use crate::invitations;
use crate::mail::{self, Subject};
use crate::permissions::BuiltIn;
use crate::second_factors;
use crate::secret::PasswordHash;
use crate::sessions::proof;
use crate::store::users::Whole;
use crate::store::{self, Tx};

/// A password on its way in, once the slow part is done outside the transaction.
#[derive(Clone)]
pub(crate) enum Prepared {
    /// None was given.
    None,
    /// It is the present one already, whose hash this is.
    Same(PasswordHash),
    /// It is another, which hashes to this.
    New(PasswordHash),
}

/// The hash that a given password is compared with, before hashing it anew.
pub(crate) fn current_password_hash(tx: &mut Tx<'_>, id: UserId) -> Result<Option<PasswordHash>> {
    Ok(store::accounts::find(tx, id)?.and_then(|account| account.password_hash))
}

/// Says beforehand what [`update`] would refuse, so that no password is hashed for nothing.
pub(crate) fn judge_update(tx: &mut Tx<'_>, actor: &Actor, id: UserId, fields: &UserChanges) -> Result<()> {
    may_change(actor, id, fields)?;
    may_set_password(tx, actor, id, fields)?;
    planned(tx, actor, id, fields, &Prepared::None, false).map(drop)
}

/// Whether the actor may set the password that is given, if one is. Asked before the password is looked at: how long it must
/// be depends on what the account is elsewhere. Also where it turns out to be the present one: a refusal that came only for
/// other passwords would say whether one was guessed right.
fn may_set_password(tx: &mut Tx<'_>, actor: &Actor, id: UserId, fields: &UserChanges) -> Result<()> {
    // One's own password is proven by the present one, which is compared outside.
    if fields.password.is_none() || actor.is(id) {
        return Ok(());
    }
    let environment = actor.environment().id;
    let Whole { account, membership, .. } =
        store::users::find(tx, environment, id)?.ok_or(Error::NotFound(Noun::User))?;
    let power = power_in(tx, environment, id, &membership)?;
    need_to_cover_credentials(actor, &Power { operator: account.operator, ..power })?;
    need_own_account(tx, actor, &account, &membership)
}

/// Changes a user of the actor's environment. The outer error has changed nothing; the inner one is a refusal that is
/// counted, because it told the caller that an address or a username is known.
///
/// # Errors
/// [`Error::Forbidden`] without `change_user`, or for what the actor does not have itself, or for the credentials of a
/// shared account; [`Error::NotFound`]; [`Error::Invalid`]; [`Error::Taken`]; [`Error::Conflict`] for the last administrator.
pub(crate) fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: UserId,
    fields: &UserChanges,
    password: &Prepared,
    when: Option<&When<User>>,
) -> Result<Result<User>> {
    may_change(actor, id, fields)?;
    as_seen(tx, actor, id, when)?;
    change(tx, actor, id, fields, password)
}

/// Changes a user who is a program; whoever asks may.
pub(crate) fn update_service(tx: &mut Tx<'_>, actor: &Actor, id: UserId, fields: &UserChanges) -> Result<User> {
    change(tx, actor, id, fields, &Prepared::None)?
}

fn change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: UserId,
    fields: &UserChanges,
    password: &Prepared,
) -> Result<Result<User>> {
    may_set_password(tx, actor, id, fields)?;
    let change = planned(tx, actor, id, fields, password, true)?;
    // Again, now that the account's row is held.
    may_set_password(tx, actor, id, fields)?;
    if change.is_empty() {
        return view(tx, actor.environment().id, id).map(Ok);
    }
    allowed(tx, actor, &change)?;
    if let Err(told) = free(tx, actor, &change)? {
        return Ok(Err(told));
    }
    let changed = change.password;
    if changed && actor.is(id) {
        proof::need_factor(tx, actor)?;
    }
    let user = apply(tx, actor, change)?;
    if changed && actor.is(id) {
        lives_on(tx, actor, fields)?;
    }
    Ok(Ok(user))
}

/// The session in which its owner chose another password lives on, with that one.
fn lives_on(tx: &mut Tx<'_>, actor: &Actor, fields: &UserChanges) -> Result<()> {
    let length = fields.password.as_ref().and_then(|password| i64::try_from(password.length()).ok());
    match (actor.user(), actor.session(), length) {
        (Some(own), Some(session), Some(length)) => store::sessions::new_password(tx, own, session, length),
        _ => Ok(()),
    }
}

/// Changes the actor itself: names, phone, language, locale and password, which needs no permission.
///
/// # Errors
/// As [`update`].
pub(crate) fn update_own(
    tx: &mut Tx<'_>,
    actor: &Actor,
    fields: &UserChanges,
    password: &Prepared,
    stepping: bool,
    when: Option<&When<User>>,
) -> Result<User> {
    let id = own(actor, fields)?;
    as_seen(tx, actor, id, when)?;
    if stepping && matches!(password, Prepared::Same(_)) {
        return Err(Error::invalid(Field::Password, Refusal::PasswordAsBefore));
    }
    let mut change = planned(tx, actor, id, fields, password, true)?;
    if change.password {
        proof::need_factor(tx, actor)?;
        change.account.1.reset_password = false;
    }
    if change.is_empty() {
        return view(tx, actor.environment().id, id);
    }
    let changed = change.password;
    let user = apply(tx, actor, change)?;
    match actor.session().filter(|_| changed) {
        // It was good for this step alone.
        Some(session) if stepping => store::tokens::end_session(tx, id, session)?,
        Some(_) => lives_on(tx, actor, fields)?,
        None => {}
    }
    Ok(user)
}

/// Refuses a change of somebody who is no longer as the caller saw it.
pub(super) fn as_seen(tx: &mut Tx<'_>, actor: &Actor, id: UserId, when: Option<&When<User>>) -> Result<()> {
    if when.is_some() {
        store::accounts::hold(tx, id)?;
        still(when, &view(tx, actor.environment().id, id)?)?;
    }
    Ok(())
}

/// Who may ask at all: oneself for one's own things, holders of `change_user` for the rest.
fn may_change(actor: &Actor, id: UserId, fields: &UserChanges) -> Result<()> {
    if !actor.is(id) || fields.beyond_own() {
        actor.need(BuiltIn::ChangeUser)?;
    }
    Ok(())
}

/// Whether the actor's own new password will do; the present one is compared outside.
pub(crate) fn judge_own_password(fields: &UserChanges, stepping: bool) -> Result<()> {
    match (&fields.password, &fields.current_password) {
        (Some(_), None) if !stepping => Err(Error::invalid(Field::CurrentPassword, Problem::Required)),
        (None, Some(_)) => Err(Error::invalid(Field::Password, Problem::Required)),
        _ => Ok(()),
    }
}

/// Says beforehand what [`update_own`] would refuse.
pub(crate) fn judge_own(tx: &mut Tx<'_>, actor: &Actor, fields: &UserChanges, stepping: bool) -> Result<()> {
    if stepping && fields.password.is_none() {
        return Err(Error::StepRequired(Step::PasswordChange));
    }
    judge_own_password(fields, stepping)?;
    let id = own(actor, fields)?;
    planned(tx, actor, id, fields, &Prepared::None, false).map(drop)
}

/// Whose the change is, which is about one's own things alone.
fn own(actor: &Actor, fields: &UserChanges) -> Result<UserId> {
    if fields.beyond_own() {
        return Err(Error::Forbidden(Denial::OwnFields));
    }
    actor.user().ok_or(Error::NotFound(Noun::User))
}

/// The answer to a wrong present password.
pub(crate) fn wrong_current_password() -> Error {
    Error::invalid(Field::CurrentPassword, Refusal::PasswordWrong)
}

fn allowed(tx: &mut Tx<'_>, actor: &Actor, change: &Change) -> Result<()> {
    let environment = actor.environment().id;
    let (account, membership) = (&change.account.0, &change.membership.0);
    if change.membership.0.administrator != change.membership.1.administrator {
        actor.need_administrator()?;
    }
    if change.access() || change.credentials() {
        let mut power = power_in(tx, environment, account.id, membership)?;
        actor.need_to_cover(&power)?;
        if change.credentials() {
            power.operator = account.operator;
            need_to_cover_credentials(actor, &power)?;
        }
    }
    if change.identity() {
        need_own_account(tx, actor, account, membership)?;
    }
    // Whoever makes a membership last longer gives it; whoever ends it sooner only takes.
    let longer = |holding: &&Holding| {
        let before = change.groups.0.iter().find(|held| held.group == holding.group);
        before.is_none_or(|held| held.expires_at.is_some_and(|end| holding.expires_at.is_none_or(|new| new > end)))
    };
    let gained: Vec<GroupId> = change.groups.1.iter().filter(longer).map(|holding| holding.group).collect();
    groups::need_to_hold(tx, actor, &gained)
}

/// Whether the new address, username and external id are free. The first two are the system's, so being told counts.
fn free(tx: &mut Tx<'_>, actor: &Actor, change: &Change) -> Result<Result<()>> {
    let (account, membership) = (&change.account, &change.membership);
    if let Some(external_id) = &membership.1.external_id
        && membership.0.external_id != membership.1.external_id
        && store::users::by_external_id(tx, actor.environment().id, external_id)?
            .is_some_and(|user| user != account.0.id)
    {
        return Err(Error::taken(Field::ExternalId));
    }
    let (before, after) = account;
    let email = after.email.as_ref().filter(|email| before.email.as_ref() != Some(email));
    let username = after.username.as_ref().filter(|username| before.username.as_ref() != Some(username));
    if (email.is_some() || username.is_some()) && !actor.is_operator() {
        disclosures::need_room(tx, actor)?;
    }
    let mut taken = None;
    if let Some(email) = email
        && store::accounts::find_by_email(tx, email)?.is_some()
    {
        taken = Some((Field::Email, email.as_typed()));
    } else if let Some(username) = username
        && store::accounts::find_by_username(tx, username)?.is_some()
    {
        taken = Some((Field::Username, username.as_typed()));
    }
    let Some((field, asked)) = taken else { return Ok(Ok(())) };
    if !actor.is_operator() {
        disclosures::count(tx, actor)?;
        disclosures::record(tx, actor, asked)?;
    }
    Ok(Err(Error::taken(field)))
}

/// Writes the change; the user as it is then.
fn apply(tx: &mut Tx<'_>, actor: &Actor, change: Change) -> Result<User> {
    let environment = actor.environment().id;
    let (before, mut after) = (change.account.0.clone(), change.account.1.clone());
    let id = before.id;
    let (was, is) = &change.membership;
    let administers = |m: &Membership| m.administrator && m.active && !m.pending;
    if administers(was) && !administers(is) && before.password_hash.is_some() {
        keeps_administrator(tx, environment, id)?;
    }
    if change.credentials() {
        let renamed = before.email != after.email;
        if !actor.is(id) || renamed {
            after.owner_proven = false;
        }
        store::accounts::update(tx, &before, &after)?;
        if renamed {
            store::links::void_all(tx, id)?;
            invitations::withdraw(tx, actor, id)?;
            if let (Some(old), Some(new)) = (before.email.clone(), after.email.clone()) {
                mail::tell_at(tx, id, old, Subject::AddressChanged { new })?;
            }
        }
        // Whoever never had a password is not told that it was changed.
        if change.password && before.password_hash.is_some() {
            mail::tell(tx, &before, Subject::PasswordChanged)?;
        }
        if after.reset_second_factor && !before.reset_second_factor {
            second_factors::discard(tx, id)?;
            mail::tell(tx, &before, Subject::FactorReset)?;
        }
        if change.password || after.reset_password || after.reset_second_factor {
            store::tokens::end_sessions_of_account(tx, id, actor.session().filter(|_| actor.is(id)))?;
        }
    }
    store::users::update(tx, environment, &after, (was, is), actor.user())?;
    if was.active && !is.active {
        store::tokens::end_sessions_here(tx, environment, id)?;
    }
    for held in change.groups.0.iter().filter(|held| !change.groups.1.iter().any(|new| new.group == held.group)) {
        store::groups::remove_user(tx, environment, id, held.group)?;
    }
    for new in change.groups.1.iter().filter(|new| !change.groups.0.contains(new)) {
        store::groups::add_user(tx, environment, id, *new, Given::by(tx, actor))?;
    }
    if change.menus.0 != change.menus.1 {
        store::menus::set_of_user(tx, environment, id, &change.menus.1)?;
    }
    let verb = match (was.active, is.active) {
        (true, false) => "user.deactivated",
        (false, true) => "user.activated",
        _ => "user.updated",
    };
    audit::record(tx, actor, verb, &id, differences(&change))?;
    let mut membership = change.membership.1;
    membership.updated_at = tx.now();
    assemble(tx, environment, Whole { account: after, membership, groups: change.groups.1, menus: change.menus.1 })
}
