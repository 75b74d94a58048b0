//! `/console/environments/<key>/users/<id>/edit`: changing a user. Whoever was slower than somebody else is told so, and keeps
//! what it typed.

use super::choices::Ticked;
use super::fields::{self, Of};
use super::{Named, refused};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::Sent;
use crate::console::session::Visit;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::users::User;
use std::sync::Arc;

/// `GET /console/environments/<key>/users/<id>/edit`.
pub(in crate::console) async fn edit(
    State(app): State<App>,
    visit: Visit,
    Named(id): Named,
) -> Result<Response, Error> {
    let (layout, present) = fields::present(&app, &visit, Of::User(id), None).await?;
    let form = present.user.as_ref().map(fields::filled).unwrap_or_default();
    fields::draw(StatusCode::OK, layout, present, form, String::new())
}

/// `POST /console/environments/<key>/users/<id>/edit`: saves, or with `find` shows other groups and menus to choose from.
pub(in crate::console) async fn save(State(app): State<App>, Named(id): Named, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let ticked = Ticked::of_form(&form);
    let (layout, present) = fields::present(&app, &visit, Of::User(id), Some(ticked)).await?;
    if form.has("find") {
        return fields::draw(StatusCode::OK, layout, present, form, String::new());
    }
    let asked = fields::asked(&mut form, present.user.as_ref(), present.may, visit.language);
    let Some(changes) = asked else {
        return fields::draw(StatusCode::UNPROCESSABLE_ENTITY, layout, present, form, String::new());
    };
    let saw = form.text("seen").to_owned();
    let still = Arc::new(move |user: &User| fields::seen(user) == saw);
    let to = layout.address(&format!("users/{id}?done=saved"));
    let notice = match app.directory.update_user(visit.caller(), id, changes, Some(still)).await {
        Ok(_) => return Ok(Redirect::to(&to).into_response()),
        Err(error) => {
            if matches!(error, directory::Error::Changed) {
                // Whoever has read that may save all the same.
                form.set("seen", present.user.as_ref().map(fields::seen).unwrap_or_default());
            }
            refused::beside(&mut form, error, visit.language)?
        }
    };
    fields::draw(StatusCode::UNPROCESSABLE_ENTITY, layout, present, form, notice)
}
