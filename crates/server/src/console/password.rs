//! `/console/password`: another password for oneself, because one wants it, or because signing in waits for it. Knows nothing of
//! which will do.

use super::error::Error;
use super::form::{Form, Sent};
use super::layout::{Layout, page_with};
use super::session::{Next, Visit};
use super::sign_in::{Told, next};
use super::words::CredentialsWords;
use crate::app::App;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::error::{Field, Step};
use directory::secret::Password;
use directory::users::{OwnPassword, UserChanges};

#[derive(Template)]
#[template(path = "console/password.html")]
struct PasswordPage {
    layout: Layout,
    words: &'static CredentialsWords,
    form: Form,
    own: OwnPassword,
}

/// `GET /console/password`.
pub(super) async fn show(State(app): State<App>, visit: Visit, query: RawQuery) -> Result<Response, Error> {
    let form = Form::of([("next", next(query)?)]);
    match app.directory.own_password(visit.caller()).await {
        // A whole session has become too weak: a new one begins with this step.
        Err(directory::Error::StepRequired(Step::PasswordChange)) => {
            Ok(Told::Again.at_sign_in(&Next::parse(form.text("next"))))
        }
        own => answer(&visit, StatusCode::OK, form, own?),
    }
}

/// `POST /console/password`.
pub(super) async fn change(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let own = app.directory.own_password(visit.caller()).await?;
    let (language, parse) = (visit.language, Password::parse);
    let current_password = if own.stepping { None } else { form.parse("current_password", language, parse) };
    let password = form.parse("password", language, parse);
    if form.is_refused() {
        return answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, form, own);
    }
    let changes = UserChanges { password, current_password, ..UserChanges::default() };
    let next = Next::parse(form.text("next"));
    match app.directory.update_own_user(visit.caller(), changes, None).await {
        // The session was good for this step alone.
        Ok(_) if own.stepping => Ok(Told::Password.at_sign_in(&next)),
        Ok(_) => Ok(Redirect::to(next.as_str()).into_response()),
        Err(error) => {
            let names = [(Field::CurrentPassword, "current_password"), (Field::Password, "password")];
            form.keep(error, visit.language, &names)?;
            answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, form, own)
        }
    }
}

fn answer(visit: &Visit, status: StatusCode, form: Form, own: OwnPassword) -> Result<Response, Error> {
    let words = CredentialsWords::of(visit.language);
    page_with(status, &PasswordPage { layout: visit.unsigned(), words, form, own })
}
