//! Who asks, in which environment, through what, and what it may do: the only place that says yes or no. Knows nothing of
//! how a bearer travels, nor of what the verbs do with the answer.

use crate::clock::Time;
use crate::environments::{self, Environment, EnvironmentName};
use crate::error::{Error, Result, Step};
use crate::id::{EnvironmentId, PermissionId, SessionId, TokenId, UserId};
use crate::permissions::BuiltIn;
use crate::secret::{TokenHash, TokenSecret};
use crate::store::memory::Mark;
use crate::store::tokens::{Bearer, BearerKind, Opens};
use crate::store::{self, Tx};
use crate::users::Membership;
use std::sync::Arc;
use uuid::Uuid;

/// Where a call comes from, for the audit trail.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The request's id.
    pub request: String,
    /// The network address.
    pub address: String,
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

/// Through what an actor acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A login.
    Session(SessionId),
    /// An API token.
    Token(TokenId),
    /// A mailed link.
    Link,
    /// The command line, on the machine itself.
    Command,
}

impl Credential {
    /// As the audit trail names it.
    pub(crate) fn kind_and_id(self) -> (&'static str, Option<Uuid>) {
        match self {
            Credential::Session(id) => ("session", Some(id.0)),
            Credential::Token(id) => ("token", Some(id.0)),
            Credential::Link => ("link", None),
            Credential::Command => ("command", None),
        }
    }
}

/// What somebody may do in one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Power {
    /// Manages the system; more than anybody.
    pub operator: bool,
    /// Has all of the environment's permissions.
    pub administrator: bool,
    /// In order of their ids.
    pub permissions: Vec<PermissionId>,
}

impl Power {
    /// Whether this includes a permission.
    pub fn holds(&self, permission: PermissionId) -> bool {
        self.operator || self.administrator || self.permissions.binary_search(&permission).is_ok()
    }

    /// Whether the other has no more than this, in the environment.
    pub fn covers(&self, other: &Power) -> bool {
        if self.operator || self.administrator {
            return true;
        }
        !other.administrator && !other.operator && other.permissions.iter().all(|permission| self.holds(*permission))
    }
}

/// Who asks, once believed.
#[derive(Clone, Debug)]
pub struct Actor {
    user: Option<UserId>,
    credential: Credential,
    environment: Arc<Environment>,
    in_system: bool,
    power: Arc<Power>,
    origin: Origin,
}

impl Actor {
    /// The command line: whoever can read the database may do everything.
    pub(crate) fn command(environment: Environment, in_system: bool) -> Actor {
        Actor {
            user: None,
            credential: Credential::Command,
            environment: Arc::new(environment),
            in_system,
            power: Arc::new(Power { operator: true, administrator: true, permissions: Vec::new() }),
            origin: Origin { request: "command".to_owned(), address: String::new() },
        }
    }

    /// The owner of a mailed link: itself, in one environment, with no power over others.
    pub(crate) fn owner_by_link(user: UserId, environment: Environment, origin: Origin) -> Actor {
        Actor {
            user: Some(user),
            credential: Credential::Link,
            environment: Arc::new(environment),
            in_system: false,
            power: Arc::default(),
            origin,
        }
    }

    /// The same actor, elsewhere, with no power over others there: for what it does to itself.
    pub(crate) fn acting_in(&self, environment: Environment) -> Actor {
        Actor { environment: Arc::new(environment), power: Arc::default(), ..self.clone() }
    }

    /// Whose account; `None` for the command line.
    pub fn user(&self) -> Option<UserId> {
        self.user
    }

    /// Through what.
    pub fn credential(&self) -> Credential {
        self.credential
    }

    /// Where it acts.
    pub fn environment(&self) -> &Arc<Environment> {
        &self.environment
    }

    /// Acts on the system, in no environment at all.
    pub(crate) fn in_system(&self) -> bool {
        self.in_system
    }

    /// What it may do there.
    pub fn power(&self) -> &Power {
        &self.power
    }

    /// Where the call comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The session that it acts through, if it is one.
    pub fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) => Some(id),
            _ => None,
        }
    }

    /// Whether this is the actor's own account.
    pub fn is(&self, user: UserId) -> bool {
        self.user == Some(user)
    }

    /// Manages the system.
    pub fn is_operator(&self) -> bool {
        self.power.operator
    }

    /// Refuses who does not hold it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need(&self, permission: BuiltIn) -> Result<()> {
        if self.power.holds(permission.id()) {
            return Ok(());
        }
        Err(Error::forbidden(format!("This needs the permission \"{}\".", permission.codename())))
    }

    /// Refuses who is no administrator of the environment.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need_administrator(&self) -> Result<()> {
        if self.power.administrator || self.power.operator {
            return Ok(());
        }
        Err(Error::forbidden("Only administrators of the environment may do this."))
    }

    /// Refuses who is no operator.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need_operator(&self) -> Result<()> {
        if self.power.operator {
            return Ok(());
        }
        Err(Error::forbidden("Only operators may do this."))
    }

    /// Refuses who would hand out, or touch, what it does not have itself.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need_to_hold(&self, permissions: &[PermissionId]) -> Result<()> {
        if permissions.iter().all(|permission| self.power.holds(*permission)) {
            return Ok(());
        }
        Err(Error::forbidden("This would take permissions that you do not have yourself."))
    }

    /// Refuses who would touch somebody more powerful.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need_to_cover(&self, other: &Power) -> Result<()> {
        if self.power.covers(other) {
            return Ok(());
        }
        Err(Error::forbidden("This user has more permissions than you have."))
    }

    /// Believes a caller, or not.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], all causes alike; [`Error::Forbidden`] for an environment that is unknown or none of
    /// the caller's, both alike; [`Error::StepRequired`] when the session is not good enough for it.
    pub fn authenticate(tx: &mut Tx<'_>, caller: &Caller) -> Result<Actor> {
        let secret = caller.bearer.as_ref().ok_or(Error::Unauthenticated)?;
        let key = CallerKey { bearer: secret.hash(), environment: caller.environment.clone() };
        let known = match tx.recall(|memories| &memories.callers, &key) {
            Some(known) => known,
            None => {
                let known = Arc::new(look_up(tx, caller)?);
                let (user, environment) = (known.user, known.environment.id);
                let marks = vec![Mark::Account(user), Mark::User(environment, user), Mark::Environment(environment)];
                tx.remember(|memories| &memories.callers, key, known.clone(), marks);
                known
            }
        };
        if known.expires_at <= tx.now() || caller.claims.is_some_and(|claimed| claimed != known.user) {
            return Err(Error::Unauthenticated);
        }
        Ok(Actor {
            user: Some(known.user),
            credential: known.credential,
            environment: known.environment.clone(),
            in_system: false,
            power: known.power.clone(),
            origin: caller.origin.clone(),
        })
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
                power_of(tx, &bearer, environment.id, membership.as_ref())?.ok_or(Error::Unauthenticated)?;
                let actor = Actor {
                    user: Some(bearer.account.id),
                    credential: Credential::Session(session.id),
                    environment: Arc::new(environment),
                    in_system: false,
                    power: Arc::default(),
                    origin: caller.origin.clone(),
                };
                Ok((actor, true))
            }
            _ => Ok((Actor::authenticate(tx, caller)?, false)),
        }
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
    expires_at: Time,
}

/// Asks the database who a caller is and what it may do.
fn look_up(tx: &mut Tx<'_>, caller: &Caller) -> Result<Known> {
    let bearer = believe(tx, caller)?;
    let environment = environment_of(tx, caller, &bearer)?;
    let user = bearer.account.id;
    let membership = store::users::find_membership(tx, environment.id, user)?;
    let elsewhere = |own: EnvironmentId| caller.environment.is_some() && own != environment.id;
    let power = power_of(tx, &bearer, environment.id, membership.as_ref())?;
    let (credential, power) = match &bearer.opens {
        Opens::Session(session) => {
            if let Some(step) = session.step {
                return Err(Error::StepRequired(step));
            }
            let power = power.ok_or_else(|| refused(elsewhere(session.environment)))?;
            if membership.is_some_and(|m| m.mfa && m.active && !m.pending) && session.second_factor_at.is_none() {
                return Err(Error::StepRequired(Step::SecondFactorEnrolment));
            }
            (Credential::Session(session.id), power)
        }
        Opens::Token { id, environment: made_in, administrator, everywhere } => {
            let mut power = power.ok_or_else(|| refused(elsewhere(*made_in)))?;
            power.operator &= everywhere;
            if !administrator {
                let ceiling = store::permissions::of_token(tx, *made_in, *id)?;
                let permissions = ceiling.into_iter().filter(|permission| power.holds(*permission)).collect();
                power = Power { permissions, ..Power::default() };
            }
            (Credential::Token(*id), power)
        }
    };
    let expires_at = bearer.ends_at();
    Ok(Known { user, credential, environment: Arc::new(environment), power: Arc::new(power), expires_at })
}

/// Only who calls, for the APIs that judge this before they know the environment.
///
/// # Errors
/// [`Error::Unauthenticated`]
pub fn identify(tx: &mut Tx<'_>, caller: &Caller) -> Result<UserId> {
    let secret = caller.bearer.as_ref().ok_or(Error::Unauthenticated)?;
    let hash = secret.hash();
    let (user, expires_at) = match tx.recall(|memories| &memories.bearers, &hash) {
        Some(known) => known,
        None => {
            let bearer = believe(tx, caller)?;
            let known = (bearer.account.id, bearer.ends_at());
            tx.remember(|memories| &memories.bearers, hash, known, vec![Mark::Account(known.0)]);
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
    let own = match &bearer.opens {
        Opens::Session(session) => session.environment,
        Opens::Token { environment, .. } => *environment,
    };
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

/// What the bearer's owner may do there now; `None`: nothing, not even be there.
fn power_of(
    tx: &mut Tx<'_>,
    bearer: &Bearer,
    environment: EnvironmentId,
    membership: Option<&Membership>,
) -> Result<Option<Power>> {
    if bearer.account.operator {
        return Ok(Some(Power { operator: true, administrator: true, permissions: Vec::new() }));
    }
    match membership {
        Some(m) if m.active && !m.pending => power_in(tx, environment, bearer.account.id, m).map(Some),
        _ => Ok(None),
    }
}

/// What a user has, or will have once active and accepted.
pub(crate) fn power_in(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    user: UserId,
    membership: &Membership,
) -> Result<Power> {
    let permissions = match membership.administrator {
        true => Vec::new(),
        false => store::permissions::of_user(tx, environment, user)?,
    };
    Ok(Power { operator: false, administrator: membership.administrator, permissions })
}

fn refused(named: bool) -> Error {
    match named {
        true => Error::forbidden("There is no such environment, or it is none of yours."),
        false => Error::Unauthenticated,
    }
}
