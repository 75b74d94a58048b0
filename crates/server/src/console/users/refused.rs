//! What the directory refuses of a user's form, beside the fields that it is about; what is about none of them stands above.
//! Knows no page.

use crate::console::error::Error;
use crate::console::form::Form;
use crate::console::language::Language;
use crate::console::refused::sentence;
use crate::console::words::UserWords;
use directory::error::{Conflict, Field};

/// Puts each error beside its field; gives back what stands above the form, in the directory's words or in ours.
///
/// # Errors
/// What no other form would mend.
pub(super) fn beside(form: &mut Form, error: directory::Error, language: Language) -> Result<String, Error> {
    use directory::Error as E;
    match error {
        E::Invalid(errors) | E::Taken(errors) => {
            let mut above = Vec::new();
            for error in &errors {
                match place(error.field) {
                    Some(name) => form.refuse(name, sentence(&error.problem, language)),
                    None => above.push(sentence(&error.problem, language)),
                }
            }
            Ok(above.join(" "))
        }
        other => whole(other, language),
    }
}

/// A refusal as one sentence.
///
/// # Errors
/// What is none of a form's.
pub(super) fn whole(error: directory::Error, language: Language) -> Result<String, Error> {
    use directory::Error as E;
    let words = UserWords::of(language);
    match error {
        E::Invalid(errors) | E::Taken(errors) => {
            Ok(errors.iter().map(|error| sentence(&error.problem, language)).collect::<Vec<_>>().join(" "))
        }
        E::Forbidden(why) => Ok(format!("{} {why}", words.may_not)),
        E::Conflict(Conflict::LastAdministrator) => Ok(words.last_administrator.to_owned()),
        E::Conflict(Conflict::LastOperator) => Ok(words.last_operator.to_owned()),
        E::Conflict(Conflict::AccountExists) => Ok(words.account_exists.to_owned()),
        E::Conflict(Conflict::Accepted) => Ok(words.accepted.to_owned()),
        E::Conflict(Conflict::NoAddress) => Ok(words.no_address.to_owned()),
        E::Conflict(conflict) => Ok(conflict.sentence().into_owned()),
        E::Changed => Ok(words.changed_meanwhile.to_owned()),
        E::TooMany { .. } => Ok(words.too_many.to_owned()),
        other => Err(other.into()),
    }
}

/// The field of our forms.
fn place(field: Field) -> Option<&'static str> {
    Some(match field {
        Field::Email => "email",
        Field::Username => "username",
        Field::Name => "name",
        Field::FirstName => "first_name",
        Field::LastName => "last_name",
        Field::Phone => "phone",
        Field::Language => "language",
        Field::Locale => "locale",
        Field::ExternalId => "external_id",
        Field::Groups | Field::GroupNames => "group",
        Field::Menus | Field::MenuNames => "menu",
        Field::At => "at",
        _ => return None,
    })
}
