//! What a call would change of a user: the fields looked up and judged one by one, before and after side by side. Knows
//! nothing of whether the actor may.

use super::{Membership, MenusChange, Prepared, UserChanges};
use crate::accounts::Account;
use crate::actor::Actor;
use crate::audit::Changes;
use crate::credentials;
use crate::email::Email;
use crate::error::{Error, Field, FieldError, Noun, Refusal, Result};
use crate::groups::{self, Holding};
use crate::id::{EnvironmentId, MenuId, UserId};
use crate::menus;
use crate::secret::PasswordHash;
use crate::store::users::Whole;
use crate::store::{self, Tx};
use crate::text::ExternalId;
use crate::username::Username;

/// A user as it is, and as it is to be.
pub(super) struct Change {
    pub(super) account: (Account, Account),
    pub(super) membership: (Membership, Membership),
    pub(super) groups: (Vec<Holding>, Vec<Holding>),
    pub(super) menus: (Vec<MenuId>, Vec<MenuId>),
    pub(super) password: bool,
}

impl Change {
    pub(super) fn is_empty(&self) -> bool {
        !self.credentials()
            && self.membership.0 == self.membership.1
            && self.groups.0 == self.groups.1
            && self.menus.0 == self.menus.1
    }

    /// What belongs to the account, and so to a person, not to a tenant.
    pub(super) fn credentials(&self) -> bool {
        self.password || self.identity()
    }

    /// The same but for the password.
    pub(super) fn identity(&self) -> bool {
        let (before, after) = &self.account;
        before.email.as_ref().map(Email::as_typed) != after.email.as_ref().map(Email::as_typed)
            || before.username.as_ref().map(Username::as_typed) != after.username.as_ref().map(Username::as_typed)
            || before.reset_password != after.reset_password
            || before.reset_second_factor != after.reset_second_factor
    }

    /// What decides over access: only those who have no more than the actor may be touched so.
    pub(super) fn access(&self) -> bool {
        let (before, after) = &self.membership;
        self.groups.0 != self.groups.1
            || before.active != after.active
            || before.administrator != after.administrator
            || before.mfa != after.mfa
    }
}

/// What a call would make of a user; nothing is judged yet but the fields themselves. `writing` takes the account, which must
/// not change meanwhile.
pub(super) fn planned(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: UserId,
    fields: &UserChanges,
    password: &Prepared,
    writing: bool,
) -> Result<Change> {
    let environment = actor.environment().id;
    if writing {
        store::accounts::hold(tx, id)?;
    }
    let whole = store::users::find(tx, environment, id)?.ok_or(Error::NotFound(Noun::User))?;
    let Whole { account, membership, groups: mut held, menus: own } = whole;
    let now = tx.now();
    held.retain(|holding| holding.counts(now));
    held.sort_unstable();

    let mut errors = Vec::new();
    let groups = match &fields.groups {
        Some(wishes) => groups::resolve_wishes(tx, environment, wishes, &held, &mut errors)?,
        None => held.clone(),
    };
    let menus = wanted_menus(tx, environment, &fields.menus, &own, &mut errors)?;
    let new_membership = changed_membership(&membership, fields);
    if account.service {
        let given = [
            (Field::Email, fields.email.is_some()),
            (Field::Username, fields.username.is_some()),
            (Field::Password, fields.password.is_some()),
            (Field::Administrator, fields.administrator == Some(true)),
        ];
        for (field, _) in given.into_iter().filter(|(_, given)| *given) {
            errors.push(FieldError { field, problem: Refusal::ServiceAccountHasNone.into() });
        }
    }
    let mut new_account = changed_account(&account, fields, &mut errors);
    if let Some(given) = &fields.password {
        let here = Some((environment, &new_membership));
        let minimum = credentials::minimum_length(tx, Some(&account), here)?;
        credentials::judge_password(given, minimum, &new_account, Some(&new_membership), &mut errors);
    }
    if fields.current_password.is_some() && !actor.is(id) {
        errors.push(FieldError { field: Field::CurrentPassword, problem: Refusal::PasswordNotYours.into() });
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
        errors.push(FieldError { field: Field::Username, problem: Refusal::UsernameNotTheirs.into() });
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
        errors.push(FieldError { field: Field::Menus, problem: Refusal::MenuTwice.into() });
    }
    for menu in add {
        if !wanted.contains(&menu) {
            wanted.push(menu);
        }
    }
    wanted.retain(|menu| !remove.contains(menu));
    Ok(wanted)
}

/// All that changed, for the audit trail.
pub(super) fn differences(change: &Change) -> Changes {
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
