//! The index that searches go by in this engine: a full-text table whose words are grams, with the environment before each
//! of them, so that an environment's search reads nothing of another's. Only the writer fills it, at the end of each group
//! of writes: the table would otherwise write itself out at every savepoint.

use crate::clock::Time;
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::store::search::{Found, LONGEST, Seek, grams, runs};
use rusqlite::{Connection, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) const SCHEMA: &str = include_str!("search.sql");

/// The part of a place that tells those of one millisecond apart.
const AMONG: i64 = 0xffff;

/// How many users are read at a time.
const STRETCH: i64 = 1000;

const UNSOUGHT: &str = "SELECT w.place, u.environment_id, u.sought, u.email_folded, u.username_folded FROM user_unsought w \
    LEFT JOIN user_places p ON p.place = w.place \
    LEFT JOIN users u ON u.environment_id = p.environment_id AND u.account_id = p.account_id ORDER BY w.place LIMIT ?1";
const FORGET: &str = "DELETE FROM user_search WHERE rowid = ?1";
const LEARN: &str = "INSERT INTO user_search (rowid, grams) VALUES (?1, ?2)";
const SOUGHT: &str = "DELETE FROM user_unsought WHERE place <= ?1";

macro_rules! matching {
    ($sense:literal) => {
        concat!(
            "SELECT place, account_id FROM user_search CROSS JOIN user_places ON place = user_search.rowid \
             WHERE user_search MATCH ?1 AND user_search.rowid BETWEEN ?2 AND ?3 ORDER BY user_search.rowid ",
            $sense,
            " LIMIT ?4"
        )
    };
}
// `CROSS`: the search first, or every place would be asked whether it matches.
const OLDEST: &str = matching!("ASC");
const NEWEST: &str = matching!("DESC");

/// What came or changed or went since the last time.
struct Unsought {
    place: i64,
    /// The words of the user, if there is one.
    words: Option<String>,
}

/// Brings the index up to what this transaction has written.
pub(super) fn catch_up(connection: &Connection) -> Result<()> {
    let failed = |e: rusqlite::Error| Error::Unavailable(format!("the index of texts cannot be written: {e}"));
    loop {
        let waiting = unsought(connection).map_err(failed)?;
        let Some(last) = waiting.last() else { return Ok(()) };
        let write = || {
            let (mut forget, mut learn) = (connection.prepare_cached(FORGET)?, connection.prepare_cached(LEARN)?);
            for Unsought { place, words } in &waiting {
                forget.execute([place])?;
                if let Some(words) = words {
                    learn.execute((place, words))?;
                }
            }
            connection.prepare_cached(SOUGHT)?.execute([last.place])
        };
        write().map_err(failed)?;
    }
}

fn unsought(connection: &Connection) -> rusqlite::Result<Vec<Unsought>> {
    let mut statement = connection.prepare_cached(UNSOUGHT)?;
    let rows = statement.query_map([STRETCH], |row| {
        let words = match row.get::<_, Option<i64>>(1)? {
            None => None,
            Some(environment) => {
                let (sought, email, username): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
                Some(words(environment, sought.lines().chain([email.as_str(), username.as_str()])))
            }
        };
        Ok(Unsought { place: row.get(0)?, words })
    })?;
    rows.collect()
}

/// The grams of these texts, each once, as words.
fn words<'t>(environment: i64, texts: impl Iterator<Item = &'t str>) -> String {
    let texts: BTreeSet<&str> = texts.collect();
    let mut grams: Vec<&str> = texts.iter().flat_map(|text| (1..=LONGEST).flat_map(|n| runs(text, n))).collect();
    grams.sort_unstable();
    grams.dedup();
    let start = start(environment);
    let mut words = String::with_capacity(grams.len() * (start.len() + LONGEST + 1));
    for gram in grams {
        word(&start, gram, &mut words);
        words.push(' ');
    }
    words
}

/// Before each word of an environment.
fn start(environment: i64) -> String {
    format!("{environment}·")
}

/// A gram as a word of the tokenizer's: letters and digits, and whatever is not ASCII. Two grams may come to the same word,
/// since texts are looked at anyway.
fn word(start: &str, gram: &str, out: &mut String) {
    out.push_str(start);
    for c in gram.chars() {
        match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() && !byte.is_ascii_alphanumeric() => out.push(char::from(byte | 0x80)),
            _ => out.push(c),
        }
    }
}

/// Who has all of these grams, by age: so many, and whoever came in the same millisecond as the last of them.
pub(super) fn seek(connection: &Connection, seek: &Seek<'_>) -> rusqlite::Result<Found> {
    let wanted = query(seek);
    let (least, most) = match (seek.from, seek.descending) {
        (None, _) => (0, i64::MAX),
        (Some(from), false) => (place(from), i64::MAX),
        (Some(from), true) => (0, place(from) | AMONG),
    };
    let mut statement = connection.prepare_cached(if seek.descending { NEWEST } else { OLDEST })?;
    let mut find = |least: i64, most: i64, limit: i64| -> rusqlite::Result<Vec<(i64, UserId)>> {
        let user = |row: &Row<'_>| Ok((row.get(0)?, UserId(Uuid::from_bytes(row.get(1)?))));
        statement.query_map((&wanted, least, most, limit), user)?.collect()
    };
    let mut found = find(least, most, seek.most)?;
    let last = found.last().map(|(place, _)| *place).filter(|_| found.len() as i64 >= seek.most);
    let goes_on = match last {
        None => None,
        Some(last) => {
            let (start, end) = (last & !AMONG, last | AMONG);
            let (rest, beyond) =
                if seek.descending { ((start, last - 1), start - 1) } else { ((last + 1, end), end + 1) };
            found.extend(find(rest.0, rest.1, i64::MAX)?);
            Some(Time::from_micros((beyond >> AMONG.count_ones()) * 1000))
        }
    };
    Ok(Found { users: found.into_iter().map(|(_, user)| user).collect(), goes_on })
}

/// The first place of a moment's millisecond.
fn place(time: Time) -> i64 {
    (time.as_micros() / 1000) << AMONG.count_ones()
}

/// A search as the table understands it.
fn query(seek: &Seek<'_>) -> String {
    let start = start(seek.environment.0);
    let mut words = String::new();
    for gram in grams(seek.term) {
        words.push('"');
        word(&start, gram, &mut words);
        words.push_str("\" ");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_grams_behind_their_environment() {
        assert_eq!(words(7, ["a%", "a%"].into_iter()), "7·¥ 7·a 7·a¥ ");
    }
}
