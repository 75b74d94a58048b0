//! v2: users, groups and all that belongs to them as resources, under `/api/v2`. Each handler converts what it heard into
//! the directory's words, asks, and converts the answer back. Knows no rule, and nothing of the other APIs.

mod answer;
mod auth;
mod environments;
mod error;
mod groups;
mod invitations;
mod me;
mod menus;
mod permissions;
mod sessions;
mod users;
mod wire;

use crate::app::App;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use error::Error;

/// The routes of this API, relative to where it is mounted.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/user/login", post(sessions::login))
        .route("/user/logout", post(sessions::logout))
        .route("/token/refresh", post(sessions::refresh))
        .route("/user/me", get(me::get).patch(me::update))
        .route("/user/me/menus", get(me::menus))
        .route("/user/me/environments", get(me::environments))
        .route("/user/me/environments/{key}/accept", post(me::accept_environment))
        .route("/invitation/accept", post(invitations::accept))
        .route("/user", get(users::list).post(users::create))
        .route("/user/{id}", get(users::get).patch(users::update).put(users::replace).delete(users::delete))
        .route("/group", get(groups::list).post(groups::create))
        .route("/group/{id}", get(groups::get).patch(groups::update).delete(groups::delete))
        .route("/permission", get(permissions::list).post(permissions::create))
        .route("/permission/{id}", get(permissions::get).patch(permissions::update).delete(permissions::delete))
        .route("/menu", get(menus::list).post(menus::create))
        .route("/menu/{id}", get(menus::get).patch(menus::update).delete(menus::delete))
        .route("/environment", get(environments::list).post(environments::create))
        .route("/environment/{key}", get(environments::get).patch(environments::update).delete(environments::delete))
        .fallback(not_found)
        // After the routes: it changes those that are there.
        .method_not_allowed_fallback(method_not_allowed)
}

/// The answer to an address that nothing stands at.
pub(crate) async fn not_found() -> Response {
    Error::NoRoute.into_response()
}

async fn method_not_allowed() -> Response {
    Error::NoMethod.into_response()
}

/// The answer to a defect of ours.
pub(crate) fn internal_error() -> Response {
    // What happened is in the log already: whoever caught it wrote it there.
    error::internal()
}
