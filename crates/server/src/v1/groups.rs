//! `/api/v1/groups`: the groups of an environment, as a list to choose from. They are made and changed elsewhere.

use super::auth::Heard;
use super::environment::Here;
use super::error::Refusal;
use super::wire::{self, Group};
use crate::app::App;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::groups;

/// `GET /api/v1/groups`
pub(super) async fn list(
    State(app): State<App>,
    Heard(caller): Heard,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let caller = Here::enter(&app, &caller, query).await?;
    let groups = app.directory.report(caller, groups::list).await?;
    Ok(wire::json(StatusCode::OK, &groups.iter().map(Group::from).collect::<Vec<_>>()))
}
