//! `/api/v1/me`: the caller itself, with the menus that an application shows to it.

use super::auth::Heard;
use super::environment::Here;
use super::error::Refusal;
use super::wire::{self, Menu, User};
use crate::app::App;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::users;
use serde::Serialize;

/// The caller.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    #[serde(flatten)]
    user: User,
    menus_to_show: Vec<Menu>,
}

/// `GET /api/v1/me`
pub(super) async fn get(
    State(app): State<App>,
    Heard(caller): Heard,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let caller = Here::enter(&app, &caller, query).await?;
    let (user, menus) =
        app.directory.read(caller, |tx, actor| Ok((users::get_own(tx, actor)?, users::own_menus(tx, actor)?))).await?;
    let me = Me { user: User::from(&user), menus_to_show: menus.iter().map(Menu::from).collect() };
    Ok(wire::json(StatusCode::OK, &me))
}
