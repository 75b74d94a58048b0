//! The index of texts, kept up by hand as the networked engine keeps it: a commit without it would leave searches behind.

use std::collections::BTreeSet;

use super::{Sql, Value};
use crate::people::scattered;

/// As long as a gram is at most.
const LONGEST: usize = 3;
/// Where a user's columns hold what a search looks through.
const SOUGHT: usize = 13;

pub(super) const LEARN: &str = "INSERT INTO user_grams (environment_id, account_id, created_at, grams) \
     SELECT environment_id, account_id, created_at, $3 FROM users WHERE environment_id = $1 AND account_id = $2 \
     ON CONFLICT (environment_id, account_id) DO UPDATE SET grams = EXCLUDED.grams";

/// Whether this statement writes a user, of whom the index is to know.
pub(super) fn follow(sql: Sql) -> bool {
    matches!(sql, Sql::InsertUser | Sql::UpdateUser)
}

/// The grams of a user with this address and these columns, as numbers behind the environment's.
pub(super) fn of(address: &Value, columns: &[Value]) -> Vec<i64> {
    let (Value::Text(address), Value::Integer(environment), Value::Text(sought)) =
        (address, &columns[0], &columns[SOUGHT])
    else {
        return Vec::new();
    };
    let mut grams = BTreeSet::new();
    for text in sought.lines().chain([address.as_str()]) {
        let letters: Vec<char> = text.chars().collect();
        for run in (1..=LONGEST).flat_map(|length| letters.windows(length)) {
            let packed = run.iter().fold(0, |packed: u64, letter| packed << 21 | u64::from(u32::from(*letter)));
            grams.insert(((*environment as u64) << 40 | scattered(packed) >> 24) as i64);
        }
    }
    grams.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_are_those_of_the_engine() {
        let mut columns = vec![Value::Null; 15];
        (columns[0], columns[SOUGHT]) = (Value::Integer(7), Value::Text("ab\nab".to_owned()));
        assert_eq!(
            of(&Value::Text("ab".to_owned()), &columns),
            [8_128_580_297_865, 8_460_779_343_188, 8_721_135_284_067]
        );
    }
}
