//! The directory's refusals in a sentence for whoever typed the command. The operator stands before the machine, so that
//! what is the log's alone elsewhere is said here too.

use anyhow::anyhow;
use directory::Error;
use directory::error::{Conflict, Field, FieldError, Noun, Problem};

/// A refusal as the error of a command.
pub(super) fn explain(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(fields) | Error::Taken(fields) => {
            anyhow!("{}", fields.iter().map(sentence).collect::<Vec<_>>().join("; "))
        }
        Error::NotFound(noun) => anyhow!("there is no such {}", thing(noun)),
        Error::Conflict(Conflict::AccountExists) => {
            anyhow!(
                "this account exists already, and neither its username nor its password is changed by adding it: leave them out"
            )
        }
        other => anyhow!("{}", other.to_string().trim_end_matches('.')),
    }
}

fn sentence(error: &FieldError) -> String {
    let field = name(error.field);
    match &error.problem {
        Problem::Required => format!("the {field} is missing"),
        Problem::DoesNotExist(text) => format!("the {field} \"{text}\" does not exist here"),
        Problem::Taken => format!("the {field} is taken"),
        Problem::Refused(why) => format!("the {field}: {}", why.to_string().trim_end_matches('.')),
    }
}

/// What commands call a field.
fn name(field: Field) -> String {
    let name = match field {
        Field::Email => "e-mail address",
        Field::Groups | Field::GroupNames => "group",
        Field::Menus | Field::MenuNames => "menu",
        Field::Permissions | Field::Permission | Field::Codename => "permission",
        Field::Confirm => "confirmation",
        Field::ExternalId => "external id",
        other => return format!("{other:?}").to_lowercase(),
    };
    name.to_owned()
}

fn thing(noun: Noun) -> &'static str {
    match noun {
        Noun::User => "user",
        Noun::Group => "group",
        Noun::Permission => "permission",
        Noun::Menu => "menu",
        Noun::Environment => "environment: `rolebook environment list` shows those there are",
        Noun::Session => "session",
        Noun::Token => "token: `rolebook token list` shows those there are",
        Noun::Invitation => "invitation",
        Noun::ServiceAccount => "service account",
        Noun::Link => "link",
        Noun::Webhook => "webhook",
        Noun::Delivery => "delivery",
        Noun::SecondFactor => "second factor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_one_sentence_without_a_full_stop() {
        let refused = |error| explain(error).to_string();
        assert_eq!(refused(Error::taken(Field::Email)), "the e-mail address is taken");
        assert_eq!(
            refused(Error::invalid(Field::GroupNames, Problem::DoesNotExist("x".to_owned()))),
            "the group \"x\" does not exist here"
        );
        assert_eq!(refused(Error::NotFound(Noun::User)), "there is no such user");
        assert!(!refused(Error::Conflict(Conflict::LastOperator)).ends_with('.'));
    }
}
