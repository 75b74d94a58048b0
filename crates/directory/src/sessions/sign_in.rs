//! Signing in. Three parts: what is known of whom (a read), one comparison of a password on a hashing thread, and the
//! verdict (a write, also when it is `no`). All three happen whoever asks, so that neither answer nor time tells an unknown
//! name from a wrong password, an inactive or a pending user. A passkey alone needs no password, and tells of nobody who has none.

use super::Device;
use super::enter::{Entry, GoingOn, SignedIn, StepToken, Ways, enter, go_on};
use super::refused;
use crate::accounts::Account;
use crate::actor::{Actor, Caller, Origin};
use crate::directory::Directory;
use crate::email::Email;
use crate::environments::{self, Environment, EnvironmentName};
use crate::error::{Error, Result};
use crate::guessing::{self, Guess};
use crate::hashing::Lane;
use crate::id::{EnvironmentId, UserId};
use crate::passkeys::{Assertion, Ceremony, Party, RequestChallengeResponse};
use crate::second_factors::{self, Judged, Method, Shown};
use crate::secret::Password;
use crate::store::{self, Tx};
use crate::username::Username;
use std::sync::Arc;

/// A login, as an API heard it.
#[derive(Clone)]
pub struct SignIn {
    /// What is shown.
    pub shows: Shows,
    /// The environment asked for.
    pub environment: Option<EnvironmentName>,
    /// A pair of tokens, access and refresh; else one token that lasts.
    pub pair: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// On what.
    pub device: Device,
}

/// What a login shows.
#[derive(Clone)]
pub enum Shows {
    /// A password, and perhaps a second factor.
    Password {
        /// A username, or an e-mail address: whatever has an `@`.
        login: String,
        /// The password.
        password: Password,
        /// The second factor.
        factor: Option<Shown>,
    },
    /// A passkey, which its owner unlocked: as good as both.
    Passkey(Arc<Party>, Arc<Assertion>),
}

/// What a verdict says.
enum Verdict {
    Welcome(Box<SignedIn>),
    Step(StepToken),
    Refused,
    /// The password was right, and the second factor was not.
    WrongFactor,
    /// The password was right, for a hash that is no longer the present one.
    Overtaken,
}

impl From<std::result::Result<SignedIn, StepToken>> for Verdict {
    fn from(entered: std::result::Result<SignedIn, StepToken>) -> Verdict {
        entered.map_or_else(Verdict::Step, |signed_in| Verdict::Welcome(Box::new(signed_in)))
    }
}

/// A login by password.
#[derive(Clone)]
struct ByPassword {
    login: String,
    password: Password,
    factor: Option<Shown>,
    request: SignIn,
}

impl Directory {
    /// Signs in.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for every kind of `no`; [`Error::FactorRefused`] for a second factor that is wrong behind
    /// a password that is right; [`Error::TooMany`] after too many of them. The inner error: who signs in must take a step
    /// first, and gets a token for that.
    pub async fn sign_in(&self, request: SignIn) -> Result<std::result::Result<SignedIn, StepToken>> {
        let verdict = match request.shows.clone() {
            Shows::Passkey(party, assertion) => self.judge_passkey(request, Shown::Passkey(party, assertion)).await?,
            Shows::Password { login, password, factor } => {
                let asked = ByPassword { login, password, factor, request };
                match self.judge_password(asked.clone()).await? {
                    // Mostly it is the same password still: another login brought its hash up to date.
                    Verdict::Overtaken => self.judge_password(asked).await?,
                    verdict => verdict,
                }
            }
        };
        match verdict {
            Verdict::Welcome(signed_in) => Ok(Ok(*signed_in)),
            Verdict::Step(step) => Ok(Err(step)),
            Verdict::Refused => Err(Error::Unauthenticated),
            Verdict::WrongFactor => Err(Error::FactorRefused),
            Verdict::Overtaken => Err(Error::Unavailable("the password was changed at the same moment".to_owned())),
        }
    }

    async fn judge_password(&self, asked: ByPassword) -> Result<Verdict> {
        let ByPassword { login, password, factor, request } = asked;
        let origin = request.origin.clone();
        let (account, guess) = self
            .store()
            .read(move |tx| {
                let account = find(tx, &login)?;
                let guess = Guess::of(tx, account.as_ref().map(|account| account.id), &login, &origin);
                guessing::judge(tx, &guess)?;
                Ok((account, guess))
            })
            .await?;
        let lane = Lane::of_login(request.environment.as_ref(), &request.origin);
        let hash = account.as_ref().filter(|account| !account.service).and_then(|a| a.password_hash.clone());
        let matches = self.hasher().verify(lane, &password, hash.clone()).await?;
        let right = account.as_ref().map(|account| account.id).zip(hash.clone()).filter(|_| matches);
        // Whoever does not know the password learns nothing about second factors.
        let factor = match (&right, factor) {
            (Some((account, _)), Some(shown)) => Some(self.judge_factor(*account, shown).await?),
            _ => None,
        };
        let (length, lifetimes) = (password.length(), *self.lifetimes());
        let verdict = self
            .store()
            .write_with(self.haste_after_hash(), move |tx| {
                let known = account.as_ref().map(|account| account.id);
                let present = store::accounts::lock(tx, known.unwrap_or(refused::NOBODY))?;
                let unchanged = |account: &Account| {
                    account.password_hash.as_ref().map(|h| h.as_phc()) == hash.as_ref().map(|h| h.as_phc())
                };
                if matches && present.as_ref().is_some_and(|account| !unchanged(account)) {
                    return Ok(Verdict::Overtaken);
                }
                let welcome = present.as_ref().filter(|_| matches);
                let place = match welcome {
                    Some(account) => place(tx, account, request.environment.as_ref())?,
                    None => None,
                };
                let asked = request.environment.as_ref();
                let Some((account, environment)) = present.clone().zip(place) else {
                    let here = refused::whose(tx, present.as_ref(), asked)?;
                    guessing::note(tx, &guess, here)?;
                    return Ok(Verdict::Refused);
                };
                guessing::forget(tx, &guess)?;
                let method = match &factor {
                    Some(shown) => match use_up(tx, &account, shown.as_ref(), &request.origin, |tx| {
                        refused::whose(tx, Some(&account), asked)
                    })? {
                        Used::Right(method) => Some(method),
                        Used::Nothing => None,
                        Used::Wrong => return Ok(Verdict::WrongFactor),
                    },
                    None => None,
                };
                let entry = Entry {
                    account,
                    environment,
                    password_length: Some(length),
                    factor: method.is_some(),
                    pair: request.pair,
                    origin: &request.origin,
                    device: &request.device,
                    method: method.map_or("password", Method::with_password),
                };
                enter(tx, entry, &lifetimes).map(Verdict::from)
            })
            .await?;
        if let (Verdict::Welcome(_) | Verdict::Step(_), Some((account, hash))) = (&verdict, right) {
            self.upgrade_hash(account, password, hash);
        }
        Ok(verdict)
    }

    /// What is shown behind a right password, as far as it can be judged before it is used up; `None`: it is wrong.
    async fn judge_factor(&self, account: UserId, shown: Shown) -> Result<Option<Judged>> {
        match self.store().read(move |tx| second_factors::judge(tx, Some(account), &shown)).await {
            Ok(judged) => Ok(Some(judged)),
            Err(Error::FactorRefused) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn judge_passkey(&self, request: SignIn, shown: Shown) -> Result<Verdict> {
        let judged = match self.store().read(move |tx| second_factors::judge(tx, None, &shown)).await {
            Ok(Judged::Passkey(used)) => used,
            Ok(Judged::Code(_)) | Err(Error::FactorRefused) => return Ok(Verdict::Refused),
            Err(error) => return Err(error),
        };
        let lifetimes = *self.lifetimes();
        self.store()
            .write(move |tx| {
                let Some(account) = store::accounts::lock(tx, judged.account)? else { return Ok(Verdict::Refused) };
                // Whoever prepared the account for its owner may hold what was enrolled before the owner came.
                let alone = judged.proven || !account.owner_proven;
                let Some(environment) = place(tx, &account, request.environment.as_ref())?.filter(|_| alone) else {
                    return Ok(Verdict::Refused);
                };
                let shown = Judged::Passkey(judged.clone());
                if second_factors::accept(tx, &account, &shown)?.is_none() {
                    return Ok(Verdict::Refused);
                }
                let entry = Entry {
                    account,
                    environment,
                    password_length: None,
                    factor: true,
                    pair: request.pair,
                    origin: &request.origin,
                    device: &request.device,
                    method: "passkey",
                };
                enter(tx, entry, &lifetimes).map(Verdict::from)
            })
            .await
    }

    /// Asks a browser for a passkey: of whoever signed in so far as to be asked for one, else of anybody.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a bearer that is not good for this.
    pub async fn ask_for_passkey(
        &self,
        caller: Option<Caller>,
        party: Arc<Party>,
    ) -> Result<Ceremony<RequestChallengeResponse>> {
        self.store()
            .read(move |tx| {
                let Some(caller) = &caller else { return party.ask_to_sign_in(tx.effects(), None) };
                let (_, session) = Actor::authenticate_for_factor(tx, caller)?;
                let account = store::accounts::find(tx, session.account)?.ok_or(Error::Unauthenticated)?;
                let own = second_factors::passkeys(tx, &account)?;
                party.ask_to_sign_in(tx.effects(), Some((account.id, &own)))
            })
            .await
    }

    /// With what a second factor can be shown, by somebody who was asked for one.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a bearer that is not good for this.
    pub async fn ways_to_show_factor(&self, caller: Caller) -> Result<Ways> {
        let ways = move |tx: &mut Tx<'_>| {
            let (_, session) = Actor::authenticate_for_factor(tx, &caller)?;
            second_factors::ways(tx, session.account)
        };
        self.store().read(ways).await
    }

    /// Shows a second factor in a session that has none yet, or was asked for one while it was opened: it goes on with new
    /// tokens; `pair` as in [`SignIn`].
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]; [`Error::FactorRefused`]; [`Error::TooMany`]. The inner error: there is another step.
    pub async fn show_factor(
        &self,
        caller: Caller,
        shown: Shown,
        pair: bool,
    ) -> Result<std::result::Result<SignedIn, StepToken>> {
        let asked = caller.clone();
        let account = self.store().read(move |tx| Ok(Actor::authenticate_for_factor(tx, &asked)?.1.account)).await?;
        let judged = self.judge_factor(account, shown).await?;
        let lifetimes = *self.lifetimes();
        self.store()
            .write(move |tx| {
                let (_, session) = Actor::authenticate_for_factor(tx, &caller)?;
                let account = store::accounts::lock(tx, session.account)?.ok_or(Error::Unauthenticated)?;
                match use_up(tx, &account, judged.as_ref(), &caller.origin, |_| Ok(Some(session.environment)))? {
                    Used::Right(method) => {
                        let proof = method == Method::Passkey;
                        let going_on = GoingOn { proof, pair, origin: &caller.origin };
                        go_on(tx, account, session, going_on, &lifetimes).map(Ok)
                    }
                    Used::Nothing | Used::Wrong => Ok(Err(Error::FactorRefused)),
                }
            })
            .await?
    }
}

/// What became of a second factor that was shown.
enum Used {
    Right(Method),
    Wrong,
    /// The account has none: nobody asked for it.
    Nothing,
}

/// Uses a second factor up; a wrong one is counted, for the account alone: nobody comes so far without its password.
/// `whose`: the environment that hears of it.
fn use_up(
    tx: &mut Tx<'_>,
    account: &Account,
    judged: Option<&Judged>,
    origin: &Origin,
    whose: impl FnOnce(&mut Tx<'_>) -> Result<Option<EnvironmentId>>,
) -> Result<Used> {
    if !store::second_factors::any(tx, account.id)? {
        return Ok(Used::Nothing);
    }
    let guess = Guess::of_factor(tx, account.id, origin);
    guessing::judge(tx, &guess)?;
    let method = match judged {
        Some(judged) => second_factors::accept(tx, account, judged)?,
        None => None,
    };
    match method {
        Some(method) => {
            guessing::forget(tx, &guess)?;
            Ok(Used::Right(method))
        }
        None => {
            let here = whose(tx)?;
            guessing::note(tx, &guess, here)?;
            Ok(Used::Wrong)
        }
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
        (None, true) => Ok(store::environments::list(tx, EnvironmentId(0), 1)?.into_iter().next()),
        (first, _) => Ok(first),
    }
}
