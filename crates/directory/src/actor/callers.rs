//! Who calls: from what a request shows to an [`Actor`] that we believe, in an environment that is its own. Knows how sessions and
//! tokens stand, and nothing of what the actor then wants.

use crate::actor::{Actor, Credential, Power, power_for_now};
use crate::clock::Time;
use crate::environments::{self, Environment, EnvironmentName};
use crate::error::{Denial, Error, Result, Step};
use crate::id::{EnvironmentId, UserId};
use crate::secret::{TokenHash, TokenSecret};
use crate::sessions::{self, Session};
use crate::store::memory::Mark;
use crate::store::tokens::{Bearer, BearerKind, Opens};
use crate::store::{self, Tx};
use crate::users::Membership;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a call comes from, for the audit trail.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The request's id.
    pub request: Arc<str>,
    /// The network address, if it came over a network.
    pub address: Option<IpAddr>,
}

impl Origin {
    /// The address as the audit trail has it.
    pub(crate) fn address(&self) -> String {
        self.address.map_or_else(String::new, |address| address.to_string())
    }
}

/// A call's credentials and environment, as the edge heard them. Nothing of it is believed yet.
#[derive(Clone)]
pub struct Caller {
    /// What was shown; `None`: nothing, or nothing that could be a bearer of ours.
    pub bearer: Option<Arc<TokenSecret>>,
    /// Who the call says that it is, where an API sends that too: only compared with the bearer's owner.
    pub claims: Option<UserId>,
    /// The environment that the call names.
    pub environment: Option<EnvironmentName>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Caller {
    /// The same caller, naming this environment.
    pub fn in_environment(&self, name: EnvironmentName) -> Caller {
        Caller { environment: Some(name), ..self.clone() }
    }
}

impl Actor {
    /// Believes a caller, or not.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], all causes alike; [`Error::Forbidden`] for an environment that is unknown or none of
    /// the caller's, both alike; [`Error::StepRequired`] when the session is not good enough for it.
    pub fn authenticate(tx: &mut Tx<'_>, caller: &Caller) -> Result<Actor> {
        let secret = caller.bearer.as_ref().ok_or(Error::Unauthenticated)?;
        let key = CallerKey { bearer: secret.hash(), environment: caller.environment.clone() };
        let now = tx.now();
        let remembered = tx.recall(|memories| &memories.callers, &key);
        let known = match remembered.filter(|known| known.so_until.is_none_or(|end| now < end)) {
            Some(known) => known,
            None => {
                let known = Arc::new(look_up(tx, caller)?);
                let (user, environment) = (known.user, known.environment.id);
                let marks = [Mark::Account(user), Mark::User(environment, user), Mark::Environment(environment)];
                tx.remember(|memories| &memories.callers, key, known.clone(), &marks);
                known
            }
        };
        if known.expires_at <= tx.now() || caller.claims.is_some_and(|claimed| claimed != known.user) {
            return Err(Error::Unauthenticated);
        }
        // Once: then it is known anew, with when that was.
        if now >= known.seen_due && !known.noted.load(Ordering::Relaxed) {
            let noted = tx.seen().note(known.user, known.credential, now, &caller.origin);
            known.noted.store(noted, Ordering::Relaxed);
        }
        let (environment, power) = (known.environment.clone(), known.power.clone());
        Ok(Actor::believed(known.user, known.credential, environment, power, &caller.origin))
    }

    /// Believes a caller whose session is good for one pending step only, or for everything: for the call that takes
    /// that step.
    ///
    /// # Errors
    /// As [`Actor::authenticate`].
    pub fn authenticate_for_step(tx: &mut Tx<'_>, caller: &Caller, step: Step) -> Result<(Actor, bool)> {
        let bearer = believe(tx, caller)?;
        match &bearer.opens {
            Opens::Session(session) if session.step == Some(step) => {
                let environment = store::environments::find(tx, session.environment)?.ok_or(Error::Unauthenticated)?;
                let membership = store::users::find_membership(tx, environment.id, bearer.account.id)?;
                power_of(tx, &bearer, environment.id, membership.as_ref())?.0.ok_or(Error::Unauthenticated)?;
                Ok((alone(&bearer, environment, caller), true))
            }
            _ => Ok((Actor::authenticate(tx, caller)?, false)),
        }
    }
}

impl Actor {
    /// Believes a caller in a session, as its owner alone, that lacks nothing but a second factor: to show one, or to enrol one.
    /// Whether its step is the right one is for the verb to say.
    ///
    /// # Errors
    /// As [`Actor::authenticate`]; [`Error::Forbidden`] for API tokens.
    pub(crate) fn authenticate_for_factor(tx: &mut Tx<'_>, caller: &Caller) -> Result<(Actor, Session)> {
        let bearer = believe(tx, caller)?;
        let Opens::Session(session) = &bearer.opens else {
            return Err(Error::Forbidden(Denial::Session));
        };
        match session.step {
            Some(Step::SecondFactor | Step::SecondFactorEnrolment) => {}
            Some(step) => return Err(Error::StepRequired(step)),
            None => match Actor::authenticate(tx, caller) {
                Ok(actor) => return Ok((actor, session.clone())),
                Err(Error::StepRequired(Step::StepUp | Step::SecondFactorEnrolment)) => {}
                Err(error) => return Err(error),
            },
        }
        let environment = store::environments::find(tx, session.environment)?.ok_or(Error::Unauthenticated)?;
        let membership = store::users::find_membership(tx, environment.id, bearer.account.id)?;
        power_of(tx, &bearer, environment.id, membership.as_ref())?.0.ok_or(Error::Unauthenticated)?;
        Ok((alone(&bearer, environment, caller), session.clone()))
    }
}

/// What a caller is remembered by.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct CallerKey {
    bearer: TokenHash,
    environment: Option<EnvironmentName>,
}

/// A caller whom we believe, in one environment.
pub(crate) struct Known {
    user: UserId,
    credential: Credential,
    environment: Arc<Environment>,
    power: Arc<Power>,
    /// When a membership of its owner's ends, and with it some of the power.
    so_until: Option<Time>,
    expires_at: Time,
    /// From when on it is to be noted again that it calls.
    seen_due: Time,
    /// It was, and is not written down yet.
    noted: AtomicBool,
}

/// Asks the database who a caller is and what it may do.
fn look_up(tx: &mut Tx<'_>, caller: &Caller) -> Result<Known> {
    let bearer = believe(tx, caller)?;
    let environment = environment_of(tx, caller, &bearer)?;
    let user = bearer.account.id;
    let membership = store::users::find_membership(tx, environment.id, user)?;
    let elsewhere = |own: EnvironmentId| caller.environment.is_some() && own != environment.id;
    let (power, so_until) = power_of(tx, &bearer, environment.id, membership.as_ref())?;
    let mut expires_at = bearer.ends_at();
    let (credential, power, seen_at) = match &bearer.opens {
        Opens::Session(session) => {
            if let Some(step) = session.step {
                return Err(Error::StepRequired(step));
            }
            let power = power.ok_or_else(|| refused(elsewhere(session.environment)))?;
            let operator = bearer.account.operator;
            if let Some(end) = sessions::good_enough(tx, session, &environment, membership.as_ref(), operator)? {
                expires_at = expires_at.min(end);
            }
            (Credential::Session(session.id), power, session.seen_at)
        }
        Opens::Token { id, environment: made_in, administrator, everywhere, used_at } => {
            let mut power = power.ok_or_else(|| refused(elsewhere(*made_in)))?;
            power.operator &= everywhere;
            if !administrator {
                let ceiling = store::permissions::of_token(tx, *made_in, *id)?;
                let permissions = ceiling.into_iter().filter(|permission| power.holds(*permission)).collect();
                power = Power { permissions, ..Power::default() };
            }
            (Credential::Token(*id), power, *used_at)
        }
    };
    let (environment, power) = (Arc::new(environment), Arc::new(power));
    let (seen_due, noted) = (seen_at.plus(sessions::SEEN_DUE), AtomicBool::new(false));
    Ok(Known { user, credential, environment, power, so_until, expires_at, seen_due, noted })
}

/// Only who calls, for the APIs that judge this before they know the environment.
///
/// # Errors
/// [`Error::Unauthenticated`]
pub(crate) fn identify(tx: &mut Tx<'_>, caller: &Caller) -> Result<UserId> {
    let secret = caller.bearer.as_ref().ok_or(Error::Unauthenticated)?;
    let hash = secret.hash();
    let (user, expires_at) = match tx.recall(|memories| &memories.bearers, &hash) {
        Some(known) => known,
        None => {
            let bearer = believe(tx, caller)?;
            let known = (bearer.account.id, bearer.ends_at());
            tx.remember(|memories| &memories.bearers, hash, known, &[Mark::Account(known.0)]);
            known
        }
    };
    if expires_at <= tx.now() || caller.claims.is_some_and(|claimed| claimed != user) {
        return Err(Error::Unauthenticated);
    }
    Ok(user)
}

fn believe(tx: &mut Tx<'_>, caller: &Caller) -> Result<Bearer> {
    let secret = caller.bearer.as_ref().ok_or(Error::Unauthenticated)?;
    let bearer = store::tokens::find(tx, &secret.hash())?.ok_or(Error::Unauthenticated)?;
    let other = caller.claims.is_some_and(|claimed| claimed != bearer.account.id);
    if bearer.ends_at() <= tx.now() || other || bearer.kind == BearerKind::Refresh {
        return Err(Error::Unauthenticated);
    }
    Ok(bearer)
}

/// Where the call acts. A token that is bound elsewhere, an unknown environment and one that is none of the caller's are
/// refused alike.
fn environment_of(tx: &mut Tx<'_>, caller: &Caller, bearer: &Bearer) -> Result<Environment> {
    let own = bearer.made_in();
    let Some(name) = &caller.environment else {
        return store::environments::find(tx, own)?.ok_or(Error::Unauthenticated);
    };
    let environment = environments::resolve(tx, name)?.ok_or_else(|| refused(true))?;
    match &bearer.opens {
        Opens::Token { everywhere, .. } if environment.id != own && !(*everywhere && bearer.account.operator) => {
            Err(refused(true))
        }
        _ => Ok(environment),
    }
}

/// What the bearer's owner may do there now, `None`: nothing, not even be there; and until when that stays so by itself.
fn power_of(
    tx: &mut Tx<'_>,
    bearer: &Bearer,
    environment: EnvironmentId,
    membership: Option<&Membership>,
) -> Result<(Option<Power>, Option<Time>)> {
    if bearer.account.operator {
        return Ok((Some(Power { operator: true, administrator: true, permissions: Vec::new() }), None));
    }
    match membership {
        Some(m) if m.active && !m.pending => {
            let (power, until) = power_for_now(tx, environment, bearer.account.id, m)?;
            Ok((Some(power), until))
        }
        _ => Ok((None, None)),
    }
}

fn refused(named: bool) -> Error {
    match named {
        true => Error::Forbidden(Denial::Environment),
        false => Error::Unauthenticated,
    }
}

/// Whoever shows a bearer that we know, for leaving: also where its session is good for nothing else.
///
/// # Errors
/// [`Error::Unauthenticated`]
pub(crate) fn leaving(tx: &mut Tx<'_>, caller: &Caller) -> Result<Actor> {
    let bearer = believe(tx, caller)?;
    let environment = store::environments::find(tx, bearer.made_in())?.ok_or(Error::Unauthenticated)?;
    Ok(alone(&bearer, environment, caller))
}

/// The bearer's owner, with power over nobody.
fn alone(bearer: &Bearer, environment: Environment, caller: &Caller) -> Actor {
    let credential = match &bearer.opens {
        Opens::Session(session) => Credential::Session(session.id),
        Opens::Token { id, .. } => Credential::Token(*id),
    };
    Actor::believed(bearer.account.id, credential, Arc::new(environment), Arc::default(), &caller.origin)
}
