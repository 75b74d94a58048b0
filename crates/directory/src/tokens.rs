//! API tokens: long-lived credentials with a ceiling. Made for oneself, or by the command line; shown once. Knows nothing of
//! sessions.

use crate::actor::{Actor, power_in};
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::error::{Conflict, Denial, Error, Field, Noun, Problem, Refusal, Result};
use crate::id::{EnvironmentId, PermissionId, TokenId, UserId};
use crate::permissions::BuiltIn;
use crate::roles;
use crate::secret::{TokenSecret, TokenSpelling};
use crate::service_accounts;
use crate::sessions::proof;
use crate::store::users::Whole;
use crate::store::{self, Tx};
use crate::text::{Codename, Name};
use std::collections::HashMap;
use std::time::Duration;

/// How long an API token lasts unless told otherwise: a year.
pub const LIFETIME: Duration = Duration::from_secs(365 * 24 * 3600);

/// The most that an account may have in an environment.
pub const MOST: usize = 100;

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Not a secret.
    pub id: TokenId,
    /// Whose.
    pub account: UserId,
    /// Where it was made, and where it acts unless it is good everywhere.
    pub environment: EnvironmentId,
    /// What its owner calls it.
    pub name: Name,
    /// Its ceiling is the administrator's.
    pub administrator: bool,
    /// An operator's, for all environments.
    pub everywhere: bool,
    /// When it was made.
    pub created_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
    /// When it was last used, to some minutes.
    pub used_at: Option<Time>,
}

/// What an API token may do at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ceiling {
    /// These alone, by codename.
    Permissions(Vec<String>),
    /// All that its owner may do in its environment.
    Administrator,
    /// All that an operator may do, in every environment.
    Everywhere,
}

/// An API token to make.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Whose.
    pub account: UserId,
    /// What to call it.
    pub name: Name,
    /// What it may do at most.
    pub ceiling: Ceiling,
    /// When it ends by itself; after [`LIFETIME`], unless given.
    pub ends: Option<Time>,
}

/// Makes an API token in the actor's environment, and shows its secret this once.
///
/// # Errors
/// [`Error::Forbidden`] for another's account (but from the command line), or a ceiling above what the actor has;
/// [`Error::NotFound`] when the account is no user there; [`Error::Invalid`] for unknown permissions.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: &NewToken) -> Result<(ApiToken, TokenSecret)> {
    let environment = actor.environment().id;
    if actor.is(new.account) {
        proof::need(tx, actor)?;
    } else if actor.user().is_some() {
        let missing = || Error::Forbidden(Denial::TokenOfAnother);
        actor.need(BuiltIn::ManageToken).map_err(|_| missing())?;
        let Whole { account, membership, .. } =
            store::users::find(tx, environment, new.account)?.filter(|w| w.account.service).ok_or_else(missing)?;
        actor.need_to_cover(&power_in(tx, environment, account.id, &membership)?)?;
    }
    let account = store::accounts::find(tx, new.account)?.ok_or(Error::NotFound(Noun::User))?;
    if !account.operator && store::users::find_membership(tx, environment, new.account)?.is_none() {
        return Err(Error::NotFound(Noun::User));
    }
    if actor.user().is_some() {
        // Two at once may make one more than that, which harms nobody.
        if store::tokens::tokens_of(tx, environment, new.account)?.len() >= MOST {
            return Err(Error::Conflict(Conflict::Full(Noun::Token)));
        }
    }
    let (administrator, everywhere, ceiling) = match &new.ceiling {
        Ceiling::Everywhere if !account.operator => {
            return Err(Error::Forbidden(Denial::TokenEverywhere));
        }
        Ceiling::Everywhere => {
            actor.need_operator()?;
            (true, true, Vec::new())
        }
        Ceiling::Administrator => {
            actor.need_administrator()?;
            (true, false, Vec::new())
        }
        Ceiling::Permissions(codenames) => {
            let ceiling = resolve(tx, environment, codenames)?;
            actor.need_to_hold(&ceiling)?;
            (false, false, ceiling)
        }
    };
    let now = tx.now();
    if new.ends.is_some_and(|end| end <= now) {
        return Err(Error::invalid(Field::ExpiresAt, Refusal::TokenEnded));
    }
    let effects = tx.effects();
    let token = ApiToken {
        id: TokenId(effects.randomness.uuid_v7(now)?),
        account: new.account,
        environment,
        name: new.name.clone(),
        administrator,
        everywhere,
        created_at: now,
        expires_at: new.ends.unwrap_or_else(|| now.plus(LIFETIME)),
        used_at: None,
    };
    let secret = TokenSecret::new(TokenSpelling::Api, effects.randomness.bytes()?);
    store::tokens::insert_token(tx, &token, &ceiling, &secret.hash())?;
    let mut changes = Changes::default();
    changes.text("name", None, Some(token.name.as_str()));
    changes.flag("administrator", None, Some(administrator));
    changes.flag("everywhere", None, Some(everywhere));
    changes.list("permissions", &[], &ceiling);
    changes.text("account", None, Some(&token.account.to_string()));
    audit::record(tx, actor, "token.created", &token.id, changes)?;
    Ok((token, secret))
}

fn resolve(tx: &mut Tx<'_>, environment: EnvironmentId, codenames: &[String]) -> Result<Vec<PermissionId>> {
    // A NUL cannot stand in a text of every engine, and no codename has one.
    let named: Vec<&str> = codenames.iter().map(String::as_str).filter(|name| !name.contains('\0')).collect();
    let known = store::permissions::by_codenames(tx, environment, &named)?;
    let unknown = codenames.iter().find(|name| !known.iter().any(|permission| permission.codename.as_str() == **name));
    match unknown {
        Some(name) => Err(Error::invalid(Field::Permissions, Problem::DoesNotExist(name.clone()))),
        None => Ok(known.into_iter().map(|permission| permission.id).collect()),
    }
}

/// Makes an API token for a service account.
///
/// # Errors
/// As [`create`]; [`Error::Forbidden`] without `manage_token`; [`Error::NotFound`], also for a user who is no program.
pub fn create_for_service(tx: &mut Tx<'_>, actor: &Actor, new: &NewToken) -> Result<(ApiToken, TokenSecret)> {
    service_accounts::get(tx, actor, new.account)?;
    create(tx, actor, new)
}

/// The actor's own API tokens that were made in the environment.
///
/// # Errors
/// The store's.
pub fn list_own(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<ApiToken>> {
    match actor.user() {
        Some(own) => store::tokens::tokens_of(tx, actor.environment().id, own),
        None => Ok(Vec::new()),
    }
}

/// Those of a service account.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_token`; [`Error::NotFound`], also for a user who is no program.
pub fn list_of_service(tx: &mut Tx<'_>, actor: &Actor, service: UserId) -> Result<Vec<ApiToken>> {
    service_accounts::get(tx, actor, service)?;
    store::tokens::tokens_of(tx, actor.environment().id, service)
}

/// API tokens of the actor's environment, each with what it may do at most, by codename, in order; empty where its ceiling is
/// the administrator's.
///
/// # Errors
/// The store's.
pub fn with_ceilings(tx: &mut Tx<'_>, actor: &Actor, tokens: Vec<ApiToken>) -> Result<Vec<(ApiToken, Vec<Codename>)>> {
    let environment = actor.environment().id;
    let roles = roles::of(tx, environment)?;
    let ids: Vec<TokenId> = tokens.iter().map(|token| token.id).collect();
    let mut ceilings: HashMap<TokenId, Vec<Codename>> = HashMap::new();
    for (token, permission) in store::permissions::of_tokens(tx, environment, &ids)? {
        ceilings.entry(token).or_default().extend(roles.codename(permission).cloned());
    }
    let with_ceiling = |token: ApiToken| {
        let mut ceiling = ceilings.remove(&token.id).unwrap_or_default();
        ceiling.sort_unstable();
        (token, ceiling)
    };
    Ok(tokens.into_iter().map(with_ceiling).collect())
}

/// The API tokens made in the actor's environment, at most 1,000. Those of operators who are no users there are shown to
/// operators alone.
///
/// # Errors
/// [`Error::Forbidden`] without `manage_token`.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<ApiToken>> {
    actor.need(BuiltIn::ManageToken)?;
    match actor.is_operator() {
        true => store::tokens::tokens_here(tx, actor.environment().id),
        false => store::tokens::tokens_of_users_here(tx, actor.environment().id),
    }
}

/// Ends an API token at once: one's own, or with `manage_token` one of the environment's whose owner has no more.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub fn revoke(tx: &mut Tx<'_>, actor: &Actor, id: TokenId) -> Result<()> {
    let environment = actor.environment().id;
    let token = store::tokens::find_token(tx, id)?
        .filter(|token| token.environment == environment || actor.is(token.account))
        .ok_or(Error::NotFound(Noun::Token))?;
    if actor.is(token.account) {
        proof::need(tx, actor)?;
    } else {
        actor.need(BuiltIn::ManageToken)?;
        match store::users::find(tx, environment, token.account)? {
            Some(Whole { account, membership, .. }) => {
                let mut power = power_in(tx, environment, account.id, &membership)?;
                power.operator = account.operator;
                crate::credentials::need_to_cover_credentials(actor, &power)?;
            }
            // An operator's, who is no user there.
            None if !actor.is_operator() => return Err(Error::NotFound(Noun::Token)),
            None => {}
        }
    }
    store::tokens::end_token(tx, token.account, id)?;
    let mut changes = Changes::default();
    changes.text("name", Some(token.name.as_str()), None);
    audit::record(tx, actor, "token.revoked", &id, changes)
}
