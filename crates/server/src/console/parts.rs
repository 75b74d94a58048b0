//! What the pages of many nouns need of an address: a part of a list, the id of a thing, the way to another page. Knows no noun.

use super::error::Error;
use crate::app::App;
use crate::query;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use directory::page::Browse;
use directory::text::EnvironmentKey;

/// The part that an address asks for: from here on so many.
pub(super) fn part(search: Option<String>, from: Option<i64>, rows: usize) -> Browse {
    let search = search.map(|text| text.trim().chars().take(200).collect()).unwrap_or_default();
    Browse { search, skip: from.and_then(|from| usize::try_from(from).ok()).unwrap_or(0), limit: rows }
}

/// The addresses of the parts before and after this one.
pub(super) fn around(part: &Browse, total: usize, query: &str, here: &str, name: &str) -> [Option<String>; 2] {
    let at = |from: usize| query::with(query, here, name, &from.to_string());
    let previous = (part.skip > 0).then(|| at(part.skip.saturating_sub(part.limit)));
    let next = (part.skip + part.limit < total).then(|| at(part.skip + part.limit));
    [previous, next]
}

/// The id of the thing that an address is about, after its environment. One that cannot be is one that is not there.
pub(super) struct Id(pub(super) i64);

impl FromRequestParts<App> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Id, Error> {
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NoPage)?;
        let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, id)| id.parse().ok());
        id.map(Id).ok_or(Error::NoPage)
    }
}

/// Leads to a page of an environment.
pub(super) fn to(key: &EnvironmentKey, page: &str) -> Response {
    Redirect::to(&format!("/console/environments/{}/{page}", key.as_str())).into_response()
}
