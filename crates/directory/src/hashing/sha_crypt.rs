//! SHA-256 crypt and SHA-512 crypt hashes (`$5$`, `$6$`) from elsewhere, as Unix systems keep them.

use crate::error::{Error, Result};
use sha_crypt::password_hash::Error as Refusal;
use sha_crypt::{Params, PasswordVerifier, ShaCrypt as Verifier};

/// The format's own least, and what takes a third of a second (with the longest password, some four).
const ROUNDS: std::ops::RangeInclusive<u32> = Params::ROUNDS_MIN..=1_000_000;

/// A SHA-crypt hash, as it was written.
#[derive(Clone)]
pub(super) struct ShaCrypt(String);

impl ShaCrypt {
    pub(super) fn decode(text: &str) -> Option<ShaCrypt> {
        let (rest, length) = match (text.strip_prefix("$5$"), text.strip_prefix("$6$")) {
            (Some(rest), _) => (rest, 43),
            (_, Some(rest)) => (rest, 86),
            _ => return None,
        };
        let rest = match rest.strip_prefix("rounds=").map(|rest| rest.split_once('$')) {
            Some(split) => {
                let (rounds, rest) = split?;
                rounds.parse().ok().filter(|rounds| ROUNDS.contains(rounds))?;
                rest
            }
            None => rest,
        };
        let (salt, output) = rest.split_once('$')?;
        let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(&byte));
        let sound = (1..=16).contains(&salt.len()) && letters(salt) && output.len() == length && letters(output);
        sound.then(|| ShaCrypt(text.to_owned()))
    }

    pub(super) fn matches(&self, password: &[u8]) -> Result<bool> {
        match Verifier::default().verify_password(password, self.0.as_str()) {
            Ok(()) => Ok(true),
            Err(Refusal::PasswordInvalid) => Ok(false),
            Err(error) => Err(Error::Internal(format!("hashing failed: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_beyond_the_bounds_and_broken_ones_are_not_read() {
        let output = "0e5ICkK0ybtoLkfAF.CsiiL9BNdIUNs3egaCptxHx06";
        let reads = |text: &str| ShaCrypt::decode(&format!("{text}${output}")).is_some();
        for good in ["$5$salt", "$5$rounds=1000$salt", "$5$rounds=1000000$sixteen.letters."] {
            assert!(reads(good), "{good}");
        }
        for bad in [
            "$5$",
            "$6$salt",
            "$1$salt",
            "$5$rounds=999$salt",
            "$5$rounds=1000001$salt",
            "$5$rounds=4294967296$salt",
            "$5$rounds=x$salt",
            "$5$rounds=1000",
            "$5$seventeen.letters",
            "$5$sa$lt",
            "$5$s lt",
        ] {
            assert!(!reads(bad), "{bad}");
        }
    }
}
