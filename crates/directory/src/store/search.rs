//! What a search goes by: the runs of one, two and three characters of a text, its grams. Whoever has a term in one of its
//! texts has all of the term's grams; the other way round it need not be, so the texts are still looked at. Knows nothing of
//! how an engine keeps them.

use crate::clock::Time;
use crate::id::{EnvironmentId, UserId};

/// Whom to look for in an engine's index.
pub(super) struct Seek<'s> {
    pub(super) environment: EnvironmentId,
    /// What their texts hold, folded.
    pub(super) term: &'s str,
    /// About so many.
    pub(super) most: i64,
    /// The oldest of them, or the newest; else whoever is found first.
    pub(super) ordered: bool,
    /// Those who came no earlier than this, or no later.
    pub(super) from: Option<Time>,
    /// Last first.
    pub(super) descending: bool,
}

/// Who may hold it.
pub(super) struct Found {
    pub(super) users: Vec<UserId>,
    /// There may be more, from this moment on.
    pub(super) goes_on: Option<Time>,
}

/// The longest run.
pub(super) const LONGEST: usize = 3;
/// So many grams of a long term say nearly as much as all of them.
const MOST: usize = 12;

/// The runs of exactly so many characters, as they follow each other.
pub(super) fn runs(text: &str, length: usize) -> impl Iterator<Item = &str> {
    let starts = text.char_indices().map(|(at, _)| at);
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).skip(length);
    starts.zip(ends).map(|(start, end)| &text[start..end])
}

/// The grams that everybody has who has this folded term.
pub(super) fn grams(term: &str) -> Vec<&str> {
    let all: Vec<&str> = runs(term, term.chars().count().min(LONGEST)).collect();
    let step = all.len().div_ceil(MOST).max(1);
    all.into_iter().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_has_its_longest_grams() {
        assert_eq!(grams("é"), ["é"]);
        assert_eq!(grams("ab"), ["ab"]);
        assert_eq!(grams("aéb"), ["aéb"]);
        assert_eq!(grams("o'hara"), ["o'h", "'ha", "har", "ara"]);
        assert!(grams(&"abc".repeat(60)).len() <= MOST);
        assert_eq!(
            runs("abc", 1).chain(runs("abc", 2)).chain(runs("ab", 3)).collect::<Vec<_>>(),
            ["a", "b", "c", "ab", "bc"]
        );
    }
}
