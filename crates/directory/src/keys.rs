//! The server's own keys: what is encrypted at rest, and digests that nobody else can compute. Knows nothing of files;
//! whoever starts the server reads and writes the key file's text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::randomness::Randomness;

/// One or more master keys. The newest (highest id) seals; all of them open; the oldest makes the digests, so that
/// adding a key leaves them as they are.
#[derive(Clone)]
pub struct Keys {
    oldest: Master,
    /// In order of their ids, the oldest not among them.
    later: Vec<Master>,
}

#[derive(Clone)]
struct Master {
    id: u32,
    key: Zeroizing<[u8; 32]>,
}

/// Begins whatever we seal, in case it is ever sealed in another way.
const VERSION: u8 = 1;
/// Version, id of the key, nonce.
const HEADER: usize = 1 + 4 + 24;

impl Keys {
    /// A first key, drawn at random.
    pub fn generate(randomness: &Randomness) -> Result<Keys> {
        let key = Zeroizing::new(randomness.bytes()?);
        Ok(Keys { oldest: Master { id: 1, key }, later: Vec::new() })
    }

    /// Reads a key file: lines `rolebook-key <id> <32 bytes in base64url>`; `#` begins a comment. The refusal names the
    /// line, never what stands in it.
    pub fn parse(text: &str) -> std::result::Result<Keys, String> {
        let mut masters = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let master = Master::parse(line).ok_or_else(|| {
                format!("line {} of the key file is not \"rolebook-key <id> <32 bytes in base64url>\"", number + 1)
            })?;
            masters.push(master);
        }
        masters.sort_by_key(|master| master.id);
        if let Some(pair) = masters.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(format!("the key file holds two keys with the id {}", pair[0].id));
        }
        let mut masters = masters.into_iter();
        let oldest = masters.next().ok_or("the key file holds no key")?;
        Ok(Keys { oldest, later: masters.collect() })
    }

    /// The text of a key file.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::from(
            "# Rolebook's keys. Keep this file apart from the database's backups: without it, what is sealed stays so.\n",
        ));
        // Room for all of it now: a string that grows leaves copies behind.
        text.reserve_exact((1 + self.later.len()) * 80);
        for Master { id, key } in self.masters() {
            text.push_str(&format!("rolebook-key {id} "));
            URL_SAFE_NO_PAD.encode_string(key.as_slice(), &mut text);
            text.push('\n');
        }
        text
    }

    /// Encrypts with the newest key, for one purpose, bound to `associated` (whose it is): it opens nowhere else.
    pub fn seal(
        &self,
        purpose: &'static str,
        associated: &[u8],
        plaintext: &[u8],
        randomness: &Randomness,
    ) -> Result<Vec<u8>> {
        let master = self.later.last().unwrap_or(&self.oldest);
        // 24 random bytes never meet twice, which is why it is XChaCha and not ChaCha.
        let nonce: [u8; 24] = randomness.bytes()?;
        let ciphertext = master
            .cipher(purpose)
            .encrypt(&nonce.into(), Payload { msg: plaintext, aad: associated })
            .map_err(|_| Error::Internal("sealing failed".into()))?;
        let mut sealed = Vec::with_capacity(HEADER + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&master.id.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    /// Decrypts what was sealed for the same purpose and the same `associated`.
    pub fn open(&self, purpose: &'static str, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let broken =
            || Error::Internal(format!("what was sealed for \"{purpose}\" does not open: altered, or misplaced"));
        let (&version, rest) = sealed.split_first().ok_or_else(broken)?;
        let (id, rest) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<24>().ok_or_else(broken)?;
        if version != VERSION {
            return Err(broken());
        }
        let id = u32::from_be_bytes(*id);
        let master = self.masters().find(|master| master.id == id).ok_or_else(|| {
            Error::Internal(format!("what was sealed for \"{purpose}\" needs the key {id}, which the key file lacks"))
        })?;
        let opened = master.cipher(purpose).decrypt(&(*nonce).into(), Payload { msg: ciphertext, aad: associated });
        opened.map(Zeroizing::new).map_err(|_| broken())
    }

    /// A digest that only holders of the keys can compute; the same whatever keys are added later.
    pub fn digest(&self, purpose: &'static str, data: &[u8]) -> [u8; 32] {
        hmac(&self.oldest.subkey(purpose), data)
    }

    /// A short check, fit to be shown, by which a database knows its key file.
    pub fn fingerprint(&self) -> String {
        self.digest("fingerprint", b"")[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn masters(&self) -> impl Iterator<Item = &Master> {
        std::iter::once(&self.oldest).chain(&self.later)
    }
}

impl Master {
    fn parse(line: &str) -> Option<Master> {
        let mut words = line.split_whitespace();
        let (Some("rolebook-key"), Some(id), Some(key), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        let key = Zeroizing::new(URL_SAFE_NO_PAD.decode(key).ok()?);
        Some(Master { id: id.parse().ok()?, key: Zeroizing::new(key.as_slice().try_into().ok()?) })
    }

    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.subkey(purpose)).into())
    }

    /// A key for each purpose, so that what one part of the server seals or digests means nothing to another.
    fn subkey(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(hmac(&self.key, format!("rolebook/{purpose}").as_bytes()))
    }
}

/// HMAC-SHA256. A key shorter than a block is padded with zeros in any case (RFC 2104): doing it here cannot fail.
fn hmac(key: &[u8; 32], data: &[u8]) -> [u8; 32] {
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    Hmac::<Sha256>::new((&*block).into()).chain_update(data).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn keys(text: &str) -> Keys {
        Keys::parse(text).ok().unwrap()
    }

    fn line(id: u32, byte: u8) -> String {
        format!("rolebook-key {id} {}\n", URL_SAFE_NO_PAD.encode([byte; 32]))
    }

    #[test]
    fn key_file_reads_back() {
        let randomness = Randomness::seeded(1);
        let made = Keys::generate(&randomness).unwrap();
        let read = keys(&made.to_text());
        assert_eq!(*made.to_text(), *read.to_text());
        assert_eq!(made.fingerprint(), read.fingerprint());
        assert_eq!(made.fingerprint().len(), 16);
    }

    #[test]
    fn broken_key_file_is_refused_without_showing_its_content() {
        for text in ["", "# nothing\n", "rolebook-key 1", "rolebook-key x AAAA", "rolebook-key 1 c2VjcmV0", "secret"] {
            let refusal = Keys::parse(text).err().unwrap();
            assert!(!refusal.contains("secret") && !refusal.contains("c2VjcmV0"), "{refusal}");
        }
        assert!(Keys::parse(&(line(1, 1) + &line(1, 2))).err().unwrap().contains("two keys"));
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_owner_alone() {
        let randomness = Randomness::seeded(1);
        let keys = keys(&line(1, 1));
        let sealed = keys.seal("mail", b"ada", b"hello", &randomness).unwrap();
        assert_eq!(sealed.len(), HEADER + 5 + 16);
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
        assert!(old.open("mail", b"", &after).is_err());
        assert_eq!(old.digest("body", b"x"), both.digest("body", b"x"));
        assert_ne!(old.digest("body", b"x"), old.digest("mail", b"x"));
        assert_eq!(old.fingerprint(), both.fingerprint());
    }

    #[test]
    fn hmac_agrees_with_rfc_4231() {
        // Test case 1's key is 20 bytes of 0x0b; zeros behind it change nothing.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        assert_eq!(hmac(&key, b"Hi There")[..8], [0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53]);
    }
}
