//! `/console/reset`: another password, by a mailed link; and in the files below asking for that link, and confirming another
//! address. Knows nothing of what makes a link good.

pub(super) mod address;
pub(super) mod forgot;

use super::error::Error;
use super::form::{Form, Sent};
use super::layout::{Layout, page_with};
use super::mailed::{self, Asked};
use super::session::{Next, Visit};
use super::sign_in::Told;
use super::words::MailedWords;
use crate::app::App;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use directory::error::{Field, Noun};
use directory::recovery::{Reset, Resetting};
use directory::secret::Password;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/reset.html")]
struct ResetPage {
    layout: Layout,
    words: &'static MailedWords,
    form: Form,
    login: String,
    password_minimum: usize,
}

fn asked(words: &MailedWords) -> Asked {
    Asked { title: words.reset, lead: words.reset_lead, action: "/console/reset", button: words.go_on, at_once: true }
}

/// `GET /console/reset`.
pub(super) async fn show(visit: Visit) -> Result<Response, Error> {
    mailed::page(&visit, asked(MailedWords::of(visit.language)))
}

/// `POST /console/reset`.
pub(super) async fn open(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let Some((resetting, token)) = find(&app, form.text("link")).await? else { return gone(&visit) };
    answer(&visit, StatusCode::OK, resetting, Form::of([("token", token)]))
}

/// `POST /console/reset/choose`.
pub(super) async fn choose(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let Some((resetting, _)) = find(&app, form.text("token")).await? else { return gone(&visit) };
    let Some(token) = mailed::token(form.text("token")).map(Arc::new) else { return gone(&visit) };
    let Some(password) = form.parse("password", visit.language, Password::parse) else {
        return answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, resetting, form);
    };
    let end_tokens = !form.text("end_tokens").is_empty();
    match app.directory.reset_password(Reset { token, password, end_tokens, origin: visit.origin.clone() }).await {
        Ok(()) => Ok(Told::Password.at_sign_in(&Next::default())),
        Err(directory::Error::NotFound(Noun::Link)) => gone(&visit),
        Err(error) => {
            form.keep(error, visit.language, &[(Field::Password, "password")])?;
            answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, resetting, form)
        }
    }
}

/// Whose password a link chooses, and its token as it is sent on.
async fn find(app: &App, link: &str) -> Result<Option<(Resetting, String)>, Error> {
    let Some(token) = mailed::token(link) else { return Ok(None) };
    let spelled = token.expose();
    match app.directory.resetting(token).await {
        Ok(resetting) => Ok(Some((resetting, spelled))),
        Err(directory::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn gone(visit: &Visit) -> Result<Response, Error> {
    let words = MailedWords::of(visit.language);
    mailed::refused(visit, words.gone, asked(words))
}

fn answer(visit: &Visit, status: StatusCode, resetting: Resetting, form: Form) -> Result<Response, Error> {
    let Resetting { login, password_minimum } = resetting;
    let (layout, words) = (visit.unsigned(), MailedWords::of(visit.language));
    page_with(status, &ResetPage { layout, words, form, login, password_minimum })
}
