//! Language tags (BCP 47), judged by their form alone. Knows no registry: which languages exist, and which of them an
//! application speaks, is the application's affair.

use crate::error::Refusal;

/// A well-formed tag of RFC 5646, kept as typed: used for a user's language and for their locale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale(String);

/// Twice what RFC 5646 (section 4.4.1) asks every buffer to hold, 35 characters, rounded: room for extensions, and a
/// bound on what a column holds.
const LONGEST: usize = 64;

/// Registered before the grammar was made and outside it (RFC 5646, section 2.1, `irregular`).
const IRREGULAR: [&str; 17] = [
    "en-GB-oed",
    "i-ami",
    "i-bnn",
    "i-default",
    "i-enochian",
    "i-hak",
    "i-klingon",
    "i-lux",
    "i-mingo",
    "i-navajo",
    "i-pwn",
    "i-tao",
    "i-tay",
    "i-tsu",
    "sgn-BE-FR",
    "sgn-BE-NL",
    "sgn-CH-DE",
];

impl Locale {
    /// Parses a tag such as `en` or `pt-BR`.
    pub fn parse(text: &str) -> Result<Locale, Refusal> {
        let known = IRREGULAR.iter().any(|tag| tag.eq_ignore_ascii_case(text));
        if text.len() <= LONGEST && (known || is_well_formed(text)) {
            return Ok(Locale(text.to_owned()));
        }
        Err(Refusal::Locale)
    }

    /// A tag that was parsed before it was stored.
    pub fn from_stored(text: String) -> Locale {
        Locale(text)
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `langtag` or `privateuse` of RFC 5646, section 2.1, subtag by subtag in the order of its grammar.
fn is_well_formed(text: &str) -> bool {
    let mut subtags = text.split('-').peekable();
    if let Some(language) = subtags.next_if(|s| alphabetic(s, 2, 8)) {
        if language.len() <= 3 {
            for _extlang in 0..3 {
                subtags.next_if(|s| alphabetic(s, 3, 3));
            }
        }
        let _script = subtags.next_if(|s| alphabetic(s, 4, 4));
        let _region = subtags.next_if(|s| alphabetic(s, 2, 2) || (s.len() == 3 && digits(s)));
        while subtags.next_if(|s| is_variant(s)).is_some() {}
        while subtags.next_if(|s| alphanumeric(s, 1, 1) && !is_x(s)).is_some() {
            if subtags.next_if(|s| alphanumeric(s, 2, 8)).is_none() {
                return false;
            }
            while subtags.next_if(|s| alphanumeric(s, 2, 8)).is_some() {}
        }
        if subtags.peek().is_none() {
            return true;
        }
    }
    subtags.next().is_some_and(is_x) && subtags.peek().is_some() && subtags.all(|s| alphanumeric(s, 1, 8))
}

fn is_variant(subtag: &str) -> bool {
    alphanumeric(subtag, 5, 8) || (alphanumeric(subtag, 4, 4) && digits(&subtag[..1]))
}

fn is_x(subtag: &str) -> bool {
    subtag.eq_ignore_ascii_case("x")
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn alphabetic(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic())
}

fn alphanumeric(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn well_formed_tags_are_kept_as_typed() {
        for text in [
            "en",
            "nl",
            "pt-BR",
            "sp",
            "EN-us",
            "zh-Hant-TW",
            "es-419",
            "sl-rozaj-biske-1994",
            "de-CH-1901",
            "zh-cmn-Hans-CN",
            "zh-min-nan",
            "i-klingon",
            "sgn-be-fr",
            "en-GB-oed",
            "x-whatever",
            "qaa-Qaaa-QM-x-southern",
            "de-DE-u-co-phonebk",
            "en-a-myext-b-another",
            "ar-a-aaa-b-bbb-a-ccc",
            "abcd",
            "language",
        ] {
            assert_eq!(Locale::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "e",
            "en_US",
            "-en",
            "en-",
            "en--US",
            " en",
            "en\n",
            "en\0",
            "é",
            "een1",
            "12",
            "x",
            "x-",
            "en-x",
            "en-u",
            "en-u-x-a",
            "en-a-b",
            "de-419-DE",
            "a-DE",
            "i-unknown",
            "english-waytoolong",
            "x-waytoolong",
            "en-US-US",
            "abcd-cmn",
            "x-a_b",
        ] {
            assert!(Locale::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn length_is_bounded() {
        assert!(Locale::parse(&format!("en-x{}", "-abcd".repeat(12))).is_ok());
        assert!(Locale::parse(&format!("en-x-a{}", "-abcd".repeat(12))).is_err());
    }
}
