//! `/api/v1/login` and `/api/v1/logout`. A login gives one token that lasts; in which environment it acts, each later call
//! says itself.

use super::auth::{CallOrigin, Heard};
use super::error::Refusal;
use super::wire::{self, Success};
use crate::app::App;
use crate::body::{PasskeyFields, WireError, WireProblem, body, public_key};
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
use directory::second_factors::{Code, Shown};
use directory::secret::Password;
use directory::sessions::{Shows, SignIn};
use serde::Serialize;
use std::sync::Arc;

body! {
    /// The body of a login.
    pub(super) struct Login {
        user: Optional<String>,
        username: Optional<String>,
        email: Optional<String>,
        password: Optional<Password>,
        /// A second factor: six digits of an app, or a recovery code. The header X-2fa-code says the same.
        code: Optional<Code>,
        /// A passkey's answer to a challenge, instead of name and password.
        passkey: Optional<PasskeyFields>,
    }
}

/// The header that may hold the code of a second factor.
pub(super) const CODE: &str = "x-2fa-code";

/// What a browser is to be asked.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::Ceremony)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ceremony {
    /// To be sent back with the browser's answer, within five minutes.
    challenge: String,
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    public_key: serde_json::Value,
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
    let shows = shows(&app, &parse(kind, &bytes)?, &headers)?;
    Nothing::read(parameters.as_deref()).map_err(Refusal::fields)?;
    let request = SignIn { shows, environment: None, pair: false, origin, device: device(&headers) };
    let signed_in = match app.directory.sign_in(request).await {
        Ok(Ok(signed_in)) => signed_in,
        Ok(Err(pending)) => return Err(Error::StepRequired(pending.step).into()),
        Err(Error::Unauthenticated) => return Err(Refusal::login()),
        Err(other) => return Err(other.into()),
    };
    let given = LoggedIn { user_id: signed_in.account.id.to_string(), auth_token: signed_in.tokens.access.expose() };
    Ok(wire::json(StatusCode::OK, &Success::of(given)))
}

/// `POST /api/v1/login/passkey`
pub(super) async fn ask_for_passkey(
    State(app): State<App>,
    RawQuery(parameters): RawQuery,
) -> Result<Response, Refusal> {
    Nothing::read(parameters.as_deref()).map_err(Refusal::fields)?;
    let party = app.party.clone().ok_or_else(Refusal::no_passkeys)?;
    let asked = app.directory.ask_for_passkey(None, party).await?;
    let public_key = public_key(&asked.options);
    Ok(wire::json(StatusCode::OK, &Success::of(Ceremony { challenge: asked.challenge, public_key })))
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

/// What a login shows: a passkey, or a name and the password. Exactly one name must be given: of two, one would be ignored.
fn shows(app: &App, json: &Json, headers: &HeaderMap) -> Result<Shows, Refusal> {
    let refused = |field: &str, sentence: &str| WireError::of(field, WireProblem::Refused(sentence.to_owned()));
    let given: Vec<&str> = NAMES.into_iter().filter(|name| json.get(name).is_some()).collect();
    let mut errors = Vec::new();
    let read = Login::read(json).map_err(|wrong| errors.extend(wrong)).ok();
    let alone = matches!(&read, Some(Login { passkey: Some(_), .. }));
    match (json, given.as_slice()) {
        (Json::Object(_), []) if !alone => errors.insert(0, WireError::of(NAMES[0], WireProblem::Required)),
        (_, [_, more @ ..]) => {
            errors.extend(more.iter().map(|name| refused(name, "Give only one of user, username and email.")))
        }
        _ => {}
    }
    let header = match headers.get(CODE).map(|value| value.to_str().map(Code::parse)) {
        None => None,
        Some(Ok(Ok(code))) => Some(code),
        Some(Ok(Err(_)) | Err(_)) => {
            errors.push(refused("code", "The header X-2fa-code holds no code."));
            None
        }
    };
    if read.as_ref().is_some_and(|login| login.password.is_none() && !alone) {
        errors.push(WireError::of("password", WireProblem::Required));
    }
    if alone
        && (!given.is_empty() || read.as_ref().is_some_and(|login| login.password.is_some() || login.code.is_some()))
    {
        errors.push(refused("passkey", "A passkey signs in by itself: leave the others out."));
    }
    match read.filter(|_| errors.is_empty()) {
        Some(Login { passkey: Some(passkey), .. }) => {
            Ok(Shows::Passkey(app.party.clone().ok_or_else(Refusal::no_passkeys)?, Arc::new(passkey.into())))
        }
        Some(Login { user, username, email, password: Some(password), code, .. }) => Ok(Shows::Password {
            login: user.or(username).or(email).unwrap_or_default(),
            password,
            factor: code.or(header).map(Shown::Code),
        }),
        _ => Err(Refusal::fields(errors)),
    }
}
