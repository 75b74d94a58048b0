//! What can go wrong, named by what a caller can do about it. Knows nothing of status codes, of JSON, or of how an API
//! spells a field: each dialect matches this exhaustively and answers in its own words. What is said of a value, a right, a
//! bound or a state is a sentence of its own kind, in English; whoever speaks another language matches those too.

mod bound;
mod conflict;
mod denial;
mod refusal;
mod sentences;

pub use bound::Bound;
pub use conflict::Conflict;
pub use denial::Denial;
pub use refusal::Refusal;

use std::time::Duration;

/// The outcome of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal, or a failure.
#[derive(Debug)]
pub enum Error {
    /// Nobody whom we know, or nobody any more: sign in (again).
    Unauthenticated,
    /// Known, but may not, because of what is missing. Never says whether the thing exists.
    Forbidden(Denial),
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
        /// Which bound was met.
        reason: Bound,
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
    /// Anything else that is wrong with its value.
    Refused(Refusal),
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
    pub fn invalid(field: Field, problem: impl Into<Problem>) -> Error {
        Error::Invalid(vec![FieldError { field, problem: problem.into() }])
    }

    /// One field's value is taken.
    pub fn taken(field: Field) -> Error {
        Error::Taken(vec![FieldError { field, problem: Problem::Taken }])
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem::Refused(refusal)
    }
}

impl std::fmt::Display for Error {
    /// For logs and commands; APIs match the variants instead.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Unauthenticated => f.write_str("not signed in"),
            Error::Forbidden(denial) => denial.fmt(f),
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
            Error::Conflict(conflict) => conflict.fmt(f),
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
            Problem::Refused(refusal) => write!(f, "{:?}: {refusal}", self.field),
        }
    }
}

impl std::error::Error for Error {}
