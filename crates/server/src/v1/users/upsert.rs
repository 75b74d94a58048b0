//! `POST /api/v1/users`: creates a user of an environment or modifies it. Judged in one order, whatever is wrong:
//! credentials, media type and JSON, environment, administrator, fields.

use super::super::auth::Heard;
use super::super::environment;
use super::super::error::{Refusal, key};
use super::super::wire::{self, User};
use super::body::{UserBody, missing};
use crate::app::App;
use crate::body::{WireError, WireProblem};
use crate::http::body_bytes::{self, MAX_BODY};
use crate::http::media_type::MediaType;
use crate::json::Json;
use crate::query::query;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use directory::actor::Caller;
use directory::email::Email;
use directory::page::{UserFilter, UserOrder, UserPage};
use directory::users;

query! {
    /// The query: the environment may stand here or in the body.
    pub(in crate::v1) struct Place {
        /// The environment's key or UUID.
        environment_id: Optional<String> as "environmentId",
    }
}

/// `POST /api/v1/users`
pub(in crate::v1) async fn upsert(
    State(app): State<App>,
    Heard(caller): Heard,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    // Before the body is read: strangers need not send us any.
    app.directory.identify(caller.clone()).await?;
    if MediaType::of(&headers) != MediaType::Json {
        return Err(Refusal::media_type("application/json"));
    }
    let bytes = body_bytes::read(body, MAX_BODY).await?;
    let json = Json::parse(&bytes).map_err(|error| Refusal::unreadable(error.sentence()))?;
    let Place { environment_id } = Place::read(query.as_deref()).map_err(Refusal::fields)?;
    let caller = environment::enter(&app, &caller, environment_id, environment::in_body(&json)?).await?;
    let body = match UserBody::read(&json) {
        Ok(body) => body,
        Err(errors) => return Err(wrong(&app, caller, &json, errors).await),
    };
    match app.directory.upsert_user(caller, body.new_user(), missing(&json)).await {
        Ok(added) => {
            let status = if added.created { StatusCode::CREATED } else { StatusCode::OK };
            Ok(wire::json(status, &User::from(&added.user)))
        }
        Err(error) => Err(Refusal::spelled(error, |error| body.keys(error))),
    }
}

/// What an administrator hears of a body with wrong fields; everybody else hears that they are none. A user who is not
/// here yet misses fields too, and those are said in the same breath.
async fn wrong(app: &App, caller: Caller, json: &Json, mut errors: Vec<WireError>) -> Refusal {
    let email = match json.get("globalEmailAddress") {
        Some(Json::Text(text)) => Email::parse(text).ok(),
        _ => None,
    };
    let page = email.map(|email| UserPage {
        filter: UserFilter { email: Some(email), ..UserFilter::default() },
        order: UserOrder::default(),
        cursor: None,
        limit: 1,
    });
    let creating = app
        .directory
        .read(caller, move |tx, actor| {
            actor.need_administrator()?;
            match &page {
                Some(page) => Ok(users::list(tx, actor, page)?.rows.is_empty()),
                None => Ok(false),
            }
        })
        .await;
    match creating {
        Ok(true) => {
            errors.extend(missing(json).into_iter().map(|field| WireError::of(key(field), WireProblem::Required)));
            Refusal::fields(errors)
        }
        Ok(false) => Refusal::fields(errors),
        Err(error) => error.into(),
    }
}
