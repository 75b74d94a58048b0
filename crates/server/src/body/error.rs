//! What can be wrong with a body or a query, and how it is said. Knows no dialect: each gives these their shape in its
//! answer.

/// One thing that is wrong with a body or a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WireError {
    /// The key in the body, or the parameter in the query, as written; `""` when it is the body as a whole.
    pub(crate) field: String,
    /// Where inside the field's value: `[2].label`; mostly `""`.
    pub(crate) within: String,
    /// What is wrong.
    pub(crate) problem: WireProblem,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WireProblem {
    /// It is missing.
    Required,
    /// It is `null`.
    Null,
    /// It is not of the type that was expected.
    WrongType {
        /// What was expected: "a string".
        expected: &'static str,
        /// What was there: "a list".
        found: &'static str,
    },
    /// No such field or parameter.
    Unknown {
        /// What it is called here: "field" or "parameter".
        noun: &'static str,
        /// A known one that was probably meant.
        meant: Option<&'static str>,
    },
    /// It is there more than once.
    Duplicate,
    /// Its value cannot be, as a sentence.
    Refused(String),
}

impl WireError {
    /// What is wrong, for a person. Begins with the place if that is deeper than the field itself.
    pub(crate) fn sentence(&self) -> String {
        if self.within.is_empty() {
            self.problem.sentence()
        } else {
            format!("{}{}: {}", self.field, self.within, self.problem.sentence())
        }
    }

    /// Errors of a body inside a field: their keys become part of the place.
    pub(crate) fn nested(mut errors: Vec<WireError>) -> Vec<WireError> {
        for error in &mut errors {
            error.within = format!(".{}{}", error.field, error.within);
            error.field.clear();
        }
        errors
    }

    /// An error of a whole field.
    pub(crate) fn of(field: &str, problem: WireProblem) -> WireError {
        WireError { field: shown(field), within: String::new(), problem }
    }
}

impl WireProblem {
    /// What is wrong, for a person.
    pub(crate) fn sentence(&self) -> String {
        match self {
            WireProblem::Required => "This field is required.".to_owned(),
            WireProblem::Null => "This field may not be null.".to_owned(),
            WireProblem::WrongType { expected, found } => format!("Expected {expected}, not {found}."),
            WireProblem::Unknown { noun, meant: None } => format!("Unknown {noun}."),
            WireProblem::Unknown { noun, meant: Some(meant) } => format!("Unknown {noun}. Did you mean \"{meant}\"?"),
            WireProblem::Duplicate => "This is given more than once.".to_owned(),
            WireProblem::Refused(sentence) => sentence.clone(),
        }
    }
}

/// As much of an unknown key as an answer shows, in characters.
pub(super) const MOST_SHOWN: usize = 100;

/// A key as an answer shows it.
pub(super) fn shown(key: &str) -> String {
    match key.char_indices().nth(MOST_SHOWN) {
        None => key.to_owned(),
        Some((end, _)) => format!("{}…", key.get(..end).unwrap_or_default()),
    }
}
