//! Figures as they are drawn: lengths of bars, and the numbers beside them, which say the same. Knows nothing of how anything is
//! counted.

use crate::console::language::Language;
use crate::console::words::HomeWords;
use directory::figures::{self, Count, OfUsers, Share};

/// A bar of so many hundredths, with what it says.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) number: String,
    pub(super) percent: i64,
}

/// About users.
pub(super) struct People {
    pub(super) seen: Vec<Bar>,
    pub(super) covered: Vec<Bar>,
    pub(super) invited: String,
}

impl People {
    pub(super) fn of(figures: &OfUsers, words: &HomeWords) -> People {
        let OfUsers { seen, invited, administrators, recent } = figures;
        let most = seen.iter().map(|(_, count)| count.found).max().unwrap_or(0);
        let within = |(days, count): &(u64, Count)| Bar {
            label: match days {
                1 => words.one_day.to_owned(),
                days => format!("{days} {}", words.days),
            },
            number: text(*count),
            percent: percent(count.found, most),
        };
        let share = |label: &str, share: &Share| Bar {
            label: label.to_owned(),
            number: format!("{} {} {}", share.have, words.of, share.of),
            percent: percent(share.have, share.of),
        };
        let covered = [share(words.administrators, administrators), share(words.recent, recent)];
        People { seen: seen.iter().map(within).collect(), covered: covered.into(), invited: text(*invited) }
    }
}

/// What happened day by day, as columns that stand beside each other.
pub(super) struct Days {
    pub(super) columns: Vec<Column>,
    /// What the highest column stands for.
    pub(super) most: String,
    pub(super) first: String,
    pub(super) last: String,
}

/// A day; places and heights are those of the picture.
pub(super) struct Column {
    pub(super) x: usize,
    pub(super) signed_in_height: i64,
    pub(super) signed_in_top: i64,
    pub(super) refused_height: i64,
    pub(super) refused_top: i64,
    pub(super) day: String,
    pub(super) signed_in: String,
    pub(super) refused: String,
}

/// How high the picture's ground stands, and how wide a day is.
const GROUND: i64 = 120;
const WIDTH: usize = 24;

impl Days {
    pub(super) fn of(days: &[figures::Day], language: Language) -> Days {
        let counts = days.iter().flat_map(|day| [day.signed_in, day.refused]);
        let most = counts.max_by_key(|count| count.found).unwrap_or_default();
        // What is there is seen, however little it is.
        let height = |count: Count| match count.found {
            0 => 0,
            found => (GROUND * found / most.found.max(1)).max(2),
        };
        let column = |(place, day): (usize, &figures::Day)| Column {
            x: place * WIDTH,
            signed_in_height: height(day.signed_in),
            signed_in_top: GROUND - height(day.signed_in),
            refused_height: height(day.refused),
            refused_top: GROUND - height(day.refused),
            day: language.day(day.begun),
            signed_in: text(day.signed_in),
            refused: text(day.refused),
        };
        let day = |day: Option<&figures::Day>| day.map(|day| language.day(day.begun)).unwrap_or_default();
        Days {
            columns: days.iter().enumerate().map(column).collect(),
            most: text(most),
            first: day(days.first()),
            last: day(days.last()),
        }
    }
}

/// A number, and whether there are more.
fn text(count: Count) -> String {
    let more = if count.more { "+" } else { "" };
    format!("{}{more}", count.found)
}

fn percent(part: i64, of: i64) -> i64 {
    if of > 0 { 100 * part / of } else { 0 }
}
