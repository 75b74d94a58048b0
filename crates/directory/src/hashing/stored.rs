//! What may stand in the database of a password, whoever made it: which format it is, and the way to compare. The costs that
//! each format may have stand beside it.

use super::argon::{Argon, Memory};
use super::bcrypt::Bcrypt;
use super::costs::Costs;
use super::pbkdf2::Pbkdf2;
use super::scrypt::Scrypt;
use super::sha_crypt::ShaCrypt;
use super::wrapped::Wrapped;
use crate::error::Result;

/// No format needs more, and nobody has to read more to know.
const LONGEST: usize = 1024;

/// A stored hash that can be compared with.
#[derive(Clone)]
pub(super) enum Stored {
    Argon(Argon),
    Bcrypt(Bcrypt),
    Scrypt(Scrypt),
    Pbkdf2(Pbkdf2),
    ShaCrypt(ShaCrypt),
    Wrapped(Wrapped),
}

impl Stored {
    /// `None`: no format that we know, or costs that no login should have.
    pub(super) fn decode(text: &str) -> Option<Stored> {
        if text.len() > LONGEST {
            return None;
        }
        Argon::decode(text)
            .map(Stored::Argon)
            .or_else(|| Bcrypt::decode(text).map(Stored::Bcrypt))
            .or_else(|| Scrypt::decode(text).map(Stored::Scrypt))
            .or_else(|| Pbkdf2::decode(text).map(Stored::Pbkdf2))
            .or_else(|| ShaCrypt::decode(text).map(Stored::ShaCrypt))
            .or_else(|| Wrapped::decode(text).map(Stored::Wrapped))
    }

    pub(super) fn matches(&self, password: &[u8], memory: &mut Memory) -> Result<bool> {
        match self {
            Stored::Argon(hash) => hash.matches(password, memory),
            Stored::Bcrypt(hash) => Ok(hash.matches(password)),
            Stored::Scrypt(hash) => hash.matches(password),
            Stored::Pbkdf2(hash) => Ok(hash.matches(password)),
            Stored::ShaCrypt(hash) => hash.matches(password),
            Stored::Wrapped(hash) => hash.matches(password, memory),
        }
    }

    /// Whether we would make it so today.
    pub(super) fn is_usual(&self, costs: Costs) -> bool {
        matches!(self, Stored::Argon(hash) if hash.is_usual(costs))
    }

    /// Whether other passwords than this one pass too, because not all of it was looked at.
    pub(super) fn overlooks(&self, password: &[u8]) -> bool {
        matches!(self, Stored::Bcrypt(hash) if hash.overlooks(password))
    }
}
