//! `/console/forgot`: asking for a link to choose another password. What it says is one for all who ask, known or not.

use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page_with};
use crate::console::session::Visit;
use crate::console::words::{MailedWords, RefusedWords};
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

query! {
    /// The query of the page.
    struct Asked {
        /// It was asked for.
        sent: Optional<bool>,
    }
}

#[derive(Template)]
#[template(path = "console/forgot.html")]
struct ForgotPage {
    layout: Layout,
    words: &'static MailedWords,
    form: Form,
    sent: bool,
}

/// `GET /console/forgot`.
pub(in crate::console) async fn show(visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let Asked { sent } = Asked::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    answer(&visit, StatusCode::OK, Form::default(), sent.unwrap_or(false))
}

/// `POST /console/forgot`.
pub(in crate::console) async fn ask(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let login = form.text("login").trim().to_owned();
    if login.is_empty() {
        form.refuse("login", RefusedWords::of(visit.language).required);
        return answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, form, false);
    }
    app.directory.forgot_password(login, visit.origin.clone()).await?;
    Ok(Redirect::to("/console/forgot?sent=true").into_response())
}

fn answer(visit: &Visit, status: StatusCode, form: Form, sent: bool) -> Result<Response, Error> {
    page_with(status, &ForgotPage { layout: visit.unsigned(), words: MailedWords::of(visit.language), form, sent })
}
