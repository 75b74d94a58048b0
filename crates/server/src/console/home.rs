//! `/console/environments/<key>`: where a visit to an environment begins: what matters of it in a few figures, where else there is
//! to go, and what its visitor is here.

mod figures;

use super::error::Error;
use super::layout::{Layout, page};
use super::session::Visit;
use super::words::HomeWords;
use crate::app::App;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use directory::Error as Refusal;
use directory::actor::Actor;
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::users::{self, User};
use figures::{Days, People};

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
    /// `None`: it may not see users.
    people: Option<People>,
    /// `None`: it may not see what happened.
    days: Option<Days>,
}

/// `GET /console/environments/<key>`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    let read = |tx: &mut Tx<'_>, actor: &Actor| {
        let user = match users::get_own(tx, actor) {
            Ok(user) => Some(user),
            Err(Refusal::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        let may = |permission: BuiltIn| actor.power().holds(permission.id());
        let people = if may(BuiltIn::ViewUser) { Some(directory::figures::of_users(tx, actor)?) } else { None };
        let days = if may(BuiltIn::ViewAudit) { Some(directory::figures::of_days(tx, actor)?) } else { None };
        Ok((user, people, days))
    };
    let (layout, (user, people, days)) = visit.report(&app, read).await?;
    let words = HomeWords::of(visit.language);
    let operator = layout.who.as_ref().is_some_and(|who| who.operator);
    let administrator = user.as_ref().is_some_and(|user| user.membership.administrator);
    let role = match (operator, administrator) {
        (true, _) => words.operator,
        (false, true) => words.administrator,
        (false, false) => words.member,
    };
    page(&HomePage {
        people: people.map(|people| People::of(&people, words)),
        days: days.map(|days| Days::of(&days, visit.language)),
        layout,
        words,
        user,
        role,
        all: operator || administrator,
    })
}
