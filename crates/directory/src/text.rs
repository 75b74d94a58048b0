//! The free texts of the directory, each parsed once: what may stand in it, and how long it may be. Knows nothing of
//! which field or API a text came by, nor whether anything else has it already.

use crate::error::Refusal;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// The longest name, in characters.
const NAME: usize = 200;

/// What two names that mean the same have in common: compatibility forms united, case dropped (NFKC, lower case, and
/// NFKC again, because lower-casing may leave a letter and its accent apart; so folding twice changes nothing).
pub fn fold(text: &str) -> String {
    // Most names are plain, and folded at each read of a row: what has no forms to unite needs no tables.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

/// A text type: its judge gives back the part of the text to keep, or what the person who typed it is told.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($text:ty): $judge:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($text);

        impl $name {
            /// Parses what came from outside.
            pub fn parse(text: &str) -> Result<Self, Refusal> {
                let judge: fn(&str) -> Result<&str, Refusal> = $judge;
                judge(text).map(|kept| Self(kept.into()))
            }

            /// A text that was parsed before it was stored.
            pub fn from_stored(text: String) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

texts! {
    /// A name that must be there: of a user, an environment, a group, a menu. Trimmed, 1 to 200 characters.
    Name(String): |text| plain(text.trim(), 1, NAME);
    /// A name that may be missing, such as a first name or a label. Trimmed, up to 200 characters.
    ShortName(String): |text| plain(text.trim(), 0, NAME);
    /// The organisation that an environment belongs to. Trimmed, 1 to 200 characters.
    Organisation(String): |text| plain(text.trim(), 1, NAME);
    /// A telephone number as somebody writes it. Trimmed, up to 64 characters; free, because no grammar fits them all.
    Phone(String): |text| plain(text.trim(), 0, 64);
    /// The key of a person in somebody else's system. 1 to 255 characters, kept exactly: it is not ours to change.
    ExternalId(String): |text| plain(text, 1, 255);
    /// The name of an action, as a program writes it. Shared: an environment's groups name the same ones over and over.
    Codename(Arc<str>): |text| match text.starts_with("rolebook_") {
        true => Err(Refusal::CodenameOfOurs),
        false => key(text, (2, 64), "_", |least, most| Refusal::Codename { least, most }),
    };
    /// The unique key of an environment. Never a UUID, because both may name an environment in the same place.
    EnvironmentKey(String): |text| match uuid::Uuid::try_parse(text) {
        Ok(_) => Err(Refusal::KeyLikeUuid),
        Err(_) => key(text, (2, 63), "_-", |least, most| Refusal::Key { least, most }),
    };
    /// Where a menu's item leads. Never anything that a browser would run, nor another host in a relative disguise.
    Href(String): href;
}

impl Name {
    /// What equal names share, see [`fold`].
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl Codename {
    /// One of Rolebook's own, which our code names and nobody declares.
    pub fn built_in(codename: &'static str) -> Codename {
        Codename(codename.into())
    }
}

/// Characters that nobody sees, and that change what others see: controls, line and paragraph separators, and what
/// turns the direction of writing around (a name must not rewrite the line in which a log or a page shows it).
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn plain(text: &str, least: usize, most: usize) -> Result<&str, Refusal> {
    let length = text.chars().count();
    if length < least {
        return Err(Refusal::Blank);
    }
    if length > most {
        return Err(Refusal::TooLong { length, most });
    }
    match text.chars().find(|c| is_deceptive(*c)) {
        Some(c) => Err(Refusal::Control { code: c.into() }),
        None => Ok(text),
    }
}

fn key<'a>(
    text: &'a str,
    (least, most): (usize, usize),
    marks: &str,
    refusal: fn(usize, usize) -> Refusal,
) -> Result<&'a str, Refusal> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || marks.contains(c);
    if (least..=most).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(fits)
    {
        return Ok(text);
    }
    Err(refusal(least, most))
}

fn href(text: &str) -> Result<&str, Refusal> {
    let most = 2048;
    if text.len() > most {
        return Err(Refusal::UrlTooLong { most });
    }
    // Browsers skip tabs and line ends inside an address and read `\` as `/`, so that what looks relative need not be.
    if text.chars().any(|c| is_deceptive(c) || c.is_whitespace() || c == '\\') {
        return Err(Refusal::HrefMarks);
    }
    if text.starts_with("//") {
        return Err(Refusal::Href);
    }
    // A colon before the first `/`, `?` or `#` ends a scheme (RFC 3986, section 4.2).
    let scheme = text.split(['/', '?', '#']).next().and_then(|first| first.split_once(':')).map(|(scheme, _)| scheme);
    let Some(scheme) = scheme else { return Ok(text) };
    let rest = &text[scheme.len() + 1..];
    let named = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => rest.strip_prefix("//").is_some_and(|host| !host.starts_with(['/', '?', '#', ':'])),
        "mailto" => true,
        _ => false,
    };
    if named && !rest.trim_start_matches('/').is_empty() { Ok(text) } else { Err(Refusal::Href) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn name_is_trimmed_and_counted_in_characters() {
        assert_eq!(Name::parse("  Guest \n").unwrap().as_str(), "Guest");
        assert!(Name::parse(&"é".repeat(200)).is_ok());
        assert_eq!(Name::parse(&"é".repeat(201)).unwrap_err().to_string(), "This has 201 characters: use at most 200.");
        assert_eq!(Name::parse(" \t ").unwrap_err(), Refusal::Blank);
        assert_eq!(ShortName::parse("  ").unwrap().as_str(), "");
    }

    #[test]
    fn control_and_direction_characters_are_refused_everywhere() {
        for c in ['\0', '\n', '\x1b', '\x7f', '\u{85}', '\u{2028}', '\u{202E}', '\u{2066}'] {
            let text = format!("a{c}b");
            assert!(Name::parse(&text).is_err(), "{c:?}");
            assert!(ShortName::parse(&text).is_err(), "{c:?}");
            assert!(Phone::parse(&text).is_err(), "{c:?}");
            assert!(ExternalId::parse(&text).is_err(), "{c:?}");
            assert!(Href::parse(&text).is_err(), "{c:?}");
        }
    }

    #[test]
    fn external_id_is_kept_exactly() {
        assert_eq!(ExternalId::parse(" 00u1 ").unwrap().as_str(), " 00u1 ");
        assert!(ExternalId::parse("").is_err());
        assert!(ExternalId::parse(&"x".repeat(256)).is_err());
    }

    #[test]
    fn codename_is_a_word_of_a_program_and_leaves_our_prefix_alone() {
        assert!(Codename::parse("approve_invoice").is_ok());
        assert!(Codename::parse(&"a".repeat(64)).is_ok());
        for wrong in ["", "a", "Approve", "1st", "_a", "a-b", "é1", "rolebook_x", &"a".repeat(65)] {
            assert!(Codename::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn environment_key_is_never_a_uuid() {
        assert!(EnvironmentKey::parse("maxedy_pizza").is_ok());
        assert!(EnvironmentKey::parse("a-b").is_ok());
        assert!(EnvironmentKey::parse(&"a".repeat(63)).is_ok());
        let uuids = ["f0e1d2c3-b4a5-4697-8879-6a5b4c3d2e1f", "f0e1d2c3b4a5469788796a5b4c3d2e1f"];
        for wrong in ["", "a", "-a", "Pizza", "a b", &"a".repeat(64), uuids[0], uuids[1]] {
            assert!(EnvironmentKey::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn href_leads_to_a_page_and_runs_nothing() {
        let good =
            ["", "/orders", "orders?x=a:b", "#top", "./a:b", "https://example.com/x", "HTTP://a", "mailto:a@b.c"];
        for href in good {
            assert!(Href::parse(href).is_ok(), "{href}");
        }
        let bad = [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            " /x",
            "https:evil.example",
            "https:///evil.example",
            "https://",
            "mailto:",
            ":x",
        ];
        for href in bad {
            assert!(Href::parse(href).is_err(), "{href}");
        }
        assert!(Href::parse(&"a".repeat(2049)).is_err());
    }

    #[test]
    fn folding_unites_case_and_compatibility_forms_and_is_stable() {
        assert_eq!(fold("AllUsers"), fold("ａllusers"));
        assert_eq!(fold("J\u{30C}"), fold("\u{1F0}"));
        for text in ["İ", "ǅ", "ϓ", "K", "ﬁ"] {
            assert_eq!(fold(&fold(text)), fold(text));
        }
    }
}
