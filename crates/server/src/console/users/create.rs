//! `/console/environments/<key>/users/new`: adding a user. Who is known elsewhere is asked to join, who is not to choose a
//! password; both by mail.

use super::choices::Ticked;
use super::fields::{self, Of};
use super::refused;
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::session::Visit;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::users::NewUser;

/// `GET /console/environments/<key>/users/new`.
pub(in crate::console) async fn new(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    let (layout, present) = fields::present(&app, &visit, Of::New, None).await?;
    fields::draw(StatusCode::OK, layout, present, Form::default(), String::new())
}

/// `POST /console/environments/<key>/users/new`: adds, or with `find` shows other groups and menus to choose from.
pub(in crate::console) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let ticked = Ticked::of_form(&form);
    let (layout, present) = fields::present(&app, &visit, Of::New, Some(ticked)).await?;
    if form.has("find") {
        return fields::draw(StatusCode::OK, layout, present, form, String::new());
    }
    let mut asked = fields::asked(&mut form, None, present.may, visit.language);
    let email = asked.as_mut().and_then(|asked| asked.email.take());
    let (Some(fields), Some(email)) = (asked, email) else {
        return fields::draw(StatusCode::UNPROCESSABLE_ENTITY, layout, present, form, String::new());
    };
    match app.directory.create_user(visit.caller(), NewUser { email, fields }).await {
        Ok(user) => {
            let to = layout.address(&format!("users/{}?done=added", user.account.id));
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => {
            let notice = refused::beside(&mut form, error, visit.language)?;
            fields::draw(StatusCode::UNPROCESSABLE_ENTITY, layout, present, form, notice)
        }
    }
}
