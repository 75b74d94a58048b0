//! Changing users: first what would change, then whether the actor may, then the writing. Saying again what is already
//! true finds nothing to change, and so needs no permission beyond the call's and writes nothing.

use super::{Membership, User, UserChanges, view};
use crate::accounts::Account;
use crate::actor::{Actor, power_in};
use crate::audit::{self, Changes};
use crate::credentials::{self, need_own_account, need_to_cover_credentials};
use crate::disclosures;
use crate::email::Email;
use crate::environments::keeps_administrator;
use crate::error::{Error, Field, FieldError, Noun, Problem, Result};
use crate::groups;
use crate::id::{EnvironmentId, GroupId, MenuId, UserId};
use crate::menus;
use crate::permissions::BuiltIn;
use crate::secret::PasswordHash;
use crate::store::{self, Tx};
use crate::text::ExternalId;
use crate::username::Username;
use crate::users::MenusChange;

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

/// A user as it is, and as it is to be.
struct Change {
    account: (Account, Account),
    membership: (Membership, Membership),
    groups: (Vec<GroupId>, Vec<GroupId>),
    menus: (Vec<MenuId>, Vec<MenuId>),
    password: bool,
}

/// The hash that a given password is compared with, before hashing it anew.
pub(crate) fn current_password_hash(tx: &mut Tx<'_>, id: UserId) -> Result<Option<PasswordHash>> {
    Ok(store::accounts::find(tx, id)?.and_then(|account| account.password_hash))
}

/// Says beforehand what [`update`] would refuse, so that no password is hashed for nothing.
pub(crate) fn judge_update(tx: &mut Tx<'_>, actor: &Actor, id: UserId, fields: &UserChanges) -> Result<()> {
    may_change(actor, id, fields)?;
    let change = planned(tx, actor, id, fields, &Prepared::None, false)?;
    if fields.password.is_some() && !actor.is(id) {
        need_own_account(tx, actor, &change.account.0, &change.membership.0)?;
    }
    Ok(())
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
) -> Result<Result<User>> {
    may_change(actor, id, fields)?;
    let change = planned(tx, actor, id, fields, password, true)?;
    if change.is_empty() {
        return view(tx, actor.environment(), id).map(Ok);
    }
    allowed(tx, actor, &change)?;
    if let Err(told) = free(tx, actor, &change)? {
        return Ok(Err(told));
    }
    apply(tx, actor, &change)?;
    view(tx, actor.environment(), id).map(Ok)
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
) -> Result<User> {
    let id = actor.user().ok_or(Error::NotFound(Noun::User))?;
    let mut change = planned(tx, actor, id, fields, password, true)?;
    if change.password {
        change.account.1.reset_password = false;
    }
    if !change.is_empty() {
        apply(tx, actor, &change)?;
    }
    if stepping {
        // The session was good for this step alone.
        if let Some(session) = actor.session().filter(|_| change.password) {
            store::tokens::end_session(tx, session)?;
        }
    }
    view(tx, actor.environment(), id)
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
    judge_own_password(fields, stepping)?;
    let own = actor.user().ok_or(Error::NotFound(Noun::User))?;
    planned(tx, actor, own, fields, &Prepared::None, false).map(drop)
}

/// The answer to a wrong present password.
pub(crate) fn wrong_current_password() -> Error {
    Error::invalid(Field::CurrentPassword, Problem::refused("This is not your present password."))
}

fn planned(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: UserId,
    fields: &UserChanges,
    password: &Prepared,
    writing: bool,
) -> Result<Change> {
    let environment = actor.environment().id;
    if writing && (fields.administrator.is_some() || fields.active.is_some()) {
        store::environments::lock(tx, environment)?;
    }
    let account = match writing {
        true => store::accounts::lock(tx, id)?,
        false => store::accounts::find(tx, id)?,
    };
    let membership = store::users::find_membership(tx, environment, id)?;
    let (Some(account), Some(membership)) = (account, membership) else { return Err(Error::NotFound(Noun::User)) };
    let held: Vec<GroupId> = store::groups::of_user(tx, environment, id)?.into_iter().map(|group| group.id).collect();
    let own: Vec<MenuId> = store::menus::of_user(tx, environment, id)?.into_iter().map(|menu| menu.id).collect();

    let mut errors = Vec::new();
    let groups = match &fields.groups {
        Some(named) => groups::resolve_refs(tx, environment, named, &mut errors)?,
        None => held.clone(),
    };
    let menus = wanted_menus(tx, environment, &fields.menus, &own, &mut errors)?;
    let new_membership = changed_membership(&membership, fields);
    let mut new_account = changed_account(&account, fields, &mut errors);
    if let Some(given) = &fields.password {
        let here = Some((environment, &new_membership));
        let minimum = credentials::minimum_length(tx, Some(&account), here)?;
        credentials::judge_password(given, minimum, &new_account, Some(&new_membership), &mut errors);
    }
    if fields.current_password.is_some() && !actor.is(id) {
        let problem = Problem::refused("Only for changing your own password.");
        errors.push(FieldError { field: Field::CurrentPassword, problem });
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if let Prepared::Same(hash) = password
        && account.password_hash.as_ref().map(PasswordHash::as_phc) != Some(hash.as_phc())
    {
        return Err(Error::Unavailable("the password was changed at the same moment".to_owned()));
    }
    let new_password = matches!(password, Prepared::New(_));
    if let Prepared::New(hash) = password {
        new_account.password_hash = Some(hash.clone());
    }
    Ok(Change {
        account: (account, new_account),
        membership: (membership, new_membership),
        groups: (held, groups),
        menus: (own, menus),
        password: new_password,
    })
}

fn changed_membership(before: &Membership, fields: &UserChanges) -> Membership {
    let mut after = before.clone();
    after.first_name = fields.first_name.clone().unwrap_or(after.first_name);
    after.last_name = fields.last_name.clone().unwrap_or(after.last_name);
    after.name = fields.name.clone().unwrap_or(after.name);
    after.phone = fields.phone.clone().unwrap_or(after.phone);
    after.language = fields.language.clone().unwrap_or(after.language);
    after.locale = fields.locale.clone().unwrap_or(after.locale);
    after.administrator = fields.administrator.unwrap_or(after.administrator);
    after.active = fields.active.unwrap_or(after.active);
    after.mfa = fields.mfa.unwrap_or(after.mfa);
    after.external_id = fields.external_id.clone().unwrap_or(after.external_id);
    after
}

fn changed_account(before: &Account, fields: &UserChanges, errors: &mut Vec<FieldError>) -> Account {
    let mut after = before.clone();
    if let Some(email) = &fields.email {
        // A username that is the address follows it.
        if before.username.as_ref().is_some_and(Username::is_email) {
            after.username = Some(Username::from_stored(email.as_typed().to_owned()));
        }
        after.email = Some(email.clone());
    }
    if let Some(username) = &fields.username {
        if username.is_email() {
            judge_username(username, after.email.as_ref(), errors);
        }
        after.username = Some(username.clone());
    }
    after.reset_password = fields.reset_password.unwrap_or(after.reset_password);
    after.reset_second_factor = fields.reset_second_factor.unwrap_or(after.reset_second_factor);
    after
}

/// A username with `@` must be the account's own address.
pub(super) fn judge_username(username: &Username, email: Option<&Email>, errors: &mut Vec<FieldError>) {
    if email.is_none_or(|email| email.folded() != username.folded()) {
        let problem = Problem::refused("A username with @ must be the user's own e-mail address.");
        errors.push(FieldError { field: Field::Username, problem });
    }
}

/// A user's own menus after a change: replaced, then added to, then removed from. Order is kept.
pub(super) fn wanted_menus(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    change: &MenusChange,
    own: &[MenuId],
    errors: &mut Vec<FieldError>,
) -> Result<Vec<MenuId>> {
    let mut wanted = match &change.replace {
        Some(named) => menus::resolve_refs(tx, environment, named, errors)?,
        None => own.to_vec(),
    };
    let add = menus::resolve_refs(tx, environment, &change.add, errors)?;
    let remove = menus::resolve_refs(tx, environment, &change.remove, errors)?;
    if add.iter().any(|menu| remove.contains(menu)) {
        let problem = Problem::refused("The same menu cannot be added and removed in one call.");
        errors.push(FieldError { field: Field::Menus, problem });
    }
    for menu in add {
        if !wanted.contains(&menu) {
            wanted.push(menu);
        }
    }
    wanted.retain(|menu| !remove.contains(menu));
    Ok(wanted)
}

impl Change {
    fn is_empty(&self) -> bool {
        !self.credentials()
            && self.membership.0 == self.membership.1
            && self.groups.0 == self.groups.1
            && self.menus.0 == self.menus.1
    }

    /// What belongs to the account, and so to a person, not to a tenant.
    fn credentials(&self) -> bool {
        self.password || self.identity()
    }

    /// The same but for the password.
    fn identity(&self) -> bool {
        let (before, after) = &self.account;
        before.email.as_ref().map(Email::as_typed) != after.email.as_ref().map(Email::as_typed)
            || before.username.as_ref().map(Username::as_typed) != after.username.as_ref().map(Username::as_typed)
            || before.reset_password != after.reset_password
            || before.reset_second_factor != after.reset_second_factor
    }

    /// What decides over access: only those who have no more than the actor may be touched so.
    fn access(&self) -> bool {
        let (before, after) = &self.membership;
        self.groups.0 != self.groups.1
            || before.active != after.active
            || before.administrator != after.administrator
            || before.mfa != after.mfa
    }
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
    // One's own password is proven by the present one, which was compared outside; all else is the tenant's to ask for.
    if change.identity() || (change.password && !actor.is(account.id)) {
        need_own_account(tx, actor, account, membership)?;
    }
    let gained: Vec<GroupId> =
        change.groups.1.iter().copied().filter(|group| !change.groups.0.contains(group)).collect();
    actor.need_to_hold(&store::groups::permission_ids(tx, environment, &gained)?)
}

/// Whether the new address, username and external id are free. The first two are the system's, so being told counts.
fn free(tx: &mut Tx<'_>, actor: &Actor, change: &Change) -> Result<Result<()>> {
    let (account, membership) = (&change.account, &change.membership);
    if let Some(external_id) = &membership.1.external_id
        && store::users::by_external_id(tx, actor.environment().id, external_id)?
            .is_some_and(|user| user != account.0.id)
    {
        return Err(Error::taken(Field::ExternalId));
    }
    let mut taken = None;
    if let Some(email) = &account.1.email
        && let Some(other) = store::accounts::find_by_email(tx, email)?
        && other.id != account.0.id
    {
        taken = Some((Field::Email, email.clone()));
    }
    if let Some(username) = &account.1.username
        && taken.is_none()
        && let Some(other) = store::accounts::find_by_username(tx, username)?
        && other.id != account.0.id
    {
        taken = Some((Field::Username, Email::from_stored(username.as_typed().to_owned())));
    }
    match taken {
        None => Ok(Ok(())),
        Some((field, asked)) => {
            if !actor.is_operator() {
                disclosures::count(tx, actor)?;
                disclosures::record(tx, actor, &asked)?;
            }
            Ok(Err(Error::taken(field)))
        }
    }
}

fn apply(tx: &mut Tx<'_>, actor: &Actor, change: &Change) -> Result<()> {
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
        store::accounts::update(tx, &after)?;
        if renamed {
            store::links::void_all(tx, id)?;
        }
        if change.password || after.reset_password || after.reset_second_factor {
            store::tokens::end_sessions_of_account(tx, id, actor.session().filter(|_| actor.is(id)))?;
        }
    }
    store::users::update(tx, environment, id, is)?;
    if was.active && !is.active {
        store::tokens::end_sessions_here(tx, environment, id)?;
    }
    for group in change.groups.0.iter().filter(|group| !change.groups.1.contains(group)) {
        store::groups::remove_user(tx, environment, id, *group)?;
    }
    for group in change.groups.1.iter().filter(|group| !change.groups.0.contains(group)) {
        store::groups::add_user(tx, environment, id, *group)?;
    }
    if change.menus.0 != change.menus.1 {
        store::menus::set_of_user(tx, environment, id, &change.menus.1)?;
    }
    let verb = match (was.active, is.active) {
        (true, false) => "user.deactivated",
        (false, true) => "user.activated",
        _ => "user.updated",
    };
    audit::record(tx, actor, verb, &id, differences(change))
}

fn differences(change: &Change) -> Changes {
    let mut changes = difference(Some(&change.membership.0), Some(&change.membership.1));
    let (before, after) = &change.account;
    changes.text("email", before.email.as_ref().map(Email::as_typed), after.email.as_ref().map(Email::as_typed));
    let username = |account: &Account| account.username.as_ref().map(|username| username.as_typed().to_owned());
    changes.text("username", username(before).as_deref(), username(after).as_deref());
    changes.flag("reset_pw", Some(before.reset_password), Some(after.reset_password));
    changes.flag("reset_2fa", Some(before.reset_second_factor), Some(after.reset_second_factor));
    changes.list("groups", &change.groups.0, &change.groups.1);
    changes.list("menus", &change.menus.0, &change.menus.1);
    if change.password {
        changes.secret("password");
    }
    changes
}

/// A membership's columns, before and after.
pub(super) fn difference(before: Option<&Membership>, after: Option<&Membership>) -> Changes {
    let mut changes = Changes::default();
    let mut text = |field, read: fn(&Membership) -> &str| {
        changes.text(field, before.map(read), after.map(read));
    };
    text("name", |m| m.name.as_str());
    text("first_name", |m| m.first_name.as_str());
    text("last_name", |m| m.last_name.as_str());
    text("phone", |m| m.phone.as_str());
    text("language", |m| m.language.as_ref().map_or("", |locale| locale.as_str()));
    text("locale", |m| m.locale.as_ref().map_or("", |locale| locale.as_str()));
    text("external_id", |m| m.external_id.as_ref().map_or("", ExternalId::as_str));
    let mut flag = |field, read: fn(&Membership) -> bool| {
        changes.flag(field, before.map(read), after.map(read));
    };
    flag("administrator", |m| m.administrator);
    flag("active", |m| m.active);
    flag("pending", |m| m.pending);
    flag("mfa", |m| m.mfa);
    changes
}
