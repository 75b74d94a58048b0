//! Signing in. Three parts: what is known of whom (a read), one comparison of a password on a hashing thread, and the
//! verdict (a write, also when it is `no`). All three happen whoever asks, so that neither answer nor time tells an unknown
//! name from a wrong password, an inactive or a pending user.

use super::{Device, Lifetimes, STEP_LIFETIME, Session, Tokens, issue};
use crate::accounts::Account;
use crate::actor::Origin;
use crate::audit::{self, Changes};
use crate::credentials;
use crate::directory::Directory;
use crate::email::Email;
use crate::environments::{self, Environment, EnvironmentName};
use crate::error::{Error, Result, Step};
use crate::guessing::{self, Guess};
use crate::hashing::Lane;
use crate::id::SessionId;
use crate::mail::{self, Subject};
use crate::secret::Password;
use crate::store::{self, Tx};
use crate::username::Username;
use crate::users::{self, User};
use std::sync::Arc;

/// A login, as an API heard it.
#[derive(Clone)]
pub struct SignIn {
    /// A username, or an e-mail address: whatever has an `@`.
    pub login: String,
    /// The password.
    pub password: Password,
    /// The environment asked for.
    pub environment: Option<EnvironmentName>,
    /// A pair of tokens, access and refresh; else one token that lasts.
    pub pair: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// On what.
    pub device: Device,
}

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
    pub token: crate::secret::TokenSecret,
}

/// What a verdict says.
enum Verdict {
    Welcome(Box<SignedIn>),
    Step(StepToken),
    Refused,
    /// The password was right, for a hash that is no longer the present one.
    Overtaken,
}

impl Directory {
    /// Signs in.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for every kind of `no`; [`Error::TooMany`] after too many of them. The inner error: who
    /// signs in must take a step first, and gets a token for that.
    pub async fn sign_in(&self, request: SignIn) -> Result<std::result::Result<SignedIn, StepToken>> {
        let mut verdict = self.judge(request.clone()).await?;
        if matches!(verdict, Verdict::Overtaken) {
            // Mostly it is the same password still: another login brought its hash up to date.
            verdict = self.judge(request).await?;
        }
        match verdict {
            Verdict::Welcome(signed_in) => Ok(Ok(*signed_in)),
            Verdict::Step(step) => Ok(Err(step)),
            Verdict::Refused => Err(Error::Unauthenticated),
            Verdict::Overtaken => Err(Error::Unavailable("the password was changed at the same moment".to_owned())),
        }
    }

    async fn judge(&self, request: SignIn) -> Result<Verdict> {
        let asked = request.clone();
        let (account, guess) = self
            .store()
            .read(move |tx| {
                let account = find(tx, &asked.login)?;
                let guess = Guess::of(tx, account.as_ref().map(|account| account.id), &asked.login, &asked.origin);
                guessing::judge(tx, &guess)?;
                Ok((account, guess))
            })
            .await?;
        let lane = Lane::of_login(request.environment.as_ref(), &request.origin);
        let hash = account.as_ref().filter(|account| !account.service).and_then(|a| a.password_hash.clone());
        let matches = self.hasher().verify(lane, &request.password, hash.clone()).await?;
        let right = account.as_ref().map(|account| account.id).zip(hash.clone()).filter(|_| matches);
        let password = request.password.clone();
        let lifetimes = *self.lifetimes();
        let verdict = self
            .store()
            .write_with(self.haste_after_hash(), move |tx| {
                let known = account.as_ref().map(|account| account.id);
                let present = match known {
                    Some(id) => store::accounts::lock(tx, id)?,
                    None => None,
                };
                let unchanged = |account: &Account| {
                    account.password_hash.as_ref().map(|h| h.as_phc()) == hash.as_ref().map(|h| h.as_phc())
                };
                if matches && present.as_ref().is_some_and(|account| !unchanged(account)) {
                    return Ok(Verdict::Overtaken);
                }
                let welcome = present.filter(|_| matches);
                let place = match &welcome {
                    Some(account) => place(tx, account, request.environment.as_ref())?,
                    None => None,
                };
                match welcome.zip(place) {
                    Some((account, environment)) => {
                        guessing::forget(tx, &guess)?;
                        enter(tx, account, environment, &request, &lifetimes)
                    }
                    None => {
                        guessing::note(tx, &guess)?;
                        Ok(Verdict::Refused)
                    }
                }
            })
            .await?;
        if let (Verdict::Welcome(_) | Verdict::Step(_), Some((account, hash))) = (&verdict, right) {
            self.upgrade_hash(account, password, hash);
        }
        Ok(verdict)
    }
}

/// The account that a login names.
pub(crate) fn find(tx: &mut Tx<'_>, login: &str) -> Result<Option<Account>> {
    if login.contains('@') {
        return match Email::parse(login) {
            Ok(email) => store::accounts::find_by_email(tx, &email),
            Err(_) => Ok(None),
        };
    }
    match Username::parse(login) {
        Ok(username) => store::accounts::find_by_username(tx, &username),
        Err(_) => Ok(None),
    }
}

/// Where a login acts: the environment asked for, else the account's default, else its oldest active one. `None`: it
/// asked for one that is unknown or not its own, or has none.
pub(crate) fn place(
    tx: &mut Tx<'_>,
    account: &Account,
    asked: Option<&EnvironmentName>,
) -> Result<Option<Environment>> {
    if let Some(name) = asked {
        let Some(environment) = environments::resolve(tx, name)? else { return Ok(None) };
        let membership = store::users::find_membership(tx, environment.id, account.id)?;
        let welcome = account.operator || membership.is_some_and(|m| m.active && !m.pending);
        return Ok(welcome.then_some(environment));
    }
    let own = store::environments::of_account(tx, account.id)?;
    let mut open = own.into_iter().filter(|own| !own.pending).map(|own| own.environment);
    let first = open.next();
    let default = account.default_environment;
    if first.as_ref().is_some_and(|first| Some(first.id) != default)
        && let Some(preferred) = open.find(|environment| Some(environment.id) == default)
    {
        return Ok(Some(preferred));
    }
    match (first, account.operator) {
        (None, true) => Ok(store::environments::list(tx, crate::id::EnvironmentId(0), 1)?.into_iter().next()),
        (first, _) => Ok(first),
    }
}

fn enter(
    tx: &mut Tx<'_>,
    account: Account,
    environment: Environment,
    request: &SignIn,
    lifetimes: &Lifetimes,
) -> Result<Verdict> {
    let now = tx.now();
    let whole = store::users::find(tx, environment.id, account.id)?;
    let demanded = account.reset_second_factor || whole.as_ref().is_some_and(|whole| whole.membership.mfa);
    let here = whole.as_ref().map(|whole| (environment.id, &whole.membership));
    // What its environments ask of passwords may be more than when this one was chosen.
    let short = request.password.length() < credentials::minimum_length(tx, Some(&account), here)?;
    let step = match (account.reset_password || short, demanded) {
        (true, _) => Some(Step::PasswordChange),
        (false, true) => Some(Step::SecondFactorEnrolment),
        (false, false) => None,
    };
    let lasts = match (step, request.pair) {
        (Some(_), _) => STEP_LIFETIME,
        (None, true) => lifetimes.refresh,
        (None, false) => lifetimes.single,
    };
    let session = Session {
        id: SessionId(tx.effects().randomness.uuid_v7(now)?),
        account: account.id,
        environment: environment.id,
        second_factor_at: None,
        step,
        created_at: now,
        expires_at: now.plus(lasts),
        device: request.device.clone(),
        address: request.origin.address(),
        seen_at: now,
        proven_at: now,
        password_length: i64::try_from(request.password.length()).ok(),
    };
    if step.is_none()
        && !session.device.as_str().is_empty()
        && store::sessions::is_new_device(tx, account.id, &session.device)?
    {
        let (device, address) = (session.device.as_str().to_owned(), session.address.clone());
        mail::tell(tx, &account, Subject::NewSignIn { at: now, device, address })?;
    }
    store::tokens::insert_session(tx, &session)?;
    let verb = if step.is_some() { "sign_in.step_required" } else { "sign_in.succeeded" };
    let (here, subject) = (Some(environment.id), account.id.to_string());
    audit::record_unsigned(tx, here, &request.origin, "password", verb, &subject, Changes::default())?;
    if let Some(step) = step {
        let Tokens { access, .. } = issue(tx, session.id, &Lifetimes { single: STEP_LIFETIME, ..*lifetimes }, false)?;
        return Ok(Verdict::Step(StepToken { step, token: access }));
    }
    let tokens = issue(tx, session.id, lifetimes, request.pair)?;
    store::users::seen(tx, environment.id, account.id)?;
    let environment = Arc::new(environment);
    let user = match whole {
        Some(whole) => Some(users::assemble(tx, environment.id, whole)?),
        None => None,
    };
    Ok(Verdict::Welcome(Box::new(SignedIn { account, environment, user, tokens })))
}
