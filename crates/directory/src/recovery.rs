//! Getting back in: a forgotten password is chosen anew with a link that was mailed to the account's address. The answer is
//! one for all who ask, known or not; the link gives no session, and passes by no second factor.

use crate::accounts::Account;
use crate::actor::{Actor, Origin};
use crate::audit::{self, Changes};
use crate::credentials;
use crate::directory::Directory;
use crate::error::{Bound, Error, Noun, Result};
use crate::guessing;
use crate::hashing::Lane;
use crate::id::EnvironmentId;
use crate::links::{self, Link, Purpose};
use crate::mail::{self, Subject};
use crate::secret::{Password, PasswordHash, TokenSecret};
use crate::sessions;
use crate::store::{self, Tx};
use std::sync::Arc;
use std::time::Duration;

/// How long a link is good: an hour.
pub const LIFETIME: Duration = Duration::from_secs(3600);
/// Mails that one account gets in an hour; who asks more often is told the same.
const MAILS: i64 = 3;
/// How often one network address may ask in an hour.
const ASKED: i64 = 100;

/// Another password, with the link for it.
#[derive(Clone)]
pub struct Reset {
    /// What the link carried.
    pub token: Arc<TokenSecret>,
    /// The new password.
    pub password: Password,
    /// End the account's API tokens too. They are ended in any case when a tenant set its credentials.
    pub end_tokens: bool,
    /// Where the call comes from.
    pub origin: Origin,
}

/// What a link for another password asks of its owner.
pub struct Resetting {
    /// What the account is known by.
    pub login: String,
    /// How long the password must be, in code points.
    pub password_minimum: usize,
}

impl Directory {
    /// What choosing another password with a mailed link takes.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link that is unknown, old or used.
    pub async fn resetting(&self, token: TokenSecret) -> Result<Resetting> {
        self.store().read(move |tx| show(tx, &token)).await
    }

    /// Mails a link to whom this login belongs, an e-mail address or a username, if there is such an account.
    ///
    /// # Errors
    /// [`Error::TooMany`] for a network address that asks too often.
    pub async fn forgot_password(&self, login: String, origin: Origin) -> Result<()> {
        self.store().write(move |tx| forgot(tx, &login, &origin)).await
    }

    /// Chooses another password with a mailed link. Ends every session of the account.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link that is unknown, old or used; [`Error::Invalid`] for a password that will not do;
    /// [`Error::TooMany`].
    pub async fn reset_password(&self, reset: Reset) -> Result<()> {
        let asked = reset.clone();
        let (link, _) = self.store().read(move |tx| judge(tx, &asked, false)).await?;
        let hash = self.hasher().hash(Lane::of_environment(link.environment), &reset.password).await?;
        self.store().write(move |tx| choose(tx, &reset, &hash)).await
    }
}

fn forgot(tx: &mut Tx<'_>, login: &str, origin: &Origin) -> Result<()> {
    let account = sessions::find(tx, login)?;
    guessing::count(tx, "recoveries/address", &origin.address(), ASKED, Bound::Recoveries)?;
    // Counted for unknown names too, so that both are the same work.
    let target = account.as_ref().map_or_else(|| crate::text::fold(login), |account| account.id.to_string());
    let enough = match guessing::count(tx, "recoveries/account", &target, MAILS, Bound::Recoveries) {
        Err(Error::TooMany { .. }) => true,
        counted => counted.map(|()| false)?,
    };
    let Some(account) = account.filter(|account| !account.service && !enough) else { return Ok(()) };
    let Some(environment) = home(tx, &account)? else { return Ok(()) };
    let link = Link {
        purpose: Purpose::Reset,
        account: account.id,
        environment,
        email: None,
        expires_at: tx.now().plus(LIFETIME),
    };
    store::links::void_purpose(tx, account.id, Purpose::Reset)?;
    let token = links::make(tx, &link)?;
    mail::tell(tx, &account, Subject::Reset { token })?;
    let subject = account.id.to_string();
    audit::record_unsigned(tx, Some(environment), origin, "link", "password.reset_asked", &subject, Changes::default())
}

/// Where an account signs in unless it says where; `None` for one that cannot.
fn home(tx: &mut Tx<'_>, account: &Account) -> Result<Option<EnvironmentId>> {
    if account.email.is_none() {
        return Ok(None);
    }
    Ok(sessions::place(tx, account, None)?.map(|environment| environment.id))
}

fn show(tx: &mut Tx<'_>, token: &TokenSecret) -> Result<Resetting> {
    let gone = || Error::NotFound(Noun::Link);
    let link = links::good(tx, token, &[Purpose::Reset])?.ok_or_else(gone)?;
    let account = store::accounts::find(tx, link.account)?.ok_or_else(gone)?;
    let password_minimum = credentials::minimum_length(tx, Some(&account), None)?;
    Ok(Resetting { login: account.login(), password_minimum })
}

/// A link's account, if the password may be chosen with it.
fn judge(tx: &mut Tx<'_>, reset: &Reset, writing: bool) -> Result<(Link, Account)> {
    let gone = || Error::NotFound(Noun::Link);
    let link = links::good(tx, &reset.token, &[Purpose::Reset])?.ok_or_else(gone)?;
    let account = match writing {
        true => store::accounts::lock(tx, link.account)?,
        false => store::accounts::find(tx, link.account)?,
    };
    let account = account.ok_or_else(gone)?;
    let membership = store::users::find_membership(tx, link.environment, link.account)?;
    let minimum = credentials::minimum_length(tx, Some(&account), None)?;
    let mut errors = Vec::new();
    credentials::judge_password(&reset.password, minimum, &account, membership.as_ref(), &mut errors);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    Ok((link, account))
}

fn choose(tx: &mut Tx<'_>, reset: &Reset, hash: &PasswordHash) -> Result<()> {
    let (link, known) = judge(tx, reset, true)?;
    let mut account = known.clone();
    if !store::links::use_up(tx, &reset.token.hash())? {
        return Err(Error::NotFound(Noun::Link));
    }
    let environment = store::environments::find(tx, link.environment)?.ok_or(Error::NotFound(Noun::Link))?;
    store::tokens::end_sessions_of_account(tx, account.id, None)?;
    // Whoever prepared this account for somebody else keeps nothing of it.
    if reset.end_tokens || !account.owner_proven {
        store::tokens::end_tokens_of_account(tx, account.id)?;
    }
    account.password_hash = Some(hash.clone());
    account.reset_password = false;
    account.owner_proven = true;
    store::accounts::update(tx, &known, &account)?;
    store::links::void_all(tx, account.id)?;
    let mut changes = Changes::default();
    changes.secret("password");
    let actor = Actor::owner_by_link(account.id, environment, reset.origin.clone());
    audit::record(tx, &actor, "password.reset", &account.id, changes)?;
    mail::tell(tx, &account, Subject::PasswordChanged)
}
