//! What can go wrong, named by what a caller can do about it. Knows nothing of status codes, of JSON, or of how an API
//! spells a field: each dialect matches this exhaustively and answers in its own words.

use std::borrow::Cow;
use std::time::Duration;

/// The outcome of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal, or a failure.
#[derive(Debug)]
pub enum Error {
    /// Nobody whom we know, or nobody any more: sign in (again).
    Unauthenticated,
    /// Known, but may not; the sentence says what is missing. Never says whether the thing exists.
    Forbidden(String),
    /// The second factor is wrong, used, or too old. Which of them is not said.
    FactorRefused,
    /// The session is good, but the account must first do this.
    StepRequired(Step),
    /// No such thing, or none that this caller may know of: the two are the same answer.
    NotFound(Noun),
    /// Fields with values that cannot be; all of them at once.
    Invalid(Vec<FieldError>),
    /// Fields whose values are taken by something else.
    Taken(Vec<FieldError>),
    /// It would break a rule of the environment or the system as it stands now.
    Conflict(Conflict),
    /// It is no longer as the caller last saw it.
    Changed,
    /// A call with this key was made before, with another body.
    KeyReused,
    /// A call with this key is being made.
    InProgress,
    /// Too much, too fast, or no hashing thread free: again after this time.
    TooMany {
        /// When trying again makes sense.
        retry_after: Duration,
        /// Which bound was met, as a sentence.
        reason: &'static str,
    },
    /// The database, or what waits before it, cannot serve at present; nothing was changed.
    Unavailable(String),
    /// A defect of ours or of the machine. The text is for the log alone.
    Internal(String),
}

/// What an account must do before its session is good for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send the second factor's code with the login.
    SecondFactor,
    /// Choose a new password.
    PasswordChange,
    /// Enrol a second factor.
    SecondFactorEnrolment,
    /// Only the link that was mailed to the address's owner does this.
    MailedLink,
    /// Show the password again: the session may be stolen.
    Proof,
    /// Show a second factor in this session: it was opened without.
    StepUp,
}

/// A thing that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the domain")]
pub enum Noun {
    User,
    Group,
    Permission,
    Menu,
    Environment,
    Session,
    Token,
    ServiceAccount,
    Invitation,
    Link,
    SecondFactor,
    Webhook,
    Delivery,
}

/// A state that stands in the way; each has its sentence in [`Conflict::sentence`].
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

/// One field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Which field, in the domain's words.
    pub field: Field,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It must be given.
    Required,
    /// It names a thing that does not exist in this environment: the thing as it was named.
    DoesNotExist(String),
    /// Something else has that value.
    Taken,
    /// Anything else, as a sentence: what was expected and what to do.
    Refused(String),
}

/// The fields of our things, in the domain's words. A dialect gives them its own names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words of the domain")]
pub enum Field {
    Email,
    Username,
    Password,
    CurrentPassword,
    Name,
    FirstName,
    LastName,
    Phone,
    Language,
    Locale,
    Administrator,
    Active,
    Mfa,
    ResetPassword,
    ResetSecondFactor,
    ExternalId,
    /// The time that is asked about.
    At,
    /// Groups named by their id.
    Groups,
    /// Groups named by their name.
    GroupNames,
    /// Menus named by their id.
    Menus,
    /// Menus named by their name.
    MenuNames,
    Permissions,
    /// One permission that is asked about.
    Permission,
    /// A user who is asked about.
    User,
    /// Groups within a group.
    Contains,
    Label,
    Items,
    Codename,
    Key,
    Organisation,
    Environment,
    Token,
    Cursor,
    Confirm,
    ExpiresAt,
    Url,
    EventTypes,
    /// A second factor's code.
    Code,
}

impl Error {
    /// One field is wrong.
    pub fn invalid(field: Field, problem: Problem) -> Error {
        Error::Invalid(vec![FieldError { field, problem }])
    }

    /// One field's value is taken.
    pub fn taken(field: Field) -> Error {
        Error::Taken(vec![FieldError { field, problem: Problem::Taken }])
    }

    /// May not, because of this.
    pub fn forbidden(sentence: impl Into<String>) -> Error {
        Error::Forbidden(sentence.into())
    }
}

impl Conflict {
    /// What stands in the way and what to do, for a person.
    pub fn sentence(&self) -> Cow<'static, str> {
        let fixed = match self {
            Conflict::Cycle(groups) => {
                return format!("A group cannot be within itself: {}.", groups.join(" contains ")).into();
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
        };
        fixed.into()
    }
}

impl Problem {
    /// A refusal with its sentence.
    pub fn refused(sentence: impl Into<String>) -> Problem {
        Problem::Refused(sentence.into())
    }
}

impl std::fmt::Display for Error {
    /// For logs and commands; APIs match the variants instead.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Unauthenticated => f.write_str("not signed in"),
            Error::Forbidden(why) => f.write_str(why),
            Error::FactorRefused => f.write_str("the second factor is wrong, used or too old"),
            Error::StepRequired(step) => write!(f, "a step is pending: {step:?}"),
            Error::NotFound(noun) => write!(f, "no such {}", format!("{noun:?}").to_lowercase()),
            Error::Invalid(fields) | Error::Taken(fields) => {
                for (n, error) in fields.iter().enumerate() {
                    let comma = if n == 0 { "" } else { "; " };
                    write!(f, "{comma}{}", error)?;
                }
                Ok(())
            }
            Error::Changed => f.write_str("it has changed meanwhile"),
            Error::KeyReused => f.write_str("the key was used with another body"),
            Error::InProgress => f.write_str("the same call is running"),
            Error::Conflict(conflict) => f.write_str(&conflict.sentence()),
            Error::TooMany { retry_after, reason } => write!(f, "{reason}; again in {} s", retry_after.as_secs()),
            Error::Unavailable(what) | Error::Internal(what) => f.write_str(what),
        }
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.problem {
            Problem::Required => write!(f, "{:?} is required", self.field),
            Problem::DoesNotExist(name) => write!(f, "{:?}: \"{name}\" does not exist", self.field),
            Problem::Taken => write!(f, "{:?} is taken", self.field),
            Problem::Refused(sentence) => write!(f, "{:?}: {sentence}", self.field),
        }
    }
}

impl std::error::Error for Error {}
