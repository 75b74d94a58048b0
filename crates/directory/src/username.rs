//! Usernames: a word of one's own, or one's e-mail address. Knows nothing of who has one; that a username with an @ is
//! its account's own address is the account's rule.

use crate::email::Email;
use crate::error::Refusal;
use crate::text::{fold, is_deceptive};

/// A name to sign in with, unique in the whole system however it is written.
#[derive(Clone, Debug)]
pub struct Username {
    typed: String,
    folded: String,
}

impl Username {
    /// Parses a username: 1 to 100 characters, or an e-mail address.
    pub fn parse(text: &str) -> Result<Username, Refusal> {
        let username = Username::from_stored(text.to_owned());
        // Asked of the folded form, because NFKC makes an @ of its wide and small forms as well: otherwise somebody's
        // address in another spelling would be a username.
        if username.is_email() {
            return Email::parse(text).map(|_| username);
        }
        let most = 100;
        if !(1..=most).contains(&text.chars().count()) {
            return Err(Refusal::UsernameLength { most });
        }
        if text.trim() != text {
            return Err(Refusal::UsernamePadded);
        }
        if text.chars().any(|c| is_deceptive(c) || is_invisible(c)) {
            return Err(Refusal::UsernameInvisible);
        }
        Ok(username)
    }

    /// A username that was parsed before it was stored.
    pub fn from_stored(typed: String) -> Username {
        Username { folded: fold(&typed), typed }
    }

    /// As its owner writes it.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// What equal usernames share, see [`fold`].
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Whether it is an e-mail address.
    pub fn is_email(&self) -> bool {
        self.folded.contains('@')
    }
}

impl PartialEq for Username {
    fn eq(&self, other: &Username) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Username {}

/// Joiners and fillers that some scripts need in names, but with which two usernames would look like one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_word_or_an_address_is_a_username() {
        assert!(!Username::parse("Jos van Dam").unwrap().is_email());
        assert!(Username::parse(&"é".repeat(100)).is_ok());
        let address = Username::parse("Guest@maxedy.com").unwrap();
        assert!(address.is_email());
        assert_eq!(address.as_typed(), "Guest@maxedy.com");
        assert_eq!(address, Username::parse("guest@Maxedy.com").unwrap());
    }

    #[test]
    fn an_at_sign_in_any_spelling_demands_an_address() {
        for text in ["guest@", "@guest", "guest＠maxedy.com", "guest﹫maxedy.com"] {
            assert!(Username::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn blank_long_padded_and_invisible_ones_are_refused() {
        for text in ["", " ", " a", "a ", "a\n", "a\0b", "a\u{200B}b", "a\u{202E}b", &"a".repeat(101)] {
            assert!(Username::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn usernames_compare_after_compatibility_normalisation_without_case() {
        assert_eq!(Username::parse("Ａda").unwrap(), Username::parse("ada").unwrap());
        assert_eq!(Username::parse("ﬁn").unwrap().folded(), "fin");
    }
}
