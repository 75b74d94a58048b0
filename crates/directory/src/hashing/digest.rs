//! Digests that other systems kept of passwords: MD5, SHA-1, SHA-256 and SHA-512, once, with salt or without. Whoever has
//! one guesses billions a second, so none is stored as it is (`wrapped.rs`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

/// More is no salt.
const LONGEST_SALT: usize = 256;

/// How a password was digested.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Recipe {
    digest: Digest,
    salt: Salt,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Digest {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

#[derive(Clone, PartialEq, Eq)]
enum Salt {
    None,
    Before(Vec<u8>),
    Behind(Vec<u8>),
}

const DIGESTS: [Digest; 4] = [Digest::Md5, Digest::Sha1, Digest::Sha256, Digest::Sha512];

impl Digest {
    fn name(self) -> &'static str {
        match self {
            Digest::Md5 => "md5",
            Digest::Sha1 => "sha1",
            Digest::Sha256 => "sha256",
            Digest::Sha512 => "sha512",
        }
    }

    fn length(self) -> usize {
        match self {
            Digest::Md5 => 16,
            Digest::Sha1 => 20,
            Digest::Sha256 => 32,
            Digest::Sha512 => 64,
        }
    }

    fn named(name: &str) -> Option<Digest> {
        DIGESTS.into_iter().find(|digest| digest.name() == name)
    }

    fn of(self, parts: [&[u8]; 2]) -> Vec<u8> {
        fn compute<D: sha2::Digest>([first, second]: [&[u8]; 2]) -> Vec<u8> {
            D::new().chain_update(first).chain_update(second).finalize().to_vec()
        }
        match self {
            Digest::Md5 => compute::<Md5>(parts),
            Digest::Sha1 => compute::<Sha1>(parts),
            Digest::Sha256 => compute::<Sha256>(parts),
            Digest::Sha512 => compute::<Sha512>(parts),
        }
    }

    /// An output in hexadecimal digits or base64.
    fn output(self, text: &str) -> Option<Vec<u8>> {
        let bytes = match text.len() == 2 * self.length() {
            true => bytes(text)?,
            false => STANDARD.decode(text).ok()?,
        };
        (bytes.len() == self.length()).then_some(bytes)
    }
}

impl Recipe {
    /// The digest of this password.
    pub(super) fn of(&self, password: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.digest.of(match &self.salt {
            Salt::None => [password, b""],
            Salt::Before(salt) => [salt, password],
            Salt::Behind(salt) => [password, salt],
        }))
    }

    /// What comes from elsewhere: how it was digested, and to what.
    pub(super) fn read(text: &str) -> Option<(Recipe, Vec<u8>)> {
        ldap(text).or_else(|| salted(text)).or_else(|| bare(text)).filter(|(recipe, _)| recipe.salt.is_bearable())
    }

    /// As it is stored, in two parts: the digest with the salt's place, and the salt.
    pub(super) fn encode(&self) -> String {
        let name = self.digest.name();
        match &self.salt {
            Salt::None => format!("{name}$"),
            Salt::Before(salt) => format!("{name}-before${}", STANDARD.encode(salt)),
            Salt::Behind(salt) => format!("{name}-behind${}", STANDARD.encode(salt)),
        }
    }

    /// Reads the two parts.
    pub(super) fn decode(name: &str, salt: &str) -> Option<Recipe> {
        let salt = STANDARD.decode(salt).ok()?;
        let (name, salt) = match name.split_once('-') {
            None if salt.is_empty() => (name, Salt::None),
            Some((name, "before")) => (name, Salt::Before(salt)),
            Some((name, "behind")) => (name, Salt::Behind(salt)),
            _ => return None,
        };
        Some(Recipe { digest: Digest::named(name)?, salt }).filter(|recipe| recipe.salt.is_bearable())
    }
}

impl Salt {
    fn is_bearable(&self) -> bool {
        match self {
            Salt::None => true,
            Salt::Before(salt) | Salt::Behind(salt) => salt.len() <= LONGEST_SALT,
        }
    }
}

/// Hexadecimal digits or base64 alone; which digest it is shows in its length.
fn bare(text: &str) -> Option<(Recipe, Vec<u8>)> {
    let with = |digest: Digest| Some((Recipe { digest, salt: Salt::None }, digest.output(text)?));
    DIGESTS.into_iter().find_map(with)
}

/// `sha1$salt$output`, Django's, with the salt before; `sha256(salt+password)$salt$output` and
/// `sha256(password+salt)$salt$output`, which say it themselves.
fn salted(text: &str) -> Option<(Recipe, Vec<u8>)> {
    let (name, rest) = text.split_once('$')?;
    // A salt may have a dollar in it, an output has none.
    let (salt, output) = rest.rsplit_once('$')?;
    let salt = salt.as_bytes().to_vec();
    let (digest, salt) = match name.split_once('(') {
        Some((digest, "salt+password)")) => (Digest::named(digest)?, Salt::Before(salt)),
        Some((digest, "password+salt)")) => (Digest::named(digest)?, Salt::Behind(salt)),
        // Others that are written so are HMACs with the salt as the key.
        None if name == "md5" || name == "sha1" => (Digest::named(name)?, Salt::Before(salt)),
        _ => return None,
    };
    Some((Recipe { digest, salt }, digest.output(output)?))
}

/// `{SHA}` and `{SSHA}` with base64, the salt behind password and output: what LDAP servers keep.
fn ldap(text: &str) -> Option<(Recipe, Vec<u8>)> {
    let (name, output) = text.strip_prefix('{')?.split_once('}')?;
    let (digest, is_salted) = match name.to_ascii_uppercase().as_str() {
        "MD5" => (Digest::Md5, false),
        "SHA" => (Digest::Sha1, false),
        "SHA256" => (Digest::Sha256, false),
        "SHA512" => (Digest::Sha512, false),
        "SMD5" => (Digest::Md5, true),
        "SSHA" => (Digest::Sha1, true),
        "SSHA256" => (Digest::Sha256, true),
        "SSHA512" => (Digest::Sha512, true),
        _ => return None,
    };
    let mut output = STANDARD.decode(output).ok().filter(|output| output.len() >= digest.length())?;
    let salt = output.split_off(digest.length());
    match (is_salted, salt.is_empty()) {
        (true, _) => Some((Recipe { digest, salt: Salt::Behind(salt) }, output)),
        (false, true) => Some((Recipe { digest, salt: Salt::None }, output)),
        (false, false) => None,
    }
}

/// Lowercase hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What hexadecimal digits say, in either case.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect();
    Some(digits?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_recipe_reads_back_as_it_is_stored() {
        for text in [
            "5ebe2294ecd0e0f08eab7690d2a6ee69",
            "sha1$pepper$4i6B7HCZ/U5v8uUuUYdUj7yIYbg=",
            "md5(password+salt)$$5ebe2294ecd0e0f08eab7690d2a6ee69",
        ] {
            let (recipe, _) = Recipe::read(text).unwrap();
            let stored = recipe.encode();
            let (name, salt) = stored.split_once('$').unwrap();
            assert!(Recipe::decode(name, salt).unwrap() == recipe, "{text}");
        }
        for (name, salt) in
            [("md4", ""), ("md5", "c2FsdA=="), ("md5-around", "c2FsdA=="), ("md5-before", "?"), ("", "")]
        {
            assert!(Recipe::decode(name, salt).is_none(), "{name} {salt}");
        }
    }

    #[test]
    fn what_is_no_digest_is_not_read() {
        let long = format!("sha1${}$4i6B7HCZ/U5v8uUuUYdUj7yIYbg=", "s".repeat(257));
        for text in [
            "",
            "secret",
            "5ebe2294ecd0e0f08eab7690d2a6ee6",
            "5ebe2294ecd0e0f08eab7690d2a6ee6g",
            "sha256$salt$2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
            "sha1$salt$5ebe2294ecd0e0f08eab7690d2a6ee69",
            "sha1(pepper+password)$salt$4i6B7HCZ/U5v8uUuUYdUj7yIYbg=",
            "{SHA}5en6G6MezRroT3XKqkdPOmY/BfSAAA",
            "{CRYPT}$1$salt$hash",
            "{SSHA}c2hvcnQ=",
            &long,
        ] {
            assert!(Recipe::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn hexadecimal_digits_are_read_in_both_cases() {
        assert_eq!(hexadecimal(&[0, 0x1f, 0xa0]), "001fa0");
        assert_eq!(bytes("001Fa0"), Some(vec![0, 0x1f, 0xa0]));
        assert_eq!(bytes("0é"), None);
    }
}
