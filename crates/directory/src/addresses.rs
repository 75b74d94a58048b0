//! Another address for one's own account: it counts once a link that was mailed there has come back. The old address is told.

use crate::actor::{Actor, Origin};
use crate::audit::{self, Changes};
use crate::directory::Directory;
use crate::email::Email;
use crate::error::{Bound, Error, Field, Noun, Refusal, Result};
use crate::guessing;
use crate::invitations;
use crate::links::{self, Link, Purpose};
use crate::mail::{self, Subject};
use crate::recovery::LIFETIME;
use crate::secret::TokenSecret;
use crate::sessions::proof;
use crate::store::{self, Tx};
use crate::username::Username;

/// Mails that one account may send so in an hour.
const MAILS: i64 = 5;

/// Asks for another address: a link is mailed there. Whether somebody has it already is not told; then nothing is mailed.
///
/// # Errors
/// [`Error::Forbidden`] for all but sessions; [`Error::StepRequired`] without fresh proof; [`Error::Invalid`] for the address
/// that it is already; [`Error::TooMany`].
pub fn ask(tx: &mut Tx<'_>, actor: &Actor, email: &Email) -> Result<()> {
    actor.need_session()?;
    proof::need(tx, actor)?;
    let own = actor.user().ok_or(Error::NotFound(Noun::User))?;
    let account = store::accounts::lock(tx, own)?.ok_or(Error::NotFound(Noun::User))?;
    if account.email.as_ref().is_some_and(|present| present.as_typed() == email.as_typed()) {
        return Err(Error::invalid(Field::Email, Refusal::EmailAsBefore));
    }
    guessing::count(tx, "addresses", &own.to_string(), MAILS, Bound::Addresses)?;
    store::links::void_purpose(tx, own, Purpose::Address)?;
    if store::accounts::find_by_email(tx, email)?.is_none_or(|other| other.id == own) {
        let link = Link {
            purpose: Purpose::Address,
            account: own,
            environment: actor.environment().id,
            email: Some(email.clone()),
            expires_at: tx.now().plus(LIFETIME),
        };
        let token = links::make(tx, &link)?;
        mail::tell_at(tx, own, email.clone(), Subject::Address { token })?;
    }
    let mut changes = Changes::default();
    changes.text("email", None, Some(email.as_typed()));
    audit::record(tx, actor, "email.change_asked", &own, changes)
}

fn confirm(tx: &mut Tx<'_>, token: &TokenSecret, origin: &Origin) -> Result<()> {
    let gone = || Error::NotFound(Noun::Link);
    let link = links::good(tx, token, &[Purpose::Address])?.ok_or_else(gone)?;
    let email = link.email.clone().ok_or_else(gone)?;
    let known = store::accounts::lock(tx, link.account)?.ok_or_else(gone)?;
    if store::accounts::find_by_email(tx, &email)?.is_some_and(|other| other.id != known.id) {
        return Err(Error::taken(Field::Email));
    }
    if !store::links::use_up(tx, &token.hash())? {
        return Err(gone());
    }
    let environment = store::environments::find(tx, link.environment)?.ok_or_else(gone)?;
    let mut account = known.clone();
    let old = account.email.replace(email.clone());
    // A username that is the address follows it.
    if account.username.as_ref().is_some_and(Username::is_email) {
        account.username = Some(Username::from_stored(email.as_typed().to_owned()));
    }
    store::accounts::update(tx, &known, &account)?;
    store::links::void_all(tx, account.id)?;
    let mut changes = Changes::default();
    changes.text("email", old.as_ref().map(Email::as_typed), Some(email.as_typed()));
    let actor = Actor::owner_by_link(account.id, environment, origin.clone());
    audit::record(tx, &actor, "email.changed", &account.id, changes)?;
    // Whoever prepared an account for somebody else's address must not take along what that was invited to. Nor does the
    // new address prove anything of the password, which a tenant may have set.
    if !known.owner_proven {
        invitations::withdraw(tx, &actor, account.id)?;
    }
    match old {
        Some(old) => mail::tell_at(tx, account.id, old, Subject::AddressChanged { new: email }),
        None => Ok(()),
    }
}

impl Directory {
    /// Confirms an address with the link that was mailed there.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link that is unknown, old or used; [`Error::Taken`] when somebody else has the address by now.
    pub async fn confirm_address(&self, token: TokenSecret, origin: Origin) -> Result<()> {
        self.store().write(move |tx| confirm(tx, &token, &origin)).await
    }
}
