//! What the directory refuses of a user's form: which field each is about, and what only the pages about users say. Knows no
//! page.

use crate::console::error::Error;
use crate::console::form::Form;
use crate::console::language::Language;
use crate::console::refused;
use crate::console::words::UserWords;
use directory::error::{Conflict, Field};

/// Puts each error beside its field; gives back what stands above the form.
///
/// # Errors
/// What no other form would mend.
pub(super) fn beside(form: &mut Form, error: directory::Error, language: Language) -> Result<String, Error> {
    match ours(&error, language) {
        Some(sentence) => Ok(sentence.to_owned()),
        None => refused::beside(form, language, error, place),
    }
}

/// A refusal as one sentence.
///
/// # Errors
/// What is none of a form's.
pub(super) fn whole(error: directory::Error, language: Language) -> Result<String, Error> {
    match ours(&error, language) {
        Some(sentence) => Ok(sentence.to_owned()),
        None => refused::above(error, language),
    }
}

/// What these pages know better: that the form is still there, and that no password stands in it.
fn ours(error: &directory::Error, language: Language) -> Option<&'static str> {
    let words = UserWords::of(language);
    match error {
        directory::Error::Changed => Some(words.changed_meanwhile),
        directory::Error::Conflict(Conflict::AccountExists) => Some(words.account_exists),
        _ => None,
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
