//! Answers: a status and JSON. Knows nothing of what the JSON says.

use super::auth::Conditions;
use super::error;
use crate::app::App;
use crate::http::conditions;
use crate::http::request_id::with_trouble;
use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::fmt::Display;

/// This status with this body.
pub(super) fn with_status(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(json) => (status, [(CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => unwritable(&error),
    }
}

fn unwritable(error: &serde_json::Error) -> Response {
    with_trouble(error::internal(), format!("an answer could not be written as JSON: {error}"))
}

/// 200.
pub(super) fn ok(body: &impl Serialize) -> Response {
    with_status(StatusCode::OK, body)
}

/// 200, with a tag by which a later change can be made conditional; 304 for whoever has it already.
pub(super) fn tagged(asked: &Conditions, body: &impl Serialize) -> Response {
    let json = match serde_json::to_vec(body) {
        Ok(json) => json,
        Err(error) => return unwritable(&error),
    };
    let tag = conditions::tag(&json);
    let known = asked.none_match.as_ref().is_some_and(|tags| tags.match_weakly(&tag));
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => (StatusCode::OK, [(CONTENT_TYPE, "application/json")], json).into_response(),
    };
    with_tag(&mut response, &tag);
    response
}

fn with_tag(response: &mut Response, tag: &str) {
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
}

/// The tag that [`tagged`] would give this.
pub(super) fn tag(body: &impl Serialize) -> Option<String> {
    serde_json::to_vec(body).ok().map(|json| conditions::tag(&json))
}

/// What a 201 says, as bytes: made in the transaction that makes the thing, so that a repeated call can get the same.
pub(super) fn kept(id: impl Display, body: &impl Serialize) -> Vec<u8> {
    let mut kept = format!("{id}\n").into_bytes();
    kept.extend(serde_json::to_vec(body).unwrap_or_default());
    kept
}

/// 201, with where the new thing stands: `noun` is its kind in the address. `tagged`: its kind has tags.
pub(super) fn created(app: &App, noun: &str, kept: &[u8], tagged: bool) -> Response {
    let Some(end) = kept.iter().position(|byte| *byte == b'\n') else { return error::internal() };
    let (id, json) = (String::from_utf8_lossy(&kept[..end]), kept[end + 1..].to_vec());
    let tag = conditions::tag(&json);
    let mut response = (StatusCode::CREATED, [(CONTENT_TYPE, "application/json")], json).into_response();
    if let Ok(address) = HeaderValue::try_from(format!("{}/api/v2/{noun}/{id}", app.public_url)) {
        response.headers_mut().insert(LOCATION, address);
    }
    if tagged {
        with_tag(&mut response, &tag);
    }
    response
}

/// 204.
pub(super) fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
