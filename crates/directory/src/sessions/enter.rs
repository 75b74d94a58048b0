//! Coming in, whatever was shown for it: which step is still to be taken, and else a whole session. Knows nothing of how a password
//! or a second factor is judged.

use super::{Device, Lifetimes, STEP_LIFETIME, Session, Tokens, issue};
use crate::accounts::Account;
use crate::actor::Origin;
use crate::audit::{self, Changes};
use crate::credentials;
use crate::environments::Environment;
use crate::error::{Error, Result, Step};
use crate::id::SessionId;
use crate::mail::{self, Subject};
use crate::second_factors;
use crate::secret::TokenSecret;
use crate::store::users::Whole;
use crate::store::{self, Tx};
use crate::users::{self, User};
use std::sync::Arc;

/// A login that succeeded.
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// Where.
    pub environment: Arc<Environment>,
    /// The user there; an operator may be none.
    pub user: Option<User>,
    /// The secrets.
    pub tokens: Tokens,
}

/// A login that must take a step first.
pub struct StepToken {
    /// Which.
    pub step: Step,
    /// Good for that step alone.
    pub token: TokenSecret,
    /// With what a second factor can be shown, if that is the step.
    pub ways: Ways,
}

/// With what an account can show a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// A code of an app.
    pub totp: bool,
    /// A passkey.
    pub passkey: bool,
    /// One of the codes that were written down.
    pub recovery_code: bool,
}

/// What came in.
pub(super) struct Entry<'e> {
    pub(super) account: Account,
    pub(super) environment: Environment,
    /// Of the password, if one was shown.
    pub(super) password_length: Option<usize>,
    /// A second factor was shown.
    pub(super) factor: bool,
    /// A pair of tokens, else one that lasts.
    pub(super) pair: bool,
    pub(super) origin: &'e Origin,
    pub(super) device: &'e Device,
    /// What was shown, for the audit trail.
    pub(super) method: &'static str,
}

/// Lets somebody in who has shown enough for it, or for a step.
pub(super) fn enter(
    tx: &mut Tx<'_>,
    entry: Entry<'_>,
    lifetimes: &Lifetimes,
) -> Result<std::result::Result<SignedIn, StepToken>> {
    let Entry { account, environment, password_length, factor, pair, origin, device, method } = entry;
    let now = tx.now();
    let session = Session {
        id: SessionId(tx.effects().randomness.uuid_v7(now)?),
        account: account.id,
        environment: environment.id,
        second_factor_at: factor.then_some(now),
        step: None,
        created_at: now,
        expires_at: now,
        device: device.clone(),
        address: origin.address(),
        seen_at: now,
        proven_at: now,
        password_length: password_length.and_then(|length| i64::try_from(length).ok()),
    };
    open(tx, account, environment, session, Opening { fresh: true, pair, origin, method }, lifetimes)
}

/// How a session goes on.
pub(crate) struct GoingOn<'g> {
    /// What was shown is as good as the password.
    pub(crate) proof: bool,
    /// With a pair of tokens, else one that lasts.
    pub(crate) pair: bool,
    pub(crate) origin: &'g Origin,
}

/// Goes on with a session in which a second factor was just shown or enrolled: new tokens take the place of what opened it, so
/// that nobody who saw those gains by it.
pub(crate) fn go_on(
    tx: &mut Tx<'_>,
    account: Account,
    session: Session,
    going_on: GoingOn<'_>,
    lifetimes: &Lifetimes,
) -> Result<std::result::Result<SignedIn, StepToken>> {
    let GoingOn { proof, pair, origin } = going_on;
    let now = tx.now();
    let environment = store::environments::find(tx, session.environment)?.ok_or(Error::Unauthenticated)?;
    store::tokens::end_bearers(tx, account.id, session.id)?;
    store::sessions::factor_shown(tx, account.id, session.id, proof)?;
    let session = Session { second_factor_at: Some(now), ..session };
    let opening = Opening { fresh: false, pair, origin, method: "second_factor" };
    open(tx, account, environment, session, opening, lifetimes)
}

/// How a session is opened.
struct Opening<'o> {
    /// It is not written yet.
    fresh: bool,
    pair: bool,
    origin: &'o Origin,
    method: &'static str,
}

fn open(
    tx: &mut Tx<'_>,
    account: Account,
    environment: Environment,
    mut session: Session,
    opening: Opening<'_>,
    lifetimes: &Lifetimes,
) -> Result<std::result::Result<SignedIn, StepToken>> {
    let now = tx.now();
    let whole = store::users::find(tx, environment.id, account.id)?;
    let pending = session.step;
    session.step = next_step(tx, &account, &environment, whole.as_ref(), &session)?;
    session.expires_at = now.plus(match (session.step, opening.pair) {
        (Some(_), _) => STEP_LIFETIME,
        (None, true) => lifetimes.refresh,
        (None, false) => lifetimes.single,
    });
    if session.step.is_none() && (opening.fresh || pending.is_some()) {
        tell_of_new_device(tx, &account, &session)?;
    }
    match opening.fresh {
        true => store::tokens::insert_session(tx, &session)?,
        false => store::sessions::go_on(tx, &session)?,
    }
    let verb = if session.step.is_some() { "sign_in.step_required" } else { "sign_in.succeeded" };
    let (here, subject) = (Some(environment.id), account.id.to_string());
    audit::record_unsigned(tx, here, opening.origin, opening.method, verb, &subject, Changes::default())?;
    if let Some(step) = session.step {
        let Tokens { access, .. } = issue(tx, session.id, &Lifetimes { single: STEP_LIFETIME, ..*lifetimes }, false)?;
        let ways = if step == Step::SecondFactor { second_factors::ways(tx, account.id)? } else { Ways::default() };
        return Ok(Err(StepToken { step, token: access, ways }));
    }
    let tokens = issue(tx, session.id, lifetimes, opening.pair)?;
    store::users::seen(tx, environment.id, account.id)?;
    let environment = Arc::new(environment);
    let user = match whole {
        Some(whole) => Some(users::assemble(tx, environment.id, whole)?),
        None => None,
    };
    Ok(Ok(SignedIn { account, environment, user, tokens }))
}

/// What must be done before a session is whole: first the factor that there is, so that nobody who knows no more than the password
/// comes to change it.
fn next_step(
    tx: &mut Tx<'_>,
    account: &Account,
    environment: &Environment,
    whole: Option<&Whole>,
    session: &Session,
) -> Result<Option<Step>> {
    let shown = session.second_factor_at.is_some();
    if !shown && store::second_factors::any(tx, account.id)? {
        return Ok(Some(Step::SecondFactor));
    }
    let membership = whole.map(|whole| &whole.membership);
    let here = membership.map(|membership| (environment.id, membership));
    // What its environments ask of passwords may be more than when this one was chosen.
    let minimum = credentials::minimum_length(tx, Some(account), here)? as i64;
    if account.reset_password || session.password_length.is_some_and(|length| length < minimum) {
        return Ok(Some(Step::PasswordChange));
    }
    if !shown && account.reset_second_factor {
        return Ok(Some(Step::SecondFactorEnrolment));
    }
    let demanded = second_factors::demanded(tx, environment, account.id, membership, account.operator)?;
    Ok((demanded && !shown).then_some(Step::SecondFactorEnrolment))
}

/// Tells an owner who has signed in before of a device that is like none of the others.
fn tell_of_new_device(tx: &mut Tx<'_>, account: &Account, session: &Session) -> Result<()> {
    let known = store::sessions::other_devices(tx, account.id, session.id)?;
    let named = !session.device.as_str().is_empty();
    if !named || known.is_empty() || known.iter().any(|known| known.is_like(&session.device)) {
        return Ok(());
    }
    let (device, address) = (session.device.as_str().to_owned(), session.address.clone());
    mail::tell(tx, account, Subject::NewSignIn { at: session.seen_at, device, address })
}
