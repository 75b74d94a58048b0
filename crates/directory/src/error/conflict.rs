//! What stands in the way of a change, as the environment or the system is now. Knows no field: those have refusals.

use super::Noun;

/// A state that stands in the way; written out, an English sentence: what it is and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// An environment keeps an administrator.
    LastAdministrator,
    /// The system keeps an operator.
    LastOperator,
    /// The account exists, so a password cannot be set for it: resend without.
    AccountExists,
    /// The environment holds as many of these as it may.
    Full(Noun),
    /// The environment still has what must go first.
    NotEmpty,
    /// What is built in stays as it is.
    BuiltIn,
    /// A group would be within itself: the groups on the way round, the first one again at the end.
    Cycle(Vec<String>),
    /// Groups would be nested deeper than they may be.
    TooDeep,
    /// Nobody is left to be invited: the user has accepted.
    Accepted,
    /// There is nowhere to send a mail.
    NoAddress,
    /// A second factor is demanded, and this is the last.
    LastFactor,
    /// There is no second factor that recovery codes could stand for.
    NoFactor,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Conflict::Cycle(groups) => {
                return write!(f, "A group cannot be within itself: {}.", groups.join(" contains "));
            }
            Conflict::TooDeep => "Groups are nested at most 16 deep.",
            Conflict::LastAdministrator => {
                "An environment keeps an administrator: make another active user with credentials one first."
            }
            Conflict::LastOperator => "The system keeps an operator: make another account one first.",
            Conflict::AccountExists => "This account exists already: resend without a password to add it here.",
            Conflict::Full(Noun::Group) => "An environment holds at most 10,000 groups.",
            Conflict::Full(Noun::Menu) => "An environment holds at most 10,000 menus.",
            Conflict::Full(Noun::Permission) => "An environment holds at most 10,000 permissions.",
            Conflict::Full(Noun::ServiceAccount) => "An environment holds at most 1,000 service accounts.",
            Conflict::Full(Noun::Token) => "An account holds at most 100 API tokens in an environment.",
            Conflict::Full(Noun::SecondFactor) => "An account holds at most 20 second factors.",
            Conflict::Full(Noun::Webhook) => "An environment holds at most 20 webhooks.",
            Conflict::Full(_) => "The environment holds as many of these as it may.",
            Conflict::Accepted => "This user has accepted already: there is nothing to invite to.",
            Conflict::NoAddress => "This user has no e-mail address: give it one first.",
            Conflict::LastFactor => "A second factor is demanded of you: enrol another before you remove the last.",
            Conflict::NoFactor => "Recovery codes stand for a second factor: enrol one first.",
            Conflict::NotEmpty => "What it holds must go first.",
            Conflict::BuiltIn => "A built-in permission cannot be declared, changed or deleted.",
        })
    }
}
