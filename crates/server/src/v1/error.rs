//! What a refusal looks like here: `{"status":"error","error":code,"message":sentence}`, and for wrong fields `errors`, by
//! the names that they have in this API. Says nothing internal: that goes to the log.

use super::wire;
use crate::body::{MOST_ERRORS, WireError};
use crate::http::body_bytes::BodyError;
use crate::http::request_id::with_trouble;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use directory::Error;
use directory::error::{Field, FieldError, Noun, Problem, Step};
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Duration;

/// As much of an unknown name as an answer repeats, in characters; no name that exists is longer.
const MOST_REPEATED: usize = 200;

/// An answer that is no success.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    fields: Option<Vec<WrongField>>,
    retry_after: Option<u64>,
    /// Why it was our fault, for the log alone.
    trouble: Option<String>,
}

/// A field, and what is wrong with it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = v1::WrongField)]
struct WrongField {
    field: String,
    message: String,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::Refusal)]
pub(super) struct Body<'a> {
    status: &'static str,
    error: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a [WrongField]>,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Refusal { status, code, message, fields, retry_after, trouble } = self;
        let body = Body { status: "error", error: code, message: &message, errors: fields.as_deref() };
        let mut response = wire::json(status, &body);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        match trouble {
            Some(reason) => with_trouble(response, reason),
            None => response,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::spelled(error, |error| vec![key(error.field)])
    }
}

impl Refusal {
    /// Of the directory, where a body has its own keys for what the directory names: all that held what is wrong.
    pub(super) fn spelled(error: Error, keys: impl Fn(&FieldError) -> Vec<&'static str>) -> Refusal {
        match error {
            Error::Unauthenticated => {
                let message = "You are not signed in: send X-Auth-Token and X-User-Id as the login gave them.";
                Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
            }
            Error::FactorRefused => {
                let message =
                    "That second factor is wrong, was used, or is too old: send the login again with another.";
                Refusal::new(StatusCode::UNAUTHORIZED, "totp_required", message)
            }
            Error::Forbidden(denial) => Refusal::new(StatusCode::FORBIDDEN, "forbidden", denial),
            Error::StepRequired(step) => Refusal::step(step),
            Error::NotFound(noun) => {
                let message = format!("There is no such {}.", word(noun));
                Refusal::new(StatusCode::NOT_FOUND, "not_found", message)
            }
            Error::Invalid(errors) => Refusal::wrong(wrong_fields(&errors, keys)),
            Error::Taken(errors) => {
                let fields = wrong_fields(&errors, keys);
                let refusal = Refusal::new(StatusCode::CONFLICT, "conflict", summary(&fields));
                Refusal { fields: Some(fields), ..refusal }
            }
            Error::Changed | Error::KeyReused | Error::InProgress => {
                Refusal::new(StatusCode::CONFLICT, "conflict", "It has changed meanwhile: read it again.")
            }
            Error::Conflict(conflict) => Refusal::new(StatusCode::CONFLICT, "conflict", conflict),
            Error::TooMany { retry_after, reason } => {
                let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", reason);
                Refusal { retry_after: Some(whole_seconds(retry_after)), ..refusal }
            }
            Error::Unavailable(what) => {
                let message = "This cannot be served at present, and nothing was changed: try again.";
                let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
                Refusal { retry_after: Some(1), trouble: Some(what), ..refusal }
            }
            Error::Internal(what) => Refusal::troubled(what),
        }
    }

    /// Of a body or a query that could not be read.
    pub(super) fn fields(errors: Vec<WireError>) -> Refusal {
        // What is wrong with the body as a whole has no field to stand under.
        if let Some(whole) = errors.iter().find(|error| error.field.is_empty()) {
            return Refusal { message: whole.sentence(), ..Refusal::wrong(Vec::new()) };
        }
        let named = |error: WireError| WrongField { message: error.sentence(), field: error.field };
        Refusal::wrong(errors.into_iter().map(named).collect())
    }

    /// Of one field.
    pub(super) fn field(name: &str, message: &str) -> Refusal {
        Refusal::wrong(vec![WrongField { field: name.to_owned(), message: message.to_owned() }])
    }

    /// Of a body that is not what it says that it is.
    pub(super) fn unreadable(sentence: &str) -> Refusal {
        Refusal { message: sentence.to_owned(), ..Refusal::wrong(Vec::new()) }
    }

    /// Of a media type.
    pub(super) fn media_type(expected: &str) -> Refusal {
        let message = format!("Send the body as {expected}, and say so in Content-Type.");
        Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    }

    /// Of a login: one answer for an unknown name, a wrong password, and an account that may not sign in.
    pub(super) fn login() -> Refusal {
        let message = "The name or the password is wrong, or this account may not sign in.";
        Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    /// Of a path that leads nowhere.
    pub(super) fn no_such_path() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this path.")
    }

    /// Of a method that a path does not have.
    pub(super) fn method(method: &Method) -> Refusal {
        let message = format!("This path has no method {method}: the header Allow says which it has.");
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    /// A defect of ours.
    pub(super) fn internal() -> Refusal {
        let message = "Something went wrong here: it is logged under this answer's X-Request-Id.";
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    }

    /// Of a defect, with what the log is to say of it.
    pub(super) fn troubled(reason: String) -> Refusal {
        Refusal { trouble: Some(reason), ..Refusal::internal() }
    }

    /// The public URL is fit for no passkey.
    pub(super) fn no_passkeys() -> Refusal {
        let message = "Passkeys need the server to be reached by https at a host name: see --public-url.";
        Refusal::new(StatusCode::CONFLICT, "conflict", message)
    }

    fn new(status: StatusCode, code: &'static str, message: impl std::fmt::Display) -> Refusal {
        Refusal { status, code, message: message.to_string(), fields: None, retry_after: None, trouble: None }
    }

    fn wrong(fields: Vec<WrongField>) -> Refusal {
        let refusal = Refusal::new(StatusCode::BAD_REQUEST, "validation_error", summary(&fields));
        Refusal { fields: Some(fields), ..refusal }
    }

    fn step(step: Step) -> Refusal {
        let forbidden = |message: &str| Refusal::new(StatusCode::FORBIDDEN, "forbidden", message);
        match step {
            Step::SecondFactor => {
                let message = "A second factor is needed: send the login again with its code.";
                Refusal::new(StatusCode::UNAUTHORIZED, "totp_required", message)
            }
            Step::PasswordChange => {
                let message = "A new password must be chosen first: sign in at /api/v2/user/login and send it with that \
                               token to PATCH /api/v2/user/me.";
                Refusal::new(StatusCode::FORBIDDEN, "password_change_required", message)
            }
            Step::SecondFactorEnrolment => forbidden(
                "A second factor is demanded of you and none is enrolled: enrol one with the token that \
                 /api/v2/user/login gives, or ask an administrator to lift the demand.",
            ),
            Step::MailedLink => forbidden("Only the link that was mailed to this address does this."),
            Step::StepUp => forbidden(
                "This session was opened without the second factor: sign in again with its code, or show it at \
                 /api/v2/session/second-factor.",
            ),
            Step::Proof => forbidden("Show your password again first: POST /api/v2/session/prove."),
        }
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Refusal {
        match error {
            BodyError::TooLarge => {
                Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "A body may have at most 1 MiB.")
            }
            BodyError::TooSlow => Refusal::unreadable("The body did not arrive in time."),
            BodyError::Broken => Refusal::unreadable("The body did not arrive whole."),
        }
    }
}

/// Each wrong field once for each key that it came by; as many as one answer tells.
fn wrong_fields(errors: &[FieldError], keys: impl Fn(&FieldError) -> Vec<&'static str>) -> Vec<WrongField> {
    // A name that is wrong ten thousand times is told, and looked for among the keys, once.
    let mut told = BTreeSet::new();
    let mut fields = Vec::new();
    for error in errors {
        let message = sentence(error);
        if fields.len() >= MOST_ERRORS || !told.insert((error.field, message.clone())) {
            continue;
        }
        let named = |key: &str| WrongField { field: key.to_owned(), message: message.clone() };
        fields.extend(keys(error).into_iter().map(named));
    }
    fields
}

fn sentence(error: &FieldError) -> String {
    match &error.problem {
        Problem::Required => "This field is required.".to_owned(),
        Problem::DoesNotExist(name) => {
            let thing = match error.field {
                Field::Groups | Field::GroupNames => "group",
                Field::Menus | Field::MenuNames => "menu",
                _ => "thing",
            };
            let rest = if name.chars().nth(MOST_REPEATED).is_some() { "…" } else { "" };
            format!("There is no {thing} \"{}{rest}\" here.", name.chars().take(MOST_REPEATED).collect::<String>())
        }
        Problem::Taken => "This is taken already.".to_owned(),
        Problem::Refused(refusal) => refusal.to_string(),
    }
}

/// What is wrong, in one line: whole for one field, the names for more.
fn summary(fields: &[WrongField]) -> String {
    if let [only] = fields {
        return format!("{}: {}", only.field, only.message);
    }
    let mut names: Vec<&str> = fields.iter().map(|wrong| wrong.field.as_str()).collect();
    names.dedup();
    format!("What these hold is not right: {}.", names.join(", "))
}

fn whole_seconds(span: Duration) -> u64 {
    (span.as_secs() + u64::from(span.subsec_nanos() > 0)).max(1)
}

fn word(noun: Noun) -> &'static str {
    match noun {
        Noun::User => "user",
        Noun::Group => "group",
        Noun::Permission => "permission",
        Noun::Menu => "menu",
        Noun::Environment => "environment",
        Noun::Session => "session",
        Noun::Token => "token",
        Noun::Invitation => "invitation",
        Noun::ServiceAccount => "service account",
        Noun::Link => "link",
        Noun::Webhook => "webhook",
        Noun::Delivery => "delivery",
        Noun::SecondFactor => "second factor",
    }
}

/// A field's name in this API. A username is no field of it: a new user's is the address.
pub(super) fn key(field: Field) -> &'static str {
    match field {
        Field::Email | Field::Username => "globalEmailAddress",
        Field::Password => "password",
        Field::CurrentPassword => "currentPassword",
        Field::Name => "name",
        Field::FirstName => "firstName",
        Field::LastName => "lastName",
        Field::Phone => "phone",
        Field::Language => "language",
        Field::Locale => "locale",
        Field::Administrator => "administrator",
        Field::Active => "active",
        Field::Mfa => "mfa",
        Field::ResetPassword => "resetPassword",
        Field::ResetSecondFactor => "resetSecondFactor",
        Field::ExternalId => "externalId",
        Field::Groups => "memberGroupIds",
        Field::GroupNames => "memberGroupNames",
        Field::Menus => "menuIds",
        Field::MenuNames => "menuNames",
        Field::Permissions => "permissions",
        Field::Permission => "permission",
        Field::User => "user",
        Field::Contains => "contains",
        Field::Label => "label",
        Field::Items => "items",
        Field::Codename => "codename",
        Field::Key => "key",
        Field::Code => "code",
        Field::Organisation => "organisation",
        Field::Environment => "_environmentId",
        Field::Token => "token",
        Field::Cursor => "cursor",
        Field::Confirm => "confirm",
        Field::Url => "url",
        Field::EventTypes => "eventTypes",
        Field::ExpiresAt => "expiresAt",
        Field::At => "at",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use directory::error::Bound;

    async fn seen(error: Error) -> (u16, Option<String>, serde_json::Value) {
        let response = Refusal::from(error).into_response();
        let after = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, after, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn nothing_internal_is_said() {
        let text = || "disk I/O error at /var/lib/rolebook.db".to_owned();
        for (error, status, code, retry) in [
            (Error::Internal(text()), 500, "internal_error", None),
            (Error::Unavailable(text()), 503, "unavailable", Some("1")),
        ] {
            let (seen_status, after, body) = seen(error).await;
            assert_eq!((seen_status, after.as_deref(), &body["error"]), (status, retry, &code.into()));
            assert!(!body.to_string().contains("disk") && body.get("errors").is_none(), "{body}");
        }
    }

    #[tokio::test]
    async fn waiting_is_told_in_whole_seconds_and_never_none() {
        for (millis, seconds) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2")] {
            let error = Error::TooMany { retry_after: Duration::from_millis(millis), reason: Bound::Invitations };
            let (status, after, body) = seen(error).await;
            assert_eq!(
                (status, after.as_deref(), &body["message"]),
                (429, Some(seconds), &Bound::Invitations.to_string().into())
            );
        }
    }

    #[tokio::test]
    async fn steps_have_their_codes() {
        for (step, status, code) in [
            (Step::SecondFactor, 401, "totp_required"),
            (Step::PasswordChange, 403, "password_change_required"),
            (Step::SecondFactorEnrolment, 403, "forbidden"),
            (Step::MailedLink, 403, "forbidden"),
            (Step::Proof, 403, "forbidden"),
            (Step::StepUp, 403, "forbidden"),
        ] {
            let (seen_status, _, body) = seen(Error::StepRequired(step)).await;
            assert_eq!((seen_status, &body["error"]), (status, &code.into()));
        }
    }

    #[tokio::test]
    async fn what_is_taken_is_a_conflict_that_names_its_field() {
        let (status, _, body) = seen(Error::taken(Field::Email)).await;
        let wrong = serde_json::json!([{"field": "globalEmailAddress", "message": "This is taken already."}]);
        assert_eq!((status, &body["error"], &body["errors"]), (409, &"conflict".into(), &wrong));
    }
}
