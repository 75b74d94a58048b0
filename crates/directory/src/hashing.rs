//! Password hashing: Argon2id on a few threads of its own, so that the threads that serve requests never wait for it,
//! and however many people sign in at once, the memory that it takes is bounded. Hashes that other systems made are compared
//! with too, until their owners sign in. Knows nothing of accounts, nor of which passwords are good enough.

mod argon;
mod bcrypt;
mod costs;
mod digest;
mod governor;
mod lane;
mod pbkdf2;
mod pool;
mod scrypt;
mod sha_crypt;
mod stored;
mod wrapped;

pub use costs::Costs;
pub use lane::Lane;

use crate::error::{Error, Field, Refusal, Result};
use crate::randomness::Randomness;
use crate::secret::{Password, PasswordHash};
use argon::Argon;
use digest::Recipe;
use pool::Pool;
use std::sync::Arc;
use stored::Stored;
use wrapped::Wrapped;

#[cfg(all(feature = "cheap-hashing", not(debug_assertions)))]
compile_error!("the feature `cheap-hashing` is for tests: a release must never hash passwords cheaply");

/// A handle on the threads that hash. Clones share them; they end with the last clone.
#[derive(Clone)]
pub struct Hasher {
    costs: Costs,
    randomness: Randomness,
    /// What a password is compared with when there is nothing to compare it with.
    dummy: Argon,
    pool: Arc<Pool>,
}

impl Hasher {
    /// Up to `threads` at work, and up to `queue` jobs waiting for them.
    ///
    /// # Errors
    /// The machine's, when it has no randomness to give.
    pub fn new(costs: Costs, threads: usize, queue: usize, randomness: Randomness) -> Result<Hasher> {
        let mut dummy = Argon::new(costs, randomness.bytes::<16>()?.to_vec());
        dummy.forge(randomness.bytes::<32>()?);
        Ok(Hasher { costs, randomness, dummy, pool: Arc::new(Pool::new(threads, queue)) })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`Error::TooMany`] when no place in the queue is free, or another lane needs this one more.
    pub async fn hash(&self, lane: Lane, password: &Password) -> Result<PasswordHash> {
        let (argon, password) = (self.fresh()?, password.clone());
        let hash = self.pool.run(lane, move |memory| argon.of(password.expose().as_bytes(), memory)).await?;
        Ok(PasswordHash::from_stored(hash.encode()))
    }

    /// Whether the password is the one that was hashed. Without a hash, or with one that cannot be read, the answer is
    /// no and takes the same time: who waits learns nothing about which accounts exist. (With a hash that another system
    /// made it takes that one's time, until its owner has signed in.)
    ///
    /// # Errors
    /// As [`Hasher::hash`].
    pub async fn verify(&self, lane: Lane, password: &Password, stored: Option<PasswordHash>) -> Result<bool> {
        let stored = stored.and_then(|stored| Stored::decode(stored.as_phc()));
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| Stored::Argon(self.dummy.clone()));
        let password = password.clone();
        let matches = move |memory: &mut _| stored.matches(password.expose().as_bytes(), memory);
        Ok(self.pool.run(lane, matches).await? & known)
    }

    /// Whether a hash is another than we would make now: hash the password again when it is next at hand. Also one that is
    /// dearer: all hashes alike take the same time, and so does the answer to whoever has none.
    pub fn needs_upgrade(&self, stored: &PasswordHash) -> bool {
        Stored::decode(stored.as_phc()).is_none_or(|stored| !stored.is_usual(self.costs))
    }

    /// Whether other passwords than this one pass for the same hash: bcrypt looks at 72 bytes and no more.
    pub(crate) fn overlooks(&self, password: &Password, stored: &PasswordHash) -> bool {
        Stored::decode(stored.as_phc()).is_some_and(|stored| stored.overlooks(password.expose().as_bytes()))
    }

    /// What is stored of a hash that another system made: itself, if it is slow to guess at; else another that is, made of
    /// it, so that nothing weak is stored.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is none, or costs more than a login should; [`Error::TooMany`] as [`Hasher::hash`].
    pub async fn import(&self, lane: Lane, foreign: &str) -> Result<PasswordHash> {
        if Stored::decode(foreign).is_some() {
            return Ok(PasswordHash::from_stored(foreign.to_owned()));
        }
        let (recipe, digest) =
            Recipe::read(foreign).ok_or_else(|| Error::invalid(Field::Password, Refusal::PasswordHash))?;
        let argon = self.fresh()?;
        let argon = self.pool.run(lane, move |memory| argon.of(&digest, memory)).await?;
        Ok(PasswordHash::from_stored(Wrapped::new(recipe, argon).encode()))
    }

    /// Whether at least as many passwords wait as are hashed: who gets an answer now is followed by the next one at once.
    pub(crate) fn is_crowded(&self) -> bool {
        self.pool.is_crowded()
    }

    fn fresh(&self) -> Result<Argon> {
        Ok(Argon::new(self.costs, self.randomness.bytes::<16>()?.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn hasher(costs: Costs) -> Hasher {
        Hasher::new(costs, 1, 4, Randomness::seeded(1)).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    async fn verifies(hasher: &Hasher, text: &str, hash: &PasswordHash) -> bool {
        hasher.verify(Lane::command(), &password(text), Some(hash.clone())).await.unwrap()
    }

    #[tokio::test]
    async fn the_password_that_was_hashed_verifies_and_no_other() {
        let hasher = hasher(Costs::cheap());
        let hash = hasher.hash(Lane::command(), &password("correct horse")).await.unwrap();
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert!(verifies(&hasher, "correct horse", &hash).await);
        assert!(!verifies(&hasher, "correct horsf", &hash).await);
        let again = hasher.hash(Lane::command(), &password("correct horse")).await.unwrap();
        assert_ne!(again, hash, "each hash has its own salt");
        assert!(!hasher.needs_upgrade(&hash));
    }

    #[tokio::test]
    async fn a_hash_of_the_reference_implementation_verifies_and_asks_for_an_upgrade() {
        // From the tests of the reference implementation (P-H-C/phc-winner-argon2, test.c).
        let phc = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
        let (hasher, hash) = (hasher(Costs::cheap()), PasswordHash::from_stored(phc.into()));
        assert!(verifies(&hasher, "password", &hash).await);
        assert!(hasher.needs_upgrade(&hash));
    }

    #[tokio::test]
    async fn costs_can_be_raised_and_lowered_without_breaking_anyone() {
        let (before, after) = (hasher(Costs::cheap()), hasher(Costs::new(19_456, 2).unwrap()));
        for (old, new) in [(&before, &after), (&after, &before)] {
            let hash = old.hash(Lane::command(), &password("correct horse")).await.unwrap();
            assert!(verifies(new, "correct horse", &hash).await);
            assert!(!verifies(new, "correct horsf", &hash).await);
            assert!(new.needs_upgrade(&hash));
            let upgraded = new.hash(Lane::command(), &password("correct horse")).await.unwrap();
            assert!(!new.needs_upgrade(&upgraded));
        }
    }

    #[tokio::test]
    async fn no_hash_and_unreadable_hashes_answer_no_after_the_same_work() {
        let hasher = hasher(Costs::cheap());
        assert!(!hasher.verify(Lane::command(), &password("x"), None).await.unwrap());
        let long = format!("pbkdf2_sha256$1000${}$AAAA", "s".repeat(2000));
        let broken = ["", "!", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$", &long];
        // A weak digest is never stored as it is, and so never compared with.
        for phc in broken.into_iter().chain(["9dd4e461268c8034f5c8564e155c67a6"]) {
            let hash = PasswordHash::from_stored(phc.into());
            assert!(!verifies(&hasher, "x", &hash).await, "{phc}");
            assert!(hasher.needs_upgrade(&hash), "{phc}");
        }
    }

    #[tokio::test]
    async fn what_is_imported_is_kept_if_it_is_slow_and_wrapped_if_it_is_not() {
        let hasher = hasher(Costs::cheap());
        let slow = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
        assert_eq!(hasher.import(Lane::command(), slow).await.unwrap().as_phc(), slow);
        // MD5 of "x".
        let weak = "9dd4e461268c8034f5c8564e155c67a6";
        let wrapped = hasher.import(Lane::command(), weak).await.unwrap();
        assert!(
            wrapped.as_phc().starts_with("$rolebook-wrapped$md5$$argon2id$v=19$m=8,t=1,p=1$"),
            "{}",
            wrapped.as_phc()
        );
        assert!(!wrapped.as_phc().contains(weak));
        assert!(verifies(&hasher, "x", &wrapped).await && !verifies(&hasher, weak, &wrapped).await);
        assert!(hasher.needs_upgrade(&wrapped));
        assert_eq!(hasher.import(Lane::command(), wrapped.as_phc()).await.unwrap(), wrapped);
    }

    #[tokio::test]
    async fn what_cannot_be_imported_is_told_what_can() {
        let hasher = hasher(Costs::cheap());
        for foreign in ["", "secret", "$2x$12$aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz.", "$1$salt$hash"] {
            match hasher.import(Lane::command(), foreign).await {
                Err(Error::Invalid(fields)) => {
                    assert_eq!(fields[0].field, Field::Password);
                    assert_eq!(fields[0].problem, Refusal::PasswordHash.into());
                }
                _ => panic!("{foreign}"),
            }
        }
    }
}
