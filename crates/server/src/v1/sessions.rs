//! `/api/v1/login` and `/api/v1/logout`. A login gives one token that lasts; in which environment it acts, each later call
//! says itself.

use super::auth::{CallOrigin, Heard};
use super::error::Refusal;
use super::wire::{self, Success};
use crate::app::App;
use crate::body::{WireError, WireProblem, body};
use crate::http::body_bytes::{self, MAX_BODY};
use crate::http::media_type::MediaType;
use crate::http::origin::device;
use crate::json::Json;
use crate::query::{self, query};
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use directory::Error;
use directory::secret::Password;
use directory::sessions::SignIn;
use serde::Serialize;

body! {
    /// The body of a login. `code` is for accounts with a second factor; none can be enrolled yet, so there is nothing to
    /// compare it with.
    pub(super) struct Login {
        user: Optional<String>,
        username: Optional<String>,
        email: Optional<String>,
        password: Required<Password>,
    }
    ignored: code;
}

query! {
    /// The query of both calls: none.
    struct Nothing {}
}

/// The three names of the one field that says who; all mean the same.
const NAMES: [&str; 3] = ["user", "username", "email"];

/// What a login gives.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::LoggedIn)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoggedIn {
    user_id: String,
    auth_token: String,
}

/// What a logout says.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::Goodbye)]
pub(super) struct Goodbye {
    message: &'static str,
}

/// `POST /api/v1/login`
pub(super) async fn login(
    State(app): State<App>,
    CallOrigin(origin): CallOrigin,
    RawQuery(parameters): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let kind = MediaType::of(&headers);
    if !matches!(kind, MediaType::Json | MediaType::Form) {
        return Err(Refusal::media_type("application/json or application/x-www-form-urlencoded"));
    }
    let bytes = body_bytes::read(body, MAX_BODY).await?;
    let (login, password) = credentials(&parse(kind, &bytes)?)?;
    Nothing::read(parameters.as_deref()).map_err(Refusal::fields)?;
    let request = SignIn { login, password, environment: None, pair: false, origin, device: device(&headers) };
    let signed_in = match app.directory.sign_in(request).await {
        Ok(Ok(signed_in)) => signed_in,
        Ok(Err(pending)) => return Err(Error::StepRequired(pending.step).into()),
        Err(Error::Unauthenticated) => return Err(Refusal::login()),
        Err(other) => return Err(other.into()),
    };
    let given = LoggedIn { user_id: signed_in.account.id.to_string(), auth_token: signed_in.tokens.access.expose() };
    Ok(wire::json(StatusCode::OK, &Success::of(given)))
}

/// `POST /api/v1/logout`
pub(super) async fn logout(
    State(app): State<App>,
    Heard(caller): Heard,
    RawQuery(parameters): RawQuery,
) -> Result<Response, Refusal> {
    app.directory.identify(caller.clone()).await?;
    Nothing::read(parameters.as_deref()).map_err(Refusal::fields)?;
    app.directory.sign_out(caller).await?;
    Ok(wire::json(StatusCode::OK, &Success::of(Goodbye { message: "You've been logged out!" })))
}

fn parse(kind: MediaType, bytes: &[u8]) -> Result<Json, Refusal> {
    if kind == MediaType::Json {
        return Json::parse(bytes).map_err(|error| Refusal::unreadable(error.sentence()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::unreadable("The body is not UTF-8."))?;
    query::parse(text).map_err(Refusal::fields)
}

/// Who, and the password. Exactly one name must be given: of two, one would be ignored.
fn credentials(json: &Json) -> Result<(String, Password), Refusal> {
    let given: Vec<&str> = NAMES.into_iter().filter(|name| json.get(name).is_some()).collect();
    let mut errors = match (json, given.as_slice()) {
        (Json::Object(_), []) => vec![WireError::of(NAMES[0], WireProblem::Required)],
        (_, [] | [_]) => Vec::new(),
        (_, [_, more @ ..]) => {
            let sentence = "Give only one of user, username and email.";
            more.iter().map(|name| WireError::of(name, WireProblem::Refused(sentence.to_owned()))).collect()
        }
    };
    match Login::read(json) {
        Ok(Login { user, username, email, password }) if errors.is_empty() => {
            Ok((user.or(username).or(email).unwrap_or_default(), password))
        }
        Ok(_) => Err(Refusal::fields(errors)),
        Err(wrong) => {
            errors.extend(wrong);
            Err(Refusal::fields(errors))
        }
    }
}
