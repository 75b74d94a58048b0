//! A refusal of the directory on its way into the form that it concerns: beside each field, or above them all. Knows no form.

use super::error::Error;
use super::form::Form;
use super::language::Language;
use super::words::RefusedWords;
use directory::error::{Field, Problem};

/// Puts a refusal into a form, whose fields are named for the directory's; what concerns no field is given back to stand above.
///
/// # Errors
/// What no form mends.
pub(super) fn into_form(
    form: &mut Form,
    language: Language,
    refusal: directory::Error,
    fields: &[(Field, &'static str)],
) -> Result<String, Error> {
    use directory::Error as E;
    match refusal {
        E::Invalid(errors) | E::Taken(errors)
            if errors.iter().all(|error| fields.iter().any(|(field, _)| *field == error.field)) =>
        {
            for error in errors {
                let sentence = sentence(&error.problem, language);
                let named = fields.iter().find(|(field, _)| *field == error.field);
                form.refuse(named.map_or("", |(_, name)| name), sentence);
            }
            Ok(String::new())
        }
        E::Conflict(conflict) => Ok(conflict.sentence().into_owned()),
        E::Forbidden(why) => Ok(why),
        other => Err(other.into()),
    }
}

/// What is wrong with a field, as people read it.
pub(super) fn sentence(problem: &Problem, language: Language) -> String {
    let words = RefusedWords::of(language);
    match problem {
        Problem::Required => words.required.to_owned(),
        Problem::Taken => words.taken.to_owned(),
        Problem::DoesNotExist(name) => format!("{} {name}", words.not_there),
        Problem::Refused(sentence) => sentence.clone(),
    }
}
