//! `/console/environments/<key>`: where a visit to an environment begins.

use super::error::Error;
use super::layout::{Layout, page};
use super::session::Visit;
use super::words::HomeWords;
use crate::app::App;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use directory::Error as Refusal;
use directory::users::{self, User};

#[derive(Template)]
#[template(path = "console/home.html")]
struct HomePage {
    layout: Layout,
    words: &'static HomeWords,
    /// An operator need not be a user here.
    user: Option<User>,
    role: &'static str,
    /// There is nothing here that it may not do.
    all: bool,
}

/// `GET /console/environments/<key>`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    let (layout, user) = visit
        .read(&app, |tx, actor| match users::get_own(tx, actor) {
            Ok(user) => Ok(Some(user)),
            Err(Refusal::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        })
        .await?;
    let words = HomeWords::of(visit.language);
    let operator = layout.who.as_ref().is_some_and(|who| who.operator);
    let administrator = user.as_ref().is_some_and(|user| user.membership.administrator);
    let role = match (operator, administrator) {
        (true, _) => words.operator,
        (false, true) => words.administrator,
        (false, false) => words.member,
    };
    page(&HomePage { layout, words, user, role, all: operator || administrator })
}
