//! Sessions: logins on devices. Signing in compares one password whoever asks, known or not, and says the same `no` to all.
//! Knows nothing of how tokens travel.

mod sign_in;
mod upgrade;

pub use sign_in::{SignIn, SignedIn, StepToken};

use crate::actor::{Actor, Credential};
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::error::{Error, Result, Step};
use crate::id::{EnvironmentId, SessionId, UserId};
use crate::secret::{TokenSecret, TokenSpelling};
use crate::store::tokens::{BearerKind, Opens};
use crate::store::{self, Tx};
use std::time::Duration;

/// How long what a login gives is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of a session with one token: v1's.
    pub single: Duration,
    /// Of an access token.
    pub access: Duration,
    /// Of a refresh token, and so of a session that is not used.
    pub refresh: Duration,
}

impl Default for Lifetimes {
    /// 30 days, 1 hour, 30 days.
    fn default() -> Self {
        let days = |n: u64| Duration::from_secs(n * 24 * 3600);
        Lifetimes { single: days(30), access: Duration::from_secs(3600), refresh: days(30) }
    }
}

/// How long an access token still works after its session was refreshed: for calls that are on their way.
const OVERLAP: Duration = Duration::from_secs(30);
/// How long there is to take a pending step.
pub(crate) const STEP_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// A login on one device.
#[derive(Clone, Debug)]
pub struct Session {
    /// Not a secret.
    pub id: SessionId,
    /// Whose.
    pub account: UserId,
    /// Where it acts unless a call names another.
    pub environment: EnvironmentId,
    /// When a second factor was shown.
    pub second_factor_at: Option<Time>,
    /// Good for this step alone.
    pub step: Option<Step>,
    /// When it began.
    pub created_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
}

/// The column's spelling of a step.
pub(crate) fn step_to_stored(step: Step) -> Option<&'static str> {
    match step {
        Step::PasswordChange => Some("password"),
        Step::SecondFactorEnrolment => Some("second_factor"),
        Step::SecondFactor | Step::MailedLink => None,
    }
}

/// Reads the column.
pub(crate) fn step_from_stored(text: &str) -> Option<Step> {
    match text {
        "password" => Some(Step::PasswordChange),
        _ => Some(Step::SecondFactorEnrolment),
    }
}

/// The secrets that a login gives.
pub struct Tokens {
    /// Shown with each call.
    pub access: TokenSecret,
    /// Shown once, for a new pair; v1 has none.
    pub refresh: Option<TokenSecret>,
}

/// Gives a session its first tokens, or its next.
pub(crate) fn issue(tx: &mut Tx<'_>, session: SessionId, lifetimes: &Lifetimes, pair: bool) -> Result<Tokens> {
    let now = tx.now();
    let randomness = &tx.effects().randomness;
    let access = TokenSecret::new(TokenSpelling::Session, randomness.bytes()?);
    let refresh = match pair {
        true => Some(TokenSecret::new(TokenSpelling::Session, randomness.bytes()?)),
        false => None,
    };
    let lasts = if pair { lifetimes.access } else { lifetimes.single };
    store::tokens::insert_session_bearer(tx, &access.hash(), BearerKind::Access, session, now.plus(lasts))?;
    if let Some(refresh) = &refresh {
        let until = now.plus(lifetimes.refresh);
        store::tokens::insert_session_bearer(tx, &refresh.hash(), BearerKind::Refresh, session, until)?;
    }
    Ok(Tokens { access, refresh })
}

/// A new pair for a refresh token, which is good once: shown again, it ends its session, because one of the two who show
/// it has stolen it. The inner error is a refusal that ends the session.
pub(crate) fn refresh(tx: &mut Tx<'_>, secret: &TokenSecret, lifetimes: &Lifetimes) -> Result<Result<Tokens>> {
    let bearer = store::tokens::find(tx, &secret.hash())?.ok_or(Error::Unauthenticated)?;
    let Opens::Session(session) = &bearer.opens else { return Err(Error::Unauthenticated) };
    if bearer.kind != BearerKind::Refresh || bearer.expires_at <= tx.now() || session.step.is_some() {
        return Err(Error::Unauthenticated);
    }
    if bearer.used || !store::tokens::use_refresh(tx, &secret.hash())? {
        store::tokens::end_session(tx, session.account, session.id)?;
        let origin = crate::actor::Origin::default();
        let (here, subject) = (Some(session.environment), session.id.to_string());
        audit::record_unsigned(tx, here, &origin, "refresh", "session.reuse_detected", &subject, Changes::default())?;
        return Ok(Err(Error::Unauthenticated));
    }
    let membership = store::users::find_membership(tx, session.environment, session.account)?;
    let welcome = membership.as_ref().is_some_and(|m| m.active && !m.pending);
    if !welcome && !bearer.account.operator {
        return Err(Error::Unauthenticated);
    }
    if membership.is_some_and(|m| m.mfa) && session.second_factor_at.is_none() {
        return Err(Error::StepRequired(Step::SecondFactorEnrolment));
    }
    let now = tx.now();
    store::tokens::shorten_access(tx, session.account, session.id, now.plus(OVERLAP))?;
    store::tokens::extend_session(tx, session.account, session.id, now.plus(lifetimes.refresh))?;
    store::users::seen(tx, session.environment, session.account)?;
    issue(tx, session.id, lifetimes, true).map(Ok)
}

/// Ends what the actor acts through: its session, or its API token.
pub(crate) fn sign_out(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    let Some(own) = actor.user() else { return Ok(()) };
    match actor.credential() {
        Credential::Session(id) => store::tokens::end_session(tx, own, id)?,
        Credential::Token(id) => store::tokens::end_token(tx, own, id)?,
        Credential::Link | Credential::Command => return Ok(()),
    }
    audit::record(tx, actor, "session.ended", &own, Changes::default())
}
