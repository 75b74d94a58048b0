//! The server's own keys: what is encrypted at rest, and digests that nobody else can compute. Knows nothing of files;
//! whoever starts the server reads and writes the keys file's text, and says when it has changed.

mod master;
mod ring;

pub use ring::{Ring, Use};

use ::ring::signature::{Ed25519KeyPair, KeyPair};
use std::sync::{Arc, PoisonError, RwLock};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::randomness::Randomness;
use master::{Master, Parts};

/// The keys as they are at present. Clones share them: what one takes up, all have.
#[derive(Clone)]
pub struct Keys {
    shared: Arc<Shared>,
}

struct Shared {
    /// The same for ever, so that digests, which stand on busy paths, ask for no lock.
    oldest: Master,
    /// Held only for as long as it takes to copy or to exchange a pointer.
    ring: RwLock<Arc<Ring>>,
}

impl Keys {
    /// Shares these.
    pub fn new(ring: Ring) -> Keys {
        Keys { shared: Arc::new(Shared { oldest: ring.oldest.clone(), ring: RwLock::new(Arc::new(ring)) }) }
    }

    /// A first key, drawn at random.
    ///
    /// # Errors
    /// The machine's, when it has no randomness to give.
    pub fn generate(randomness: &Randomness) -> Result<Keys> {
        Ring::generate(randomness).map(Keys::new)
    }

    /// The keys, as they are at this moment.
    pub fn ring(&self) -> Arc<Ring> {
        self.shared.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Uses these from now on, here and in every clone; says whether they were any different.
    ///
    /// # Errors
    /// A sentence for the operator: one that is known is not among them. Those that were used before stay in use.
    pub fn take_up(&self, ring: Ring) -> std::result::Result<bool, String> {
        let mut present = self.shared.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.replaces(&present)?;
        let differs = !ring.is_the_same_as(&present);
        if differs {
            *present = Arc::new(ring);
        }
        Ok(differs)
    }

    /// Encrypts with the newest key, for one purpose, bound to `associated` (whose it is): it opens nowhere else. Whatever
    /// is kept sealed belongs into `store/sealed.rs`, where it is found when another key is to seal it.
    ///
    /// # Errors
    /// The machine's, when it has no randomness to give.
    pub fn seal(
        &self,
        purpose: &'static str,
        associated: &[u8],
        plaintext: &[u8],
        randomness: &Randomness,
    ) -> Result<Vec<u8>> {
        self.ring().newest().seal(purpose, associated, plaintext, randomness)
    }

    /// Decrypts what was sealed for the same purpose and the same `associated`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] for want of the key that sealed it, which another node may have: it may come yet.
    /// [`Error::Internal`] for what is altered or misplaced.
    pub fn open(&self, purpose: &'static str, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let broken =
            || Error::Internal(format!("what was sealed for \"{purpose}\" does not open: altered, or misplaced"));
        let parts = Parts::of(sealed).ok_or_else(broken)?;
        let ring = self.ring();
        let master = ring.find(parts.id).ok_or_else(|| {
            let id = parts.id;
            Error::Unavailable(format!(
                "what was sealed for \"{purpose}\" needs the key {id}, which the keys file lacks"
            ))
        })?;
        master.open(purpose, associated, &parts).ok_or_else(broken)
    }

    /// Which key sealed this; `None`: nothing that we sealed.
    pub fn sealed_by(sealed: &[u8]) -> Option<u32> {
        Parts::of(sealed).map(|parts| parts.id)
    }

    /// A digest that only holders of the keys can compute; the same whatever keys are added later.
    pub fn digest(&self, purpose: &'static str, data: &[u8]) -> [u8; 32] {
        self.shared.oldest.digest(purpose, data)
    }

    /// Signs with the newest key, for one purpose; beside the signature, the public half of the key that made it. `data` is
    /// given that half: what is signed may name it.
    ///
    /// # Errors
    /// None that is expected: a key that cannot sign.
    pub fn sign<T>(&self, purpose: &'static str, data: impl FnOnce([u8; 32]) -> (T, String)) -> Result<(T, [u8; 64])> {
        let pair = self.ring().newest().signing(purpose)?;
        let (signed, text) = data(public(&pair)?);
        let signature = pair.sign(text.as_bytes());
        let bytes =
            signature.as_ref().try_into().map_err(|_| Error::Internal("a signature of another length".into()))?;
        Ok((signed, bytes))
    }

    /// The public halves of what each key signs with for a purpose, with the keys' ids, oldest first.
    ///
    /// # Errors
    /// As [`Keys::sign`].
    pub fn public_keys(&self, purpose: &'static str) -> Result<Vec<(u32, [u8; 32])>> {
        self.ring().masters().map(|master| Ok((master.id, public(&master.signing(purpose)?)?))).collect()
    }

    /// A short check, fit to be shown, by which a database knows its keys file.
    pub fn fingerprint(&self) -> String {
        self.digest("fingerprint", b"")[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The half that may be known.
fn public(pair: &Ed25519KeyPair) -> Result<[u8; 32]> {
    let bytes = pair.public_key().as_ref();
    bytes.try_into().map_err(|_| Error::Internal("a public key of another length".into()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn keys(text: &str) -> Keys {
        Keys::new(Ring::parse(text).ok().unwrap())
    }

    pub(super) fn line(id: u32, byte: u8) -> String {
        format!("rolebook-key {id} {}\n", URL_SAFE_NO_PAD.encode([byte; 32]))
    }

    #[test]
    fn the_fingerprint_is_the_files() {
        let made = Keys::generate(&Randomness::seeded(1)).unwrap();
        let read = keys(&made.ring().to_text());
        assert_eq!(made.fingerprint(), read.fingerprint());
        assert_eq!(made.fingerprint().len(), 16);
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_owner_alone() {
        let randomness = Randomness::seeded(1);
        let keys = keys(&line(1, 1));
        let sealed = keys.seal("mail", b"ada", b"hello", &randomness).unwrap();
        assert_eq!(sealed.len(), master::HEADER + 5 + 16);
        assert_eq!(Keys::sealed_by(&sealed), Some(1));
        assert_eq!(**keys.open("mail", b"ada", &sealed).unwrap(), *b"hello");
        assert!(keys.open("mail", b"bob", &sealed).is_err());
        assert!(keys.open("seed", b"ada", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(keys.open("mail", b"ada", &altered).is_err(), "byte {at}");
            assert!(keys.open("mail", b"ada", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens_and_digests() {
        let randomness = Randomness::seeded(1);
        let old = keys(&line(1, 1));
        let both = keys(&(line(2, 2) + &line(1, 1)));
        let before = old.seal("mail", b"", b"before", &randomness).unwrap();
        let after = both.seal("mail", b"", b"after", &randomness).unwrap();
        assert_eq!(**both.open("mail", b"", &before).unwrap(), *b"before");
        assert_eq!(**both.open("mail", b"", &after).unwrap(), *b"after");
        assert!(matches!(old.open("mail", b"", &after), Err(Error::Unavailable(_))));
        assert_eq!(old.digest("body", b"x"), both.digest("body", b"x"));
        assert_ne!(old.digest("body", b"x"), old.digest("mail", b"x"));
        assert_eq!(old.fingerprint(), both.fingerprint());
    }

    #[test]
    fn each_key_signs_for_itself_and_each_purpose_by_another_key() {
        let both = keys(&(line(2, 2) + &line(1, 1)));
        let known = both.public_keys("a").unwrap();
        assert_eq!(known.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(keys(&line(1, 1)).public_keys("a").unwrap(), known[..1]);
        assert_ne!(both.public_keys("b").unwrap(), known);
        let (signer, signature) = both.sign("a", |public| (public, "text".to_owned())).unwrap();
        assert_eq!(signer, known[1].1);
        let verify = |text: &[u8]| {
            ::ring::signature::UnparsedPublicKey::new(&::ring::signature::ED25519, signer).verify(text, &signature)
        };
        assert!(verify(b"text").is_ok() && verify(b"next").is_err());
    }

    #[test]
    fn what_one_takes_up_all_clones_have_and_what_is_refused_changes_nothing() {
        let randomness = Randomness::seeded(1);
        let keys = keys(&line(1, 1));
        let clone = keys.clone();
        let prepared = keys.ring().prepare(&randomness).unwrap();
        assert_eq!(keys.take_up(prepared.clone()), Ok(true));
        assert_eq!(keys.take_up(prepared.clone()), Ok(false));
        let sealed = |keys: &Keys| Keys::sealed_by(&keys.seal("mail", b"", b"x", &randomness).unwrap());
        assert_eq!(sealed(&clone), Some(1));
        // Another node was quicker: it opens what that one seals.
        let other = Keys::new(prepared.promote());
        let theirs = other.seal("mail", b"", b"x", &randomness).unwrap();
        assert_eq!(**clone.open("mail", b"", &theirs).unwrap(), *b"x");
        assert_eq!(keys.take_up(prepared.promote()), Ok(true));
        assert_eq!(sealed(&clone), Some(2));

        let refused = clone.take_up(Ring::parse(&line(1, 1)).ok().unwrap());
        assert!(refused.unwrap_err().contains("lacks the key 2"));
        assert_eq!(sealed(&keys), Some(2));
    }
}
