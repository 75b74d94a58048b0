//! Sessions: logins on devices. Signing in compares one password whoever asks, known or not, and says the same `no` to all.
//! Knows nothing of how tokens travel.

mod devices;
mod enter;
pub(crate) mod proof;
mod refused;
mod seen;
mod sign_in;
mod upgrade;

pub use devices::{end, end_all, end_others, list};
pub(crate) use enter::{GoingOn, go_on};
pub use enter::{SignedIn, StepToken, Ways};
pub(crate) use seen::{DUE as SEEN_DUE, Seen};
pub use sign_in::{Shows, SignIn};
pub(crate) use sign_in::{find, place};

use crate::actor::{Actor, Credential, Origin};
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::credentials;
use crate::environments::Environment;
use crate::error::{Error, Result, Step};
use crate::id::{EnvironmentId, SessionId, UserId};
use crate::second_factors;
use crate::secret::{TokenSecret, TokenSpelling};
use crate::store::tokens::{BearerKind, Opens};
use crate::store::{self, Tx};
use crate::text::is_deceptive;
use crate::users::Membership;
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
    /// Where its owner signed in, as that names itself.
    pub device: Device,
    /// The network address that it was last used from.
    pub address: String,
    /// When it was last used, to some minutes.
    pub seen_at: Time,
    /// When its owner last showed the password.
    pub proven_at: Time,
    /// Code points of the password that it was opened with, if one was.
    pub password_length: Option<i64>,
}

/// A device as its program names it, such as a browser's `User-Agent`. Anybody can claim any: it is shown to people, and
/// decides over nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device(String);

impl Device {
    /// Without what nobody sees, and no longer than 200 characters.
    pub fn of(text: &str) -> Device {
        Device(text.trim().chars().filter(|c| !is_deceptive(*c)).take(200).collect())
    }

    /// What was kept.
    pub(crate) fn from_stored(text: String) -> Device {
        Device(text)
    }

    /// Whether two names may be one device's: programs write their version into them, which changes by itself.
    pub(crate) fn is_like(&self, other: &Device) -> bool {
        let lasting = |c: &char| !c.is_ascii_digit() && !matches!(c, '.' | '_');
        self.0.chars().filter(lasting).eq(other.0.chars().filter(lasting))
    }

    /// The text; empty: it did not say.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The column's spelling of a step.
pub(crate) fn step_to_stored(step: Step) -> Option<&'static str> {
    match step {
        Step::PasswordChange => Some("password"),
        Step::SecondFactorEnrolment => Some("second_factor"),
        Step::SecondFactor => Some("code"),
        Step::MailedLink | Step::Proof | Step::StepUp => None,
    }
}

/// Reads the column.
pub(crate) fn step_from_stored(text: &str) -> Option<Step> {
    match text {
        "password" => Some(Step::PasswordChange),
        "code" => Some(Step::SecondFactor),
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
pub(crate) fn refresh(
    tx: &mut Tx<'_>,
    secret: &TokenSecret,
    lifetimes: &Lifetimes,
    origin: &Origin,
) -> Result<Result<Tokens>> {
    let bearer = store::tokens::find(tx, &secret.hash())?.ok_or(Error::Unauthenticated)?;
    let Opens::Session(session) = &bearer.opens else { return Err(Error::Unauthenticated) };
    if bearer.kind != BearerKind::Refresh || bearer.expires_at <= tx.now() || session.step.is_some() {
        return Err(Error::Unauthenticated);
    }
    if bearer.used || !store::tokens::use_refresh(tx, &secret.hash())? {
        store::tokens::end_session(tx, session.account, session.id)?;
        let (here, subject) = (Some(session.environment), session.id.to_string());
        audit::record_unsigned(tx, here, origin, "refresh", "session.reuse_detected", &subject, Changes::default())?;
        return Ok(Err(Error::Unauthenticated));
    }
    let membership = store::users::find_membership(tx, session.environment, session.account)?;
    let welcome = membership.as_ref().is_some_and(|m| m.active && !m.pending);
    if !welcome && !bearer.account.operator {
        return Err(Error::Unauthenticated);
    }
    let environment = store::environments::find(tx, session.environment)?.ok_or(Error::Unauthenticated)?;
    good_enough(tx, session, &environment, membership.as_ref(), bearer.account.operator)?;
    let now = tx.now();
    store::tokens::shorten_access(tx, session.account, session.id, now.plus(OVERLAP))?;
    store::tokens::extend_session(tx, session.account, session.id, now.plus(lifetimes.refresh))?;
    store::sessions::seen(tx, session.account, session.id, now, &origin.address())?;
    store::users::seen(tx, session.environment, session.account)?;
    issue(tx, session.id, lifetimes, true).map(Ok)
}

/// Whether a session meets what an environment asks; and until when it does, if that ends by itself.
///
/// # Errors
/// [`Error::Unauthenticated`] for one that is too old; [`Error::StepRequired`].
pub(crate) fn good_enough(
    tx: &mut Tx<'_>,
    session: &Session,
    environment: &Environment,
    membership: Option<&Membership>,
    operator: bool,
) -> Result<Option<Time>> {
    let end = environment.policy.end_of(session.created_at, session.seen_at);
    if end.is_some_and(|end| end <= tx.now()) {
        return Err(Error::Unauthenticated);
    }
    if session.second_factor_at.is_none()
        && second_factors::demanded(tx, environment, session.account, membership, operator)?
    {
        let has = store::second_factors::any(tx, session.account)?;
        return Err(Error::StepRequired(if has { Step::StepUp } else { Step::SecondFactorEnrolment }));
    }
    let needed = credentials::minimum_in(environment, membership, operator);
    if session.password_length.is_some_and(|length| length < needed as i64) {
        return Err(Error::StepRequired(Step::PasswordChange));
    }
    Ok(end)
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
