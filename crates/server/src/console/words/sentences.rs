//! What the directory itself says, in the reader's language: its English stands there, each kind's German in a file of its own
//! here. A sentence that lacks its German does not compile. Knows nothing of where a sentence is shown.

mod bound;
mod conflict;
mod denial;
mod refusal;

use crate::console::language::Language;

/// A sentence of the directory, which is written in English there.
pub(in crate::console) trait Sentence: std::fmt::Display {
    /// The same in German.
    fn german(&self) -> String;

    /// As its reader reads it.
    fn in_language(&self, language: Language) -> String {
        match language {
            Language::English => self.to_string(),
            Language::German => self.german(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use directory::error::{Bound, Conflict, Denial, Noun, Refusal};

    fn is_translated(sentences: &[impl Sentence]) {
        for sentence in sentences {
            let (english, german) = (sentence.to_string(), sentence.german());
            assert_ne!(english, german);
            assert!(german.ends_with('.') || german.ends_with('?'), "{german}");
            assert!(!german.contains('!') || english.contains('!'), "{german}");
            assert_eq!(sentence.in_language(Language::English), english);
            assert_eq!(sentence.in_language(Language::German), german);
        }
    }

    #[test]
    fn every_sentence_has_its_german() {
        is_translated(&Refusal::each());
        is_translated(&Denial::each());
        is_translated(&Bound::each());
        let full = [
            Noun::Group,
            Noun::Menu,
            Noun::Permission,
            Noun::ServiceAccount,
            Noun::Token,
            Noun::SecondFactor,
            Noun::Webhook,
            Noun::User,
        ];
        is_translated(&full.map(Conflict::Full));
        is_translated(&[
            Conflict::LastAdministrator,
            Conflict::LastOperator,
            Conflict::AccountExists,
            Conflict::NotEmpty,
            Conflict::BuiltIn,
            Conflict::Cycle(vec!["A".to_owned(), "B".to_owned(), "A".to_owned()]),
            Conflict::TooDeep,
            Conflict::Accepted,
            Conflict::NoAddress,
            Conflict::LastFactor,
            Conflict::NoFactor,
        ]);
    }

    #[test]
    fn what_a_sentence_names_stands_in_both_languages() {
        let long = Refusal::TooLong { length: 201, most: 200 };
        assert_eq!(long.in_language(Language::English), "This has 201 characters: use at most 200.");
        assert_eq!(long.in_language(Language::German), "Das sind 201 Zeichen: Verwenden Sie höchstens 200.");
        let cycle = Conflict::Cycle(vec!["A".to_owned(), "B".to_owned(), "A".to_owned()]);
        assert_eq!(
            cycle.in_language(Language::German),
            "Eine Gruppe kann nicht in sich selbst enthalten sein: A enthält B enthält A."
        );
        let denial = Denial::Permission { codename: "add_user" };
        assert_eq!(denial.in_language(Language::German), "Dafür ist die Berechtigung „add_user“ nötig.");
    }
}
