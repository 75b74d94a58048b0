//! Invitations: a mailed link by which an account's owner chooses its credentials, or accepts one more environment. The link
//! proves the address; a session proves nothing of the kind. Knows nothing of how the link looks.

use crate::accounts::Account;
use crate::actor::{Actor, Caller, Origin};
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::credentials;
use crate::directory::Directory;
use crate::disclosures;
use crate::email::Email;
use crate::environments::{self, Environment, EnvironmentName, OwnEnvironment};
use crate::error::{Bound, Conflict, Error, Field, FieldError, Noun, Problem, Refusal, Result, Step};
use crate::guessing;
use crate::hashing::Lane;
use crate::id::UserId;
use crate::links::{self, Link, Purpose};
use crate::mail::{Mail, Subject};
use crate::permissions::BuiltIn;
use crate::second_factors;
use crate::secret::{Password, PasswordHash, TokenSecret};
use crate::store::{self, Tx};
use crate::username::Username;
use crate::users::{self, Membership, User};
use std::sync::Arc;
use std::time::Duration;

/// How long an invitation is good: 30 days.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// Mails a link to somebody whose older ones are void, if there were any. Somebody without an address gets none.
pub(crate) fn send(
    tx: &mut Tx<'_>,
    environment: &Environment,
    account: &Account,
    membership: &Membership,
    purpose: Purpose,
) -> Result<()> {
    let Some(email) = &account.email else { return Ok(()) };
    let expires_at = tx.now().plus(LIFETIME);
    let link = Link { purpose, account: account.id, environment: environment.id, email: None, expires_at };
    let token = links::make(tx, &link)?;
    let at = environment.name.clone();
    let subject = match purpose {
        Purpose::Join => Subject::Join { environment: at, token },
        _ => Subject::Invitation { environment: at, token },
    };
    let (name, language) = (membership.name.clone(), membership.language.clone());
    let mail = Mail { subject, to: email.clone(), name, language };
    mail.post(tx, Some(environment.id), account.id)
}

/// The account has another address now: whoever invited the old one did not mean the owner of the new one. Its pending
/// users elsewhere are gone; who renamed it is none of those environments' business.
pub(crate) fn withdraw(tx: &mut Tx<'_>, actor: &Actor, account: UserId) -> Result<()> {
    for OwnEnvironment { environment, pending } in store::environments::of_account(tx, account)? {
        if pending && environment.id != actor.environment().id {
            store::users::delete(tx, environment.id, account)?;
            let mut changes = Changes::default();
            changes.flag("pending", Some(true), None);
            let (here, nobody, subject) = (Some(environment.id), Origin::default(), account.to_string());
            audit::record_unsigned(tx, here, &nobody, "system", "user.removed", &subject, changes)?;
        }
    }
    Ok(())
}

/// What the owner of a link sends with it.
#[derive(Clone)]
pub struct Acceptance {
    /// What the link carried.
    pub token: Arc<TokenSecret>,
    /// The username to sign in with; the address unless given.
    pub username: Option<Username>,
    /// The password to sign in with; not for an account whose owner has one already.
    pub password: Option<Password>,
    /// Where the call comes from.
    pub origin: Origin,
}

impl Directory {
    /// Accepts an invitation.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link that is unknown, old or used; [`Error::Invalid`] for a password that is missing, will
    /// not do, or is not wanted; [`Error::Taken`] for the username; [`Error::TooMany`].
    pub async fn accept_invitation(&self, acceptance: Acceptance) -> Result<User> {
        let asked = acceptance.clone();
        let link = self.store().read(move |tx| judge(tx, &asked, false).map(|(link, ..)| link)).await?;
        let hash = match &acceptance.password {
            Some(password) => Some(self.hasher().hash(Lane::of_environment(link.environment), password).await?),
            None => None,
        };
        self.store().write(move |tx| accept(tx, &acceptance, hash.as_ref())).await?
    }

    /// What an invitation asks of its owner.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link that is unknown, old or used.
    pub async fn invitation(&self, token: TokenSecret) -> Result<Invitation> {
        self.store().read(move |tx| show(tx, &token)).await
    }

    /// Accepts an environment in a session of one's own, where no link is wanted.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an environment that is none of the caller's; [`Step::MailedLink`] when the address was not
    /// proven by its owner, or a tenant set credentials since.
    pub async fn accept_environment(&self, caller: Caller, name: EnvironmentName) -> Result<()> {
        self.write(caller, move |tx, actor| accept_own(tx, actor, &name)).await
    }
}

/// A link that invites, if it is good still.
fn invitation(tx: &mut Tx<'_>, token: &TokenSecret) -> Result<Link> {
    links::good(tx, token, &[Purpose::Invite, Purpose::Join])?.ok_or(Error::NotFound(Noun::Invitation))
}

/// What the owner of a link is asked, and by whom.
pub struct Invitation {
    /// To where.
    pub environment: Environment,
    /// The address that it was mailed to.
    pub email: Option<Email>,
    /// The username so far.
    pub username: Option<Username>,
    /// A username and a password are to be chosen; else there is nothing but to accept.
    pub chooses: bool,
    /// How long the password must be.
    pub password_minimum: usize,
    /// When it ends by itself.
    pub expires_at: Time,
}

fn show(tx: &mut Tx<'_>, token: &TokenSecret) -> Result<Invitation> {
    let gone = || Error::NotFound(Noun::Invitation);
    let link = invitation(tx, token)?;
    let account = store::accounts::find(tx, link.account)?.ok_or_else(gone)?;
    let environment = store::environments::find(tx, link.environment)?.ok_or_else(gone)?;
    let membership = store::users::find_membership(tx, link.environment, link.account)?.ok_or_else(gone)?;
    let password_minimum = credentials::minimum_length(tx, Some(&account), Some((link.environment, &membership)))?;
    let chooses = !keeps_credentials(&link, &account);
    let Account { email, username, .. } = account;
    Ok(Invitation { environment, email, username, chooses, password_minimum, expires_at: link.expires_at })
}

/// How often a user may be invited again in an hour.
const MAILS: i64 = 5;

/// Invites a user once more; the older link is void.
///
/// # Errors
/// [`Error::Forbidden`] without `add_user`; [`Error::NotFound`]; [`Error::Conflict`] for who has accepted already or has no
/// address; [`Error::TooMany`].
pub fn invite_again(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> Result<()> {
    actor.need(BuiltIn::AddUser)?;
    let environment = actor.environment().clone();
    let missing = || Error::NotFound(Noun::User);
    let account = store::accounts::lock(tx, id)?.ok_or_else(missing)?;
    let membership = store::users::find_membership(tx, environment.id, id)?.ok_or_else(missing)?;
    let purpose = match (membership.pending, account.password_hash.is_some()) {
        (true, _) => Purpose::Join,
        (false, false) if !account.service => Purpose::Invite,
        _ => return Err(Error::Conflict(Conflict::Accepted)),
    };
    if account.email.is_none() {
        return Err(Error::Conflict(Conflict::NoAddress));
    }
    let whom = format!("{}/{id}", environment.id);
    guessing::count(tx, "invitations", &whom, MAILS, Bound::Invitations)?;
    store::links::void(tx, environment.id, id)?;
    send(tx, &environment, &account, &membership, purpose)?;
    audit::record(tx, actor, "user.invited", &id, Changes::default())
}

/// A link's account and membership, if it may be used so.
fn judge(tx: &mut Tx<'_>, acceptance: &Acceptance, writing: bool) -> Result<(Link, Account, Membership)> {
    let gone = || Error::NotFound(Noun::Invitation);
    let link = invitation(tx, &acceptance.token)?;
    let account = match writing {
        true => store::accounts::lock(tx, link.account)?,
        false => store::accounts::find(tx, link.account)?,
    };
    let account = account.ok_or_else(gone)?;
    let membership = store::users::find_membership(tx, link.environment, link.account)?.ok_or_else(gone)?;
    let mut errors = Vec::new();
    let mut refuse = |field, problem| errors.push(FieldError { field, problem });
    if keeps_credentials(&link, &account) {
        if acceptance.password.is_some() {
            refuse(Field::Password, Refusal::AccountHasOwn.into());
        }
        if acceptance.username.is_some() {
            refuse(Field::Username, Refusal::AccountHasOwn.into());
        }
    } else if acceptance.password.is_none() {
        refuse(Field::Password, Problem::Required);
    }
    if let Some(username) = acceptance.username.as_ref().filter(|username| username.is_email())
        && account.email.as_ref().is_none_or(|email| email.folded() != username.folded())
    {
        refuse(Field::Username, Refusal::UsernameNotYours.into());
    }
    if let Some(password) = &acceptance.password {
        let minimum = credentials::minimum_length(tx, Some(&account), Some((link.environment, &membership)))?;
        credentials::judge_password(password, minimum, &account, Some(&membership), &mut errors);
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    Ok((link, account, membership))
}

/// Joining with an account that is certainly its owner's changes nothing of it.
fn keeps_credentials(link: &Link, account: &Account) -> bool {
    link.purpose == Purpose::Join && account.owner_proven && account.password_hash.is_some()
}

/// The outer error has changed nothing; the inner one is a refusal that is counted, because it told the caller that a
/// username is known.
fn accept(tx: &mut Tx<'_>, acceptance: &Acceptance, hash: Option<&PasswordHash>) -> Result<Result<User>> {
    let (link, known, was) = judge(tx, acceptance, true)?;
    let mut account = known.clone();
    let environment = store::environments::find(tx, link.environment)?.ok_or(Error::NotFound(Noun::Invitation))?;
    let actor = Actor::owner_by_link(account.id, environment, acceptance.origin.clone());
    let username = acceptance.username.as_ref().filter(|new| Some(*new) != account.username.as_ref()).cloned();
    if let Some(username) = &username {
        disclosures::need_room(tx, &actor)?;
        if store::accounts::find_by_username(tx, username)?.is_some_and(|other| other.id != account.id) {
            disclosures::count(tx, &actor)?;
            disclosures::record(tx, &actor, username.as_typed())?;
            return Ok(Err(Error::taken(Field::Username)));
        }
    }
    if !store::links::use_up(tx, &acceptance.token.hash())? {
        return Err(Error::NotFound(Noun::Invitation));
    }
    let mut changes = Changes::default();
    if !keeps_credentials(&link, &account) {
        if let Some(username) = username {
            changes.text("username", account.username.as_ref().map(|u| u.as_typed()), Some(username.as_typed()));
            account.username = Some(username);
        }
        // Whoever prepared this account for somebody else keeps nothing of it.
        end_everything(tx, account.id)?;
        account.password_hash = hash.cloned();
        account.reset_password = false;
        account.owner_proven = true;
        store::accounts::update(tx, &known, &account)?;
        store::links::void_all(tx, account.id)?;
        changes.secret("password");
    }
    changes.flag("pending", Some(was.pending), Some(false));
    let accepted = Membership { pending: false, ..was.clone() };
    store::users::update(tx, link.environment, &account, (&was, &accepted), Some(account.id))?;
    audit::record(tx, &actor, "user.accepted", &account.id, changes)?;
    users::view(tx, actor.environment().id, account.id).map(Ok)
}

fn end_everything(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    store::tokens::end_sessions_of_account(tx, account, None)?;
    store::tokens::end_tokens_of_account(tx, account)?;
    second_factors::discard(tx, account).map(drop)
}

fn accept_own(tx: &mut Tx<'_>, actor: &Actor, name: &EnvironmentName) -> Result<()> {
    let missing = || Error::NotFound(Noun::Environment);
    actor.need_session()?;
    let own = actor.user().ok_or_else(missing)?;
    let account = store::accounts::lock(tx, own)?.ok_or_else(missing)?;
    let environment = environments::resolve(tx, name)?.ok_or_else(missing)?;
    let was = store::users::find_membership(tx, environment.id, own)?.ok_or_else(missing)?;
    if !was.pending {
        return Ok(());
    }
    if !account.owner_proven {
        return Err(Error::StepRequired(Step::MailedLink));
    }
    let accepted = Membership { pending: false, ..was.clone() };
    store::users::update(tx, environment.id, &account, (&was, &accepted), Some(account.id))?;
    store::links::void(tx, environment.id, own)?;
    let mut changes = Changes::default();
    changes.flag("pending", Some(true), Some(false));
    let there = actor.acting_in(environment);
    audit::record(tx, &there, "user.accepted", &own, changes)
}
