//! Moments and spans of time as people write them into forms. Knows no form.

use directory::clock::Time;
use std::time::Duration;

/// A day or a moment, in UTC, as browsers and people write it: `2026-03-05`, `2026-03-05T14:00`.
pub(super) fn parse(text: &str) -> Option<Time> {
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| Time::from(zoned.timestamp()))
}

/// The units of a span, the longest first.
const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];

/// A span of whole seconds: `90 d`, `12 h`, `30 min`, `45 s`.
pub(super) fn parse_span(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(digits);
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
    count.parse::<u64>().ok()?.checked_mul(*seconds).map(Duration::from_secs)
}

/// The same, in the longest unit that leaves nothing over.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let unit = UNITS.iter().find(|(_, unit)| seconds.is_multiple_of(*unit));
    unit.map_or_else(String::new, |(name, unit)| format!("{} {name}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_as_it_is_written() {
        for text in ["90 d", "12 h", "30 min", "45 s", "36 h", "90 s"] {
            assert_eq!(parse_span(text).map(span).as_deref(), Some(text));
        }
        assert_eq!(parse_span("60min").map(span).as_deref(), Some("1 h"));
        for wrong in ["", "12", "h", "-1 h", "1.5 h", "1 year", "99999999999999999999 d", "999999999999999999 d"] {
            assert_eq!(parse_span(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        assert_eq!(parse("2026-03-05"), parse("2026-03-05T00:00"));
        assert_eq!(parse("2026-03-05T14:00"), Some(Time::from_micros(1_772_719_200_000_000)));
        assert_eq!(parse("yesterday"), None);
    }
}
