//! The index that searches go by in this engine: a table with the grams of each user as numbers, and a GIN index over it.
//! Whoever writes a user works them out here, since the server would take ten times as long for it. Knows nothing of what a
//! user is.

use crate::clock::Time;
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};
use crate::store::Session;
use crate::store::columns::{ToParam, get, params};
use crate::store::search::{Found, LONGEST, Seek, grams, runs};
use crate::store::statement::Statement;

pub(super) const SCHEMA: &str = include_str!("search.sql");

/// Made once the table is filled, which is several times faster. Whoever searches reads the list of what is not in the index
/// proper yet: it is kept short.
pub(super) const INDEX: &str =
    "CREATE INDEX user_grams_by_gram ON user_grams USING gin (grams) WITH (gin_pending_list_limit = 512)";

pub(super) static LEARN: Statement = Statement::new(
    "INSERT INTO user_grams (environment_id, account_id, created_at, grams) \
     SELECT environment_id, account_id, created_at, $3 FROM users WHERE environment_id = $1 AND account_id = $2 \
     ON CONFLICT (environment_id, account_id) DO UPDATE SET grams = EXCLUDED.grams",
);
/// The numbers tell the environments apart: a condition on its id would only offer the server a worse plan.
static ANY: Statement = Statement::new("SELECT account_id, created_at FROM user_grams WHERE grams @> $1 LIMIT $2");
/// Whoever came at the same moment as the last one too.
static OLDEST: Statement = Statement::new(
    "SELECT account_id, created_at FROM user_grams WHERE grams @> $1 AND created_at >= $3 \
     ORDER BY created_at FETCH FIRST ($2) ROWS WITH TIES",
);
static NEWEST: Statement = Statement::new(
    "SELECT account_id, created_at FROM user_grams WHERE grams @> $1 AND created_at <= $3 \
     ORDER BY created_at DESC FETCH FIRST ($2) ROWS WITH TIES",
);

static USERS: Statement = Statement::new(
    "SELECT environment_id, account_id, sought, email_folded, username_folded FROM users \
     WHERE (environment_id, account_id) > ($1, $2) ORDER BY environment_id, account_id LIMIT $3",
);
/// How many users are read at a time.
const STRETCH: i64 = 1000;

/// Who has all of these grams.
pub(super) fn seek(session: &mut dyn Session, seek: &Seek<'_>) -> Result<Found> {
    let grams: Vec<i64> = grams(seek.term).into_iter().map(|gram| number(seek.environment, gram)).collect();
    let from = |first: i64| seek.from.map_or(first, Time::as_micros);
    let (statement, from) = match (seek.ordered, seek.descending) {
        (false, _) => (&ANY, None),
        (true, false) => (&OLDEST, Some(from(i64::MIN))),
        (true, true) => (&NEWEST, Some(from(i64::MAX))),
    };
    let several = [grams.param(), seek.most.param(), from.param()];
    let (mut users, mut last) = (Vec::new(), 0);
    session.rows(statement, if from.is_some() { &several } else { &several[..2] }, &mut |row| {
        users.push(get(row, 0)?);
        last = get(row, 1)?;
        Ok(())
    })?;
    let beyond = if seek.descending { last - 1 } else { last + 1 };
    let goes_on = (users.len() as i64 >= seek.most).then_some(Time::from_micros(beyond));
    Ok(Found { users, goes_on })
}

/// Learns the texts of all users.
pub(super) fn learn_all(session: &mut dyn Session) -> Result<()> {
    let mut last = (EnvironmentId(i64::MIN), Vec::new());
    loop {
        let mut users: Vec<(EnvironmentId, UserId, Vec<i64>)> = Vec::new();
        session.rows(&USERS, params![last.0, last.1, STRETCH], &mut |row| {
            let (sought, email, username): (String, String, String) = (get(row, 2)?, get(row, 3)?, get(row, 4)?);
            let environment = get(row, 0)?;
            let texts: Vec<&str> = sought.lines().chain([email.as_str(), username.as_str()]).collect();
            users.push((environment, get(row, 1)?, numbers(environment, &texts)));
            Ok(())
        })?;
        let Some((environment, user, _)) = users.last() else { return Ok(()) };
        last = (*environment, user.0.as_bytes().to_vec());
        for (environment, user, grams) in &users {
            session.run(&LEARN, params![environment, user, grams])?;
        }
    }
}

/// The grams of these texts, each once.
pub(super) fn numbers(environment: EnvironmentId, texts: &[&str]) -> Vec<i64> {
    let grams = texts.iter().flat_map(|text| (1..=LONGEST).flat_map(|length| runs(text, length)));
    let mut numbers: Vec<i64> = grams.map(|gram| number(environment, gram)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// A gram as a number, the same for ever. The environment stands above, so that a search reads nothing of another's, and what
/// one environment writes lies together. Two grams may come to the same number, since texts are looked at anyway.
fn number(environment: EnvironmentId, gram: &str) -> i64 {
    let packed = gram.chars().fold(0, |packed: u64, c| packed << 21 | u64::from(u32::from(c)));
    ((environment.0 as u64) << 40 | scattered(packed) >> 24) as i64
}

/// Spreads what differs anywhere over all bits (splitmix64).
fn scattered(number: u64) -> u64 {
    let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grams_once_each_and_stay_the_same() {
        let here = EnvironmentId(7);
        let mut expected = ["a", "é", "aé"].map(|gram| number(here, gram));
        expected.sort_unstable();
        assert_eq!(numbers(here, &["aé", "", "aé"]), expected);
        // What is stored depends on it.
        assert_eq!(number(here, "abc"), 7_958_557_861_842);
        assert_ne!(number(here, "abc"), number(EnvironmentId(8), "abc"));
    }

    #[test]
    fn grams_hardly_ever_share_a_number() {
        let letters = || ('a'..='z').chain('0'..='9');
        let texts: Vec<String> = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}"))).collect();
        let all = texts.iter().flat_map(|two| letters().map(move |c| number(EnvironmentId(1), &format!("{two}{c}"))));
        assert_eq!(all.collect::<std::collections::BTreeSet<_>>().len(), 36 * 36 * 36);
    }
}
