//! `/api/v1/users`: one user, a page of them, and in `upsert` the call that creates or modifies one. Who may see or change
//! whom, the directory knows.

mod body;
mod upsert;

pub(super) use body::UserBody;
pub(super) use upsert::{Place, upsert};

use super::auth::{Heard, user_id};
use super::environment::{Here, after_credentials};
use super::error::Refusal;
use super::wire::{self, User};
use crate::app::App;
use crate::body::Within;
use crate::query::query;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::email::Email;
use directory::environments::EnvironmentName;
use directory::error::{Error, Noun};
use directory::page::{self, Cursor, UserFilter, UserOrder, UserPage};
use directory::users;
use serde::Serialize;

query! {
    /// The query of `GET /api/v1/users`.
    pub(super) struct ListUsers {
        /// The environment's key or UUID.
        environment_id: Required<String> as "environmentId",
        /// Exactly this address, in any case.
        email: Optional<Email>,
        limit: Optional<Within<1, { page::MOST }>>,
        /// The `nextCursor` of the page before.
        cursor: Optional<String>,
    }
}

/// A page.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::Users)]
#[serde(rename_all = "camelCase")]
pub(super) struct Users {
    users: Vec<User>,
    #[schema(required)]
    next_cursor: Option<String>,
}

/// `GET /api/v1/users`
pub(super) async fn list(
    State(app): State<App>,
    Heard(caller): Heard,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let asked = after_credentials(&app, &caller, ListUsers::read(query.as_deref())).await?;
    let caller = caller.in_environment(EnvironmentName::parse(&asked.environment_id));
    let limit = asked.limit.map_or(page::DEFAULT, Within::get);
    let filter = UserFilter { email: asked.email, ..UserFilter::default() };
    let order = UserOrder::default();
    let (users, next) = app
        .directory
        .report(caller, move |tx, actor| {
            // A cursor is sealed for its environment, which is known only once the caller is believed.
            let (keys, environment) = (tx.effects().keys.clone(), actor.environment().id);
            let open = |text: &String| Cursor::open(text, &keys, environment, &(&filter, order));
            let cursor = asked.cursor.as_ref().map(open).transpose()?;
            let page = users::list(tx, actor, &UserPage { filter: filter.clone(), order, cursor, limit })?;
            Ok((page.rows, page.next.map(|next| next.seal(&keys, environment, &(&filter, order)))))
        })
        .await?;
    Ok(wire::json(StatusCode::OK, &Users { users: users.iter().map(User::from).collect(), next_cursor: next }))
}

/// `GET /api/v1/users/<id>`
pub(super) async fn get(
    State(app): State<App>,
    Heard(caller): Heard,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let caller = Here::enter(&app, &caller, query).await?;
    let id = path.ok().and_then(|Path(text)| user_id(&text));
    let user = app
        .directory
        .read(caller, move |tx, actor| users::get(tx, actor, id.ok_or(Error::NotFound(Noun::User))?))
        .await?;
    Ok(wire::json(StatusCode::OK, &User::from(&user)))
}
