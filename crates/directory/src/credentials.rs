//! Who may set whose credentials, and which passwords will do. A tenant cannot take over a person: once an account is
//! shared, only its owner or an operator touches what it signs in with.

use crate::accounts::Account;
use crate::actor::{Actor, Power};
use crate::error::{Error, Field, FieldError, Problem, Result};
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
        return Err(Error::forbidden(
            "This account belongs to more than this environment: only its owner or an operator may change its e-mail, \
             username, password or second factors.",
        ));
    }
    Ok(())
}

/// Refuses whoever would touch the credentials of somebody more powerful, over the whole system: operators are always
/// more.
pub(crate) fn need_to_cover_credentials(actor: &Actor, other: &Power) -> Result<()> {
    if other.operator && !actor.is_operator() {
        return Err(Error::forbidden("This user has more permissions than you have."));
    }
    actor.need_to_cover(other)
}

/// How long an account's password must be: more for whoever administers anything without a second factor.
pub(crate) fn minimum_length(
    tx: &mut Tx<'_>,
    account: Option<&Account>,
    here: Option<(EnvironmentId, &Membership)>,
) -> Result<usize> {
    let bare = |membership: &Membership| membership.administrator && !membership.mfa;
    if account.is_some_and(|account| account.operator) || here.is_some_and(|(_, membership)| bare(membership)) {
        return Ok(MINIMUM_ADMINISTRATOR);
    }
    if let Some(account) = account {
        for own in store::environments::of_account(tx, account.id)? {
            let id = own.environment.id;
            if here.is_some_and(|(here, _)| here == id) {
                continue;
            }
            if store::users::find_membership(tx, id, account.id)?.is_some_and(|membership| bare(&membership)) {
                return Ok(MINIMUM_ADMINISTRATOR);
            }
        }
    }
    Ok(MINIMUM)
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
    if let Err(sentence) = password_policy::judge(password, minimum, &context) {
        errors.push(FieldError { field: Field::Password, problem: Problem::Refused(sentence) });
    }
}
