//! bcrypt hashes from elsewhere: plain ones, and those of Django and passlib that digest the password first, because bcrypt
//! looks at 72 bytes of it and no more. Not `$2x$`, which marks hashes of an implementation that mixed up its letters.

use base64::Engine;
use base64::alphabet::BCRYPT;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{NO_PAD, STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Each step doubles the work: 12 is usual and takes a quarter of a second, 15 two seconds.
const COSTS: std::ops::RangeInclusive<u32> = 4..=15;

/// What it looks at.
const SEEN: usize = 72;

/// The last character of a salt has bits that mean nothing, and not every implementation leaves them zero.
const LENIENT: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));

/// A bcrypt hash, in its parts.
#[derive(Clone)]
pub(super) struct Bcrypt {
    first: First,
    cost: u32,
    salt: [u8; 16],
    output: [u8; 23],
}

/// What is done to the password first.
#[derive(Clone)]
enum First {
    Nothing,
    /// SHA-256 as hexadecimal digits: Django's.
    Hexadecimal,
    /// SHA-256 as base64: passlib's before 1.7.3.
    Base64,
    /// HMAC-SHA256 with the salt's text as the key, as base64: passlib's.
    Keyed(String),
}

impl Bcrypt {
    pub(super) fn decode(text: &str) -> Option<Bcrypt> {
        if let Some(rest) = text.strip_prefix("$bcrypt-sha256$") {
            return passlib(rest);
        }
        let (first, rest) = match (text.strip_prefix("bcrypt_sha256$"), text.strip_prefix("bcrypt$")) {
            (Some(rest), _) => (First::Hexadecimal, rest),
            (_, Some(rest)) => (First::Nothing, rest),
            _ => (First::Nothing, text),
        };
        let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| rest.strip_prefix(prefix))?;
        let (cost, rest) = rest.split_once('$').filter(|(cost, _)| cost.len() == 2)?;
        let (salt, output) = rest.split_at_checked(22)?;
        Bcrypt::of(first, cost, salt, output)
    }

    fn of(first: First, cost: &str, salt: &str, output: &str) -> Option<Bcrypt> {
        let cost = cost.parse().ok().filter(|cost| COSTS.contains(cost))?;
        let salt = LENIENT.decode(salt).ok()?.try_into().ok()?;
        let output = LENIENT.decode(output).ok()?.try_into().ok()?;
        Some(Bcrypt { first, cost, salt, output })
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let seen = match &self.first {
            First::Nothing => Zeroizing::new(password.to_vec()),
            First::Hexadecimal => Zeroizing::new(super::digest::hexadecimal(&Sha256::digest(password)).into_bytes()),
            First::Base64 => Zeroizing::new(STANDARD.encode(Sha256::digest(password)).into_bytes()),
            First::Keyed(key) => {
                // Any key will do for an HMAC.
                let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
                Zeroizing::new(STANDARD.encode(mac.chain_update(password).finalize().into_bytes()).into_bytes())
            }
        };
        // As C's string: with the zero at its end, if that still fits.
        let mut key = Zeroizing::new([0; SEEN]);
        let length = seen.len().min(SEEN);
        key[..length].copy_from_slice(&seen[..length]);
        let output = ::bcrypt::bcrypt(self.cost, self.salt, &key[..(length + 1).min(SEEN)]);
        output[..23].ct_eq(&self.output).into()
    }

    /// Whether there is more of this password than it looks at: other passwords then pass as well.
    pub(super) fn overlooks(&self, password: &[u8]) -> bool {
        matches!(self.first, First::Nothing) && password.len() > SEEN
    }
}

/// `v=2,t=2b,r=12$salt$output`, or before 1.7.3 `2b,12$salt$output`.
fn passlib(text: &str) -> Option<Bcrypt> {
    let mut parts = text.split('$');
    let (costs, salt, output) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let of_kind = |costs: &str| ["2a,", "2b,"].iter().find_map(|kind| costs.strip_prefix(kind).map(str::to_owned));
    match costs.strip_prefix("v=2,t=").map(of_kind) {
        Some(cost) => Bcrypt::of(First::Keyed(salt.to_owned()), cost?.strip_prefix("r=")?, salt, output),
        None => Bcrypt::of(First::Base64, &of_kind(costs)?, salt, output),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    // From the tests of jBCrypt: "abcdefghijklmnopqrstuvwxyz".
    const REST: &str = "aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz.";

    #[test]
    fn costs_beyond_the_bounds_and_other_kinds_are_not_read() {
        for good in [format!("$2a$08${REST}"), format!("$2y$15${REST}"), format!("bcrypt$$2b$04${REST}")] {
            assert!(Bcrypt::decode(&good).is_some(), "{good}");
        }
        assert!(Bcrypt::decode(&format!("$2a$08${REST}")).unwrap().matches(b"abcdefghijklmnopqrstuvwxyz"));
        for bad in [
            format!("$2x$08${REST}"),
            format!("$2$08${REST}"),
            format!("$2b$03${REST}"),
            format!("$2b$16${REST}"),
            format!("$2b$31${REST}"),
            format!("$2b$8${REST}"),
            format!("$2b$08${REST}A"),
            format!("$2b$08${}", &REST[1..]),
            format!("$2b$08${}é", &REST[2..]),
            "$bcrypt-sha256$v=3,t=2b,r=6$IKmO7hr3P4pC6gvAVAkyue$doU".to_owned(),
        ] {
            assert!(Bcrypt::decode(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_password_beyond_72_bytes_is_overlooked_in_part_unless_it_is_digested_first() {
        let plain = Bcrypt::decode(&format!("$2a$08${REST}")).unwrap();
        assert!(plain.overlooks(&[b'a'; 73]) && !plain.overlooks(&[b'a'; 72]));
        assert!(!Bcrypt::decode(&format!("bcrypt_sha256$$2b$08${REST}")).unwrap().overlooks(&[b'a'; 73]));
    }
}
