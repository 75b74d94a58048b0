//! Who may set whose credentials, and which passwords will do. A tenant cannot take over a person: once an account is
//! shared, only its owner or an operator touches what it signs in with.

use crate::accounts::Account;
use crate::actor::{Actor, Power};
use crate::environments::Environment;
use crate::error::{Denial, Error, Field, FieldError, Result};
use crate::id::EnvironmentId;
use crate::password_policy::{self, MINIMUM, MINIMUM_ADMINISTRATOR};
use crate::secret::Password;
use crate::store::{self, Tx};
use crate::users::Membership;

/// Refuses whoever would touch the credentials of an account that is not the environment's alone.
pub(crate) fn need_own_account(
    tx: &mut Tx<'_>,
    actor: &Actor,
    account: &Account,
    membership: &Membership,
) -> Result<()> {
    if actor.is_operator() {
        return Ok(());
    }
    let shared = membership.pending || store::users::accepted_elsewhere(tx, actor.environment().id, account.id)?;
    if shared {
        return Err(Error::Forbidden(Denial::SharedAccount));
    }
    Ok(())
}

/// Refuses whoever would touch the credentials of somebody more powerful, over the whole system: operators are always
/// more.
pub(crate) fn need_to_cover_credentials(actor: &Actor, other: &Power) -> Result<()> {
    if other.operator && !actor.is_operator() {
        return Err(Error::Forbidden(Denial::MorePowerful));
    }
    actor.need_to_cover(other)
}

/// How long the password of whoever is this in an environment must be: more for whoever administers without a second factor. What
/// groups demand is left out here: they come and go, and a password stays.
pub(crate) fn minimum_in(environment: &Environment, membership: Option<&Membership>, operator: bool) -> usize {
    let policy = &environment.policy;
    let bare = |m: &Membership| m.administrator && !m.mfa && !policy.second_factor.covers(true);
    least(policy.password_minimum, operator || membership.is_some_and(bare))
}

/// What an environment asks, and what is asked of administrators without a second factor: the longer.
fn least(asked: Option<u16>, bare: bool) -> usize {
    let least = if bare { MINIMUM_ADMINISTRATOR } else { MINIMUM };
    asked.map_or(least, |asked| least.max(usize::from(asked)))
}

/// How long an account's password must be: the strictest of its environments counts.
pub(crate) fn minimum_length(
    tx: &mut Tx<'_>,
    account: Option<&Account>,
    here: Option<(EnvironmentId, &Membership)>,
) -> Result<usize> {
    let operator = account.is_some_and(|account| account.operator);
    let mut minimum = if operator { MINIMUM_ADMINISTRATOR } else { MINIMUM };
    if let Some((id, membership)) = here
        && let Some(environment) = store::environments::find(tx, id)?
    {
        minimum = minimum.max(minimum_in(&environment, Some(membership), operator));
    }
    if let Some(account) = account {
        for own in store::environments::password_demands(tx, account.id)? {
            if here.is_none_or(|(here, _)| here != own.environment) {
                minimum = minimum.max(least(own.minimum, own.administrator && !own.second_factor));
            }
        }
    }
    Ok(minimum)
}

/// Judges a password for an account; a refusal joins the other fields' errors.
pub(crate) fn judge_password(
    password: &Password,
    minimum: usize,
    account: &Account,
    membership: Option<&Membership>,
    errors: &mut Vec<FieldError>,
) {
    let mut context: Vec<&str> = Vec::new();
    context.extend(account.email.as_ref().map(|email| email.local_part()));
    context.extend(account.username.as_ref().map(|username| username.as_typed()));
    if let Some(membership) = membership {
        context.extend([membership.name.as_str(), membership.first_name.as_str(), membership.last_name.as_str()]);
    }
    if let Err(refusal) = password_policy::judge(password, minimum, &context) {
        errors.push(FieldError { field: Field::Password, problem: refusal.into() });
    }
}
