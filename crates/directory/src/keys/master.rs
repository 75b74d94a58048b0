//! One key: what seals and opens with it, and digests made by it, for one purpose each. Knows nothing of which key is used
//! when, nor of the others.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use hmac::{Hmac, Mac};
use ring::signature::Ed25519KeyPair;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::randomness::Randomness;

/// A key and its number, which is written before whatever it seals.
#[derive(Clone)]
pub(super) struct Master {
    pub(super) id: u32,
    key: Zeroizing<[u8; 32]>,
}

/// What was sealed, taken apart.
pub(super) struct Parts<'s> {
    /// Which key sealed it.
    pub(super) id: u32,
    nonce: &'s [u8; 24],
    ciphertext: &'s [u8],
}

/// Begins whatever we seal, in case it is ever sealed in another way.
const VERSION: u8 = 1;
/// Version, id of the key, nonce.
pub(super) const HEADER: usize = 1 + 4 + 24;

impl Master {
    /// Draws a key of this number at random.
    pub(super) fn generate(id: u32, randomness: &Randomness) -> Result<Master> {
        Ok(Master { id, key: Zeroizing::new(randomness.bytes()?) })
    }

    /// Reads what [`Master::write`] wrote.
    pub(super) fn parse(id: &str, key: &str) -> Option<Master> {
        let key = Zeroizing::new(URL_SAFE_NO_PAD.decode(key).ok()?);
        Some(Master { id: id.parse().ok()?, key: Zeroizing::new(key.as_slice().try_into().ok()?) })
    }

    /// Writes its number and the key itself. There must be room in the text: one that grows leaves copies behind.
    pub(super) fn write(&self, text: &mut String) {
        text.push_str(&format!("{} ", self.id));
        URL_SAFE_NO_PAD.encode_string(self.key.as_slice(), text);
    }

    /// Whether it is this very key, under the same number.
    pub(super) fn is(&self, other: &Master) -> bool {
        self.id == other.id && bool::from(self.key.ct_eq(&*other.key))
    }

    pub(super) fn seal(
        &self,
        purpose: &str,
        associated: &[u8],
        plaintext: &[u8],
        randomness: &Randomness,
    ) -> Result<Vec<u8>> {
        // 24 random bytes never meet twice, which is why it is XChaCha and not ChaCha.
        let nonce: [u8; 24] = randomness.bytes()?;
        let ciphertext = self
            .cipher(purpose)
            .encrypt(&nonce.into(), Payload { msg: plaintext, aad: associated })
            .map_err(|_| Error::Internal("sealing failed".into()))?;
        let mut sealed = Vec::with_capacity(HEADER + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.id.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    /// `None`: altered, misplaced, or sealed by another key.
    pub(super) fn open(&self, purpose: &str, associated: &[u8], parts: &Parts<'_>) -> Option<Zeroizing<Vec<u8>>> {
        let payload = Payload { msg: parts.ciphertext, aad: associated };
        self.cipher(purpose).decrypt(&(*parts.nonce).into(), payload).ok().map(Zeroizing::new)
    }

    pub(super) fn digest(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        hmac(&self.subkey(purpose), data)
    }

    /// The two halves of a signing key for this purpose (Ed25519, RFC 8032).
    pub(super) fn signing(&self, purpose: &str) -> Result<Ed25519KeyPair> {
        Ed25519KeyPair::from_seed_unchecked(&*self.subkey(purpose))
            .map_err(|_| Error::Internal("a key that cannot sign".into()))
    }

    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.subkey(purpose)).into())
    }

    /// A key for each purpose, so that what one part of the server seals or digests means nothing to another.
    fn subkey(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(hmac(&self.key, format!("rolebook/{purpose}").as_bytes()))
    }
}

impl<'s> Parts<'s> {
    /// `None`: nothing that we sealed.
    pub(super) fn of(sealed: &'s [u8]) -> Option<Parts<'s>> {
        let (&version, rest) = sealed.split_first()?;
        let (id, rest) = rest.split_first_chunk::<4>()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<24>()?;
        (version == VERSION).then(|| Parts { id: u32::from_be_bytes(*id), nonce, ciphertext })
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
    use super::*;

    #[test]
    fn hmac_agrees_with_rfc_4231() {
        // Test case 1's key is 20 bytes of 0x0b; zeros behind it change nothing.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        assert_eq!(hmac(&key, b"Hi There")[..8], [0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53]);
    }
}
