//! Who asks, in which environment, through what, and what it may do: the only place that says yes or no. Knows nothing of
//! how a bearer travels, nor of what the verbs do with the answer.

mod callers;

pub use callers::{Caller, Origin};
pub(crate) use callers::{CallerKey, Known, identify, leaving};

use crate::clock::Time;
use crate::environments::Environment;
use crate::error::{Denial, Error, Result};
use crate::id::{EnvironmentId, PermissionId, SessionId, TokenId, UserId};
use crate::permissions::BuiltIn;
use crate::roles;
use crate::store::{self, Tx};
use crate::users::Membership;
use std::sync::Arc;
use uuid::Uuid;

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
    /// Whoever a bearer belongs to.
    pub(crate) fn believed(
        user: UserId,
        credential: Credential,
        environment: Arc<Environment>,
        power: Arc<Power>,
        origin: &Origin,
    ) -> Actor {
        Actor { user: Some(user), credential, environment, in_system: false, power, origin: origin.clone() }
    }

    /// The command line: whoever can read the database may do everything.
    pub(crate) fn command(environment: Environment, in_system: bool) -> Actor {
        Actor {
            user: None,
            credential: Credential::Command,
            environment: Arc::new(environment),
            in_system,
            power: Arc::new(Power { operator: true, administrator: true, permissions: Vec::new() }),
            origin: Origin { request: "command".into(), address: None },
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
        Err(Error::Forbidden(Denial::Permission { codename: permission.codename() }))
    }

    /// Refuses who is no administrator of the environment.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need_administrator(&self) -> Result<()> {
        if self.holds_all() {
            return Ok(());
        }
        Err(Error::Forbidden(Denial::Administrator))
    }

    /// Refuses who is no operator.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need_operator(&self) -> Result<()> {
        if self.power.operator {
            return Ok(());
        }
        Err(Error::Forbidden(Denial::Operator))
    }

    /// Refuses who does not act through a session.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need_session(&self) -> Result<()> {
        if self.session().is_some() {
            return Ok(());
        }
        Err(Error::Forbidden(Denial::Session))
    }

    /// Refuses who would hand out, or touch, what it does not have itself.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need_to_hold(&self, permissions: &[PermissionId]) -> Result<()> {
        if permissions.iter().all(|permission| self.power.holds(*permission)) {
            return Ok(());
        }
        Err(Error::Forbidden(Denial::BeyondOwn))
    }

    /// Whether it holds every permission of its environment.
    pub(crate) fn holds_all(&self) -> bool {
        self.power.administrator || self.power.operator
    }

    /// Refuses who would touch somebody more powerful.
    ///
    /// # Errors
    /// [`Error::Forbidden`]
    pub fn need_to_cover(&self, other: &Power) -> Result<()> {
        if self.power.covers(other) {
            return Ok(());
        }
        Err(Error::Forbidden(Denial::MorePowerful))
    }
}

/// What a user has, or will have once active and accepted.
pub(crate) fn power_in(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    user: UserId,
    membership: &Membership,
) -> Result<Power> {
    Ok(power_for_now(tx, environment, user, membership)?.0)
}

/// The same, with the time at which it ends to be so by itself.
fn power_for_now(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    user: UserId,
    membership: &Membership,
) -> Result<(Power, Option<Time>)> {
    if membership.administrator {
        return Ok((Power { operator: false, administrator: true, permissions: Vec::new() }, None));
    }
    let now = tx.now();
    let mut held = store::groups::of_user(tx, environment, user)?;
    held.retain(|holding| holding.counts(now));
    let permissions = roles::of(tx, environment)?.conferred(held.iter().map(|holding| holding.group));
    let until = held.iter().filter_map(|holding| holding.expires_at).min();
    Ok((Power { operator: false, administrator: false, permissions }, until))
}
