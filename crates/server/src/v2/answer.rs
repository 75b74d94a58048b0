//! Answers: a status and JSON. Knows nothing of what the JSON says.

use super::error;
use crate::app::App;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::fmt::Display;

/// This status with this body.
pub(super) fn with_status(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(json) => (status, [(CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            error::internal()
        }
    }
}

/// 200.
pub(super) fn ok(body: &impl Serialize) -> Response {
    with_status(StatusCode::OK, body)
}

/// 201, with where the new thing stands: `noun` and `id` are the end of its address.
pub(super) fn created(app: &App, noun: &str, id: impl Display, body: &impl Serialize) -> Response {
    let mut response = with_status(StatusCode::CREATED, body);
    if let Ok(address) = HeaderValue::try_from(format!("{}/api/v2/{noun}/{id}", app.public_url)) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

/// 204.
pub(super) fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// The same answer, to be kept by nobody on its way: it shows a secret.
pub(super) fn unstored(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
