//! Codes by time (RFC 6238): six digits of SHA-1, every 30 seconds, as every authenticator app has them. Each code counts once,
//! and one step early or late.

use super::enrol::{self, Enrolled};
use super::{FactorKind, SecondFactor};
use crate::actor::Caller;
use crate::clock::Time;
use crate::directory::Directory;
use crate::effects::Effects;
use crate::error::{Error, Field, Noun, Refusal, Result};
use crate::guessing;
use crate::id::{FactorId, UserId};
use crate::second_factors::Code;
use crate::sessions::Lifetimes;
use crate::store::second_factors::Stored;
use crate::store::{self, Tx};
use crate::text::Name;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

/// Bytes of a seed: as many as SHA-1 gives (RFC 4226, section 4).
const SEED: usize = 20;
/// What a seed is kept sealed for.
pub(crate) const PURPOSE: &str = "second factor";

/// What codes are made of. Shown to who enrols, until it counts.
pub struct Seed(Zeroizing<[u8; SEED]>);

impl Seed {
    /// As an app takes it: base32 (RFC 4648) without padding.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(Secret::new(Box::from(self.0.as_slice())).to_base32())
    }

    /// The step whose code this is, of those that count at this time: the present one, the one before and the one after.
    fn step_of(&self, code: &str, now: Time) -> Option<i64> {
        let seconds = u64::try_from(now.as_micros() / 1_000_000).ok()?;
        let step = self.codes()?.check(code, seconds)?;
        i64::try_from(step).ok()
    }

    fn codes(&self) -> Option<Totp> {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(Secret::new(Box::from(self.0.as_slice())))
            .build()
            .ok()
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// A TOTP that does not count yet.
pub struct NewTotp {
    /// Its id, once it counts too.
    pub id: FactorId,
    /// For the app.
    pub seed: Seed,
    /// Whose codes these are, for the app to show: the address, the username or the id.
    pub login: String,
}

impl Directory {
    /// Begins to enrol a TOTP; one that was begun before is void.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for all but sessions; [`Error::StepRequired`] without fresh proof; [`Error::Conflict`].
    pub async fn begin_totp(&self, caller: Caller, name: Option<Name>) -> Result<NewTotp> {
        self.store().write(move |tx| begin(tx, &caller, name.clone())).await
    }

    /// The TOTP that was begun, once more: whoever mistyped its first code need not begin anew.
    ///
    /// # Errors
    /// As [`Directory::begin_totp`]; [`Error::NotFound`] when none was begun.
    pub async fn begun_totp(&self, caller: Caller) -> Result<NewTotp> {
        self.store().write(move |tx| begun(tx, &caller)).await
    }

    /// Shows a first code of the TOTP that was begun: from now on it counts. `pair` as in [`Directory::confirm_passkey`].
    ///
    /// # Errors
    /// As [`Directory::begin_totp`]; [`Error::NotFound`] when none was begun; [`Error::Invalid`] for a wrong code;
    /// [`Error::TooMany`].
    pub async fn confirm_totp(&self, caller: Caller, code: Code, pair: bool) -> Result<Enrolled> {
        let going_on = (pair, self.session_lifetimes());
        self.store().write(move |tx| confirm(tx, &caller, &code, &going_on)).await?
    }
}

fn begin(tx: &mut Tx<'_>, caller: &Caller, name: Option<Name>) -> Result<NewTotp> {
    let enrolling = enrol::begin(tx, caller)?;
    let account = &enrolling.account;
    store::second_factors::remove_unconfirmed(tx, account.id)?;
    let (now, effects) = (tx.now(), tx.effects());
    let id = FactorId(effects.randomness.uuid_v7(now)?);
    let seed = Seed(Zeroizing::new(effects.randomness.bytes()?));
    let sealed = effects.keys.seal(PURPOSE, account.id.0.as_bytes(), seed.0.as_slice(), &effects.randomness)?;
    let factor = SecondFactor {
        id,
        account: account.id,
        kind: FactorKind::Totp,
        name: name.unwrap_or_else(|| Name::from_stored("Authenticator app".to_owned())),
        confirmed: false,
        proven: account.owner_proven,
        created_at: now,
        used_at: None,
    };
    store::second_factors::insert(tx, &factor, &sealed, None)?;
    Ok(NewTotp { id, seed, login: account.login() })
}

fn begun(tx: &mut Tx<'_>, caller: &Caller) -> Result<NewTotp> {
    let account = enrol::begin(tx, caller)?.account;
    let Stored { factor, sealed, .. } = unconfirmed(tx, account.id)?;
    Ok(NewTotp { id: factor.id, seed: open(tx.effects(), account.id, &sealed)?, login: account.login() })
}

/// The one that was begun.
fn unconfirmed(tx: &mut Tx<'_>, account: UserId) -> Result<Stored> {
    let begun = store::second_factors::of_account(tx, account)?.into_iter().find(|stored| !stored.factor.confirmed);
    begun.ok_or(Error::NotFound(Noun::SecondFactor))
}

/// The inner error is a refusal that is counted.
fn confirm(tx: &mut Tx<'_>, caller: &Caller, code: &Code, going_on: &(bool, Lifetimes)) -> Result<Result<Enrolled>> {
    let enrolling = enrol::begin(tx, caller)?;
    let account = enrolling.account.id;
    let guess = guessing::Guess::of_factor(tx, account, &caller.origin);
    guessing::judge(tx, &guess)?;
    let Stored { factor, sealed, .. } = unconfirmed(tx, account)?;
    let step = open(tx.effects(), account, &sealed)?.step_of(code.expose(), tx.now());
    let used = match step {
        Some(step) => store::second_factors::use_step(tx, factor.id, step)?,
        None => false,
    };
    if !used {
        guessing::note(tx, &guess, None)?;
        return Ok(Err(Error::invalid(Field::Code, Refusal::CodeWrong)));
    }
    guessing::forget(tx, &guess)?;
    store::second_factors::confirm(tx, factor.id, enrolling.account.owner_proven)?;
    let factor = SecondFactor { confirmed: true, used_at: Some(tx.now()), ..factor };
    enrol::finish(tx, enrolling, factor, going_on).map(Ok)
}

/// Whether one of these is what a code belongs to, and it is used up with this.
pub(super) fn accept(tx: &mut Tx<'_>, account: UserId, code: &str) -> Result<bool> {
    let now = tx.now();
    for stored in store::second_factors::of_account(tx, account)? {
        if stored.factor.kind != FactorKind::Totp || !stored.factor.confirmed {
            continue;
        }
        if let Some(step) = open(tx.effects(), account, &stored.sealed)?.step_of(code, now)
            && store::second_factors::use_step(tx, stored.factor.id, step)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn open(effects: &Effects, account: UserId, sealed: &[u8]) -> Result<Seed> {
    let opened = effects.keys.open(PURPOSE, account.0.as_bytes(), sealed)?;
    let bytes = opened.as_slice().try_into().map_err(|_| Error::Internal("a seed of another length".to_owned()))?;
    Ok(Seed(Zeroizing::new(bytes)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, cut to six digits.
        let seed = Seed(Zeroizing::new(*b"12345678901234567890"));
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let at = |seconds: i64| Time::from_micros(seconds * 1_000_000);
            assert_eq!(seed.step_of(code, at(seconds)), Some(seconds / 30));
            assert_eq!(seed.step_of(code, at(seconds + 30)), Some(seconds / 30), "one step late");
            assert_eq!(seed.step_of(code, at(seconds - 30)), Some(seconds / 30), "one step early");
            assert_eq!(seed.step_of(code, at(seconds + 60)), None, "two steps late");
            assert_eq!(seed.step_of(code, at(seconds - 60)), None, "two steps early");
        }
        assert_eq!(*seed.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
