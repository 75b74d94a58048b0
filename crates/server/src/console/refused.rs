//! What the directory refuses, in its reader's language: beside the fields of a form, above them all, or as a sentence by
//! itself. Every page says it by way of this one. Knows no form.

use super::error::Error;
use super::form::Form;
use super::language::Language;
use super::words::{RefusedWords, Sentence};
use directory::error::{Field, FieldError, Problem};

/// Puts a refusal into a form, whose fields are named for the directory's; what concerns none of them is given back to stand
/// above.
///
/// # Errors
/// What no form mends.
pub(super) fn into_form(
    form: &mut Form,
    language: Language,
    refusal: directory::Error,
    fields: &[(Field, &'static str)],
) -> Result<String, Error> {
    beside(form, language, refusal, |field| fields.iter().find(|(known, _)| *known == field).map(|(_, name)| *name))
}

/// The same for a form whose fields `place` finds.
///
/// # Errors
/// What no form mends.
pub(super) fn beside(
    form: &mut Form,
    language: Language,
    refusal: directory::Error,
    place: impl Fn(Field) -> Option<&'static str>,
) -> Result<String, Error> {
    use directory::Error as E;
    match refusal {
        E::Invalid(errors) | E::Taken(errors) => {
            let mut above = Vec::new();
            for error in errors {
                match place(error.field) {
                    Some(name) => form.refuse(name, sentence(&error.problem, language)),
                    None => above.push(error),
                }
            }
            Ok(sentences(&above, language))
        }
        other => above(other, language),
    }
}

/// A refusal as sentences that stand above a form, or by themselves.
///
/// # Errors
/// What no form mends.
pub(super) fn above(refusal: directory::Error, language: Language) -> Result<String, Error> {
    use directory::Error as E;
    match refusal {
        E::Invalid(errors) | E::Taken(errors) => Ok(sentences(&errors, language)),
        E::Conflict(conflict) => Ok(conflict.in_language(language)),
        E::Forbidden(denial) => Ok(denial.in_language(language)),
        E::TooMany { reason, .. } => Ok(reason.in_language(language)),
        other => Err(other.into()),
    }
}

/// What is wrong with fields, which are not named.
pub(super) fn sentences(errors: &[FieldError], language: Language) -> String {
    errors.iter().map(|error| sentence(&error.problem, language)).collect::<Vec<_>>().join(" ")
}

/// What is wrong with a field, as people read it.
pub(super) fn sentence(problem: &Problem, language: Language) -> String {
    let words = RefusedWords::of(language);
    match problem {
        Problem::Required => words.required.to_owned(),
        Problem::Taken => words.taken.to_owned(),
        Problem::DoesNotExist(name) => format!("{} {name}", words.not_there),
        Problem::Refused(refusal) => refusal.in_language(language),
    }
}
