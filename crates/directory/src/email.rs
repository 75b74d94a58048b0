//! E-mail addresses: which ones we accept, and when two are the same. Knows nothing of who has one, nor whether mail
//! arrives there: only a mailed link proves that.

use crate::error::Refusal;
use unicode_normalization::char::is_combining_mark;

/// An address in the plain form of RFC 5321 and 6531 (`name@example.com`), without quotes or comments: nobody's mailbox
/// needs those, and every second program reads them differently.
#[derive(Clone, Debug)]
pub struct Email {
    typed: String,
    folded: String,
}

impl Email {
    /// Parses an address. White space around it is refused rather than trimmed, so that what is stored is what was sent.
    pub fn parse(text: &str) -> Result<Email, Refusal> {
        let most = 254;
        if text.len() > most {
            return Err(Refusal::EmailTooLong { most });
        }
        let Some((local, domain)) = text.split_once('@') else {
            return Err(Refusal::Email);
        };
        if local.is_empty() || local.len() > 64 || !local.split('.').all(is_atom) {
            return Err(Refusal::EmailLocalPart);
        }
        if !domain.split('.').all(is_label) {
            return Err(Refusal::EmailDomain);
        }
        Ok(Email::from_stored(text.to_owned()))
    }

    /// An address that was parsed before it was stored.
    pub fn from_stored(typed: String) -> Email {
        Email { folded: typed.to_lowercase(), typed }
    }

    /// As its owner writes it.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// In lower case, the local part too: RFC 5321 lets hosts tell its case apart, people do not. No normalisation
    /// beyond that, because two addresses that merely look alike may have two owners.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// What stands before the @.
    pub fn local_part(&self) -> &str {
        self.typed.split('@').next().unwrap_or_default()
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Email) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Email {}

/// `atext` of RFC 5322, and letters of any script (RFC 6531). Not all of Unicode: invisible characters and spaces of
/// other scripts would make two addresses look like one.
fn is_atom(atom: &str) -> bool {
    !atom.is_empty() && atom.chars().all(|c| is_letter(c) || "!#$%&'*+-/=?^_`{|}~".contains(c))
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.chars().count())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| is_letter(c) || c == '-')
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ordinary_and_international_addresses_are_accepted() {
        for text in [
            "guest@maxedy.com",
            "root@localhost",
            "a@b",
            "o'brien+tag@sub.example.co.uk",
            "user@xn--bcher-kva.example",
            "jürgen@bücher.example",
            "संपर्क@डाटामेल.भारत",
            "1@2.3",
        ] {
            assert_eq!(Email::parse(text).unwrap().as_typed(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "@",
            "guest",
            "@b.c",
            "a@",
            "a@@b.c",
            "a@b@c",
            " a@b.c",
            "a@b.c ",
            "a b@c.d",
            "a@b c",
            "a@b.c\n",
            ".a@b.c",
            "a.@b.c",
            "a..b@c.d",
            "a@.b",
            "a@b.",
            "a@b..c",
            "a@-b.c",
            "a@b-.c",
            "a@b_c.d",
            "\"a\"@b.c",
            "a@[127.0.0.1]",
            "a\0@b.c",
            "a\u{200B}@b.c",
            "a\u{A0}@b.c",
            "a\u{202E}@b.c",
            "<a@b.c>",
            "a,b@c.d",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        let label = "d".repeat(63);
        assert!(Email::parse(&format!("{}@b.c", "a".repeat(64))).is_ok());
        assert!(Email::parse(&format!("{}@b.c", "a".repeat(65))).is_err());
        assert!(Email::parse(&format!("a@{label}")).is_ok());
        assert!(Email::parse(&format!("a@{label}d")).is_err());
        let longest = format!("{}@{label}.{label}.{}", "a".repeat(64), "d".repeat(61));
        assert_eq!(longest.len(), 254);
        assert!(Email::parse(&longest).is_ok());
        assert!(Email::parse(&format!("{longest}d")).is_err());
    }

    #[test]
    fn addresses_that_differ_in_case_are_the_same() {
        let email = Email::parse("Guest@Maxedy.COM").unwrap();
        assert_eq!(email, Email::parse("guest@maxedy.com").unwrap());
        assert_eq!((email.folded(), email.local_part()), ("guest@maxedy.com", "Guest"));
    }
}
