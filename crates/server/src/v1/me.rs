//! `/api/v1/me`: the caller itself, with the menus that an application shows to it.

use super::auth::Heard;
use super::environment::Here;
use super::error::Refusal;
use super::wire::{self, Menu, User};
use crate::app::App;
use crate::openapi::Schemas;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::users;
use serde::Serialize;
use serde_json::Value;

/// The caller.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    #[serde(flatten)]
    user: User,
    menus_to_show: Vec<Menu>,
}

/// The schema of the caller: that of a user, and one key more.
pub(super) fn schema(schemas: &mut Schemas) -> Value {
    schemas.named("Me", |schemas| {
        schemas.answer::<User>();
        let mut schema = Schemas::inline::<User>();
        schema["properties"]["menusToShow"] = schemas.list::<Menu>();
        schema["required"].as_array_mut().into_iter().for_each(|required| required.push("menusToShow".into()));
        schema
    })
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
