//! `/api/v2/user`: users of the environment. What a body or a query may hold stands in the files below.

mod body;
mod list;

pub(super) use list::list;

pub(super) use body::UserFields;

use super::answer;
use super::auth::{Caller, Named, Sent};
use super::error::Error;
use super::wire::UserAnswer;
use crate::app::App;
use axum::extract::State;
use axum::response::Response;
use directory::users;

/// `POST /user`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let new = body::read_new(&sent.body)?;
    let user = app.directory.create_user_with_password(sent.caller, new).await?;
    Ok(answer::created(&app, "user", user.account.id, &UserAnswer::from(&user)))
}

/// `GET /user/<id>`.
pub(super) async fn get(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    let user = app.directory.read(caller, move |tx, actor| users::get(tx, actor, named.user())).await?;
    Ok(answer::ok(&UserAnswer::from(&user)))
}

/// `PATCH /user/<id>`.
pub(super) async fn update(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let changes = UserFields::read(&sent.body)?.into();
    let user = app.directory.update_user(sent.caller, named.user(), changes).await?;
    Ok(answer::ok(&UserAnswer::from(&user)))
}

/// `PUT /user/<id>`.
pub(super) async fn replace(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let changes = body::read_whole(&sent.body)?;
    let user = app.directory.update_user(sent.caller, named.user(), changes).await?;
    Ok(answer::ok(&UserAnswer::from(&user)))
}

/// `DELETE /user/<id>`.
pub(super) async fn delete(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| users::remove(tx, actor, named.user())).await?;
    Ok(answer::nothing())
}
