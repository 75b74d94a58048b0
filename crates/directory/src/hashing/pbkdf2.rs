//! PBKDF2 hashes (RFC 8018) from elsewhere, with HMAC over SHA-1, SHA-256 or SHA-512, in passlib's and in Django's spelling.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

/// Less is no slow hash; the most takes about two seconds.
const ROUNDS: std::ops::RangeInclusive<u32> = 1_000..=5_000_000;

/// A PBKDF2 hash, in its parts.
#[derive(Clone)]
pub(super) struct Pbkdf2 {
    digest: Digest,
    rounds: u32,
    salt: Vec<u8>,
    output: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl Digest {
    fn length(self) -> usize {
        match self {
            Digest::Sha1 => 20,
            Digest::Sha256 => 32,
            Digest::Sha512 => 64,
        }
    }
}

impl Pbkdf2 {
    pub(super) fn decode(text: &str) -> Option<Pbkdf2> {
        let is_passlibs = text.starts_with('$');
        let mut parts = text.strip_prefix('$').unwrap_or(text).split('$');
        let digest = match (is_passlibs, parts.next()?) {
            (true, "pbkdf2") | (false, "pbkdf2_sha1") => Digest::Sha1,
            (true, "pbkdf2-sha256") | (false, "pbkdf2_sha256") => Digest::Sha256,
            (true, "pbkdf2-sha512") | (false, "pbkdf2_sha512") => Digest::Sha512,
            _ => return None,
        };
        let rounds = parts.next()?.parse().ok().filter(|rounds| ROUNDS.contains(rounds))?;
        let (salt, output) = (parts.next()?, parts.next()?);
        let (salt, output) = match is_passlibs {
            true => (adapted(salt)?, adapted(output)?),
            false => (salt.as_bytes().to_vec(), STANDARD.decode(output).ok()?),
        };
        // One block of output: more would be more work for us and none for whoever guesses.
        let sound = salt.len() <= 1024 && output.len() == digest.length();
        (sound && parts.next().is_none()).then_some(Pbkdf2 { digest, rounds, salt, output })
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut output = vec![0; self.output.len()];
        match self.digest {
            Digest::Sha1 => pbkdf2_hmac::<Sha1>(password, &self.salt, self.rounds, &mut output),
            Digest::Sha256 => pbkdf2_hmac::<Sha256>(password, &self.salt, self.rounds, &mut output),
            Digest::Sha512 => pbkdf2_hmac::<Sha512>(password, &self.salt, self.rounds, &mut output),
        }
        output.ct_eq(&self.output).into()
    }
}

/// passlib's own base64: a dot in place of the plus.
fn adapted(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text.replace('.', "+")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_beyond_the_bounds_and_other_lengths_are_not_read() {
        let reads = |digest: &str, rounds: &str, output: usize| {
            let text =
                format!("{digest}${rounds}$c2FsdA${}", STANDARD_NO_PAD.encode(vec![1; output]).replace('+', "."));
            Pbkdf2::decode(&text).is_some()
        };
        for (digest, length) in [("$pbkdf2", 20), ("$pbkdf2-sha256", 32), ("$pbkdf2-sha512", 64)] {
            assert!(reads(digest, "1000", length) && reads(digest, "5000000", length));
            for rounds in ["0", "999", "5000001", "4294967295", "4294967296", "-1", ""] {
                assert!(!reads(digest, rounds, length), "{digest} {rounds}");
            }
            assert!(!reads(digest, "1000", length - 1) && !reads(digest, "1000", length + 1));
        }
        assert!(!reads("$pbkdf2-md5", "1000", 16));
        assert!(!reads("$pbkdf2_sha256", "1000", 32) && !reads("pbkdf2-sha256", "1000", 32));
    }
}
