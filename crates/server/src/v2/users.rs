//! `/api/v2/user`: users of the environment. What a body or a query may hold stands in the files below.

mod body;
mod list;

pub(super) use list::list;

pub(super) use body::{UserFields, new_schema, whole_schema};
pub(super) use list::{ListUsers, PageAnswer};

use super::answer;
use super::auth::{Caller, CallerAt, Conditions, Named, Sent};
use super::error::Error;
use super::wire::UserAnswer;
use crate::app::App;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::store::Tx;
use directory::users::{self, User};

/// `POST /user`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let new = body::read_new(&sent.body)?;
    let render = |user: &User| answer::kept(user.account.id, &UserAnswer::from(user));
    let kept = app.directory.create_user_once(sent.caller, new, sent.repeatable, render).await?;
    Ok(answer::created(&app, "user", &kept, true))
}

/// `GET /user/<id>`.
pub(super) async fn get(
    State(app): State<App>,
    named: Named,
    conditions: Conditions,
    CallerAt { caller, at }: CallerAt,
) -> Result<Response, Error> {
    let get = move |tx: &mut Tx<'_>, actor: &Actor| match at {
        None => users::get(tx, actor, named.user()),
        Some(at) => users::get_at(tx, actor, named.user(), at),
    };
    let user = app.directory.read(caller, get).await?;
    Ok(answer::tagged(&conditions, &UserAnswer::from(&user)))
}

/// `PATCH /user/<id>`.
pub(super) async fn update(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let changes = UserFields::read(&sent.body)?.into();
    let user = app.directory.update_user(sent.caller, named.user(), changes, sent.conditions.when(tag)).await?;
    Ok(answer::tagged(&sent.conditions, &UserAnswer::from(&user)))
}

/// `PUT /user/<id>`.
pub(super) async fn replace(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let changes = body::read_whole(&sent.body)?;
    let user = app.directory.update_user(sent.caller, named.user(), changes, sent.conditions.when(tag)).await?;
    Ok(answer::tagged(&sent.conditions, &UserAnswer::from(&user)))
}

/// `DELETE /user/<id>`.
pub(super) async fn delete(
    State(app): State<App>,
    named: Named,
    conditions: Conditions,
    Caller(caller): Caller,
) -> Result<Response, Error> {
    let when = conditions.when(tag);
    app.directory.write(caller, move |tx, actor| users::remove(tx, actor, named.user(), when.as_ref())).await?;
    Ok(answer::nothing())
}

/// The tag of a user as it is answered.
pub(super) fn tag(user: &User) -> Option<String> {
    answer::tag(&UserAnswer::from(user))
}
