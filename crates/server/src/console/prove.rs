//! `/console/prove`: showing oneself once more, because the session may be stolen and what is to be done is protected; and back
//! to where that was. Knows nothing of how long this is good.

use super::error::Error;
use super::form::{Form, Sent};
use super::layout::{Layout, page_with};
use super::session::{Next, Visit};
use super::sign_in::{next, passkey};
use super::words::{CredentialsWords, SignInWords};
use crate::app::App;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::secret::Password;

#[derive(Template)]
#[template(path = "console/prove.html")]
struct ProvePage {
    layout: Layout,
    words: &'static CredentialsWords,
    sign_in: &'static SignInWords,
    form: Form,
    notice: &'static str,
    /// The account has a passkey.
    passkey: bool,
}

/// `GET /console/prove`.
pub(super) async fn show(State(app): State<App>, visit: Visit, query: RawQuery) -> Result<Response, Error> {
    let form = Form::of([("next", next(query)?)]);
    answer(&app, &visit, StatusCode::OK, form, "").await
}

/// `POST /console/prove`.
pub(super) async fn by_password(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let words = CredentialsWords::of(visit.language);
    let Some(password) = form.parse("password", visit.language, Password::parse) else {
        return answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "").await;
    };
    match app.directory.prove(visit.caller(), password).await {
        Ok(()) => Ok(Redirect::to(Next::parse(form.text("next")).as_str()).into_response()),
        Err(directory::Error::Invalid(_)) => {
            form.refuse("password", words.wrong);
            answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "").await
        }
        Err(directory::Error::TooMany { .. }) => {
            let notice = SignInWords::of(visit.language).too_many;
            answer(&app, &visit, StatusCode::TOO_MANY_REQUESTS, form, notice).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/prove/passkey/challenge`.
pub(super) async fn challenge(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    passkey::ask(&app, Some(sent.visit.caller())).await
}

/// `POST /console/prove/passkey`.
pub(super) async fn by_passkey(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let (party, assertion) = (passkey::party(&app)?, passkey::assertion(&form)?);
    match app.directory.prove_by_passkey(visit.caller(), party, assertion).await {
        Ok(()) => Ok(Redirect::to(Next::parse(form.text("next")).as_str()).into_response()),
        Err(directory::Error::FactorRefused) => {
            let form = Form::of([("next", form.text("next").to_owned())]);
            let notice = SignInWords::of(visit.language).passkey_failed;
            answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, notice).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn answer(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    form: Form,
    notice: &'static str,
) -> Result<Response, Error> {
    let ways = app.directory.ways_to_show_factor(visit.caller()).await?;
    let passkey = app.party.is_some() && ways.passkey;
    let (words, sign_in) = (CredentialsWords::of(visit.language), SignInWords::of(visit.language));
    page_with(status, &ProvePage { layout: visit.unsigned(), words, sign_in, form, notice, passkey })
}
