//! `/api/v2/user/me`: the caller itself, its menus and its environments.

use super::answer;
use super::auth::{Caller, Conditions, Named, Sent};
use super::error::Error;
use super::users::{UserFields, tag};
use super::wire::{MenuAnswer, OwnEnvironmentAnswer, UserAnswer, each};
use crate::app::App;
use axum::extract::State;
use axum::response::Response;
use directory::{environments, users};

/// `GET /user/me`.
pub(super) async fn get(
    State(app): State<App>,
    conditions: Conditions,
    Caller(caller): Caller,
) -> Result<Response, Error> {
    let user = app.directory.read(caller, users::get_own).await?;
    Ok(answer::tagged(&conditions, &UserAnswer::from(&user)))
}

/// `PATCH /user/me`.
pub(super) async fn update(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let changes = UserFields::read(&sent.body)?.into();
    let user = app.directory.update_own_user(sent.caller, changes, sent.conditions.when(tag)).await?;
    Ok(answer::tagged(&sent.conditions, &UserAnswer::from(&user)))
}

/// `GET /user/me/menus`.
pub(super) async fn menus(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let menus = app.directory.report(caller, users::own_menus).await?;
    Ok(answer::ok(&each::<_, MenuAnswer<'_>>(&menus)))
}

/// `GET /user/me/environments`.
pub(super) async fn environments(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let own = app.directory.read(caller, environments::own).await?;
    Ok(answer::ok(&each::<_, OwnEnvironmentAnswer<'_>>(&own)))
}

/// `POST /user/me/environments/<key>/accept`.
pub(super) async fn accept_environment(
    State(app): State<App>,
    named: Named,
    Caller(caller): Caller,
) -> Result<Response, Error> {
    app.directory.accept_environment(caller, named.environment()).await?;
    Ok(answer::nothing())
}
