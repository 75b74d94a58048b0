//! `/console`: choosing the environment to act in. Whoever has one alone is there at once.

use super::error::Error;
use super::layout::{Layout, page};
use super::session::Visit;
use super::words::EnvironmentsWords;
use crate::app::App;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use directory::environments::{self, OwnEnvironment};

query! {
    /// The query of the choice.
    struct Choice {
        /// The key of one that is not listed: operators act everywhere.
        key: Optional<String>,
        /// Shows the list also to whom it leaves no choice.
        all: Optional<bool>,
    }
}

#[derive(Template)]
#[template(path = "console/environments.html")]
struct ChoosePage {
    layout: Layout,
    words: &'static EnvironmentsWords,
    own: Vec<OwnEnvironment>,
    operator: bool,
}

/// `GET /console`.
pub(super) async fn choose(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let Choice { key, all } = Choice::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    if let Some(key) = key.filter(|key| !key.is_empty()) {
        let key: String = form_urlencoded::byte_serialize(key.trim().as_bytes()).collect();
        // In a path a plus is a plus.
        return Ok(Redirect::to(&format!("/console/environments/{}", key.replace('+', "%20"))).into_response());
    }
    let (mut layout, own) = visit.read(&app, environments::own).await?;
    let operator = layout.who.as_ref().is_some_and(|who| who.operator);
    let base = layout.who.as_ref().map(|who| who.base.clone()).unwrap_or_default();
    // An operator who belongs nowhere has the session's own environment to begin with.
    if own.iter().filter(|own| !own.pending).count() <= 1 && !all.unwrap_or(false) && (operator || !own.is_empty()) {
        return Ok(Redirect::to(&base).into_response());
    }
    layout.leave_environment();
    page(&ChoosePage { layout, words: EnvironmentsWords::of(visit.language), own, operator })
}
