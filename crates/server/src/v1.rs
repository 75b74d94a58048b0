//! The first API, `/api/v1`: creating or modifying a user of an environment in one call, and what an application needs
//! around that. A handler converts in, asks the directory, converts out; no rule stands here, and nothing of the other
//! ways in.

mod auth;
mod describe;
mod environment;
mod error;
mod groups;
mod me;
mod menus;
mod sessions;
mod users;
mod wire;

use crate::app::App;
use crate::openapi::routes;
use axum::Router;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use error::Refusal;

pub(crate) use describe::DIALECT;

routes! {
    "/api/v1":
    "/login" => post sessions::login;
    "/login/passkey" => post sessions::ask_for_passkey;
    "/logout" => post sessions::logout;
    "/users" => get users::list, post users::upsert;
    "/users/{id}" => get users::get;
    "/menus" => get menus::list;
    "/groups" => get groups::list;
    "/me" => get me::get;
}

/// The routes, with the answer to methods that they do not have.
pub(crate) fn routes() -> Router<App> {
    table().method_not_allowed_fallback(method_not_allowed)
}

/// The answer to a defect of ours.
pub(crate) fn internal_error() -> Response {
    Refusal::internal().into_response()
}

/// The answer to an address that nothing stands at.
pub(crate) fn not_found() -> Response {
    Refusal::no_such_path().into_response()
}

/// The router adds `Allow`, as it alone knows the methods.
async fn method_not_allowed(method: Method) -> Refusal {
    Refusal::method(&method)
}
