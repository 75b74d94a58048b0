//! v2: being written.
use crate::app::App;
use axum::Router;
use axum::response::{IntoResponse, Response};

pub(crate) fn routes() -> Router<App> {
    Router::new()
}

pub(crate) fn internal_error() -> Response {
    ().into_response()
}

pub(crate) async fn not_found() -> Response {
    ().into_response()
}
