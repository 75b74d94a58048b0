//! Recovery codes: ten at a time, each good once in place of another second factor. They hold 120 random bits, so that what is
//! kept of one, a plain SHA-256, tells nothing (OWASP ASVS 6.5.2 asks for a slow hash below 112).

use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::error::{Conflict, Error, Noun, Result};
use crate::id::UserId;
use crate::sessions::proof;
use crate::store::{self, Tx};
use sha2::{Digest, Sha256};
use totp_rs::Secret;
use zeroize::Zeroizing;

/// How many there are.
pub const MANY: usize = 10;
/// Random bytes in one.
const BYTES: usize = 15;
/// Characters of one, without the hyphens between them.
pub(super) const LENGTH: usize = 24;

/// A code, for the one answer that shows it.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// As somebody writes it down: six times four letters and digits.
    pub fn expose(&self) -> Zeroizing<String> {
        let groups: Vec<&str> = (0..LENGTH).step_by(4).filter_map(|at| self.0.get(at..at + 4)).collect();
        Zeroizing::new(groups.join("-"))
    }

    fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

/// What is kept of a code, written without hyphens in small letters.
fn hash(code: &str) -> [u8; 32] {
    Sha256::digest(code.as_bytes()).into()
}

/// Makes ten new codes for the actor; older ones are void.
///
/// # Errors
/// [`Error::Forbidden`] for all but sessions; [`Error::StepRequired`] without fresh proof; [`Error::Conflict`] without a
/// second factor that they could stand for.
pub fn renew(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<RecoveryCode>> {
    actor.need_session()?;
    proof::need(tx, actor)?;
    let own = actor.user().ok_or(Error::NotFound(Noun::User))?;
    if !store::second_factors::any(tx, own)? {
        return Err(Error::Conflict(Conflict::NoFactor));
    }
    let codes = make(tx, own)?;
    audit::record(tx, actor, "recovery_codes.made", &own, Changes::default())?;
    Ok(codes)
}

/// Makes ten codes; older ones are void.
pub(super) fn make(tx: &mut Tx<'_>, account: UserId) -> Result<Vec<RecoveryCode>> {
    let randomness = &tx.effects().randomness;
    let one = |_| {
        let bytes: Zeroizing<[u8; BYTES]> = Zeroizing::new(randomness.bytes()?);
        let mut text = Secret::new(Box::from(bytes.as_slice())).to_base32();
        text.make_ascii_lowercase();
        Ok(RecoveryCode(Zeroizing::new(text)))
    };
    let codes: Vec<RecoveryCode> = (0..MANY).map(one).collect::<Result<_>>()?;
    let hashes: Vec<[u8; 32]> = codes.iter().map(RecoveryCode::hash).collect();
    store::second_factors::set_codes(tx, account, &hashes)?;
    Ok(codes)
}

/// Whether this is one of an account's codes, which is used up with this.
pub(super) fn accept(tx: &mut Tx<'_>, account: UserId, code: &str) -> Result<bool> {
    store::second_factors::use_code(tx, account, &hash(code))
}
