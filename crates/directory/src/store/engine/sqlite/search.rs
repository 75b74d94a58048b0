//! The index that searches go by in this engine: a full-text table whose words are grams, with the environment before each
//! of them, so that an environment's search reads nothing of another's. Only the writer fills it, at the end of a group of
//! writes: the table would otherwise write itself out at every savepoint. A few users may wait for it, whom searches look at
//! one by one: what the table writes for one user alone is a good part of what it writes for a hundred.

use crate::clock::Time;
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::store::search::{Found, LONGEST, Seek, grams, runs};
use rusqlite::{Connection, Row};
use std::collections::HashSet;
use uuid::Uuid;

pub(super) const SCHEMA: &str = include_str!("search.sql");

/// The part of a place that tells those of one millisecond apart.
const AMONG: i64 = 0xffff;

/// How many users may wait.
const WAITING: i64 = 128;
/// How many users are read at a time.
const STRETCH: i64 = 1000;

const UNSOUGHT: &str = "SELECT w.place, w.environment_id, w.texts, u.environment_id, \
    u.sought || char(10) || u.email_folded || char(10) || u.username_folded FROM user_unsought w \
    LEFT JOIN user_places p ON p.place = w.place \
    LEFT JOIN users u ON u.environment_id = p.environment_id AND u.account_id = p.account_id ORDER BY w.place LIMIT ?1";
const FORGET: &str = "INSERT INTO user_search (user_search, rowid, grams) VALUES ('delete', ?1, ?2)";
const LEARN: &str = "INSERT INTO user_search (rowid, grams) VALUES (?1, ?2)";
const SOUGHT: &str = "DELETE FROM user_unsought WHERE place <= ?1";

const MANY: &str = "SELECT EXISTS (SELECT 1 FROM user_unsought LIMIT 1 OFFSET ?1)";

/// Those who wait, and have the term in their texts.
macro_rules! waiting {
    ($sense:literal) => {
        concat!(
            "SELECT w.place, p.account_id FROM user_unsought w CROSS JOIN user_places p ON p.place = w.place \
             CROSS JOIN users u ON u.environment_id = p.environment_id AND u.account_id = p.account_id \
             WHERE p.environment_id = ?1 AND w.place BETWEEN ?2 AND ?3 \
             AND (instr(u.sought, ?5) OR instr(u.email_folded, ?5) OR instr(u.username_folded, ?5)) ORDER BY w.place ",
            $sense,
            " LIMIT ?4"
        )
    };
}
const OLDEST_WAITING: &str = waiting!("ASC");
const NEWEST_WAITING: &str = waiting!("DESC");

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
    /// What the index shows.
    shown: Texts,
    /// What it is to show.
    texts: Texts,
}

/// Texts, a line each, of whoever has the place; none, if nobody has.
struct Texts {
    environment: i64,
    lines: String,
}

/// Lets no more than a few wait. To be called at the end of a transaction.
pub(super) fn keep_up(connection: &Connection) -> Result<()> {
    if wait(connection, WAITING)? { catch_up(connection) } else { Ok(()) }
}

/// Whether more than so many wait.
pub(super) fn wait(connection: &Connection, most: i64) -> Result<bool> {
    let look = || connection.prepare_cached(MANY)?.query_row([most], |row| row.get(0));
    look().map_err(failed)
}

fn failed(error: rusqlite::Error) -> Error {
    Error::Unavailable(format!("the index of texts cannot be kept: {error}"))
}

/// Lets nobody wait. Of who has changed the index is told the difference alone: a new family name is some 15 of 120 grams.
pub(super) fn catch_up(connection: &Connection) -> Result<()> {
    loop {
        let waiting = unsought(connection).map_err(failed)?;
        let Some(last) = waiting.last() else { return Ok(()) };
        let write = || {
            let (mut forget, mut learn) = (connection.prepare_cached(FORGET)?, connection.prepare_cached(LEARN)?);
            for Unsought { place, shown, texts } in &waiting {
                let (gone, come) = differences(shown, texts);
                // The table counts how often it is told each: whoever changes is forgotten and learnt once.
                if !gone.is_empty() {
                    forget.execute((place, &gone))?;
                }
                if !come.is_empty() || !(gone.is_empty() || texts.lines.is_empty()) {
                    learn.execute((place, &come))?;
                }
            }
            connection.prepare_cached(SOUGHT)?.execute([last.place])
        };
        write().map_err(failed)?;
    }
}

fn unsought(connection: &Connection) -> rusqlite::Result<Vec<Unsought>> {
    let mut statement = connection.prepare_cached(UNSOUGHT)?;
    let texts = |row: &Row<'_>, first: usize| {
        let environment = row.get::<_, Option<i64>>(first)?.unwrap_or_default();
        let lines = row.get::<_, Option<String>>(first + 1)?.unwrap_or_default();
        Ok::<_, rusqlite::Error>(Texts { environment, lines })
    };
    let rows = statement.query_map([STRETCH], |row| {
        Ok(Unsought { place: row.get(0)?, shown: texts(row, 1)?, texts: texts(row, 3)? })
    })?;
    rows.collect()
}

/// The words that go, and those that come.
fn differences(shown: &Texts, texts: &Texts) -> (String, String) {
    let (mut gone, mut come) = (all(shown), all(texts));
    if shown.environment == texts.environment {
        let stays: HashSet<&str> = gone.iter().copied().collect();
        gone.retain(|gram| come.binary_search(gram).is_err());
        come.retain(|gram| !stays.contains(gram));
    }
    (words(shown.environment, &gone), words(texts.environment, &come))
}

/// The grams of these texts, each once, in order.
fn all(texts: &Texts) -> Vec<&str> {
    let mut lines: Vec<&str> = texts.lines.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    let mut grams: Vec<&str> = lines.iter().flat_map(|text| (1..=LONGEST).flat_map(|n| runs(text, n))).collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

fn words(environment: i64, grams: &[&str]) -> String {
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
    let (index, waiting) = match seek.descending {
        true => (NEWEST, NEWEST_WAITING),
        false => (OLDEST, OLDEST_WAITING),
    };
    let (mut index, mut waiting) = (connection.prepare_cached(index)?, connection.prepare_cached(waiting)?);
    let mut find = |least: i64, most: i64, limit: i64| -> rusqlite::Result<Vec<(i64, UserId)>> {
        let user = |row: &Row<'_>| Ok((row.get(0)?, UserId(Uuid::from_bytes(row.get(1)?))));
        let mut found: Vec<_> =
            index.query_map((&wanted, least, most, limit), user)?.collect::<rusqlite::Result<_>>()?;
        for one in waiting.query_map((seek.environment.0, least, most, limit, seek.term), user)? {
            found.push(one?);
        }
        found.sort_unstable_by_key(|(place, _)| if seek.descending { -place } else { *place });
        found.dedup();
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
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

    fn texts(environment: i64, lines: &str) -> Texts {
        Texts { environment, lines: lines.to_owned() }
    }

    #[test]
    fn words_are_grams_behind_their_environment() {
        let came = differences(&texts(0, ""), &texts(7, "a%\na%"));
        assert_eq!(came, (String::new(), "7·¥ 7·a 7·a¥ ".to_owned()));
    }

    #[test]
    fn only_what_differs_goes_and_comes() {
        let changed = differences(&texts(7, "abc\nx"), &texts(7, "abd\nx"));
        assert_eq!(changed, ("7·abc 7·bc 7·c ".to_owned(), "7·abd 7·bd 7·d ".to_owned()));
        let moved = differences(&texts(7, "a"), &texts(8, "a"));
        assert_eq!(moved, ("7·a ".to_owned(), "8·a ".to_owned()));
        assert_eq!(differences(&texts(7, "a"), &texts(0, "")), ("7·a ".to_owned(), String::new()));
    }
}
