//! Secrets as types that cannot slip out: passwords, bearer tokens, and what is stored in their place. Knows nothing of
//! which password is good enough (`password_policy.rs`), how one is hashed (`hashing.rs`), or whose a token is.

use crate::error::Refusal;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A password as somebody typed it. No `Debug`, no `Display`: it can only be asked for by name.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Bounds the work that a password makes, and judges nothing else: 1 to 256 code points, any of them.
    pub fn parse(text: &str) -> Result<Password, Refusal> {
        const MOST: usize = 256;
        match text.chars().count() {
            0 => Err(Refusal::Blank),
            1..=MOST => Ok(Password(Zeroizing::new(text.to_owned()))),
            _ => Err(Refusal::PasswordTooLong { most: MOST }),
        }
    }

    /// How many code points it has.
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// The password itself, for hashing and judging.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What is stored of a password: a PHC string, `$argon2id$…`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash that we made, or that was imported.
    pub fn from_stored(phc: String) -> PasswordHash {
        PasswordHash(phc)
    }

    /// The string, for storing and verifying.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// The two ways in which a bearer token is written, so that leaked API tokens can be searched for by their prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSpelling {
    /// 43 characters of base64url.
    Session,
    /// `rb_` and 43 characters of base64url.
    Api,
}

impl TokenSpelling {
    fn prefix(self) -> &'static str {
        match self {
            TokenSpelling::Session => "",
            TokenSpelling::Api => "rb_",
        }
    }
}

/// An opaque bearer token: 32 random bytes in one of two spellings.
pub struct TokenSecret {
    spelling: TokenSpelling,
    bytes: Zeroizing<[u8; 32]>,
}

impl TokenSecret {
    /// A token of these bytes, which the caller drew at random.
    pub fn new(spelling: TokenSpelling, bytes: [u8; 32]) -> TokenSecret {
        TokenSecret { spelling, bytes: Zeroizing::new(bytes) }
    }

    /// Reads a token as we write it, and in no other way: one token has one spelling, hence one hash.
    pub fn parse(text: &str) -> Option<TokenSecret> {
        // 43 characters alone are a session's, even where they happen to begin with the prefix.
        let (spelling, digits) = match text.len() {
            43 => (TokenSpelling::Session, text),
            46 => (TokenSpelling::Api, text.strip_prefix(TokenSpelling::Api.prefix())?),
            _ => return None,
        };
        // One byte more than there are, because base64 asks for room by its estimate.
        let mut buffer = Zeroizing::new([0; 33]);
        let length = URL_SAFE_NO_PAD.decode_slice(digits, &mut *buffer).ok()?;
        let bytes = buffer[..length].try_into().ok()?;
        Some(TokenSecret::new(spelling, bytes))
    }

    /// Which kind it claims to be.
    pub fn spelling(&self) -> TokenSpelling {
        self.spelling
    }

    /// What is stored of it. Plain SHA-256: 256 random bits need no slow hash.
    pub fn hash(&self) -> TokenHash {
        let text = Zeroizing::new(self.expose());
        TokenHash(Sha256::digest(text.as_bytes()).into())
    }

    /// The token itself, for the one answer that shows it.
    pub fn expose(&self) -> String {
        let mut text = self.spelling.prefix().to_owned();
        text.reserve_exact(43);
        URL_SAFE_NO_PAD.encode_string(self.bytes.as_slice(), &mut text);
        text
    }
}

impl std::fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

/// What is stored of a token, and looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// A hash out of the store.
    pub fn from_stored(bytes: [u8; 32]) -> TokenHash {
        TokenHash(bytes)
    }

    /// Its bytes, for the store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What signs the deliveries of a webhook, as the Standard Webhooks specification has it: 32 random bytes.
pub struct WebhookSecret(Zeroizing<[u8; 32]>);

impl WebhookSecret {
    /// A secret of these bytes, which the caller drew at random.
    pub fn new(bytes: [u8; 32]) -> WebhookSecret {
        WebhookSecret(Zeroizing::new(bytes))
    }

    /// One that was sealed.
    pub(crate) fn from_stored(bytes: &[u8]) -> Option<WebhookSecret> {
        Some(WebhookSecret::new(bytes.try_into().ok()?))
    }

    /// Its bytes, for sealing.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// HMAC-SHA256 of a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 32] {
        // A short key is filled up with zeros (RFC 2104, section 2): so no key can be of a wrong length.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(self.0.as_slice());
        Hmac::<Sha256>::new((&*block).into()).chain_update(message).finalize().into_bytes().into()
    }

    /// The secret itself, for the one answer that shows it.
    pub fn expose(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0.as_slice()))
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn password_is_bounded_in_code_points_and_free_in_content() {
        assert!(Password::parse("").is_err());
        assert!(Password::parse(&"🙂".repeat(256)).is_ok());
        assert!(Password::parse(&"a".repeat(257)).is_err());
        assert_eq!(Password::parse(" \0é\n ").unwrap().expose(), " \0é\n ");
    }

    #[test]
    fn both_spellings_read_back_and_hash_their_whole_text() {
        for (spelling, length) in [(TokenSpelling::Session, 43), (TokenSpelling::Api, 46)] {
            let secret = TokenSecret::new(spelling, [7; 32]);
            let text = secret.expose();
            assert_eq!(text.len(), length);
            let read = TokenSecret::parse(&text).unwrap();
            assert_eq!(read.spelling(), spelling);
            assert_eq!(read.hash(), secret.hash());
            assert_eq!(read.hash().as_bytes()[..], Sha256::digest(&text)[..]);
        }
    }

    #[test]
    fn a_session_token_that_begins_like_an_api_token_is_still_a_sessions() {
        let text = format!("rb_{}", "A".repeat(40));
        assert_eq!(TokenSecret::parse(&text).unwrap().spelling(), TokenSpelling::Session);
    }

    #[test]
    fn a_token_in_any_other_spelling_is_none() {
        let good = TokenSecret::new(TokenSpelling::Session, [255; 32]).expose();
        assert!(TokenSecret::parse(&good).is_some());
        let not_canonical = format!("{}9", &good[..42]);
        let padded = format!("{good}=");
        let foreign = format!("{}+", &good[..42]);
        let prefix = format!("RB_{good}");
        for text in ["", &good[1..], &not_canonical, &padded, &foreign, &prefix, &format!("{good}A")] {
            assert!(TokenSecret::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let secret = TokenSecret::new(TokenSpelling::Api, [1; 32]);
        assert_eq!(format!("{secret:?}"), "TokenSecret(…)");
        assert_eq!(format!("{:?}", WebhookSecret::new([1; 32])), "WebhookSecret(…)");
        assert_eq!(format!("{:?}", PasswordHash::from_stored("$argon2id$x".into())), "PasswordHash(…)");
    }
}
