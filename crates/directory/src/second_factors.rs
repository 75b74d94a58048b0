//! Second factors: what proves an account's owner besides the password. An account that has any is asked for one whenever it
//! signs in; environments, their groups and their administrators may demand that it has. Knows nothing of how a QR code or
//! a browser's answer looks.

mod enrol;
pub mod recovery_codes;
mod shown;
pub mod totp;

pub(crate) use enrol::passkeys;
pub use enrol::{Enrolled, NewPasskey};
pub use shown::{Code, Shown};
pub(crate) use shown::{Judged, Method, PASSKEY, accept, judge, ways};

use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::clock::Time;
use crate::environments::Environment;
use crate::error::{Conflict, Error, Noun, Result};
use crate::id::{FactorId, UserId};
use crate::mail::{self, Subject};
use crate::passkeys;
use crate::roles;
use crate::sessions::proof;
use crate::store::second_factors::Stored;
use crate::store::{self, Tx};
use crate::text::Name;
use crate::users::Membership;

/// The most that an account has: as many as a passkey's challenge may name.
pub const MOST: usize = passkeys::MOST;

/// A second factor, without what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// Not a secret.
    pub id: FactorId,
    /// Whose.
    pub account: UserId,
    /// Of what kind.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub name: Name,
    /// It counts. A TOTP does once a code of it was shown.
    pub confirmed: bool,
    /// Enrolled by somebody who had proven the account's address. A passkey of anybody else signs in with the password alone,
    /// because whoever prepared the account for its owner may hold it.
    pub proven: bool,
    /// When it was enrolled.
    pub created_at: Time,
    /// When it was last shown.
    pub used_at: Option<Time>,
}

/// The kinds of second factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorKind {
    /// Codes by time (RFC 6238).
    Totp,
    /// A key pair in a device (WebAuthn), which proves that its owner unlocked it.
    Passkey,
}

impl FactorKind {
    /// The column's spelling, and the audit trail's.
    pub fn as_str(self) -> &'static str {
        match self {
            FactorKind::Totp => "totp",
            FactorKind::Passkey => "passkey",
        }
    }

    /// Reads the column.
    pub(crate) fn from_stored(text: &str) -> FactorKind {
        match text {
            "passkey" => FactorKind::Passkey,
            _ => FactorKind::Totp,
        }
    }
}

/// Of whom an environment demands a second factor, whichever groups they are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Demand {
    /// Of nobody.
    #[default]
    Nobody,
    /// Of its administrators, and of operators.
    Administrators,
    /// Of all.
    Everybody,
}

impl Demand {
    /// The column's spelling, and the audit trail's.
    pub(crate) fn as_str(self) -> Option<&'static str> {
        match self {
            Demand::Nobody => None,
            Demand::Administrators => Some("administrators"),
            Demand::Everybody => Some("everybody"),
        }
    }

    /// Reads the column.
    pub(crate) fn from_stored(text: Option<&str>) -> Demand {
        match text {
            None => Demand::Nobody,
            Some("administrators") => Demand::Administrators,
            Some(_) => Demand::Everybody,
        }
    }

    /// Whether it is demanded of somebody who administers, or does not.
    pub(crate) fn covers(self, administers: bool) -> bool {
        match self {
            Demand::Nobody => false,
            Demand::Administrators => administers,
            Demand::Everybody => true,
        }
    }
}

/// What an account has to show besides its password.
#[derive(Clone, Debug)]
pub struct Factors {
    /// Those that count, oldest first.
    pub factors: Vec<SecondFactor>,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
    /// One is demanded somewhere, so that the last cannot go.
    pub demanded: bool,
}

/// Whether an environment demands a second factor of a user there: of this one, by what it is, or by a group.
pub(crate) fn demanded(
    tx: &mut Tx<'_>,
    environment: &Environment,
    user: UserId,
    membership: Option<&Membership>,
    operator: bool,
) -> Result<bool> {
    let acting = membership.filter(|membership| membership.active && !membership.pending);
    let administers = operator || acting.is_some_and(|membership| membership.administrator);
    if (operator || acting.is_some()) && environment.policy.second_factor.covers(administers) {
        return Ok(true);
    }
    let Some(membership) = acting else { return Ok(false) };
    if membership.mfa {
        return Ok(true);
    }
    let roles = roles::of(tx, environment.id)?;
    if !roles.any_demands_second_factor() {
        return Ok(false);
    }
    let now = tx.now();
    let held = store::groups::of_user(tx, environment.id, user)?;
    let counting = held.iter().filter(|holding| holding.counts(now)).map(|holding| holding.group);
    Ok(roles.demand_second_factor(counting))
}

/// Whether any environment demands one of an account.
fn demanded_anywhere(tx: &mut Tx<'_>, account: UserId) -> Result<bool> {
    let operator = store::accounts::find(tx, account)?.is_some_and(|account| account.operator);
    for own in store::environments::of_account(tx, account)?.into_iter().filter(|own| !own.pending) {
        let membership = store::users::find_membership(tx, own.environment.id, account)?;
        if demanded(tx, &own.environment, account, membership.as_ref(), operator)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The actor's own second factors. In a session alone: an API token that one tenant holds must not tell of them.
///
/// # Errors
/// [`Error::Forbidden`] for all but sessions.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<Factors> {
    actor.need_session()?;
    let own = actor.user().ok_or(Error::NotFound(Noun::User))?;
    let stored = store::second_factors::of_account(tx, own)?;
    Ok(Factors {
        factors: stored.into_iter().map(|stored| stored.factor).filter(|factor| factor.confirmed).collect(),
        recovery_codes: store::second_factors::codes_left(tx, own)?,
        demanded: demanded_anywhere(tx, own)?,
    })
}

/// One of the actor's own that counts, to be changed.
fn own(tx: &mut Tx<'_>, actor: &Actor, id: FactorId) -> Result<SecondFactor> {
    actor.need_session()?;
    proof::need(tx, actor)?;
    let own = actor.user().ok_or(Error::NotFound(Noun::SecondFactor))?;
    // Held, or two could each remove the last but one.
    store::accounts::lock(tx, own)?;
    let all = store::second_factors::of_account(tx, own)?.into_iter().map(|Stored { factor, .. }| factor);
    let found = all.into_iter().find(|factor| factor.id == id && factor.confirmed);
    found.ok_or(Error::NotFound(Noun::SecondFactor))
}

/// Gives one of the actor's own another name.
///
/// # Errors
/// [`Error::Forbidden`] for all but sessions; [`Error::StepRequired`] without fresh proof; [`Error::NotFound`].
pub fn rename(tx: &mut Tx<'_>, actor: &Actor, id: FactorId, name: &Name) -> Result<SecondFactor> {
    let before = own(tx, actor, id)?;
    if before.name == *name {
        return Ok(before);
    }
    store::second_factors::rename(tx, id, name)?;
    let mut changes = Changes::default();
    changes.text("name", Some(before.name.as_str()), Some(name.as_str()));
    audit::record(tx, actor, "second_factor.renamed", &before.account, changes)?;
    Ok(SecondFactor { name: name.clone(), ..before })
}

/// Removes one of the actor's own; with the last one the recovery codes.
///
/// # Errors
/// As [`rename`]; [`Error::Conflict`] for the last one while one is demanded.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, id: FactorId) -> Result<()> {
    let factor = own(tx, actor, id)?;
    let account = store::accounts::find(tx, factor.account)?.ok_or(Error::NotFound(Noun::SecondFactor))?;
    let all = store::second_factors::of_account(tx, factor.account)?;
    let others = all.iter().any(|other| other.factor.confirmed && other.factor.id != id);
    if !others && demanded_anywhere(tx, factor.account)? {
        return Err(Error::Conflict(Conflict::LastFactor));
    }
    if others {
        store::second_factors::remove(tx, id)?;
    } else {
        store::second_factors::remove_all(tx, factor.account)?;
    }
    let mut changes = Changes::default();
    changes.text(factor.kind.as_str(), Some(factor.name.as_str()), None);
    audit::record(tx, actor, "second_factor.removed", &factor.account, changes)?;
    mail::tell(tx, &account, Subject::FactorRemoved)
}

/// Takes everything away that proves an account's owner besides the password; says whether there was anything.
pub(crate) fn discard(tx: &mut Tx<'_>, account: UserId) -> Result<bool> {
    Ok(store::second_factors::remove_all(tx, account)? > 0)
}
