//! `/api/v1/menus`: the menus of an environment, with their items. They are made and changed elsewhere.

use super::auth::Heard;
use super::environment::Here;
use super::error::Refusal;
use super::wire::{self, Menu};
use crate::app::App;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::menus;

/// `GET /api/v1/menus`
pub(super) async fn list(
    State(app): State<App>,
    Heard(caller): Heard,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let caller = Here::enter(&app, &caller, query).await?;
    let menus = app.directory.report(caller, menus::list).await?;
    Ok(wire::json(StatusCode::OK, &menus.iter().map(Menu::from).collect::<Vec<_>>()))
}
