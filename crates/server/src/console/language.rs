//! The languages of the console, and which one a reader wants. What is said in them stands in `words`.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use directory::clock::Time;

/// A language that every text is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    #[default]
    English,
    German,
}

impl Language {
    /// The one of ours that a browser likes best (RFC 9110, section 12.5.4).
    pub(super) fn of(headers: &HeaderMap) -> Language {
        let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (Language::English, 0.0);
        for range in wanted.split(',').take(20) {
            let mut parts = range.split(';').map(str::trim);
            let language = parts.next().and_then(Language::of_tag);
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            if let (Some(language), true) = (language, weight > best.1) {
                best = (language, weight);
            }
        }
        best.0
    }

    /// By a language tag (BCP 47); `None`: none of ours.
    fn of_tag(tag: &str) -> Option<Language> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Language::English),
            "de" => Some(Language::German),
            _ => None,
        }
    }

    /// Its tag.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
        }
    }

    /// A moment as its day, in UTC: `5 Mar 2026`, `05.03.2026`.
    pub(super) fn day(self, time: Time) -> String {
        let form = match self {
            Language::English => "%-d %b %Y",
            Language::German => "%d.%m.%Y",
        };
        jiff::Timestamp::from(time).strftime(form).to_string()
    }

    /// A moment to the minute, in UTC: `5 Mar 2026, 14:07 UTC`, `05.03.2026, 14:07 UTC`.
    pub(super) fn moment(self, time: Time) -> String {
        format!("{}, {}", self.day(time), jiff::Timestamp::from(time).strftime("%H:%M UTC"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(header: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, header.parse().unwrap());
        Language::of(&headers)
    }

    #[test]
    fn the_language_is_the_one_that_is_liked_best() {
        for german in ["de", "de-AT,de;q=0.9,en;q=0.8", "fr, DE;q=0.5, en;q=0.4", "en;q=0.1, de;q=0.2"] {
            assert_eq!(wanted(german), Language::German, "{german}");
        }
        for english in ["", "en", "fr", "en,de", "de;q=0", "de;q=x", "*"] {
            assert_eq!(wanted(english), Language::English, "{english}");
        }
    }

    #[test]
    fn a_day_is_written_as_its_readers_do() {
        let time = Time::from_micros(1_772_668_800_000_000);
        assert_eq!(Language::English.day(time), "5 Mar 2026");
        assert_eq!(Language::German.day(time), "05.03.2026");
        assert_eq!(Language::German.moment(time), "05.03.2026, 00:00 UTC");
    }
}
