//! Errors of this API: all that the directory may refuse, and what was wrong before the directory was asked. Wrong fields
//! answer `{"<field>":["…"]}`, everything else `{"detail":"…","code":"…"}`; the codes are for programs and never change.
//! Knows no reason for a refusal beyond what it is told.

use super::answer;
use super::wire::{Fields, field_name};
use crate::body::{WireError, WireProblem};
use crate::http::request_id::with_trouble;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use directory::error::{Conflict, Field, FieldError, Noun, Problem, Step};
use directory::sessions::{StepToken, Ways};
use serde::Serialize;
use std::time::Duration;

/// What a handler here refuses with.
pub(super) enum Error {
    /// The directory said so.
    Directory(directory::Error),
    /// The body or the query cannot be read: all of its errors.
    Fields(Vec<WireError>),
    /// The body is no JSON, or did not arrive.
    Unreadable(String),
    /// The body is larger than any of ours.
    TooLarge,
    /// The body does not say that it is JSON.
    MediaType,
    /// A login or a password that is wrong, for whatever reason.
    Credentials,
    /// Who signs in must take a step first, and gets a token for that.
    Step(StepToken),
    /// A header that cannot be read, or does not belong here: its code, and what is wrong.
    Header(&'static str, &'static str),
    /// The public URL is fit for no passkey.
    NoPasskeys,
    /// Nothing stands at this address.
    NoRoute,
    /// Something stands there, but does not do this.
    NoMethod,
}

impl Error {
    /// An answer that nobody may keep was asked for with a key to keep it by.
    pub(super) const KEPT_BY_NOBODY: Error = Error::Header(
        "idempotency_key",
        "Answers here hold secrets and are kept by nobody: leave Idempotency-Key out.",
    );
}

impl From<directory::Error> for Error {
    fn from(error: directory::Error) -> Error {
        Error::Directory(error)
    }
}

impl From<Vec<WireError>> for Error {
    fn from(errors: Vec<WireError>) -> Error {
        Error::Fields(errors)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Error::Directory(error) => of_directory(error),
            Error::Fields(errors) => of_wire(&errors),
            Error::Unreadable(sentence) => detail(StatusCode::BAD_REQUEST, "parse_error", &sentence),
            Error::TooLarge => {
                detail(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "The body is over 1 MiB: send less at once.")
            }
            Error::MediaType => detail(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send JSON in UTF-8, and say so: Content-Type: application/json.",
            ),
            Error::Credentials => {
                unauthorized("invalid_credentials", "No active user has this login and this password.")
            }
            Error::Step(step) => of_step_token(&step),
            Error::NoPasskeys => detail(
                StatusCode::CONFLICT,
                "passkeys_unavailable",
                "Passkeys need the server to be reached by https at a host name: see --public-url.",
            ),
            Error::Header(code, sentence) => detail(StatusCode::BAD_REQUEST, code, sentence),
            Error::NoRoute => detail(StatusCode::NOT_FOUND, "not_found", "Nothing stands at this address."),
            Error::NoMethod => detail(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This address does not take this method: see the header Allow.",
            ),
        }
    }
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v2::Refusal)]
pub(super) struct Detail<'a> {
    detail: &'a str,
    code: &'a str,
    /// Good for the step alone that a login must take first.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    /// With what a second factor can be shown: totp, passkey, recovery_code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    methods: Vec<&'static str>,
}

fn detail(status: StatusCode, code: &str, sentence: &str) -> Response {
    answer::with_status(status, &Detail { detail: sentence, code, token: None, methods: Vec::new() })
}

/// A login that must take a step first.
fn of_step_token(pending: &StepToken) -> Response {
    let (status, code, sentence) = of_step(pending.step);
    let Ways { totp, passkey, recovery_code } = pending.ways;
    let ways = [(totp, "totp"), (passkey, "passkey"), (recovery_code, "recovery_code")];
    let methods = ways.into_iter().filter_map(|(has, name)| has.then_some(name)).collect();
    let token = pending.token.expose();
    let response = answer::with_status(status, &Detail { detail: sentence, code, token: Some(&token), methods });
    match status {
        StatusCode::UNAUTHORIZED => with_header(response, WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
        _ => response,
    }
}

fn with_header(mut response: Response, name: HeaderName, value: HeaderValue) -> Response {
    response.headers_mut().insert(name, value);
    response
}

fn unauthorized(code: &str, sentence: &str) -> Response {
    with_header(detail(StatusCode::UNAUTHORIZED, code, sentence), WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// A defect of ours; what it was stands in the log. Written out, because this is also the answer when JSON cannot be made.
pub(super) fn internal() -> Response {
    let body = r#"{"detail":"Something went wrong here. It is in the log of the server.","code":"internal_error"}"#;
    let json = [(axum::http::header::CONTENT_TYPE, "application/json")];
    (StatusCode::INTERNAL_SERVER_ERROR, json, body).into_response()
}

fn of_directory(error: directory::Error) -> Response {
    use directory::Error as E;
    match error {
        E::Unauthenticated => {
            unauthorized("not_authenticated", "Sign in, and send the token: Authorization: Bearer <token>.")
        }
        E::FactorRefused => {
            unauthorized("invalid_otp", "This second factor is wrong, was used, or is too old: show it anew.")
        }
        E::Forbidden(denial) => detail(StatusCode::FORBIDDEN, "permission_denied", &denial.to_string()),
        E::StepRequired(step) => {
            let (status, code, sentence) = of_step(step);
            match status {
                StatusCode::UNAUTHORIZED => unauthorized(code, sentence),
                status => detail(status, code, sentence),
            }
        }
        E::NotFound(noun) => detail(StatusCode::NOT_FOUND, "not_found", missing(noun)),
        E::Invalid(errors) => of_fields(StatusCode::BAD_REQUEST, &errors),
        E::Taken(errors) => of_fields(StatusCode::CONFLICT, &errors),
        E::Changed => detail(
            StatusCode::PRECONDITION_FAILED,
            "precondition_failed",
            "It has changed since you saw it: read it again, and change that.",
        ),
        E::KeyReused => detail(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This key came with another body before: a new call needs a new key.",
        ),
        E::InProgress => detail(
            StatusCode::CONFLICT,
            "idempotency_key_in_progress",
            "The first call with this key still runs: try again.",
        ),
        E::Conflict(conflict) => detail(StatusCode::CONFLICT, code_of_conflict(&conflict), &conflict.to_string()),
        E::TooMany { retry_after, reason } => {
            let response = detail(StatusCode::TOO_MANY_REQUESTS, "throttled", &reason.to_string());
            with_header(response, RETRY_AFTER, HeaderValue::from(whole_seconds(retry_after)))
        }
        E::Unavailable(reason) => {
            let sentence = "The server cannot do this at the moment, and nothing was changed: try again.";
            let response = detail(StatusCode::SERVICE_UNAVAILABLE, "unavailable", sentence);
            with_trouble(with_header(response, RETRY_AFTER, HeaderValue::from(1)), reason)
        }
        E::Internal(reason) => with_trouble(internal(), reason),
    }
}

/// Rounded up: whoever comes back at that second must not be too early.
fn whole_seconds(span: Duration) -> u64 {
    span.as_secs().saturating_add(u64::from(span.subsec_nanos() > 0)).max(1)
}

fn of_step(step: Step) -> (StatusCode, &'static str, &'static str) {
    match step {
        Step::SecondFactor => (
            StatusCode::UNAUTHORIZED,
            "otp_required",
            "Show the second factor: sign in again with its code as \"otp\", or POST /api/v2/session/second-factor with this \
             token.",
        ),
        Step::PasswordChange => (
            StatusCode::FORBIDDEN,
            "password_change_required",
            "Choose a new password first: PATCH /api/v2/user/me with \"password\".",
        ),
        Step::SecondFactorEnrolment => (
            StatusCode::FORBIDDEN,
            "second_factor_enrolment_required",
            "Enrol a second factor first: POST /api/v2/second-factor/totp or /api/v2/second-factor/passkey.",
        ),
        Step::StepUp => (
            StatusCode::FORBIDDEN,
            "second_factor_required",
            "This session was opened without the second factor: show it, POST /api/v2/session/second-factor.",
        ),
        Step::MailedLink => (
            StatusCode::FORBIDDEN,
            "mailed_link_required",
            "Accept with the link that was mailed to you: only it proves that the address is yours.",
        ),
        Step::Proof => (
            StatusCode::FORBIDDEN,
            "proof_required",
            "Show your password or a passkey again first: POST /api/v2/session/prove.",
        ),
    }
}

fn missing(noun: Noun) -> &'static str {
    match noun {
        Noun::User => "There is no such user here.",
        Noun::Group => "There is no such group here.",
        Noun::Permission => "There is no such permission here.",
        Noun::Menu => "There is no such menu here.",
        Noun::Environment => "There is no such environment, or it is none of yours.",
        Noun::Session => "There is no such session.",
        Noun::Token => "There is no such token.",
        Noun::ServiceAccount => "There is no such service account here.",
        Noun::Webhook => "There is no such webhook here.",
        Noun::Delivery => "There is no such delivery, or it is known no more.",
        Noun::SecondFactor => "There is no such second factor, or none was begun.",
        Noun::Link => "This link is unknown, used or too old: ask for another.",
        Noun::Invitation => "This invitation is unknown, used or too old: ask for another.",
    }
}

fn code_of_conflict(conflict: &Conflict) -> &'static str {
    match conflict {
        Conflict::LastAdministrator => "last_administrator",
        Conflict::LastOperator => "last_operator",
        Conflict::AccountExists => "account_exists",
        Conflict::Cycle(_) => "cycle",
        Conflict::TooDeep => "too_deep",
        Conflict::Accepted => "already_accepted",
        Conflict::NoAddress => "no_address",
        Conflict::LastFactor => "last_second_factor",
        Conflict::NoFactor => "no_second_factor",
        Conflict::Full(_) | Conflict::NotEmpty | Conflict::BuiltIn => "conflict",
    }
}

fn of_fields(status: StatusCode, errors: &[FieldError]) -> Response {
    let sentences = errors.iter().map(|error| (field_name(error.field).to_owned(), sentence(error)));
    answer::with_status(status, &Fields::of(sentences))
}

fn sentence(error: &FieldError) -> String {
    match &error.problem {
        Problem::Required => WireProblem::Required.sentence(),
        // Permissions are named by their codename, all else by its key in a table.
        Problem::DoesNotExist(named) if matches!(error.field, Field::Permission | Field::Permissions) => {
            format!("Object with codename={named} does not exist.")
        }
        Problem::DoesNotExist(named) => format!("Invalid pk \"{named}\" - object does not exist."),
        Problem::Taken if error.field == Field::Email => "A user has this e-mail address already.".to_owned(),
        Problem::Taken => "This is taken already: choose another.".to_owned(),
        Problem::Refused(refusal) => refusal.to_string(),
    }
}

fn of_wire(errors: &[WireError]) -> Response {
    // A body that is no object has no field to tell it by.
    let whole = |error: &&WireError| error.field.is_empty() && matches!(error.problem, WireProblem::WrongType { .. });
    if let Some(error) = errors.iter().find(whole) {
        return detail(StatusCode::BAD_REQUEST, "parse_error", &error.sentence());
    }
    let sentences = errors.iter().map(|error| (error.field.clone(), error.sentence()));
    answer::with_status(StatusCode::BAD_REQUEST, &Fields::of(sentences))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_told_in_whole_seconds_and_never_too_short() {
        let seconds = |millis| whole_seconds(Duration::from_millis(millis));
        assert_eq!([seconds(0), seconds(1), seconds(1000), seconds(1001)], [1, 1, 1, 2]);
    }
}
