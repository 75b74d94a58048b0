//! Enrolling a second factor: in a session soon after its owner showed the password (and another factor, where there is one), or
//! with the token that a login gave for this step alone. With the first factor come recovery codes.

use super::recovery_codes::{self, RecoveryCode};
use super::{FactorKind, MOST, SecondFactor, shown};
use crate::accounts::Account;
use crate::actor::{Actor, Caller};
use crate::audit::{self, Changes};
use crate::directory::Directory;
use crate::error::{Conflict, Error, Noun, Result, Step};
use crate::id::FactorId;
use crate::mail::{self, Subject};
use crate::passkeys::{Ceremony, CreationChallengeResponse, Party, Registration};
use crate::sessions::{self, GoingOn, Lifetimes, Session, SignedIn, StepToken, proof};
use crate::store::second_factors::Stored;
use crate::store::{self, Tx};
use crate::text::Name;
use std::sync::Arc;

/// What enrolling gave.
pub struct Enrolled {
    /// What counts from now on.
    pub factor: SecondFactor,
    /// New codes, if these are the account's first; shown once.
    pub recovery_codes: Vec<RecoveryCode>,
    /// Whoever was asked to enrol while signing in goes on from there.
    pub signed_in: Option<std::result::Result<SignedIn, StepToken>>,
}

/// A passkey to enrol, as an API heard it.
#[derive(Clone)]
pub struct NewPasskey {
    /// Who asked for it.
    pub party: Arc<Party>,
    /// The browser's answer.
    pub registration: Arc<Registration>,
    /// What to call it.
    pub name: Option<Name>,
}

/// Somebody who may enrol.
pub(super) struct Enrolling {
    pub(super) account: Account,
    actor: Actor,
    session: Session,
    /// None counted before.
    first: bool,
}

impl Directory {
    /// Asks a browser for a new passkey.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for all but sessions; [`Error::StepRequired`] without fresh proof; [`Error::Conflict`].
    pub async fn begin_passkey(
        &self,
        caller: Caller,
        party: Arc<Party>,
    ) -> Result<Ceremony<CreationChallengeResponse>> {
        self.store()
            .write(move |tx| {
                let enrolling = begin(tx, &caller)?;
                let account = &enrolling.account;
                let own = passkeys(tx, account)?;
                let login = account.login();
                party.ask_to_register(tx.effects(), account.id, &login, &login, &own)
            })
            .await
    }

    /// Enrols the passkey that a browser made. Whoever was asked to while signing in goes on with a `pair` of tokens, or with
    /// one that lasts.
    ///
    /// # Errors
    /// As [`Directory::begin_passkey`]; [`Error::FactorRefused`] for an answer that is not right.
    pub async fn confirm_passkey(&self, caller: Caller, new: NewPasskey, pair: bool) -> Result<Enrolled> {
        let going_on = (pair, self.session_lifetimes());
        self.store().write(move |tx| confirm_passkey(tx, &caller, &new, &going_on)).await
    }

    /// Whether somebody may enrol a second factor now; true for whoever must, to be let in.
    ///
    /// # Errors
    /// As [`Directory::begin_passkey`].
    pub async fn may_enrol(&self, caller: Caller) -> Result<bool> {
        self.store().write(move |tx| Ok(begin(tx, &caller)?.session.step.is_some())).await
    }
}

/// An account's passkeys, opened.
pub(crate) fn passkeys(tx: &mut Tx<'_>, account: &Account) -> Result<Vec<Vec<u8>>> {
    let stored = store::second_factors::of_account(tx, account.id)?;
    let effects = tx.effects();
    let own = stored.iter().filter(|stored| stored.factor.kind == FactorKind::Passkey);
    own.map(|own| Ok(effects.keys.open(shown::PASSKEY, account.id.0.as_bytes(), &own.sealed)?.to_vec())).collect()
}

fn confirm_passkey(
    tx: &mut Tx<'_>,
    caller: &Caller,
    new: &NewPasskey,
    going_on: &(bool, Lifetimes),
) -> Result<Enrolled> {
    let enrolling = begin(tx, caller)?;
    let (account, now, effects) = (&enrolling.account, tx.now(), tx.effects());
    let (passkey, answered) = new.party.registered(effects, account.id, &new.registration)?;
    let whose = account.id.0.as_bytes();
    let sealed = effects.keys.seal(shown::PASSKEY, whose, &passkey.stored, &effects.randomness)?;
    let factor = SecondFactor {
        id: FactorId(effects.randomness.uuid_v7(now)?),
        account: account.id,
        kind: FactorKind::Passkey,
        name: new.name.clone().unwrap_or_else(|| Name::from_stored("Passkey".to_owned())),
        confirmed: true,
        proven: account.owner_proven,
        created_at: now,
        used_at: None,
    };
    let known = store::second_factors::by_credential(tx, &passkey.credential_id)?.is_some();
    if known || !store::second_factors::answer(tx, &answered.hash, answered.expires_at)? {
        return Err(Error::FactorRefused);
    }
    store::second_factors::insert(tx, &factor, &sealed, Some(&passkey.credential_id))?;
    finish(tx, enrolling, factor, going_on)
}

/// Believes somebody who may enrol, and holds the account.
pub(super) fn begin(tx: &mut Tx<'_>, caller: &Caller) -> Result<Enrolling> {
    let (actor, session) = Actor::authenticate_for_factor(tx, caller)?;
    let account = store::accounts::lock(tx, session.account)?.ok_or(Error::Unauthenticated)?;
    let own = store::second_factors::of_account(tx, account.id)?;
    let first = !own.iter().any(|Stored { factor, .. }| factor.confirmed);
    match session.step {
        // Since this token was given a factor came to be: it must be shown.
        Some(Step::SecondFactorEnrolment) if !first => return Err(Error::StepRequired(Step::SecondFactor)),
        Some(Step::SecondFactorEnrolment) => {}
        Some(step) => return Err(Error::StepRequired(step)),
        None => proof::need(tx, &actor)?,
    }
    need_room(&own)?;
    Ok(Enrolling { account, actor, session, first })
}

/// What follows once a factor counts; with a pair of tokens or one, and how long these last.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    enrolling: Enrolling,
    factor: SecondFactor,
    (pair, lifetimes): &(bool, Lifetimes),
) -> Result<Enrolled> {
    let Enrolling { account: known, actor, session, first } = enrolling;
    let recovery_codes = if first { recovery_codes::make(tx, known.id)? } else { Vec::new() };
    let mut account = known.clone();
    account.reset_second_factor = false;
    if known.reset_second_factor {
        store::accounts::update(tx, &known, &account)?;
    }
    let mut changes = Changes::default();
    changes.text(factor.kind.as_str(), None, Some(factor.name.as_str()));
    audit::record(tx, &actor, "second_factor.enrolled", &account.id, changes)?;
    mail::tell(tx, &account, Subject::FactorAdded)?;
    let signed_in = match session.step {
        Some(_) => {
            let going_on = GoingOn { proof: false, pair: *pair, origin: actor.origin() };
            Some(sessions::go_on(tx, account, session, going_on, lifetimes)?)
        }
        None => {
            store::sessions::factor_shown(tx, account.id, session.id, false)?;
            None
        }
    };
    Ok(Enrolled { factor, recovery_codes, signed_in })
}

/// Refuses one more than an account has.
fn need_room(own: &[Stored]) -> Result<()> {
    match own.iter().filter(|stored| stored.factor.confirmed).count() >= MOST {
        true => Err(Error::Conflict(Conflict::Full(Noun::SecondFactor))),
        false => Ok(()),
    }
}
