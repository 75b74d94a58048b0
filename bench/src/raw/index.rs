//! The index of texts, kept up by hand as the embedded engine keeps it: a commit without it would leave searches behind.

use std::collections::BTreeSet;

use rusqlite::Connection;

/// As long as a gram is at most.
const LONGEST: usize = 3;

const UNSOUGHT: &str = "SELECT w.place, w.environment_id, COALESCE(w.texts, ''), \
     u.sought || char(10) || u.email_folded || char(10) || u.username_folded \
     FROM user_unsought w JOIN user_places p ON p.place = w.place \
     JOIN users u ON u.environment_id = p.environment_id AND u.account_id = p.account_id";

/// So many users may wait for it.
const WAITING: i64 = 128;

/// Brings the index up to what was written, once many wait: nobody is removed here, and nobody changes places.
pub(super) fn keep_up(connection: &Connection) -> rusqlite::Result<()> {
    let mut many = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM user_unsought LIMIT 1 OFFSET ?1)")?;
    if !many.query_row([WAITING], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    let mut unsought = connection.prepare_cached(UNSOUGHT)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let waiting: Vec<(i64, i64, String, String)> = unsought.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
    let mut forget =
        connection.prepare_cached("INSERT INTO user_search (user_search, rowid, grams) VALUES ('delete', ?1, ?2)")?;
    let mut learn = connection.prepare_cached("INSERT INTO user_search (rowid, grams) VALUES (?1, ?2)")?;
    for (place, environment, shown, texts) in waiting {
        let (shown, texts) = (grams(&shown), grams(&texts));
        let gone = words(environment, shown.difference(&texts));
        if !gone.is_empty() {
            forget.execute((place, gone))?;
        }
        learn.execute((place, words(environment, texts.difference(&shown))))?;
    }
    connection.prepare_cached("DELETE FROM user_unsought")?.execute([])?;
    Ok(())
}

/// The runs of one to three characters of each line, once each.
fn grams(texts: &str) -> BTreeSet<&str> {
    let mut grams = BTreeSet::new();
    for text in texts.lines() {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for length in 1..=LONGEST {
            grams.extend(places.iter().zip(places.iter().skip(length)).map(|(start, end)| &text[*start..*end]));
        }
    }
    grams
}

/// Grams as words behind the environment.
fn words<'g>(environment: i64, grams: impl Iterator<Item = &'g &'g str>) -> String {
    let plain = |c: char| if c.is_ascii() && !c.is_ascii_alphanumeric() { char::from(c as u8 | 0x80) } else { c };
    grams.map(|gram| format!("{environment}·{} ", gram.chars().map(plain).collect::<String>())).collect()
}

#[cfg(test)]
mod tests {
    use super::{grams, words};

    #[test]
    fn words_are_grams_behind_their_environment() {
        assert_eq!(words(7, grams("a%\na%").iter()), "7·% ".replace('%', "¥") + "7·a 7·a¥ ");
    }
}
